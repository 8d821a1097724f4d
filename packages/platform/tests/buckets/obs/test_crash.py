"""The server is killed at every step of a change; afterwards the object is the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from ..conftest import PATIENCE

MIB = 1 << 20
BUCKET = "pets"

# For each number on its input: a server of the same home, which kills itself before its step of that number among the
# buckets. Python itself tells the steps, to an audit hook.
LAUNCHER = """
import asyncio, os, signal, sys
from pathlib import Path
from maquette import wiring
from maquette.buckets.door import store_door
from maquette.drivers.stores import local
from maquette.kernel.settings import read_settings
from maquette.web.listening import HttpServer, listen

CHANGES = {"os." + name for name in (
    "rename", "remove", "mkdir", "rmdir", "link", "symlink", "chmod", "chown", "truncate", "utime", "setxattr",
    "removexattr")} | {"fcntl.flock", "shutil.rmtree"}
TO_WRITE = os.O_WRONLY | os.O_RDWR
settings = read_settings({}, Path(sys.argv[1]))

def count(number):
    buckets, seen = str(settings.home.buckets), 0
    def hook(event, arguments):
        nonlocal seen
        opened = event == "open" and arguments[2] & TO_WRITE and str(arguments[0]).startswith(buckets)
        if event in CHANGES or opened:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def serve(number):
    listening = listen("127.0.0.1", 0)
    server = HttpServer(store_door(wiring.platform(settings)))
    if number < 0:
        local._ABANDONED_SECONDS = 0.0
    count(number)
    print(os.getpid(), listening.getsockname()[1], flush=True)
    asyncio.run(server.serve([listening]))

for line in sys.stdin:
    child = os.fork()
    if not child:
        serve(int(line))
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Launcher:
    """Makes servers that die when they are told to."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(server.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, step: int) -> tuple[Any, int]:
        """A client of a server that dies at this step, and the process; at step 0 it does not."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{step}\n")
        self._process.stdin.flush()
        process, port = map(int, self._process.stdout.readline().split())
        return self._server.client(url=f"http://127.0.0.1:{port}", s3={"addressing_style": "path"}), process

    def ended(self, process: int) -> None:
        """The server is dead, killed by itself or now."""
        assert self._process.stdout
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        assert self._process.stdout.readline() == "ended\n"

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def launcher(server: Any) -> Iterator[Launcher]:
    launcher = Launcher(server)
    yield launcher
    launcher.close()


@pytest.fixture(scope="module")
def s3(server: Any) -> Any:
    """The server that lives."""
    return server.client(s3={"addressing_style": "path"})


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    s3.create_bucket(Bucket=BUCKET)
    yield BUCKET
    empty(s3, BUCKET)
    s3.delete_bucket(Bucket=BUCKET)


def empty(s3: Any, bucket: str) -> None:
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


OLD, NEW = b"old" * 1000, b"new!" * 5000
Contents = dict[str, tuple[bytes, str]]


def contents(s3: Any, bucket: str) -> Contents:
    """All objects with what is said of them, as the listing and each of them tell it."""
    found = {}
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        answer = s3.get_object(Bucket=bucket, Key=item["Key"])
        body = answer["Body"].read()
        assert (item["Size"], item["ETag"]) == (len(body), answer["ETag"])
        if "-" not in answer["ETag"]:
            assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        found[item["Key"]] = (body, answer["Metadata"].get("name", ""))
    return found


def put(s3: Any, key: str, body: bytes, name: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata={"name": name})


def to_put(key: str) -> Callable[[Any, Any], None]:
    return lambda s3, _: put(s3, key, NEW, "new")


def with_old(*keys: str) -> Callable[[Any], None]:
    def prepare(s3: Any) -> None:
        for key in keys:
            put(s3, key, OLD, "old")

    return prepare


def to_copy(s3: Any, _: Any) -> None:
    s3.copy_object(Bucket=BUCKET, Key="a", CopySource=f"{BUCKET}/source")


def to_replace_metadata(s3: Any, _: Any) -> None:
    new = {"MetadataDirective": "REPLACE", "Metadata": {"name": "new"}}
    s3.copy_object(Bucket=BUCKET, Key="a", CopySource=f"{BUCKET}/a", **new)


def to_tag(s3: Any, _: Any) -> None:
    many = [{"Key": key, "Value": "ö" * 256} for key in "0123456789"]  # more than the file's own attribute holds
    s3.put_object_tagging(Bucket=BUCKET, Key="a", Tagging={"TagSet": many})


