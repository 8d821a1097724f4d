"""Bodies in chunks, signed and not, with checksums behind them: made here by hand as clients make them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import time
import zlib
from collections.abc import Iterable
from threading import Event
from typing import Any

import pytest

from maquette.buckets.obs.answers import BLOCK, S3Error
from maquette.buckets.obs.body import Chunks, Incoming
from maquette.web import signing

from ..conftest import PATIENCE

DATA = [b"a" * 70_000, b"b" * 3, b"\r\n0\r\n"]
WHOLE = b"".join(DATA)
CRC = base64.b64encode(zlib.crc32(WHOLE).to_bytes(4, "big")).decode()
SECRET = "fake-secret-fake-secret"


def unsigned(trailer: str = "") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(data), data) for data in DATA)
    return body + b"0\r\n" + trailer.encode() + b"\r\n"


def signed(headers: dict[str, str], trailer: str = "", wrong: int = -1) -> bytes:
    """Chunks signed after the request whose headers these are; the `wrong`th has another's signature."""
    seed = headers["Authorization"].rpartition("Signature=")[2]
    scope = headers["Authorization"].partition("Credential=")[2].partition("/")[2].partition(",")[0]
    stamp, region = headers["X-Amz-Date"], scope.split("/")[1]
    signature = signing.Signature("", stamp, region, "s3", (), seed, "")
    key, previous, body = signing.signing_key(SECRET, scope), seed, b""
    for number, data in enumerate([*DATA, b""]):
        previous = signing.sign(key, signing.chunk_text(signature, previous, hashlib.sha256(data).hexdigest()))
        told = "0" * 64 if number == wrong else previous
        body += b"%x;chunk-signature=%s\r\n" % (len(data), told.encode())
        body += data + b"\r\n" if data else b""
    if trailer:
        value = signing.sign(key, signing.trailer_text(signature, previous, trailer + "\n"))
        value = "0" * 64 if wrong == len(DATA) + 1 else value
        body += f"{trailer}\r\nx-amz-trailer-signature:{value}\r\n".encode()
    return body + b"\r\n"


def chunked(payload: str, size: int = len(WHOLE), trailer: str = "") -> dict[str, str]:
    headers = {
        "X-Amz-Content-SHA256": payload,
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(size),
    }
    return headers | ({"x-amz-trailer": trailer} if trailer else {})


UNSIGNED, SIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def test_chunks_without_signatures_are_joined_and_their_checksum_checked(served: Any, bucket: str) -> None:
    headers = chunked(UNSIGNED, trailer="x-amz-checksum-crc32")
    answer = served.signed("PUT", f"/{bucket}/x", headers, unsigned(f"x-amz-checksum-crc32:{CRC}\r\n"))
    assert (answer.status, answer.headers["x-amz-checksum-crc32"]) == (200, CRC)
    found = served.signed("GET", f"/{bucket}/x")
    assert found.body == WHOLE and "content-encoding" not in found.headers


BAD_TRAILERS = [
    ("x-amz-checksum-crc32:AAAAAA==\r\n", len(WHOLE), "BadDigest"),
    ("", len(WHOLE), "MalformedTrailerError"),
    (f"x-amz-checksum-crc32:{CRC}\r\n", len(WHOLE) + 1, "IncompleteBody"),
]


@pytest.mark.parametrize(("trailer", "size", "code"), BAD_TRAILERS)
def test_a_trailer_that_does_not_fit_keeps_nothing(
    served: Any, bucket: str, trailer: str, size: int, code: str
) -> None:
    headers = chunked(UNSIGNED, size, "x-amz-checksum-crc32")
    answer = served.signed("PUT", f"/{bucket}/x", headers, unsigned(trailer))
    assert (answer.status, answer.code) == (400, code)
    assert served.signed("HEAD", f"/{bucket}/x").status == 404


def test_signed_chunks_are_checked_one_by_one(served: Any, bucket: str) -> None:
    for wrong, status in ((-1, 200), (0, 403), (1, 403), (len(DATA), 403)):
        headers = served.signature("PUT", f"/{bucket}/{wrong}", chunked(SIGNED))
        answer = served.send("PUT", f"/{bucket}/{wrong}", headers, signed(headers, wrong=wrong))
        assert answer.status == status and (status == 200 or answer.code == "SignatureDoesNotMatch")
    assert served.signed("GET", f"/{bucket}/-1").body == WHOLE
    assert served.signed("HEAD", f"/{bucket}/0").status == 404


def test_a_signed_trailer_is_checked(served: Any, bucket: str) -> None:
    for wrong, status in ((-1, 200), (len(DATA) + 1, 403)):
        said = chunked(f"{SIGNED}-TRAILER", trailer="x-amz-checksum-crc32")
        headers = served.signature("PUT", f"/{bucket}/{wrong}", said)
        body = signed(headers, f"x-amz-checksum-crc32:{CRC}", wrong)
        assert served.send("PUT", f"/{bucket}/{wrong}", headers, body).status == status
    assert served.signed("GET", f"/{bucket}/-1").body == WHOLE


