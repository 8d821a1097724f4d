"""Copies between the disk and buckets: several files at a time, whole or not at all, told while they go."""

from __future__ import annotations

import contextlib
import http.client
import mimetypes
import os
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import click

from maquette.buckets.archives import open_archive
from maquette.buckets.domain import Address
from maquette.kernel.errors import BadInput, NotFound, Unavailable
from maquette.kernel.ports import ObjectInfo, ObjectStore, RemoteStore
from maquette.runs.copying import human_size
from maquette_sdk.objects import is_faithful

OCTETS = "binary/octet-stream"
BLOCK = 1 << 20
TELL_EVERY_SECONDS = 1.0
AT_ONCE = 16

T = TypeVar("T")
R = TypeVar("R")


class Progress:
    """Counts files and bytes, and tells of them on stderr once a second while a copy takes longer than that."""

    def __init__(self) -> None:
        self.files = 0
        self.size = 0
        self._lock = threading.Lock()
        self._next = time.monotonic() + TELL_EVERY_SECONDS
        self._told = False

    def add(self, size: int, files: int = 0) -> None:
        with self._lock:
            self.size += size
            self.files += files
            self._tell()

    def _tell(self) -> None:
        if time.monotonic() > self._next:
            self._next = time.monotonic() + TELL_EVERY_SECONDS
            self._told = True
            end = "\r" if sys.stderr.isatty() else "\n"
            click.echo(f"{self._summary()} so far{' ' * 8}{end}", err=True, nl=False)

    def watched(self, file: Any) -> Iterator[bytes]:
        """The blocks of a file, counted as they are read."""
        while block := file.read(BLOCK):
            self.add(len(block))
            yield block

    def add_file(self) -> None:
        self.add(0, 1)

    def done(self, verb: str) -> None:
        if self._told or self.files > 1:
            click.echo(f"{verb} {self._summary()}{' ' * 12}".rstrip(" "), err=True)

    def _summary(self) -> str:
        files = f"{self.files} {'file' if self.files == 1 else 'files'}"
        return f"{files}, {human_size(self.size)}" if self.size else files


def at_once(work: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """The work on each thing, several at the same time; the first that fails ends it, and what is under way with it."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting: deque[Future[R]] = deque()
        done: list[R] = []
        try:
            for thing in things:
                waiting.append(threads.submit(work, thing))
                if len(waiting) > 4 * AT_ONCE:
                    done.append(waiting.popleft().result())
            done.extend(future.result() for future in waiting)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return done


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def below(store: ObjectStore, where: Address) -> Iterator[ObjectInfo]:
    """The object of this key and all below the folder of this name."""
    if where.key and not where.is_folder:
        yield from one(store, where)
    with ThreadPoolExecutor(1) as ahead:  # the next page comes while this one is used
        coming = ahead.submit(store.list, where.bucket, folder_of(where))
        while True:
            page = coming.result()
            if page.next is not None:
                coming = ahead.submit(store.list, where.bucket, folder_of(where), after=page.next)
            yield from page.objects
            if page.next is None:
                return


def one(store: ObjectStore, where: Address) -> list[ObjectInfo]:
    try:
        return [store.head(where.bucket, where.key)]
    except NotFound as error:
        if "key" in error.parameters:
            return []
        raise


def need_object(store: ObjectStore, where: Address, verb: str) -> ObjectInfo:
    """The object, or the error that says what stands there instead."""
    found = one(store, where) if where.key else []
    if found:
        return found[0]
    if not where.key or store.list(where.bucket, folder_of(where), limit=1).objects:
        raise BadInput(f"{where} is a folder. {verb} all of it with -r.", address=str(where))
    raise nothing_at(where)


def nothing_at(where: Address) -> NotFound:
    return NotFound(
        f"Bucket '{where.bucket}' has nothing at '{where.key}'. List it with `maquette ls obs://{where.bucket}`.",
        bucket=where.bucket,
        key=where.key,
    )


def folder_of(where: Address) -> str:
    return where.key if where.is_folder else where.key + "/"


def printable(key: str) -> str:
    """A key as one line of a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in key)


