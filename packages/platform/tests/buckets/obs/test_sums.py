"""Checksums of objects and of their parts: held against the bytes, kept, and told to who asks."""

from __future__ import annotations

import base64
import hashlib
import os
import random
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from maquette.buckets.obs import sums
from maquette.buckets.obs.answers import S3Error

MIB = 1 << 20
CHECK = b"123456789"  # what the catalogues of checksums tell each one's value of
KNOWN = {"crc32": "cbf43926", "crc32c": "e3069283", "crc64nvme": "ae8b14860a799888"}


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**arguments)
    return str(told.value.response["Error"]["Code"])


def in_text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize("name", KNOWN)
def test_a_crc_is_the_same_however_the_bytes_come(name: str) -> None:
    data = random.Random(1).randbytes(200_001)
    whole, running = sums.Crc(name), sums.Crc(name)
    whole.update(data)
    for start, end in pairwise([0, 1, 33, 33, 257, 65_536, len(data)]):
        running.update(data[start:end])
    assert running.digest() == whole.digest()


@pytest.mark.parametrize("name", KNOWN)
def test_each_crc_is_the_one_of_its_name(name: str) -> None:
    running = sums.ALGORITHMS[name].new()
    running.update(CHECK)
    assert running.digest().hex() == KNOWN[name]


@pytest.mark.parametrize("name", KNOWN)
def test_the_crc_of_two_pieces_is_that_of_both_together(name: str) -> None:
    pieces = [random.Random(1).randbytes(70_001), random.Random(2).randbytes(12_345)]
    alone, together = [sums.Crc(name), sums.Crc(name)], sums.Crc(name)
    for running, piece in zip(alone, pieces, strict=True):
        running.update(piece)
        together.update(piece)
    assert sums.joined(name, alone[0].digest(), alone[1].digest(), len(pieces[1])) == together.digest()


@pytest.mark.parametrize(
    ("name", "kind"), [("MD4", None), ("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE"), ("CRC32", "HALF")]
)
def test_a_checksum_that_no_upload_can_have_is_refused(name: str, kind: str | None) -> None:
    with pytest.raises(S3Error) as told:
        sums.chosen(name, kind)
    assert told.value.code == "InvalidRequest"


def value_of(name: str, data: bytes) -> str:
    digest = sums.ALGORITHMS[name].new()
    digest.update(data)
    return in_text(digest.digest())


@pytest.mark.parametrize("name", sums.ALGORITHMS)
def test_a_checksum_is_kept_with_the_object_and_told_to_who_asks(s3: Any, bucket: str, name: str) -> None:
    field, named = f"Checksum{name.upper()}", {"Bucket": bucket, "Key": "x"}
    right = {field: value_of(name, b"body")}
    assert s3.put_object(**named, Body=b"body", **right)[field] == right[field]
    assert field not in s3.head_object(**named)
    found = s3.head_object(**named, ChecksumMode="ENABLED")
    assert (found[field], found["ChecksumType"], found["Metadata"]) == (right[field], "FULL_OBJECT", {})
    assert code_of(s3.put_object, **named, Body=b"other", **right) == "BadDigest"
    assert code_of(s3.put_object, **named, Body=b"other", **{field: "no base 64"}) == "BadDigest"
    assert s3.get_object(**named)["Body"].read() == b"body"
    copied = s3.copy_object(Bucket=bucket, Key="y", CopySource=named)["CopyObjectResult"]
    assert copied[field] == right[field]


def test_a_checksum_is_not_told_of_a_piece_nor_of_what_was_appended_to(served: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"body", ChecksumAlgorithm="SHA256")
    piece = s3.get_object(Bucket=bucket, Key="x", Range="bytes=1-2", ChecksumMode="ENABLED")
    assert piece["Body"].read() == b"od" and "ChecksumSHA256" not in piece
    assert served.signed("POST", f"/{bucket}/x?append&position=4", {}, b"+").status == 200
    whole = s3.get_object(Bucket=bucket, Key="x", ChecksumMode="ENABLED")
    assert whole["Body"].read() == b"body+" and "ChecksumSHA256" not in whole


def send(s3: Any, named: dict[str, str], name: str, bodies: list[bytes], **kind: str) -> tuple[str, list[Any]]:
    field = f"Checksum{name.upper()}"
    upload = s3.create_multipart_upload(**named, ChecksumAlgorithm=name.upper(), **kind)
    assert (upload["ChecksumAlgorithm"], field in upload) == (name.upper(), False)
    parts = []
    for number, body in enumerate(bodies, 1):
        value = value_of(name, body)
        part = {**named, "UploadId": upload["UploadId"], "PartNumber": number}
        assert s3.upload_part(**part, Body=body, **{field: value})[field] == value
        parts.append({"PartNumber": number, "ETag": hashlib.md5(body).hexdigest(), field: value})
    return upload["UploadId"], parts


