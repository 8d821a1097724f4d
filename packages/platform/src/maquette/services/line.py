"""The calls that wait, and the instances that take them: who is next, who gets it, and what a dead instance costs."""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import secrets
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from maquette.services.bodies import Body
from maquette.services.domain import CRASHED, LATE, NOT_RUNNING, TOO_MANY, CallLimits, CallRefused, Refusal, State
from maquette_sdk.serve.connection import Connection, connect
from maquette_sdk.serve.protocol import NOTE, Frame, call_frame

AHEAD_SECONDS = 0.01
MOST_HELD = 4
"""An instance holds the call it is at, and ahead of it as many as it answers in that time: so it need not wait for the
gateway, which other programs may keep from its turn. Slow calls are not held ahead, for an instance that is free
earlier could not get them. Nor does an instance hold any that does not note which call it is at: if it died, nobody
could tell in which. One that does several calls together says itself how many it wants to have."""

MOST_ROOM = 64
UNEXPLAINED = 2
"""After so many deaths in the middle of several calls of which none is deadly alone, fewer are done together."""

TRIES = 3
"""How often a call is given to an instance when those die of nobody knows what. Where a call is known to have killed
them, the others are given to as many as it takes."""

numbers = itertools.count(1)
gateway = secrets.token_hex(4)
log = logging.getLogger(__name__)


class Call:
    """One prediction on its way: what is asked, until when, and its answer."""

    def __init__(self, query: Mapping[str, str], body: Body, seconds: float) -> None:
        self.id = f"{gateway}-{next(numbers)}"
        self.query = dict(query)
        self.body = body
        self.deadline = time.monotonic() + seconds
        self.answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self.tries = 0
        self.sent = False
        self.suspect = False
        self.most_together: int | None = None
        self.shared = 1

    @property
    def over(self) -> bool:
        return self.answer.done()

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def frame(self) -> tuple[list[bytes], list[int]]:
        body = self.body
        most = 1 if self.suspect else self.most_together
        return call_frame(self.id, self.seconds_left, self.query, body.content_type, body.kind, body.parts, most)

    def answered(self, frame: Frame) -> None:
        self.shared = frame.header.get("together", 1)
        if not self.over:
            self.answer.set_result(frame)

    def refused(self, refusal: Refusal) -> None:
        self.failed(CallRefused(refusal))

    def failed(self, error: Exception) -> None:
        if not self.over:
            self.answer.set_exception(error)


class ClientGone(Exception):
    """The client closed its connection before the answer was there."""


