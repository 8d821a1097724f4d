"""What every action is handed first: the settings and the doors to the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maquette.kernel.clock import Clock, system_clock
from maquette.kernel.ports import Engines, Executor, ObjectStore
from maquette.kernel.settings import Settings

if TYPE_CHECKING:  # `maquette run` and `serve` have no rows, and start without what rows need
    from maquette.kernel.database import Database


@dataclass(frozen=True)
class Context:
    settings: Settings
    store: ObjectStore
    engines: Engines
    executor: Executor


@dataclass(frozen=True)
class Platform(Context):
    """The same for the server and the worker, which keep rows."""

    database: Database
    clock: Clock = system_clock
