"""A store somewhere else, reached by our own endpoint: what it must do as every store does."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import md5
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from maquette.drivers.stores.s3 import PART_BYTES, S3Store, read_page
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused, Unavailable

KEYS = ["a", "dir/", "é", "图/猫 1.jpg", "x//y", "A", "x" * 1024, "a+b%20c?d#e"]


@pytest.fixture
def store(remote: S3Store) -> S3Store:
    return remote


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """Starts a server that answers everything with the same bytes; gives its address."""
    with ExitStack() as stack:

        def start(body: bytes) -> str:
            class Same(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.send_response(200)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def log_message(self, *_: object) -> None:
                    """Nobody reads it."""

            server = stack.enter_context(HTTPServer(("127.0.0.1", 0), Same))
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


def read(store: S3Store, key: str) -> bytes:
    with store.open("pets", key)[1] as file:
        return file.read()


def test_what_was_put_is_read_back_whole(store: S3Store) -> None:
    for key in KEYS:
        told = store.put("pets", key, [b"one", b"", b"two"], "text/plain", {"color": "red"})
        assert (told.key, told.size, told.etag) == (key, 6, md5(b"onetwo").hexdigest())
        assert (told.content_type, told.metadata) == ("text/plain", {"color": "red"})
        assert read(store, key) == b"onetwo"
    assert [info.key for info in store.list("pets").objects] == sorted(KEYS)
    for key in KEYS:
        store.delete("pets", key)
    assert store.list("pets").objects == ()


def test_a_large_object_goes_in_parts_and_comes_back(store: S3Store) -> None:
    block = bytes(range(256)) * 4096
    count = PART_BYTES // len(block) + 3
    told = store.put("pets", "big", (block for _ in range(count)))
    assert told.size == count * len(block) and told.etag.endswith("-2")
    with store.open("pets", "big")[1] as file:
        assert file.read(10) == block[:10]
    assert md5(read(store, "big")).hexdigest() == md5(block * count).hexdigest()


def test_an_object_that_is_not_finished_is_never_seen(store: S3Store) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise ConnectionResetError("the client has gone")

    with pytest.raises(Unavailable):
        store.put("pets", "a", chunks())
    assert store.list("pets").objects == ()


def test_listings_come_in_pages_and_folders(store: S3Store) -> None:
    for number in range(5):
        store.put("pets", f"f{number}/x", [b""])
        store.put("pets", f"k{number}", [b""])
    after, seen = "", []
    while after is not None:
        page = store.list("pets", delimiter="/", after=after, limit=3)
        seen += [*page.prefixes, *(info.key for info in page.objects)]
        after = page.next
    assert sorted(seen) == sorted([*(f"f{n}/" for n in range(5)), *(f"k{n}" for n in range(5))])


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'])
def test_a_page_of_any_endpoint_is_read(namespace: str) -> None:
    line = "<LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size>"
    owner = "<Owner><ID>x</ID><DisplayName>x</DisplayName></Owner><StorageClass>STANDARD</StorageClass>"
    found = read_page(
        f"<ListBucketResult{namespace}><Name>pets</Name><IsTruncated>true</IsTruncated><Prefix>no</Prefix>"
        f"<Contents><Key>a+b%2Bc%E7%8C%AB</Key>{line}{owner}</Contents><Contents>{owner}<Key>d</Key>{line}</Contents>"
        "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>e+f/</Prefix></CommonPrefixes>"
        "</ListBucketResult>".encode()
    )
    assert [(info.key, info.size, info.etag) for info in found.objects] == [("a b+c猫", 7, "e"), ("d", 7, "e")]
    assert found.objects[0].modified == 1767323045.678
    assert (found.prefixes, found.next) == (("b/", "e f/"), "e f/")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"hello", b"<ListBucketResult><Contents/></ListBucketResult>"], ids=repr
)
def test_an_answer_that_is_no_listing_is_told(answering, body: bytes) -> None:
    store = S3Store(answering(body), "FAKEACCESSKEY0000000", "fake-secret")
    with pytest.raises(Unavailable, match=r"is no listing of objects .* Is it an S3 endpoint\?"):
        store.list("pets")


def test_buckets_are_made_told_and_removed(store: S3Store) -> None:
    assert list(store.buckets()) == ["pets"] and store.has_bucket("pets")
    assert abs(store.made_at("pets") - time.time()) < 60
    with pytest.raises(Conflict, match="exists already"):
        store.make_bucket("pets")
    store.put("pets", "a", [b"a"])
    with pytest.raises(Conflict, match="is not empty"):
        store.remove_bucket("pets")
    store.copy(("pets", "a"), ("pets", "b"))
    for key in ("a", "b"):
        store.delete("pets", key)
    store.remove_bucket("pets")
    assert list(store.buckets()) == []


def test_a_link_opens_one_object_for_a_while(store: S3Store) -> None:
    store.put("pets", "图/猫.txt", [b"cat"])
    assert urllib.request.urlopen(store.link("GET", "pets", "图/猫.txt", 60)).read() == b"cat"


def test_what_is_wrong_is_told_in_our_words(store: S3Store, live) -> None:
    with pytest.raises(NotFound, match="maquette ls obs://pets/train/"):
        store.head("pets", "train/x.jpg")
    with pytest.raises(NotFound, match="maquette ls obs://pets/train/"):
        store.open("pets", "train/x.jpg")
    with pytest.raises(NotFound, match="maquette mb obs://other"):
        store.list("other")
    with pytest.raises(BadInput, match="segment"):
        store.put("pets", "a/../b", [b""])
    with pytest.raises(Refused):
        list(S3Store(live.store_url, "NOSUCHKEY", "nothing").buckets())
    with pytest.raises(Unavailable, match="does not answer"):
        list(S3Store("http://127.0.0.1:1", "KEY", "nothing").buckets())
    with pytest.raises(BadInput, match="is no endpoint"):
        S3Store("127.0.0.1:7789", "KEY", "nothing")