class Link:
    """The gateway's side of one instance: its connections and the calls it has, in the order they were sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.note = Path(path + NOTE)
        self.notes = False
        self.lost = False
        self.state = State.STARTING
        self.calls: dict[Call, asyncio.Task[None]] = {}
        self.idle: list[Connection] = []
        self.answers = 0
        self.first_since = 0.0
        self.closed_at = 0.0
        self.usual_seconds = 1.0
        self.asked_room = 1

    @property
    def free(self) -> bool:
        return self.state is State.READY and len(self.calls) < self.room

    @property
    def room(self) -> int:
        """How many calls it holds at the same time."""
        if not self.notes:
            return 1
        return max(min(MOST_HELD, 1 + int(AHEAD_SECONDS / self.usual_seconds)), min(self.asked_room, MOST_ROOM))

    @property
    def first(self) -> Call | None:
        """The call that the instance is at."""
        return next(iter(self.calls), None)

    def seconds_of_first(self) -> float:
        return time.monotonic() - self.first_since if self.calls else 0.0

    def open(self) -> None:
        """The instance is ready; does it note which call it is at?"""
        self.state = State.READY
        self.notes = self.note.exists()

    def died_in(self) -> tuple[list[Call], bool]:
        """The calls in which the instance has died, if it was at any, and whether it was at one alone."""
        noted = self.noted()
        if noted is not None:
            return [call for call in self.calls if call.id in noted], len(noted) == 1
        if self.asked_room > 1:
            sent = [call for call in self.calls if call.sent]
            return sent, len(sent) == 1
        return ([self.first] if self.first and self.first.sent else []), True

    def noted(self) -> list[str] | None:
        """The ids of the calls that the instance is at, none between two; None where nothing tells."""
        if not self.notes:
            return None
        try:
            return [id for id in self.note.read_bytes().rstrip(b"\0").decode().split("\n") if id]
        except FileNotFoundError:  # the instance has ended, and its folder is gone already
            return None

    def took(self, call: Call, task: asyncio.Task[None]) -> None:
        if not self.calls:
            self.first_since = time.monotonic()
        self.calls[call] = task

    def finished(self, call: Call) -> None:
        if self.first is call:
            now = time.monotonic()
            if call.shared == 1:
                self.usual_seconds += (now - self.first_since - self.usual_seconds) / 4
            self.first_since = now
        self.calls.pop(call, None)

    def keep(self, connection: Connection) -> None:
        if self.state is State.BROKEN:
            connection.close()
        else:
            self.idle.append(connection)

    async def connection(self) -> Connection:
        while self.idle:
            connection = self.idle.pop()
            if not connection.closed:
                return connection
        return await connect(self.path)

    def close(self) -> None:
        self.state = State.BROKEN
        self.closed_at = time.monotonic()
        for connection in self.idle:
            connection.close()
        self.idle.clear()


class Line:
    """Where calls wait for a free instance; the least busy one gets the next call."""

    def __init__(self, limits: CallLimits) -> None:
        self.limits = limits
        self.links: list[Link] = []
        self.waiting: deque[Call] = deque()
        self.hopeless = False
        self.most_together: int | None = None
        self.unexplained = 0

    @property
    def ready(self) -> bool:
        return bool(self.links)

    def opened(self, link: Link) -> None:
        """From now on the instance takes calls."""
        link.open()
        self.hopeless = False
        self.links.append(link)
        self.advance()

    def leaving(self, link: Link) -> None:
        """The instance finishes what it has and gets nothing new."""
        if link in self.links:
            link.state = State.LEAVING
            self.links.remove(link)

    def give_up(self) -> None:
        """No instance will come: who waits is told, and so is everybody who asks."""
        self.hopeless = True
        while self.waiting:
            self.waiting.popleft().refused(NOT_RUNNING)

    def end(self) -> None:
        """The service ends: calls that are not answered by now will not be."""
        self.give_up()
        for link in self.links:
            for call in link.calls:
                call.refused(NOT_RUNNING)

    async def ask(self, call: Call) -> Frame:
        """The answer of an instance. Raises CallRefused when the line is full or the call is late or lost."""
        late = asyncio.get_running_loop().call_later(call.seconds_left, self.expire, call)
        try:
            self.enter(call)
            return await call.answer
        except asyncio.CancelledError:
            self.drop(call)
            raise
        finally:
            late.cancel()

    def enter(self, call: Call) -> None:
        if self.hopeless:
            raise CallRefused(NOT_RUNNING)
        if len(self.waiting) >= self.limits.queue * max(1, len(self.links)):
            raise CallRefused(TOO_MANY)
        self.waiting.append(call)
        self.advance()

    def expire(self, call: Call) -> None:
        call.refused(LATE)
        self.drop(call)

    def abandon(self, call: Call) -> None:
        """The client has gone: nobody will read the answer, and what has not begun need not."""
        call.failed(ClientGone())
        self.drop(call)

    def drop(self, call: Call) -> None:
        """Takes a call out of the line, or back from an instance that is still at another one."""
        with suppress(ValueError):
            self.waiting.remove(call)
        for link in self.links:
            if call in link.calls and link.first is not call:
                link.calls[call].cancel()

    def advance(self) -> None:
        """Gives waiting calls to free instances."""
        while self.waiting:
            link = min((link for link in self.links if link.free), key=lambda link: len(link.calls), default=None)
            if link is None:
                return
            call = self.waiting.popleft()
            call.tries += 1
            call.most_together = self.most_together
            carrying = asyncio.create_task(self.carry(link, call))
            link.took(call, carrying)
            # Not at the end of `carry`: a task that is cancelled before it begins never gets there.
            carrying.add_done_callback(functools.partial(self.carried, link, call))

    async def carry(self, link: Link, call: Call) -> None:
        """Brings one call to an instance and its answer back."""
        try:
            connection = await link.connection()
            if not call.over:
                call.sent = True
                frame = await connection.exchange(*call.frame())
                call.answered(frame)
                link.answers += 1
                link.asked_room = frame.header.get("room", 1)
            link.keep(connection)
        except (ConnectionError, FileNotFoundError):
            self.lost(link)
        except OSError as error:  # this machine's trouble, such as too many open files, and not the instance's
            log.error("A call could not be brought to its instance: %s", error)
            call.refused(NOT_RUNNING)

    def carried(self, link: Link, call: Call, carrying: asyncio.Task[None]) -> None:
        link.finished(call)
        self.advance()

    def lost(self, link: Link) -> None:
        """The instance has died: the call it was at is lost with it, others go back to the front of the line. Of
        several that it was at together each is tried alone, for one of them may be deadly."""
        if link.lost:
            return
        link.lost = True
        link.close()
        if link in self.links:
            self.links.remove(link)
        calls, alone = link.died_in()
        self.explain(calls, alone)
        for call in reversed(link.calls):
            if (alone and call in calls) or (not calls and call.tries >= TRIES):
                call.refused(CRASHED)
            elif not call.over:
                call.sent = False
                call.suspect = call.suspect or call in calls
                self.waiting.appendleft(call)
        if self.hopeless:  # the service has ended meanwhile, and nobody looks after those who wait
            self.give_up()

    def explain(self, calls: list[Call], alone: bool) -> None:
        """Instances that die again and again in several calls, and in none of them alone, are given fewer together:
        it may be their memory that does not suffice."""
        if alone:
            self.unexplained -= min(self.unexplained, sum(call.suspect for call in calls))
        elif calls:
            self.unexplained += 1
            if self.unexplained >= UNEXPLAINED:
                self.most_together = max(1, len(calls) // 2)
