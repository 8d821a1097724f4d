"""The HTTP side of a service: takes predictions, checks their limits, hands them to the line and answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from maquette.kernel.ports import Tell
from maquette.services.bodies import Body, read_body
from maquette.services.domain import (
    HEALTHY,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW_TO_READ,
    UNHEALTHY,
    UNKNOWN_PATH,
    WRONG_METHOD,
    CallLimits,
    CallRefused,
    Refusal,
)
from maquette.services.line import Call, ClientGone, Line
from maquette_sdk.serve.protocol import Frame

JSON = "application/json"
LINGER_SECONDS = 30.0
TELL_SECONDS = 10.0
WATCH_SECONDS = 0.02
STAGES = ("queued", "preprocess", "inference", "postprocess")


Page = Callable[[], Response]
Count = Callable[[bool, float], None]
"""Told of every call that was answered: whether well, and after how many seconds."""


def tell_nobody(line: str) -> None:
    """For gateways that nobody looks after."""


def count_nothing(ok: bool, seconds: float) -> None:
    """For gateways whose calls nobody counts."""


class Gateway:
    """The application of one service: predictions on `/` and on `paths`, `GET /health`, and a page for browsers.

    `raw` hands every body over as it came, for engines whose services read it themselves.
    """

    def __init__(
        self,
        line: Line,
        limits: CallLimits,
        paths: Iterable[str] = (),
        raw: bool = False,
        page: Page | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        self.line = line
        self.predict = Predict(line, limits, raw, tell)
        self.take_on(paths, raw)
        self.page = page
        self.others = Starlette(
            routes=[Route("/health", self.health), Route("/{path:path}", self.look)],
            exception_handlers={HTTPException: self.documented},
        )

    def take_on(self, paths: Iterable[str], raw: bool) -> None:
        """From now on predictions are taken on these paths, and their bodies handed over so."""
        self.paths = frozenset({"/", *("/" + path.lstrip("/") for path in paths)}) - {"/health"}
        self.predict.raw = raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Predictions go straight through: finding their route would take a sixth of the gateway's time.
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in self.paths:
            await self.predict(scope, receive, send)
        else:
            await self.others(scope, receive, send)

    async def health(self, request: Request) -> Response:
        ready = self.line.ready
        return Response(HEALTHY if ready else UNHEALTHY, 200 if ready else 503, media_type=JSON)

    async def look(self, request: Request) -> Response:
        """Browsers are shown a page where predictions are taken; GET is no method of a prediction."""
        wanted = request.scope["path"] in self.paths and "text/html" in request.headers.get("accept", "")
        if wanted and self.page is not None:
            return self.page()
        raise HTTPException(405)

    async def documented(self, request: Request, error: Exception) -> Response:
        """Unknown paths and wrong methods, in the words of ModelArts' gateway."""
        path = request.scope["path"]
        if path not in self.paths and path != "/health":
            return Response(UNKNOWN_PATH.body, UNKNOWN_PATH.status, media_type=JSON)
        allowed = {"allow": "POST" if path in self.paths else "GET"}
        return Response(WRONG_METHOD.body, WRONG_METHOD.status, allowed, media_type=JSON)


