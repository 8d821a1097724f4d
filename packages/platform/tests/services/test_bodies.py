"""Bodies of calls: what becomes of them, in whatever pieces they come."""

from __future__ import annotations

import asyncio
import os

import pytest

from maquette.services.bodies import read_body
from maquette.services.domain import CallLimits, CallRefused

FORM = "multipart/form-data; boundary=x"
LIMITS = CallLimits(body_bytes=6 << 20, parts=20)


def read(body, content_type, size=1 << 16, raw=False, limits=LIMITS):
    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return asyncio.run(read_body(chunks(), content_type, limits, raw))


def part(disposition, content=b"content", more=b""):
    return b"--x\r\nContent-Disposition: form-data; " + disposition + more + b"\r\n\r\n" + content + b"\r\n--x--\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        (b'name="images"; filename="a.jpg"', "images", "a.jpg"),
        (b"name=images; filename=a.jpg", "images", "a.jpg"),
        ('name="图"; filename="图.jpg"'.encode(), "图", "图.jpg"),
        (b"name=\"a\"; filename*=UTF-8''%E5%9B%BE.jpg", "a", "图.jpg"),
        (b'name="a"; filename="C:\\pictures\\a.jpg"', "a", "a.jpg"),
        (b'name="a"; filename=""', "a", ""),
        (b'name="a"', "a", None),
        ('name="a"; filename="图.jpg"'.encode("gbk"), "a", "ͼ.jpg"),
    ],
)
def test_a_part_is_a_file_when_it_has_a_file_name(disposition, name, filename, size):
    (found,) = read(part(disposition, b"two\r\n--lines\r\n-"), FORM, size).parts
    assert (found.name, found.filename, found.content) == (name, filename, b"two\r\n--lines\r\n-")


@pytest.mark.parametrize("boundary", ["x", '"x"', "x; charset=utf-8"])
def test_boundaries_come_bare_and_quoted(boundary):
    assert read(part(b"name=a"), f"multipart/form-data; boundary={boundary}").parts[0].content == b"content"


def test_what_is_large_lies_in_a_file_without_a_name():
    content = os.urandom(3 << 20)
    body = read(part(b"name=a; filename=b", content), FORM)
    (found,) = body.parts
    assert found.content is None
    assert found.read() == content


def test_a_body_that_is_no_form_is_one_part_as_it_came():
    body = read(b'{"a": 1}', "application/json; charset=utf-8")
    assert (body.kind, [one.content for one in body.parts]) == ("json", [b'{"a": 1}'])
    assert read(b"\xff\xd8", "image/jpeg").kind == "raw"
    assert read(b"{}", "application/vnd.api+json").kind == "json"
    assert read(b"{}", "").kind == "raw"


def test_an_urlencoded_form_is_a_form():
    body = read(b"a=1&b=%E5%9B%BE&b=2&c", "application/x-www-form-urlencoded")
    assert body.kind == "form"
    assert [(one.name, one.content.decode()) for one in body.parts] == [("a", "1"), ("b", "图"), ("b", "2"), ("c", "")]


@pytest.mark.parametrize("content_type", ["", "application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_nothing_is_nothing_whatever_its_type(content_type):
    assert read(b"", content_type).kind == "none"


@pytest.mark.parametrize(
    ("content_type", "content", "is_form"),
    [
        (FORM, part(b"name=a"), True), ("application/x-www-form-urlencoded; charset=utf-8", b"a=b", True),
        ("Application/X-WWW-Form-URLencoded", b"a=b", True), ("application/x-www-form-urlencoded", b"", False),
        ("application/json", b"{}", False), ("image/jpeg", b"\xff\xd8", False), ("", b"a=b", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("raw", [False, True])
def test_a_form_is_known_however_it_was_read(content_type, content, is_form, raw):
    assert read(content, content_type, raw=raw).is_form is is_form


def test_raw_bodies_stay_as_they_came():
    body = read(part(b"name=a"), FORM, raw=True)
    assert (body.kind, body.parts[0].content) == ("raw", part(b"name=a"))


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"--y\r\n\r\n", FORM, 400),
        (part(b"name=a")[:-8], FORM, 400),
        (part(b"name=a"), "multipart/form-data", 400),
        (b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--\r\n", FORM, 400),
        (part(b"name=a", more=b"\r\nX: " + b"y" * 10_000), FORM, 400),
        (b"".join(part(b"name=a")[:-5] + b"\r\n" for _ in range(21)) + b"--x--", FORM, 400),
        (b"&".join(b"a=1" for _ in range(21)), "application/x-www-form-urlencoded", 400),
        (part(b"name=a; filename=b", bytes(7 << 20)), FORM, 413),
        (bytes(7 << 20), "image/jpeg", 413),
    ],
)
def test_what_is_broken_or_too_large_is_refused_and_leaves_no_open_file(body, content_type, status):
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(CallRefused) as refused:
        read(body, content_type)
    assert refused.value.refusal.status == status
    assert len(os.listdir("/proc/self/fd")) == before
