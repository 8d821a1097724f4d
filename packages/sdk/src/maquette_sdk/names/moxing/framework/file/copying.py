"""`mox.file.copy` and `copy_parallel`: between buckets and this machine, in every direction."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .buckets import Bucket, bucket, copy_in_store, discard, in_a_run
from .copier import Copy, copy_files
from .errors import MoxFileNameDuplicateException, is_a_directory, no_object
from .paths import Remote, join_inside, remote
from .reading import is_directory, is_file

_FILES_A_COMMIT = 500


class Source(NamedTuple):
    """A file to copy: where its bytes lie, and its name relative to the directory that is copied.
    A name that ends with a slash is an empty directory."""

    path: str
    name: str


def copy(src_url: Any, dst_url: Any, client_id: Any = None, **options: Any) -> None:
    """Copies one file; missing folders are made. An existing directory, or a URL that ends with a slash,
    takes the file under its own name. A file copied onto itself stays as it is."""
    source = _one_source(src_url)
    _copy_one(source, src_url, _name_in(dst_url, source.name))


def copy_parallel(
    src_url: Any,
    dst_url: Any,
    file_list: Optional[Iterable[str]] = None,
    threads: int = 16,
    is_processing: bool = True,
    use_queue: bool = True,
    **options: Any,
) -> None:
    """Copies what is in a directory into another, which is made where it is missing and keeps what it has.

    `file_list` names files relative to `src_url`; without it everything is copied. A single file is copied as
    `copy` does. Copying a directory onto itself changes nothing, into itself copies what was there before.
    `threads`, `is_processing` and `use_queue` are taken and say nothing: the copy chooses for itself.
    """
    if is_file(src_url):
        return copy(src_url, dst_url)
    if _same(src_url, dst_url):
        return None
    sources = _sources(src_url, dst_url)
    if file_list is not None:
        sources = iter(_chosen(src_url, list(sources), file_list))
    if not _copy_all(sources, remote(src_url), dst_url):
        logging.warning("No files to copy: %s %s.", src_url, "is empty" if is_directory(src_url) else "does not exist")


def background_sync_copy(src_url: Any, dst_url: Any, seconds: float = 60, **options: Any) -> None:
    """Copies what is new in a local directory every so many seconds, and once more when the script ends."""
    seen: Dict[str, Tuple[int, int]] = {}
    ended = threading.Event()
    process = os.getpid()

    def sync() -> None:
        try:
            changed = _changed(os.fspath(src_url), seen)
            if changed:
                copy_parallel(src_url, dst_url, file_list=changed)
        except (OSError, ValueError) as error:
            seen.clear()
            logging.warning("background_sync_copy of %s waits for the next turn: %s", src_url, error)

    def work() -> None:
        while not ended.wait(seconds):
            sync()

    def end() -> None:
        if process == os.getpid():  # not in a forked child
            ended.set()
            thread.join()
            sync()

    thread = threading.Thread(target=work, name="background_sync_copy", daemon=True)
    thread.start()
    atexit.register(end)


# ── one file ─────────────────────────────────────────────────────────────────────────────────────


def _one_source(url: Any) -> Source:
    place = remote(url)
    if place is None:
        path = os.fspath(url)
        if os.path.isdir(path):
            raise is_a_directory(path)
        return Source(path, os.path.basename(path))
    home = bucket(place.bucket)
    path = None if place.slash else home.find(place.key)
    if path is None:
        raise is_a_directory(place.url) if home.has_directory(place.key) else no_object(place.bucket, place.key)
    return Source(path, place.key[place.key.rfind("/") + 1 :])


def _name_in(url: Any, name: str) -> str:
    """The path that a file of this name gets when it is copied to `url`."""
    text = os.fspath(url)
    return os.path.join(text, name) if text.endswith("/") or is_directory(url) else text


def _copy_one(source: Source, src_url: Any, dst_url: str) -> None:
    if _same(src_url, dst_url):
        return
    place = remote(dst_url)
    if place is not None:
        _put(iter([source._replace(name="")]), remote(src_url), place)
        return
    os.stat(source.path)  # a missing one is told before folders are made for it
    os.makedirs(os.path.dirname(dst_url) or ".", exist_ok=True)
    copy_files([Copy(source.path, dst_url)])


# ── directories ──────────────────────────────────────────────────────────────────────────────────


def _sources(src_url: Any, dst_url: Any) -> Iterator[Source]:
    """What is below `src_url`, without what is in `dst_url`."""
    place, target = remote(src_url), remote(dst_url)
    if place is None:
        folder = os.fspath(src_url)
        own = bucket(target.bucket).folders() if target else [os.fspath(dst_url)]
        found = _local_sources(folder, own)
        return iter(list(found)) if target and _lies_in_one(folder, own) else found
    inside = None
    if target is not None and target.bucket == place.bucket and (target.key + "/").startswith(_prefix(place)):
        inside = target.key + "/"
    found = _bucket_sources(place, inside)
    # A copy that writes where it reads from must know first what was there.
    growing = target is None and _lies_in_one(os.fspath(dst_url), bucket(place.bucket).folders())
    return iter(list(found)) if growing else found


def _bucket_sources(place: Remote, skip: Optional[str]) -> Iterator[Source]:
    start = len(_prefix(place))
    for entry in bucket(place.bucket).scan(_prefix(place)):
        if len(entry.key) > start and not (skip and entry.key.startswith(skip)):
            yield Source(entry.path, entry.key[start:])


def _local_sources(top: str, without: Sequence[str] = ()) -> Iterator[Source]:
    """What is in a local folder and below it, but not in the folders `without`.

    Links are followed as shutil.copytree follows them, but never round in a circle.
    """
    if os.path.isdir(top):
        skip = {_identity(path) for path in without if os.path.isdir(path)} - {_identity(top)}
        yield from _below(top, "", skip)


def _below(folder: str, above: str, skip: Set[Tuple[int, int]]) -> Iterator[Source]:
    own = _identity(folder)
    if own in skip:
        return
    inner = skip | {own}  # a link to a folder that this one lies in would never end
    empty = True
    with os.scandir(folder) as items:
        for item in items:
            empty = False
            if item.is_file():
                yield Source(item.path, above + item.name)
            elif item.is_dir():
                yield from _below(item.path, above + item.name + "/", inner)
            else:
                what = "a link that leads nowhere" if item.is_symlink() else "no ordinary file"
                logging.warning("Not copied: %s is %s.", item.path, what)
    if empty and above:
        yield Source(folder, above)


def _identity(path: str) -> Tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _lies_in_one(path: str, folders: Sequence[str]) -> bool:
    real = os.path.realpath(path) + "/"
    return any(real.startswith(os.path.realpath(folder) + "/") for folder in folders)


def _chosen(src_url: Any, sources: Sequence[Source], file_list: Iterable[str]) -> List[Source]:
    """The sources that a `file_list` names; a folder in it stands for all that is in it."""
    known = {source.name: source for source in sources}
    chosen: Dict[str, Source] = {}
    for name in file_list:
        name = os.path.normpath(os.fspath(name))
        matches = [known[name]] if name in known else [one for one in sources if one.name.startswith(name + "/")]
        if not matches:
            place = remote(os.path.join(os.fspath(src_url), name))
            raise (
                no_object(place.bucket, place.key)
                if place
                else FileNotFoundError("file_list names '{}', which is not in {}.".format(name, src_url))
            )
        chosen.update((one.name, one) for one in matches)
    return list(chosen.values())


def _copy_all(sources: Iterator[Source], origin: Optional[Remote], dst_url: Any) -> int:
    """Copies files into a directory and returns how many there were."""
    target = remote(dst_url)
    if target is not None:
        return _put((source for source in sources if not source.name.endswith("/")), origin, target)
    top = os.fspath(dst_url)
    try:
        os.makedirs(top, exist_ok=True)
        return copy_files(_with_folders(sources, top))
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise MoxFileNameDuplicateException(
            "{} would be a file and a directory at once, which a bucket can hold and a local folder cannot. "
            "Copy to another folder, or rename one of the two.".format(error.filename or top)
        ) from error


def _with_folders(sources: Iterator[Source], top: str) -> Iterator[Copy]:
    """What goes where in a local folder; each file's folder is made before the file is named."""
    made: Set[str] = set()
    for source in sources:
        target = join_inside(top, source.name)
        folder = target[: target.rfind("/")]
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        if not source.name.endswith("/"):
            yield Copy(source.path, target)