def with_parts(s3: Any, numbers: tuple[int, ...] = (2, 1)) -> dict[str, Any]:
    """Sent one after the other; the first of them decides whether they come to lie in one file."""
    bodies = {1: b"1" * 5 * MIB, 2: NEW}
    put(s3, "a", OLD, "old")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="a", Metadata={"name": "new"})["UploadId"]
    named = {"Bucket": BUCKET, "Key": "a", "UploadId": upload}
    tags = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=bodies[number], **named)["ETag"]}
        for number in numbers
    ]
    return {"named": named, "tags": sorted(tags, key=lambda tag: int(tag["PartNumber"]))}


def with_parts_in_one_file(s3: Any) -> dict[str, Any]:
    return with_parts(s3, (1, 2))


def to_complete(s3: Any, state: Any) -> None:
    s3.complete_multipart_upload(**state["named"], MultipartUpload={"Parts": state["tags"]})


def to_delete(*keys: str) -> Callable[[Any, Any], None]:
    def delete(s3: Any, _: Any) -> None:
        if len(keys) == 1:
            s3.delete_object(Bucket=BUCKET, Key=keys[0])
        else:
            s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]})

    return delete


MANY = ("a", "a/b", "b//c", "d/e/f", "g/")
WHOLE = b"1" * 5 * MIB + NEW

# What is there before, what is done, and which contents each key may have on the way.
Versions = dict[str, list[tuple[bytes, str] | None]]
CHANGES: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], None], Versions]] = {
    "put a new object": (with_old(), to_put("a/b/c"), {"a/b/c": [None, (NEW, "new")]}),
    "put over an object": (with_old("a"), to_put("a"), {"a": [(OLD, "old"), (NEW, "new")]}),
    "put an odd key": (with_old(), to_put("x//y"), {"x//y": [None, (NEW, "new")]}),
    "put over an odd key": (with_old("x//y"), to_put("x//y"), {"x//y": [(OLD, "old"), (NEW, "new")]}),
    "put a beside a/b": (with_old("a/b"), to_put("a"), {"a": [None, (NEW, "new")], "a/b": [(OLD, "old")]}),
    "copy": (with_old("a", "source"), to_copy, {"a": [(OLD, "old")], "source": [(OLD, "old")]}),
    "copy to a new key": (with_old("source"), to_copy, {"a": [None, (OLD, "old")], "source": [(OLD, "old")]}),
    "replace metadata": (with_old("a"), to_replace_metadata, {"a": [(OLD, "old"), (OLD, "new")]}),
    "tag": (with_old("a"), to_tag, {"a": [(OLD, "old")]}),
    "complete an upload": (with_parts, to_complete, {"a": [(OLD, "old"), (WHOLE, "new")]}),
    "complete in one file": (with_parts_in_one_file, to_complete, {"a": [(OLD, "old"), (WHOLE, "new")]}),
    "delete": (with_old("a/b"), to_delete("a/b"), {"a/b": [(OLD, "old"), None]}),
    "delete an odd key": (with_old("x//y"), to_delete("x//y"), {"x//y": [(OLD, "old"), None]}),
    "delete many": (with_old(*MANY), to_delete(*MANY), {key: [(OLD, "old"), None] for key in MANY}),
}  # fmt: skip


def is_killed(change: Callable[[Any, Any], None], client: Any, state: Any) -> bool:
    try:
        change(client, state)
    except BotoCoreError:  # the connection broke
        return True
    return False


@pytest.mark.parametrize("name", CHANGES)
def test_killed_at_any_step_a_change_has_happened_or_not_and_can_be_made_again(
    s3: Any, bucket: str, launcher: Launcher, name: str
) -> None:
    prepare, change, allowed = CHANGES[name]
    step, killed = 0, True
    while killed:
        step += 1
        state = prepare(s3)
        client, process = launcher.start(step)
        killed = is_killed(change, client, state)
        launcher.ended(process)
        found = contents(s3, bucket)
        for key, versions in allowed.items():
            assert found.pop(key, None) in (versions if killed else versions[-1:]), (step, key)
        assert found == {}, step
        change(s3, state)
        expected = {key: versions[-1] for key, versions in allowed.items() if versions[-1]}
        assert contents(s3, bucket) == expected, step
        empty(s3, bucket)
    assert step > 2


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("prepare", [with_parts, with_parts_in_one_file])
def test_killed_while_a_part_comes_in_the_upload_goes_on(
    s3: Any, bucket: str, launcher: Launcher, prepare: Callable[[Any], Any], number: int
) -> None:
    step, killed = 0, True
    while killed:
        step += 1
        state = prepare(s3)
        before = parts(s3, state)

        def send(client: Any, state: Any = state) -> Any:
            return client.upload_part(PartNumber=number, Body=OLD, **state["named"])["ETag"]

        client, process = launcher.start(step)
        killed = is_killed(lambda client, _: send(client), client, state)
        launcher.ended(process)
        after = {**before, number: (f'"{hashlib.md5(OLD).hexdigest()}"', len(OLD))}
        assert parts(s3, state) in ([before, after] if killed else [after]), step
        state["tags"] = [{"PartNumber": number, "ETag": send(s3)}]
        to_complete(s3, state)
        assert contents(s3, bucket) == {"a": (OLD, "new")}
        empty(s3, bucket)
    assert step > 2


