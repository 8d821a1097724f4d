"""Buckets in memory, for tests of what stands on a store."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from maquette.drivers.stores.names import check_bucket_name, check_key, no_such_bucket, no_such_key
from maquette.drivers.stores.staged import Staging
from maquette.kernel.errors import Conflict, Refused
from maquette.kernel.ports import ACL_KEY, Listing, ObjectInfo

OCTETS = "binary/octet-stream"


class MemoryStore:
    """A store that is gone with its process."""

    def __init__(self) -> None:
        self._buckets: dict[str, dict[str, tuple[ObjectInfo, bytes]]] = {}
        self._made: dict[str, float] = {}
        self._lock = threading.Lock()

    def buckets(self) -> Iterator[str]:
        return iter(sorted(self._buckets))

    def folder(self, bucket: str) -> Path:
        self._objects(bucket)
        raise Refused(f"Bucket '{bucket}' is kept in memory and has no folder. Read its objects one by one.")

    def make_bucket(self, bucket: str) -> None:
        check_bucket_name(bucket)
        with self._lock:
            if bucket in self._buckets:
                raise Conflict(f"Bucket '{bucket}' exists already. Use it, or choose another name.", bucket=bucket)
            self._buckets[bucket] = {}
            self._made[bucket] = time.time()

    def made_at(self, bucket: str) -> float:
        self._objects(bucket)
        return self._made[bucket]

    def remove_bucket(self, bucket: str) -> None:
        with self._lock:
            if self._objects(bucket):
                raise Conflict(
                    f"Bucket '{bucket}' is not empty. Empty it with `maquette rm -r obs://{bucket}/`.", bucket=bucket
                )
            del self._buckets[bucket]

    def has_bucket(self, bucket: str) -> bool:
        check_bucket_name(bucket)
        return bucket in self._buckets

    def head(self, bucket: str, key: str) -> ObjectInfo:
        return self._object(bucket, key)[0]

    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        info, data = self._object(bucket, key)
        return info, io.BytesIO(data)

    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = OCTETS,
        metadata: Mapping[str, str] | None = None,
        etag: str = "",
    ) -> ObjectInfo:
        self._objects(bucket)
        check_key(bucket, key)
        data = b"".join(chunks)
        tag = etag or md5(data, usedforsecurity=False).hexdigest()
        info = ObjectInfo(key, len(data), time.time(), tag, content_type, dict(metadata or {}))
        self._objects(bucket)[key] = (info, data)
        return info

    def adopt(
        self, bucket: str, key: str, path: Path, content_type: str, metadata: Mapping[str, str], etag: str
    ) -> ObjectInfo:
        return self.put(bucket, key, [path.read_bytes()], content_type, metadata, etag)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        info, data = self._object(*source)
        metadata = {name: value for name, value in info.metadata.items() if name != ACL_KEY}
        return self.put(*target, [data], info.content_type, metadata, info.etag)

    def describe(
        self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]], content_type: str = ""
    ) -> None:
        with self._lock:
            info, data = self._object(bucket, key)
            kind = content_type or info.content_type
            self._buckets[bucket][key] = (
                replace(info, metadata=dict(change(info.metadata)), content_type=kind),
                data,
            )

    def delete(self, bucket: str, key: str) -> None:
        check_key(bucket, key)
        self._objects(bucket).pop(key, None)

    def list(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        with self._lock:
            known = dict(self._objects(bucket))
        found: dict[str, ObjectInfo | None] = {}  # None for a common prefix
        for key in sorted(known):
            if key <= after or not key.startswith(prefix):
                continue
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            name = key if cut < 0 else key[: cut + len(delimiter)]
            if cut < 0 or name != after:
                found[name] = known[key][0] if cut < 0 else None
        page = list(found.items())[:limit]
        return Listing(
            tuple(info for _, info in page if info),
            tuple(name for name, info in page if info is None),
            page[-1][0] if page and len(found) > limit else None,
        )

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        self._objects(bucket)
        for _, key in files:
            check_key(bucket, key)
        with Staging() as staging, TemporaryDirectory() as folder:
            for path, key in files:
                taken = Path(folder, "taken")
                staging.take(path, str(taken))
                self.put(bucket, key, [taken.read_bytes()])
                taken.unlink()

    def _objects(self, bucket: str) -> dict[str, tuple[ObjectInfo, bytes]]:
        if not self.has_bucket(bucket):
            raise no_such_bucket(bucket)
        return self._buckets[bucket]

    def _object(self, bucket: str, key: str) -> tuple[ObjectInfo, bytes]:
        objects = self._objects(bucket)
        check_key(bucket, key)
        if key not in objects:
            raise no_such_key(bucket, key)
        return objects[key]
