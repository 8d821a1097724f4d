"""Waits for descriptors and signals at once, in one thread."""

from __future__ import annotations

import os
import select
import selectors
import signal
from typing import Callable

CHUNK_BYTES = 1 << 16
LONGEST_WAIT = 60.0


class Loop:
    """Calls what is registered for a descriptor when there is something to read; any handled signal wakes it."""

    def __init__(self) -> None:
        # Not epoll, whose list of descriptors would be shared with forked children: what they forget, we would.
        self.selector = selectors.PollSelector()
        waking, wake = os.pipe()
        for descriptor in (waking, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.listen(waking, lambda: os.read(waking, CHUNK_BYTES))

    def listen(self, descriptor: int, react: Callable[[], object]) -> None:
        """Registers a descriptor; once more is no error."""
        if descriptor not in self.selector.get_map():
            self.selector.register(descriptor, selectors.EVENT_READ, react)

    def forget(self, descriptor: int) -> None:
        if descriptor in self.selector.get_map():
            self.selector.unregister(descriptor)

    def wait(self, seconds: float) -> None:
        """Waits for something to happen, at most so long."""
        for key, _ in self.selector.select(min(max(0.0, seconds), LONGEST_WAIT)):
            key.data()


class Inlet:
    """The reading end of a pipe, in a loop; closes itself at the end."""

    def __init__(self, loop: Loop, descriptor: int, take: Callable[[bytes], object]) -> None:
        self.loop = loop
        self.descriptor = descriptor
        self.take = take
        self.open = True
        loop.listen(descriptor, self.read)

    def read(self) -> None:
        data = os.read(self.descriptor, CHUNK_BYTES)
        if data:
            self.take(data)
        else:
            self.close()

    def drain(self) -> None:
        """Reads what is there without waiting for more."""
        while self.open and select.select([self.descriptor], [], [], 0)[0]:
            self.read()

    def close(self) -> None:
        if self.open:
            self.open = False
            self.loop.forget(self.descriptor)
            os.close(self.descriptor)