def test_kinds_of_body_that_are_not_known_are_refused(served: Any, bucket: str) -> None:
    headers = chunked("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
    assert served.signed("PUT", f"/{bucket}/x", headers, b"x").code == "NotImplemented"


BAD_CHUNKS = [
    (b"", "IncompleteBody"),
    (b"5\r\nabc", "IncompleteBody"),
    (b"3\r\nabc\r\n", "IncompleteBody"),
    (b"2\r\nabc\r\n0\r\n\r\n", "IncompleteBody"),
    (b"-1\r\nabc\r\n", "InvalidChunkSizeError"),
    (b"zz\r\nabc\r\n", "InvalidChunkSizeError"),
    (b"1" * 20_000, "InvalidChunkSizeError"),
]


@pytest.mark.parametrize(("body", "code"), BAD_CHUNKS)
@pytest.mark.parametrize("step", [1, 4096])
def test_broken_chunks_are_told(body: bytes, code: str, step: int) -> None:
    with pytest.raises(S3Error) as told:
        list(Chunks(cut(body, step), {}, None, b""))
    assert told.value.code == code


@pytest.mark.parametrize("step", [1, 2, 7, 4096, 10**6])
def test_chunks_may_be_cut_anywhere(step: int) -> None:
    trailer: dict[str, str] = {}
    found = b"".join(Chunks(cut(unsigned("X-Amz-Checksum-Crc32 : abc= \r\n"), step), trailer, None, b""))
    assert found == WHOLE and trailer == {"x-amz-checksum-crc32": "abc="}


def cut(body: bytes, step: int) -> Iterable[bytes]:
    return (body[start : start + step] for start in range(0, len(body), step))


def test_a_client_that_goes_away_half_way_leaves_nothing(served: Any, s3: Any, bucket: str) -> None:
    headers = served.signature("PUT", f"/{bucket}/x", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    headers |= {"Host": f"127.0.0.1:{served.port}", "Content-Length": str(10 << 20)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(f"PUT /{bucket}/x HTTP/1.1\r\n{lines}\r\n".encode() + b"x" * (3 << 20))
    half = served.root / bucket / ".maquette" / "half"
    deadline = time.monotonic() + PATIENCE
    while not half.is_dir() or list(half.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_client_that_waits_for_100_continue_is_told_to_go_on_or_refused_at_once(served: Any, bucket: str) -> None:
    def begin(headers: dict[str, str]) -> tuple[socket.socket, bytes]:
        headers = {**headers, "Host": f"127.0.0.1:{served.port}", "Content-Length": "4", "Expect": "100-continue"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
        connection.sendall(f"PUT /{bucket}/x HTTP/1.1\r\n{lines}\r\n".encode())
        return connection, connection.recv(4096)

    connection, answer = begin(served.signature("PUT", f"/{bucket}/x", {}, b"body"))
    with connection:
        assert answer.startswith(b"HTTP/1.1 100")
        connection.sendall(b"body")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    connection, answer = begin({})
    with connection:
        assert answer.startswith(b"HTTP/1.1 403")


def test_who_waits_to_send_where_there_is_no_bucket_is_told_before_it_sends(served: Any) -> None:
    path, waits = "/no-such-bucket/x", {"Host": f"127.0.0.1:{served.port}", "Expect": "100-continue"}
    headers = {**served.signature("PUT", path, {}, b"body"), **waits, "Content-Length": "4"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(f"PUT {path} HTTP/1.1\r\n{lines}\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 404")


def test_a_body_is_read_one_block_ahead_and_no_further() -> None:
    asked = [Event() for _ in range(5)]
    used, ahead = [0], []

    async def receive() -> dict[str, Any]:
        number = sum(event.is_set() for event in asked)
        ahead.append(number - used[0])
        asked[number].set()
        return {"type": "http.request", "body": b"x" * BLOCK, "more_body": number < 4}

    def use(incoming: Incoming) -> None:
        for number, block in enumerate(incoming):
            assert len(block) == BLOCK and asked[min(number + 1, 4)].wait(PATIENCE)
            used[0] += 1

    async def work() -> None:
        incoming = Incoming(receive)
        await incoming.begin()
        await asyncio.to_thread(use, incoming)

    asyncio.run(work())
    assert used == [5] and max(ahead) == 1


def test_who_waits_for_the_rest_of_a_body_that_nobody_wants_is_told() -> None:
    first = iter([{"type": "http.request", "body": b"x" * BLOCK, "more_body": True}])
    waiting = Event()

    async def receive() -> dict[str, Any]:
        for message in first:
            return message
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def work() -> None:
        incoming = Incoming(receive)
        await incoming.begin()
        reading = asyncio.create_task(asyncio.to_thread(list, incoming))
        assert await asyncio.to_thread(waiting.wait, PATIENCE)
        incoming.end()
        with pytest.raises(S3Error, match="broken off"):
            await asyncio.wait_for(reading, PATIENCE)

    asyncio.run(work())
