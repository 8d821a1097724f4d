"""Copies what a run starts with into its folder, telling how far it is."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import IsStopped, ObjectStore, Stopped, Tell, never
from maquette.runs.sentences import say
from maquette_sdk.objects import is_faithful

KEEP_FREE_BYTES = 2_000_000_000
TELL_EVERY_SECONDS = 2.0
PIECE_BYTES = 8 << 20
NOTHING: Mapping[Path, int] = {}


@dataclass
class Progress:
    """Tells of a copy at its start when it is large, every two seconds, and never for what is done at once."""

    what: str
    tell: Tell
    stopped: IsStopped = never
    files: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.next = time.monotonic() + TELL_EVERY_SECONDS

    def add(self, size: int) -> None:
        self.files += 1
        self.grow(size)

    def grow(self, size: int) -> None:
        """Counts some more of a file. Raises Stopped when nobody wants the copy any more."""
        if self.stopped():
            raise Stopped
        self.size += size
        if time.monotonic() > self.next:
            self.next = time.monotonic() + TELL_EVERY_SECONDS
            self.tell(say("copying", what=self.what, amount=self.summary()))

    def summary(self) -> str:
        size = human_size(self.size)
        return say("one_file", size=size) if self.files == 1 else say("files", count=self.files, size=size)


def copy_folder(
    source: Path, target: Path, progress: Progress, leave_out: frozenset[str] = frozenset(),
    but: Mapping[Path, int] = NOTHING,
) -> None:  # fmt: skip
    """Copies a folder's content into `target`, symbolic links as what they point to; `but` are files of it, with their
    sizes, that are not copied."""
    target.mkdir(parents=True, exist_ok=True)
    require_space(target, folder_size(source, leave_out) - sum(but.values()), progress.what)
    for path, relative in walk_files(source, leave_out):
        if relative in but:
            continue
        destination = target / relative
        destination.parent.mkdir(parents=True, exist_ok=True)
        progress.add(0)
        copy_content(path, destination, progress)
        shutil.copymode(path, destination)


def copy_content(source: Path, target: Path, progress: Progress) -> None:
    """In pieces: a large file tells how far it is, and can be left in the middle."""
    with source.open("rb") as reading, target.open("wb") as writing:
        while piece := reading.read(PIECE_BYTES):
            writing.write(piece)
            progress.grow(len(piece))


def copy_file(source: Path, target: Path, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    require_space(target.parent, source.stat().st_size, progress.what)
    shutil.copyfile(source, target)
    progress.add(target.stat().st_size)


def copy_objects(store: ObjectStore, bucket: str, prefix: str, target: Path, progress: Progress) -> list[str]:
    """Copies all objects below a prefix into a folder; returns the keys that no file can be named after."""
    target.mkdir(parents=True, exist_ok=True)
    left_out = []
    after: str | None = ""
    while after is not None:
        page = store.list(bucket, prefix, after=after)
        for info in page.objects:
            relative = info.key[len(prefix) :]
            try:
                copy_as_file(store, bucket, info.key, target, relative)
                progress.add(info.size)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                left_out.append(info.key)
        after = page.next
    return left_out


def copy_as_file(store: ObjectStore, bucket: str, key: str, target: Path, relative: str) -> None:
    """Copies an object below `target`; FileExistsError where its name is no path that a file can have there."""
    folder = relative.removesuffix("/")
    if not folder:
        return
    if not is_faithful(folder):
        raise FileExistsError(relative)
    if relative.endswith("/"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    else:
        copy_object(store, bucket, key, target / relative)


def copy_object(store: ObjectStore, bucket: str, key: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _, stream = store.open(bucket, key)
    with stream, target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)


def walk_files(source: Path, leave_out: frozenset[str]) -> Iterator[tuple[Path, Path]]:
    """Every file below `source` with its relative path; linked folders are followed once."""
    seen = set()
    for folder, folders, names in os.walk(source, followlinks=True):
        state = Path(folder).stat()
        if (state.st_dev, state.st_ino) in seen:
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        folders[:] = sorted(name for name in folders if name not in leave_out)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file():
                yield path, path.relative_to(source)


def folder_size(source: Path, leave_out: frozenset[str] = frozenset()) -> int:
    return sum(path.stat().st_size for path, _ in walk_files(source, leave_out))


def require_space(folder: Path, size: int, what: str) -> None:
    """Refuses what would leave less than 2 GB free."""
    free = shutil.disk_usage(folder).free
    if free - size < KEEP_FREE_BYTES:
        sizes = {"size": human_size(size), "least": human_size(KEEP_FREE_BYTES), "free": human_size(free)}
        raise Unavailable(say("no_room", what=what, folder=folder, **sizes), folder=str(folder))


def human_size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in ("B", "kB") else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
