"""Notices that somebody has changed a package's files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from maquette.runs.copying import walk_files
from maquette.services.actions import LEFT_OUT

LOOK_SECONDS = 0.5
SETTLE_SECONDS = 0.2
"""Editors write in several steps; a package is looked at again when nothing has moved for as long as this."""

Snapshot = frozenset[tuple[str, int, int]]


async def changes(folder: Path) -> AsyncIterator[None]:
    """One item for every change of the folder's files, once it is complete."""
    known = await asyncio.to_thread(snapshot, folder)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        found = await asyncio.to_thread(snapshot, folder)
        if found == known:
            continue
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            settled = await asyncio.to_thread(snapshot, folder)
            if settled == found:
                break
            found = settled
        known = found
        yield


def snapshot(folder: Path) -> Snapshot:
    """Every file with its size and its time; what vanishes meanwhile is not there."""
    found = set()
    for path, relative in walk_files(folder, LEFT_OUT):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        found.add((str(relative), status.st_mtime_ns, status.st_size))
    return frozenset(found)
