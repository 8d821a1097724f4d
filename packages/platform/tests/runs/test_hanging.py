"""Whether a run still moves, whatever becomes of the machine's clock."""

import json

import pytest

from maquette.runs.folder import RunFolder
from maquette.runs.hanging import Pulse
from maquette_sdk.job.folder import USAGE


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder("run", tmp_path / "run")
    folder.path.mkdir()
    folder.log.write_text("ready\n")
    return folder


@pytest.mark.parametrize(
    ("clock", "still"),
    [
        ((30, 60, 90), (0, 30, 60)),
        ((30, 60, -3540, -3510), (0, 30, 30, 60)),  # set back an hour
        ((30, 60, 3690, 3720), (0, 30, 150, 180)),  # set forward an hour
    ],
)
def test_a_run_that_does_nothing_is_still_for_as_long_as_it_was_looked_at(folder, clock, still):
    pulse = Pulse(0, 0)
    assert tuple(pulse.feel(folder, now) for now in clock) == still


def test_output_and_work_are_moves(folder):
    pulse = Pulse(0, 0)
    assert [pulse.feel(folder, now) for now in (30, 60)] == [0, 30]
    folder.log.write_text("ready\nmore\n")
    assert [pulse.feel(folder, now) for now in (90, 120)] == [0, 30]
    (folder.path / USAGE).write_text(json.dumps({"cpu_seconds": 9}) + "\n")
    assert [pulse.feel(folder, now) for now in (150, 180)] == [0, 30]
