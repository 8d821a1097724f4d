"""`from pip._internal.operations import freeze; freeze.freeze()`."""

from __future__ import annotations

from typing import Any, Iterator

from ..installed import installed


def freeze(*args: Any, **options: Any) -> Iterator[str]:
    """What is installed, as `name==version` lines."""
    for found in installed():
        yield "{}=={}".format(found.name, found.version)
