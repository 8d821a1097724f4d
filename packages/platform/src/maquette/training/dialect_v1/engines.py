"""Engines as the first generation numbers and names them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound
from maquette.training.engines import FIRST, REMEMBERED_SECONDS, check_engine, framework_of, offered

TYPES = {
    "TensorFlow": 1,
    "MXNet": 2,
    "Ray": 3,
    "Caffe": 4,
    "Spark_MLlib": 5,
    "Scikit_Learn": 6,
    "XGBoost-Sklearn": 9,
    "PyTorch": 10,
    "Horovod": 12,
    "Ascend-Powered-Engine": 13,
    "MindSpore-GPU": 17,
}
"""Engine names by their number, `engine_type`."""
ASCEND, MINDSPORE = "Ascend-Powered-Engine", "MindSpore"


def engine_named(ctx: Platform, engine_id: int | str, engine_name: str, engine_version: str) -> str:
    """The engine's name; empty where none is given, and then the code tells. Unknown ones are refused at once."""
    text = str(engine_id).strip()
    name = engine_version or (number_named(ctx, text) if text.isdecimal() else text) or engine_name
    check_engine(ctx, name)
    return name


def number_named(ctx: Platform, text: str) -> str:
    names = ctx.engines.printed_names()[FIRST]
    if not 1 <= int(text) <= len(names):
        told = f"There is no engine {text}. List them with GET /v1/{{project_id}}/job/ai-engines, or give a name."
        raise BadInput(told, field="engine_id")
    return names[int(text) - 1]


def offered_bodies(ctx: Platform) -> list[dict[str, Any]]:
    """The engines of the first generation that this machine can make."""
    return [engine_body(ctx, one.version) for one in offered(ctx) if one.first_generation]


def engine_body(ctx: Platform, name: str) -> dict[str, Any]:
    """What versions, configurations and the list of engines tell of an engine; `engine_id` is 0 for names of others
    than the first generation, and all is empty where no engine was chosen yet."""
    names = list(ctx.engines.printed_names()[FIRST])
    kind = kind_of(ctx, name) if name else ""
    return {
        "engine_type": TYPES.get(kind, 0),
        "engine_name": kind,
        "engine_id": names.index(name) + 1 if name in names else 0,
        "engine_version": name,
    }


def kind_of(ctx: Platform, name: str) -> str:
    if name.endswith("-aarch64"):
        return ASCEND
    engines: Any = ctx.engines
    return kind_by(engines, name, int(ctx.clock() // REMEMBERED_SECONDS))


@lru_cache(maxsize=1024)
def kind_by(engines: Any, name: str, moment: int) -> str:
    """Asked again after a minute, as lists of versions name the same engine again and again."""
    try:
        found = framework_of(name, engines.resolve(name))
    except NotFound:
        return ""
    return "MindSpore-GPU" if found == MINDSPORE else found
