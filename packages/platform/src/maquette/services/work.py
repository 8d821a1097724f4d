"""What the worker does for one instance of a service: prepares it, tells when it answers, and tidies up after it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.ports import Limits, Process
from maquette.models import registry as models
from maquette.models.check import check
from maquette.models.work import mode_of
from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.domain import Run
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.surroundings import Buckets
from maquette.services import registry
from maquette.services.actions import GRACE_SECONDS, fill, make_recipe
from maquette.services.deployment import KIND
from maquette.services.domain import SOCKET, SOCKET_FOLDER, CallLimits
from maquette.services.sentences import say
from maquette.training.flavours import needs_of
from maquette_sdk.serve.protocol import PING, ProtocolError, frames

ASK_SECONDS = 1.0
LOG_BYTES = 64 << 20
KEPT_RUNS = 5
"""Logs of so many instances that have ended stay to be looked at."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
SOCKET_NAME = SOCKET.rpartition("/")[2]


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """An instance with its own copy of the model's package; it sees the workspace's buckets, and no others."""
    details = run.order.details
    model = models.find_model(ctx, run.workspace_id, details["model_id"])
    folder = models.folder_of(ctx, model.id)
    report = check(ctx, folder, model.request.engine or None, None, mode_of(model.request, folder))
    cap = needs_of(ctx.executor.capacity(), details["specification"])
    threads = max(1, cap.cores // details["instances"])
    variables = {**dict.fromkeys(THREADS, str(threads)), **details["variables"]}
    recipe = make_recipe(ctx, report, preparing.tell, variables, cap.gpus, CallLimits(), preparing.stopped)
    preparing.reach("environment")
    store = store_of_workspace(ctx, run.workspace_id)
    private = replace(served.make_private(preparing.folder), target=SOCKET_FOLDER)
    process = fill(
        replace(ctx, store=store), recipe, preparing.folder, private.source, preparing.tell, preparing.stopped,
        Buckets(only=list(store.buckets())), frozen=True,
    )  # fmt: skip
    limits = Limits(cap.memory_bytes, grace_seconds=GRACE_SECONDS, log_bytes=LOG_BYTES)
    gpus = {"CUDA_VISIBLE_DEVICES": ",".join(map(str, run.gpu_ids))} if run.gpu_ids else {}
    return replace(process, limits=limits, environment={**process.environment, **gpus})


def address(ctx: Platform, run: Run) -> str | None:
    """Its socket, once its package is loaded. One that has failed to load tells so in its log, and ends."""
    path = str(served.private_folder(ctx, run) / SOCKET_NAME)
    return path if ask(path).get("ready") else None


def watch(ctx: Platform, run: Run) -> None:
    """Ends an instance that does not answer any more, or has been at one call for far too long."""
    if not run.ready or run.wish:
        return
    limits, told = CallLimits(), ask(run.address)
    stuck = bool(told) and told["busy_seconds"] > limits.patience * limits.seconds
    if not stuck and (told or listens(run.address)):
        return  # code that holds the interpreter for long keeps it from answering, and is no reason to end it
    reason = say("stuck" if stuck else "silent")
    with ctx.database.write() as rows:
        registry.tell(ctx, rows, run.order.subject, "replaced", reason, True, run=run.id)
    runs.stop(ctx, run.workspace_id, run.id, now=True)


def ask(path: str) -> Mapping[str, Any]:
    """What an instance says of itself; nothing where nobody answers."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
        line.settimeout(ASK_SECONDS)
        try:
            line.connect(path)
            line.sendall(PING)
            frame = next(frames(line), None)
        except (OSError, ProtocolError):
            return {}
    return frame.header if frame else {}


def listens(path: str) -> bool:
    """Whether anybody is at the socket, however busy."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
        line.settimeout(ASK_SECONDS)
        try:
            line.connect(path)
        except OSError:
            return False
    return True


def ended(ctx: Platform, run: Run) -> None:
    """Its log stays, as do those of the last few of its service."""
    served.discard_private(ctx, run)
    for folder in runs.folders(ctx, run):
        runs.remove_folder(folder.view)
        runs.remove_folder(folder.staging)
    others = [one for one in runs.of_subject(ctx, run.order.subject) if one.settled]
    runs.forget(ctx, run.workspace_id, [one.id for one in others[:-KEPT_RUNS] or []])


def sweep(ctx: Platform) -> None:
    """Forgets what instances of services that were removed have left."""
    for run in runs.settled_of_kind(ctx, KIND):
        try:
            registry.find(ctx, run.workspace_id, run.order.subject)
        except NotFound:
            runs.forget(ctx, run.workspace_id, [run.id])


service = Kind(KIND, prepare, ended, watch, address)
