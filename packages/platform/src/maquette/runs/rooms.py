"""What takes how much room in the home, part by part."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from maquette.kernel.settings import Home
from maquette_sdk.objects import RESERVED

FRESH_SECONDS = 300.0


class Kind(StrEnum):
    BUCKET = "bucket"
    HALVES = "half uploads"
    ENGINES = "engines"
    CACHE = "cache"
    RUNS = "runs"
    MODELS = "models"
    SNAPSHOTS = "snapshots"
    BACKUPS = "backups"
    ROWS = "rows"


@dataclass(frozen=True)
class Room:
    """`name` is a bucket's; `bytes` on the disk: what is linked from several places counts once."""

    kind: Kind
    name: str
    path: Path
    bytes: int
    files: int


@dataclass(frozen=True)
class Survey:
    """What was found when it was last looked through, and whether somebody does so now."""

    at: float | None = None
    rooms: Sequence[Room] = ()
    going: bool = False


_surveys: dict[Path, Survey] = {}
_lock = threading.Lock()


def survey(place: Home, now: float) -> Survey:
    """What is known. Where that is some minutes old the home is looked through meanwhile: a million files take time."""
    with _lock:
        known = _surveys.get(place.path, Survey())
        if not known.going and (known.at is None or not 0 <= now - known.at < FRESH_SECONDS):
            known = _surveys[place.path] = replace(known, going=True)
            threading.Thread(target=look, args=(place, now), daemon=True).start()
        return known


def look(place: Home, now: float) -> None:
    rooms: Sequence[Room] | None = None
    try:
        rooms = measure(place)
    finally:
        with _lock:
            before = _surveys[place.path]
            _surveys[place.path] = replace(before, going=False) if rooms is None else Survey(now, rooms)


def measure(place: Home) -> list[Room]:
    """Every room of the home that has anything in it; the largest first."""
    seen: set[tuple[int, int]] = set()
    places = [
        *((Kind.BUCKET, path.name, path) for path in buckets(place)),
        (Kind.HALVES, "", place.buckets / RESERVED),
        (Kind.ENGINES, "", place.engines),
        (Kind.CACHE, "", place.cache),
        (Kind.RUNS, "", place.runs),
        (Kind.MODELS, "", place.models),
        (Kind.SNAPSHOTS, "", place.snapshots),
        (Kind.BACKUPS, "", place.backups),
        (Kind.ROWS, "", place.rows),
    ]
    rooms = [Room(kind, name, path, *size(path, seen)) for kind, name, path in places]
    return sorted((room for room in rooms if room.files), key=lambda room: -room.bytes)


def buckets(place: Home) -> list[Path]:
    found = place.buckets.iterdir() if place.buckets.is_dir() else ()
    return sorted(path for path in found if path.is_dir() and path.name != RESERVED)


def size(path: Path, seen: set[tuple[int, int]]) -> tuple[int, int]:
    """Bytes and files; a file that has gone meanwhile counts nothing."""
    if path.is_file():
        return path.stat().st_blocks * 512, 1
    total = count = 0
    waiting = [str(path)]
    while waiting:
        for entry in entries_of(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            count += 1
            if (status.st_dev, status.st_ino) not in seen:
                total += status.st_blocks * 512
            if status.st_nlink > 1:
                seen.add((status.st_dev, status.st_ino))
    return total, count


def entries_of(folder: str) -> list[os.DirEntry[str]]:
    """None where the folder has gone meanwhile, or is closed to us."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
