"""Uploads by HTML form, to the server as `maquette up` starts it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from ..conftest import PATIENCE

LATE, PAST = "2100-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"
BOUNDARY = "a--boundary"


@pytest.fixture(scope="module")
def s3(server: Any) -> Any:
    return server.client(s3={"addressing_style": "path"})


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> str:
    name = f"forms-{abs(hash(request.node.nodeid)) % 10**12}"
    s3.create_bucket(Bucket=name)
    return name


def body_of(fields: list[tuple[str, str]], file: bytes | None, name: str = "cat.png") -> bytes:
    lines = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode(
            "utf-8", "surrogateescape"
        )
        for field, value in fields
    )
    if file is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        lines += head.encode() + file + b"\r\n"
    return lines + f"--{BOUNDARY}--\r\n".encode()


def send(server: Any, bucket: str, body: bytes, kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> Any:
    """Status, headers and body of the answer."""
    parts = urlsplit(server.store_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        connection.request("POST", f"/{bucket}", body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def code_of(answer: Any) -> str | None:
    return ElementTree.fromstring(answer[2]).findtext("Code") if answer[2] else None


def conditions(bucket: str) -> list[Any]:
    return [
        {"bucket": bucket},
        ["starts-with", "$key", "in/"],
        {"acl": "private"},
        ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 1, 100],
    ]


def signed(server: Any, rules: Any, **changes: str | None) -> list[tuple[str, str]]:
    """The fields of a form; None leaves one out."""
    access, secret = server.key
    text = base64.b64encode(json.dumps(rules).encode()).decode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    fields: dict[str, str | None] = {
        "key": "in/${filename}", "AWSAccessKeyId": access, "acl": "private", "policy": text, "signature": signature,
        "Content-Type": "image/png", **changes,
    }  # fmt: skip
    return [(name, value) for name, value in fields.items() if value is not None]


def test_a_form_that_boto3_signs_is_taken(server: Any, s3: Any, bucket: str) -> None:
    said = {"Content-Type": "image/png", "x-amz-meta-who": "Köln"}
    rules = [["starts-with", "$Content-Type", "image/"], {"x-amz-meta-who": "Köln"}, ["content-length-range", 0, 9]]
    form = s3.generate_presigned_post(bucket, "in/${filename}", Fields=said, Conditions=rules)
    status, headers, body = send(server, bucket, body_of(list(form["fields"].items()), b"pixels", "C:\\a\\cat.png"))
    assert (status, body, headers["location"]) == (204, b"", f"/{bucket}/in/cat.png")
    found = s3.get_object(Bucket=bucket, Key="in/cat.png")
    assert (found["Body"].read(), found["ContentType"], found["ETag"]) == (b"pixels", "image/png", headers["etag"])
    assert found["Metadata"]["who"].encode("latin-1").decode() == "Köln"


def test_a_form_in_obs_words_is_taken(server: Any, s3: Any, bucket: str) -> None:
    rules = [{"bucket": bucket}, {"key": "x"}, {"x-obs-acl": "private"}, {"x-obs-meta-a": "b"}]
    fields = signed(
        server, {"expiration": LATE, "conditions": rules},
        **{"key": "x", "AWSAccessKeyId": None, "AccessKeyId": server.key[0], "acl": None, "Content-Type": None},
    )  # fmt: skip
    fields += [("x-obs-acl", "private"), ("x-obs-meta-a", "b")]
    assert send(server, bucket, body_of(fields, b"pixels"))[0] == 204
    assert s3.head_object(Bucket=bucket, Key="x")["Metadata"] == {"a": "b"}


@pytest.mark.parametrize("size", [1, 100])
def test_names_of_fields_and_conditions_are_the_same_in_any_case(server: Any, s3: Any, bucket: str, size: int) -> None:
    rules = [{"bUcKeT": bucket}, ["StArTs-WiTh", "$KEY", "in/"], {"AcL": "private"},
             ["starts-with", "$CoNtEnT-TyPe", "image/"], ["Content-Length-Range", 1, 100]]  # fmt: skip
    fields = [(name.upper(), value) for name, value in signed(server, {"expiration": LATE, "conditions": rules})]
    assert send(server, bucket, body_of([*fields, ("x-ignore-me", "1")], b"x" * size))[0] == 204
    assert s3.head_object(Bucket=bucket, Key="in/cat.png")["ContentLength"] == size


def test_a_form_says_what_is_answered(server: Any, s3: Any, bucket: str) -> None:
    fields = ("success_action_status", "success_action_redirect")
    rules = [*conditions(bucket), *(["starts-with", f"${name}", ""] for name in fields)]
    policy = {"expiration": LATE, "conditions": rules}
    page = "http://shop.example/done?id=1"

    def answer(status: str, target: str) -> Any:
        said = signed(server, policy, **dict(zip(fields, (status, target), strict=True)))
        return send(server, bucket, body_of(said, b"x", "é &.png"))

    assert [answer(status, "")[0] for status in ("200", "201", "204", "404")] == [200, 201, 204, 204]
    told = ElementTree.fromstring(answer("201", "")[2])
    assert (told.tag, told.findtext("Key"), told.findtext("Bucket")) == ("PostResponse", "in/é &.png", bucket)
    status, headers, _ = answer("201", page)
    etag = s3.head_object(Bucket=bucket, Key="in/é &.png")["ETag"].strip('"')
    right = f"{page}&bucket={bucket}&key=in%2F%C3%A9%20%26.png&etag=%22{etag}%22"
    assert (status, headers["location"]) == (303, right)
    assert answer("204", "http://shop.example/é\r\nX: y\udcff")[1]["location"].startswith(
        "http://shop.example/%C3%A9%0D%0AX:%20y%FF?bucket="
    )
    for no_page in ("javascript:alert(1)", "http://[half", "somewhere"):
        assert answer("204", no_page)[0] == 204


# What changes in a form that is right, and what it is answered.
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"AWSAccessKeyId": "UNKNOWN"}, "InvalidAccessKeyId"),
    "another signature": ({"signature": "x" * 28}, "SignatureDoesNotMatch"),
    "no signature": ({"signature": None}, "InvalidArgument"),
    "no policy": ({"policy": None}, "InvalidArgument"),
    "no key": ({"key": None}, "InvalidArgument"),
    "a key beside the policy": ({"key": "out/x"}, "AccessDenied"),
    "a field less": ({"Content-Type": None}, "AccessDenied"),
    "a field more": ({"x-amz-meta-a": "b"}, "AccessDenied"),
    "another checksum": ({"x-amz-checksum-sha256": "sailor"}, "BadDigest"),
    "half of version 4": ({"x-amz-signature": "00", "x-amz-credential": "KEY"}, "InvalidArgument"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_form_that_says_what_it_may_not_keeps_nothing(server: Any, s3: Any, bucket: str, name: str) -> None:
    changes, code = WRONG[name]
    policy = {"expiration": LATE, "conditions": conditions(bucket)}
    assert code_of(send(server, bucket, body_of(signed(server, policy, **changes), b"pixels"))) == code
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def without(bucket: str, index: int) -> list[Any]:
    return [one for at, one in enumerate(conditions(bucket)) if at != index]


POLICIES: dict[str, tuple[Any, str]] = {
    "expired": (lambda bucket: {"expiration": PAST, "conditions": conditions(bucket)}, "AccessDenied"),
    "for another bucket": (lambda bucket: {"expiration": LATE, "conditions": conditions("other")}, "AccessDenied"),
    "for any bucket": (lambda bucket: {"expiration": LATE, "conditions": without(bucket, 0)}, "AccessDenied"),
    "without an end": (lambda bucket: {"conditions": conditions(bucket)}, "InvalidPolicyDocument"),
    "until no such day": (lambda bucket: {"expiration": "2026-02-30T00:00:00Z", "conditions": []},
                          "InvalidPolicyDocument"),
    "without conditions": (lambda bucket: {"expiration": LATE}, "InvalidPolicyDocument"),
    "in capitals": (lambda bucket: {"EXPIRATION": LATE, "conditions": []}, "InvalidPolicyDocument"),
    "no document": (lambda bucket: [LATE], "InvalidPolicyDocument"),
    "an empty condition": (lambda bucket: {"expiration": LATE, "conditions": [{}]}, "InvalidPolicyDocument"),
    "half a range": (lambda bucket: {"expiration": LATE, "conditions": [["content-length-range", 0]]},
                     "InvalidPolicyDocument"),
    "a range below nought": (lambda bucket: {"expiration": LATE, "conditions": [["content-length-range", -1, 0]]},
                             "InvalidPolicyDocument"),
    "an unknown condition": (lambda bucket: {"expiration": LATE, "conditions": [["ends-with", "$key", "x"]]},
                             "InvalidPolicyDocument"),
    "fewer bytes": (lambda bucket: {"expiration": LATE, "conditions": [*without(bucket, 4),
                                                                       ["content-length-range", 0, 5]]},
                    "EntityTooLarge"),
    "more bytes": (lambda bucket: {"expiration": LATE, "conditions": [*without(bucket, 4),
                                                                      ["content-length-range", 7, 9]]},
                   "EntityTooSmall"),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_that_does_not_allow_the_form_keeps_nothing(server: Any, s3: Any, bucket: str, name: str) -> None:
    policy, code = POLICIES[name]
    assert code_of(send(server, bucket, body_of(signed(server, policy(bucket)), b"pixels"))) == code
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("tagging", "\udcff", "MalformedXML"),
        ("tagging", "<Tagging>", "MalformedXML"),
        ("key", "in/\udcff", "KeyTooLongError"),
        ("content-md5", "sailor", "InvalidDigest"),
        ("x-amz-server-side-encryption", "AES256", "NotImplemented"),
    ],
)
def test_what_no_object_can_have_is_told(server: Any, s3: Any, bucket: str, field: str, value: str, code: str) -> None:
    rules = [*conditions(bucket), ["starts-with", f"${field}", ""]]
    fields = signed(server, {"expiration": LATE, "conditions": rules}, **{field: value})
    assert code_of(send(server, bucket, body_of(fields, b"pixels"))) == code
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_form_that_nobody_signed_goes_where_nobody_may_write(server: Any, s3: Any, bucket: str) -> None:
    assert code_of(send(server, bucket, body_of([("key", "x")], b"pixels"))) == "AccessDenied"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (body_of([("key", "x")], None), "InvalidArgument"),
        (body_of([("key", "x" * (65 << 10))], b"x"), "MaxPostPreDataLengthExceededError"),
        (body_of([("key", "x")], b"pixels")[:-20], "MalformedPOSTRequest"),
        (b"no form", "MalformedPOSTRequest"),
        (b"", "MalformedPOSTRequest"),
    ],
)
def test_a_body_that_is_no_form_is_told(server: Any, bucket: str, body: bytes, code: str) -> None:
    rules = {"expiration": LATE, "conditions": [{"bucket": bucket}, {"key": "x"}, {"acl": "private"}]}
    if b'"file"' in body and len(body) < 1000:  # then it is signed, so that it is read to its end
        fields = signed(server, rules, key="x", **{"Content-Type": None})
        body = body_of(fields, b"pixels")[:-20]
    assert code_of(send(server, bucket, body)) == code


def test_other_posts_to_a_bucket_are_no_calls(server: Any, bucket: str) -> None:
    assert code_of(send(server, bucket, b"a=b", "application/x-www-form-urlencoded")) == "MethodNotAllowed"
    assert code_of(send(server, bucket, b"", "multipart/form-data")) == "MalformedPOSTRequest"


def test_a_large_file_comes_whole_and_with_tags(server: Any, s3: Any, bucket: str) -> None:
    document = "<Tagging><TagSet><Tag><Key>kind</Key><Value>cat</Value></Tag></TagSet></Tagging>"
    rules = [*without(bucket, 4), ["starts-with", "$tagging", ""], ["content-length-range", 4 << 20, 9 << 20]]
    data = b"\r\n--a--boundar" * (400 << 10)  # nearly its end, again and again
    summed = base64.b64encode(hashlib.sha256(data).digest()).decode()
    more = {"tagging": document, "x-amz-checksum-sha256": summed}
    fields = signed(server, {"expiration": LATE, "conditions": rules}, **more)
    assert send(server, bucket, body_of(fields, data))[0] == 204
    assert s3.get_object(Bucket=bucket, Key="in/cat.png")["Body"].read() == data
    tags = s3.get_object_tagging(Bucket=bucket, Key="in/cat.png")["TagSet"]
    assert tags == [{"Key": "kind", "Value": "cat"}]
