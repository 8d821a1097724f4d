"""What `mox.file` tells of files and directories, here and in buckets, without changing them."""

from __future__ import annotations

import fnmatch
import glob as local_glob
import os
import re
import stat as modes
from typing import Any, Callable, Iterator, List, Optional, Tuple

from .buckets import bucket
from .errors import no_directory, no_object
from .paths import Remote, remote
from .stream import File

_MAGIC = re.compile(r"[*?[]")


def read(url: Any, client_id: Any = None, binary: bool = False, exist_check: bool = False, **options: Any) -> Any:
    """The whole file as text, or as bytes with `binary=True`."""
    with File(url, "rb" if binary else "r") as file:
        return file.read()


def exists(url: Any, client_id: Any = None) -> bool:
    """Whether there is such a file or directory; a directory of a bucket is what keys begin with."""
    place = remote(url)
    if place is None:
        return os.path.exists(url)
    home = bucket(place.bucket)
    return (not place.slash and home.find(place.key) is not None) or home.has_directory(place.key)


def is_directory(url: Any, client_id: Any = None) -> bool:
    """Whether this is a directory; False for a file and for nothing."""
    place = remote(url)
    if place is None:
        return os.path.isdir(url)
    return bucket(place.bucket).has_directory(place.key)


isdir = is_directory  # the name that Huawei's page on advanced usage has


def is_file(url: Any) -> bool:
    """Whether this is a file (what a shifted os.path.isfile asks)."""
    place = remote(url)
    if place is None:
        return os.path.isfile(url)
    return not place.slash and bucket(place.bucket).find(place.key) is not None


def list_directory(
    url: Any,
    recursive: bool = False,
    remove_sep: bool = True,
    skip_file: bool = False,
    skip_dir: bool = False,
    client_id: Any = None,
    **options: Any,
) -> List[str]:
    """Names in a directory, relative to it and sorted; with `recursive` also those further below, as `dir/name`.

    Directories end with a slash only with `remove_sep=False`. A missing directory is an error, as for os.listdir.
    """
    names = []
    for path, directory in _tree(url, recursive):
        if directory and not skip_dir:
            names.append(path if remove_sep else path + "/")
        elif not directory and not skip_file:
            names.append(path)
    return names


def get_size(url: Any, recursive: bool = False, client_id: Any = None, **options: Any) -> int:
    """Bytes of a file. A bucket's directory has 0 unless `recursive`; a local one is always added up."""
    place = remote(url)
    if place is None:
        return _local_size(url)
    home = bucket(place.bucket)
    path = None if place.slash else home.find(place.key)
    if path is not None:
        return os.path.getsize(path)
    if not home.has_directory(place.key):
        raise no_object(place.bucket, place.key)
    return sum(entry.size for entry in home.scan(_prefix(place))) if recursive else 0


class FileStatus:
    """What `mox.file.stat` tells: `length`, `mtime_nsec`, `is_directory`, and the fields of os.stat by name."""

    def __init__(self, length: int, mtime_nsec: int, is_directory: bool, mode: int) -> None:
        self.length = self.size = self.st_size = length
        self.mtime_nsec = self.st_mtime_ns = self.st_atime_ns = self.st_ctime_ns = mtime_nsec
        self.st_mtime = self.st_atime = self.st_ctime = mtime_nsec / 1e9
        self.is_directory = is_directory
        self.st_mode = mode
        self.st_nlink = 1
        self.st_uid = os.getuid()
        self.st_gid = os.getgid()
        self.st_ino = self.st_dev = 0

    def __repr__(self) -> str:
        told = (self.length, self.mtime_nsec, self.is_directory)
        return "<FileStatus length={} mtime_nsec={} is_directory={}>".format(*told)


def stat(url: Any, client_id: Any = None) -> FileStatus:
    """Size, time and kind of a file or directory; MoxFileNotExistsException for a missing one of a bucket."""
    place = remote(url)
    if place is None:
        return _status(os.stat(url))
    home = bucket(place.bucket)
    path = None if place.slash else home.find(place.key)
    if path is not None:
        return _status(os.stat(path))
    if not home.has_directory(place.key):
        raise no_object(place.bucket, place.key)
    return FileStatus(0, 0, True, modes.S_IFDIR | 0o755)


class Entry:
    """An os.DirEntry of a bucket."""

    def __init__(self, folder: str, name: str, directory: bool) -> None:
        self.name = name
        self.path = os.path.join(folder, name)
        self._directory = directory

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self._directory

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return not self._directory

    def is_symlink(self) -> bool:
        return False

    def stat(self, *, follow_symlinks: bool = True) -> FileStatus:
        return stat(self.path)

    def inode(self) -> int:
        return 0

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return "<DirEntry {!r}>".format(self.name)


