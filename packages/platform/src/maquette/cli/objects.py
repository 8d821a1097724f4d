"""`maquette mb · ls · cp · rm · presign`: the buckets of a home with no server, or of where one has signed in."""

from __future__ import annotations

import contextlib
import http.client
import json
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

from maquette import wiring
from maquette.buckets.domain import Address, is_address, read_address
from maquette.cli.archives import open_archive
from maquette.cli.quantities import read_seconds
from maquette.kernel.errors import BadInput, NotFound, Unavailable
from maquette.kernel.ports import ObjectInfo, ObjectStore
from maquette.kernel.profiles import DEFAULT, Profile, find_profile, place, read_profiles
from maquette.kernel.settings import read_settings
from maquette.runs.copying import human_size
from maquette_sdk.objects import is_faithful

OCTETS = "binary/octet-stream"
BLOCK = 1 << 20
TELL_EVERY_SECONDS = 1.0
LONGEST_LINK_SECONDS = 7 * 24 * 3600
AT_ONCE = 16

Command = Callable[..., Any]
T = TypeVar("T")
R = TypeVar("R")


def where_options(command: Command) -> Command:
    """Which buckets: those of a home, or those of a profile."""
    home = click.option("--home", type=click.Path(path_type=Path), help="The buckets of this home, with no server.")
    profile = click.option("--profile", help="The buckets of where one has signed in under this name.")
    return home(profile(command))


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.command()
@click.argument("address", metavar="obs://BUCKET")
@where_options
def mb(address: str, home: Path | None, profile: str | None) -> None:
    """Makes a bucket."""
    bucket = read_address(address)
    if bucket.key:
        raise BadInput(f"'{address}' is more than a bucket. Write obs://{bucket.bucket}.", address=address)
    open_store(home, profile).make_bucket(bucket.bucket)


@click.command()
@click.argument("address", metavar="[obs://BUCKET[/FOLDER]]", required=False)
@click.option("-r", "--recursive", is_flag=True, help="Everything below, with whole keys.")
@json_option
@where_options
def ls(address: str | None, recursive: bool, as_json: bool, home: Path | None, profile: str | None) -> None:
    """Lists buckets, or what is in one."""
    store = open_store(home, profile)
    if address is None:
        buckets: list[dict[str, object]] = [
            {"bucket": bucket, "address": f"obs://{bucket}"} for bucket in store.buckets()
        ]
        show(buckets, as_json, lambda line: str(line["address"]))
        return
    where = read_address(address)
    lines = list(listed(store, where, recursive))
    if not lines and where.key:
        raise nothing_at(where)
    show(lines, as_json, object_line)


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("-r", "--recursive", is_flag=True, help="A folder: what is in it comes to be in the target.")
@click.option("--unpack", is_flag=True, help="A zip or tar file: what is in it comes to be in the target.")
@click.option("--resume", is_flag=True, help="Leave out what is there already, as large and not older.")
@where_options
def cp(
    source: str, target: str, recursive: bool, unpack: bool, resume: bool, home: Path | None, profile: str | None
) -> None:
    """Copies files into a bucket, objects out of one, or from bucket to bucket.

    SOURCE may be an address of the web too: https://…

    A TARGET that ends in a slash is a folder, in which a single file keeps its name.
    """
    store = open_store(home, profile)
    progress = Progress()
    match is_address(source), is_address(target):
        case True, True:
            copy_within(store, read_address(source), read_address(target), recursive, progress)
        case True, False:
            fetch(store, read_address(source), target, recursive, progress, resume)
        case False, True if source.startswith(("http://", "https://")):
            with fetched(source, progress) as path:
                send(store, path, read_address(target), recursive, progress, unpack, resume)
        case False, True:
            send(store, Path(source), read_address(target), recursive, progress, unpack, resume)
        case _:
            raise BadInput("Neither side is in a bucket. Write one of them as obs://BUCKET/KEY.")
    progress.done("copied")


@click.command()
@click.argument("address", metavar="obs://BUCKET[/KEY]")
@click.option("-r", "--recursive", is_flag=True, help="Everything below; without a slash behind BUCKET that too.")
@where_options
def rm(address: str, recursive: bool, home: Path | None, profile: str | None) -> None:
    """Removes an object, a folder of them (-r), or a bucket."""
    store = open_store(home, profile)
    where = read_address(address)
    progress = Progress()
    if recursive:
        infos = list(below(store, where))
        if not infos and where.key:
            raise nothing_at(where)
        at_once(lambda info: remove(store, where.bucket, info, progress), infos)
    elif where.key:
        need_object(store, where, "Remove")
        store.delete(where.bucket, where.key)
        progress.add_file()
    if not where.key and not address.endswith("/"):
        store.remove_bucket(where.bucket)
    progress.done("removed")


