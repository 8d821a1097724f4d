"""Buckets of an S3 or OBS endpoint somewhere: a Maquette's, a cloud's, any that speaks Signature Version 4."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote_plus, urlsplit
from xml.etree import ElementTree

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, S3Error, ServerError

from maquette.drivers.stores.names import check_bucket_name, check_key, no_such_bucket, no_such_key
from maquette.drivers.stores.pieces import Pieces, changed
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, Refused, Unavailable
from maquette.kernel.ports import Listing, ObjectInfo, RemoteStore, Tally

OCTETS = "binary/octet-stream"
PART_BYTES = 16 << 20
CONNECTIONS = 32
_USER = "x-amz-meta-"
_ALREADY = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")
_CHANGED = ("PreconditionFailed", "InvalidRange")
_REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed")


class S3Store(RemoteStore):
    """The endpoint's buckets as one key sees them. Keys with `.` or `..` between slashes cannot be named here."""

    def __init__(self, endpoint: str, access: str, secret: str, region: str = "us-east-1") -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise BadInput(f"'{endpoint}' is no endpoint. Write it like http://127.0.0.1:7789.", field="endpoint")
        self._endpoint = endpoint
        self._client = Minio(
            parts.netloc, access, secret, secure=parts.scheme == "https", region=region,
            http_client=urllib3.PoolManager(
                maxsize=CONNECTIONS, timeout=urllib3.Timeout(connect=10, read=300), retries=urllib3.Retry(2)
            ),
        )  # fmt: skip
        self._pieces = Pieces(self._client, self._told)

    # ── buckets ──────────────────────────────────────────────────────────────────────────────────

    def buckets(self) -> Iterator[str]:
        with self._told():
            return iter(sorted(str(bucket.name) for bucket in self._client.list_buckets()))

    def folder(self, bucket: str) -> Path:
        raise Refused("The buckets of an endpoint are in no folder.", bucket=bucket)

    def make_bucket(self, bucket: str) -> None:
        """S3's first region says nothing of a bucket that one has already, so it is asked for before."""
        check_bucket_name(bucket)
        if bucket in self.buckets():
            raise _exists(bucket)
        with self._told(bucket):
            self._client.make_bucket(bucket)

    def remove_bucket(self, bucket: str) -> None:
        with self._told(bucket):
            self._client.remove_bucket(bucket)

    def has_bucket(self, bucket: str) -> bool:
        check_bucket_name(bucket)
        with self._told(bucket):
            return bool(self._client.bucket_exists(bucket))

    def made_at(self, bucket: str) -> float:
        with self._told(bucket):
            found = next((one for one in self._client.list_buckets() if one.name == bucket), None)
        if found is None:
            raise no_such_bucket(bucket)
        return found.creation_date.timestamp() if found.creation_date else 0.0

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    def head(self, bucket: str, key: str) -> ObjectInfo:
        check_key(bucket, key)
        with self._told(bucket, key):
            found = self._client.stat_object(bucket, key)
        modified = found.last_modified.timestamp() if found.last_modified else 0.0
        return told_of(key, found.size or 0, modified, found.etag or "", cast(Any, found.metadata) or {})

    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        check_key(bucket, key)
        with self._told(bucket, key):
            answer = self._client.get_object(bucket, key)
        headers = answer.headers
        modified = parsedate_to_datetime(headers["last-modified"]).timestamp()
        info = told_of(key, int(headers["content-length"]), modified, headers["etag"].strip('"'), headers)
        return info, cast(BinaryIO, Reading(answer, self._told))

    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = OCTETS,
        metadata: Mapping[str, str] | None = None,
        etag: str = "",
    ) -> ObjectInfo:
        """The endpoint makes the ETag itself."""
        check_key(bucket, key)
        source = cast(BinaryIO, io.BufferedReader(Chunks(chunks), PART_BYTES))
        with self._told(bucket, key):
            self._client.put_object(
                bucket, key, source, -1, content_type, cast(Any, dict(metadata or {})), part_size=PART_BYTES
            )
        return self.head(bucket, key)

    def send_file(self, bucket: str, key: str, path: Path, content_type: str, tally: Tally) -> None:
        check_key(bucket, key)
        self._pieces.send(bucket, key, path, content_type, tally)

    def fetch_file(self, bucket: str, info: ObjectInfo, path: Path, tally: Tally) -> None:
        check_key(bucket, info.key)
        self._pieces.fetch(bucket, info, path, tally)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        for bucket, key in (source, target):
            check_key(bucket, key)
        with self._told(*source):
            self._client.copy_object(target[0], target[1], CopySource(source[0], source[1]))
        return self.head(*target)

    def delete(self, bucket: str, key: str) -> None:
        check_key(bucket, key)
        with self._told(bucket, key):
            self._client.remove_object(bucket, key)

    def list(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        if delimiter not in ("", "/"):
            raise BadInput("Listings end at slashes or nowhere.", field="delimiter")
        query = {
            "list-type": "2", "encoding-type": "url", "max-keys": str(limit), "delimiter": delimiter, "prefix": prefix,
            "start-after": after,
        }  # fmt: skip
        with self._told(bucket):
            # Not its public `list_objects`, which cannot be told where a page ends, and reads a key in 60 µs.
            answer = self._client._execute("GET", bucket, query_params=cast(Any, query))
        try:
            return read_page(answer.data)
        except (ElementTree.ParseError, KeyError, ValueError) as error:
            told = f"What {self._endpoint} answers is no listing of objects ({error}). Is it an S3 endpoint?"
            raise Unavailable(told, endpoint=self._endpoint) from error

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        """Uploads the files and then removes them."""
        for path, key in files:
            with path.open("rb") as file:
                self.put(bucket, key, iter(lambda: file.read(1 << 20), b""))
            path.unlink()

    def delete_many(self, bucket: str, keys: Iterable[str]) -> None:
        with self._told(bucket):
            for failed in self._client.remove_objects(bucket, [DeleteObject(key) for key in keys]):
                raise Refused(f"'{failed.name}' of bucket '{bucket}' cannot be removed: {failed.message}")

    def link(self, method: str, bucket: str, key: str, seconds: int) -> str:
        """An address by which anybody may do this with the object for so long."""
        check_key(bucket, key)
        with self._told(bucket, key):
            return str(self._client.get_presigned_url(method, bucket, key, timedelta(seconds=seconds)))

    # ── what can go wrong ────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _told(self, bucket: str = "", key: str = "") -> Iterator[None]:
        """The endpoint's errors in our words."""
        try:
            yield
        except S3Error as error:
            raise self._translated(error, bucket, key) from error
        except (urllib3.exceptions.HTTPError, ServerError, InvalidResponseError, OSError) as error:
            told = f"The object store at {self._endpoint} does not answer ({error}). Is it running?"
            raise Unavailable(told, endpoint=self._endpoint) from error
        except ValueError as error:
            raise BadInput(f"{str(error).rstrip('.').capitalize()}.", bucket=bucket, key=key) from error

    def _translated(self, error: S3Error, bucket: str, key: str) -> MaquetteError:
        code, message = str(error.code), str(error.message)
        if code == "NoSuchBucket":
            return no_such_bucket(bucket)
        if code in ("NoSuchKey", "NoSuchObject"):
            return no_such_key(bucket, key)
        if code in _ALREADY:
            return _exists(bucket)
        if code == "BucketNotEmpty":
            told = f"Bucket '{bucket}' is not empty. Empty it with `maquette rm -r obs://{bucket}/`."
            return Conflict(told, bucket=bucket)
        if code in _CHANGED:
            return changed(bucket, key)
        if code in _REFUSED:
            return Refused(message, code=code)
        return MaquetteError(f"{self._endpoint} says {code}: {message}", code=code)


def _exists(bucket: str) -> Conflict:
    return Conflict(f"Bucket '{bucket}' exists already. Use it, or choose another name.", bucket=bucket)


def read_page(document: bytes) -> Listing:
    """What a ListBucketResult tells, names percent-encoded."""
    infos, prefixes, truncated = [], [], False
    for element in ElementTree.fromstring(document):
        kind = element.tag.rpartition("}")[2]
        if kind == "Contents":
            found = {field.tag.rpartition("}")[2]: field.text or "" for field in element}
            modified = datetime.fromisoformat(found["LastModified"]).timestamp()
            infos.append(ObjectInfo(as_said(found["Key"]), int(found["Size"]), modified, found["ETag"].strip('"')))
        elif kind == "CommonPrefixes":
            prefixes += [as_said(field.text or "") for field in element]
        elif kind == "IsTruncated":
            truncated = element.text == "true"
    last = max([*(info.key for info in infos[-1:]), *prefixes[-1:]], default=None)
    return Listing(tuple(infos), tuple(prefixes), last if truncated else None)


def as_said(name: str) -> str:
    return unquote_plus(name) if "%" in name or "+" in name else name


def told_of(key: str, size: int, modified: float, etag: str, headers: Mapping[str, str]) -> ObjectInfo:
    lower = {name.lower(): value for name, value in headers.items()}
    user = {name.removeprefix(_USER): value for name, value in lower.items() if name.startswith(_USER)}
    return ObjectInfo(key, size, modified, etag, lower.get("content-type", OCTETS), user)


class Chunks(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._chunks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class Reading:
    """An answer as a file; closing it gives its connection back."""

    def __init__(self, answer: Any, told: Callable[[], Any]) -> None:
        self._answer = answer
        self._told = told

    def read(self, size: int = -1) -> bytes:
        with self._told():
            return bytes(self._answer.read(None if size < 0 else size))

    def close(self) -> None:
        self._answer.close()
        self._answer.release_conn()

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
