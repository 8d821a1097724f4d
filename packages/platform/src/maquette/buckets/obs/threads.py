"""The threads in which the endpoint waits: one for what is brief, others for what may last, others for clients."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum, auto
from typing import TypeVar

HELD_UP_SECONDS = 0.005
MOST_SHORT = 4  # a block of bytes written or read
MOST_LASTING = 32  # a listing, a copy, a joining of parts
MOST_ARRIVING = 128  # a body on its way, as slow as its client is; each holds a thread and a few blocks of memory

T = TypeVar("T")


class Brief:
    """One thread for what takes a moment; what comes while that is held up, by a disk say, goes to others.

    Of several threads that do brief things each is slower than one alone: they fight for the interpreter.
    """

    def __init__(self, others: ThreadPoolExecutor, now: Callable[[], float] = time.monotonic) -> None:
        self._one = ThreadPoolExecutor(1, "store-brief")
        self._others = others
        self._now = now
        self._since = math.inf  # when the work under way began

    def submit(self, work: Callable[[], T]) -> Future[T]:
        if self._now() - self._since > HELD_UP_SECONDS:
            return self._others.submit(work)
        return self._one.submit(self._timed, work)

    def _timed(self, work: Callable[[], T]) -> T:
        self._since = self._now()
        try:
            return work()
        finally:
            self._since = math.inf


class Kind(Enum):
    """How long work takes."""

    BRIEF = auto()  # a look at an object, a few bytes of it
    SHORT = auto()  # a block of bytes
    LASTING = auto()
    ARRIVING = auto()  # it waits for a client's next bytes


_short = ThreadPoolExecutor(MOST_SHORT, "store-short")
_pools: dict[Kind, Brief | ThreadPoolExecutor] = {
    Kind.BRIEF: Brief(_short),
    Kind.SHORT: _short,
    Kind.LASTING: ThreadPoolExecutor(MOST_LASTING, "store-lasting"),
    Kind.ARRIVING: ThreadPoolExecutor(MOST_ARRIVING, "store-arriving"),
}


async def in_thread(work: Callable[[], T], kind: Kind = Kind.BRIEF) -> T:
    return await asyncio.wrap_future(_pools[kind].submit(work))


def begin_in_thread(work: Callable[[], T]) -> Future[T]:
    """The reading or writing of a block under way, to be waited for later."""
    return _short.submit(work)
