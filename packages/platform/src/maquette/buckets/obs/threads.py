"""The threads in which the endpoint does what may wait: for the disk, and apart from those, for a client's next bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MOST_ANSWERING = 40
MOST_ARRIVING = 128
"""Bodies that are read at the same time; each holds a thread and a few blocks of memory."""

_answering = ThreadPoolExecutor(MOST_ANSWERING, "store")
_arriving = ThreadPoolExecutor(MOST_ARRIVING, "store-arriving")

T = TypeVar("T")


async def in_thread(work: Callable[[], T], arriving: bool = False) -> T:
    """What the work gives; `arriving` if it reads a body that is still on its way."""
    return await asyncio.wrap_future((_arriving if arriving else _answering).submit(work))


def begin_in_thread(work: Callable[[], T]) -> Future[T]:
    """The work under way, to be waited for later."""
    return _answering.submit(work)
