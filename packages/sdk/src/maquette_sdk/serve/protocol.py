"""How the gateway and a serving instance talk: the framing of both sides in one file, standard library only.

The gateway's asyncio side of a connection is in `connection.py`.

A stream socket (a Unix socket on one machine) carries frames in both directions. A frame is

    4 bytes    length of the header, big endian
    header     a JSON object in UTF-8; `kind` tells what it is
    bytes      the contents that the header announces, one after another in its order, nothing between them

The gateway sends `call` and `ping`, the instance answers each with `answer` or `pong`:

    call    {"kind": "call", "id": "7f3", "deadline": 39.8, "query": {"k": "v"}, "content_type": "multipart/form-data",
             "body": "json" | "form" | "raw" | "none",
             "parts": [{"name": "image", "filename": "a.jpg", "content_type": "image/jpeg", "size": 413, "fd": false}]}
    answer  {"kind": "answer", "id": "7f3", "status": 200, "content_type": "application/json", "size": 20,
             "began": true, "times": {"queued": 0.1, "preprocess": 2.0, "inference": 9.1, "postprocess": 0.2},
             "together": 8, "room": 16}
    ping    {"kind": "ping"}
    pong    {"kind": "pong", "ready": true, "queued": 0, "busy": false, "busy_seconds": 0.0,
             "served": 12, "failed": 1, "error": null, "room": 1}

- `deadline` is the number of seconds left; the instance drops a call that did not begin by then (answer 504).
- `query` holds one text per name. `body` says how the parts are meant: `form` is one part per form field, in order,
  with `filename` null for a text field; `json` and `raw` are one unnamed part with the body as it came (the instance
  decodes it); `none` has no parts.
- A content of more than 1 MiB does not travel in the stream: `fd` is true and the part's file descriptor (a memfd, or
  a temporary file) is attached to the frame's first byte by SCM_RIGHTS, in the order of the parts. The reader
  owns what it receives, reads it from its beginning and closes it. A frame carries at most 64 descriptors; parts beyond
  that travel in the stream whatever their size.
- One call at a time on a connection; the gateway keeps a pool of them. Pings want a connection of their own, so that
  they are answered while a call runs. Closing the connection means that the client has gone: a call that
  has not begun is dropped, one that has begun runs to its end and its answer is thrown away.
- `began` tells whether the package's code saw the call; an answer with `began` false may be asked elsewhere.
- A call may say `together`, how many may share its `_inference` at most, itself among them: 1 is alone. An answer says
  how many have (`together`), and how many calls the instance would like to have at the same time (`room`). Where one of
  these is missing the other side is older: any number may share, 1 has shared, and no room is asked for.
- `error` is null, or the traceback of a start that failed; the instance ends soon after it has told it.
- Times are in milliseconds; stages that the instance cannot tell apart are left out.
- A frame that breaks these rules ends the connection.

Beside its socket an instance keeps a file, the socket's path with `.call` behind it: the id of the call that the
package's code is at, or a line for each where several share its `_inference`, padded with zeros. It outlives the
instance and tells in which calls that died.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import tempfile
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

LARGE_BYTES = 1 << 20
MAX_DESCRIPTORS = 64
MAX_HEADER_BYTES = 16 << 20
READ_BYTES = 256 << 10
ANCILLARY_BYTES = socket.CMSG_SPACE(MAX_DESCRIPTORS * 4)
BODIES = ("json", "form", "raw", "none")
NOTE, NOTE_BYTES, ID_BYTES = ".call", 4096, 64

Header = Dict[str, Any]

_length = struct.Struct("!I")
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ProtocolError(Exception):
    """The other side sent something that is no frame; the connection is of no more use."""


class Part(NamedTuple):
    """One content of a call: `content` holds its bytes, or `descriptor` an open file with them, never both."""

    name: str
    filename: Optional[str]
    content_type: str
    size: int
    content: Optional[bytes]
    descriptor: Optional[int] = None

    def read(self) -> bytes:
        """The content; a descriptor is read from its beginning and closed, so call this once."""
        if self.descriptor is None:
            return self.content or b""
        try:
            return _read_whole(self.descriptor, self.size)
        finally:
            os.close(self.descriptor)


class Frame(NamedTuple):
    """One whole frame: `parts` for a call, `body` for an answer."""

    header: Header
    parts: Tuple[Part, ...] = ()
    body: bytes = b""


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def part(name: str, content: bytes, filename: Optional[str] = None, content_type: str = "") -> Part:
    """A part held in memory; what is larger than 1 MiB moves into a file without a name."""
    if len(content) <= LARGE_BYTES:
        return Part(name, filename, content_type, len(content), content)
    descriptor = make_descriptor()
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    except BaseException:
        os.close(descriptor)
        raise
    return Part(name, filename, content_type, len(content), None, descriptor)


def make_descriptor() -> int:
    """An empty file without a name, in memory where the system can. Write the content, then name it in a Part."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("part", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def call_frame(
    id: str,
    deadline: float,
    query: Dict[str, str],
    content_type: str,
    body: str,
    parts: Sequence[Part],
    together: Optional[int] = None,
) -> Tuple[List[bytes], List[int]]:
    """The buffers of a call and the descriptors to attach to their first byte. The descriptors stay the caller's:
    close them when the frame is sent."""
    if body not in BODIES:
        raise ValueError("body is '{}'; it is one of {}.".format(body, ", ".join(BODIES)))
    buffers: List[bytes] = [b""]
    descriptors: List[int] = []
    described: List[Header] = []
    for one in parts:
        passed = one.descriptor is not None and len(descriptors) < MAX_DESCRIPTORS
        if passed:
            descriptors.append(one.descriptor)  # type: ignore[arg-type]
        elif one.descriptor is not None:
            buffers.append(_read_whole(one.descriptor, one.size))
        else:
            buffers.append(one.content or b"")
        described.append(
            {
                "name": one.name,
                "filename": one.filename,
                "content_type": one.content_type,
                "size": one.size,
                "fd": passed,
            }
        )
    header = {
        "kind": "call",
        "id": id,
        "deadline": deadline,
        "query": query,
        "content_type": content_type,
        "body": body,
        "parts": described,
    }
    if together is not None:
        header["together"] = together
    buffers[0] = head(header)
    return buffers, descriptors


