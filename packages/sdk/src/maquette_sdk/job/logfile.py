"""The run's log: its output byte for byte, and lines of the supervisor between."""

from __future__ import annotations

import os

from maquette_sdk.job.limits import size
from maquette_sdk.job.sentences import say

TAIL_BYTES = 4096
PREFIX = "[Maquette] "


class Log:
    """Appends to the log file at once; drops, and says so, what goes beyond `limit` bytes."""

    def __init__(self, path: str, limit: int) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.limit = limit
        self.written = 0
        self.dropped = 0
        self.tail = b""
        self.problem = ""

    def write(self, data: bytes) -> None:
        """Output of the run."""
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        room = max(0, self.limit - self.written)
        if len(data) <= room:
            self.append(data)
            return
        self.append(data[:room])
        if not self.dropped:
            self.say("The log has reached {}; the rest of the output is dropped.".format(size(self.limit)))
        self.dropped += len(data) - room

    def say(self, line: str) -> None:
        """A line of the supervisor; it starts at the beginning of a line."""
        start = "" if self.tail.endswith(b"\n") or not self.tail else "\n"
        text = (start + PREFIX + line + "\n").encode("utf-8", "replace")
        self.tail = (self.tail + text)[-TAIL_BYTES:]
        self.append(text)

    def append(self, data: bytes) -> None:
        """A full disk must not end the run: what cannot be written is lost, and told at the end."""
        view = memoryview(data)
        try:
            while view:
                count = os.write(self.descriptor, view)
                self.written += count
                view = view[count:]
        except OSError as error:
            self.problem = say("log_lost", reason=error.strerror)

    def last_line(self) -> str:
        lines = self.tail.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""
