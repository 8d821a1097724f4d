"""What every action is handed first: the settings and the three doors to the world."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.kernel.ports import Engines, Executor, ObjectStore
from maquette.kernel.settings import Settings


@dataclass(frozen=True)
class Context:
    settings: Settings
    store: ObjectStore
    engines: Engines
    executor: Executor
