"""The engines that training offers, under the names that ModelArts prints and under their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.ports import Engines, Match, Resolution
from maquette.training.sentences import say

REMEMBERED_SECONDS = 60
TOOLS = frozenset({"TensorBoard", "JupyterLab", "ONNX Runtime"})
"""What the catalogue holds for other things than training."""
FIRST, SECOND = "training_v1", "training_v2"
LAUNCHERS = (
    ("Horovod", "Horovod"),
    ("0.16.2-TF", "Horovod"),
    ("KF-", "KungFu"),
    ("XGBoost-0.80-Sk", "XGBoost-Sklearn"),
)
FRAMEWORKS = {"scikit-learn": "Scikit_Learn", "Spark": "Spark_MLlib", "XGBoost": "XGBoost-Sklearn"}
"""ModelArts' words for frameworks where they are not the framework's own."""


@dataclass(frozen=True)
class Offered:
    """An engine that a job may name: `version` is the name, `framework` ModelArts' word for what is in it, and
    `resolution` what it means on this machine. `first_generation` for names of the first one's own."""

    version: str
    framework: str
    first_generation: bool
    resolution: Resolution


def offered(ctx: Platform) -> list[Offered]:
    """All that can run here: ModelArts' names first, then the releases that are made here."""
    engines: Any = ctx.engines
    return list(offered_by(engines, tuple(engines.owned()), int(ctx.clock() // REMEMBERED_SECONDS)))


@lru_cache(maxsize=2)
def offered_by(engines: Engines, owned: tuple[str, ...], moment: int) -> tuple[Offered, ...]:
    """Asked again after a minute: interpreters come and go, and finding out takes a second. Own ones count at once."""
    names = [*printed(engines), *((shelf.resolution.engine, False) for shelf in engines.shelves())]
    names += [(name, False) for name in owned]
    found = []
    for name, first in dict.fromkeys(names):
        resolution = engines.resolve(name) if name else None
        if resolution and resolution.match is not Match.REFUSED and resolution.framework not in TOOLS:
            found.append(Offered(name, framework_of(name, resolution), first, resolution))
    return tuple(found)


def printed(engines: Engines) -> Iterator[tuple[str, bool]]:
    names = engines.printed_names()
    yield from ((name, True) for name in names.get(FIRST, ()))
    yield from ((name, False) for name in names.get(SECOND, ()))


def framework_of(name: str, resolution: Resolution) -> str:
    for begin, launcher in LAUNCHERS:
        if name.lower().startswith(begin.lower()):
            return launcher
    return FRAMEWORKS.get(resolution.framework, resolution.framework)


def check_engine(ctx: Platform, name: str) -> None:
    """BadInput for an engine that nobody knows, or that cannot run here; none is chosen by what the code imports."""
    if not name:
        return
    try:
        resolution = ctx.engines.resolve(name)
    except NotFound as error:
        raise BadInput(error.message, field="engine") from None
    if resolution.match is Match.REFUSED:
        raise BadInput(say("engine_refused", name=name, reason=resolution.reason), field="engine")


def engine_called(ctx: Platform, id: str, name: str, version: str) -> str:
    """The one name that a dialect's engine id, or name and version, amount to."""
    wanted = id or version or name
    if id or not name or not version:
        return wanted
    try:
        ctx.engines.resolve(version)
    except NotFound:
        return f"{name}-{version}"  # a bare version, such as 1.8.0
    return version
