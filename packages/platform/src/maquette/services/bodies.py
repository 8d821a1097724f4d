"""Reads the body of a call as it arrives: into parts, within the limits, large contents into files without a name."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from maquette.services.domain import TOO_LARGE, UNREADABLE, CallLimits, CallRefused
from maquette_sdk.serve.protocol import LARGE_BYTES, Part, make_descriptor

FORM = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
PART_HEADER_BYTES = 8 << 10
PART_HEADERS = 20
ENCODED_FILE_NAME = re.compile(r"filename\*\s*=\s*[\w-]*'[^']*'([^;\s]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """What a call carries; `kind` is the protocol's word: json, form, raw or none."""

    kind: str
    content_type: str
    parts: tuple[Part, ...] = ()

    @property
    def is_form(self) -> bool:
        """Forms alone are read in two ways; `raw` leaves them as they came."""
        return self.kind != "none" and parse_options_header(self.content_type)[0] in (FORM, URLENCODED)

    def close(self) -> None:
        """Gives up the files of large parts."""
        for part in self.parts:
            if part.descriptor is not None:
                os.close(part.descriptor)


async def read_body(chunks: AsyncIterator[bytes], content_type: str, limits: CallLimits, raw: bool) -> Body:
    """Reads a whole body; `raw` leaves forms as they came, for engines whose services read the body themselves.

    Raises CallRefused for a body that is too large, and for a form that is none.
    """
    media_type, options = parse_options_header(content_type) if content_type else ("", {})
    reader: Reader
    if raw or media_type not in (FORM, URLENCODED):
        reader = WholeReader("json" if is_json(media_type) else "raw", content_type)
    elif media_type == FORM:
        reader = FormReader(options.get("boundary", ""), content_type, limits)
    else:
        reader = FieldsReader(content_type, limits)
    size = 0
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > limits.body_bytes:
                raise CallRefused(TOO_LARGE)
            reader.feed(chunk)
        return reader.finish()
    except BaseException:
        reader.close()
        raise


def is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


class Reader(Protocol):
    """Takes a body's chunks and makes the body of them."""

    def feed(self, chunk: bytes) -> None: ...
    def finish(self) -> Body: ...
    def close(self) -> None: ...


@dataclass
class Content:
    """The bytes of one part while they come: in memory at first, in a file without a name past 1 MiB."""

    name: str = ""
    filename: str | None = None
    content_type: str = ""
    size: int = 0
    chunks: list[bytes] = field(default_factory=list)
    descriptor: int | None = None

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.descriptor is None and self.size <= LARGE_BYTES:
            self.chunks.append(chunk)
            return
        if self.descriptor is None:
            self.descriptor = make_descriptor()
            write_all(self.descriptor, b"".join(self.chunks))
            self.chunks.clear()
        write_all(self.descriptor, chunk)

    def part(self) -> Part:
        content = None
        if self.descriptor is None:
            content = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        return Part(self.name, self.filename, self.content_type, self.size, content, self.descriptor)

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class WholeReader:
    """A body that is one content: JSON, a picture, a table. The instance decodes it."""

    def __init__(self, kind: str, content_type: str) -> None:
        self.kind = kind
        self.content = Content(content_type=content_type)

    def feed(self, chunk: bytes) -> None:
        self.content.add(chunk)

    def finish(self) -> Body:
        if not self.content.size:
            return Body("none", self.content.content_type)
        return Body(self.kind, self.content.content_type, (self.content.part(),))

    def close(self) -> None:
        self.content.close()


class FormReader:
    """A multipart form, parsed while it arrives."""

    def __init__(self, boundary: str, content_type: str, limits: CallLimits) -> None:
        self.content_type = content_type
        self.contents: list[Content] = []
        try:
            self.parser = PushMultipartParser(
                boundary,
                max_header_size=PART_HEADER_BYTES,
                max_header_count=PART_HEADERS,
                max_segment_count=limits.parts,
                header_charset="latin-1",
            )
        except MultipartError:
            raise CallRefused(UNREADABLE) from None

    def feed(self, chunk: bytes) -> None:
        try:
            for event in self.parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self.contents.append(Content(as_text(event.name or ""), file_name(event), event.content_type or ""))
                elif event is not None:
                    self.contents[-1].add(bytes(event))
        except MultipartError:
            raise CallRefused(UNREADABLE) from None

    def finish(self) -> Body:
        try:
            self.parser.close()
        except MultipartError:
            raise CallRefused(UNREADABLE) from None
        return Body("form", self.content_type, tuple(content.part() for content in self.contents))

    def close(self) -> None:
        for content in self.contents:
            content.close()


def file_name(segment: MultipartSegment) -> str | None:
    """The name of an uploaded file, None for a text field; some clients write `filename*=UTF-8''%E5%9B%BE.jpg`."""
    if segment.filename is not None:
        return as_text(segment.filename)
    encoded = ENCODED_FILE_NAME.search(segment.header("Content-Disposition", ""))
    return unquote(encoded.group(1), errors="replace") if encoded else None


def as_text(name: str) -> str:
    """Names are UTF-8, though nothing forces a client to keep to it."""
    return name if name.isascii() else name.encode("latin-1").decode("utf-8", "replace")


class FieldsReader:
    """A form without files, as browsers and `curl -d` send it."""

    def __init__(self, content_type: str, limits: CallLimits) -> None:
        self.content = Content(content_type=content_type)
        self.limits = limits

    def feed(self, chunk: bytes) -> None:
        self.content.add(chunk)

    def finish(self) -> Body:
        whole, self.content = self.content, Content(content_type=self.content.content_type)
        if not whole.size:
            return Body("none", whole.content_type)
        try:
            text = whole.part().read().decode("utf-8", "replace")
            fields = parse_qsl(text, keep_blank_values=True, max_num_fields=self.limits.parts)
        except ValueError:
            raise CallRefused(UNREADABLE) from None
        return Body("form", whole.content_type, tuple(read_fields(fields)))

    def close(self) -> None:
        self.content.close()


def read_fields(fields: list[tuple[str, str]]) -> Iterator[Part]:
    for name, value in fields:
        content = value.encode()
        yield Part(name, None, "", len(content), content)
