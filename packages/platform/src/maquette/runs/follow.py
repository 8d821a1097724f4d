"""Shows a run's log while it is written, until the run has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from maquette.kernel.ports import Executor, Exit

POLL_SECONDS = 0.02
CHUNK_BYTES = 1 << 16


def follow(executor: Executor, folder: Path, log: Path, write: Callable[[bytes], object]) -> Exit:
    """Hands every byte of the log to `write` as it comes, and returns how the run ended."""
    position = 0
    while True:
        ended = executor.exit(folder)
        position = copy_new(log, position, write)
        if ended is not None:
            return ended
        time.sleep(POLL_SECONDS)


def copy_new(log: Path, position: int, write: Callable[[bytes], object]) -> int:
    if not log.exists():
        return position
    with log.open("rb") as file:
        file.seek(position)
        while chunk := file.read(CHUNK_BYTES):
            write(chunk)
            position += len(chunk)
    return position


def tail(log: Path, size: int = 20_000) -> str:
    """The last part of a log as text."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - size))
        return file.read().decode("utf-8", "replace")
