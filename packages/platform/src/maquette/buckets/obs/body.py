"""The body of a request: read block by block, taken out of its chunks, and held against what the client says of it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future

from starlette.types import Receive

from maquette.buckets.obs.answers import BLOCK, S3Error
from maquette.buckets.obs.sums import Digest, algorithm_of
from maquette.web import signing
from maquette.web.signing import Signature, Signed

_LINE_LIMIT = 16 * 1024
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_SIZE = re.compile(r"[0-9A-Fa-f]{1,15}\Z")

_PLAIN_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_STREAMED = {_PLAIN_TRAILER, _SIGNED_CHUNKS, f"{_SIGNED_CHUNKS}-TRAILER"}


class Incoming:
    """The body as it arrives: read in the event loop, one block ahead of the thread that iterates it."""

    def __init__(self, receive: Receive, patience: float = math.inf) -> None:
        self._receive = receive
        self._patience = patience
        self.more = True
        self._first = b""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ahead: Future[bytes] | None = None
        self._ended = False

    async def begin(self) -> None:
        """Read the first block; a small body then costs the thread no further look at the network."""
        self._loop = asyncio.get_running_loop()
        self._first = await self._read()

    @property
    def at_hand(self) -> int:
        """Bytes that have come."""
        return len(self._first)

    def end(self) -> None:
        """Nobody wants the rest: a thread that still waits for it is told."""
        self._ended = True
        if self._ahead is not None:
            self._ahead.cancel()

    async def _read(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(None) as waiting:
                while self.more and size < BLOCK:
                    if self._patience != math.inf:
                        waiting.reschedule(asyncio.get_running_loop().time() + self._patience)
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        raise S3Error("IncompleteBody", "The connection ended before the body did.")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    self.more = message.get("more_body", False)
        except TimeoutError:
            told = f"Nothing came for {self._patience:.0f} seconds, and the body has not ended. Send it again."
            raise S3Error("RequestTimeout", told, headers={"connection": "close"}) from None
        return b"".join(parts)

    def __iter__(self) -> Iterator[bytes]:
        block, self._first = self._first, b""
        while block or self.more:
            self._read_ahead()
            yield block
            try:
                block = self._ahead.result() if self._ahead else b""
            except CancelledError:
                raise S3Error("IncompleteBody", "The request was broken off before its body had come.") from None

    def _read_ahead(self) -> None:
        self._ahead = None
        if self.more and self._loop:
            self._ahead = asyncio.run_coroutine_threadsafe(self._read(), self._loop)
            if self._ended:
                self._ahead.cancel()


class Content:
    """The bytes that the client meant, checked: iterating raises S3Error at the end if anything does not fit.

    `verified` holds the checksum headers that were found right; it is filled when all has been read.
    """

    def __init__(self, request: Signed, blocks: Iterable[bytes], signature: Signature | None, key: bytes) -> None:
        self._request = request
        self._payload = signature.payload if signature else signing.UNSIGNED
        self._trailer: dict[str, str] = {}
        self.verified: dict[str, str] = {}
        self.is_summed = True  # its checksums are those of something else where a call says so
        if self._payload in _STREAMED:
            signed_by = signature if self._payload != _PLAIN_TRAILER else None
            self._blocks: Iterable[bytes] = Chunks(blocks, self._trailer, signed_by, key)
        elif self._payload == signing.UNSIGNED or _HASH.match(self._payload):
            self._blocks = blocks
        else:
            raise S3Error("NotImplemented", f"Bodies signed as {self._payload} are not taken. Sign the whole body.")

    @property
    def announced(self) -> int:
        """How many bytes the client says that there are; 0 where it does not."""
        name = "x-amz-decoded-content-length" if self._payload in _STREAMED else "content-length"
        told = (self._request.header(name) or "").strip()
        return int(told) if told.isdecimal() and len(told) <= 18 else 0

    def brings(self, header: str) -> bool:
        """Whether the body comes with this checksum, in front of it or behind."""
        return header in self._told()

    def __iter__(self) -> Iterator[bytes]:
        sums = self._sums()
        whole = hashlib.sha256() if _HASH.match(self._payload) else None
        md5 = hashlib.md5(usedforsecurity=False) if self._request.header("content-md5") is not None else None
        size = 0
        for block in self._blocks:
            size += len(block)
            for digest in (whole, md5, *sums.values()):
                if digest:
                    digest.update(block)
            yield block
        self._check_size(size)
        if whole and whole.hexdigest() != self._payload:
            raise S3Error("XAmzContentSHA256Mismatch", "The body does not have the SHA-256 that was signed.")
        if md5:
            self._check_md5(md5.digest())
        self._check_sums(sums)

    def _sums(self) -> dict[str, Digest]:
        """The checksums that this body comes with and that are known here."""
        told = sorted(self._told()) if self.is_summed else ()
        return {name: found.new() for name in told if (found := algorithm_of(name))}

    def _told(self) -> set[str]:
        told = {name for name, _ in self._request.headers if name.startswith("x-amz-checksum-")}
        return told | {name.strip().lower() for name in (self._request.header("x-amz-trailer") or "").split(",")}

    def _check_size(self, size: int) -> None:
        name = "x-amz-decoded-content-length" if self._payload in _STREAMED else "content-length"
        told = self._request.header(name)
        if told is not None and told.strip() != str(size):
            raise S3Error("IncompleteBody", f"The body has {size} bytes, not the {told} that {name} says.")

    def _check_md5(self, digest: bytes) -> None:
        try:
            told = base64.b64decode(self._request.header("content-md5") or "", validate=True)
        except binascii.Error:
            told = b""
        if len(told) != len(digest):
            raise S3Error("InvalidDigest", "Content-MD5 must be 16 bytes in base 64.")
        if told != digest:
            raise S3Error("BadDigest", "The body does not have the MD5 that Content-MD5 says.")

    def _check_sums(self, sums: dict[str, Digest]) -> None:
        for name, digest in sums.items():
            told = self._trailer.get(name, self._request.header(name))
            right = base64.b64encode(digest.digest()).decode()
            if told is None:
                raise S3Error("MalformedTrailerError", f"The trailer {name} was announced and did not come.")
            if told.strip() != right:
                raise S3Error("BadDigest", f"The body does not have the checksum that {name} says.")
            self.verified[name] = right


class Chunks:
    """An `aws-chunked` body without its chunk lines; what follows the last chunk goes into `trailer`."""

    def __init__(
        self, blocks: Iterable[bytes], trailer: dict[str, str], signature: Signature | None, key: bytes
    ) -> None:
        self._blocks = iter(blocks)
        self._buffer = b""
        self._trailer = trailer
        self._signature = signature
        self._key = key
        self._previous = signature.value if signature else ""

    def __iter__(self) -> Iterator[bytes]:
        size = -1
        while size:
            number, _, extension = self._line().partition(";")
            if not _SIZE.match(number):
                raise S3Error("InvalidChunkSizeError", "A chunk does not begin with its size.")
            size = left = int(number, 16)
            digest = hashlib.sha256()
            while left:
                piece = self._some(left)
                left -= len(piece)
                if self._signature:
                    digest.update(piece)
                yield piece
            if self._signature:
                self._check(extension.partition("chunk-signature=")[2].strip(), digest.hexdigest())
            if size and self._line():
                raise S3Error("IncompleteBody", "A chunk is longer than it says.")
        self._read_trailer()

    def _read_trailer(self) -> None:
        lines = ""
        while line := self._line(may_end=True):
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "x-amz-trailer-signature":
                self._check_trailer(value, lines)
                lines = ""
                continue
            self._trailer[name] = value
            lines += f"{name}:{value}\n"
        if self._signature and lines:
            raise S3Error("SignatureDoesNotMatch", "The trailer of the body is not signed.")

    def _check(self, told: str, digest: str) -> None:
        assert self._signature
        right = signing.sign(self._key, signing.chunk_text(self._signature, self._previous, digest))
        if not signing.same(told, right):
            raise S3Error("SignatureDoesNotMatch", "The signature of a chunk does not fit its bytes.")
        self._previous = right

    def _check_trailer(self, told: str, lines: str) -> None:
        if not self._signature:
            return
        right = signing.sign(self._key, signing.trailer_text(self._signature, self._previous, lines))
        if not signing.same(told, right):
            raise S3Error("SignatureDoesNotMatch", "The signature of the body's trailer does not fit it.")

    def _line(self, may_end: bool = False) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_LIMIT:
                raise S3Error("InvalidChunkSizeError", "A chunk's first line is too long.")
            if not self._fill():
                if may_end:
                    break
                raise S3Error("IncompleteBody", "The body ended within a chunk.")
        end = end if end >= 0 else len(self._buffer)
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def _some(self, most: int) -> bytes:
        if not self._buffer and not self._fill():
            raise S3Error("IncompleteBody", "The body ended within a chunk.")
        piece, self._buffer = self._buffer[:most], self._buffer[most:]
        return piece

    def _fill(self) -> bool:
        for block in self._blocks:
            self._buffer += block
            if block:
                return True
        return False
