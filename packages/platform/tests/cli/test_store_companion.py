"""The companion as a process: started on a socket that was inherited, as a supervisor does it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

ACCESS, SECRET, TOKEN = "FAKEACCESSKEY0000000", "fake-secret-fake-secret", "fake-token"
KEYS = {
    "MAQUETTE_STORE_ACCESS_KEY": ACCESS,
    "MAQUETTE_STORE_SECRET_KEY": SECRET,
    "MAQUETTE_STORE_TOKEN": TOKEN,
}
COMMAND = [sys.executable, "-m", "maquette.cli.store_companion"]


class Running:
    """A companion, and what a run would know of it."""

    def __init__(self, home: Path, *options: str) -> None:
        self.buckets, self.staging, self.course = home / "buckets", home / "staging", home / "course"
        for folder in (self.buckets / "pets", self.staging, self.course):
            folder.mkdir(parents=True)
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        words = ["--fd", str(listening.fileno()), "--root", str(self.buckets), "--staging", str(self.staging)]
        words += ["--alias", f"share-course={self.course}:ro", "--alias", f"out={self.course}"]
        words += options
        self.process = subprocess.Popen(COMMAND + words, env={**os.environ, **KEYS}, pass_fds=[listening.fileno()])
        listening.close()

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 0}, signature_version="s3v4"),
        )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    companion = Running(tmp_path)
    yield companion
    companion.process.kill()
    companion.process.wait()


def test_it_serves_the_socket_it_inherits_and_ends_well_when_asked(running: Running) -> None:
    s3 = running.client()
    s3.put_object(Bucket="pets", Key="a", Body=b"x")
    assert (running.buckets / "pets" / "a").read_bytes() == b"x"
    (running.staging / "1").write_text("staged")
    wanted = {"bucket": "pets", "files": [["1", "b"]]}
    request = urllib.request.Request(
        f"{running.url}/_maquette/commit", json.dumps(wanted).encode(), {"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer) == {}
    assert s3.get_object(Bucket="pets", Key="b")["Body"].read() == b"staged"
    s3.put_object(Bucket="out", Key="o/x", Body=b"out")
    assert (running.course / "o" / "x").read_bytes() == b"out"
    with pytest.raises(s3.exceptions.ClientError, match="to be read only"):
        s3.put_object(Bucket="share-course", Key="x", Body=b"x")
    s3.close()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(120) == 0


def test_what_was_begun_is_answered_before_it_ends(running: Running) -> None:
    s3 = running.client()
    s3.list_buckets()
    sent, stopped = threading.Event(), threading.Event()

    class Slow:
        """A body whose second half comes after the signal."""

        def __init__(self) -> None:
            self.blocks = [b"a" * 100_000, b"b" * 100_000]

        def __iter__(self) -> Iterator[bytes]:
            yield self.blocks[0]
            sent.set()
            stopped.wait(120)
            time.sleep(0.2)
            yield self.blocks[1]

    url = s3.generate_presigned_url("put_object", {"Bucket": "pets", "Key": "slow"})
    request = urllib.request.Request(url, Slow(), {"Content-Length": "200000"}, method="PUT")
    statuses: list[int] = []

    def put() -> None:
        with urllib.request.urlopen(request) as answer:
            statuses.append(answer.status)

    thread = threading.Thread(target=put)
    thread.start()
    assert sent.wait(120)
    running.process.send_signal(signal.SIGTERM)
    stopped.set()
    thread.join(120)
    assert statuses == [200] and running.process.wait(120) == 0
    assert (running.buckets / "pets" / "slow").stat().st_size == 200_000
    s3.close()


def test_killed_in_the_middle_of_an_upload_it_leaves_nothing_visible(running: Running) -> None:
    s3 = running.client()
    s3.put_object(Bucket="pets", Key="x", Body=b"old")
    url = s3.generate_presigned_url("put_object", {"Bucket": "pets", "Key": "x"})
    s3.close()
    address = ("127.0.0.1", int(running.url.rpartition(":")[2]))
    with socket.create_connection(address) as connection:
        path = url.removeprefix(running.url)
        head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\nContent-Length: 9000000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 4_000_000)
        half = running.buckets / "pets" / ".maquette" / "half"
        deadline = time.monotonic() + 120
        while not (half.is_dir() and any(path.stat().st_size for path in half.iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        running.process.kill()
        running.process.wait()
    assert (running.buckets / "pets" / "x").read_bytes() == b"old"
    assert [path.name for path in (running.buckets / "pets").iterdir() if path.name != ".maquette"] == ["x"]


BAD = [
    ([], {}, "one of the arguments --fd --port is required"),
    (["--port", "0"], {"MAQUETTE_STORE_TOKEN": ""}, "needs MAQUETTE_STORE_TOKEN in its environment"),
    (["--port", "0", "--alias", "nonsense"], {}, "must be NAME=PATH"),
    (["--port", "0", "--alias", "share-course=/no/such"], {}, "is not a folder"),
    (["--port", "0", "--alias", "Share=/tmp"], {}, "cannot be a bucket's name"),
]


@pytest.mark.parametrize(("words", "environment", "told"), BAD)
def test_it_says_what_it_lacks(tmp_path: Path, words: list[str], environment: dict[str, str], told: str) -> None:
    command = [*COMMAND, *words, "--root", str(tmp_path), "--staging", str(tmp_path)]
    ended = subprocess.run(
        command, env={**os.environ, **KEYS, **environment}, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode != 0 and told in ended.stderr and "Traceback" not in ended.stderr


def test_only_the_buckets_that_are_named_are_there(tmp_path: Path) -> None:
    (tmp_path / "buckets" / "theirs").mkdir(parents=True)
    (tmp_path / "buckets" / "theirs" / "secret.txt").write_text("secret")
    companion = Running(tmp_path, "--only", "pets")
    try:
        s3 = companion.client()
        s3.put_object(Bucket="pets", Key="a", Body=b"x")
        assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["out", "pets", "share-course"]
        for refused in (
            lambda: s3.get_object(Bucket="theirs", Key="secret.txt"),
            lambda: s3.put_object(Bucket="theirs", Key="new.txt", Body=b"x"),
            lambda: s3.copy_object(Bucket="pets", Key="b", CopySource="theirs/secret.txt"),
            lambda: s3.list_objects_v2(Bucket="theirs"),
            lambda: s3.delete_bucket(Bucket="theirs"),
            lambda: s3.create_bucket(Bucket="another"),
        ):
            with pytest.raises(ClientError):
                refused()
    finally:
        companion.process.kill()
        companion.process.wait()
    assert (tmp_path / "buckets" / "theirs" / "secret.txt").read_text() == "secret"
    assert not (tmp_path / "buckets" / "another").exists()
