"""Moves runs on: admits, prepares, starts, watches, stops and settles them. Any worker may die at any line of this.

What a run is *for* is told by its kind, which the worker is given by name:

    Kind("training", prepare=make_process, ended=keep_results)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, MaquetteError, NotFound
from maquette.kernel.ports import Cause, Exit, Process
from maquette.runs import actions, queue
from maquette.runs.copying import Stopped
from maquette.runs.domain import Level, Run, State, Wish, may_restart, state_after
from maquette.runs.folder import RunFolder
from maquette.runs.hanging import Pulse
from maquette.runs.queue import Worker

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
WATCH_SECONDS = 30.0
THREADS = 8
TRIES_TO_SETTLE = 5
WISH_ASK_SECONDS = 1.0

LEVELS = {State.SUCCEEDED: Level.NORMAL, State.STOPPED: Level.WARNING}


@dataclass
class Preparing:
    """What a kind has at hand while it prepares a run: the run's folder, a way to tell how far it is, and word of
    whether the run is still wanted."""

    folder: RunFolder
    tell: Callable[[str], None]
    stopped: Callable[[], bool]
    reach: Callable[[str], None]
    """Notes the moment at which a part of the way is done, say `environment`."""


def nothing(ctx: Platform, run: Run) -> None:
    """What most kinds do most of the time."""


def never_ready(ctx: Platform, run: Run) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """How runs of one kind are prepared, and what is done with what they leave.

    `prepare` fills the run's folder and returns the process; what it raises is the run's end. `ended` is called once
    or more often after the end, until it has returned; `watch` about every half minute while it runs; `address` of a
    served run tells where it is reached as soon as it answers there.
    """

    name: str
    prepare: Callable[[Platform, Run, Preparing], Process]
    ended: Callable[[Platform, Run], None] = nothing
    watch: Callable[[Platform, Run], None] = nothing
    address: Callable[[Platform, Run], str | None] = never_ready


@dataclass
class Work:
    """A worker's part with runs: call `step` again and again, and `close` at the end."""

    ctx: Platform
    kinds: Mapping[str, Kind]
    worker: Worker
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "runs"))
    closing: threading.Event = field(default_factory=threading.Event)
    busy: set[str] = field(default_factory=set)
    pulses: dict[str, Pulse] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    next_renewal: float = 0.0

    def step(self) -> None:
        """Does what is due now; nothing in it takes long."""
        if self.ctx.clock() >= self.next_renewal:
            self.next_renewal = self.ctx.clock() + RENEW_SECONDS
            queue.renew(self.ctx, self.worker)
            for run in queue.take_over(self.ctx, self.worker):
                self.adopt(run)
        self.admit()
        for run in queue.mine(self.ctx, self.worker):
            self.move_on(run)

    def close(self) -> None:
        """Preparations that can be left are left; who comes next begins them again."""
        self.closing.set()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def admit(self) -> None:
        while len(self.busy) < THREADS and (claimed := queue.claim(self.ctx, self.worker, self.kinds)):
            for run in claimed:
                self.in_thread(self.begin, run)

    def in_thread(self, work: Callable[[Run], None], run: Run) -> None:
        if run.id in self.busy:
            return
        self.busy.add(run.id)

        def do() -> None:
            try:
                work(run)
            except Exception:
                log.exception("Run %s could not be moved on; it is tried again.", run.id)
            finally:
                self.busy.discard(run.id)

        self.pool.submit(do)

    def move_on(self, run: Run) -> None:
        try:
            if run.id in self.busy:
                return
            if run.has_ended:
                self.in_thread(self.settle, run)
            elif run.state is State.RUNNING:
                self.look(run)
            else:
                self.adopt(run)  # its thread was cut off
        except Exception:
            log.exception("Run %s could not be moved on; it is tried again.", run.id)

    # ── start ────────────────────────────────────────────────────────────────────────────────────

    def adopt(self, run: Run) -> None:
        """Goes on with a run that another worker has left, wherever that was."""
        if run.state is State.RUNNING or run.has_ended:
            return
        try:
            ended = self.ctx.executor.exit(self.folder(run).path)
        except NotFound:
            ended = None
        else:
            if ended is None or ended.started_at:
                self.tell_started(run)
                return
        self.again(run, "worker_gone", "What prepared the run has gone; it is prepared again.")

    def again(self, run: Run, code: str, message: str) -> None:
        """Back into the queue; what was prepared goes."""
        if queue.move(self.ctx, self.worker, run, State.QUEUED, (Level.WARNING, code, message)):
            actions.discard(self.folder(run))

    def begin(self, run: Run) -> None:
        """Prepares and starts it; whatever goes wrong is told in its log and its events."""
        try:
            process = self.kinds[run.kind].prepare(self.ctx, run, self.preparing(run))
            if self.is_left(run):
                raise Stopped
            self.ctx.executor.start(process)
        except Stopped:
            self.leave(run)
        except MaquetteError as error:
            self.fail(run, error.message)
        except Exception as error:
            log.exception("Run %s could not be prepared.", run.id)
            self.fail(run, f"Maquette itself failed ({type(error).__name__}: {error}). Its own log says more.")
        else:
            self.tell_started(run)

    def preparing(self, run: Run) -> Preparing:
        asked_at, left = 0.0, False

        def stopped() -> bool:
            nonlocal asked_at, left
            if self.ctx.clock() - asked_at >= WISH_ASK_SECONDS:
                asked_at, left = self.ctx.clock(), self.is_left(run)
            return left

        def tell(line: str) -> None:
            self.note(run, Level.NORMAL, "told", line)

        def reach(moment: str) -> None:
            queue.reach(self.ctx, self.worker, run, moment)

        return Preparing(self.folder(run), tell, stopped, reach)

    def is_left(self, run: Run) -> bool:
        """Whether nobody wants the run to start any more, or somebody else starts it."""
        return self.closing.is_set() or queue.wish_of(self.ctx, self.worker, run) != Wish.NOTHING

    def leave(self, run: Run) -> None:
        if queue.wish_of(self.ctx, self.worker, run):
            told = "The run was stopped while it was prepared."
            self.finish(run, State.STOPPED, Exit(143, Cause.STOPPED, told), "stopped")
        else:
            self.again(run, "worker_stopped", "The worker was stopped; the run waits for the next one.")

    def fail(self, run: Run, message: str) -> None:
        """Its log tells the reason too: that is where people look first."""
        folder = self.folder(run)
        folder.path.mkdir(parents=True, exist_ok=True)
        with folder.log.open("a", encoding="utf-8") as file:
            file.write(f"[Maquette] The run could not be started: {message}\n")
        self.finish(run, State.FAILED, Exit(1, Cause.FAILED_TO_START, message), "failed_to_start")

    def tell_started(self, run: Run) -> None:
        told = (Level.NORMAL, "started", "The run has started.")
        queue.move(self.ctx, self.worker, run, State.RUNNING, told, {"started": self.ctx.clock()})

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    def look(self, run: Run) -> None:
        """Has it ended, is it to be stopped, does it still move?"""
        ended = self.ctx.executor.exit(self.folder(run).path)
        if ended is not None:
            self.end(run, ended)
            return
        if run.wish and queue.take_wish(self.ctx, self.worker, run):
            self.stop(run)
        if run.order.served and not run.ready:
            self.ask_ready(run)
        pulse = self.pulses.setdefault(run.id, Pulse(self.ctx.clock(), self.ctx.clock()))
        if self.ctx.clock() - pulse.looked_at >= WATCH_SECONDS:
            pulse.looked_at = self.ctx.clock()
            self.in_thread(lambda run: self.watch(run, pulse), run)

    def stop(self, run: Run) -> None:
        try:
            self.ctx.executor.stop(self.folder(run).path, now=run.wish is Wish.KILL)
        except Conflict:  # it is just being started
            queue.mark(self.ctx, self.worker, run, wish_told=Wish.NOTHING)
        else:
            self.note(run, Level.NORMAL, "stopping", "The run is asked to stop.")

    def ask_ready(self, run: Run) -> None:
        address = self.kinds[run.kind].address(self.ctx, run)
        if address is not None and queue.mark(self.ctx, self.worker, run, ready=True, address=address):
            self.note(run, Level.NORMAL, "ready", "It answers.")

    def watch(self, run: Run, pulse: Pulse) -> None:
        still = pulse.feel(self.folder(run), self.ctx.clock())
        if run.order.hang_seconds and still >= run.order.hang_seconds and not pulse.told:
            pulse.told = True
            told = f"Nothing was written and nothing computed for {still / 60:.0f} minutes."
            self.note(run, Level.WARNING, "hangs", told)
            if run.order.stop_hanging:
                actions.stop(self.ctx, run.workspace_id, run.id)
        self.kinds[run.kind].watch(self.ctx, run)

    # ── end ──────────────────────────────────────────────────────────────────────────────────────

    def end(self, run: Run, ended: Exit) -> None:
        self.pulses.pop(run.id, None)
        state = state_after(ended, run.wish)
        if not run.order.group and may_restart(run.order, run.attempt, state, ended.cause, run.wish):
            self.restart(run, ended)
            return
        self.finish(run, state, ended, "succeeded" if state is State.SUCCEEDED else str(ended.cause))

    def restart(self, run: Run, ended: Exit) -> None:
        told = f"Attempt {run.attempt} has ended ({sentence(ended)}); the run is started again."
        queue.move(
            self.ctx, self.worker, run, State.QUEUED, (Level.WARNING, "restarted", told),
            attempt=run.attempt + 1, queued_at=self.ctx.clock(),
        )  # fmt: skip

    def finish(self, run: Run, state: State, ended: Exit, code: str) -> None:
        moments = {"ended": self.ctx.clock()}
        if ended.started_at:
            moments |= {"started": ended.started_at, "process_ended": ended.ended_at}
        event = (LEVELS.get(state, Level.ERROR), code, sentence(ended))
        queue.move(
            self.ctx, self.worker, run, state, event, moments, code=ended.code, cause=ended.cause,
            message=ended.message, peak_memory_bytes=ended.peak_memory_bytes, ready=False,
        )  # fmt: skip

    def settle(self, run: Run) -> None:
        """Its kind looks at what it left; when that fails again and again, the run is left as it is."""
        try:
            self.kinds[run.kind].ended(self.ctx, run)
        except Exception as error:
            self.failures[run.id] = self.failures.get(run.id, 0) + 1
            log.exception("What run %s left could not be looked at.", run.id)
            if self.failures[run.id] < TRIES_TO_SETTLE:
                return
            told = f"What the run left could not be kept: {error}"
            self.note(run, Level.ERROR, "not_settled", told)
        self.failures.pop(run.id, None)
        queue.mark(self.ctx, self.worker, run, settled=True)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def folder(self, run: Run) -> RunFolder:
        return actions.folder_of(self.ctx, run.id, run.tries)

    def note(self, run: Run, level: Level, code: str, message: str) -> None:
        with self.ctx.database.write() as rows:
            actions.note(self.ctx, rows, run.id, run.attempt, level, code, message)


def sentence(ended: Exit) -> str:
    """How it ended, in words."""
    if ended.cause is Cause.EXIT:
        return "The run has succeeded." if ended.code == 0 else f"The run has failed with exit code {ended.code}."
    return ended.message or f"The run has ended ({ended.cause})."
