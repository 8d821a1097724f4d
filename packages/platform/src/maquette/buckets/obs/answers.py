"""What the endpoint answers: XML documents, errors with the codes that S3 uses, and files."""

from __future__ import annotations

import asyncio
import errno
import re
import sys
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import IO
from xml.sax.saxutils import escape

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from maquette.buckets.obs.threads import begin_in_thread
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
OWNER = "maquette"
BLOCK = 1 << 19
"""Bytes that come and go at a time; for a connection about three times as much is held."""

STATUS = {
    "AccessDenied": 403,
    "AccessForbidden": 403,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "InsufficientStorage": 507,
    "InternalError": 500,
    "InvalidAccessKeyId": 403,
    "InvalidBucketState": 409,
    "InvalidRange": 416,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchPublicAccessBlockConfiguration": 404,
    "ReplicationConfigurationNotFoundError": 404,
    "NoSuchCORSConfiguration": 404,
    "NoSuchKey": 404,
    "NoSuchLifecycleConfiguration": 404,
    "NoSuchTagSet": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "NoSuchWebsiteConfiguration": 404,
    "NotImplemented": 501,
    "NotModified": 304,
    "ObjectLockConfigurationNotFoundError": 404,
    "OwnershipControlsNotFoundError": 404,
    "PositionNotEqualToLength": 409,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "ServerSideEncryptionConfigurationNotFoundError": 404,
    "SignatureDoesNotMatch": 403,
}
"""Codes that are not 400."""


class S3Error(Exception):
    """An answer that is an error; `details` are further elements of its document, `headers` go with it."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = headers or {}
        self.status = STATUS.get(code, 400)


def error_of(error: MaquetteError | OSError) -> S3Error | None:
    """An error of ours, or a full disk, in S3's words; None for what is nobody's mistake but ours."""
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return S3Error("InsufficientStorage", "No room left on the disk of the buckets. Free some space.")
        return None
    details = {
        name: str(error.parameters[field])
        for name, field in (("BucketName", "bucket"), ("Key", "key"))
        if field in error.parameters
    }
    code = _code(error)
    return S3Error(code, error.message, details, {"x-amz-delete-marker": "false"} if code == "NoSuchKey" else None)


def _code(error: MaquetteError) -> str:
    about_key = "key" in error.parameters
    match error:
        case NotFound():
            return "NoSuchKey" if about_key else "NoSuchBucket"
        case BadInput():
            return "KeyTooLongError" if about_key else "InvalidBucketName"
        case Refused():
            return "AccessDenied"
        case Conflict():
            return "OperationAborted"
        case Unavailable() if error.parameters.get("reason") == "full":
            return "InsufficientStorage"
    return "InternalError"


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────


class Xml(str):
    """Text that is XML already."""


# Not allowed in XML 1.0 in any spelling, but for the last; in listings S3 writes them like this all the same, and
# clients that ask for percent-encoding never see it.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]")
_SPECIAL = re.compile(f"[&<>]|{_CONTROL.pattern}")


def tag(name: str, *content: str | int | bool) -> Xml:
    """One element; text in it is escaped, XML is not."""
    return Xml(f"<{name}>{''.join(map(_inside, content))}</{name}>")


def _inside(content: str | int | bool) -> str:
    if isinstance(content, Xml):
        return content
    if isinstance(content, bool):
        return "true" if content else "false"
    return escaped(str(content))


def escaped(text: str) -> str:
    if not _SPECIAL.search(text):
        return text
    return _CONTROL.sub(lambda match: f"&#{ord(match[0])};", escape(text))


def legible(text: str) -> str:
    """A key as a document tells it to a client that knows it: what no XML may hold would make all of it unreadable."""
    return _CONTROL.sub("\ufffd", text)


def document(name: str, *content: str, status: int = 200, namespace: str = NAMESPACE) -> Response:
    """An answer that is one XML document; a few of S3's are in no namespace."""
    begin = f'{name} xmlns="{namespace}"' if namespace else name
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{begin}>{"".join(content)}</{name}>'
    return Response(body.encode("utf-8", "replace"), status, media_type="application/xml")


def error_document(error: S3Error, resource: str, request_id: str) -> Response:
    fields = {"Code": error.code, "Message": error.message, "Resource": resource, "RequestId": request_id}
    inside = "".join(tag(name, legible(text)) for name, text in {**fields, **error.details}.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}</Error>'
    return Response(body.encode("utf-8", "replace"), error.status, dict(error.headers), media_type="application/xml")


def owner(name: str, id: str = OWNER, display: str = OWNER) -> Xml:
    """An owner as clients are told of it: a workspace, where there are such."""
    return tag(name, tag("ID", id), tag("DisplayName", display))


_UNSENDABLE = re.compile("[\x00-\x1f\x7f]+")


def quoted(etag: str) -> str:
    return f'"{etag}"'


def header_text(value: str) -> str:
    """As UTF-8 bytes on the wire: Starlette writes headers as Latin-1. No line ends and the like, no header may."""
    return _UNSENDABLE.sub(" ", value).encode("utf-8", "surrogateescape").decode("latin-1")


def http_date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


def iso_date(seconds: float) -> str:
    whole, milliseconds = divmod(int(seconds * 1000), 1000)
    return f"{_iso_second(whole)}.{milliseconds:03d}Z"


@lru_cache(maxsize=1024)
def _iso_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


# ── files ────────────────────────────────────────────────────────────────────────────────────────


class FileAnswer(Response):
    """Part of an open file, sent block by block; the file is closed at the end, however it comes."""

    def __init__(self, file: IO[bytes], start: int, size: int, status: int, headers: Mapping[str, str]) -> None:
        self._file = file
        self._left = size
        if start:
            file.seek(start)
        # The first block is read here, where a file may be read: most objects need no other.
        self._first = self._read()
        super().__init__(None, status, {**headers, "content-length": str(size)})

    def _read(self) -> bytes:
        block = self._file.read(min(BLOCK, self._left))
        self._left = self._left - len(block) if block else 0
        return block

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reading = None
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            block = self._first
            while self._left:
                reading = begin_in_thread(self._read)
                await send({"type": "http.response.body", "body": block, "more_body": True})
                block = await asyncio.wrap_future(reading)
            await send({"type": "http.response.body", "body": block, "more_body": False})
        finally:
            if reading is None:
                self._file.close()
            else:  # broken off in the midst of a read: not before that has ended
                reading.add_done_callback(lambda _: self._file.close())


def blocks_of(file: IO[bytes], most: int = sys.maxsize) -> Iterator[bytes]:
    """Up to `most` bytes of an open file, block by block."""
    while most and (block := file.read(min(BLOCK, most))):
        most -= len(block)
        yield block
