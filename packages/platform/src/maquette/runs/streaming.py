"""A run's log as server-sent events: as it is written, from any byte on, until the run has ended."""

from __future__ import annotations

import asyncio
import codecs
import json
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.runs import actions
from maquette.runs.domain import Run
from maquette.runs.logs import Log, open_log

PIECE_BYTES = 1 << 18
POLL_SECONDS = 0.25
ASK_SECONDS = 1.0
ALIVE_SECONDS = 15.0
LONGEST_SECONDS = 900.0
"""Then the stream ends without an `end`, and who still may comes back to where they were."""


class Follower:
    """One who follows: how far they are, and what is known of the run."""

    def __init__(self, ctx: Platform, run: Run, position: int) -> None:
        self.ctx = ctx
        self.run = run
        self.position = position
        self.asked_at = 0.0
        self.over = False

    def read(self) -> bytes:
        """The next piece as an event, the last of them when the run has ended; nothing when there is nothing new."""
        try:
            return self.next_event()
        except (NotFound, FileNotFoundError):  # it was removed with its log
            self.over = True
            return event("end", self.position, {"state": "removed", "message": "The run was removed."})

    def next_event(self) -> bytes:
        self.ask()
        log = open_log(self.ctx, self.run)  # after the state was asked: what an ended run has written is all there
        self.position = min(self.position, log.size)
        data = self.next_piece(log)
        text, length = decode(data, whole=self.run.has_ended or self.is_end_of_try(log, len(data)))
        if length:
            self.position += length
            return event("", self.position, {"text": text})
        if not self.run.has_ended:
            return b""
        self.over = True
        return event("end", self.position, {"state": self.run.state, "message": self.run.message})

    def ask(self) -> None:
        """How the run stands, not more often than once a second."""
        if not self.run.has_ended and time.monotonic() - self.asked_at >= ASK_SECONDS:
            self.asked_at = time.monotonic()
            self.run = actions.find(self.ctx, self.run.workspace_id, self.run.id)

    def next_piece(self, log: Log) -> bytes:
        """Some more of one try: a piece never goes beyond its end."""
        end = 0
        for part in log.parts:
            end += part.size
            if self.position < end:
                return log.read(self.position, min(end, self.position + PIECE_BYTES))
        return b""

    def is_end_of_try(self, log: Log, length: int) -> bool:
        """Whether nothing can follow in this try, because another has begun."""
        end = 0
        for part in log.parts[:-1]:
            end += part.size
            if self.position + length == end:
                return True
        return False


def decode(data: bytes, whole: bool) -> tuple[str, int]:
    """Text, and of how many bytes it is: a character whose rest is still to come is left for the next time."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final=whole)
    return text, len(data) - len(decoder.getstate()[0])


def event(name: str, position: int, content: dict[str, str]) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}id: {position}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n".encode()


async def stream(ctx: Platform, run: Run, position: int) -> AsyncIterator[bytes]:
    """The events of a log from this byte on. Files are read in the thread pool, so that many can follow at once."""
    follower = Follower(ctx, run, position)
    until = time.monotonic() + LONGEST_SECONDS
    told_at = time.monotonic()
    yield b"retry: 1000\n\n"
    while not follower.over and time.monotonic() < until:
        if said := await run_in_threadpool(follower.read):
            told_at = time.monotonic()
            yield said
            continue
        if time.monotonic() - told_at >= ALIVE_SECONDS:
            told_at = time.monotonic()
            yield b": alive\n\n"
        await asyncio.sleep(POLL_SECONDS)
