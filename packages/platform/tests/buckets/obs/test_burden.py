"""Much at once, large, slow, full, and changed behind our back, against `maquette up`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import anyio
import psutil
import pytest
from botocore.exceptions import ClientError

from maquette.buckets.obs.answers import S3Error
from maquette.buckets.obs.body import Incoming

from ..conftest import HELD_UP, PATIENCE

MIB = 1 << 20


@pytest.fixture(scope="module")
def s3(server: Any) -> Any:
    return server.client(s3={"addressing_style": "path"}, signature_version="s3v4")


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"burden-{abs(hash(request.node.nodeid)) % 10**12}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        if keys := [{"Key": item["Key"]} for item in page.get("Contents", [])]:
            s3.delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=name)


def code_of(call: Any, **arguments: Any) -> str:
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


# ── large ────────────────────────────────────────────────────────────────────────────────────────


class Pattern:
    """A file of so many bytes that is never in memory as a whole; reading it keeps its MD5."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.digest = hashlib.md5()
        self._block = random.Random(7).randbytes(MIB)
        self._at = 0

    def __len__(self) -> int:
        return self.size

    def read(self, count: int = -1) -> bytes:
        count = min(count if count >= 0 else self.size, self.size - self._at, MIB)
        first = self._at % MIB
        data = (self._block[first:] + self._block)[:count]
        self._at += len(data)
        self.digest.update(data)
        return data


class Watch:
    """The most memory that a process had while the block ran."""

    def __init__(self, process: int) -> None:
        self._process = psutil.Process(process)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.before = self.most = self._process.memory_info().rss

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, self._process.memory_info().rss)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@pytest.mark.parametrize(
    ("size", "key"),
    [
        pytest.param(300 * MIB, "copy", id="300MB and a copy"),
        pytest.param(5120 * MIB, "large", id="5GB", marks=pytest.mark.every_engine),
    ],
)
def test_an_object_of_any_size_goes_up_and_down_in_constant_memory(
    server: Any, s3: Any, bucket: str, size: int, key: str
) -> None:
    link = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "large"}, ExpiresIn=600)
    with Watch(server.process.pid) as watch:
        body = Pattern(size)
        put = urllib.request.Request(link, body, {"Content-Length": str(size), "Content-Type": ""}, method="PUT")
        with urllib.request.urlopen(put, timeout=600) as answer:
            assert answer.headers["ETag"] == f'"{body.digest.hexdigest()}"'
        if key == "copy":
            s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/large")
        found = hashlib.md5()
        for block in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(MIB):
            found.update(block)
        assert found.hexdigest() == body.digest.hexdigest()
    assert watch.most - watch.before < 32 * MIB, (watch.before, watch.most)


def test_a_large_upload_in_parts_is_put_together_in_constant_memory(server: Any, s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "parts"}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    part = random.Random(1).randbytes(16 * MIB)
    with Watch(server.process.pid) as watch:
        with ThreadPoolExecutor(4) as pool:
            sent = pool.map(lambda number: s3.upload_part(PartNumber=number, Body=part, **named)["ETag"], range(1, 17))
        tags = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(sent, 1)]
        s3.complete_multipart_upload(**named, MultipartUpload={"Parts": tags})
    assert s3.head_object(Bucket=bucket, Key="parts")["ContentLength"] == 256 * MIB
    assert watch.most - watch.before < 48 * MIB, (watch.before, watch.most)


# ── many ─────────────────────────────────────────────────────────────────────────────────────────


def test_sixty_four_clients_at_once_read_and_write_whole_objects(server: Any, s3: Any, bucket: str) -> None:
    shared = [f"shared/{number}" for number in range(8)]

    def work(number: int) -> None:
        client = server.client(s3={"addressing_style": "path"})
        mine = bytes([number]) * (2000 + 40_000 * (number % 3))
        for turn in range(12):
            key = shared[(number + turn) % len(shared)]
            client.put_object(Bucket=bucket, Key=key, Body=mine)
            found = client.get_object(Bucket=bucket, Key=key)
            body = found["Body"].read()
            assert len(set(body)) == 1 and found["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
            client.put_object(Bucket=bucket, Key=f"own/{number}/{turn}", Body=mine)
        assert client.list_objects_v2(Bucket=bucket, Prefix=f"own/{number}/")["KeyCount"] == 12

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(work, range(64)))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 64 * 12 + len(shared)


def test_ten_thousand_objects_of_one_folder_are_listed_page_by_page(server: Any, s3: Any, bucket: str) -> None:
    keys = [f"folder/{number:05d}" for number in range(10_000)]
    for key in keys[:100]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"through the store")
    for key in keys[100:]:
        (server.home / "buckets" / bucket / key).write_bytes(b"x")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="folder/"))
    assert [item["Key"] for page in pages for item in page["Contents"]] == keys
    assert [page["KeyCount"] for page in pages] == [1000] * 10
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [item["Prefix"] for item in top["CommonPrefixes"]] == ["folder/"] and top["KeyCount"] == 1
    after = s3.list_objects_v2(Bucket=bucket, StartAfter="folder/09997")
    assert [item["Key"] for item in after["Contents"]] == keys[-2:]


# ── slow ─────────────────────────────────────────────────────────────────────────────────────────


def begin_upload(s3: Any, bucket: str, key: str, sent: int) -> socket.socket:
    """An upload of which nothing comes after so many bytes."""
    link = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=600))
    connection = socket.create_connection((link.hostname or "", link.port or 80))
    head = f"PUT {link.path}?{link.query} HTTP/1.1\r\nHost: {link.netloc}\r\nContent-Length: {8 * MIB}\r\n\r\n"
    connection.sendall(head.encode() + bytes(sent))
    return connection


