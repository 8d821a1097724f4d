"""What the worker does for a notebook: starts JupyterLab with its kernels, and stops it when its lease has run out."""

from __future__ import annotations

import json
from dataclasses import replace

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.ports import Limits, Place, Process
from maquette.notebooks import actions
from maquette.notebooks.domain import KIND, engines_of
from maquette.notebooks.kernels import Kernel, make_kernels
from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.domain import Needs, Run
from maquette.runs.folder import SDK
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.passes import way_to_server
from maquette.runs.surroundings import Buckets, engine_places, surroundings
from maquette.training.flavours import needs_of

ENGINE = "jupyterlab"
WORK = "/home/ma-user/work"
MOST_PROCESSES = 4096
GRACE_SECONDS = 8.0
LOG_BYTES = 64 << 20


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """Its engines, its work folder, the workspace's buckets, and a socket for JupyterLab."""
    notebook = actions.find(ctx, run.workspace_id, run.order.subject)
    kernels = make_kernels(ctx, engines_of(notebook.wanted.image), preparing.tell, preparing.stopped)
    lab = ctx.engines.prepare(ctx.engines.resolve(ENGINE), (), preparing.tell, preparing.stopped)
    preparing.reach("environment")
    folder = preparing.folder
    folder.make()
    folder.staging.mkdir(parents=True, exist_ok=True)
    work = actions.work_folder(ctx, notebook.id)
    work.mkdir(parents=True, exist_ok=True)
    store = store_of_workspace(ctx, run.workspace_id)
    around = surroundings(replace(ctx, store=store), lab, folder.staging, Buckets(only=list(store.buckets())))
    places = {place.target: place for kernel in kernels for place in engine_places(kernel.environment)}
    places.update({place.target: place for place in around.places})
    needs = needs_of(ctx.executor.capacity(), notebook.wanted.flavour)
    return Process(
        id=run.id,
        folder=folder.path,
        command=(str(lab.python), f"{SDK}/maquette_sdk/bench/start_jupyterlab.py"),
        directory=WORK,
        environment={
            **around.environment,
            **way_to_server(ctx, run),
            **gpu_variables(run),
            "MAQUETTE_PLAN": plan(ctx, run, kernels, needs),
        },
        places=(*folder.places(), *places.values(), Place(work, WORK, writable=True), served.make_private(folder)),
        limits=Limits(needs.memory_bytes, MOST_PROCESSES, grace_seconds=GRACE_SECONDS, log_bytes=LOG_BYTES),
        gpus=needs.gpus,
        companions=around.companions,
    )


def plan(ctx: Platform, run: Run, kernels: list[Kernel], needs: Needs) -> str:
    told = {
        "socket": f"{served.PRIVATE}/{served.SOCKET}",
        "private": served.PRIVATE,
        "prefix": served.prefix(ctx, run),
        "work": WORK,
        "kernels": [kernel.plan(needs.cores) for kernel in kernels],
    }
    return json.dumps(told, ensure_ascii=False)


def gpu_variables(run: Run) -> dict[str, str]:
    """Which of the machine's GPUs are this run's."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, run.gpu_ids))} if run.gpu_ids else {}


def watch(ctx: Platform, run: Run) -> None:
    """Stops it once its lease has run out, or it was removed."""
    try:
        over = actions.find(ctx, run.workspace_id, run.order.subject).is_over(ctx.clock())
    except NotFound:
        over = True
    if over:
        runs.stop(ctx, run.workspace_id, run.id)


def ended(ctx: Platform, run: Run) -> None:
    """The work folder stays; what else the run had goes, but not its log."""
    served.discard_private(ctx, run)
    for folder in runs.folders(ctx, run):
        runs.remove_folder(folder.view)
        runs.remove_folder(folder.staging)


def address(ctx: Platform, run: Run) -> str | None:
    return served.answers_at(ctx, run, "api")


notebook = Kind(KIND, prepare, ended, watch, address)
