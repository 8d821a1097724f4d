"""Files on their way to becoming objects of a bucket folder."""

# Paths are plain strings here: they are made by the thousand, and shared with the SDK.
from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import time
import uuid
from dataclasses import dataclass

from maquette.drivers.stores import records
from maquette.drivers.stores.records import Record
from maquette.kernel.ports import ObjectInfo
from maquette_sdk import objects

_BLOCK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MODE = 0o644


def half_name(folder: str) -> str:
    return f"{folder}/{objects.RESERVED}-{uuid.uuid4().hex}"


def begin(path: str) -> int:
    """A new file that nobody else has, open for writing."""
    return os.open(path, _NEW, _MODE)


@dataclass(frozen=True)
class Half:
    """A file on its way to becoming an object of the bucket folder `root`; `file` is its open descriptor."""

    root: str
    path: str
    file: int

    def write(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self.file, rest) :]

    def finish(self, key: str, record: Record) -> ObjectInfo:
        """The complete file becomes the object in one step."""
        status = os.fstat(self.file)
        if stat.S_IMODE(status.st_mode) != _MODE:
            os.fchmod(self.file, _MODE)
        records.write(self.root, key, self.file, status, record)
        if objects.rename_into(self.root, self.path, key, (status.st_uid, status.st_gid)):
            return object_of(key, status, records.effective(record, status))
        path = objects.install(self.root, self.path, key)
        with contextlib.suppress(FileNotFoundError):
            after = os.stat(path)
            # On another file system it is another file now, which needs a record of its own.
            if after.st_ino != status.st_ino and after.st_mtime_ns == status.st_mtime_ns:
                records.write(self.root, key, path, after, record)
                status = after
        return object_of(key, status, records.effective(record, status))


def object_of(key: str, status: os.stat_result, record: Record) -> ObjectInfo:
    return ObjectInfo(key, status.st_size, status.st_mtime, record.etag, record.content_type, record.metadata)


def copy_bytes(reader: int, writer: int, size: int) -> None:
    """Let the kernel copy, sharing blocks where the file system can."""
    copy = os.copy_file_range
    done = 0
    while done < size:
        try:
            count = copy(reader, writer, min(size - done, 1 << 30))
        except OSError as error:
            if done or error.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
            with os.fdopen(reader, "rb", closefd=False) as source, os.fdopen(writer, "wb", closefd=False) as target:
                shutil.copyfileobj(source, target, _BLOCK)
            return
        if not count:
            return  # its owner has cut it short
        done += count


def sweep(folder: str, seconds: float) -> None:
    """Remove what killed writers left: files that nobody holds locked and that are not just being made."""
    for item in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            if time.time() - item.stat().st_ctime > seconds:
                with open(item.path, "rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(item.path)


def remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
