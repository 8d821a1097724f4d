"""Reads a trial's log where it was left off; the logs of all tries of its run are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maquette.kernel.context import Platform
from maquette.runs import actions as runs
from maquette.training.search.domain import Figures, Search
from maquette.training.search.rewards import Reader, Report
from maquette.training.search.trials import Tried

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Read:
    """What is known of a log, and how far it has been read."""

    figures: Mapping[str, Figures]
    read_try: int
    read_bytes: int


def read_log(ctx: Platform, tried: Tried, search: Search, to_the_end: bool) -> Read:
    """`to_the_end` takes the last line as whole, too."""
    read = Read(tried.figures, tried.read_try, tried.read_bytes)
    for number in range(tried.read_try, tried.run.tries + 1):
        offset = read.read_bytes if number == tried.read_try else 0
        path = runs.folder_of(ctx, tried.run.id, number).log
        if not path.exists():
            continue
        reader = Reader(search.rewards)
        figures = read.figures
        with path.open("rb") as file:
            file.seek(offset)
            while piece := file.read(PIECE_BYTES):
                figures = with_reports(search, figures, reader.feed(piece))
        if to_the_end or number < tried.run.tries:
            figures = with_reports(search, figures, reader.close())
        read = Read(figures, number, offset + reader.consumed)
    return read


def with_reports(search: Search, figures: Mapping[str, Figures], reports: Iterable[Report]) -> Mapping[str, Figures]:
    changed = dict(figures)
    rewards = {reward.name: reward for reward in search.rewards}
    for report in reports:
        changed[report.name] = changed.get(report.name, Figures()).after(report.value, rewards[report.name])
    return changed