def parts(s3: Any, state: Any) -> dict[int, tuple[str, int]]:
    return {part["PartNumber"]: (part["ETag"], part["Size"]) for part in s3.list_parts(**state["named"])["Parts"]}


def test_killed_while_an_upload_begins_or_is_aborted_it_is_there_whole_or_not_at_all(
    s3: Any, bucket: str, launcher: Launcher
) -> None:
    step, killed = 0, True
    while killed:
        step += 1
        client, process = launcher.start(step)
        killed = is_killed(lambda client, _: client.create_multipart_upload(Bucket=bucket, Key="b"), client, None)
        launcher.ended(process)
        begun = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        assert len(begun) <= 1 if killed else len(begun) == 1
        state = with_parts(s3)
        before = parts(s3, state)
        client, process = launcher.start(step)
        aborted = is_killed(lambda client, state: client.abort_multipart_upload(**state["named"]), client, state)
        launcher.ended(process)
        killed = killed or aborted
        try:
            assert parts(s3, state) == before and aborted
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchUpload"
        empty(s3, bucket)
    assert step > 2


def test_killed_while_a_bucket_is_made_or_removed_it_can_be_made_and_removed_again(s3: Any, launcher: Launcher) -> None:
    step, killed = 0, True
    while killed:
        step += 1
        client, process = launcher.start(step)
        killed = is_killed(lambda client, _: client.create_bucket(Bucket=BUCKET), client, None)
        launcher.ended(process)
        make_sure(s3)
        client, process = launcher.start(step)
        removed = is_killed(lambda client, _: client.delete_bucket(Bucket=BUCKET), client, None)
        launcher.ended(process)
        killed = killed or removed
        make_sure(s3)
        put(s3, "a", NEW, "new")
        assert contents(s3, BUCKET) == {"a": (NEW, "new")}
        empty(s3, BUCKET)
        s3.delete_bucket(Bucket=BUCKET)
    assert step > 2


def make_sure(s3: Any) -> None:
    """The bucket is there, whether it was or not."""
    try:
        s3.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "BucketAlreadyOwnedByYou"


def send_half(client: Any, path: str, body: bytes) -> socket.socket:
    """A signed PUT of which half has been sent."""
    link = client.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": path}, ExpiresIn=600)
    address, _, rest = link.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    connection = socket.create_connection((host, int(port)))
    head = f"PUT /{rest} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def files(home: Path) -> list[Path]:
    """What lies in the buckets but is no object yet."""
    return list((home / "buckets" / BUCKET / ".maquette" / "half").iterdir())


def are_half_written(home: Path, number: int) -> bool:
    return len([path for path in files(home) if path.stat().st_size >= 5 * MIB]) == number


def test_killed_in_the_midst_of_a_body_nothing_shows_and_what_is_left_is_swept(
    s3: Any, bucket: str, launcher: Launcher, server: Any
) -> None:
    put(s3, "a", OLD, "old")
    for killed in range(3):
        client, process = launcher.start(0)
        with send_half(client, "a", b"x" * 12 * MIB):
            wait_until(functools.partial(are_half_written, server.home, killed + 1))
            launcher.ended(process)
    assert contents(s3, bucket) == {"a": (OLD, "old")}
    assert len(files(server.home)) == 3
    client, process = launcher.start(-1)  # one for which they are old enough
    put(client, "b", NEW, "new")
    assert files(server.home) == []
    launcher.ended(process)
    assert contents(s3, bucket) == {"a": (OLD, "old"), "b": (NEW, "new")}


def wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_maquette_up_that_was_killed_in_the_midst_of_uploads_goes_on_with_them(start_up: Any) -> None:
    first = start_up()
    s3 = first.client(s3={"addressing_style": "path"})
    s3.create_bucket(Bucket=BUCKET)
    state = with_parts(s3)
    with send_half(s3, "a", b"x" * 12 * MIB):
        wait_until(functools.partial(are_half_written, first.home, 1))
        first.process.kill()
        first.process.wait()
    again = start_up(home=first.home, key=first.key).client(s3={"addressing_style": "path"})
    assert contents(again, BUCKET) == {"a": (OLD, "old")}
    to_complete(again, state)
    assert contents(again, BUCKET) == {"a": (WHOLE, "new")}
