"""What a file cannot say of its object: ETag, content type and user metadata.

They are kept in an extended attribute of the file itself: it is written before the file is renamed into place,
so that an object and its record appear in one step, no second file is opened when a folder is listed, and a
record can never be left behind. Where the file system has no such attributes (or too little room for one) the
record is a small file `.maquette/etags/<sha256 of the key>`.
A record counts only while size, modification time and inode are those of the file it was written for.

    16 bytes  the mark: modification time in nanoseconds, low 32 bits of the size, low 32 bits of the inode's number
     1 byte   what follows
          m   MD5 (16 bytes), number of parts or 0 (2 bytes), content type
          3   CRC-32 (4 bytes), then as `m`; of an object of which nothing else is said
          c   CRC-32C (4 bytes), and the same; n   CRC-64/NVME (8 bytes), and the same
          j   [ETag, content type, metadata] as JSON
The first ones fit into what ext4 leaves free in an inode, so that most records take no block of the disk of their own.
"""

# Paths are plain strings here: they are made by the thousand, and shared with the SDK.
from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import re
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5, sha256

from maquette_sdk import objects

ATTRIBUTE = "user.maquette"
# No attributes here, attributes switched off, or no room for this one (ext4 says "no space" for that).
_REFUSED = {errno.ENOTSUP, errno.EPERM, errno.ENOSPC, errno.E2BIG, errno.ERANGE, errno.EDQUOT}
_ABSENT = {errno.ENODATA, errno.ENOTSUP, errno.EPERM}
_MARK = struct.Struct("<qII")
_LOW = 0xFFFFFFFF
_SUMS = {b"3": ("sum:crc32", 4), b"c": ("sum:crc32c", 4), b"n": ("sum:crc64nvme", 8)}
_MD5 = re.compile(r"([0-9a-f]{32})(?:-([1-9]\d{0,3}|10000))?\Z", re.ASCII)


@dataclass(frozen=True)
class Record:
    """`etag` is empty where nobody has read the contents."""

    etag: str = ""
    content_type: str = "binary/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)


def write(root: str, key: str, file: str | int, status: os.stat_result, record: Record) -> None:
    """Keep the record of a complete file (path or descriptor), which is about to become the object `key`."""
    _write(root, key, file, status, record)


def change(root: str, key: str, file: int, status: os.stat_result, record: Record) -> None:
    """Keep another record of the open file of an object."""
    if not _write(root, key, file, status, record):
        strip(file)  # the attribute would be believed


def _write(root: str, key: str, file: str | int, status: os.stat_result, record: Record) -> bool:
    """Whether the record lies with the file itself."""
    data = _mark(status) + _packed(record)
    try:
        os.setxattr(file, ATTRIBUTE, data)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        _write_file(root, _file(root, key), data)
        return False
    return True


def read(root: str, key: str, file: str | int, status: os.stat_result, beside: bool = True) -> Record:
    """The record of a file (path or descriptor); one with an ETag made of its status where none is valid.

    Without `beside` no file of its own is looked for; a listing asks once whether there are any."""
    record = _valid(_attribute(file), status)
    if record is None and beside:
        record = _valid(_content(_file(root, key)), status)
    return effective(record, status) if record else Record(_derived(status))


def effective(record: Record, status: os.stat_result) -> Record:
    """The record as it is told: with an ETag in any case."""
    return record if record.etag else Record(_derived(status), record.content_type, record.metadata)


def has_files(root: str) -> bool:
    """Whether records of this bucket may lie in files of their own."""
    return os.path.isdir(os.path.join(root, objects.RESERVED, "etags"))


def forget(root: str, key: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_file(root, key))


def strip(path: str | int) -> None:
    """Take a record off a file that somebody else made: what it says is not ours."""
    try:
        os.removexattr(path, ATTRIBUTE)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise


def _mark(status: os.stat_result) -> bytes:
    return _MARK.pack(status.st_mtime_ns, status.st_size & _LOW, status.st_ino & _LOW)


def _derived(status: os.stat_result) -> str:
    """The `-0` keeps clients from taking it for an MD5 of the contents, which nobody has read."""
    mark = f"[{status.st_size}, {status.st_mtime_ns}, {status.st_ino}]"
    return md5(mark.encode(), usedforsecurity=False).hexdigest() + "-0"


def _packed(record: Record) -> bytes:
    found = _MD5.match(record.etag)
    if found and len(record.metadata) <= 1:
        digest, parts = bytes.fromhex(found[1]), int(found[2] or 0).to_bytes(2, "big")
        rest = digest + parts + record.content_type.encode("utf-8", "surrogateescape")
        if not record.metadata:
            return b"m" + rest
        if (packed := _packed_sum(*next(iter(record.metadata.items())))) is not None:
            return packed + rest
    content = [record.etag, record.content_type, dict(record.metadata)]
    return b"j" + json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _packed_sum(name: str, value: str) -> bytes | None:
    """Nothing where this is no checksum of a known kind, spelled in the one way that can be told from its bytes."""
    for letter, (known, size) in _SUMS.items():
        with contextlib.suppress(ValueError):
            digest = base64.b64decode(value, validate=True) if name == known else b""
            if len(digest) == size and base64.b64encode(digest).decode() == value:
                return letter + digest
    return None


def _valid(data: bytes | None, status: os.stat_result) -> Record | None:
    if data is None or data[:16] != _mark(status):
        return None
    letter, rest, metadata = data[16:17], data[17:], {}
    if letter in _SUMS:
        name, size = _SUMS[letter]
        metadata, rest = {name: base64.b64encode(rest[:size]).decode()}, rest[size:]
    if letter != b"j":
        return _short(rest, metadata) if letter == b"m" or metadata else None
    try:
        content = json.loads(rest.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None  # written by another program
    match content:
        case [str(etag), str(content_type), dict(metadata)]:
            return Record(etag, content_type, metadata)
    return None


def _short(data: bytes, metadata: dict[str, str]) -> Record | None:
    if len(data) < 18:
        return None
    etag, parts = data[:16].hex(), int.from_bytes(data[16:18], "big")
    return Record(f"{etag}-{parts}" if parts else etag, data[18:].decode("utf-8", "surrogateescape"), metadata)


def _attribute(file: str | int) -> bytes | None:
    try:
        return os.getxattr(file, ATTRIBUTE)
    except OSError as error:
        if error.errno in _ABSENT or error.errno in (errno.ENOENT, errno.EACCES):
            return None
        raise


def _file(root: str, key: str) -> str:
    return os.path.join(root, objects.RESERVED, "etags", sha256(key.encode("utf-8")).hexdigest())


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _write_file(root: str, path: str, data: bytes) -> None:
    objects.make_folders(root, os.path.dirname(path))
    half = f"{path}.{uuid.uuid4().hex}"
    with open(half, "wb") as file:
        file.write(data)
    objects.give_to_owner(os.path.dirname(path), half)
    os.replace(half, path)
