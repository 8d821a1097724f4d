"""Corners of S3 that clients and other people's test suites look into, against the port of `maquette up`."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import botocore
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from ..conftest import HELD_UP, PATIENCE

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
LONG = "9" * 5000  # more digits than Python turns into a number


@pytest.fixture(scope="module")
def s3(server: Any) -> Any:
    return server.client(s3={"addressing_style": "path"}, signature_version="s3v4")


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"corner-{abs(hash(request.node.nodeid)) % 10**12}"
    s3.create_bucket(Bucket=name)
    yield name
    for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def answer_of(call: Any, **arguments: Any) -> tuple[int, str]:
    """Status and code of what is refused; (200, "") where nothing is."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], str(error.response["Error"]["Code"])
    return 200, ""


def signed(server: Any, method: str, path: str, headers: dict[str, str] | None = None, payload: str = "") -> Any:
    """The headers of a request, its signature among them."""
    said = {"X-Amz-Content-SHA256": payload or "UNSIGNED-PAYLOAD", **(headers or {})}
    request = AWSRequest(method, server.store_url + path, headers=said)
    signer = S3SigV4Auth(Credentials(*server.key), "s3", "x")
    signer.payload = lambda _: said["X-Amz-Content-SHA256"]
    signer.add_auth(request)
    return dict(request.headers.items())


def raw(
    server: Any, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", sign: bool = True
) -> tuple[int, str, bytes]:
    """Status, error code and body of a request as it stands; signed in its header."""
    said = signed(server, method, path, headers, hashlib.sha256(body).hexdigest()) if sign else headers or {}
    address = urlsplit(server.store_url)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, said)
        answer = connection.getresponse()
        data = answer.read()
    is_error = answer.status >= 400 and method != "HEAD"
    return answer.status, (ElementTree.fromstring(data).findtext("Code") or "") if is_error else "", data


def start(s3: Any, bucket: str, key: str, body: bytes = b"part") -> tuple[dict[str, Any], dict[str, Any]]:
    """An upload with one part: what names it, and what completes it."""
    named = {"Bucket": bucket, "Key": key}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    etag = s3.upload_part(PartNumber=1, Body=body, **named)["ETag"]
    return named, {"Parts": [{"PartNumber": 1, "ETag": etag}]}


# ── what cannot be understood ────────────────────────────────────────────────────────────────────

NOT_UNDERSTOOD = [
    ("GET", f"/BUCKET?max-keys={LONG}", "InvalidArgument"),
    ("GET", "/BUCKET?list-type=2&max-keys=-1", "InvalidArgument"),
    ("GET", "/BUCKET?list-type=2&continuation-token=%FF", "InvalidArgument"),
    ("GET", f"/BUCKET?uploads&max-uploads={LONG}", "InvalidArgument"),
    ("POST", f"/BUCKET/x?append&position={LONG}", "InvalidArgument"),
    ("GET", "/BUCKET/a%FFb", "InvalidURI"),
    ("PUT", f"/BUCKET/x?partNumber={LONG}&uploadId=UPLOAD", "InvalidArgument"),
    ("GET", f"/BUCKET/x?uploadId=UPLOAD&max-parts={LONG}", "InvalidArgument"),
]


@pytest.mark.parametrize(("method", "path", "code"), NOT_UNDERSTOOD)
def test_numbers_and_bytes_that_are_none_are_refused_by_name(
    server: Any, s3: Any, bucket: str, method: str, path: str, code: str
) -> None:
    named, _ = start(s3, bucket, "x")
    path = path.replace("BUCKET", bucket).replace("UPLOAD", named["UploadId"])
    assert raw(server, method, path)[:2] == (400, code)


BODIES = [
    ("POST", "?delete", b"<Delete><Object><Key>\xff</Key></Object></Delete>", "MalformedXML"),
    ("POST", "?delete", b"<Delete>" + b"<a>" * 100_000, "MalformedXML"),
    ("PUT", "?acl", b"\xff\xfe", "MalformedXML"),
    ("PUT", "?acl", b"<Grants/>", "MalformedACLError"),
    ("PUT", "?policy", b"[" * 100_000, "MalformedPolicy"),
    ("POST", "/x?uploadId=UPLOAD", f"<C><Part><PartNumber>{LONG}</PartNumber></Part></C>".encode(), "InvalidPart"),
]


@pytest.mark.parametrize(("method", "path", "body", "code"), BODIES)
def test_documents_that_are_none_are_refused_by_name(
    server: Any, s3: Any, bucket: str, method: str, path: str, body: bytes, code: str
) -> None:
    named, _ = start(s3, bucket, "x")
    path = f"/{bucket}{path.replace('UPLOAD', named['UploadId'])}"
    assert raw(server, method, path, body=body)[:2] == (400, code)


