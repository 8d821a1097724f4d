"""A service of the platform as values: which versions of a model it runs, with which weights, and how it fares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from maquette.kernel.errors import BadInput
from maquette.runs.domain import Run, State
from maquette.services.sentences import say

KIND = "service"
NAME = re.compile(r"[\w-]{1,64}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_DESCRIPTION = 100
MOST_INSTANCES = 64
MOST_VARIABLES = 100
LONGEST_VALUE = 16 << 10
WHOLE = 100
LONGEST_HOURS = 24 * 365
KEPT_FOR_MAQUETTE = "MAQUETTE_"


class Status(StrEnum):
    """In ModelArts' words."""

    DEPLOYING = "deploying"
    RUNNING = "running"
    CONCERNING = "concerning"  # it is wanted to run, and some instance does not get ready
    FAILED = "failed"
    STOPPED = "stopped"
    FINISHED = "finished"  # a batch that has come to its end


IN_WORDS: Mapping[str, str] = {
    Status.DEPLOYING: say("at_deploying"),
    Status.RUNNING: say("running"),
    Status.CONCERNING: say("concerning"),
    Status.FAILED: say("failed"),
    Status.STOPPED: say("at_stopped"),
    Status.FINISHED: say("finished"),
}


class InferType(StrEnum):
    """In ModelArts' words: what answers calls, and what works through a list of files."""

    REAL_TIME = "real-time"
    BATCH = "batch"


class Wanted(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Target:
    """One version of a model in a service: its share of the calls, how many instances, and what these are given.

    `paths` are those on which the version takes predictions, `raw` says that its engine reads bodies itself.
    """

    model_id: str
    weight: int = WHOLE
    instances: int = 1
    specification: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    model_name: str = ""
    model_version: str = ""
    paths: Sequence[str] = ("/",)
    raw: bool = False

    @cached_property
    def key(self) -> str:
        """Targets of one key have the same instances; weight and number may change without a new start."""
        told = [
            self.model_id,
            self.specification,
            *(f"{name}={self.variables[name]}" for name in sorted(self.variables)),
        ]
        return sha256("\0".join(told).encode()).hexdigest()[:16]

    def as_row(self) -> dict[str, Any]:
        return {
            "model_id": self.model_id, "weight": self.weight, "instances": self.instances,
            "specification": self.specification, "variables": dict(self.variables), "model_name": self.model_name,
            "model_version": self.model_version, "paths": list(self.paths), "raw": self.raw,
        }  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """What became of a target's starts: how many failed in a row, why the last did, and when the next may begin.
    `hopeless` tells callers that it is no use to wait for it."""

    failures: int = 0
    reason: str = ""
    not_before: float = 0.0
    hopeless: bool = False


@dataclass(frozen=True)
class Service:
    """A service as it stands. Its `revision` grows with each change of its targets; `settled` is the last one that was
    wholly ready, and `former` what it consisted of. With an end `due_at` it stops by itself."""

    id: str
    workspace_id: str
    name: str
    description: str
    status: Status
    wanted: Wanted
    error: str
    targets: Sequence[Target]
    revision: int
    settled: int
    stop_hours: float
    due_at: float | None
    asleep: bool
    called_at: float
    trouble: Mapping[str, Trouble]
    created_by: str
    created_at: float
    published_at: float
    transition_at: float
    infer_type: InferType = InferType.REAL_TIME
    details: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[Mapping[str, str]] = ()

    def target(self, key: str) -> Target | None:
        return next((target for target in self.targets if target.key == key), None)


@dataclass(frozen=True)
class Instance:
    """One instance of a service: its run, and which target it was made for. Once it is `leaving_at` some moment, it
    gets no new calls."""

    run: Run
    service_id: str
    key: str
    model_id: str
    revision: int
    created_at: float
    leaving_at: float | None
    ready_at: float | None

    @property
    def ready(self) -> bool:
        return self.run.ready and self.run.state is State.RUNNING

    @property
    def takes_calls(self) -> bool:
        return self.ready and self.leaving_at is None and not self.run.wish


class Result(StrEnum):
    """How an update went, in ModelArts' words."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Update:
    """A change of a service's targets, as its history tells it."""

    revision: int
    at: float
    result: Result
    targets: Sequence[Target]
    message: str
    by: str


@dataclass(frozen=True)
class Happened:
    """An event of a service. `code` and `parameters` let a page say it in its own language."""

    id: int
    at: float
    abnormal: bool
    code: str
    message: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Query:
    """Which services to list. `name` is part of a name, `exact` a whole one."""

    name: str = ""
    exact: str = ""
    id: str = ""
    model_id: str = ""
    infer_type: str = ""
    statuses: Sequence[str] = ()
    sort: str = "published_at"
    descending: bool = True
    offset: int = 0
    limit: int = 1000


# ── what may be asked for ────────────────────────────────────────────────────────────────────────


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(say("service_name", name=name), field="service_name")


def check_description(description: str) -> None:
    if len(description) > LONGEST_DESCRIPTION:
        raise BadInput(say("description", count=len(description), most=LONGEST_DESCRIPTION), field="description")


def check_stop_hours(hours: float) -> None:
    if not 0 <= hours <= LONGEST_HOURS:
        raise BadInput(say("stop_hours", most=LONGEST_HOURS, hours=f"{hours:g}"), field="schedule")


def check_targets(targets: Sequence[Target]) -> None:
    """Each version once, all of one model, weights that make 100, variables that can be given to a program."""
    if not targets:
        raise BadInput(say("no_targets"), field="config")
    ids = [target.model_id for target in targets]
    if len(set(ids)) < len(ids):
        raise BadInput(say("version_twice"), field="config.model_id")
    names = {target.model_name for target in targets}
    if len(names) > 1:
        raise BadInput(say("several_models", names=" and ".join(sorted(names))), field="config.model_id")
    total = sum(target.weight for target in targets)
    if total != WHOLE:
        raise BadInput(say("weights", total=total, whole=WHOLE), field="config.weight")
    for target in targets:
        check_target(target)


def check_target(target: Target) -> None:
    if not 0 <= target.weight <= WHOLE:
        raise BadInput(say("weight", whole=WHOLE, weight=target.weight), field="config.weight")
    if not 1 <= target.instances <= MOST_INSTANCES:
        raise BadInput(
            say("instance_count", most=MOST_INSTANCES, count=target.instances), field="config.instance_count"
        )
    if len(target.variables) > MOST_VARIABLES:
        raise BadInput(say("variables", most=MOST_VARIABLES, count=len(target.variables)), field="config.envs")
    for name, value in target.variables.items():
        check_variable(name, value)


def check_variable(name: str, value: str) -> None:
    if not VARIABLE.fullmatch(name):
        raise BadInput(say("variable_name", name=name), field="config.envs")
    if name.startswith(KEPT_FOR_MAQUETTE):
        raise BadInput(say("variable_kept", name=name), field="config.envs")
    if len(value) > LONGEST_VALUE:
        raise BadInput(say("variable_long", name=name, most=LONGEST_VALUE), field="config.envs")