class Predict:
    """`POST` on a path of the service: one call, one answer."""

    def __init__(self, line: Line, limits: CallLimits, raw: bool, tell: Tell, count: Count = count_nothing) -> None:
        self.line = line
        self.limits = limits
        self.raw = raw
        self.count = count
        self.refusals = Refusals(tell)
        self.held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrival = Arrival(scope, receive)
        began = time.monotonic()
        try:
            frame = await self.predict(arrival)
        except ClientGone:
            return
        except CallRefused as refused:
            self.count(False, time.monotonic() - began)
            self.refusals.tell_of(refused.refusal)
            await refuse(arrival, send, refused.refusal)
            return
        header = frame.header
        self.count(header["status"] == 200, time.monotonic() - began)
        headers = [(b"server-timing", timing(header["times"]))]
        await answer(send, header["status"], header["content_type"], frame.body, headers)

    async def predict(self, arrival: Arrival) -> Frame:
        if arrival.announced_bytes > self.limits.body_bytes:
            raise CallRefused(TOO_LARGE)
        try:
            body = await self.read(arrival)
            try:
                return await self.ask(Call(arrival.query(), body, self.limits.seconds), arrival)
            finally:
                body.close()
        finally:
            self.held_bytes -= arrival.held_bytes

    async def read(self, arrival: Arrival) -> Body:
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await read_body(self.measured(arrival), arrival.content_type, self.limits, self.raw)
        except TimeoutError:
            raise CallRefused(TOO_SLOW_TO_READ) from None

    async def measured(self, arrival: Arrival) -> AsyncIterator[bytes]:
        """The chunks of a body, as long as there is room for all bodies that are held."""
        async for chunk in arrival.chunks():
            arrival.held_bytes += len(chunk)
            self.held_bytes += len(chunk)
            if self.held_bytes > self.limits.held_bytes:
                raise CallRefused(TOO_MANY)
            yield chunk

    async def ask(self, call: Call, arrival: Arrival) -> Frame:
        """Waits for the answer, and for the client to go, whichever comes first."""
        watching = Watch(self.line, call, arrival)
        soon = asyncio.get_running_loop().call_later(WATCH_SECONDS, watching.begin)
        try:
            return await self.line.ask(call)
        finally:
            soon.cancel()
            watching.end()


class Refusals:
    """Tells whoever runs the service what the gateway refuses; of a storm of the same kind a line now and then."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.told: dict[Refusal, float] = {}
        self.untold: Counter[Refusal] = Counter()

    def tell_of(self, refusal: Refusal) -> None:
        now = time.monotonic()
        if now - self.told.get(refusal, -TELL_SECONDS) < TELL_SECONDS:
            self.untold[refusal] += 1
            return
        self.told[refusal] = now
        before = self.untold.pop(refusal, 0)
        more = f", as were {before} before it" if before else ""
        self.tell(f"a call was refused with {refusal.status} {refusal.reason}{more}")


class Watch:
    """Abandons a call when its client has gone. Begun late: most calls are answered before."""

    def __init__(self, line: Line, call: Call, arrival: Arrival) -> None:
        self.line = line
        self.call = call
        self.arrival = arrival
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self.task = asyncio.create_task(self.watch())

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def watch(self) -> None:
        await self.arrival.client_gone()
        self.line.abandon(self.call)


class Arrival:
    """A request while it comes in."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = dict(scope["headers"])
        self.receive = receive
        self.content_type = headers.get(b"content-type", b"").decode("latin-1")
        self.announced_bytes = int(headers.get(b"content-length", b"0"))
        self.query_string: bytes = scope["query_string"]
        self.whole = False
        self.held_bytes = 0

    def query(self) -> dict[str, str]:
        """Each name's first value."""
        if not self.query_string:
            return {}
        pairs = parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True, errors="replace")
        return dict(reversed(pairs))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ClientGone."""
        while not self.whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            self.whole = not message.get("more_body", False)
            if message.get("body"):
                yield message["body"]

    async def client_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def answer(
    send: Send,
    status: int,
    content_type: str,
    body: bytes,
    headers: Iterable[tuple[bytes, bytes]] = (),
    more: bool = False,
) -> None:
    own = [(b"content-type", content_type.encode("latin-1")), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def refuse(arrival: Arrival, send: Send, refusal: Refusal) -> None:
    """Answers, and where the body is still on its way reads on for a while: a client whose sending breaks off
    never sees the answer."""
    if arrival.whole:
        await answer(send, refusal.status, JSON, refusal.body)
        return
    await answer(send, refusal.status, JSON, refusal.body, [(b"connection", b"close")], more=True)
    try:
        async with asyncio.timeout(0 if refusal is TOO_SLOW_TO_READ else LINGER_SECONDS):
            async for _ in arrival.chunks():
                pass
    except (TimeoutError, ClientGone):
        pass  # long enough
    await send({"type": "http.response.body", "body": b""})


def timing(times: Mapping[str, float]) -> bytes:
    """How long the instance took, stage by stage, as browsers read it (`Server-Timing`)."""
    return ", ".join(f"{stage};dur={times[stage]:.2f}" for stage in STAGES if stage in times).encode()
