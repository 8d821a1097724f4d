"""Files to and from an endpoint; large ones in pieces, of which several travel at the same time."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import Any, TypeVar

from minio import Minio
from minio.datatypes import Part
from urllib3 import BaseHTTPResponse

from maquette.kernel.errors import Conflict, MaquetteError, Unavailable
from maquette.kernel.ports import ObjectInfo, Tally

PIECE_BYTES = 8 << 20
AT_ONCE = 4
MOST_PIECES = 10_000
_BLOCK = 256 << 10
_NO_ROOM_AHEAD = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)

T = TypeVar("T")
R = TypeVar("R")


class Pieces:
    """Moves files by one client; `told` puts what goes wrong at the endpoint into our words.

    A piece on its way up lies in memory, so that no more than AT_ONCE travel, of however many files.
    """

    def __init__(self, client: Minio, told: Callable[[str, str], AbstractContextManager[None]]) -> None:
        self._client = client
        self._told = told
        self._threads = ThreadPoolExecutor(AT_ONCE, "pieces")

    # ── up ───────────────────────────────────────────────────────────────────────────────────────

    def send(self, bucket: str, key: str, path: Path, content_type: str, tally: Tally) -> None:
        """As large as the file was at the beginning, however it grows."""
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size > PIECE_BYTES:
                self._send_large(bucket, key, file.fileno(), size, content_type, tally)
                return
            data = _read(file.fileno(), 0, PIECE_BYTES)
        with self._told(bucket, key):
            self._client._put_object(bucket, key, data, {"Content-Type": content_type})
        tally(len(data))

    def _send_large(self, bucket: str, key: str, file: int, size: int, content_type: str, tally: Tally) -> None:
        # Not its public `put_object`, which reads and sums up the parts of a stream one after another.
        client, piece = self._client, max(PIECE_BYTES, -(-size // MOST_PIECES))
        with self._told(bucket, key):
            upload = client._create_multipart_upload(bucket, key, {"Content-Type": content_type})
        room = Semaphore(max(AT_ONCE * PIECE_BYTES // piece, 1))

        def send_one(first: int) -> Part:
            number, wanted = first // piece + 1, min(piece, size - first)
            with room:
                data = _read(file, first, wanted)
                if len(data) < wanted:
                    raise Conflict(f"The file of '{key}' became shorter while it was copied. Copy it again.", key=key)
                with self._told(bucket, key):
                    etag = client._upload_part(bucket, key, data, None, upload, number)
            tally(wanted)
            return Part(number, etag)

        try:
            parts = self._all(send_one, range(0, size, piece))
            with self._told(bucket, key):
                etag = client._complete_multipart_upload(bucket, key, upload, parts).etag
        except BaseException:
            with contextlib.suppress(MaquetteError), self._told(bucket, key):
                client._abort_multipart_upload(bucket, key, upload)
            raise
        self._check(bucket, key, size, etag or "")

    def _check(self, bucket: str, key: str, size: int, etag: str) -> None:
        """Each part was held against its checksum; that all of them are there the endpoint says at the end."""
        with self._told(bucket, key):
            found = self._client.stat_object(bucket, key)
        if (found.size, found.etag) != (size, etag.strip('"')):
            told = f"Object '{key}' of bucket '{bucket}' is not what was sent: somebody else wrote it. Copy it again."
            raise Conflict(told, bucket=bucket, key=key)

    # ── down ─────────────────────────────────────────────────────────────────────────────────────

    def fetch(self, bucket: str, info: ObjectInfo, path: Path, tally: Tally) -> None:
        """The object; a large one as `info` tells it, or Conflict where it has changed."""
        with path.open("wb", buffering=0) as file:
            into = file.fileno()
            if info.size <= PIECE_BYTES:
                self._fetch_small(bucket, info.key, into, tally)
                return
            _keep_room(into, info.size)
            self._all(partial(self._fetch_piece, bucket, info, into, tally), range(0, info.size, PIECE_BYTES))

    def _fetch_small(self, bucket: str, key: str, into: int, tally: Tally) -> None:
        at = 0
        with self._told(bucket, key):
            answer = self._client.get_object(bucket, key)
        for block in self._blocks(bucket, key, answer):
            _write(into, block, at)
            at += len(block)
            tally(len(block))

    def _fetch_piece(self, bucket: str, info: ObjectInfo, into: int, tally: Tally, first: int) -> None:
        """A connection that breaks is taken up where it broke, as long as it brings anything."""
        at, end = first, min(first + PIECE_BYTES, info.size)
        while at < end:
            begun = at
            try:
                for block in self._blocks(bucket, info.key, self._range(bucket, info, at, end)):
                    _write(into, block, at)
                    at += len(block)
                    tally(len(block))
            except Unavailable:
                if at == begun:
                    raise

    def _range(self, bucket: str, info: ObjectInfo, first: int, end: int) -> BaseHTTPResponse:
        same: Any = {"If-Match": f'"{info.etag}"'} if info.etag else {}
        with self._told(bucket, info.key):
            answer = self._client.get_object(bucket, info.key, first, end - first, request_headers=same)
        if answer.headers.get("content-range") != f"bytes {first}-{end - 1}/{info.size}":
            answer.close()
            raise changed(bucket, info.key)
        return answer

    def _blocks(self, bucket: str, key: str, answer: BaseHTTPResponse) -> Iterator[bytes]:
        with contextlib.closing(answer):
            while True:
                with self._told(bucket, key):
                    block = answer.read(_BLOCK)
                if not block:
                    return
                yield block

    # ── both ─────────────────────────────────────────────────────────────────────────────────────

    def _all(self, work: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """The first that fails ends it, once what is under way has ended."""
        futures = [self._threads.submit(work, thing) for thing in things]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed = next((error for error in (future.exception() for future in done) if error), None)
            if failed:
                raise failed
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
            wait(futures)


def changed(bucket: str, key: str) -> Conflict:
    return Conflict(f"Object '{key}' of bucket '{bucket}' changed while it was copied. Copy it again.", key=key)


def _read(file: int, first: int, count: int) -> bytes:
    """So many bytes, or all up to the end of the file."""
    found = os.pread(file, count, first)
    while len(found) < count and (more := os.pread(file, count - len(found), first + len(found))):
        found += more
    return found


def _write(file: int, block: bytes, at: int) -> None:
    rest = memoryview(block)
    while rest:
        written = os.pwrite(file, rest, at)
        at += written
        rest = rest[written:]


def _keep_room(file: int, size: int) -> None:
    """A disk that is too full says so at once; not every file system can be asked."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno not in _NO_ROOM_AHEAD:
            raise
