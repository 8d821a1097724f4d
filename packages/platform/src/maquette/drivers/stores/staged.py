"""Takes files out of a folder that an untrusted run writes: never through a link, never somebody else's file."""

# Paths are plain strings here: they are made by the thousand, and shared with the SDK.
from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from maquette.kernel.errors import BadInput, NotFound

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Staging:
    """Folders that files are taken from, each opened once, step by step from the root without following links.

    The run may rename and replace anything in there at any moment, so a path is never looked up twice:
    names are used below a folder that is already open, and a file is judged again once it lies where
    the run cannot reach it.
    """

    def __init__(self) -> None:
        self._folders: dict[str, int] = {}

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        for folder in self._folders.values():
            os.close(folder)

    def take(self, path: Path, target: str) -> tuple[int, int]:
        """Move the file to `target`, a new name in a folder of ours, make it plain (mode 0644), and tell its owner."""
        above, slash, name = str(path).rpartition("/")
        if not slash:
            raise BadInput(f"'{path}' is not a plain absolute path. Name files below the staging folder.")
        with _told(path):
            folder = self._folder(above)
            before = _judged(path, os.stat(name, dir_fd=folder, follow_symlinks=False))
            try:
                os.rename(name, target, src_dir_fd=folder)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _copy(path, folder, target)
                os.unlink(name, dir_fd=folder)
                return os.geteuid(), os.getegid()
            try:
                after = _judged(path, os.lstat(target))
                if (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino):
                    raise BadInput(f"'{path.name}' was exchanged while it was handed over. Hand it over again.")
            except BadInput:
                os.unlink(target)
                raise
        if stat.S_IMODE(after.st_mode) != 0o644:
            os.chmod(target, 0o644)
        return after.st_uid, after.st_gid

    def _folder(self, path: str) -> int:
        if path not in self._folders:
            above, slash, name = path.rpartition("/")
            if path and (not slash or name == ".."):  # Path leaves `..` in, but neither `.` nor `//`
                raise BadInput(f"'{path}' is not a plain absolute path. Name files below the staging folder.")
            if not path:
                self._folders[path] = os.open("/", _FOLDER)
            else:
                self._folders[path] = os.open(name, _FOLDER, dir_fd=self._folder(above))
        return self._folders[path]


def _judged(path: Path, status: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(f"'{path.name}' is not a regular file. Hand over files only, no links or devices.")
    if status.st_nlink != 1:
        raise BadInput(f"'{path.name}' has {status.st_nlink} hard links. Hand over a copy of its own.")
    return status


def _copy(path: Path, folder: int, target: str) -> None:
    source = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with open(source, "rb") as reader:
        _judged(path, os.fstat(source))
        with open(target, "xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
    os.chmod(target, 0o644)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"There is no file '{path.name}' in the staging folder. Write it there first.") from None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        raise BadInput(f"The way to '{path.name}' leads through a link. Hand over plain files only.") from None
