"""One running instance: started, asked until it is ready, its log shown, and its end noticed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor as Threads
from typing import Any, TypeVar

from maquette.kernel.context import Context
from maquette.kernel.errors import MaquetteError
from maquette.kernel.ports import Cause, Exit, Tell
from maquette.models.domain import FOLDER, VERSIONED_FOLDER
from maquette.runs.follow import follow, tail
from maquette.services.actions import Prepared, Recipe, discard, prepare
from maquette.services.lifeline import Lifeline
from maquette.services.line import Link
from maquette_sdk.serve.connection import Connection, connect
from maquette_sdk.serve.protocol import PING

ASK_SECONDS = 0.02
SHOW_SECONDS = 1.0
STOP_SECONDS = 10.0
TAIL_BYTES = 3000
FAILURE = b"[Maquette] The service could not be started."
"""With this line an instance begins to tell why; pings tell the same, and it need not be shown twice."""
READY = b"[Maquette] Ready after"
"""The last line of a start."""

Show = Callable[[bytes], None]
T = TypeVar("T")


class StartFailed(MaquetteError):
    """The package's code could not be loaded, or the instance ended before it was ready."""


class Instance:
    """A run of a package, from its start to its end. `start` it first; `link` then leads to it."""

    def __init__(
        self, ctx: Context, recipe: Recipe, threads: Threads, lifeline: Lifeline, tell: Tell, show: Show
    ) -> None:
        self.ctx = ctx
        self.recipe = recipe
        self.threads = threads
        self.lifeline = lifeline
        self.tell = tell
        self.log = Log(show)
        self.prepared: Prepared | None = None
        self.launched = False
        self.given_up = threading.Event()
        self.link = Link("")
        self.refused_recipe: Recipe | None = None
        self.ended: asyncio.Future[Exit] | None = None

    async def start(self) -> None:
        """Makes its folder, starts it, and waits until it is ready. Raises StartFailed, and then leaves nothing."""
        try:
            prepared = await self.in_thread(self.launch)
            self.link = Link(str(prepared.socket))
            run = prepared.run
            self.ended = asyncio.get_running_loop().run_in_executor(
                self.threads, follow, self.ctx.executor, run.path, run.log, self.log.write
            )
            await self.until_ready(self.ended)
        except BaseException:
            await self.stop(now=True)
            raise

    async def start_shown(self) -> None:
        """Until what it wrote while it started is on the screen, a second at most: the log follows a little behind."""
        deadline = time.monotonic() + SHOW_SECONDS
        while self.log.starting and self.exit() is None and time.monotonic() < deadline:
            await asyncio.sleep(ASK_SECONDS)
        self.log.starting = False

    async def stop(self, now: bool = False) -> None:
        """Asks it to end, kills it if it will not, and removes its folders."""
        self.link.close()
        await self.in_thread(self.end, now)
        if self.ended is not None:
            await asyncio.wait({self.ended})
        if self.prepared is not None:
            await self.in_thread(discard, self.prepared)
            self.lifeline.let_go(self.prepared)

    async def wait(self, seconds: float) -> None:
        """Until it has ended, so long at most."""
        if self.ended is not None:
            await asyncio.wait({self.ended}, timeout=seconds)

    def exit(self) -> Exit | None:
        return self.ended.result() if self.ended is not None and self.ended.done() else None

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """What blocks runs beside the gateway. Who is cancelled meanwhile waits for its end all the same."""
        running = asyncio.get_running_loop().run_in_executor(self.threads, work, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.given_up.set()
            await asyncio.wait({running})
            running.exception()  # whatever became of it, nobody wants it any more
            raise

    def launch(self) -> Prepared:
        self.prepared = prepare(self.ctx, self.recipe, self.tell, self.given_up.is_set)
        self.lifeline.hold(self.prepared)
        self.ctx.executor.start(self.prepared.process)
        self.launched = True
        return self.prepared

    def end(self, now: bool) -> None:
        if self.prepared is None or not self.launched:
            return
        folder, deadline = self.prepared.run.path, time.monotonic() + STOP_SECONDS
        self.ctx.executor.stop(folder, now)
        while self.ctx.executor.exit(folder) is None and time.monotonic() < deadline:
            time.sleep(ASK_SECONDS)

    async def until_ready(self, ended: asyncio.Future[Exit]) -> None:
        connection: Connection | None = None
        while not ended.done():
            connection = connection or await self.connect()
            pong = await self.ping(connection) if connection is not None else {}
            if pong.get("error"):
                raise StartFailed(self.failure(pong["error"]))
            if connection is not None and pong.get("ready"):
                self.link.idle.append(connection)
                return
            if not pong:
                connection = None
            await asyncio.sleep(ASK_SECONDS)
        raise StartFailed(self.early_end(ended.result()))

    async def connect(self) -> Connection | None:
        try:
            return await connect(self.link.path)
        except OSError:
            return None

    async def ping(self, connection: Connection) -> dict[str, Any]:
        """What the instance says of itself; nothing when it is gone."""
        try:
            return (await connection.exchange([PING])).header
        except OSError:
            return {}

    def failure(self, trace: str) -> str:
        """The traceback, with the package's files named as the user knows them."""
        for inside in (VERSIONED_FOLDER, FOLDER):
            trace = trace.replace(f'"{inside}/', f'"{self.recipe.package.folder}/')
        return f"The package's code failed while it was loaded.\n\n{trace.rstrip()}"

    def early_end(self, ended: Exit) -> str:
        lines = tail(self.prepared.run.log, TAIL_BYTES) if self.prepared else ""
        return f"The instance ended before it was ready: {end_sentence(ended)}. Its last lines:\n\n{lines.rstrip()}"


def end_sentence(ended: Exit) -> str:
    if ended.cause is Cause.EXIT:
        return f"it exited with code {ended.code}"
    return ended.message.rstrip(".") or f"{ended.cause}, code {ended.code}"


class Log:
    """What an instance writes, on its way to the terminal."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.starting = True
        self.failing = False
        self.rest = b""

    def write(self, chunk: bytes) -> None:
        """Shows the chunk; while the instance starts, line by line and without the reason of its failure."""
        if not self.starting:
            self.show(self.rest + chunk)
            self.rest = b""
            return
        lines, end, self.rest = (self.rest + chunk).rpartition(b"\n")
        if self.failing:
            return
        before, mark, _ = (lines + end).partition(FAILURE)
        self.failing = bool(mark)
        if before:
            self.show(before)
        self.starting = READY not in before
