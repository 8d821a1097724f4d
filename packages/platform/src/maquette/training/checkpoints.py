"""The newest checkpoint that a run has left in its outputs: from there somebody may go on when it was lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound, Refused
from maquette.kernel.ports import ObjectInfo, ObjectStore
from maquette.runs.domain import Run
from maquette.training import jobs
from maquette.training.results import MOST_LOOKED_AT, output_addresses

SUFFIXES = (".ckpt", ".pth", ".pt", ".h5", ".keras", ".params", ".pkl", ".safetensors", ".pth.tar", ".tar")
TENSORFLOW = ".index"
"""Beside the data of TensorFlow's checkpoints, which are named without it."""


def newest_checkpoint(ctx: Platform, run: Run) -> str | None:
    """Its address; None where no output holds a file that looks like one."""
    _, version = jobs.version_of_run(ctx, run)
    return newest_below(store_of_workspace(ctx, run.workspace_id), output_addresses(version).values())


def newest_below(store: ObjectStore, folders: Iterable[Address]) -> str | None:
    found = [
        (info.modified, str(Address(folder.bucket, info.key.removesuffix(TENSORFLOW))))
        for folder in folders
        for info in objects_below(store, folder)
        if info.size and info.key.endswith((*SUFFIXES, TENSORFLOW))
    ]
    return max(found)[1] if found else None


def objects_below(store: ObjectStore, folder: Address) -> Iterator[ObjectInfo]:
    """As many as one looks at; none where the bucket has gone, or is somebody else's now."""
    after: str | None = ""
    looked_at = 0
    while after is not None and looked_at < MOST_LOOKED_AT:
        try:
            page = store.list(folder.bucket, folder.key, after=after)
        except (NotFound, Refused):
            return
        looked_at += len(page.objects)
        yield from page.objects
        after = page.next
