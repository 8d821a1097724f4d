"""What S3 promises, as a model of a few dictionaries, against the port of `maquette up`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

MIB = 1 << 20

# Keys that get in each other's way, or that no file system keeps as they are.
AWKWARD = [
    *("a", "A", "a/", "a/b", "a//b", "a/b/c", "/", "//", "/a", "b", "b/", "a ", " a", "a b", "a+b", "a%2Fb", "%2e"),
    *("..", ".", "../x", "a/../b", "./a", "a/.", ".hidden", ".maquette", ".maquette/keys/x", "x/.maquette"),
    *("é", "e\u0301", "图片/猫.jpg", "\U0001f600", "\u2028", "ﷺ", "\x01", "\n", "\x7f", "?versionId=1"),
    *("a?b#c", "a\\b", "k" * 1024, "é" * 512, "n" * 255 + "/m", "n" * 256, "d/" * 511 + "e", "con", "a:b", "<&>\"'"),
]
KEYS = st.one_of(
    st.sampled_from(AWKWARD[:12]), st.sampled_from(AWKWARD), st.text(min_size=1, max_size=12)
)  # fmt: skip
BODIES = st.one_of(st.binary(max_size=40), st.sampled_from(["blocks", "part"]))
LONG = {"blocks": bytes(range(256)) * 5000, "part": b"p" * 5 * MIB}
TYPES = st.sampled_from(["text/plain", "application/json; charset=utf-8", "image/jpeg"])
METADATA = st.dictionaries(
    st.sampled_from(["a", "label", "with-hyphen"]), st.sampled_from(["1", "two words", "x=y; z", ""]), max_size=2
)
PREFIXES = st.sampled_from(["", "a", "a/", "a//", "/", ".", "é", "n", "图片/", "none", "d/d/", "%"])
DELIMITERS = st.sampled_from(["", "/", "/", "//", "b", "é", " ", "%"])


@dataclass(frozen=True)
class Kept:
    """An object as the model has it."""

    body: bytes
    etag: str
    content_type: str = "binary/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class Begun:
    """An upload in parts as the model has it."""

    key: str
    parts: dict[int, bytes] = field(default_factory=dict)


def bytes_of(body: bytes | str) -> bytes:
    """A body that would be too long to be told in full where a test fails has a name."""
    return LONG[body] if isinstance(body, str) else body


def md5(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def joined_md5(parts: list[bytes]) -> str:
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'


def code_of(call: Any, **arguments: Any) -> str:
    """The error's code; empty where there was none."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def listed(keys: Any, prefix: str, delimiter: str, after: str) -> list[tuple[str, bool]]:
    """Keys and (True) common prefixes as S3 lists them: in the order of UTF-8 bytes."""
    found = set()
    for key in keys:
        if key.startswith(prefix) and key.encode() > after.encode():
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            found.add((key, False) if cut < 0 else (key[: cut + len(delimiter)], True))
    return sorted(found - {(after, True)}, key=lambda item: item[0].encode())