@pytest.mark.parametrize("name", ["prefix", "delimiter", "marker", "start-after"])
def test_a_listing_may_ask_for_bytes_that_are_no_text(server: Any, bucket: str, name: str) -> None:
    for query in (f"{name}=%FF", f"{name}=%FF&encoding-type=url", f"uploads&{name}=%FF&encoding-type=url"):
        assert raw(server, "GET", f"/{bucket}?{query}")[0] == 200, query
    assert b"<Prefix>%FF</Prefix>" in raw(server, "GET", f"/{bucket}?prefix=%FF&encoding-type=url")[2]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"AWSAccessKeyId=A&Signature=x&Expires={LONG}", 403),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20260101/r/s3/aws4_request&X-Amz-Date=20260101T000000Z"
         f"&X-Amz-SignedHeaders=host&X-Amz-Signature=x&X-Amz-Expires={LONG}", 403),
    ],
)  # fmt: skip
def test_a_link_that_expires_after_the_end_of_time_is_refused(
    server: Any, bucket: str, query: str, status: int
) -> None:
    assert raw(server, "GET", f"/{bucket}/x?{query}", sign=False)[0] == status


@pytest.mark.parametrize("key", ["a\x01b", "\x0e\r", "\uffff", "\x7f\x00"])
def test_answers_about_keys_that_no_document_can_hold_are_readable_all_the_same(s3: Any, bucket: str, key: str) -> None:
    named = {"Bucket": bucket, "Key": key}
    assert answer_of(s3.get_object, **named) == (404, "NoSuchKey")
    assert answer_of(s3.head_object, **named) == (404, "404")
    upload, parts = start(s3, bucket, key)
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    (line,) = s3.list_multipart_uploads(Bucket=bucket, EncodingType="url")["Uploads"]
    assert unquote(line["Key"]) == key and len(s3.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] == key


