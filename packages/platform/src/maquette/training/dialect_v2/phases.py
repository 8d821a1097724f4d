"""A version's state in the second generation's words: phase and secondary phase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Cause
from maquette.runs.domain import State
from maquette.training.jobs import JobVersion

NEVER_STARTED = ("Creating", "Creating")
PHASES: Mapping[State, tuple[str, str]] = {
    State.QUEUED: ("Pending", "Queuing"),
    State.PREPARING: ("Pending", "Creating"),  # its engine is made and its data copied
    State.RUNNING: ("Running", "Running"),
    State.SUCCEEDED: ("Completed", "Completed"),
    State.FAILED: ("Failed", "Failed"),
    State.STOPPED: ("Terminated", "Terminated"),
    State.LOST: ("Abnormal", "Lost"),
}
ACTIVE = (State.PREPARING, State.RUNNING)
STATES: Mapping[str, tuple[State, ...]] = {
    "Creating": (),
    "Pending": (State.QUEUED, State.PREPARING),
    "Running": (State.RUNNING,),
    "Failed": (State.FAILED,),
    "Completed": (State.SUCCEEDED,),
    "Terminating": ACTIVE,
    "Terminated": (State.STOPPED,),
    "Abnormal": (State.LOST,),
}


def phases(version: JobVersion | None) -> tuple[str, str]:
    """A job without a version has only been made known."""
    if version is None:
        return NEVER_STARTED
    state = version.state
    if is_stopping(version):
        return "Terminating", "Terminating"
    if state is State.FAILED and any(run.cause is Cause.FAILED_TO_START for run in version.runs):
        return "Failed", "CreateFailed"
    return PHASES[state]


def is_stopping(version: JobVersion) -> bool:
    return version.state in ACTIVE and any(run.wish for run in version.runs if not run.has_ended)


def states_in(words: Iterable[str]) -> list[State]:
    """The states that these phases stand for; what is being stopped still runs or is prepared."""
    found: list[State] = []
    for word in words:
        if word not in STATES:
            raise BadInput(f"'{word}' is no phase. Use {', '.join(STATES)}.", field="filters")
        found += STATES[word]
    return list(dict.fromkeys(found))