@click.command()
@click.argument("address", metavar="obs://BUCKET/KEY")
@click.option("--expires", default="1h", show_default=True, help="How long the link works: 90s, 30m, 12h, 7d at most.")
@click.option("--put", is_flag=True, help="A link to upload by, instead of one to download by.")
@click.option("--profile", default=DEFAULT, show_default=True, help="Where one has signed in.")
def presign(address: str, expires: str, put: bool, profile: str) -> None:
    """Prints a link by which anybody may download an object for a while."""
    where, seconds = read_address(address), int(read_seconds(expires, "expires") or 0)
    if where.is_folder:
        raise BadInput(f"'{address}' is no object. Write obs://BUCKET/KEY.", address=address)
    if not 1 <= seconds <= LONGEST_LINK_SECONDS:
        raise BadInput("--expires is 1 second to 7 days.", field="expires")
    found = find_profile(place(), profile)
    store = wiring.remote_store(found.store, found.access, found.secret)
    if not put:
        need_object(store, where, "Link")
    click.echo(store.link("PUT" if put else "GET", where.bucket, where.key, seconds))


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


def open_store(home: Path | None, profile: str | None) -> ObjectStore:
    """A home that is named wins; else where one has signed in; else the home of this user."""
    found = chosen_profile(home, profile)
    if found is not None:
        return wiring.remote_store(found.store, found.access, found.secret)
    return wiring.store(read_settings(home=home).home.buckets)


def chosen_profile(home: Path | None, profile: str | None) -> Profile | None:
    if home is not None and profile is not None:
        raise BadInput("--home and --profile exclude each other: give one of them.", field="profile")
    if profile is not None:
        return find_profile(place(), profile)
    if home is not None or "MAQUETTE_HOME" in os.environ:
        return None
    return read_profiles(place()).get(DEFAULT)


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


def remove(store: ObjectStore, bucket: str, info: ObjectInfo, progress: Progress) -> None:
    store.delete(bucket, info.key)
    progress.add_file()


# ── listing ──────────────────────────────────────────────────────────────────────────────────────


def listed(store: ObjectStore, where: Address, recursive: bool) -> Iterator[dict[str, object]]:
    """What stands at an address: an object of this key, and what is in the folder of this name."""
    if recursive:
        yield from map(described, below(store, where))
        return
    if where.key and not where.is_folder:
        yield from map(described, one(store, where))
    prefix = folder_of(where)
    after: str | None = ""
    while after is not None:
        page = store.list(where.bucket, prefix, "/", after)
        lines: dict[str, dict[str, object]] = {info.key: described(info) for info in page.objects}
        lines.update({name: {"prefix": name} for name in page.prefixes})
        yield from (lines[name] for name in sorted(lines))
        after = page.next


def below(store: ObjectStore, where: Address) -> Iterator[ObjectInfo]:
    """The object of this key and all below the folder of this name."""
    if where.key and not where.is_folder:
        yield from one(store, where)
    after: str | None = ""
    while after is not None:
        page = store.list(where.bucket, folder_of(where), after=after)
        yield from page.objects
        after = page.next


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


def described(info: ObjectInfo) -> dict[str, object]:
    modified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(info.modified))
    return {"key": info.key, "size": info.size, "modified": modified, "etag": info.etag}


def object_line(line: dict[str, object]) -> str:
    if "prefix" in line:
        return f"{'':33}{printable(str(line['prefix']))}"
    return f"{line['modified']}  {line['size']:>10}  {printable(str(line['key']))}"


def printable(key: str) -> str:
    """A key as one line of a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in key)


def show(lines: list[dict[str, object]], as_json: bool, spelled: Callable[[dict[str, object]], str]) -> None:
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    for line in lines:
        click.echo(spelled(line))


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
    with local_errors(path), path.open("rb") as file:
        kind = mimetypes.guess_type(path.name)[0] or OCTETS
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
    good, clashing = [], []
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
    _, source = store.open(bucket, info.key)
    try:
        with source, half.open("wb") as file:
            while block := source.read(BLOCK):
                file.write(block)
                progress.add(len(block))
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
    for info in infos:
        copy_object(store, source.bucket, info, target.below(relative_to(source, info)), progress)


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
