"""A notebook: a bench with the kernels of some engines. Stopping it keeps the files in its work folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Cause
from maquette.notebooks.sentences import say
from maquette.runs.domain import Run, State

KIND = "notebook"
NAME = re.compile(r"[\w-]{1,128}")
LONGEST_DESCRIPTION = 512
MOST_ENGINES = 6
LEAST_LEASE_SECONDS, MOST_LEASE_SECONDS = 60, 7 * 86_400
DEFAULT_LEASE_SECONDS = 3600.0
DEFAULT_IMAGE = "pytorch"
MULTI_ENGINE = re.compile(r"multi-engine\s*(\d)", re.IGNORECASE)
MULTI_ENGINES = {"1": ("TF-1.13.1-python3.6", "PyTorch-1.0.0-python3.6"), "2": ("TF-2.1.0-python3.6", "PyTorch-1.4.0")}
"""What ModelArts had in an instance called `Multi-Engine 1.0 (python3)`, as far as notebooks use it."""


class Status(StrEnum):
    """In ModelArts' words."""

    CREATING = "CREATING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    START_FAILED = "START_FAILED"
    ERROR = "ERROR"


STATES: Mapping[Status, Sequence[State]] = {
    Status.CREATING: (State.QUEUED,),
    Status.STARTING: (State.PREPARING, State.RUNNING),
    Status.RUNNING: (State.RUNNING,),
    Status.STOPPING: (State.RUNNING,),
    Status.STOPPED: (State.STOPPED, State.SUCCEEDED),
    Status.START_FAILED: (State.FAILED,),
    Status.ERROR: (State.FAILED, State.LOST),
}


@dataclass(frozen=True)
class Wanted:
    """What a new notebook is to be. `image` names its engines, `folder` is the one of a bucket that it can be synced
    with, `told` what a client says of it and wants to hear again."""

    name: str
    image: str = DEFAULT_IMAGE
    description: str = ""
    flavour: str = ""
    folder: str = ""
    auto_stop: bool = True
    lease_seconds: float = DEFAULT_LEASE_SECONDS
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notebook:
    """One as it is kept; `run` is its last start. With `auto_stop` it is stopped `lease_seconds` after `leased_at`."""

    id: str
    workspace_id: str
    wanted: Wanted
    leased_at: float
    created_by: str
    created_at: float
    updated_at: float
    run: Run | None = None

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def goes_on(self) -> bool:
        return self.run is not None and not self.run.has_ended

    @property
    def ends_at(self) -> float:
        return self.leased_at + self.wanted.lease_seconds

    def is_over(self, now: float) -> bool:
        """Whether its lease has run out."""
        return self.wanted.auto_stop and now >= self.ends_at

    @property
    def status(self) -> Status:
        run = self.run
        if run is None:
            return Status.STOPPED
        if (run.wish and not run.has_ended) or (run.has_ended and not run.settled):
            return Status.STOPPING
        if run.state is State.RUNNING:
            return Status.RUNNING if run.ready else Status.STARTING
        if run.state is State.FAILED:
            return Status.START_FAILED if run.cause is Cause.FAILED_TO_START else Status.ERROR
        return BY_STATE[run.state]


BY_STATE = {
    State.QUEUED: Status.CREATING,
    State.PREPARING: Status.STARTING,
    State.SUCCEEDED: Status.STOPPED,
    State.STOPPED: Status.STOPPED,
    State.LOST: Status.ERROR,
}


@dataclass(frozen=True)
class Query:
    """Which notebooks to list. `text` is looked for in their names."""

    text: str = ""
    status: Status | None = None
    created_by: str = ""
    sort: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 100


def engines_of(image: str) -> list[str]:
    """The engines that an image names: `TF-2.1.0&Pytorch-1.4.0-python3.6`, `pytorch,tensorflow`, `Multi-Engine 1.0`."""
    multi = MULTI_ENGINE.search(image)
    if multi and multi[1] in MULTI_ENGINES:
        return list(MULTI_ENGINES[multi[1]])
    return list(dict.fromkeys(name.strip() for name in re.split(r"[&,]", image) if name.strip()))


def check(wanted: Wanted) -> None:
    check_name(wanted.name)
    if len(wanted.description) > LONGEST_DESCRIPTION:
        raise BadInput(say("description", most=LONGEST_DESCRIPTION), field="description")
    if not 1 <= len(engines_of(wanted.image)) <= MOST_ENGINES:
        raise BadInput(
            say("engines", most=MOST_ENGINES),
            field="image_id",
        )
    check_lease(wanted.lease_seconds)


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(say("name", name=name), field="name")


def check_lease(seconds: float) -> None:
    if not LEAST_LEASE_SECONDS <= seconds <= MOST_LEASE_SECONDS:
        raise BadInput(
            say("lease", least=LEAST_LEASE_SECONDS, days=MOST_LEASE_SECONDS // 86_400, seconds=f"{seconds:.15g}"),
            field="duration",
        )
