"""A version's state as the first generation's numbers tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maquette.kernel.errors import BadInput
from maquette.runs.domain import State
from maquette.training.jobs import JobVersion

INIT, KILLING = 1, 9
NUMBERS: Mapping[State, int] = {
    State.QUEUED: 7,
    State.PREPARING: INIT,
    State.RUNNING: 8,
    State.SUCCEEDED: 10,
    State.FAILED: 11,
    State.STOPPED: 12,
    State.LOST: 14,
}
STATES = {number: state for state, number in NUMBERS.items()} | {KILLING: State.RUNNING}
HIGHEST = 22


def status_of(version: JobVersion | None) -> int:
    """A job without a version has only been made known."""
    if version is None:
        return INIT
    state = version.state
    if state is State.RUNNING and any(run.wish for run in version.runs if not run.has_ended):
        return KILLING
    return NUMBERS[state]


def read_statuses(text: str) -> list[State] | None:
    """The states of `8` or `3|5|8`; None for all of them, and none where these numbers never occur here."""
    if not text:
        return None
    numbers = re.split(r"[|,;\s]+", text.strip("|,; "))
    for number in numbers:
        if not (number.isascii() and number.isdigit() and int(number) <= HIGHEST):
            told = f"'{text}' is no status. Use numbers from 0 to {HIGHEST} with | between."
            raise BadInput(told, field="status")
    return sorted({STATES[int(number)] for number in numbers if int(number) in STATES})
