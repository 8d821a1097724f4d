"""The threads in which the endpoint waits: some for what is brief, others for what may last, others for clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MOST_BRIEF = 4  # one object, its bytes at hand: with more of them threads only fight for the interpreter
MOST_LASTING = 32  # a listing, a copy, a joining of parts
MOST_ARRIVING = 128  # a body on its way, as slow as its client is; each holds a thread and a few blocks of memory

_brief = ThreadPoolExecutor(MOST_BRIEF, "store")
_lasting = ThreadPoolExecutor(MOST_LASTING, "store-lasting")
_arriving = ThreadPoolExecutor(MOST_ARRIVING, "store-arriving")

T = TypeVar("T")


async def in_thread(work: Callable[[], T], lasting: bool = False, arriving: bool = False) -> T:
    """What the work gives; `arriving` where it waits for a client's next bytes."""
    pool = _arriving if arriving else _lasting if lasting else _brief
    return await asyncio.wrap_future(pool.submit(work))


def begin_in_thread(work: Callable[[], T]) -> Future[T]:
    """Brief work under way, to be waited for later."""
    return _brief.submit(work)
