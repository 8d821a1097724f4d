"""A run: one process in one environment, from the queue to its end, whatever noun it works for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from maquette.kernel.errors import Refused
from maquette.kernel.ports import Capacity, Cause, Exit
from maquette.runs.sentences import say


class State(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    PREPARING = "preparing"  # its environment is made, its code and data are copied
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"  # the machine went down, or what watched it was killed


NEXT: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.PREPARING, State.STOPPED}),
    State.PREPARING: frozenset({State.QUEUED, State.RUNNING, State.FAILED, State.STOPPED}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.STOPPED, State.LOST, State.QUEUED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.STOPPED: frozenset(),
    State.LOST: frozenset(),
}
"""What may follow; from `running` back to `queued` when it is to be started again after a failure."""

ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.STOPPED, State.LOST})
ACTIVE = frozenset({State.PREPARING, State.RUNNING})


class Wish(IntEnum):
    """What somebody wants of a run that goes on; a wish only ever grows."""

    NOTHING = 0
    STOP = 1  # with time to clean up
    KILL = 2


@dataclass(frozen=True)
class Needs:
    """What a run may use of the machine. A served one counts no cores and waits for none."""

    cores: int = 1
    memory_bytes: int = 1 << 30
    gpus: int = 0

    def fit(self, free: Capacity) -> bool:
        return self.cores <= free.cores and self.memory_bytes <= free.memory_bytes and self.gpus <= free.gpus

    def __add__(self, other: Needs) -> Needs:
        return Needs(self.cores + other.cores, self.memory_bytes + other.memory_bytes, self.gpus + other.gpus)


NO_NEEDS = Needs(0, 0, 0)


@dataclass(frozen=True)
class Order:
    """What a noun hands over to have something run.

    `kind` says who knows how to prepare it and what to do with what it leaves, `subject` for which of the noun's
    things, and `details` is what the kind needs to know, as JSON. Runs with one `group` start, stop and fail as one;
    `node` counts them. `restarts` is how often it is started again after a failure; `hang_seconds` after how long
    without output and without work it is told to hang, and `stop_hanging` whether it is stopped then.
    """

    workspace_id: str
    kind: str
    subject: str
    name: str
    needs: Needs = field(default_factory=Needs)
    details: Mapping[str, Any] = field(default_factory=dict)
    served: bool = False
    priority: int = 1
    restarts: int = 0
    group: str = ""
    node: int = 0
    hang_seconds: float | None = None
    stop_hanging: bool = False
    created_by: str = ""


@dataclass(frozen=True)
class Run:
    """A run as it stands. Times are seconds since 1970; `moments` tells when each part of its way began:
    `queued`, `preparing`, `environment` (ready), `started`, `process_ended`, `ended`, `settled`. `attempt` counts from
    1; `tries` names its folder. `address` is where a served run is reached once `ready`. `wish_told` is what of the
    wish its process has been told."""

    id: str
    order: Order
    state: State
    attempt: int
    tries: int
    created_at: float
    moments: Mapping[str, float]
    wish: Wish
    code: int | None
    cause: Cause | None
    message: str
    peak_memory_bytes: int
    gpu_ids: tuple[int, ...]
    address: str
    ready: bool
    place: str
    settled: bool
    wish_told: Wish = Wish.NOTHING

    @property
    def workspace_id(self) -> str:
        return self.order.workspace_id

    @property
    def kind(self) -> str:
        return self.order.kind

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def folder_name(self) -> str:
        return folder_name(self.id, self.tries)

    def seconds(self, now: float) -> float:
        """How long its process has been running, or ran."""
        if "started" not in self.moments:
            return 0.0
        return max(0.0, self.moments.get("process_ended", now) - self.moments["started"])


def folder_name(id: str, tries: int) -> str:
    return id if tries <= 1 else f"{id}.{tries}"


MOMENTS = ("queued", "preparing", "environment", "started", "process_ended", "ended")
PARTS = ("queue", "environment", "copy_in", "run", "copy_out")
"""What lies between one moment and the next."""


def time_split(moments: Mapping[str, float], now: float) -> dict[str, float]:
    """How many seconds each part of a run's last try has taken so far; a part it never came to took none."""
    known = [(MOMENTS.index(name), moments[name]) for name in MOMENTS if name in moments]
    split = dict.fromkeys(PARTS, 0.0)
    for (number, began), following in zip(known, [*known[1:], None], strict=True):
        if number < len(PARTS):
            ended = following[1] if following else now
            split[PARTS[number]] = max(0.0, ended - began)
    return split


class Level(StrEnum):
    NORMAL = "normal"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Event:
    """Something that happened to a run, in words; `code` and `parameters` let a console translate it."""

    at: float
    level: Level
    code: str
    message: str
    parameters: Mapping[str, Any]
    attempt: int
    number: int = 0
    run_id: str = ""


OF_ITS_OWN = (Cause.TIME, Cause.MEMORY, Cause.PROCESSES, Cause.FAILED_TO_START)
"""Ends that nobody asked for, even where somebody did so at the same moment."""


def state_after(ended: Exit, wish: Wish) -> State:
    """What a process's end makes of its run. One that was told to stop, and not by us, went down with its machine."""
    if ended.cause is Cause.LOST or (ended.cause is Cause.STOPPED and not wish):
        return State.LOST
    if ended.cause is Cause.STOPPED or (wish and ended.code != 0 and ended.cause not in OF_ITS_OWN):
        return State.STOPPED
    return State.SUCCEEDED if ended.cause is Cause.EXIT and ended.code == 0 else State.FAILED


def may_restart(order: Order, attempt: int, state: State, cause: Cause | None, wish: Wish) -> bool:
    """A failure, or a machine that went down, is tried again; running out of time or being stopped is not."""
    if wish or attempt > order.restarts:
        return False
    return state is State.LOST or (state is State.FAILED and cause not in (Cause.TIME, Cause.FAILED_TO_START))


def check_fits(needs: Needs, machine: Capacity, what: str = "") -> None:
    """Refuses what would wait for ever, with the number."""
    for name, wanted, there in (
        ("gpus", needs.gpus, machine.gpus),
        ("cores", needs.cores, machine.cores),
        ("memory", needs.memory_bytes / 1e9, machine.memory_bytes / 1e9),
    ):
        if wanted > there:
            what = what or say("this_needs")
            told = say("too_large", what=what, wanted=f"{wanted:g}", kind=say(name), there=f"{there:.3g}")
            raise Refused(told, field=name, wanted=wanted, there=there)
