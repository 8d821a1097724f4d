"""Unprivileged user ids for runs that root starts: each living run has one of its own."""

from __future__ import annotations

import fcntl
import os
import random
import struct
from pathlib import Path

from maquette.kernel.errors import Unavailable

RANGES = ((2_000_000, 65_536), (61_184, 4_336))
"""First number and count. The first range is nobody's by convention and still fits a tar header; the second is for
containers that map no more than 65 536 users."""

FOLDERS = ("/run/maquette", "/var/lib/maquette")
TRIES = 100


def take() -> tuple[int, int]:
    """A free user id, and a descriptor that keeps it ours until its last copy is closed."""
    first, count = mapped_range()
    descriptor = open_register()
    busy = living_owners()
    for _ in range(TRIES):
        number = random.randrange(count)
        if first + number not in busy and lock_byte(descriptor, number):
            return first + number, descriptor
    os.close(descriptor)
    raise Unavailable("No user id is free for the run: too many runs are alive.")


def mapped_range() -> tuple[int, int]:
    """The first range that exists here: in a container fewer users may exist than Linux can count."""
    lines = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    for first, count in RANGES:
        if any(int(inside) <= first and first + count <= int(inside) + int(size) for inside, _, size in lines):
            return first, count
    raise Unavailable(
        "This container knows too few users to give each run its own. Start Maquette as an ordinary user."
    )


def open_register() -> int:
    """The file on whose bytes the living runs hold locks, one byte for each user id."""
    for name in FOLDERS:
        try:
            Path(name).mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(f"{name}/accounts", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            problem = error
    raise Unavailable(f"The user ids of runs cannot be kept: {problem}.")


def lock_byte(descriptor: int, number: int) -> bool:
    """Locks one byte; such a lock belongs to the open file, so it passes on to the supervisor and ends with it."""
    wanted = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
    except (BlockingIOError, PermissionError):
        return False
    return True


def living_owners() -> set[int]:
    """Users who have processes: what a dead supervisor left behind may still use its number."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.add(entry.stat().st_uid)
            except FileNotFoundError:
                continue
    return found