def answer_frame(
    id: str,
    status: int,
    content_type: str,
    body: bytes,
    times: Dict[str, float],
    began: bool = True,
    **more: int,
) -> bytes:
    """A whole answer. `more` is what an instance that batches tells: `together` and `room`."""
    header = {
        "kind": "answer",
        "id": id,
        "status": status,
        "content_type": content_type,
        "size": len(body),
        "began": began,
        "times": times,
    }
    header.update(more)
    return head(header) + body


def head(header: Header) -> bytes:
    """The length and the header, as they stand at the front of a frame."""
    text = _dump(header).encode("utf-8", "surrogatepass")
    return _length.pack(len(text)) + text


def ancillary(descriptors: Sequence[int]) -> List[Tuple[int, int, bytes]]:
    """What `socket.sendmsg` takes to pass descriptors."""
    if not descriptors:
        return []
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("{}i".format(len(descriptors)), *descriptors))]


def send(connection: socket.socket, buffers: Iterable[bytes], descriptors: Sequence[int] = ()) -> None:
    """Sends a frame on a blocking socket."""
    data = b"".join(buffers)
    sent = connection.sendmsg([data], ancillary(descriptors))
    if sent < len(data):
        connection.sendall(memoryview(data)[sent:])


PING = head({"kind": "ping"})


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


