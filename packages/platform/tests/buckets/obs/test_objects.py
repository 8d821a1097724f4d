"""Objects through the endpoint, as boto3 and requests signed by hand see them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)


def code_of(told: pytest.ExceptionInfo[ClientError]) -> str:
    return str(told.value.response["Error"]["Code"])


def test_an_object_comes_back_with_all_that_was_said_of_it(s3: Any, bucket: str) -> None:
    said = {
        "ContentType": "text/plain",
        "ContentEncoding": "gzip",
        "ContentDisposition": 'attachment; filename="x"',
        "ContentLanguage": "de",
        "CacheControl": "no-cache",
        "Metadata": {"color": "red", "note": "two  words"},
    }
    put = s3.put_object(Bucket=bucket, Key="a/b c+%é.txt", Body=b"hello", Expires=PAST, **said)
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    for got in (s3.get_object(Bucket=bucket, Key="a/b c+%é.txt"), s3.head_object(Bucket=bucket, Key="a/b c+%é.txt")):
        assert {name: got[name] for name in said} == said
        assert got["ETag"] == put["ETag"] and got["ContentLength"] == 5 and got["AcceptRanges"] == "bytes"
        assert abs(got["LastModified"].timestamp() - time.time()) < 60
        assert got["ExpiresString"] == "Wed, 01 Jan 2020 00:00:00 GMT"
    assert s3.get_object(Bucket=bucket, Key="a/b c+%é.txt")["Body"].read() == b"hello"


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_a_missing_key_is_404(s3: Any, bucket: str, call: str) -> None:
    with pytest.raises(ClientError) as told:
        getattr(s3, call)(Bucket=bucket, Key="no/such")
    answer = told.value.response["ResponseMetadata"]
    assert (answer["HTTPStatusCode"], answer["HTTPHeaders"]["x-amz-delete-marker"]) == (404, "false")
    if call == "get_object":
        assert code_of(told) == "NoSuchKey" and told.value.response["Error"]["Key"] == "no/such"


def test_a_missing_bucket_names_the_command_that_makes_it(s3: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: s3.get_object(Bucket="share-course", Key="x"),
        lambda: s3.put_object(Bucket="share-course", Key="x", Body=b"x"),
        lambda: s3.list_objects_v2(Bucket="share-course"),
        lambda: s3.create_multipart_upload(Bucket="share-course", Key="x"),
        lambda: s3.delete_objects(Bucket="share-course", Delete={"Objects": [{"Key": "x"}]}),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="`maquette mb obs://share-course`") as told:
            call()
        assert code_of(told) == "NoSuchBucket"


RANGES = [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
    ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
    ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=8-100", 206, b"89", "bytes 8-9/10"),
    ("bytes=-100", 206, b"0123456789", "bytes 0-9/10"),
    ("bytes=5-4", 200, b"0123456789", None),
    ("bytes=0-1,3-4", 200, b"0123456789", None),
    ("lines=1-2", 200, b"0123456789", None),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=-0", 416, None, "bytes */10"),
]


@pytest.mark.parametrize(("range_", "status", "body", "content_range"), RANGES)
def test_ranges(served: Any, s3: Any, bucket: str, range_: str, status: int, body: bytes, content_range: str) -> None:
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    answer = served.signed("GET", f"/{bucket}/digits", {"Range": range_})
    assert (answer.status, answer.headers.get("content-range")) == (status, content_range)
    if body is None:
        assert answer.code == "InvalidRange"
    else:
        assert answer.body == body
    head = served.signed("HEAD", f"/{bucket}/digits", {"Range": range_})
    assert (head.status, head.headers.get("content-range"), head.body) == (status, content_range, b"")
    if body is not None:
        assert head.headers["content-length"] == str(len(body))


def test_no_range_of_an_empty_object_can_be_had(served: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert served.signed("GET", f"/{bucket}/empty", {"Range": "bytes=0-"}).status == 416
    assert served.signed("GET", f"/{bucket}/empty").body == b""


def test_if_range_gives_all_of_an_object_that_changed(served: Any, s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"0123456789")["ETag"]
    assert served.signed("GET", f"/{bucket}/x", {"Range": "bytes=0-1", "If-Range": etag}).status == 206
    assert served.signed("GET", f"/{bucket}/x", {"Range": "bytes=0-1", "If-Range": '"other"'}).status == 200


CONDITIONS = [
    ({"IfMatch": "ETAG"}, 200),
    ({"IfMatch": "*"}, 200),
    ({"IfMatch": '"other"'}, 412),
    ({"IfMatch": '"other", ETAG'}, 200),
    ({"IfNoneMatch": "ETAG"}, 304),
    ({"IfNoneMatch": "W/ETAG"}, 304),
    ({"IfNoneMatch": "*"}, 304),
    ({"IfNoneMatch": '"other"'}, 200),
    ({"IfModifiedSince": PAST}, 200),
    ({"IfModifiedSince": FUTURE}, 304),
    ({"IfUnmodifiedSince": FUTURE}, 200),
    ({"IfUnmodifiedSince": PAST}, 412),
    # A tag that is given stands above a date.
    ({"IfMatch": "ETAG", "IfUnmodifiedSince": PAST}, 200),
    ({"IfNoneMatch": '"other"', "IfModifiedSince": FUTURE}, 200),
]


@pytest.mark.parametrize(("conditions", "status"), CONDITIONS)
@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_conditions(s3: Any, bucket: str, call: str, conditions: dict[str, Any], status: int) -> None:
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"x")["ETag"]
    told = {
        name: value.replace("ETAG", etag) if isinstance(value, str) else value for name, value in conditions.items()
    }
    try:
        found = getattr(s3, call)(Bucket=bucket, Key="x", **told)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        found = error.response["ResponseMetadata"]["HTTPStatusCode"]
    assert found == status


def test_a_date_that_is_none_is_no_condition(served: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        assert served.signed("GET", f"/{bucket}/x", {name: "yesterday"}).status == 200


def test_an_object_may_be_put_only_where_there_is_none_or_a_known_one(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"1", IfNoneMatch="*")["ETag"]
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"other"'}):
        with pytest.raises(ClientError) as told:
            s3.put_object(Bucket=bucket, Key="x", Body=b"2", **condition)
        assert code_of(told) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="x", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"3"
    with pytest.raises(ClientError) as told:
        s3.put_object(Bucket=bucket, Key="new", Body=b"2", IfMatch=etag)
    assert code_of(told) == "NoSuchKey"


def test_of_many_that_make_the_same_new_object_one_succeeds(s3: Any, bucket: str) -> None:
    def put(number: int) -> int:
        try:
            s3.put_object(Bucket=bucket, Key="lock", Body=str(number), IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return 0
        return 1

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(put, range(32))) == 1


def test_a_body_that_is_not_what_its_md5_says_is_refused(s3: Any, served: Any, bucket: str) -> None:
    right = base64.b64encode(hashlib.md5(b"body").digest()).decode()
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    for md5, status, code in ((right, 200, None), (wrong, 400, "BadDigest"), ("no!", 400, "InvalidDigest")):
        answer = served.signed("PUT", f"/{bucket}/{status}", {"Content-MD5": md5}, b"body")
        assert answer.status == status and (code is None or answer.code == code)
    assert [info["Key"] for info in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["200"]


def test_a_body_that_is_not_the_one_that_was_signed_is_refused(served: Any, bucket: str) -> None:
    headers = served.signature("PUT", f"/{bucket}/x", {}, b"signed")
    answer = served.send("PUT", f"/{bucket}/x", headers, b"forged")
    assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
    assert served.signed("HEAD", f"/{bucket}/x").status == 404


SUMS = {
    "x-amz-checksum-crc32": zlib.crc32(b"body").to_bytes(4, "big"),
    "x-amz-checksum-sha1": hashlib.sha1(b"body").digest(),
    "x-amz-checksum-sha256": hashlib.sha256(b"body").digest(),
}


@pytest.mark.parametrize("name", SUMS)
def test_checksums_in_headers_are_held_against_the_body(served: Any, bucket: str, name: str) -> None:
    right = base64.b64encode(SUMS[name]).decode()
    answer = served.signed("PUT", f"/{bucket}/x", {name: right}, b"body")
    assert (answer.status, answer.headers[name]) == (200, right)
    answer = served.signed("PUT", f"/{bucket}/y", {name: right}, b"other")
    assert (answer.status, answer.code) == (400, "BadDigest")
    assert served.signed("HEAD", f"/{bucket}/y").status == 404


def test_a_checksum_that_is_not_known_here_is_taken_and_not_confirmed(served: Any, bucket: str) -> None:
    answer = served.signed("PUT", f"/{bucket}/x", {"x-amz-checksum-xxhash64": "AAAAAAAAAAA="}, b"body")
    assert answer.status == 200 and "x-amz-checksum-xxhash64" not in answer.headers


def test_a_copy_keeps_or_replaces_what_is_said_of_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/é +.txt", Body=b"body", ContentType="text/plain", Metadata={"x": "1"})
    source = {"Bucket": bucket, "Key": "a/é +.txt"}
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource=source)["CopyObjectResult"]
    assert copied["ETag"] == s3.head_object(**source)["ETag"]
    assert s3.head_object(Bucket=bucket, Key="b")["Metadata"] == {"x": "1"}
    replaced = {"MetadataDirective": "REPLACE", "Metadata": {"y": "2"}, "ContentType": "text/csv"}
    s3.copy_object(Bucket=bucket, Key="a/é +.txt", CopySource=source, **replaced)
    found = s3.get_object(**source)
    assert (found["Metadata"], found["ContentType"], found["Body"].read()) == ({"y": "2"}, "text/csv", b"body")


COPY_ERRORS = [
    ({"CopySource": "BUCKET/missing"}, "NoSuchKey"),
    ({"CopySource": "no-such-bucket/x"}, "NoSuchBucket"),
    ({"CopySource": "BUCKET"}, "InvalidArgument"),
    ({"CopySource": "BUCKET/a"}, "InvalidRequest"),
    ({"CopySource": "BUCKET/a?versionId=7"}, "NoSuchVersion"),
    ({"CopySource": "BUCKET/a", "CopySourceIfMatch": '"other"'}, "PreconditionFailed"),
    ({"CopySource": "BUCKET/a", "CopySourceIfModifiedSince": FUTURE}, "PreconditionFailed"),
    ({"CopySource": "BUCKET/a", "MetadataDirective": "MERGE"}, "InvalidArgument"),
]


@pytest.mark.parametrize(("arguments", "code"), COPY_ERRORS)
def test_copies_that_cannot_be(s3: Any, bucket: str, arguments: dict[str, Any], code: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    arguments = {**arguments, "CopySource": arguments["CopySource"].replace("BUCKET", bucket)}
    with pytest.raises(ClientError) as told:
        s3.copy_object(Bucket=bucket, Key="a", **arguments)
    assert code_of(told) == code


def test_deleting_is_quiet_about_what_is_not_there(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    for _ in range(2):
        assert s3.delete_object(Bucket=bucket, Key="a/b")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.list_objects_v2(Bucket=bucket, Delimiter="/")["KeyCount"] == 0


def test_many_objects_are_deleted_in_one_call_and_failures_told_apart(s3: Any, bucket: str) -> None:
    keys = [f"k/{number}" for number in range(20)] + ["a & <b>", "tab\there", "dir/"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    wanted = [{"Key": key} for key in [*keys, "missing"]] + [{"Key": "x", "VersionId": "7"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    assert [item["Key"] for item in answer["Deleted"]] == [*keys, "missing"]
    assert [(item["Key"], item["Code"]) for item in answer["Errors"]] == [("x", "NoSuchVersion")]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert "Deleted" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x"}], "Quiet": True})


BAD_DELETES = [b"", b"<Delete>", b"<Delete/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Delete/>", b"\xff"]


@pytest.mark.parametrize("body", BAD_DELETES)
def test_a_document_that_cannot_be_read_is_told(served: Any, bucket: str, body: bytes) -> None:
    answer = served.signed("POST", f"/{bucket}?delete", {}, body)
    assert (answer.status, answer.code) == (400, "MalformedXML")


def test_what_cannot_be_kept_is_refused(served: Any, s3: Any, bucket: str) -> None:
    for name, value in (("x-amz-server-side-encryption", "aws:kms"), ("x-amz-object-lock-mode", "GOVERNANCE")):
        answer = served.signed("PUT", f"/{bucket}/x", {name: value}, b"x")
        assert (answer.status, answer.code) == (501, "NotImplemented")
    with pytest.raises(ClientError) as told:
        s3.put_object(Bucket=bucket, Key="x", Body=b"x", Metadata={"a": "x" * 3000})
    assert code_of(told) == "MetadataTooLarge"
    with pytest.raises(ClientError) as told:
        s3.put_object(Bucket=bucket, Key="x" * 1025, Body=b"x")
    assert code_of(told) == "KeyTooLongError"
    assert served.signed("PUT", f"/{bucket}/%FF", {}, b"x").code == "InvalidURI"


def test_metadata_that_is_not_ascii_comes_back_as_it_was_sent(served: Any, bucket: str) -> None:
    text = "Köln 猫"
    headers = served.signature("PUT", f"/{bucket}/x", {"x-amz-meta-place": text})
    headers["x-amz-meta-place"] = text.encode()
    assert served.send("PUT", f"/{bucket}/x", headers).status == 200
    answer = served.signed("HEAD", f"/{bucket}/x")
    assert answer.headers["x-amz-meta-place"].encode("latin-1").decode() == text


def test_a_link_may_set_the_headers_of_its_answer(clients: Any, s3: Any, served: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x", ContentType="text/plain")
    url = s3.generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": "x", "ResponseContentDisposition": 'attachment; filename="ü\r\nx: y"'}
    )
    answer = served.send("GET", url.removeprefix(served.url))
    assert (answer.status, answer.body) == (200, b"x")
    assert answer.headers["content-disposition"].encode("latin-1").decode() == 'attachment; filename="ü x: y"'
    assert "x" not in answer.headers


def test_a_file_of_many_blocks_goes_up_and_comes_down_whole(s3: Any, bucket: str) -> None:
    data = os.urandom(5 << 20) + b"tail"
    s3.put_object(Bucket=bucket, Key="big", Body=io.BytesIO(data))
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == data
    piece = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={(2 << 20) - 7}-{(4 << 20) + 5}")["Body"].read()
    assert piece == data[(2 << 20) - 7 : (4 << 20) + 6]


def test_a_reader_keeps_the_object_it_began_with(s3: Any, bucket: str) -> None:
    data = b"1" * (8 << 20)
    s3.put_object(Bucket=bucket, Key="x", Body=data)
    body = s3.get_object(Bucket=bucket, Key="x")["Body"]
    first = body.read(1000)
    s3.put_object(Bucket=bucket, Key="x", Body=b"2" * (8 << 20))
    assert first + body.read() == data


def test_threads_write_and_read_same_and_different_keys(s3: Any, bucket: str) -> None:
    def work(number: int) -> None:
        own, shared = bytes([number]) * 50_000, bytes([number]) * 30_000
        for round_ in range(3):
            s3.put_object(Bucket=bucket, Key=f"own/{number}", Body=own)
            s3.put_object(Bucket=bucket, Key=["shared", "shared/below"][round_ % 2], Body=shared)
            assert s3.get_object(Bucket=bucket, Key=f"own/{number}")["Body"].read() == own
            found = s3.get_object(Bucket=bucket, Key="shared")["Body"].read()
            assert len(found) == 30_000 and len(set(found)) == 1

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 34


KEYS = st.one_of(
    st.lists(st.sampled_from(["a", "b", "A", "é", "..", ".", "", "a b+%2F&<", "\t", "𝒳", ".maquette"]), max_size=4)
    .map("/".join)
    .filter(bool),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12),
)


@settings(max_examples=25, deadline=None)
@given(keys=st.lists(KEYS, min_size=1, max_size=8, unique=True))
def test_any_key_is_put_read_listed_and_deleted(s3: Any, keys: list[str]) -> None:
    name = f"any-{threading.get_ident() % 1000}-{time.monotonic_ns()}"
    s3.create_bucket(Bucket=name)
    for number, key in enumerate(keys):
        s3.put_object(Bucket=name, Key=key, Body=str(number))
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=name)["Contents"]] == sorted(keys)
    for number, key in enumerate(keys):
        assert s3.get_object(Bucket=name, Key=key)["Body"].read() == str(number).encode()
        s3.delete_object(Bucket=name, Key=key)
    s3.delete_bucket(Bucket=name)