def test_a_link_cannot_put_line_ends_into_headers(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    answer = s3.get_object(Bucket=bucket, Key="x", ResponseContentDisposition="a\r\nset-cookie: b\x00;")
    assert answer["ContentDisposition"] == "a set-cookie: b ;"
    assert "set-cookie" not in answer["ResponseMetadata"]["HTTPHeaders"]


@pytest.mark.parametrize(
    ("digest", "code"),
    [("", "InvalidDigest"), ("YWJj", "InvalidDigest"), ("AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest")],
)
def test_an_md5_that_is_none_or_another_keeps_nothing(
    server: Any, s3: Any, bucket: str, digest: str, code: str
) -> None:
    assert raw(server, "PUT", f"/{bucket}/x", {"Content-MD5": digest}, b"x")[:2] == (400, code)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_client_that_waited_to_send_and_was_refused_is_not_misunderstood_afterwards(server: Any, bucket: str) -> None:
    stranger = server.client(key=(server.key[0], "wrong"), s3={"addressing_style": "path"}, max_pool_connections=1)
    for size in (10, 2_000_000, 10, 2_000_000):
        expected = (403, "SignatureDoesNotMatch")
        assert answer_of(stranger.put_object, Bucket=bucket, Key="x", Body=b"x" * size) == expected


def test_a_client_that_has_begun_to_send_hears_why_it_is_refused(server: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    for size in (10, 30_000_000, 10):
        told = answer_of(s3.put_object, Bucket=bucket, Key="x", Body=b"x" * size, IfNoneMatch="*")
        assert told == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"


# ── what would be lost without a word ────────────────────────────────────────────────────────────

LOST = [
    {"ACL": "aws-exec-read"},
    {"ServerSideEncryption": "AES256"},
    {"WebsiteRedirectLocation": "/elsewhere"},
    {"ObjectLockLegalHoldStatus": "ON"},
]


@pytest.mark.parametrize("said", LOST, ids=lambda said: next(iter(said)))
def test_what_an_object_cannot_have_is_refused_by_every_way_to_make_one(s3: Any, bucket: str, said: Any) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    named = {"Bucket": bucket, "Key": "x", **said}
    for call, more in (
        (s3.put_object, {"Body": b"x"}),
        (s3.copy_object, {"CopySource": f"{bucket}/source"}),
        (s3.create_multipart_upload, {}),
    ):
        assert answer_of(call, **named, **more) == (501, "NotImplemented")
    assert answer_of(s3.head_object, Bucket=bucket, Key="x") == (404, "404")


def test_an_acl_is_one_of_those_that_there_are(s3: Any, bucket: str) -> None:
    for acl in ("private", "bucket-owner-full-control", "public-read", "public-read-write", "authenticated-read"):
        s3.put_object(Bucket=bucket, Key="x", Body=b"x", ACL=acl)
    assert answer_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-ready") == (400, "InvalidArgument")


def grant(permission: str, **grantee: str) -> dict[str, Any]:
    kind = "Group" if "URI" in grantee else "CanonicalUser"
    return {"Grantee": {"Type": kind, **grantee}, "Permission": permission}


SIGNED_IN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
GRANTS = [
    ([grant("FULL_CONTROL", ID="me")], (200, "")),
    ([grant("READ", URI=EVERYBODY), grant("FULL_CONTROL", ID="me")], (200, "")),
    ([grant("READ", URI=SIGNED_IN), grant("WRITE", URI=EVERYBODY)], (200, "")),
    ([], (200, "")),
    ([grant("READ", ID="somebody else")], (400, "InvalidArgument")),
    ([grant("READ", URI="http://example.org/nobody")], (400, "InvalidArgument")),
    ([grant("EVERYTHING", ID="me")], (400, "MalformedACLError")),
]


@pytest.mark.parametrize(("grants", "expected"), GRANTS)
def test_a_list_of_grants_is_taken_only_where_all_of_it_can_be_kept(
    s3: Any, bucket: str, grants: Any, expected: Any
) -> None:
    policy = {"Owner": {"ID": "me"}, "Grants": grants}
    assert answer_of(s3.put_bucket_acl, Bucket=bucket, AccessControlPolicy=policy) == expected
    found = [item["Permission"] for item in s3.get_bucket_acl(Bucket=bucket).get("Grants", [])]
    assert found == ([item["Permission"] for item in grants] if expected[0] == 200 else ["FULL_CONTROL"])


def test_nobody_is_known_by_an_address(s3: Any, bucket: str) -> None:
    somebody = {"Type": "AmazonCustomerByEmail", "EmailAddress": "somebody@example.org"}
    policy = {"Owner": {"ID": "me"}, "Grants": [{"Grantee": somebody, "Permission": "READ"}]}
    expected = (400, "UnresolvableGrantByEmailAddress")
    assert answer_of(s3.put_bucket_acl, Bucket=bucket, AccessControlPolicy=policy) == expected
    assert answer_of(s3.put_bucket_acl, Bucket=bucket, GrantRead="emailAddress=somebody@example.org") == expected


def test_fifty_who_set_the_same_acl_at_the_same_time_all_succeed(s3: Any, bucket: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(lambda _: answer_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-read"), range(50)))
    assert told == [(200, "")] * 50


# ── buckets ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said", [{"ACL": "log-delivery-write"}, {"ObjectLockEnabledForBucket": True}], ids=["acl", "lock"]
)
def test_a_bucket_that_asks_for_what_there_is_not_is_not_made(s3: Any, said: Any) -> None:
    assert answer_of(s3.create_bucket, Bucket="refused-bucket", **said) == (501, "NotImplemented")
    assert answer_of(s3.head_bucket, Bucket="refused-bucket") == (404, "404")


ONLY_NEW = {"If-None-Match": "*"}


def test_who_makes_a_bucket_again_the_same_way_keeps_what_is_in_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    s3.create_bucket(Bucket=bucket)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert answer_of(s3.create_bucket, Bucket=bucket, ACL="public-read") == (409, "BucketAlreadyExists")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": "cn-north-4"}}
    assert answer_of(s3.create_bucket, Bucket=bucket, **elsewhere) == (409, "BucketAlreadyOwnedByYou")
    assert len(s3.get_bucket_acl(Bucket=bucket)["Grants"]) == 1
    s3.meta.events.register("before-call.s3.CreateBucket", lambda params, **_: params["headers"].update(ONLY_NEW))
    assert answer_of(s3.create_bucket, Bucket=bucket) == (409, "BucketAlreadyOwnedByYou")


def test_buckets_come_in_pages_where_a_client_asks_for_them(s3: Any) -> None:
    names = [f"paged-{number}" for number in range(5)]
    for name in names:
        s3.create_bucket(Bucket=name)
    found, token = [], {}
    while page := s3.list_buckets(MaxBuckets=2, Prefix="paged-", **token):
        found += [one["Name"] for one in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        token = {"ContinuationToken": page["ContinuationToken"]}
        assert len(page["Buckets"]) == 2
    assert found == names
    for name in names:
        s3.delete_bucket(Bucket=name)


def test_a_client_that_takes_the_bucket_for_anothers_is_refused(s3: Any, bucket: str) -> None:
    owner = s3.list_buckets()["Owner"]["ID"]
    assert answer_of(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner=owner) == (200, "")
    expected = (403, "AccessDenied")
    assert answer_of(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="another") == expected
    assert answer_of(s3.put_object, Bucket=bucket, Key="x", Body=b"x", ExpectedBucketOwner="another") == expected


def test_the_place_that_a_bucket_was_made_in_is_told_as_it_was_said(s3: Any) -> None:
    s3.create_bucket(Bucket="placed", CreateBucketConfiguration={"LocationConstraint": "cn-north-4"})
    assert s3.get_bucket_location(Bucket="placed")["LocationConstraint"] == "cn-north-4"
    s3.delete_bucket(Bucket="placed")
    s3.create_bucket(Bucket="placed")
    assert s3.get_bucket_location(Bucket="placed")["LocationConstraint"] is None
    s3.delete_bucket(Bucket="placed")


@pytest.mark.parametrize(
    "body", [b"<CreateBucketConfiguration", b"<Other/>", b"<!DOCTYPE x><CreateBucketConfiguration/>"]
)
def test_a_bucket_is_not_made_of_a_document_that_is_none(server: Any, s3: Any, body: bytes) -> None:
    assert raw(server, "PUT", "/not-made", body=body)[:2] == (400, "MalformedXML")
    assert answer_of(s3.head_bucket, Bucket="not-made") == (404, "404")


@pytest.mark.parametrize(
    "name",
    ["a", "aa", "UPPER", "foo_bar", "foo-", "-foo", "foo..bar", "foo.-bar", "foo-.bar", "192.168.5.123", "x" * 64],
)
def test_a_name_that_no_bucket_can_have_is_refused(server: Any, name: str) -> None:
    client = server.client(s3={"addressing_style": "path"})
    client.meta.events.unregister("before-parameter-build.s3", botocore.handlers.validate_bucket_name)
    assert answer_of(client.create_bucket, Bucket=name) == (400, "InvalidBucketName")


def test_a_bucket_made_again_knows_nothing_of_the_one_before(s3: Any) -> None:
    s3.create_bucket(Bucket="again", ACL="public-read")
    named, parts = start(s3, "again", "x")
    s3.delete_bucket(Bucket="again")
    s3.create_bucket(Bucket="again")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="again")
    assert answer_of(s3.complete_multipart_upload, **named, MultipartUpload=parts) == (404, "NoSuchUpload")
    assert len(s3.get_bucket_acl(Bucket="again")["Grants"]) == 1
    s3.delete_bucket(Bucket="again")


def test_a_bucket_made_again_where_its_folder_was_removed_by_hand_is_private(server: Any, s3: Any) -> None:
    s3.create_bucket(Bucket="by-hand", ACL="public-read")
    start(s3, "by-hand", "x")
    shutil.rmtree(server.home / "buckets" / "by-hand")
    s3.create_bucket(Bucket="by-hand")
    assert len(s3.get_bucket_acl(Bucket="by-hand")["Grants"]) == 1
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="by-hand")
    s3.delete_bucket(Bucket="by-hand")


# ── objects on condition ─────────────────────────────────────────────────────────────────────────


def test_an_object_is_deleted_only_if_it_is_the_one_that_is_meant(s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "x"}
    etag = s3.put_object(**named, Body=b"x")["ETag"]
    assert answer_of(s3.delete_object, **named, IfMatch='"another"') == (412, "PreconditionFailed")
    told = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x", "ETag": '"another"'}]})
    assert [item["Code"] for item in told["Errors"]] == ["PreconditionFailed"]
    assert s3.head_object(**named)["ETag"] == etag
    assert answer_of(s3.delete_object, **named, IfMatch=etag) == (200, "")
    assert answer_of(s3.delete_object, **named, IfMatch=etag) == (200, "")  # it is gone, as was wanted
    etag = s3.put_object(**named, Body=b"x")["ETag"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x", "ETag": etag}]})
    assert answer_of(s3.head_object, **named) == (404, "404")


def test_a_copy_takes_the_place_of_what_is_there_only_if_that_is_as_it_is_meant(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"new")
    copy = {"Bucket": bucket, "Key": "y", "CopySource": {"Bucket": bucket, "Key": "x"}}
    assert answer_of(s3.copy_object, **copy, IfNoneMatch="*") == (200, "")
    etag = s3.put_object(Bucket=bucket, Key="y", Body=b"old")["ETag"]
    assert answer_of(s3.copy_object, **copy, IfNoneMatch="*") == (412, "PreconditionFailed")
    assert answer_of(s3.copy_object, **copy, IfMatch='"another"') == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="y")["Body"].read() == b"old"
    assert answer_of(s3.copy_object, **copy, IfMatch=etag) == (200, "")
    assert s3.get_object(Bucket=bucket, Key="y")["Body"].read() == b"new"


def test_an_upload_is_completed_only_if_what_is_there_is_as_it_is_meant(s3: Any, bucket: str) -> None:
    upload, parts = start(s3, bucket, "x", b"parts")
    etag = s3.put_object(Bucket=bucket, Key="x", Body=b"x")["ETag"]
    complete = {**upload, "MultipartUpload": parts}
    assert answer_of(s3.complete_multipart_upload, **complete, IfNoneMatch="*") == (412, "PreconditionFailed")
    assert answer_of(s3.complete_multipart_upload, **complete, IfMatch='"another"') == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"
    assert answer_of(s3.complete_multipart_upload, **complete, IfMatch=etag) == (200, "")
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"parts"


# ── parts ────────────────────────────────────────────────────────────────────────────────────────

COPIED = [
    ("bytes=0-4", (200, "")),
    ("bytes=1-3", (200, "")),
    ("bytes=0-21", (416, "InvalidRange")),
    ("bytes=5-6", (416, "InvalidRange")),
    ("bytes=3-2", (416, "InvalidRange")),
    *((text, (400, "InvalidArgument")) for text in ("0-2", "bytes=0", "bytes=a-b", "bytes=1-", "bytes=-2")),
    *((text, (400, "InvalidArgument")) for text in ("bytes=0-2,3-5", f"bytes=0-{LONG}")),
]


@pytest.mark.parametrize(("wanted", "expected"), COPIED, ids=[wanted[:20] for wanted, _ in COPIED])
def test_a_part_is_copied_from_just_the_range_that_is_named_or_not_at_all(
    s3: Any, bucket: str, wanted: str, expected: tuple[int, str]
) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"01234")
    upload, _ = start(s3, bucket, "x")
    said = {"CopySource": f"{bucket}/source", "CopySourceRange": wanted, "PartNumber": 2}
    assert answer_of(s3.upload_part_copy, **upload, **said) == expected
    found = {part["PartNumber"]: part["Size"] for part in s3.list_parts(**upload)["Parts"]}
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    assert found == {1: 4, 2: int(last) - int(first) + 1} if expected[0] == 200 else found == {1: 4}


def test_a_page_of_no_parts_is_the_last(s3: Any, bucket: str) -> None:
    upload, _ = start(s3, bucket, "x")
    assert s3.list_parts(**upload, MaxParts=0)["IsTruncated"] is False
    assert s3.list_multipart_uploads(Bucket=bucket, MaxUploads=0)["IsTruncated"] is False


# ── OBS' append ──────────────────────────────────────────────────────────────────────────────────


def test_of_many_who_append_at_the_same_place_one_does(server: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="log", Body=b"start ", Metadata={"a": "b"})
    bodies = [bytes([65 + number]) * 1_500_000 for number in range(12)]

    def append(body: bytes) -> tuple[int, str]:
        return raw(server, "POST", f"/{bucket}/log?append&position=6", body=body)[:2]

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(append, bodies))
    assert sorted(told) == [(200, ""), *[(409, "PositionNotEqualToLength")] * 11]
    found = s3.get_object(Bucket=bucket, Key="log")
    assert found["Body"].read() == b"start " + bodies[told.index((200, ""))] and found["Metadata"] == {"a": "b"}


def test_who_appends_slowly_holds_up_nobody_who_puts_on_condition(server: Any, bucket: str) -> None:
    s3 = server.client(s3={"addressing_style": "path"}, read_timeout=HELD_UP)
    path = f"/{bucket}/log?append&position=0"
    address = urlsplit(server.store_url)
    with socket.create_connection((address.hostname or "", address.port or 80)) as slow:
        said = {"Host": address.netloc, "Content-Length": "9000000", **signed(server, "POST", path)}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        slow.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + bytes(3_000_000))
        half = server.home / "buckets" / bucket / ".maquette" / "half"
        deadline = time.monotonic() + PATIENCE
        while not half.is_dir() or not list(half.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        s3.put_object(Bucket=bucket, Key="x", Body=b"x", IfNoneMatch="*")
        assert raw(server, "POST", path, body=b"quick")[0] == 200
    assert s3.get_object(Bucket=bucket, Key="log")["Body"].read() == b"quick"