class FrameReader:
    """Turns the bytes and descriptors that arrive on one connection into frames. Does no input or output itself.

    >>> reader = FrameReader()
    >>> [frame.header for frame in reader.feed(PING + PING[:9])]
    [{'kind': 'ping'}]
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._descriptors: List[int] = []
        self._header: Optional[Header] = None
        self._needed = 4

    def feed(self, data: bytes, descriptors: Sequence[int] = ()) -> Iterator[Frame]:
        """Takes what arrived and gives the frames that are now whole. Raises ProtocolError."""
        self._descriptors.extend(descriptors)
        self._data += data
        while len(self._data) >= self._needed:
            frame = self._step()
            if frame is not None:
                yield frame

    def close(self) -> None:
        """Closes descriptors that came with a frame that never became whole."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _step(self) -> Optional[Frame]:
        if self._header is not None:
            return self._finish(self._header)
        (length,) = _length.unpack_from(self._data)
        if length > MAX_HEADER_BYTES:
            raise ProtocolError("A header of {} bytes is longer than {} bytes.".format(length, MAX_HEADER_BYTES))
        if len(self._data) < 4 + length:
            self._needed = 4 + length
            return None
        self._header = _parse(bytes(self._data[4 : 4 + length]))
        del self._data[: 4 + length]
        self._needed = sum(_stream_sizes(self._header))
        return None

    def _finish(self, header: Header) -> Frame:
        content = bytes(self._data[: self._needed])
        del self._data[: self._needed]
        self._header, self._needed = None, 4
        if header["kind"] == "answer":
            return Frame(header, body=content)
        return Frame(header, parts=tuple(self._parts(header, content)))

    def _parts(self, header: Header, content: bytes) -> Iterator[Part]:
        place = 0
        for one in header.get("parts", ()):
            fields = (str(one.get("name", "")), one.get("filename"), one.get("content_type") or "", one["size"])
            if not one.get("fd"):
                yield Part(*fields, content=content[place : place + one["size"]])
                place += one["size"]
                continue
            if not self._descriptors:
                raise ProtocolError("Part '{}' came without its file descriptor.".format(fields[0]))
            yield Part(*fields, content=None, descriptor=self._descriptors.pop(0))


def receive(connection: socket.socket) -> Tuple[bytes, List[int]]:
    """What a blocking socket has: bytes (none at its end) and the descriptors that came with them."""
    data, messages, _flags, _address = connection.recvmsg(READ_BYTES, ANCILLARY_BYTES)
    descriptors: List[int] = []
    for level, kind, raw in messages:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.extend(struct.unpack("{}i".format(len(raw) // 4), raw[: len(raw) // 4 * 4]))
    return data, descriptors


def frames(connection: socket.socket) -> Iterator[Frame]:
    """Every frame of a blocking socket, until it is closed."""
    reader = FrameReader()
    try:
        while True:
            data, descriptors = receive(connection)
            if not data:
                return
            for frame in reader.feed(data, descriptors):
                yield frame
    finally:
        reader.close()


def _parse(text: bytes) -> Header:
    try:
        header = json.loads(text.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise ProtocolError("A header is no JSON: {}.".format(error)) from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise ProtocolError("A header is no object with a 'kind'.")
    return header


def _stream_sizes(header: Header) -> List[int]:
    """Sizes of the contents that follow the header in the stream."""
    described = [header] if header["kind"] == "answer" else header.get("parts", [])
    if not isinstance(described, list) or not all(isinstance(one, dict) for one in described):
        raise ProtocolError("A header of kind '{}' has parts that are no list of objects.".format(header["kind"]))
    sizes = [one.get("size") for one in described]
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise ProtocolError("A header of kind '{}' has a size that is no number of bytes.".format(header["kind"]))
    return [one["size"] for one in described if not one.get("fd")]


def _read_whole(descriptor: int, size: int) -> bytes:
    chunks: List[bytes] = []
    place = 0
    while place < size:
        chunk = os.pread(descriptor, size - place, place)
        if not chunk:
            raise ProtocolError("A passed file ends after {} of {} bytes.".format(place, size))
        chunks.append(chunk)
        place += len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
