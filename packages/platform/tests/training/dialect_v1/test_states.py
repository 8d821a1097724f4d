"""States by number."""

import pytest

from maquette.kernel.errors import BadInput
from maquette.runs.domain import State
from maquette.training.dialect_v1.states import NUMBERS, STATES, read_statuses, status_of


def test_every_state_has_its_number_and_finds_back():
    assert set(NUMBERS) == set(State)
    assert {STATES[number] for number in NUMBERS.values()} == set(State)


def test_a_job_without_a_version_is_made_known_only():
    assert status_of(None) == 1


@pytest.mark.parametrize(
    ("text", "states"),
    [("", None), ("8", ["running"]), ("8|9", ["running"]), ("10,11", ["failed", "succeeded"]), ("3|5|6|13", [])],
)
def test_numbers_are_read(text, states):
    assert read_statuses(text) == states


@pytest.mark.parametrize("text", ["running", "-1", "23", "8 9 x", "²"])
def test_what_is_no_number_of_a_state_is_refused(text):
    with pytest.raises(BadInput, match="is no status"):
        read_statuses(text)
