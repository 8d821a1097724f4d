"""Cleans up after a service whose own process was killed: instances are watched by others and would live on."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maquette.kernel.ports import Executor
from maquette.services.actions import Prepared, remove

END_SECONDS = 10.0


class Lifeline:
    """Tells another process which instances there are; when this one dies, that one ends them."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def hold(self, prepared: Prepared) -> None:
        """To be ended if we cannot do it ourselves."""
        self.tell("hold", prepared)

    def let_go(self, prepared: Prepared) -> None:
        """It has ended, and its folders are gone."""
        self.tell("let go", prepared)

    def tell(self, what: str, prepared: Prepared) -> None:
        folders = [str(folder) for folder in (prepared.run.path, prepared.run.staging, prepared.socket_folder)]
        os.write(self.descriptor, json.dumps([what, folders]).encode() + b"\n")  # shorter than a pipe writes at once


@contextmanager
def lifeline(executor: Executor) -> Iterator[Lifeline]:
    """Starts the other process; it ends with us. To be called before there are threads, for it is a fork."""
    listening, telling = os.pipe()
    other = os.fork()
    if other == 0:
        os.close(telling)
        wait_and_clean(executor, listening)
    os.close(listening)
    try:
        yield Lifeline(telling)
    finally:
        os.close(telling)
        os.waitpid(other, 0)


def wait_and_clean(executor: Executor, listening: int) -> None:
    """The other process: listens until nobody can tell it anything any more, then ends what is left. Never returns."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        held: set[tuple[str, ...]] = set()
        with open(listening, encoding="utf-8") as lines:
            for line in lines:
                what, folders = json.loads(line)
                (held.add if what == "hold" else held.discard)(tuple(folders))
        for folders in held:
            end(executor, *map(Path, folders))
    finally:
        os._exit(0)


def end(executor: Executor, run: Path, staging: Path, socket_folder: Path) -> None:
    deadline = time.monotonic() + END_SECONDS
    executor.stop(run, now=True)
    while executor.exit(run) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    remove(run, staging, socket_folder)