# ── into a bucket ────────────────────────────────────────────────────────────────────────────────


def _put(sources: Iterator[Source], origin: Optional[Remote], target: Remote) -> int:
    """Makes objects of files and returns how many there were.

    Their names are added to the target's key; an empty name means that key itself.
    """
    home = bucket(target.bucket)
    home.need_writable(target.key or "/")
    if origin is not None and in_a_run():
        places = [(origin.below(source.name), target.below(source.name)) for source in sources]
        copy_in_store([((one.bucket, one.key), (other.bucket, other.key)) for one, other in places])
        return len(places)
    upload = _Upload(home, target)
    try:
        count = copy_files(upload.stage(sources), upload.take)
        upload.commit()
    except BaseException:
        discard(upload.keys)
        raise
    return count


class _Upload:
    """Staged files on their way to be objects. The first become objects while the last are still copied."""

    def __init__(self, home: Bucket, target: Remote) -> None:
        self.keys: Dict[str, str] = {}
        self._home = home
        self._target = target
        self._ready: List[Tuple[str, str]] = []
        self._committing = threading.Lock()

    def stage(self, sources: Iterator[Source]) -> Iterator[Copy]:
        paths = iter(())  # type: Iterator[str]
        for source in sources:
            path = next(paths, "")
            if not path:
                paths = iter(self._home.stage(min(_FILES_A_COMMIT, len(self.keys) + 1)))
                path = next(paths)
            self.keys[path] = self._target.below(source.name).key
            yield Copy(source.path, path)

    def take(self, batch: List[Copy]) -> None:
        """Makes objects of the files that are ready, when there are many of them and no other thread is at it."""
        self._ready += [(copy.target, self.keys[copy.target]) for copy in batch]
        if len(self._ready) >= _FILES_A_COMMIT and self._committing.acquire(blocking=False):
            try:
                self.commit()
            finally:
                self._committing.release()

    def commit(self) -> None:
        count = len(self._ready)  # others may add at the end meanwhile
        ready, self._ready[:count] = self._ready[:count], []
        if ready:
            self._home.commit(ready)


def _prefix(place: Remote) -> str:
    return place.key + "/" if place.key else ""


def _same(one: Any, other: Any) -> bool:
    first, second = remote(one), remote(other)
    if first is None and second is None:
        return bool(os.path.realpath(os.fspath(one)) == os.path.realpath(os.fspath(other)))
    if first is None or second is None:
        return False
    return (first.bucket, first.key) == (second.bucket, second.key)


def _changed(folder: str, seen: Dict[str, Tuple[int, int]]) -> List[str]:
    """Names of files that have changed since the last look."""
    changed = []
    for source in _local_sources(folder):
        if source.name.endswith("/"):
            continue
        status = os.stat(source.path)
        mark = (status.st_size, status.st_mtime_ns)
        if seen.get(source.name) != mark:
            seen[source.name] = mark
            changed.append(source.name)
    return changed
