"""From an input of a batch to an answer: a file as a part of a form, a row as JSON, and calls that are tried again."""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
import os
import ssl
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from maquette.buckets.domain import Address
from maquette.kernel.errors import Refused
from maquette.kernel.ports import ObjectStore
from maquette.models.domain import FORM, JSON
from maquette.models.importing import read_location
from maquette.services.batch_inputs import is_web
from maquette.services.batch_results import Answer, own
from maquette.services.bodies import Body, Content
from maquette.services.domain import CRASHED, LATE, CallLimits, CallRefused
from maquette.services.fetching import fetch
from maquette.services.line import Call, Line, Link
from maquette.services.sentences import say
from maquette_sdk.serve.protocol import Part

TRIES = 3
"""An input in which the instance dies is tried twice more; it may have been another's fault."""
MOST_BYTES = 64 << 20
"""A file that is sent as a whole is held in memory, some of them at a time."""
PIECE_BYTES = 1 << 20
PAUSE_SECONDS = 0.05


class Ended(Exception):
    """The batch is stopped: nothing new is begun."""


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────


class Files:
    """Where inputs lie. `context` is what https trusts, the system's certificates unless it is given."""

    def __init__(self, store: ObjectStore, context: ssl.SSLContext | None = None) -> None:
        self.store = store
        self.context = context

    def read(self, source: str, part: str, name: str) -> Body:
        """A form with the file. Raises MaquetteError and OSError."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        content = Content(part, name.rpartition("/")[2], kind)
        try:
            for piece in self.pieces(source):
                content.add(piece)
                if content.size > MOST_BYTES:
                    raise Refused(say("file_large", most=MOST_BYTES >> 20))
            return Body("form", FORM, (content.part(),))
        except BaseException:
            content.close()
            raise

    def pieces(self, source: str) -> Iterator[bytes]:
        if is_web(source):
            yield from fetch(source, self.context)
            return
        where = read_location(source, "source")
        _, stream = self.store.open(where.bucket, where.key)
        with stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece

    def open(self, source: str) -> tuple[BinaryIO, str]:
        """A file to be read row by row, and what tells its content from another's."""
        if not is_web(source):
            where: Address = read_location(source, "source")
            info, stream = self.store.open(where.bucket, where.key)
            return stream, f"{info.etag}/{info.size}"
        content = Content()
        try:
            for piece in fetch(source, self.context):
                content.add(piece)
            part: Part = content.part()
        except BaseException:
            content.close()
            raise
        if part.descriptor is None:
            return io.BytesIO(part.content or b""), str(part.size)
        os.lseek(part.descriptor, 0, os.SEEK_SET)
        return cast(BinaryIO, os.fdopen(part.descriptor, "rb", buffering=0)), str(part.size)


def json_body(value: Any) -> Body:
    content = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Body("json", JSON, (Part("", None, JSON, len(content), content),))


# ── calls ────────────────────────────────────────────────────────────────────────────────────────


class NumberedLink(Link):
    """An instance with the number under which its manifest tells what it has done."""

    def __init__(self, path: str, number: int) -> None:
        super().__init__(path)
        self.number = number

    def took(self, call: Call, task: asyncio.Task[None]) -> None:
        if isinstance(call, NumberedCall):
            call.link = self
        super().took(call, task)


class NumberedCall(Call):
    """A call that knows which instance has it, or has had it last."""

    link: NumberedLink | None = None

    @property
    def instance(self) -> int:
        return self.link.number if self.link else 0

    @property
    def is_under_way(self) -> bool:
        """Whether an instance is at it, and did not only hold it for later."""
        return self.link is not None and self.link.first is self


async def predict(line: Line, body: Body, limits: CallLimits, over: Callable[[], bool]) -> Answer:
    """The answer of an instance to a call, which waits as long as there is none ready. What the batch itself is the
    cause of, such as an instance that is replaced, is tried again. Raises Ended."""
    deaths = 0
    while not over():
        call = NumberedCall({}, body, limits.seconds)
        try:
            frame = await line.ask(call)
        except CallRefused as refused:
            if refused.refusal is CRASHED:
                deaths += 1
                if deaths == TRIES:
                    return own(502, say("ended_tries", count=TRIES), call.instance)
            elif refused.refusal is LATE and call.is_under_way:
                return own(504, say("no_answer", seconds=f"{limits.seconds:g}"), call.instance)
        else:
            if frame.header["began"] or frame.header["status"] not in (503, 504):
                return Answer(frame.header["status"], frame.body, call.instance)
        await asyncio.sleep(PAUSE_SECONDS)
    raise Ended