# ── copying ──────────────────────────────────────────────────────────────────────────────────────


def send(
    store: ObjectStore,
    source: Path,
    target: Address,
    recursive: bool,
    progress: Progress,
    unpack: bool = False,
    resume: bool = False,
) -> None:
    """From the disk into a bucket."""
    if unpack:
        if not source.is_file():
            raise BadInput(f"'{source}' is no file that could be unpacked.", path=str(source))
        send_unpacked(store, source, target, progress)
        return
    if source.is_dir():
        if not recursive:
            raise BadInput(f"'{source}' is a folder. Copy what is in it with -r.", path=str(source))
        pairs = ((path, target.below(path.relative_to(source).as_posix())) for path in files_below(source))
        there = {info.key: info for info in below(store, target)} if resume else {}
        wanted = ((path, to) for path, to in pairs if not is_there(path, there.get(to.key)))
        at_once(lambda pair: send_file(store, pair[0], pair[1], progress), wanted)
        return
    if not source.exists():
        raise BadInput(f"There is no file '{source}'.", path=str(source))
    send_file(store, source, target.below(source.name) if target.is_folder else target, progress)


def is_there(path: Path, info: ObjectInfo | None) -> bool:
    """Whether an object and a file need not be copied again: as large, and the copy not older."""
    if info is None or not path.is_file():
        return False
    status = path.stat()
    return status.st_size == info.size and int(status.st_mtime) <= int(info.modified)


def send_unpacked(store: ObjectStore, source: Path, target: Address, progress: Progress) -> None:
    with open_archive(source) as archive:
        for member in archive.members:
            kind = mimetypes.guess_type(member.name)[0] or OCTETS
            with archive.open(member) as file:
                store.put(target.bucket, target.below(member.name).key, progress.watched(file), kind)
            progress.add_file()


@contextlib.contextmanager
def fetched(url: str, progress: Progress) -> Iterator[Path]:
    """What an address of the web gives, as a file of the address' own name."""
    name = unquote(urlsplit(url).path).rpartition("/")[2] or "index.html"
    with tempfile.TemporaryDirectory(prefix="maquette-") as folder:
        path = Path(folder, name)
        try:
            with urllib.request.urlopen(url, timeout=60) as answer, path.open("wb") as file:
                for block in progress.watched(answer):
                    file.write(block)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unavailable(f"'{url}' cannot be fetched ({error}).", url=url) from error
        yield path


def send_file(store: ObjectStore, path: Path, target: Address, progress: Progress) -> None:
    kind = mimetypes.guess_type(path.name)[0] or OCTETS
    with local_errors(path):
        if isinstance(store, RemoteStore) and path.is_file():
            store.send_file(target.bucket, target.key, path, kind, progress.add)
        else:
            with path.open("rb") as file:
                store.put(target.bucket, target.key, progress.watched(file), kind)
    progress.add_file()


def fetch(
    store: ObjectStore, source: Address, target: str, recursive: bool, progress: Progress, resume: bool = False
) -> None:
    """Out of a bucket onto the disk."""
    path = Path(target)
    if not recursive:
        info = need_object(store, source, "Copy")
        into = path.is_dir() or target.endswith("/")
        with local_errors(path):
            fetch_object(store, source.bucket, info, path / info.key.rpartition("/")[2] if into else path, progress)
        return
    infos = list(below(store, source))
    if not infos and source.key:
        raise nothing_at(source)
    if resume:
        infos = [info for info in infos if not has(path, source, info)]
    good, clashing = without_clashes(source, infos)
    kept = at_once(lambda info: fetch_below(store, source, info, path, progress), good)
    left_out = sorted(
        info.key for info in [*(one for one, made in zip(good, kept, strict=True) if not made), *clashing]
    )
    for key in left_out:
        click.echo(f"left out: {printable(key)}", err=True)
    if left_out:
        raise BadInput(
            f"{len(left_out)} of {len(infos)} objects have keys that no file here can be named after; "
            "the others were copied. Copy those one by one, each to a name of its own."
        )


