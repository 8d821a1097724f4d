"""Frames, and what is none."""

from __future__ import annotations

import os
import socket

import pytest

from maquette_sdk.serve import protocol
from maquette_sdk.serve.protocol import FrameReader, ProtocolError, answer_frame, call_frame, part


def bytes_of(*parts, body="form", query=None):
    buffers, descriptors = call_frame("7", 40.0, query or {}, "multipart/form-data", body, parts)
    return b"".join(buffers), descriptors


def test_a_call_arrives_as_it_was_sent_whatever_the_pieces():
    parts = [part("图", b"\x00\xff", "a中.jpg", "image/jpeg"), part("text", b""), part("", b"x" * 1000)]
    data, descriptors = bytes_of(*parts, query={"k": "v", "半": "\ud800"})
    assert not descriptors
    for size in (1, 3, 7, len(data)):
        reader = FrameReader()
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        (frame,) = [frame for piece in pieces for frame in reader.feed(piece)]
        assert frame.parts == tuple(parts)
        assert frame.header["query"] == {"k": "v", "半": "\ud800"}
        assert (frame.header["id"], frame.header["deadline"], frame.header["body"]) == ("7", 40.0, "form")


def test_several_frames_in_one_piece_are_told_apart():
    data = protocol.PING + answer_frame("1", 200, "application/json", b"{}", {}) + protocol.PING
    frames = list(FrameReader().feed(data))
    assert [frame.header["kind"] for frame in frames] == ["ping", "answer", "ping"]
    assert frames[1].body == b"{}"


def test_a_large_part_travels_as_a_descriptor_and_its_reader_closes_it():
    here, there = socket.socketpair()
    content = os.urandom(protocol.LARGE_BYTES + 1)
    sent = [part("a", content, "a.bin"), part("b", b"small"), part("c", content[::-1], "c.bin")]
    buffers, descriptors = call_frame("1", 1.0, {}, "", "form", sent)
    assert sum(map(len, buffers)) < 1000
    protocol.send(here, buffers, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    before = len(os.listdir("/proc/self/fd"))
    frame = next(protocol.frames(there))
    assert [one.read() for one in frame.parts] == [content, b"small", content[::-1]]
    assert [one.name for one in frame.parts] == ["a", "b", "c"]
    assert len(os.listdir("/proc/self/fd")) == before
    here.close()
    there.close()


def test_more_large_parts_than_a_message_can_pass_travel_in_the_stream(monkeypatch):
    monkeypatch.setattr(protocol, "MAX_DESCRIPTORS", 2)
    content = b"x" * (protocol.LARGE_BYTES + 1)
    sent = [part(str(number), content) for number in range(4)]
    buffers, descriptors = call_frame("1", 1.0, {}, "", "form", sent)
    assert len(descriptors) == 2
    copies = [os.dup(descriptor) for descriptor in descriptors]
    (frame,) = FrameReader().feed(b"".join(buffers), copies)
    assert [one.read() == content for one in frame.parts] == [True] * 4
    for one in sent:
        os.close(one.descriptor)


def test_descriptors_of_a_frame_that_never_became_whole_are_closed():
    reader = FrameReader()
    descriptor = protocol.make_descriptor()
    list(reader.feed(protocol.PING[:5], [descriptor]))
    reader.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_passed_file_that_is_too_short_is_an_error():
    descriptor = protocol.make_descriptor()
    os.write(descriptor, b"abc")
    with pytest.raises(ProtocolError, match="ends after 3 of 5 bytes"):
        protocol.Part("a", None, "", 5, None, descriptor).read()


def framed(header: bytes) -> bytes:
    return len(header).to_bytes(4, "big") + header


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x7f\xff\xff\xff", "is longer than"),
        (framed(b"hello"), "is no JSON"),
        (framed(b"[]"), "no object with a 'kind'"),
        (framed(b'{"kind":1}'), "no object with a 'kind'"),
        (framed(b'{"kind":"answer"}'), "no number of bytes"),
        (framed(b'{"kind":"answer","size":-1}'), "no number of bytes"),
        (framed(b'{"kind":"call","parts":[{"size":"1"}]}'), "no number of bytes"),
        (framed(b'{"kind":"call","parts":{}}'), "no list of objects"),
        (framed(b'{"kind":"call","parts":[1]}'), "no list of objects"),
        (framed(b'{"kind":"call","parts":[{"name":"a","size":9,"fd":true}]}'), "'a' came without its file descriptor"),
    ],
)
def test_what_is_no_frame_is_refused(data, told):
    with pytest.raises(ProtocolError, match=told):
        list(FrameReader().feed(data))


def test_a_body_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="one of json, form, raw, none"):
        call_frame("1", 1.0, {}, "", "xml", [])
