"""Runs that are Python functions of this process: for tests of what stands above executors, in no time."""

from __future__ import annotations

import shutil
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.ports import Capacity, Cause, Exit, Process
from maquette_sdk.job import folder as files

STOPPED_CODE = 143
KILLED_CODE = 137


@dataclass
class Running:
    """What a program is handed: its process, a way to speak, and word of being asked to stop."""

    process: Process
    stop: threading.Event = field(default_factory=threading.Event)
    started_at: float = field(default_factory=time.time)
    kill_at: float | None = None
    ended: Exit | None = None

    def say(self, text: str) -> None:
        with (self.process.folder / files.LOG).open("a", encoding="utf-8") as log:
            log.write(text)


Program = Callable[[Running], int]
"""Stands for a run's command: speaks, looks at `running.stop` if it takes long, and returns the exit code."""


def succeed(running: Running) -> int:
    return 0


class MemoryExecutor:
    """Calls `program` in a thread for each run. It cannot be killed: a program that will not stop is left behind.

    >>> executor = MemoryExecutor(lambda running: 3)
    """

    def __init__(self, program: Program = succeed, machine: Capacity = Capacity(4, 16 << 30, 0)) -> None:  # noqa: B008
        self.program = program
        self.machine = machine
        self.runs: dict[Path, Running] = {}
        self.changing = threading.Lock()

    def capacity(self) -> Capacity:
        return self.machine

    def free_memory(self) -> int:
        return self.machine.memory_bytes

    def isolation(self) -> tuple[str, ...]:
        return ("Runs are functions of Maquette's own process, isolated from nothing.",)

    def start(self, process: Process) -> None:
        if not process.command:
            raise BadInput("The run has no command.", field="command")
        with self.changing:
            if process.folder in self.runs:
                raise Conflict(f"A run was started in {process.folder} before. Give each run a folder of its own.")
            self.runs[process.folder] = running = Running(process)
        process.folder.mkdir(parents=True, exist_ok=True)
        (process.folder / files.LOG).touch()
        if process.limits.seconds is not None:
            running.kill_at = running.started_at + process.limits.seconds
        threading.Thread(target=self._run, args=(running, self.program), name=process.id, daemon=True).start()

    def exit(self, folder: Path) -> Exit | None:
        running = self._running(folder)
        if running.ended is None and running.kill_at is not None and time.time() >= running.kill_at:
            cause = Cause.STOPPED if running.stop.is_set() else Cause.TIME
            self._end(running, Exit(KILLED_CODE, cause, "The run was ended and did not listen."))
        return running.ended

    def stop(self, folder: Path, now: bool = False) -> None:
        running = self._running(folder)
        if running.ended is None:
            again = running.stop.is_set()
            running.stop.set()
            running.kill_at = time.time() + (0 if now or again else running.process.limits.grace_seconds)

    def _run(self, running: Running, program: Program) -> None:
        try:
            code, message = program(running), ""
        except Exception as error:  # noqa: BLE001 – a program of somebody else; its failure is the run's end
            running.say(traceback.format_exc())
            code, message = 1, f"The program failed: {error}."
        cause = Cause.STOPPED if running.stop.is_set() else Cause.EXIT
        self._end(running, Exit(code, cause, message))

    def _end(self, running: Running, ended: Exit) -> None:
        with self.changing:
            if running.ended is not None:
                return
            for sync in running.process.syncs:
                shutil.copytree(sync.source, sync.target, dirs_exist_ok=True)
            running.ended = Exit(
                ended.code, ended.cause, ended.message, started_at=running.started_at, ended_at=time.time()
            )

    def _running(self, folder: Path) -> Running:
        try:
            return self.runs[folder]
        except KeyError:
            raise NotFound(f"No run was started in {folder}.", folder=str(folder)) from None
