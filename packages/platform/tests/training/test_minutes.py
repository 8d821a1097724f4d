"""What a run used, minute by minute."""

import json

import pytest

from maquette.runs.domain import Needs
from maquette.training.minutes import NAMES, usage_by_minute

NEEDS = Needs(cores=2, memory_bytes=1000)


def sample(time, **values):
    return {
        "time": time, "cpu_seconds": 1, "cpu_percent": 100.0, "memory_bytes": 250, "processes": 1, "threads": 1,
        "read_bytes": 0, "write_bytes": 0, **values,
    }  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """`files(*lists of samples)`: one file for each try."""

    def make(*tries):
        made = []
        for number, samples in enumerate(tries):
            made.append(tmp_path / f"{number}.jsonl")
            made[-1].write_text("".join(json.dumps(one) + "\n" for one in samples))
        return made

    return make


def test_each_minute_has_a_number_as_text(files):
    samples = [
        sample(0.0, read_bytes=0), sample(50.0, cpu_percent=50.0, read_bytes=5000), sample(70.0, read_bytes=1000),
        sample(200.0, memory_bytes=500),
    ]  # fmt: skip
    found = usage_by_minute(files(samples), NEEDS)
    assert found["cpuUsage"] == ["37.50", "50.00", "0.00", "50.00"]
    assert found["memUsage"] == ["25.00", "25.00", "0.00", "50.00"]
    assert found["diskReadRate"] == ["100.00", "0.00", "0.00", "0.00"]
    assert found["gpuUtil"] == ["0.00"] * 4
    assert found["interval"] == 1
    assert found["recvBytesRate"] == found["sendBytesRate"] == []


def test_several_gpus_count_as_their_mean(files):
    gpus = [{"index": 0, "percent": 80, "memory_bytes": 5, "memory_total_bytes": 10}, {"index": 1, "percent": 20}]
    found = usage_by_minute(files([sample(0.0, gpus=gpus)]), NEEDS)
    assert (found["gpuUtil"], found["gpuMemUsage"]) == (["50.00"], ["50.00"])


def test_a_counter_that_falls_with_its_process_does_not_count_backwards(files):
    samples = [sample(0.0, write_bytes=100), sample(10.0, write_bytes=10), sample(20.0, write_bytes=410)]
    assert usage_by_minute(files(samples), NEEDS)["diskWriteRate"] == ["20.00"]


def test_tries_follow_each_other_and_a_line_in_the_making_waits(files):
    made = files([sample(0.0)], [sample(61.0)])
    made[1].write_text(made[1].read_text() + '{"time": 12')
    assert usage_by_minute(made, NEEDS)["cpuUsage"] == ["50.00", "50.00"]


def test_nothing_measured_is_no_number(tmp_path):
    found = usage_by_minute([tmp_path / "none"], NEEDS)
    assert {name: found[name] for name in NAMES} == {name: [] for name in NAMES}