class Promises(RuleBasedStateMachine):
    """Every rule asks the server and the model for the same and compares what they say."""

    client: Any
    number = 0

    @initialize()
    def make_bucket(self) -> None:
        Promises.number += 1
        self.bucket = f"promises-{Promises.number}"
        self.client.create_bucket(Bucket=self.bucket)
        self.objects: dict[str, Kept] = {}
        self.uploads: dict[str, Begun] = {}

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    @rule(key=KEYS, body=BODIES, content_type=TYPES, metadata=METADATA)
    def put(self, key: str, body: bytes | str, content_type: str, metadata: dict[str, str]) -> None:
        body = bytes_of(body)
        said = {"ContentType": content_type, "Metadata": metadata}
        answer = self.client.put_object(Bucket=self.bucket, Key=key, Body=body, **said)
        assert answer["ETag"] == md5(body)
        self.objects[key] = Kept(body, md5(body), content_type, metadata)

    @rule(key=KEYS, body=BODIES, fits=st.booleans(), new=st.booleans())
    def put_on_condition(self, key: str, body: bytes | str, fits: bool, new: bool) -> None:
        body = bytes_of(body)
        known = self.objects.get(key)
        if new:
            condition, expected = {"IfNoneMatch": "*"}, "PreconditionFailed" if known else ""
        else:
            etag = known.etag if known and fits else md5(b"another")
            expected = "NoSuchKey" if not known else "" if etag == known.etag else "PreconditionFailed"
            condition = {"IfMatch": etag}
        assert code_of(self.client.put_object, Bucket=self.bucket, Key=key, Body=body, **condition) == expected
        if not expected:
            self.objects[key] = Kept(body, md5(body))

    @rule(key=KEYS)
    def read(self, key: str) -> None:
        known = self.objects.get(key)
        if known is None:
            assert code_of(self.client.get_object, Bucket=self.bucket, Key=key) == "NoSuchKey"
            assert code_of(self.client.head_object, Bucket=self.bucket, Key=key) == "404"
            return
        answer = self.client.get_object(Bucket=self.bucket, Key=key)
        found = Kept(answer["Body"].read(), answer["ETag"], answer["ContentType"], answer["Metadata"])
        assert found == known
        head = self.client.head_object(Bucket=self.bucket, Key=key)
        assert (head["ContentLength"], head["ETag"]) == (len(known.body), known.etag)

    @rule(key=KEYS, first=st.integers(0, 50), count=st.integers(1, 50), kind=st.sampled_from(["from", "part", "last"]))
    def read_range(self, key: str, first: int, count: int, kind: str) -> None:
        known = self.objects.get(key)
        if known is None:
            return
        header = {"from": f"bytes={first}-", "part": f"bytes={first}-{first + count - 1}", "last": f"bytes=-{count}"}
        if not known.body or (kind != "last" and first >= len(known.body)):
            code = code_of(self.client.get_object, Bucket=self.bucket, Key=key, Range=header[kind])
            assert code == "InvalidRange"
            return
        wanted = {"from": known.body[first:], "part": known.body[first : first + count], "last": known.body[-count:]}
        answer = self.client.get_object(Bucket=self.bucket, Key=key, Range=header[kind])
        assert answer["Body"].read() == wanted[kind]
        assert answer["ContentRange"].endswith(f"/{len(known.body)}")

    @rule(key=KEYS, fits=st.booleans())
    def read_on_condition(self, key: str, fits: bool) -> None:
        known = self.objects.get(key)
        if known is None:
            return
        named = {"Bucket": self.bucket, "Key": key}
        etag = known.etag if fits else md5(b"another")
        assert code_of(self.client.get_object, IfMatch=etag, **named) == ("" if fits else "PreconditionFailed")
        assert code_of(self.client.head_object, IfNoneMatch=etag, **named) == ("304" if fits else "")

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=key)
        self.objects.pop(key, None)

    @rule(data=st.data())
    def delete_many(self, data: st.DataObject) -> None:
        known = [key for key in self.objects if key.isprintable()]  # others no XML document can name
        keys = data.draw(st.lists(st.sampled_from([*known, "a", "a/b"]), min_size=1, max_size=5, unique=True))
        answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys]})
        assert [item["Key"] for item in answer["Deleted"]] == keys
        for key in keys:
            self.objects.pop(key, None)

    @rule(data=st.data(), key=KEYS, metadata=st.none() | METADATA)
    def copy(self, data: st.DataObject, key: str, metadata: dict[str, str] | None) -> None:
        source = data.draw(st.sampled_from([*self.objects, "not there"]))
        named = {"Bucket": self.bucket, "Key": key, "CopySource": {"Bucket": self.bucket, "Key": source}}
        known = self.objects.get(source)
        replaced = {} if metadata is None else {"MetadataDirective": "REPLACE", "Metadata": metadata}
        if known is None:
            assert code_of(self.client.copy_object, **named, **replaced) == "NoSuchKey"
        elif source == key and metadata is None:
            assert code_of(self.client.copy_object, **named) == "InvalidRequest"
        else:
            etag = self.client.copy_object(**named, **replaced)["CopyObjectResult"]["ETag"]
            if metadata is None:
                assert etag == known.etag
                self.objects[key] = known
            else:
                self.objects[key] = Kept(known.body, etag, metadata=metadata)

    # ── listings ─────────────────────────────────────────────────────────────────────────────────

    @rule(prefix=PREFIXES, delimiter=DELIMITERS, after=st.just("") | KEYS, size=st.sampled_from([1, 2, 3, 1000]))
    def list_all(self, prefix: str, delimiter: str, after: str, size: int) -> None:
        self.compare_listings(prefix, delimiter, after, size)

    def compare_listings(self, prefix: str, delimiter: str, after: str, size: int) -> None:
        expected = listed(self.objects, prefix, delimiter, after)
        for call, behind in (("list_objects_v2", "StartAfter"), ("list_objects", "Marker")):
            pages = self.client.get_paginator(call).paginate(
                Bucket=self.bucket, Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": size},
                **({behind: after} if after else {}),
            )  # fmt: skip
            found = []
            for page in pages:
                keys = [(item["Key"], False) for item in page.get("Contents", [])]
                prefixes = [(item["Prefix"], True) for item in page.get("CommonPrefixes", [])]
                assert len(keys) + len(prefixes) <= size
                assert page["IsTruncated"] is (len(found) + len(keys) + len(prefixes) < len(expected))
                found += sorted(keys + prefixes, key=lambda item: item[0].encode())
                for item in page.get("Contents", []):
                    known = self.objects[item["Key"]]
                    assert (item["Size"], item["ETag"]) == (len(known.body), known.etag)
            assert found == expected

    # ── uploads in parts ─────────────────────────────────────────────────────────────────────────

    @rule(key=KEYS)
    def begin(self, key: str) -> None:
        answer = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, ContentType="x/y")
        self.uploads[answer["UploadId"]] = Begun(key)

    @precondition(lambda self: self.uploads)
    @rule(data=st.data(), number=st.sampled_from([1, 2, 9, 10000]), body=BODIES)
    def send_part(self, data: st.DataObject, number: int, body: bytes | str) -> None:
        body = bytes_of(body)
        named, upload = self.draw_upload(data)
        assert self.client.upload_part(PartNumber=number, Body=body, **named)["ETag"] == md5(body)
        upload.parts[number] = body

    @precondition(lambda self: self.uploads and self.objects)
    @rule(data=st.data(), number=st.sampled_from([1, 2, 9]))
    def copy_part(self, data: st.DataObject, number: int) -> None:
        named, upload = self.draw_upload(data)
        source = data.draw(st.sampled_from(list(self.objects)))
        said = {"CopySource": {"Bucket": self.bucket, "Key": source}, "PartNumber": number}
        self.client.upload_part_copy(**said, **named)
        upload.parts[number] = self.objects[source].body

    @precondition(lambda self: self.uploads)
    @rule(data=st.data())
    def list_parts(self, data: st.DataObject) -> None:
        named, upload = self.draw_upload(data)
        pages = self.client.get_paginator("list_parts").paginate(**named, PaginationConfig={"PageSize": 2})
        found = {part["PartNumber"]: (part["Size"], part["ETag"]) for page in pages for part in page.get("Parts", [])}
        assert found == {number: (len(body), md5(body)) for number, body in upload.parts.items()}
        begun = self.client.list_multipart_uploads(Bucket=self.bucket, EncodingType="url")["Uploads"]
        told = {item["UploadId"]: unquote(item["Key"]) for item in begun}
        assert told == {id_: one.key for id_, one in self.uploads.items()}

    @precondition(lambda self: any(upload.parts for upload in self.uploads.values()))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        named, upload = self.draw_upload(data)
        numbers = data.draw(st.lists(st.sampled_from([*upload.parts, 77]), min_size=1, max_size=3))
        tags = [{"PartNumber": number, "ETag": md5(upload.parts.get(number, b""))} for number in numbers]
        bodies = [upload.parts.get(number, b"") for number in numbers]
        ordered = all(one < other for one, other in pairwise(numbers))
        code = code_of(self.client.complete_multipart_upload, MultipartUpload={"Parts": tags}, **named)
        if 77 in numbers or not ordered:
            assert code in ("InvalidPart", "InvalidPartOrder")
        elif any(len(body) < 5 * MIB for body in bodies[:-1]):
            assert code == "EntityTooSmall"
        else:
            assert code == ""
            del self.uploads[named["UploadId"]]
            self.objects[upload.key] = Kept(b"".join(bodies), joined_md5(bodies), "x/y")

    @precondition(lambda self: self.uploads)
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        named, _ = self.draw_upload(data)
        self.client.abort_multipart_upload(**named)
        del self.uploads[named["UploadId"]]
        assert code_of(self.client.list_parts, **named) == "NoSuchUpload"

    def draw_upload(self, data: st.DataObject) -> tuple[dict[str, str], Begun]:
        upload = data.draw(st.sampled_from(list(self.uploads)))
        return {"Bucket": self.bucket, "Key": self.uploads[upload].key, "UploadId": upload}, self.uploads[upload]

    # ── at the end ───────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        self.compare_listings("", "", "", 1000)
        for key in list(self.objects):
            self.client.delete_object(Bucket=self.bucket, Key=key)
        assert self.client.list_objects_v2(Bucket=self.bucket)["KeyCount"] == 0
        self.client.delete_bucket(Bucket=self.bucket)


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    return server.client(s3={"addressing_style": "path"})


def test_the_server_keeps_what_s3_promises_whatever_is_asked_in_which_order(client: Any) -> None:
    Promises.client = client
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=20, stateful_step_count=30, phases=[Phase.generate], deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
