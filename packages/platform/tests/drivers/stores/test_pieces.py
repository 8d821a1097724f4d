"""Files to and from an endpoint: whole, checked, in pieces where they are large, and never half."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from maquette.cli.transfers import Progress, fetch_object
from maquette.drivers.stores.pieces import AT_ONCE, PIECE_BYTES
from maquette.drivers.stores.s3 import S3Store
from maquette.kernel.errors import Conflict, NotFound, Unavailable
from maquette.kernel.ports import ObjectInfo
from maquette_sdk.objects import RESERVED

LARGE = 2 * PIECE_BYTES + PIECE_BYTES // 2


class Sum:
    """How many bytes were told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def __call__(self, size: int) -> None:
        self.told.append(size)


@pytest.fixture
def breaking() -> Iterator[Callable[[bytes, int], S3Store]]:
    """Starts an endpoint that serves ranges of these bytes and breaks each connection after so many of them."""
    with ExitStack() as stack:

        def start(body: bytes, most: int) -> S3Store:
            class Breaking(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["range"])
                    assert found
                    first, last = int(found[1]), int(found[2])
                    self.send_response(206)
                    self.send_header("content-length", str(last - first + 1))
                    self.send_header("content-range", f"bytes {first}-{last}/{len(body)}")
                    self.end_headers()
                    self.wfile.write(body[first : min(last + 1, first + most)])
                    self.close_connection = True

                def log_message(self, *_: object) -> None:
                    """Nobody reads it."""

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Breaking))
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return S3Store(f"http://127.0.0.1:{server.server_port}", "FAKEACCESSKEY0000000", "fake-secret")

        yield start


def uploads(platform) -> list[str]:
    folder = platform.settings.home.buckets / RESERVED / "uploads"
    return os.listdir(folder) if folder.is_dir() else []


@pytest.mark.parametrize(
    ("size", "parts"), [(0, 0), (1, 0), (PIECE_BYTES, 0), (PIECE_BYTES + 1, 2), (LARGE, 3), (9 * PIECE_BYTES, 9)]
)
def test_a_file_goes_up_and_comes_down_whole(remote: S3Store, platform, tmp_path: Path, size: int, parts: int) -> None:
    content = random.Random(size).randbytes(size)
    (tmp_path / "file").write_bytes(content)
    sent, fetched = Sum(), Sum()
    remote.send_file("pets", "图/a b", tmp_path / "file", "text/x", sent)
    info = remote.head("pets", "图/a b")
    assert (info.size, info.content_type) == (size, "text/x")
    assert info.etag.endswith(f"-{parts}") if parts else info.etag == md5(content).hexdigest()
    remote.fetch_file("pets", info, tmp_path / "back", fetched)
    assert (tmp_path / "back").read_bytes() == content
    assert sum(sent.told) == sum(fetched.told) == size
    assert uploads(platform) == []


def test_files_at_the_same_time_share_the_connections(remote: S3Store, tmp_path: Path) -> None:
    contents = [random.Random(number).randbytes(LARGE) for number in range(4)]
    threads = []
    for number, content in enumerate(contents):
        path = tmp_path / str(number)
        path.write_bytes(content)
        threads.append(Thread(target=remote.send_file, args=("pets", str(number), path, "text/x", Sum())))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, content in enumerate(contents):
        remote.fetch_file("pets", remote.head("pets", str(number)), tmp_path / "back", Sum())
        assert (tmp_path / "back").read_bytes() == content


def test_a_file_that_becomes_shorter_is_told_and_leaves_nothing(remote: S3Store, platform, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.truncate((AT_ONCE + 4) * PIECE_BYTES)
    with pytest.raises(Conflict, match=r"became shorter while it was copied. Copy it again"):
        remote.send_file("pets", "log", path, "text/x", lambda _: os.truncate(path, 5))
    assert remote.list("pets").objects == () and uploads(platform) == []


def test_an_upload_into_no_bucket_is_told(remote: S3Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(LARGE))
    with pytest.raises(NotFound, match="maquette mb obs://other"):
        remote.send_file("other", "a", tmp_path / "file", "text/x", Sum())


@pytest.mark.parametrize("size", [LARGE, LARGE - 1, PIECE_BYTES + 1])
def test_an_object_that_changes_is_not_mixed_with_what_it_was(remote: S3Store, tmp_path: Path, size: int) -> None:
    remote.put("pets", "big", [bytes(LARGE)])
    before = remote.head("pets", "big")
    remote.put("pets", "big", [b"x" * size])
    target = tmp_path / "out" / "file"
    target.parent.mkdir()
    target.write_text("old")
    with pytest.raises(Conflict, match=r"Object 'big' of bucket 'pets' changed while it was copied. Copy it again"):
        fetch_object(remote, "pets", before, target, Progress())
    assert list(target.parent.iterdir()) == [target] and target.read_text() == "old"


def test_an_object_that_goes_is_told(remote: S3Store, tmp_path: Path) -> None:
    for size in (3, LARGE):
        with pytest.raises(NotFound, match="has no object 'a'"):
            remote.fetch_file("pets", ObjectInfo("a", size, 0.0, "e"), tmp_path / "file", Sum())


def test_connections_that_break_are_taken_up_where_they_broke(breaking, tmp_path: Path) -> None:
    content, told = random.Random(5).randbytes(LARGE), Sum()
    info = ObjectInfo("a", LARGE, 0.0, "e")
    breaking(content, PIECE_BYTES // 3).fetch_file("pets", info, tmp_path / "file", told)
    assert (tmp_path / "file").read_bytes() == content and sum(told.told) == LARGE


def test_connections_that_bring_nothing_end_it(breaking, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        breaking(bytes(LARGE), 0).fetch_file("pets", ObjectInfo("a", LARGE, 0.0, "e"), tmp_path / "file", Sum())


def test_a_full_disk_is_the_disks_error_and_not_the_endpoints(remote: S3Store) -> None:
    remote.put("pets", "a", [b"12345"])
    with pytest.raises(OSError, match="No space left"):
        remote.fetch_file("pets", remote.head("pets", "a"), Path("/dev/full"), Sum())
