"""Limits that are watched, and the sentences about them."""

from __future__ import annotations

import os
import resource
import time

import pytest

from maquette_sdk.job import groups, limits, processes


@pytest.fixture(autouse=True)
def no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without control groups."""
    monkeypatch.setattr(groups, "machine", list)


def entry(resident: int, threads: int = 1, pid: int = 2**22 + 1) -> processes.Entry:
    return processes.Entry(pid, "x", "S", 1, 1, 0, threads, 0, resident)


def test_memory_is_watched() -> None:
    held = limits.Limits({"memory_bytes": 1_000_000_000}, "run")
    assert held.needs_watching()
    assert held.crossed(lambda: [entry(400_000_000), entry(600_000_000)]) is None
    crossed = held.crossed(lambda: [entry(600_000_000), entry(600_000_000)])
    assert crossed == ("memory", "The run used 1.2 GB of the 1.0 GB of memory allowed.")
    assert held.peak_memory_bytes == 1_200_000_000


def test_shared_pages_count_once() -> None:
    me = processes.entry(os.getpid())
    assert me is not None
    twice = [me, me._replace(resident_bytes=10 << 40)]
    assert limits.memory_used(twice, enough=1) < me.resident_bytes * 3


def test_processes_and_threads_are_watched_without_those_of_the_sandbox() -> None:
    held = limits.Limits({"processes": 10}, "run", overhead=2)
    assert held.crossed(lambda: [entry(0, threads=12)]) is None
    crossed = held.crossed(lambda: [entry(0, threads=12), entry(0)])
    assert crossed == ("processes", "The run wanted more than the 10 processes and threads allowed.")


def test_time_is_watched_from_the_start_on() -> None:
    held = limits.Limits({"seconds": 0.01}, "run")
    assert held.crossed(list) is None
    held.started()
    time.sleep(0.02)
    assert held.crossed(list) == ("time", "The run took longer than the 0.01 s allowed.")


def test_without_limits_there_is_nothing_to_watch() -> None:
    held = limits.Limits({}, "run")
    assert not held.needs_watching()
    held.started()
    assert held.crossed(list) is None
    assert held.remove() == []


def test_without_groups_the_kernel_bounds_what_a_fork_bomb_can_do() -> None:
    held = limits.Limits({"processes": 10}, "run")
    pid = os.fork()
    if pid == 0:
        held.enter()
        bound = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        os._exit(0 if bound >= 10 + limits.SPARE_PROCESSES else 1)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_600, "1 MB"),
        (200_000_000, "200 MB"),
        (1 << 30, "1.1 GB"),
        (123_456_000_000, "123.5 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(count: int, expected: str) -> None:
    assert limits.size(count) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.5, "0.5 s"), (90, "90 s"), (600, "10 min"), (5400, "90 min"), (9000, "2.5 h")]
)
def test_durations_are_said_as_people_say_them(seconds: float, expected: str) -> None:
    assert limits.duration(seconds) == expected
