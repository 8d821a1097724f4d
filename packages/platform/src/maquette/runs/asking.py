"""Asks processes how they are, beside the worker's loop: one that hangs holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor

log = logging.getLogger(__name__)

THREADS = 32
"""One that hangs has a thread for as long as it is waited for, a second or so."""


class Asking:
    """Short questions, each in a thread; none is asked again while it is being asked."""

    def __init__(self, pool: Executor | None = None) -> None:
        self.pool = pool or ThreadPoolExecutor(THREADS, "asking")
        self.going: set[str] = set()

    def begin(self, name: str, ask: Callable[[], None]) -> None:
        if name not in self.going:
            self.going.add(name)
            self.pool.submit(self.do, name, ask)

    def do(self, name: str, ask: Callable[[], None]) -> None:
        try:
            ask()
        except Exception:
            log.exception("%s could not be asked; it is asked again.", name)
        finally:
            self.going.discard(name)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
