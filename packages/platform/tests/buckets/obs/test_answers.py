"""Errors of ours in S3's words, and XML that clients can read."""

from __future__ import annotations

import errno

import pytest

from maquette.buckets.obs.answers import S3Error, error_document, error_of, iso_date, tag
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable

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
    assert b"<Resource>/pets/x</Resource><RequestId>ID</RequestId><Key>a&#1;b</Key>" in body


def test_values_are_written_as_s3_writes_them() -> None:
    assert tag("IsTruncated", True) == "<IsTruncated>true</IsTruncated>"
    assert tag("Size", 7) == "<Size>7</Size>"
    assert tag("Outer", tag("Inner", "<")) == "<Outer><Inner>&lt;</Inner></Outer>"
    assert iso_date(1767322800.1234) == "2026-01-02T03:00:00.123Z"
