"""Objects that come in parts."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from maquette.buckets.obs import parts as parts_module
from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.parts import Parts
from maquette.buckets.obs.whole import find_spot

MIB = 1 << 20


def code_of(told: pytest.ExceptionInfo[ClientError]) -> str:
    return str(told.value.response["Error"]["Code"])


def send(s3: Any, bucket: str, key: str, bodies: dict[int, bytes], **said: Any) -> tuple[str, list[dict[str, Any]]]:
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **said)["UploadId"]
    tags = []
    for number, body in bodies.items():
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
        tags.append({"PartNumber": number, "ETag": answer["ETag"]})
    return upload, tags


def complete(s3: Any, bucket: str, key: str, upload: str, tags: list[dict[str, Any]]) -> Any:
    return s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": tags})


def test_parts_become_one_object_with_the_etag_that_s3_gives(s3: Any, bucket: str) -> None:
    bodies = {2: os.urandom(5 * MIB), 7: os.urandom(5 * MIB + 3), 9: b"tail"}
    upload, tags = send(s3, bucket, "a/big", bodies, ContentType="image/tiff", Metadata={"x": "1"})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    answer = complete(s3, bucket, "a/big", upload, tags)
    digests = b"".join(hashlib.md5(body).digest() for body in bodies.values())
    assert answer["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    found = s3.get_object(Bucket=bucket, Key="a/big")
    assert (found["ETag"], found["ContentType"], found["Metadata"]) == (answer["ETag"], "image/tiff", {"x": "1"})
    assert found["Body"].read() == b"".join(bodies.values())


def test_a_completion_whose_answer_was_lost_may_be_asked_for_again(s3: Any, bucket: str) -> None:
    upload, tags = send(s3, bucket, "x", {1: b"one"})
    first = complete(s3, bucket, "x", upload, tags)
    assert complete(s3, bucket, "x", upload, tags)["ETag"] == first["ETag"]
    s3.put_object(Bucket=bucket, Key="x", Body=b"newer")
    with pytest.raises(ClientError) as told:
        complete(s3, bucket, "x", upload, tags)
    assert code_of(told) == "NoSuchUpload"
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"newer"


def test_a_part_sent_again_takes_the_place_of_the_first(s3: Any, bucket: str) -> None:
    upload, _ = send(s3, bucket, "x", {1: b"first"})
    answer = s3.upload_part(Bucket=bucket, Key="x", UploadId=upload, PartNumber=1, Body=b"second")
    (line,) = s3.list_parts(Bucket=bucket, Key="x", UploadId=upload)["Parts"]
    assert (line["PartNumber"], line["ETag"], line["Size"]) == (1, answer["ETag"], 6)
    complete(s3, bucket, "x", upload, [{"PartNumber": 1, "ETag": answer["ETag"]}])
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"second"


def test_parts_are_listed_page_by_page(s3: Any, bucket: str) -> None:
    upload, _ = send(s3, bucket, "x", {number: b"x" * number for number in (1, 3, 10, 4)})
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=bucket, Key="x", UploadId=upload, PaginationConfig={"PageSize": 3}
    )
    assert [(part["PartNumber"], part["Size"]) for page in pages for part in page["Parts"]] == [
        (1, 1),
        (3, 3),
        (4, 4),
        (10, 10),
    ]


def test_an_aborted_upload_leaves_nothing(s3: Any, served: Any, bucket: str) -> None:
    upload, _ = send(s3, bucket, "x", {1: b"x"})
    assert (served.root / ".maquette" / "uploads" / upload).is_dir()
    s3.abort_multipart_upload(Bucket=bucket, Key="x", UploadId=upload)
    assert not (served.root / ".maquette" / "uploads" / upload).exists()
    with pytest.raises(ClientError) as told:
        s3.list_parts(Bucket=bucket, Key="x", UploadId=upload)
    assert code_of(told) == "NoSuchUpload"


def test_uploads_under_way_are_listed_by_key_and_age(s3: Any, bucket: str) -> None:
    started = [(key, send(s3, bucket, key, {})[0]) for key in ("b/é", "a", "b/é", "c")]
    expected = [started[1], started[0], started[2], started[3]]
    found = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [(item["Key"], item["UploadId"]) for item in found] == expected
    found = s3.list_multipart_uploads(Bucket=bucket, Prefix="b/")["Uploads"]
    assert [item["UploadId"] for item in found] == [started[0][1], started[2][1]]
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [(item["Key"], item["UploadId"]) for page in pages for item in page.get("Uploads", [])] == expected


def test_a_part_may_be_a_piece_of_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload, _ = send(s3, bucket, "x", {})
    arguments = {"Bucket": bucket, "Key": "x", "UploadId": upload, "CopySource": f"{bucket}/source"}
    part = s3.upload_part_copy(PartNumber=1, CopySourceRange="bytes=2-5", **arguments)["CopyPartResult"]
    complete(s3, bucket, "x", upload, [{"PartNumber": 1, "ETag": part["ETag"]}])
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"2345"


def test_a_completion_that_does_not_fit_is_refused_and_the_upload_stays(s3: Any, bucket: str) -> None:
    upload, tags = send(s3, bucket, "x", {1: b"small", 2: b"last"})
    wrong = {"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}
    cases = [
        (tags, "EntityTooSmall"),
        (tags[::-1], "InvalidPartOrder"),
        ([tags[0], tags[0]], "InvalidPartOrder"),
        ([wrong], "InvalidPart"),
        ([{"PartNumber": 3, "ETag": tags[0]["ETag"]}], "InvalidPart"),
        ([], "MalformedXML"),
    ]
    for parts, code in cases:
        with pytest.raises(ClientError) as told:
            complete(s3, bucket, "x", upload, parts)
        assert code_of(told) == code
    complete(s3, bucket, "x", upload, tags[:1])
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"small"


BAD = [
    ("PUT", "x?partNumber=0&uploadId=ID", "InvalidArgument"),
    ("PUT", "x?partNumber=10001&uploadId=ID", "InvalidArgument"),
    ("PUT", "x?uploadId=ID", "InvalidArgument"),
    ("PUT", "x?partNumber=1&uploadId=..", "NoSuchUpload"),
    ("PUT", "other?partNumber=1&uploadId=ID", "NoSuchUpload"),
    ("POST", "x?uploadId=" + "0" * 32, "NoSuchUpload"),
    ("GET", "x?uploadId=ID&max-parts=many", "InvalidArgument"),
]


@pytest.mark.parametrize(("method", "path", "code"), BAD)
def test_a_part_without_a_number_or_an_upload_is_refused(
    served: Any, s3: Any, bucket: str, method: str, path: str, code: str
) -> None:
    upload, _ = send(s3, bucket, "x", {})
    assert served.signed(method, f"/{bucket}/{path.replace('ID', upload)}").code == code


def test_boto3_sends_large_files_in_parts_by_itself(s3: Any, bucket: str, tmp_path: Path) -> None:
    data = os.urandom(17 * MIB)
    (tmp_path / "up").write_bytes(data)
    s3.upload_file(str(tmp_path / "up"), bucket, "big")
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    s3.download_file(bucket, "big", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == data


def test_an_upload_survives_a_restart_and_is_forgotten_after_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Parts(tmp_path).start("pets", "x", "text/plain", {"a": "b"})
    Parts(tmp_path).add(upload, 1, [b"one"])
    assert Parts(tmp_path).find(upload.id, "pets", "x") == upload
    assert [(part.number, part.size) for part in Parts(tmp_path).of(upload)] == [(1, 3)]
    folder = tmp_path / upload.id
    os.utime(folder, (0, 0))
    Parts(tmp_path).start("pets", "y", "text/plain", {})
    assert not folder.exists()
    assert parts_module.joined_etag([]) == "d41d8cd98f00b204e9800998ecf8427e-0"


# ── parts that lie in one file ───────────────────────────────────────────────────────────────────


def folder_of(served: Any, upload: str) -> Path:
    return Path(served.root) / ".maquette" / "uploads" / upload


def content(number: int, size: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest() * (size // 32) + b"x" * (size % 32)


def test_parts_of_one_size_become_the_object_without_a_copy(s3: Any, served: Any, bucket: str) -> None:
    bodies = {number: content(number, 5 * MIB if number < 4 else 7) for number in (1, 3, 4, 2)}
    upload, tags = send(s3, bucket, "a/b", bodies)
    inode = (folder_of(served, upload) / "whole").stat().st_ino
    complete(s3, bucket, "a/b", upload, sorted(tags, key=lambda tag: int(tag["PartNumber"])))
    assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"".join(bodies[n] for n in (1, 2, 3, 4))
    status = (Path(served.root) / bucket / "a/b").stat()
    assert (status.st_ino, status.st_nlink, status.st_mode & 0o777) == (inode, 1, 0o644)
    assert not folder_of(served, upload).exists()


# Number and size of the parts in the order in which they are sent, and the numbers that are named at the end.
LAYOUTS = {
    "the last first": ([(3, 7), (1, 5), (2, 5)], [1, 2, 3]),
    "a last one that could be any": ([(3, 5.5), (1, 6), (2, 6)], [1, 2, 3]),
    "larger ones later": ([(1, 5), (2, 6), (3, 7)], [1, 2, 3]),
    "a smaller one between": ([(1, 6), (2, 5), (3, 6)], [1, 2, 3]),
    "numbers left out": ([(2, 5), (4, 5), (9, 1)], [2, 4, 9]),
    "not from the first": ([(2, 5), (3, 5)], [2, 3]),
    "one sent twice": ([(1, 5), (2, 5), (1, 5), (3, 1)], [1, 2, 3]),
    "one sent three times": ([(1, 5), (2, 5), (2, 5), (2, 5), (3, 1)], [1, 2, 3]),
    "the last sent again, shorter": ([(1, 5), (2, 5), (2, 1)], [1, 2]),
    "one that is not named": ([(1, 5), (2, 5), (3, 5)], [1, 2]),
    "one between that is not named": ([(1, 5), (2, 5), (3, 5)], [1, 3]),
    "a single small one": ([(1, 0.1)], [1]),
    "a single large one": ([(1, 6)], [1]),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_however_parts_come_the_object_is_made_of_the_last_of_each_number(s3: Any, bucket: str, name: str) -> None:
    sent, named = LAYOUTS[name]
    upload, tags, bodies = send(s3, bucket, "x", {})[0], {}, {}
    for order, (number, size) in enumerate(sent):
        bodies[number] = content(order, int(size * MIB))
        answer = s3.upload_part(Bucket=bucket, Key="x", UploadId=upload, PartNumber=number, Body=bodies[number])
        tags[number] = {"PartNumber": number, "ETag": answer["ETag"]}
    lines = s3.list_parts(Bucket=bucket, Key="x", UploadId=upload)["Parts"]
    assert {line["PartNumber"]: line["Size"] for line in lines} == {n: len(body) for n, body in bodies.items()}
    complete(s3, bucket, "x", upload, [tags[number] for number in named])
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"".join(bodies[number] for number in named)


def test_an_upload_whose_completion_was_refused_goes_on(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"there")
    bodies = {1: content(1, 5 * MIB), 2: content(2, 5 * MIB)}
    upload, tags = send(s3, bucket, "x", bodies)
    with pytest.raises(ClientError) as told:
        s3.complete_multipart_upload(
            Bucket=bucket, Key="x", UploadId=upload, MultipartUpload={"Parts": tags}, IfNoneMatch="*"
        )
    assert code_of(told) == "PreconditionFailed"
    for number in (2, 3):
        bodies[number] = content(10 + number, 5 * MIB)
        answer = s3.upload_part(Bucket=bucket, Key="x", UploadId=upload, PartNumber=number, Body=bodies[number])
        tags[number - 1 :] = [{"PartNumber": number, "ETag": answer["ETag"]}]
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"there"
    complete(s3, bucket, "x", upload, tags)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"".join(bodies.values())


@pytest.mark.parametrize("more", [-1, 1])
def test_a_part_of_another_size_than_announced_is_refused_and_writes_over_nothing(tmp_path: Path, more: int) -> None:
    parts = Parts(tmp_path)
    upload = parts.start("pets", "x", "text/plain", {})
    size = 5 * MIB
    kept = [parts.add(upload, number, [content(number, size)], size) for number in (1, 3)]
    with pytest.raises(S3Error, match="another size"):
        parts.add(upload, 2, [b"y" * size, b"y" * more] if more > 0 else [b"y" * (size + more)], size)
    assert parts.of(upload) == kept
    assert b"".join(parts_module.joined(kept)) == content(1, size) + content(3, size)
    again = parts.add(upload, 2, [content(2, size)], size)
    assert (again.inside, [part.number for part in parts.of(upload)]) == (True, [1, 2, 3])


def test_who_still_writes_into_the_file_keeps_it_from_becoming_the_object(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    upload = parts.start("pets", "x", "text/plain", {})
    kept = [parts.add(upload, 1, [content(1, 5 * MIB)], 5 * MIB)]
    with ExitStack() as writing, ExitStack() as completing:
        assert find_spot(tmp_path / upload.id, 2, 5 * MIB, writing)
        assert parts.whole(upload, kept, completing) is None
    with ExitStack() as completing:
        assert parts.whole(upload, kept, completing) == tmp_path / upload.id / "sealed"
        assert find_spot(tmp_path / upload.id, 3, 5 * MIB, completing) is None