def test_clients_that_are_slow_to_send_hold_up_nobody_else(server: Any, bucket: str) -> None:
    s3 = server.client(s3={"addressing_style": "path"}, signature_version="s3v4", read_timeout=HELD_UP)
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    with ThreadPoolExecutor(20) as pool:
        slow = list(pool.map(lambda number: begin_upload(s3, bucket, f"slow/{number}", 1_200_000), range(150)))
    half = server.home / "buckets" / bucket / ".maquette" / "half"
    try:
        wait_until(lambda: len(list(half.iterdir())) >= 128)  # as many as are read at the same time
        with urllib.request.urlopen(f"{server.url}/health", timeout=HELD_UP) as answer:
            assert answer.status == 200
        assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
        s3.put_object(Bucket=bucket, Key="b", Body=b"b" * 500_000)
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 2
        s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/b")
    finally:
        for connection in slow:
            connection.close()
    wait_until(lambda: not list(half.iterdir()))


def wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_client_of_which_nothing_more_comes_is_given_up() -> None:
    async def receive() -> Any:
        await anyio.sleep_forever()

    with pytest.raises(S3Error, match="Nothing came for 0 seconds") as told:
        anyio.run(Incoming(receive, patience=0.01).begin)
    assert (told.value.code, told.value.status) == ("RequestTimeout", 400)


# ── behind our back ──────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_edited_behind_our_back_is_told_as_it_is_now(server: Any, s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "notes/a.txt"}
    before = s3.put_object(**named, Body=b"old", ContentType="text/plain", Metadata={"by": "client"})["ETag"]
    file = server.home / "buckets" / bucket / "notes" / "a.txt"
    file.write_bytes(b"edited by hand")
    found = s3.get_object(**named)
    assert found["Body"].read() == b"edited by hand" and found["Metadata"] == {}
    etag = found["ETag"]
    assert etag != before and etag.endswith('-0"') and s3.head_object(**named)["ETag"] == etag
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["ETag"] == etag
    assert code_of(s3.get_object, **named, IfMatch=before) == "PreconditionFailed"
    file.with_name("b.txt").write_bytes(b"new")
    file.unlink()
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["notes/b.txt"]
    assert code_of(s3.get_object, **named) == "NoSuchKey"
    file.mkdir()
    s3.put_object(**named, Body=b"beside the folder")
    assert s3.get_object(**named)["Body"].read() == b"beside the folder"


# ── full ─────────────────────────────────────────────────────────────────────────────────────────


def sign_in(url: str) -> tuple[int, str]:
    body = json.dumps({"name": "admin", "password": "correct horse"}).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/maquette/session", body, {"Content-Type": "application/json"})
        ) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["parameters"].get("reason", "")


def test_a_full_disk_is_told_and_keeps_what_was_there(start_up: Any, small_disk: Any) -> None:
    up = start_up(home=small_disk("8m") / "home")
    s3 = up.client(s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="pets")
    s3.put_object(Bucket="pets", Key="old", Body=b"old")
    named = {"Bucket": "pets", "Key": "old"}
    upload = {**named, "UploadId": s3.create_multipart_upload(**named)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"p" * MIB)["ETag"]
    kept = [*fill(s3, 500_000), *fill(s3, 5000), *fill(s3, 1)]
    refused = {
        "put": (s3.put_object, {**named, "Body": b"x" * 50_000}),
        "part": (s3.upload_part, {**upload, "PartNumber": 2, "Body": b"x" * 50_000}),
        "complete": (
            s3.complete_multipart_upload,
            {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part}]}},
        ),
        "copy": (s3.copy_object, {"Bucket": "pets", "Key": "copy", "CopySource": f"pets/{kept[0]}"}),
        "begin": (s3.create_multipart_upload, {"Bucket": "pets", "Key": "other"}),
        "deep": (s3.put_object, {"Bucket": "pets", "Key": "deep/er/x", "Body": b"x" * 50_000}),
        "odd": (s3.put_object, {"Bucket": "pets", "Key": "a//b", "Body": b"x" * 50_000}),
    }
    for name, (call, arguments) in refused.items():
        assert code_of(call, **arguments) == "InsufficientStorage", name
    assert s3.get_object(**named)["Body"].read() == b"old"
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket="pets")["Contents"]]
    assert listed == sorted(["old", *kept])
    assert os.listdir(up.home / "buckets" / "pets" / ".maquette" / "half") == []
    # Rows have no room either; what cannot be kept is not half there.
    assert code_of(s3.create_bucket, Bucket="more") == "InsufficientStorage"
    assert code_of(s3.head_bucket, Bucket="more") == "404"
    assert sign_in(up.url) == (503, "full")
    s3.delete_objects(Bucket="pets", Delete={"Objects": [{"Key": key} for key in kept[:3]]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    assert s3.get_object(**named)["Body"].read() == b"p" * MIB
    assert sign_in(up.url)[0] == 204
    s3.create_bucket(Bucket="more")


def fill(s3: Any, size: int) -> list[str]:
    """Objects of this size until there is no more room for one."""
    keys: list[str] = []
    while not (code := code_of(s3.put_object, Bucket="pets", Key=f"{size}-{len(keys):03d}", Body=b"x" * size)):
        keys.append(f"{size}-{len(keys):03d}")
    assert code == "InsufficientStorage"
    return keys
