"""The log of a version's run, kept in the bucket besides, where the job wants it."""

from __future__ import annotations

from collections.abc import Iterator

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.runs import actions as runs
from maquette.runs.domain import Run
from maquette.training.domain import Dialect
from maquette.training.jobs import JobVersion

PIECE_BYTES = 1 << 20


def log_name(run: Run, version: JobVersion, job_id: str) -> str:
    """As ModelArts calls the file: by the job's id in the second generation, by its name in the first."""
    if version.specification.dialect is Dialect.V1:
        return f"job-{run.order.name}.{run.order.node}"
    return f"modelarts-job-{job_id}-worker-{run.order.node}.log"


def keep_log(ctx: Platform, run: Run, version: JobVersion) -> None:
    """Puts the log as it is now into the chosen folder."""
    if not version.specification.log:
        return
    address = read_address(version.specification.log.rstrip("/") + "/").below(log_name(run, version, version.job_id))
    store_of_workspace(ctx, run.workspace_id).put(address.bucket, address.key, pieces(ctx, run), "text/plain")


def pieces(ctx: Platform, run: Run) -> Iterator[bytes]:
    for folder in runs.folders(ctx, run):
        with folder.log.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
