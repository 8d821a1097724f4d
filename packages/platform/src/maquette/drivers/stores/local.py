"""Buckets as folders of one folder, and folders elsewhere that stand for a bucket."""

# Paths are plain strings here: they are made by the thousand, and shared with the SDK.
from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import md5
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from maquette.drivers.stores import records
from maquette.drivers.stores.halves import Half, begin, copy_bytes, half_name, object_of, remove, sweep
from maquette.drivers.stores.names import check_bucket_name, check_key, no_such_bucket, no_such_key
from maquette.drivers.stores.records import Record
from maquette.drivers.stores.sentences import say
from maquette.drivers.stores.staged import Staging
from maquette.kernel.errors import BadInput, Conflict, Refused, Unavailable
from maquette.kernel.ports import ACL_KEY, Listing, ObjectInfo
from maquette_sdk import objects

OCTETS = "binary/octet-stream"
_BLOCK = 1 << 20
_ABANDONED_SECONDS = 60.0
_LOOKS = 3
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOENT)


@dataclass(frozen=True)
class Alias:
    """A folder anywhere that stands for a bucket. Links inside it are followed: its owner made them."""

    path: Path
    writable: bool = False


class LocalStore:
    """A bucket is a folder below `root`; keys lie in it as `maquette_sdk.objects` says. With `only`, no other bucket
    below `root` is there, and none can be made."""

    def __init__(
        self, root: Path, aliases: Mapping[str, Alias] | None = None, only: Collection[str] | None = None
    ) -> None:
        self._root = root
        self._prefix = f"{root}/"
        self._only = only
        self._aliases = dict(aliases or {})
        self._swept: dict[str, float] = {}
        for bucket, alias in self._aliases.items():
            check_bucket_name(bucket)
            if not alias.path.is_dir():
                raise BadInput(f"'{alias.path}' is to stand for bucket '{bucket}', but is not a folder.", bucket=bucket)

    # ── buckets ──────────────────────────────────────────────────────────────────────────────────

    def buckets(self) -> Iterator[str]:
        own: Iterable[Path] = self._root.iterdir() if self._root.is_dir() else ()
        names = {path.name for path in own if objects.is_bucket_name(path.name) and self._is_own(path.name)}
        return iter(sorted(names | set(self._aliases)))

    def folder(self, bucket: str) -> Path:
        """The folder that holds the bucket's objects as files."""
        return Path(self._folder(bucket))

    def make_bucket(self, bucket: str) -> None:
        check_bucket_name(bucket)
        if self._only is not None:
            raise Refused("Buckets cannot be made here. Make them with `maquette mb`.", bucket=bucket)
        folder = self._root / bucket
        with _told(bucket):
            if bucket in self._aliases or folder.exists():
                raise Conflict(f"Bucket '{bucket}' exists already. Use it, or choose another name.", bucket=bucket)
            self._root.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir()
            except FileExistsError:
                raise Conflict(f"Bucket '{bucket}' exists already. Use it, or choose another name.") from None
            objects.give_to_owner(str(self._root), str(folder))
            # Its modification time keeps the day: that of the folder itself changes with what is put in.
            objects.make_folders(str(folder), f"{folder}/{objects.RESERVED}/made")

    def made_at(self, bucket: str) -> float:
        """When the bucket was made; for a folder that was not made here, when it last changed."""
        root = self._folder(bucket)
        with contextlib.suppress(FileNotFoundError):
            return os.stat(f"{root}/{objects.RESERVED}/made").st_mtime
        return os.stat(root).st_mtime

    def remove_bucket(self, bucket: str) -> None:
        root = self._folder(bucket)
        if bucket in self._aliases:
            raise Refused(f"Bucket '{bucket}' is the folder {root}. Remove the folder itself.", bucket=bucket)
        with _told(bucket):
            _check_empty(bucket, root)
            # Out of sight, then look again: what is put meanwhile must not be deleted with the bucket.
            gone = f"{self._root}/{objects.RESERVED}/removed/{uuid.uuid4().hex}"
            objects.make_folders(str(self._root), os.path.dirname(gone))
            os.rename(root, gone)
            try:
                _check_empty(bucket, gone)
            except Conflict:
                os.rename(gone, root)
                raise
            shutil.rmtree(gone)

    def has_bucket(self, bucket: str) -> bool:
        check_bucket_name(bucket)
        return bucket in self._aliases or self._is_own(bucket)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def head(self, bucket: str, key: str) -> ObjectInfo:
        root = self._folder(bucket)
        check_key(bucket, key)
        path = objects.find(root, key)
        if path:
            with contextlib.suppress(FileNotFoundError), _told(bucket):
                return _info(root, key, path, os.stat(path))
        raise no_such_key(bucket, key)

    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        """The object as it is now: what comes after does not change what this file reads."""
        root = self._folder(bucket)
        check_key(bucket, key)
        for _ in range(_LOOKS):
            path = objects.find(root, key)
            if not path:
                break
            # Between the two looks another key may have made a folder of it, and the object have moved aside.
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError), _told(bucket):
                file = open(path, "rb", buffering=0)  # noqa: SIM115  the caller closes it
                return _info(root, key, file.fileno(), os.fstat(file.fileno())), file
        raise no_such_key(bucket, key)

    def list(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        root = self._folder(bucket)
        with _told(bucket):
            found = objects.scan(root, prefix, delimiter, after)
            page = list(islice(found, limit))
            more = bool(page) and next(found, None) is not None
            beside = records.has_files(root)
            infos = tuple(
                _info(root, entry.key, entry.path, entry.status, beside) for entry in page if entry.status is not None
            )
        prefixes = tuple(entry.key for entry in page if entry.is_prefix)
        return Listing(infos, prefixes, page[-1].key if more else None)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = OCTETS,
        metadata: Mapping[str, str] | None = None,
        etag: str = "",
    ) -> ObjectInfo:
        """An object of these bytes; its ETag is their MD5 unless one is given."""
        root = self._writable(bucket)
        check_key(bucket, key)
        digest = None if etag else md5(usedforsecurity=False)
        with _told(bucket, root), self._half(root) as half:
            for chunk in chunks:
                half.write(chunk)
                if digest:
                    digest.update(chunk)
            return half.finish(key, Record(digest.hexdigest() if digest else etag, content_type, metadata or {}))

    def adopt(
        self, bucket: str, key: str, path: Path, content_type: str, metadata: Mapping[str, str], etag: str
    ) -> ObjectInfo:
        """The file itself, under another name besides, where both names can be on one file system."""
        root = self._writable(bucket)
        check_key(bucket, key)
        with _told(bucket, root):
            known = objects.find(root, key)
            if known and os.path.samefile(known, path) and (info := self.head(bucket, key)).etag == etag:
                return info  # it was adopted, and nobody has told
            half = half_name(self._halves(root))
            try:
                os.link(path, half)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                with path.open("rb") as source:
                    return self.put(bucket, key, iter(partial(source.read, _BLOCK), b""), content_type, metadata, etag)
            file = os.open(half, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.utime(file)  # it is new now, whenever its bytes came
                return Half(root, half, file).finish(key, Record(etag, content_type, metadata))
            finally:
                os.close(file)
                remove(half)  # where the key was this very file already, renaming has done nothing

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        """The same bytes, ETag, type and metadata under another name, but not its ACL."""
        bucket, key = target
        root = self._writable(bucket)
        check_key(bucket, key)
        info, reader = self.open(*source)
        with reader, _told(bucket, root), self._half(root) as half:
            copy_bytes(reader.fileno(), half.file, info.size)
            etag = "" if info.etag.endswith("-0") else info.etag
            metadata = {name: value for name, value in info.metadata.items() if name != ACL_KEY}
            return half.finish(key, Record(etag, info.content_type, metadata))

    def describe(
        self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]], content_type: str = ""
    ) -> None:
        """The record of this very file: of an object that is put meanwhile nothing is changed."""
        root = self._writable(bucket)
        _, file = self.open(bucket, key)
        with file, _told(bucket):
            status = os.fstat(file.fileno())
            known = records.read(root, key, file.fileno(), status)
            other = replace(known, metadata=change(known.metadata), content_type=content_type or known.content_type)
            records.change(root, key, file.fileno(), status, other)

    def delete(self, bucket: str, key: str) -> None:
        """Whatever the key holds is gone afterwards; a missing key is no error."""
        root = self._writable(bucket)
        check_key(bucket, key)
        with _told(bucket):
            objects.remove(root, key)
            records.forget(root, key)

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        """Move complete files that an untrusted run has written into the bucket; see `staged`."""
        root = self._writable(bucket)
        for _, key in files:
            check_key(bucket, key)
        with _told(bucket), Staging() as staging:
            halves = self._halves(root)
            objects.make_folders(root, halves)
            landing, recorded = objects.Landing(root), records.has_files(root)
            for path, key in files:
                half = half_name(halves)
                try:
                    owner = staging.take(path, half)
                    records.strip(half)
                    if recorded:
                        records.forget(root, key)
                    landing.install(half, key, owner)
                except BaseException:
                    remove(half)
                    raise

    # ── inside a bucket ──────────────────────────────────────────────────────────────────────────

    def _is_own(self, bucket: str) -> bool:
        return (self._only is None or bucket in self._only) and os.path.isdir(self._prefix + bucket)

    def _folder(self, bucket: str) -> str:
        if not self.has_bucket(bucket):
            raise no_such_bucket(bucket)
        return str(self._aliases[bucket].path) if bucket in self._aliases else self._prefix + bucket

    def _writable(self, bucket: str) -> str:
        root = self._folder(bucket)
        if bucket in self._aliases and not self._aliases[bucket].writable:
            raise Refused(
                f"Bucket '{bucket}' is the folder {root}, to be read only. Write to another bucket.", bucket=bucket
            )
        return root

    def _halves(self, root: str) -> str:
        """The folder of files on their way to becoming objects."""
        folder = f"{root}/{objects.RESERVED}/half"
        now = time.time()
        if now - self._swept.get(root, 0.0) > _ABANDONED_SECONDS:  # those too young for the last time are not by now
            self._swept[root] = now
            objects.make_folders(root, folder)
            sweep(folder, _ABANDONED_SECONDS)
        return folder

    @contextlib.contextmanager
    def _half(self, root: str) -> Iterator[Half]:
        """A new file that is removed unless it becomes an object.

        While it is written it is locked, so that others can tell a writer at work from one that was killed.
        """
        path = half_name(self._halves(root))
        try:
            file = begin(path)
        except FileNotFoundError:  # somebody has cleared the reserved folder
            objects.make_folders(root, os.path.dirname(path))
            file = begin(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield Half(root, path, file)
        except BaseException:
            remove(path)
            raise
        finally:
            os.close(file)


def _info(root: str, key: str, file: str | int, status: os.stat_result, beside: bool = True) -> ObjectInfo:
    return object_of(key, status, records.read(root, key, file, status, beside))


def _check_empty(bucket: str, folder: str) -> None:
    if next(objects.scan(folder), None):
        raise Conflict(
            f"Bucket '{bucket}' is not empty. Empty it with `maquette rm -r obs://{bucket}/`.", bucket=bucket
        )


@contextlib.contextmanager
def _told(bucket: str, root: str = "") -> Iterator[None]:
    """Say in a sentence what the file system refused, or that the bucket `root` has been removed meanwhile."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOENT and root and not os.path.isdir(root):
            raise no_such_bucket(bucket) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(say("no_room", bucket=bucket), bucket=bucket, reason="full") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Refused(
                f"The file system refuses '{error.filename or bucket}' of bucket '{bucket}' ({error.strerror}). "
                "Change its permissions.",
                bucket=bucket,
            ) from error
        raise
