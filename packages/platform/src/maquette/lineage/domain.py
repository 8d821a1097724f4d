"""Where a thing comes from and what became of it, as values: things, and which of them went into which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    DATA = "data"
    CODE = "code"
    ALGORITHM = "algorithm"
    ENGINE = "engine"
    JOB = "job"
    PLACE = "place"  # a folder of a bucket, in which something was left for others
    MODEL = "model"
    SERVICE = "service"


@dataclass(frozen=True)
class Thing:
    """`id` is unique in its graph. `about` tells a little more, `state` how it stands, `address` where it lies in a
    bucket; `refers` are the names by which it is asked for. What is `gone` was removed since."""

    kind: Kind
    id: str
    name: str
    about: str = ""
    state: str = ""
    address: str = ""
    gone: bool = False
    refers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Graph:
    """Things in the order in which they were told, and pairs of ids: the first went into the second."""

    focus: str = ""
    things: dict[str, Thing] = field(default_factory=dict)
    links: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, thing: Thing, into: Thing | None = None) -> Thing:
        """The thing, once, and that it went `into` another one."""
        known = self.things.setdefault(thing.id, thing)
        if into is not None:
            self.links[known.id, into.id] = None
        return known

    def look_from(self, thing: Thing) -> None:
        """It is what the graph is about."""
        self.focus = thing.id
