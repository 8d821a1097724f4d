"""What the worker does for a TensorBoard: starts it on its folder, and stops it when its time has run out."""

from __future__ import annotations

import json

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.kernel.ports import Limits, Place, Process
from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.domain import Run
from maquette.runs.folder import SDK
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.surroundings import engine_environment, engine_places
from maquette.tensorboards import actions
from maquette.tensorboards.domain import KIND

ENGINE = "tensorboard"
LOGS = "/opt/maquette/logs"
LIMITS = Limits(memory_bytes=4 << 30, processes=64, grace_seconds=3.0, log_bytes=16 << 20)


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """It sees its own bucket, read-only, and nothing else: what is written there later appears in it too."""
    board = actions.find(ctx, run.workspace_id, run.order.subject)
    address = read_address(board.logs)
    store = store_of_workspace(ctx, run.workspace_id)
    environment = ctx.engines.prepare(ctx.engines.resolve(ENGINE), (), preparing.tell, preparing.stopped)
    preparing.reach("environment")
    preparing.folder.make()
    plan = {
        "socket": f"{served.PRIVATE}/{served.SOCKET}",
        "prefix": served.prefix(ctx, run),
        "logs": f"{LOGS}/{address.bucket}/{address.key}",
        "title": board.name,
    }
    return Process(
        id=run.id,
        folder=preparing.folder.path,
        command=(str(environment.python), f"{SDK}/maquette_sdk/bench/start_tensorboard.py"),
        directory="/tmp",  # noqa: S108 - the run's own
        environment={**engine_environment(environment), "MAQUETTE_PLAN": json.dumps(plan, ensure_ascii=False)},
        places=(
            *preparing.folder.places(),
            *engine_places(environment),
            Place(store.folder(address.bucket), f"{LOGS}/{address.bucket}"),
            served.make_private(preparing.folder),
        ),
        limits=LIMITS,
    )


def watch(ctx: Platform, run: Run) -> None:
    if actions.find(ctx, run.workspace_id, run.order.subject).is_over(ctx.clock()):
        runs.stop(ctx, run.workspace_id, run.id)


def ended(ctx: Platform, run: Run) -> None:
    served.discard_private(ctx, run)
    for folder in runs.folders(ctx, run):
        runs.remove_folder(folder.view)


def address(ctx: Platform, run: Run) -> str | None:
    return served.answers_at(ctx, run, "")


tensorboard = Kind(KIND, prepare, ended, watch, address)
