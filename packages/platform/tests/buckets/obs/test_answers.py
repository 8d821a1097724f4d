"""Errors of ours in S3's words, and XML that clients can read."""

from __future__ import annotations

import asyncio
import errno
import io
from threading import Event
from typing import Any

import pytest

from maquette.buckets.obs.answers import BLOCK, FileAnswer, S3Error, error_document, error_of, iso_date, tag
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable

from ..conftest import PATIENCE

ERRORS = [
    (NotFound("No.", bucket="pets"), "NoSuchBucket", 404),
    (NotFound("No.", bucket="pets", key="x"), "NoSuchKey", 404),
    (BadInput("No.", bucket="Pets"), "InvalidBucketName", 400),
    (BadInput("No.", bucket="pets", key="x"), "KeyTooLongError", 400),
    (Refused("No.", bucket="pets"), "AccessDenied", 403),
    (Conflict("No.", bucket="pets"), "OperationAborted", 400),
    (Unavailable("No.", bucket="pets", reason="full"), "InsufficientStorage", 507),
    (Unavailable("No.", bucket="pets"), "InternalError", 500),
    (OSError(errno.ENOSPC, "No space left on device"), "InsufficientStorage", 507),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "InsufficientStorage", 507),
]


@pytest.mark.parametrize(("error", "code", "status"), ERRORS)
def test_errors_have_the_codes_of_s3(error: MaquetteError | OSError, code: str, status: int) -> None:
    told = error_of(error)
    assert told and (told.code, told.status) == (code, status)


def test_an_error_nobody_expected_is_none_of_them() -> None:
    assert error_of(OSError(errno.EIO, "Input/output error")) is None


def test_an_error_document_tells_code_message_and_what_it_is_about() -> None:
    error = S3Error("NoSuchKey", "No <such> key & more.", {"Key": "a\x01b"})
    body = bytes(error_document(error, "/pets/x", "ID").body)
    assert b"<Code>NoSuchKey</Code><Message>No &lt;such&gt; key &amp; more.</Message>" in body
    assert b"<Resource>/pets/x</Resource><RequestId>ID</RequestId><Key>a\xef\xbf\xbdb</Key>" in body


def test_values_are_written_as_s3_writes_them() -> None:
    assert tag("IsTruncated", True) == "<IsTruncated>true</IsTruncated>"
    assert tag("Size", 7) == "<Size>7</Size>"
    assert tag("Outer", tag("Inner", "<")) == "<Outer><Inner>&lt;</Inner></Outer>"
    assert iso_date(1767322800.1234) == "2026-01-02T03:00:00.123Z"


class Slow(io.BytesIO):
    """A file whose reads last until they are let go on."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reading, self.go_on, self.gone = Event(), Event(), Event()
        self.go_on.set()

    def read(self, size: int | None = -1) -> bytes:
        self.reading.set()
        assert self.go_on.wait(PATIENCE)
        return super().read(size)

    def close(self) -> None:
        super().close()
        self.gone.set()


def sent(answer: FileAnswer) -> list[Any]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(answer({}, None, send))  # type: ignore[arg-type]
    return messages


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("start", [0, 1])
def test_a_file_is_sent_whole_and_closed(size: int, start: int) -> None:
    data = (bytes(range(251)) * (size // 251 + 2))[: size + start]
    file = Slow(data)
    head, *blocks = sent(FileAnswer(file, start, size, 200, {}))
    assert dict(head["headers"])[b"content-length"] == str(size).encode()
    assert b"".join(block["body"] for block in blocks) == data[start:]
    assert [block["more_body"] for block in blocks] == [True] * (len(blocks) - 1) + [False]
    assert file.gone.wait(PATIENCE)


def test_a_file_cut_short_while_it_is_sent_ends_and_is_closed() -> None:
    file = Slow(b"x" * BLOCK)
    _, *blocks = sent(FileAnswer(file, 0, 3 * BLOCK, 200, {}))
    assert b"".join(block["body"] for block in blocks) == b"x" * BLOCK and file.gone.wait(PATIENCE)


def test_a_file_is_not_closed_while_it_is_read_for_a_client_that_has_gone() -> None:
    file = Slow(b"x" * (3 * BLOCK))
    answer = FileAnswer(file, 0, 3 * BLOCK, 200, {})
    file.reading.clear()
    file.go_on.clear()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            assert await asyncio.to_thread(file.reading.wait, PATIENCE)
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(answer({}, None, send))  # type: ignore[arg-type]
    assert not file.closed
    file.go_on.set()
    assert file.gone.wait(PATIENCE)
