"""What is brief has one thread, unless that is held up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from maquette.buckets.obs.threads import HELD_UP_SECONDS, Brief

WAIT_SECONDS = 120


class Now:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2, "others") as pool:
        yield pool


def thread() -> str:
    return threading.current_thread().name


def test_brief_work_shares_one_thread(others: ThreadPoolExecutor) -> None:
    brief = Brief(others)
    names = {brief.submit(thread).result(WAIT_SECONDS) for _ in range(50)}
    assert len(names) == 1 and "brief" in names.pop()


def test_work_that_is_held_up_holds_up_nothing_that_comes_later(others: ThreadPoolExecutor) -> None:
    now, begun, released = Now(), threading.Event(), threading.Event()
    brief = Brief(others, now)

    def held_up() -> bool:
        begun.set()
        return released.wait(WAIT_SECONDS)

    slow = brief.submit(held_up)
    assert begun.wait(WAIT_SECONDS)
    now.seconds += 2 * HELD_UP_SECONDS
    assert "others" in brief.submit(thread).result(WAIT_SECONDS)
    released.set()
    assert slow.result(WAIT_SECONDS)
    assert "brief" in brief.submit(thread).result(WAIT_SECONDS)


def test_work_that_fails_is_told_and_holds_up_nothing(others: ThreadPoolExecutor) -> None:
    now = Now()
    brief = Brief(others, now)
    with pytest.raises(ZeroDivisionError):
        brief.submit(lambda: 1 // 0).result(WAIT_SECONDS)
    now.seconds += 1
    assert "brief" in brief.submit(thread).result(WAIT_SECONDS)