def without_clashes(source: Address, infos: list[ObjectInfo]) -> tuple[list[ObjectInfo], list[ObjectInfo]]:
    """What can be files beside each other; and what cannot, for `a` is one and this is `a/b`."""
    names = {relative_to(source, info) for info in infos}
    good: list[ObjectInfo] = []
    clashing: list[ObjectInfo] = []
    for info in infos:
        parts = relative_to(source, info).split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        (clashing if above & names else good).append(info)
    return good, clashing


def has(folder: Path, source: Address, info: ObjectInfo) -> bool:
    """Whether the folder has the object already: as large, and not older."""
    path = folder / relative_to(source, info)
    if not path.is_file():
        return False
    status = path.stat()
    return status.st_size == info.size and int(status.st_mtime) >= int(info.modified)


def relative_to(source: Address, info: ObjectInfo) -> str:
    """The object's key below the folder that is copied; the name of the object that has the folder's own key."""
    return info.key[len(folder_of(source)) :] if info.key != source.key else info.key.rpartition("/")[2]


def fetch_below(store: ObjectStore, source: Address, info: ObjectInfo, folder: Path, progress: Progress) -> bool:
    """Whether the object could be made a file below the folder; a key must never lead out of it."""
    relative = relative_to(source, info)
    if not is_faithful(relative.removesuffix("/") or "."):
        return relative == ""  # the marker of the folder itself
    path = folder / relative
    with local_errors(path):
        try:
            if relative.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                fetch_object(store, source.bucket, info, path, progress)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            return False  # `a` beside `a/b`
    return True


def fetch_object(store: ObjectStore, bucket: str, info: ObjectInfo, path: Path, progress: Progress) -> None:
    """Under another name first, so that a copy broken off leaves no half file under its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".maquette-{uuid.uuid4().hex}")
    try:
        if isinstance(store, RemoteStore):
            store.fetch_file(bucket, info, half, progress.add)
        else:
            _, source = store.open(bucket, info.key)
            with source, half.open("wb") as file:
                for block in progress.watched(source):
                    file.write(block)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    progress.add_file()


def copy_within(store: ObjectStore, source: Address, target: Address, recursive: bool, progress: Progress) -> None:
    """From bucket to bucket."""
    if not recursive:
        info = need_object(store, source, "Copy")
        place = target.below(info.key.rpartition("/")[2]) if target.is_folder else target
        copy_object(store, source.bucket, info, place, progress)
        return
    infos = list(below(store, source))  # all of it first: the target may lie below the source
    if not infos:
        raise nothing_at(source)
    at_once(
        lambda info: copy_object(store, source.bucket, info, target.below(relative_to(source, info)), progress), infos
    )


def copy_object(store: ObjectStore, bucket: str, info: ObjectInfo, target: Address, progress: Progress) -> None:
    if (bucket, info.key) == (target.bucket, target.key):
        raise BadInput(f"{target} would be copied onto itself. Choose another target.", address=str(target))
    store.copy((bucket, info.key), (target.bucket, target.key))
    progress.add(info.size)
    progress.add_file()


def files_below(folder: Path) -> Iterator[Path]:
    """Every file, links followed, folders that lead back into themselves once."""
    seen: set[tuple[int, int]] = set()
    for name, folders, names in os.walk(folder, followlinks=True):
        status = Path(name).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        yield from (path for path in (Path(name, file) for file in sorted(names)) if path.is_file())


@contextlib.contextmanager
def local_errors(path: Path) -> Iterator[None]:
    """Says what the disk outside the buckets refused."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"'{path}' cannot be copied: {error.strerror}.", path=str(path)) from error
