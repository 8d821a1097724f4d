"""A TensorBoard: one that shows what is written below one folder of a bucket, and stops by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from maquette.kernel.errors import BadInput
from maquette.runs.domain import Run, State
from maquette.tensorboards.sentences import say

KIND = "tensorboard"
NAME = re.compile(r"[A-Za-z0-9_-]{1,20}")
LONGEST_DESCRIPTION = 256
MOST_HOURS = 24
DEFAULT_HOURS = 4


@dataclass(frozen=True)
class TensorBoard:
    """`logs` is the address of the folder it shows; after `hours` it stops by itself, never where they are 0.
    `number` is its id in ModelArts' calls, `run` its last start."""

    id: str
    number: int
    workspace_id: str
    name: str
    description: str
    logs: str
    hours: int
    created_by: str
    created_at: float
    updated_at: float
    run: Run | None = None

    @property
    def goes_on(self) -> bool:
        return self.run is not None and not self.run.has_ended

    def is_over(self, now: float) -> bool:
        """Whether its time has run out."""
        started = self.run.moments.get("started") if self.run else None
        return bool(self.hours) and started is not None and now - started >= self.hours * 3600


@dataclass(frozen=True)
class Query:
    """Which to list. `text` is looked for in their names."""

    text: str = ""
    states: Sequence[State] = ()
    sort: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 10


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(say("name", name=name), field="job_name")


def check_description(description: str) -> None:
    if len(description) > LONGEST_DESCRIPTION:
        raise BadInput(say("description", most=LONGEST_DESCRIPTION), field="job_desc")


def check_hours(hours: int) -> None:
    if not 0 <= hours <= MOST_HOURS:
        raise BadInput(
            say("hours", most=MOST_HOURS, hours=hours),
            field="schedule.duration",
        )