class Entries:
    """The iterator of scan_dir; like os.scandir's it may be used in a `with` block."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[Entry]:
        return self

    def __next__(self) -> Entry:
        return next(self._entries)

    def __enter__(self) -> Entries:
        return self

    def __exit__(self, *problem: Any) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def scan_dir(url: Any, client_id: Any = None) -> Any:
    """The entries of a directory, like os.scandir."""
    if remote(url) is None:
        return os.scandir(url)
    folder = os.fspath(url)
    listed = list(_tree(url, False))
    return Entries(Entry(folder, name, directory) for name, directory in listed)


def walk(
    url: Any,
    topdown: bool = True,
    onerror: Optional[Callable[[OSError], Any]] = None,
    followlinks: bool = False,
    client_id: Any = None,
) -> Iterator[Tuple[str, List[str], List[str]]]:
    """(directory, names of directories, names of files) from the top down; like os.walk, a missing one is empty.

    For a bucket the directories begin with `url` as it was given, and the other arguments say nothing.
    """
    if remote(url) is None:
        return os.walk(url, topdown, onerror, followlinks)
    return _walk_bucket(os.fspath(url))


def glob(url: Any, *args: Any, **options: Any) -> List[str]:
    """Full paths that match the pattern; those of a bucket are URLs, sorted."""
    place = remote(url)
    if place is None:
        return local_glob.glob(url, *args, **options)
    if not _MAGIC.search(place.key):
        return [os.fspath(url)] if exists(url) else []
    deep = bool(options.get("recursive"))
    found = [place._replace(key="")]
    parts = place.key.split("/")
    for index, part in enumerate(parts):
        files_too = index == len(parts) - 1 and not place.slash
        found = [match for folder in found for match in _matches(folder, part, files_too, deep)]
    return sorted(match.url for match in found)


# ── how ──────────────────────────────────────────────────────────────────────────────────────────


def _prefix(place: Remote) -> str:
    return place.key + "/" if place.key else ""


def _tree(url: Any, recursive: bool) -> Iterator[Tuple[str, bool]]:
    """(path relative to the directory, whether it is a directory), sorted."""
    place = remote(url)
    if place is None:
        yield from _local_tree(url, "", recursive)
        return
    home = bucket(place.bucket)
    if not home.has_directory(place.key):
        if not place.slash and home.find(place.key):
            raise NotADirectoryError("{} is a file, not a directory.".format(place.url))
        raise no_directory(place.bucket, place.key)
    start = len(_prefix(place))
    told = set()
    for entry in home.scan(_prefix(place), "" if recursive else "/"):
        path = entry.key[start:]
        for folder in _folders_of(path):
            if folder not in told:
                told.add(folder)
                yield folder, True
        if path and not path.endswith("/"):
            yield path, False


def _folders_of(path: str) -> Iterator[str]:
    """`a/b/c` lies in `a` and `a/b`; `a/b/` is itself a folder."""
    at = path.find("/")
    while at >= 0:
        if at:
            yield path[:at]
        at = path.find("/", at + 1)


def _local_tree(folder: Any, above: str, recursive: bool) -> Iterator[Tuple[str, bool]]:
    with os.scandir(folder) as items:
        listed = sorted(items, key=lambda item: item.name)
    for item in listed:
        directory = item.is_dir()
        yield above + item.name, directory
        if directory and recursive and not item.is_symlink():
            yield from _local_tree(item.path, above + item.name + "/", True)


def _local_size(path: Any) -> int:
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(top, name)) for top, _, names in os.walk(path) for name in names)


def _status(found: os.stat_result) -> FileStatus:
    return FileStatus(found.st_size, found.st_mtime_ns, modes.S_ISDIR(found.st_mode), found.st_mode)


def _walk_bucket(top: str) -> Iterator[Tuple[str, List[str], List[str]]]:
    if not is_directory(top):
        return
    listed = list(_tree(top, False))
    folders = [name for name, directory in listed if directory]
    yield top, folders, [name for name, directory in listed if not directory]
    for name in folders:
        yield from _walk_bucket(os.path.join(top, name))


def _matches(folder: Remote, part: str, files_too: bool, deep: bool) -> Iterator[Remote]:
    """Places in a directory whose name fits one part of a pattern, and can hold the rest of it."""
    home = bucket(folder.bucket)
    if not _MAGIC.search(part):
        place = folder.below(part)
        if home.has_directory(place.key) or (files_too and home.find(place.key)):
            yield place
        return
    if not home.has_directory(folder.key):
        return
    everything = deep and part == "**"
    if everything and not files_too:
        yield folder
    fits = re.compile(fnmatch.translate(part)).match
    for name, directory in _tree(folder.url, everything):
        hidden = name.startswith(".") and not part.startswith(".")
        if (directory or files_too) and not hidden and (everything or fits(name)):
            yield folder.below(name)
