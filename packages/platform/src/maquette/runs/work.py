"""Moves runs on: admits, prepares, starts, watches, stops and settles them. Any worker may die at any line of this.

What a run is *for* is told by its kind, which the worker is given by name (kinds.py).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from maquette.kernel import home as homes
from maquette.kernel.clock import has_passed
from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, MaquetteError, NotFound
from maquette.kernel.ports import Cause, Exit, Stopped
from maquette.runs import actions, admission, groups, queue
from maquette.runs.asking import Asking
from maquette.runs.domain import Level, Run, State, Wish, may_restart, state_after
from maquette.runs.folder import RunFolder
from maquette.runs.hanging import Pulse
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.queue import Worker
from maquette.runs.sentences import say
from maquette_sdk.sentences import several

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
WATCH_SECONDS = 30.0
THREADS = 8
TRIES_TO_SETTLE = 5
TRIES_TO_PREPARE = 5
WISH_ASK_SECONDS = 1.0
PAUSE_SECONDS = 2.0
"""Before what failed is tried again; the second time twice as long, and so on."""
TIGHT_BYTES = 64 << 20
"""With less room on the disk no row can be written, so that no run would come to its end."""

LEVELS = {State.SUCCEEDED: Level.NORMAL, State.STOPPED: Level.WARNING}


@dataclass
class Work:
    """A worker's part with runs: call `step` again and again, and `close` at the end."""

    ctx: Platform
    kinds: Mapping[str, Kind]
    worker: Worker
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "runs"))
    asking: Asking = field(default_factory=Asking)
    closing: threading.Event = field(default_factory=threading.Event)
    busy: set[str] = field(default_factory=set)
    pulses: dict[str, Pulse] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    pauses: dict[str, tuple[float, float]] = field(default_factory=dict)
    left: set[tuple[str, int]] = field(default_factory=set)
    renewed_at: float = 0.0

    def step(self) -> None:
        """Does what is due now; nothing in it takes long."""
        now = self.ctx.clock()
        if has_passed(RENEW_SECONDS, self.renewed_at, now):
            self.renewed_at = now
            queue.renew(self.ctx, self.worker)
            queue.take_over(self.ctx, self.worker, self.kinds)
        changing = frozenset(self.busy)  # what is read of these now may be over when we come to them
        for run in queue.mine(self.ctx, self.worker):
            if run.id not in changing:
                self.move_on(run)
        self.admit()

    def close(self) -> None:
        """Preparations that can be left are left; who comes next begins them again."""
        self.closing.set()
        self.asking.close()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def admit(self) -> None:
        while len(self.busy) < THREADS and not self.closing.is_set():
            claimed = admission.claim(self.ctx, self.worker, self.kinds)
            for run in claimed:
                self.in_thread(self.begin, run)
            if not claimed:
                return

    def in_thread(self, work: Callable[[Run], None], run: Run) -> None:
        if run.id in self.busy:
            return
        self.busy.add(run.id)

        def do() -> None:
            self.careful(work, run)
            self.busy.discard(run.id)

        self.pool.submit(do)

    def careful(self, work: Callable[[Run], None], run: Run) -> None:
        """What fails with one run holds up no other."""
        try:
            work(run)
        except Exception:
            self.pause(run)
            log.exception("Run %s could not be moved on; it is tried again.", run.id)
        else:
            self.failures.pop(run.id, None)

    def pause(self, run: Run) -> None:
        self.failures[run.id] = self.failures.get(run.id, 0) + 1
        seconds = PAUSE_SECONDS * 2 ** min(self.failures[run.id] - 1, 5)
        self.pauses[run.id] = seconds, self.ctx.clock()

    def rests(self, run: Run) -> bool:
        """What failed with it is not tried again yet."""
        return run.id in self.pauses and not has_passed(*self.pauses[run.id], self.ctx.clock())

    def move_on(self, run: Run) -> None:
        if run.id in self.busy or self.rests(run):
            return
        if run.has_ended:
            self.in_thread(self.settle, run)
        elif run.state is State.RUNNING:
            self.careful(self.look, run)
        else:
            self.careful(self.adopt, run)  # its thread was cut off, or its worker

    # ── start ────────────────────────────────────────────────────────────────────────────────────

    def adopt(self, run: Run) -> None:
        """Goes on with the preparation of a run that was left in the middle, wherever that was."""
        if self.has_started(run):
            self.tell_started(run)
        elif self.is_hopeless(run):
            self.fail(run, say("worker_died", times=TRIES_TO_PREPARE))
        else:
            self.again(run, "worker_gone", say("worker_gone"))

    def has_started(self, run: Run) -> bool:
        """Whether its process has begun, and may have ended since."""
        try:
            ended = self.ctx.executor.exit(self.folder(run).path)
        except NotFound:
            return False
        return ended is None or bool(ended.started_at)

    def is_hopeless(self, run: Run) -> bool:
        gone = [event for event in actions.events(self.ctx, [run.id]) if event.code == "worker_gone"]
        return len(gone) + 1 >= TRIES_TO_PREPARE

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
            if self.has_started(run):
                self.tell_started(run)
            else:
                self.fail(run, say("itself", error=f"{type(error).__name__}: {error}"))
        else:
            self.tell_started(run)

    def preparing(self, run: Run) -> Preparing:
        ask_at, left = 0.0, False

        def stopped() -> bool:
            nonlocal ask_at, left
            if time.monotonic() >= ask_at:  # also where the machine's clock was set back
                ask_at, left = time.monotonic() + WISH_ASK_SECONDS, self.is_left(run)
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
            told = say("stopped_preparing")
            self.finish(run, State.STOPPED, Exit(143, Cause.STOPPED, told), "stopped")
        else:
            self.again(run, "worker_stopped", say("worker_stopped"))

    def fail(self, run: Run, message: str) -> None:
        """Its log tells the reason too: that is where people look first."""
        folder = self.folder(run)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            with folder.log.open("a", encoding="utf-8") as file:
                file.write(f"[Maquette] The run could not be started: {message}\n")
        except OSError as error:
            log.error("The log of run %s could not be written: %s", run.id, error)
        self.finish(run, State.FAILED, Exit(1, Cause.FAILED_TO_START, message), "failed_to_start")

    def tell_started(self, run: Run) -> None:
        told = (Level.NORMAL, "started", say("started"))
        moved = queue.move(self.ctx, self.worker, run, State.RUNNING, told, {"started": self.ctx.clock()})
        if not moved and queue.wish_of(self.ctx, self.worker, run) is None:
            self.ctx.executor.stop(self.folder(run).path, now=True)  # it is another worker's, or nobody's, by now

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    def look(self, run: Run) -> None:
        """Has it ended, is it to be stopped, does it still move?"""
        ended = self.exit(run)
        if ended is not None:
            self.end(run, ended)
            return
        if run.wish > run.wish_told:
            self.stop(run)
        elif groups.is_behind(self.ctx, run):
            self.leave_attempt(run)
        if run.order.served and not run.ready:
            self.asking.begin(run.folder_name, lambda: self.ask_ready(run))
        now = self.ctx.clock()
        pulse = self.pulses.setdefault(run.id, Pulse(now, now))
        if has_passed(WATCH_SECONDS, pulse.looked_at, now):
            pulse.looked_at = now
            self.in_thread(lambda run: self.watch(run, pulse), run)

    def exit(self, run: Run) -> Exit | None:
        try:
            return self.ctx.executor.exit(self.folder(run).path)
        except NotFound:
            told = say("folder_gone")
            return Exit(137, Cause.LOST, told, self.ctx.clock(), self.ctx.clock())

    def stop(self, run: Run) -> None:
        """A worker that dies in the middle of this leaves the wish, and the next one tells it again."""
        try:
            self.ctx.executor.stop(self.folder(run).path, now=run.wish is Wish.KILL)
        except Conflict:
            return  # it is just being started, and is asked at the next look
        if queue.mark(self.ctx, self.worker, run, wish_told=run.wish):
            self.note(run, Level.NORMAL, "stopping", say("stopping"))

    def leave_attempt(self, run: Run) -> None:
        """Another node has begun the next one. Told twice, as by the next worker, it ends without time to clean up."""
        if (run.id, run.attempt) in self.left:
            return
        self.left.add((run.id, run.attempt))
        self.note(run, Level.WARNING, "node_restarts", say("node_restarts"))
        self.ctx.executor.stop(self.folder(run).path)

    def ask_ready(self, run: Run) -> None:
        address = self.kinds[run.kind].address(self.ctx, run)
        if address is not None and queue.mark(self.ctx, self.worker, run, ready=True, address=address):
            self.note(run, Level.NORMAL, "ready", say("ready"))

    def watch(self, run: Run, pulse: Pulse) -> None:
        still = pulse.feel(self.folder(run), self.ctx.clock())
        if run.order.hang_seconds and still >= run.order.hang_seconds and not pulse.told:
            pulse.told = True
            stops = say("hang_stops") if run.order.stop_hanging else ""
            self.note(run, Level.WARNING, "hangs", several(say("hangs", duration=duration(still)), stops))
            if run.order.stop_hanging:
                self.stop_hanging(run)
        self.kinds[run.kind].watch(self.ctx, run)

    def stop_hanging(self, run: Run) -> None:
        """Without a wish of anybody's while it may be started again: that is what the wish would forbid."""
        if run.attempt <= run.order.restarts:
            self.ctx.executor.stop(self.folder(run).path)
        else:
            actions.stop(self.ctx, run.workspace_id, run.id)

    # ── end ──────────────────────────────────────────────────────────────────────────────────────

    def end(self, run: Run, ended: Exit) -> None:
        self.pulses.pop(run.id, None)
        self.left.discard((run.id, run.attempt))
        if homes.free_bytes(self.ctx.settings.home.path) < TIGHT_BYTES:
            actions.remove_folder(self.folder(run).view)  # its outputs are out of it, as far as they found room
        if state_after(ended, run.wish) is State.LOST:
            self.in_thread(lambda run: self.end_lost(run, ended), run)
        else:
            self.end_as(run, ended, sentence(ended))

    def end_lost(self, run: Run, ended: Exit) -> None:
        """What it had saved is named: from there somebody may go on."""
        told = ended.message
        if ended.cause is Cause.STOPPED:
            told = say("told_from_outside")
        try:
            saved = self.kinds[run.kind].checkpoint(self.ctx, run)
        except Exception:
            log.exception("The checkpoints of run %s could not be looked for.", run.id)
            saved = None
        self.end_as(run, ended, several(told, say("checkpoint", place=saved) if saved else ""))

    def end_as(self, run: Run, ended: Exit, told: str) -> None:
        state = state_after(ended, run.wish)
        following = self.next_attempt(run, state, ended)
        if following:
            told = say("restarted", attempt=run.attempt, reason=told)
            queue.move(
                self.ctx, self.worker, run, State.QUEUED, (Level.WARNING, "restarted", told),
                attempt=following, queued_at=self.ctx.clock(),
            )  # fmt: skip
            return
        code = str(ended.cause) if state is State.FAILED else str(state)
        self.finish(run, state, ended, code, told)

    def next_attempt(self, run: Run, state: State, ended: Exit) -> int:
        """Which one follows; 0 when it is over."""
        newest = groups.newest_attempt(self.ctx, run)
        if newest > run.attempt and not run.wish:
            return newest
        again = may_restart(run.order, run.attempt, state, ended.cause, run.wish)
        return run.attempt + 1 if again and groups.can_begin_again(self.ctx, run) else 0

    def finish(self, run: Run, state: State, ended: Exit, code: str, told: str = "") -> None:
        moments = {"ended": self.folder(run).ended_at() or self.ctx.clock()}
        if ended.started_at:
            moments |= {"started": ended.started_at, "process_ended": ended.ended_at}
        event = (LEVELS.get(state, Level.ERROR), code, told or sentence(ended))
        message = ended.message if state is State.SUCCEEDED else told or ended.message
        queue.move(
            self.ctx, self.worker, run, state, event, moments, code=ended.code, cause=ended.cause, message=message,
            peak_memory_bytes=ended.peak_memory_bytes, ready=False,
        )  # fmt: skip

    def settle(self, run: Run) -> None:
        """Its kind looks at what it left; when that fails again and again, the run is left as it is."""
        try:
            self.kinds[run.kind].ended(self.ctx, run)
        except Exception as error:
            if self.failures.get(run.id, 0) + 1 < TRIES_TO_SETTLE:
                raise
            log.exception("What run %s left could not be looked at.", run.id)
            told = say("not_kept", error=error)
            self.note(run, Level.ERROR, "not_settled", told)
        queue.settle(self.ctx, self.worker, run)
        self.pauses.pop(run.id, None)
        self.pulses.pop(run.id, None)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def folder(self, run: Run) -> RunFolder:
        return actions.folder_of(self.ctx, run.id, run.tries)

    def note(self, run: Run, level: Level, code: str, message: str) -> None:
        with self.ctx.database.write() as rows:
            actions.note(self.ctx, rows, run.id, run.attempt, level, code, message)


def sentence(ended: Exit) -> str:
    """How it ended, in words, and what else is worth knowing of it."""
    if ended.cause is Cause.EXIT and ended.code == 0:
        return several(say("succeeded"), ended.message)
    return ended.message or say("ended", exit_code=ended.code)


def duration(seconds: float) -> str:
    return say("minutes", count=f"{seconds / 60:.0f}") if seconds >= 120 else say("seconds", count=f"{seconds:.0f}")