@pytest.mark.parametrize(
    ("name", "kind"),
    [("crc32", "COMPOSITE"), ("crc32", "FULL_OBJECT"), ("crc32c", "FULL_OBJECT"), ("crc64nvme", "FULL_OBJECT"),
     ("sha1", "COMPOSITE"), ("sha256", "COMPOSITE")],
)  # fmt: skip
def test_the_checksum_of_an_upload_is_made_of_those_of_its_parts(s3: Any, bucket: str, name: str, kind: str) -> None:
    named, field = {"Bucket": bucket, "Key": "x"}, f"Checksum{name.upper()}"
    bodies = [b"1" * 5 * MIB, b"2" * (5 * MIB + 1), b"tail"]
    upload, parts = send(s3, named, name, bodies, ChecksumType=kind)
    listed = s3.list_parts(**named, UploadId=upload)
    assert [part[field] for part in listed["Parts"]] == [part[field] for part in parts]
    right = value_of(name, b"".join(bodies))
    if kind == "COMPOSITE":
        right = value_of(name, b"".join(base64.b64decode(part[field]) for part in parts)) + "-3"
    asked = {**named, "UploadId": upload, "MultipartUpload": {"Parts": parts}}
    assert code_of(s3.complete_multipart_upload, **asked, **{field: "bad"}) == "BadDigest"
    wrong = [{**parts[0], field: parts[1][field]}, *parts[1:]]
    assert code_of(s3.complete_multipart_upload, **{**asked, "MultipartUpload": {"Parts": wrong}}) == "InvalidPart"
    assert code_of(s3.complete_multipart_upload, **asked, MpuObjectSize=5) == "InvalidRequest"
    for _ in range(2):  # once more, where the answer was lost
        answer = s3.complete_multipart_upload(**asked, **{field: right})
        assert (answer[field], answer["ChecksumType"]) == (right, kind)
    assert s3.head_object(**named, ChecksumMode="ENABLED")[field] == right
    for number, body in enumerate(bodies, 1):
        part = s3.get_object(**named, PartNumber=number)
        assert (part[field], part["ChecksumType"], part["PartsCount"]) == (parts[number - 1][field], kind, 3)
        assert part["Body"].read() == body


def test_a_part_that_brings_no_checksum_is_given_the_one_of_its_upload(served: Any, s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "x"}
    s3.put_object(Bucket=bucket, Key="source", Body=b"copied")
    upload = s3.create_multipart_upload(**named, ChecksumAlgorithm="CRC32")["UploadId"]
    first = served.signed("PUT", f"/{bucket}/x?partNumber=1&uploadId={upload}", {}, b"1" * 5 * MIB)
    assert first.headers["x-amz-checksum-crc32"] == value_of("crc32", b"1" * 5 * MIB)
    copied = s3.upload_part_copy(**named, UploadId=upload, PartNumber=2, CopySource=f"{bucket}/source")
    assert copied["CopyPartResult"]["ChecksumCRC32"] == value_of("crc32", b"copied")
    parts = [{"PartNumber": 1, "ETag": first.headers["etag"]}, {"PartNumber": 2, **copied["CopyPartResult"]}]
    told = [{name: part[name] for name in ("PartNumber", "ETag")} for part in parts]
    done = s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload={"Parts": told})
    assert done["ChecksumCRC32"].endswith("-2")


ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]


def test_attributes_tell_of_an_object_without_its_bytes(served: Any, s3: Any, bucket: str) -> None:
    named, asked = {"Bucket": bucket, "Key": "x"}, {"ObjectAttributes": ATTRIBUTES}
    etag = s3.put_object(**named, Body=b"body", ChecksumAlgorithm="SHA256")["ETag"].strip('"')
    found = s3.get_object_attributes(**named, **asked)
    assert (found["ETag"], found["ObjectSize"], found["StorageClass"]) == (etag, 4, "STANDARD")
    assert found["Checksum"] == {"ChecksumSHA256": value_of("sha256", b"body"), "ChecksumType": "FULL_OBJECT"}
    assert "ObjectParts" not in found
    answer = served.signed("GET", f"/{bucket}/x?attributes", {"x-amz-object-attributes": "ETag,Colour"})
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert code_of(s3.get_object_attributes, **{**named, "Key": "missing"}, **asked) == "NoSuchKey"


def test_parts_are_told_by_their_places_page_by_page(s3: Any, bucket: str) -> None:
    named, bodies = {"Bucket": bucket, "Key": "x"}, [os.urandom(5 * MIB), os.urandom(5 * MIB + 3), b"tail"]
    upload, parts = s3.create_multipart_upload(**named)["UploadId"], []
    for number, body in zip((2, 7, 9), bodies, strict=True):
        etag = s3.upload_part(**named, UploadId=upload, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload={"Parts": parts})
    for number, body in enumerate(bodies, 1):
        assert s3.head_object(**named, PartNumber=number)["ContentLength"] == len(body)
        assert s3.get_object(**named, PartNumber=number)["Body"].read() == body
    for number in (0, 4):
        assert code_of(s3.get_object, **named, PartNumber=number) == "InvalidPart"
    assert code_of(s3.get_object, **named, PartNumber=1, Range="bytes=0-1") == "InvalidRequest"
    asked = {"ObjectAttributes": ["ObjectParts"], "MaxParts": 1, "PartNumberMarker": 1}
    told = s3.get_object_attributes(**named, **asked)["ObjectParts"]
    assert (told["TotalPartsCount"], told["IsTruncated"], told["NextPartNumberMarker"]) == (3, True, 2)
    assert told["Parts"] == [{"PartNumber": 2, "Size": 5 * MIB + 3}]
