"""Old folders of runs, which may go. The rows stay, so that a job keeps its history without its logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from maquette.kernel.context import Context, Platform
from maquette.kernel.errors import NotFound
from maquette.runs.actions import discard, note
from maquette.runs.domain import Level, folder_name
from maquette.runs.folder import RunFolder
from maquette.runs.sentences import say
from maquette.runs.table import runs

Known = Mapping[str, float | None]
"""When the run of each folder was settled; None while it goes on."""


def known_folders(ctx: Platform) -> Known:
    with ctx.database.read() as rows:
        found = rows.execute(select(runs.c.id, runs.c.tries, runs.c.settled, runs.c.moments)).all()
    return {
        folder_name(row.id, tries): row.moments.get("settled", row.moments.get("ended")) if row.settled else None
        for row in found
        for tries in range(1, row.tries + 1)
    }


def old_folders(ctx: Context, known: Known, before: float) -> Iterator[RunFolder]:
    """Folders of runs that were over before this time, those of `maquette run` and `serve` included."""
    if not ctx.settings.home.runs.is_dir():
        return
    for path in sorted(ctx.settings.home.runs.iterdir()):
        over = known[path.name] if path.name in known else over_since(ctx, RunFolder(path.name, path))
        if over is not None and over < before:
            yield RunFolder(path.name, path)


def over_since(ctx: Context, folder: RunFolder) -> float | None:
    """When a run that has no row ended; None for one that lives."""
    try:
        ended = ctx.executor.exit(folder.path)
    except NotFound:
        return folder.path.stat().st_mtime  # it was never started
    return None if ended is None else ended.ended_at


def prune(ctx: Context, known: Known, folders: Sequence[RunFolder]) -> None:
    """Removes folders, and says so in the events of their runs."""
    for folder in folders:
        discard(folder)
    ids = {folder.id.partition(".")[0] for folder in folders if folder.id in known}
    if not isinstance(ctx, Platform):
        return
    told = say("pruned")
    with ctx.database.write() as rows:
        for row in rows.execute(select(runs.c.id, runs.c.attempt).where(runs.c.id.in_(ids))).all():
            note(ctx, rows, row.id, row.attempt, Level.NORMAL, "pruned", told)
