"""Processes as /proc tells them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from maquette_sdk.job import processes

PATIENCE = 120
"""Seconds: of a machine that has much else to do."""


def test_a_name_with_brackets_and_blanks_is_read_right() -> None:
    line = b"42 (a) (b c) S 7 42 40 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 5 0 12345 1000000 256 1 2"
    found = processes.parse(42, line)
    assert (found.pid, found.name, found.state, found.parent, found.session) == (42, "a) (b c", "S", 7, 40)
    assert (found.cpu_ticks, found.threads, found.started) == (100, 5, 12345)
    assert found.resident_bytes == 256 * processes.PAGE_BYTES


def test_we_are_in_the_table_and_the_dead_are_not() -> None:
    child = subprocess.Popen(["true"])
    deadline = time.monotonic() + PATIENCE
    while processes.table().get(child.pid) is not None:
        assert time.monotonic() < deadline
    assert processes.table()[os.getpid()].pid == os.getpid()
    assert not processes.alive(child.pid, 0)
    child.wait()
    assert processes.entry(child.pid) is None


def test_a_number_that_is_used_again_is_another_process() -> None:
    me = processes.entry(os.getpid())
    assert me is not None
    assert processes.alive(me.pid, me.started)
    assert not processes.alive(me.pid, me.started - 1)


def entry(pid: int, parent: int) -> processes.Entry:
    return processes.Entry(pid, "x", "S", parent, 1, 0, 1, 0, 0)


def test_descendants_leave_out_whole_branches() -> None:
    known = {pid: entry(pid, parent) for pid, parent in ((2, 1), (3, 2), (4, 3), (5, 2), (6, 5), (9, 0))}
    found = [one.pid for one in processes.descendants(known, 1)]
    assert sorted(found) == [2, 3, 4, 5, 6]
    assert found.index(2) < found.index(3) < found.index(4)
    assert sorted(one.pid for one in processes.descendants(known, 1, without=[3])) == [2, 5, 6]


def test_a_family_is_seen_whole_although_strangers_are_looked_at_once() -> None:
    family = processes.Family(os.getpid())
    before = {one.pid for one in family.members()}
    assert len(family.strangers) > 1
    child = subprocess.Popen(["sleep", "60"])
    stranger = next(iter(family.strangers))
    try:
        while child.pid not in {one.pid for one in family.members()}:
            time.sleep(0.005)
        assert child.pid not in {one.pid for one in family.members(without=[child.pid])}
        assert stranger not in before
        assert os.getpid() not in family.strangers
        assert child.pid not in family.strangers
    finally:
        child.kill()
        child.wait()
    assert child.pid not in {one.pid for one in family.members()}


def test_everything_is_killed_even_what_starts_more_meanwhile() -> None:
    code = "import os, time\nfor _ in range(6): os.fork()\ntime.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code])

    def find() -> list[int]:
        known = processes.table()
        return [pid for pid in [child.pid] if pid in known] + [
            one.pid for one in processes.descendants(known, child.pid)
        ]

    while len(find()) < 10:
        time.sleep(0.005)
    spawned = find()
    assert processes.kill_all(find, child.poll)
    assert child.wait() == -signal.SIGKILL
    deadline = time.monotonic() + PATIENCE
    while any(processes.entry(pid) is not None and processes.table().get(pid) for pid in spawned[1:]):
        assert time.monotonic() < deadline


def test_what_outlives_the_attempt_is_told() -> None:
    assert not processes.kill_all(lambda: [2**22 + 1], lambda: None, seconds=0.05)


def test_a_cookie_is_found_in_the_environment_of_a_process() -> None:
    child = subprocess.Popen(["sleep", "60"], env={processes.COOKIE: "abc", "OTHER": "x"})
    plain = subprocess.Popen(["sleep", "60"], env={"X": "MAQUETTE_RUN=abc"})
    try:
        assert processes.cookie(child.pid) == "abc"
        assert processes.cookie(plain.pid) is None
        assert processes.cookie(2**22 + 1) is None
    finally:
        for one in (child, plain):
            one.kill()
            one.wait()


def test_owner_of_a_process() -> None:
    assert processes.owner(os.getpid()) == os.geteuid()
    assert processes.owner(2**22 + 1) is None


def test_signals_to_the_dead_are_no_error() -> None:
    processes.tell(2**22 + 1, signal.SIGKILL)


def test_the_boot_is_the_same_all_the_time() -> None:
    assert processes.boot() == processes.boot() != ""
