"""What a run's folder holds, and how its small files are read and written whole."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from typing import Any, Dict, Optional

SPEC = "spec.json"  # what to start, written by the executor
LOCK = "lock"  # held by the supervisor for as long as it lives
SUPERVISOR = "supervisor.json"  # who watches the run, and how to recognise what it left behind
SUPERVISOR_LOG = "supervisor.log"  # what the supervisor itself has to complain about
LOG = "log.txt"  # the run's output, byte for byte, and a few lines of the supervisor
USAGE = "usage.jsonl"  # samples of what the run used
EXIT = "exit.json"  # how it ended; written last, whole, and once
ROOM = "room"  # some bytes that make room for the end on a disk that the run has filled
ROOM_BYTES = 1 << 16


def read_json(folder: str, name: str) -> Optional[Dict[str, Any]]:
    """The file's content, or None when it is not there."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            content: Dict[str, Any] = json.load(file)
            return content
    except FileNotFoundError:
        return None


def write_json(folder: str, name: str, content: Dict[str, Any], mode: int = 0o644, durable: bool = False) -> None:
    """Writes the file whole or not at all; `durable` also against a power cut, which takes some milliseconds."""
    final = os.path.join(folder, name)
    temporary = "{}.{}".format(final, os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.replace(temporary, final)


def keep_room(folder: str) -> None:
    """Takes some of the disk, so that the end of the run can be written when there is nothing left of it."""
    descriptor = os.open(os.path.join(folder, ROOM), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, bytes(ROOM_BYTES))
    finally:
        os.close(descriptor)


def give_room(folder: str) -> None:
    """Gives it back, just before the end is written."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, ROOM))


def lock(folder: str, shared: bool = False) -> Optional[int]:
    """A descriptor that holds the folder's lock, or None when somebody else holds it.

    A lock ends with its holder, however it dies, so it tells better than a number whether a supervisor lives.
    """
    descriptor = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
