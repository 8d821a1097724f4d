"""Passes on what a browser asks of a program in a run, a notebook or a TensorBoard, and brings back its answers.

    /maquette/{project_id}/proxy/{run_id}/{secret}/lab?reset

The program knows everything up to the secret as its base path, so that the path goes on as it is. It listens where
nobody else gets to; whoever comes this way was let in by the door and knows the secret.

HTTP is spoken by h11, which the server needs anyway: one connection a request, so none is stale, and a body goes up
while the answer comes down. Nothing is kept but the piece that is on its way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import h11
from fastapi import APIRouter, Request, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from maquette.kernel.errors import MaquetteError, Unavailable
from maquette.kernel.identity import Identity, Role
from maquette.web.door import STATUS, answer, needs_own_page, visitor_of
from maquette.web.proxy_headers import to_browser, to_program
from maquette.web.proxy_sockets import pass_socket
from maquette.web.sentences import say

log = logging.getLogger(__name__)

PATH = "/maquette/{project_id}/proxy/{run_id}/{secret}"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PIECE_BYTES = 1 << 16
LARGEST_HEAD_BYTES = 1 << 16
CONNECT_SECONDS = 10.0
AGAIN_SECONDS = 2


@dataclass(frozen=True)
class Program:
    """Where a run answers: a Unix socket, or a port of this machine. `title` is what people call it."""

    title: str
    prefix: str
    socket: Path | None = None
    port: int = 0


Find = Callable[[Identity, str, str], Program]
"""The program of a run by (who, run, secret). Raises NotFound, in the same words for what is not theirs and for a
wrong secret; Unavailable while it does not run."""


def prefix_of(project_id: str, run_id: str, secret: str) -> str:
    """The base path of a program, as browsers see it."""
    return PATH.format(project_id=project_id, run_id=run_id, secret=secret) + "/"


def proxy_router(find: Find) -> APIRouter:
    router = APIRouter(prefix=PATH, include_in_schema=False)
    guard = [needs_own_page(Role.VIEWER)]

    async def program_for(connection: HTTPConnection) -> Program:
        names = connection.path_params
        return await run_in_threadpool(find, connection.state.visitor, names["run_id"], names["secret"])

    @router.api_route("/{path:path}", methods=METHODS, dependencies=guard)
    async def pass_request(request: Request) -> Response:
        try:
            return Passage(await program_for(request))
        except MaquetteError as error:
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return page_of(error)
            raise

    @router.websocket("/{path:path}", dependencies=guard)
    async def pass_websocket(websocket: WebSocket) -> None:
        async def still_theirs() -> None:
            websocket.state.visitor = await visitor_of(websocket, Role.VIEWER)
            await program_for(websocket)

        program = await program_for(websocket)
        await pass_socket(websocket, program.title, program.socket, program.port, still_theirs)

    return router


def page_of(error: MaquetteError) -> Response:
    """What somebody reads who opens a program that cannot be had; of one that is starting it is read anew."""
    again = f'<meta http-equiv="refresh" content="{AGAIN_SECONDS}">' if error.parameters.get("starting") else ""
    page = f"<!doctype html><meta charset=utf-8>{again}<title>Maquette</title><p>{escape(error.message)}</p>"
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    return Response(
        page, status, {"cache-control": "no-store", "content-security-policy": "default-src 'none'"}, "text/html"
    )


class Passage(Response):
    """An answer that the program gives while the browser receives it."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with connected(self.program) as line:
            sending = asyncio.create_task(send_request(line, scope, receive))
            answering = asyncio.create_task(bring_answer(line, self.program, scope, receive, send))
            try:
                await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, answering):
                    task.cancel()
                results = await asyncio.gather(sending, answering, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


class Line:
    """One connection to a program, for one request."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.loop = asyncio.get_running_loop()
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD_BYTES)

    async def send(self, event: h11.Event) -> None:
        await self.loop.sock_sendall(self.connection, self.http.send(event) or b"")

    async def next(self) -> object:
        """The next event. Raises RemoteProtocolError for what is no HTTP, also when it breaks off."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.loop.sock_recv(self.connection, PIECE_BYTES))
        return event


@contextlib.asynccontextmanager
async def connected(program: Program) -> AsyncIterator[Line]:
    """A bare socket: asyncio's streams forget an answer that has come once the request can not be sent any more."""
    family, address = (
        (socket.AF_UNIX, str(program.socket)) if program.socket else (socket.AF_INET, ("127.0.0.1", program.port))
    )
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(connection, address)
        except (OSError, TimeoutError):
            raise not_answering(program.title) from None
        yield Line(connection)


def not_answering(title: str) -> Unavailable:
    return Unavailable(say("not_answering", title=title))


async def send_request(line: Line, scope: Scope, receive: Receive) -> None:
    """Returns when the browser has gone. A program may answer before it has read everything, and read no more."""
    gone = False
    with contextlib.suppress(OSError):
        await line.send(request_head(scope))
        more = True
        while more and not gone:
            message = await receive()
            gone, more = message["type"] == "http.disconnect", message.get("more_body", False)
            if message.get("body"):
                await line.send(h11.Data(message["body"]))
        if not gone:
            await line.send(h11.EndOfMessage())
    while not gone:
        gone = (await receive())["type"] == "http.disconnect"


def request_head(scope: Scope) -> h11.Request:
    headers = to_program(scope["headers"])
    names = {name for name, _ in scope["headers"]}
    if b"transfer-encoding" in names:
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        headers.append((b"transfer-encoding", b"chunked"))
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    return h11.Request(method=scope["method"], target=target, headers=[*headers, (b"connection", b"close")])


async def bring_answer(line: Line, program: Program, scope: Scope, receive: Receive, send: Send) -> None:
    """A program that ends in the middle of its answer leaves the browser with an unfinished one."""
    begun = False
    try:
        while not isinstance(event := await line.next(), h11.EndOfMessage | h11.ConnectionClosed):
            if isinstance(event, h11.Response):
                begun = True
                await send(response_start(event, program.prefix, scope))
            elif isinstance(event, h11.Data):
                await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except (OSError, h11.RemoteProtocolError) as error:
        if begun:
            log.warning("%s broke off in the middle of an answer: %s", program.title, error)
            return
        told = say("broke_off", title=program.title)
        await answer(502, "broken_off", told, {})(scope, receive, send)


def response_start(event: h11.Response, prefix: str, scope: Scope) -> dict[str, object]:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return {
        "type": "http.response.start",
        "status": event.status_code,
        "headers": to_browser(event.headers, prefix, host),
    }
