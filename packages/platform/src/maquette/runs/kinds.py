"""What a run is *for*: how runs of a kind are prepared and watched, and what is done with what they leave.

    Kind("training", prepare=make_process, ended=keep_results)

A noun makes its own; the worker is given all of them by their names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from maquette.kernel.context import Platform
from maquette.kernel.ports import IsStopped, Process
from maquette.runs.domain import Run
from maquette.runs.folder import RunFolder


@dataclass
class Preparing:
    """What a kind has at hand while it prepares a run: the run's folder, a way to tell how far it is, and word of
    whether the run is still wanted."""

    folder: RunFolder
    tell: Callable[[str], None]
    stopped: IsStopped
    reach: Callable[[str], None]
    """Notes the moment at which a part of the way is done, say `environment`."""


def nothing(ctx: Platform, run: Run) -> None:
    """What most kinds do most of the time."""


def not_told(ctx: Platform, run: Run) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """How runs of one kind are prepared, and what is done with what they leave.

    `prepare` fills the run's folder and returns the process; what it raises is the run's end. `ended` is called once
    or more often after the end, until it has returned; `watch` about every half minute while it runs; `address` of a
    served run tells where it is reached as soon as it answers there, `checkpoint` of one that was lost where the newest
    of what it saved lies.
    """

    name: str
    prepare: Callable[[Platform, Run, Preparing], Process]
    ended: Callable[[Platform, Run], None] = nothing
    watch: Callable[[Platform, Run], None] = nothing
    address: Callable[[Platform, Run], str | None] = not_told
    checkpoint: Callable[[Platform, Run], str | None] = not_told
