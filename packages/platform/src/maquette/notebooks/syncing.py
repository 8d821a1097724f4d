"""Files between a notebook's work folder and a folder of a bucket, both ways and on demand.

The work folder is in the hands of whoever works in the notebook, also while this runs. So no link in it is followed,
and everything is opened from the folder it lies in: what is read or written is below the work folder, or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from maquette.buckets.actions import GrantedStore, Rights
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict
from maquette.kernel.identity import Identity
from maquette.kernel.ports import ObjectInfo, ObjectStore
from maquette.notebooks import actions
from maquette.notebooks.domain import Notebook
from maquette.notebooks.sentences import say
from maquette_sdk.objects import is_faithful

MOST_BYTES = 100_000_000
MOST_FILES = 10_000
LEFT_OUT = frozenset({".jupyter", ".ipynb_checkpoints", "__pycache__", ".git", ".Trash-1000"})
PIECE_BYTES = 1 << 20
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without waiting for who writes, should it be a pipe."""
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Synced:
    """What was copied, and what was left as it is and why."""

    files: int
    bytes: int
    left_out: tuple[str, ...] = ()


def to_bucket(ctx: Platform, who: Identity, notebook: Notebook, below: str = "") -> Synced:
    """Copies what is in the work folder, or `below` it, into the notebook's folder of a bucket. What is there and has
    no file here stays. Raises BadInput, with the size, for more than goes this way."""
    store, address = folder_of(ctx, who, notebook)
    with opened(actions.work_folder(ctx, notebook.id), part(below)) as top:
        found = list(walk(top, part(below)))
        check_size(sum(size for _, size in found), len(found))
        left_out, copied, total = [], 0, 0
        for name, _ in found:
            try:
                with reading(top, name, part(below)) as (file, size):
                    store.put(address.bucket, address.key + name, pieces(file, size))
            except OSError as error:
                left_out.append(f"{name}: {error.strerror}")
                continue
            copied, total = copied + 1, total + size
    return Synced(copied, total, tuple(left_out))


def from_bucket(ctx: Platform, who: Identity, notebook: Notebook, below: str = "") -> Synced:
    """Copies what is in the notebook's folder of a bucket, or `below` it, into the work folder; files of the same name
    are replaced."""
    store, address = folder_of(ctx, who, notebook)
    prefix = address.key + (f"{part(below)}/" if part(below) else "")
    found = list(listed(store, address.bucket, prefix))
    check_size(sum(info.size for info in found), len(found))
    work = actions.work_folder(ctx, notebook.id)
    work.mkdir(parents=True, exist_ok=True)
    left_out, copied, total = [], 0, 0
    with opened(work, "") as top:
        for info in found:
            name = info.key[len(address.key) :]
            try:
                if not is_faithful(name):
                    raise OSError(errno.EINVAL, "no file can have this name")
                with store.open(address.bucket, info.key)[1] as source:
                    total += write(top, name, source)
            except OSError as error:
                left_out.append(f"{name}: {error.strerror}")
                continue
            copied += 1
    return Synced(copied, total, tuple(left_out))


def folder_of(ctx: Platform, who: Identity, notebook: Notebook) -> tuple[ObjectStore, Address]:
    """The folder, in the store as who asks sees it."""
    if not notebook.wanted.folder:
        raise Conflict(
            say("no_folder", name=notebook.name),
            field="folder",
        )
    return GrantedStore(ctx, Rights(ctx), who), read_address(notebook.wanted.folder)


def part(below: str) -> str:
    """A relative path without anything that leads out of the folder."""
    text = below.strip("/")
    if text and not is_faithful(text):
        raise BadInput(say("no_path", path=below), field="path")
    return text


def check_size(size: int, count: int) -> None:
    if size > MOST_BYTES or count > MOST_FILES:
        raise BadInput(
            say(
                "too_much",
                size=f"{size / 1e6:.0f}",
                count=count,
                most=f"{MOST_BYTES / 1e6:.0f}",
                files=MOST_FILES,
            ),
            field="path",
            bytes=size,
            limit=MOST_BYTES,
        )


def listed(store: ObjectStore, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
    """The objects of a folder, but for the marks that stand for folders; one more than go this way at most."""
    after: str | None = ""
    count = 0
    while after is not None and count <= MOST_FILES:
        page = store.list(bucket, prefix, after=after)
        for info in page.objects:
            if not info.key.endswith("/"):
                count += 1
                yield info
        after = page.next


# ── the work folder ──────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def opened(work: Path, below: str) -> Iterator[int]:
    """The folder, checked to be there with the part that is asked for; what is named afterwards is named from it."""
    try:
        top = os.open(work, FOLDER)
    except FileNotFoundError:
        raise Conflict(say("no_files"), field="path") from None
    try:
        if below:
            os.close(descend(top, below))
        yield top
    except NotADirectoryError:
        raise BadInput(say("not_a_folder", path=below), field="path") from None
    except FileNotFoundError:
        raise BadInput(say("folder_missing", path=below), field="path") from None
    finally:
        os.close(top)


def descend(top: int, folder: str, make: bool = False) -> int:
    """A folder below another, each step of the way a folder and no link."""
    here = os.dup(top)
    for name in PurePosixPath(folder).parts:
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=here)
                    give_to_owner(here, name)
            there = os.open(name, FOLDER, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here


def walk(top: int, below: str) -> Iterator[tuple[str, int]]:
    """(path, size) of every file, paths from the work folder on; links and special files are no files."""
    start = descend(top, below)
    try:
        for folder, folders, files, here in os.fwalk(".", dir_fd=start, follow_symlinks=False):
            folders[:] = sorted(set(folders) - LEFT_OUT)
            for name in sorted(files):
                found = os.stat(name, dir_fd=here, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    yield str(PurePosixPath(below, folder, name)), found.st_size
    finally:
        os.close(start)


@contextlib.contextmanager
def reading(top: int, name: str, below: str) -> Iterator[tuple[BinaryIO, int]]:
    path = PurePosixPath(name)
    here = descend(top, str(path.parent))
    try:
        number = os.open(path.name, READ, dir_fd=here)
    finally:
        os.close(here)
    with os.fdopen(number, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no file any more")
        yield file, found.st_size


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """No more than it had when it was opened: it may grow while it is read."""
    left = size
    while left and (piece := file.read(min(PIECE_BYTES, left))):
        left -= len(piece)
        yield piece


def write(top: int, name: str, source: BinaryIO) -> int:
    """Whole or not at all, and in the place of whatever had that name, if that is no folder."""
    path = PurePosixPath(name)
    here = descend(top, str(path.parent), make=True)
    half = f".{path.name[:200]}.{os.getpid()}.part"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(half, dir_fd=here)
        with os.fdopen(os.open(half, WRITE, 0o644, dir_fd=here), "wb") as file:
            while piece := source.read(PIECE_BYTES):
                file.write(piece)
            size = file.tell()
        give_to_owner(here, half)
        os.rename(half, path.name, src_dir_fd=here, dst_dir_fd=here)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(half, dir_fd=here)
        raise
    finally:
        os.close(here)
    return size


def give_to_owner(folder: int, name: str) -> None:
    """Whoever has the folder has what is put into it; only root can give."""
    owner = os.fstat(folder)
    if os.geteuid() == 0:
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)
