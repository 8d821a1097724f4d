"""Passes a browser's websocket on to a program of a run: every message, whole and in order, and how it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from maquette.kernel.errors import MaquetteError, Unavailable
from maquette.web.door import answer
from maquette.web.proxy_headers import handshake_free, to_program
from maquette.web.sentences import say

LARGEST_MESSAGE_BYTES = 64 << 20
OPEN_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 60.0
"""A websocket outlives the request that opened it, so who it belongs to is looked at again."""
LONGEST_REASON_BYTES = 120
REFUSED, BAD_GATEWAY = 1008, 1014
SAID_AS = {1005: 1000, 1006: BAD_GATEWAY, 1015: BAD_GATEWAY}
"""Codes that only tell how a connection ended cannot be sent; these are sent for them."""

Check = Callable[[], Awaitable[None]]
"""Raises MaquetteError once the websocket is not theirs any more who opened it."""


@dataclass(frozen=True)
class Ending:
    """How one side has closed, as the other is told."""

    code: int
    reason: str
    by_browser: bool = False


async def pass_socket(websocket: WebSocket, title: str, socket: Path | None, port: int, still_theirs: Check) -> None:
    """Opens one to the program first, so that a refusal of the program is one for the browser."""
    try:
        line = await open_line(websocket, socket, port)
    except InvalidStatus as error:
        status = error.response.status_code
        told = f"{title} refused the websocket with status {status}."
        await websocket.send_denial_response(answer(status if 400 <= status < 500 else 502, "refused", told, {}))
        return
    except (OSError, TimeoutError, InvalidHandshake, EOFError):
        raise Unavailable(say("no_sockets", title=title)) from None
    async with line:
        await websocket.accept(line.subprotocol)
        ending = await first_of(from_browser(websocket, line), from_program(websocket, line), watch(still_theirs))
        await line.close(ending.code, ending.reason)
        if not ending.by_browser:
            await websocket.close(ending.code, ending.reason)


async def open_line(websocket: WebSocket, socket: Path | None, port: int) -> ClientConnection:
    host, scope = websocket.headers["host"], websocket.scope
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    uri = f"ws://{host}{scope['raw_path'].decode('latin-1')}{query}"
    options: dict[str, Any] = {
        "additional_headers": handshake_free(to_program(scope["headers"])),
        "subprotocols": [Subprotocol(name) for name in scope.get("subprotocols", ())] or None,
        "user_agent_header": None,
        "compression": None,
        "open_timeout": OPEN_SECONDS,
        "ping_interval": None,  # the connection ends when the program does, for both are on this machine
        "max_size": LARGEST_MESSAGE_BYTES,
    }
    if socket is not None:
        return await unix_connect(str(socket), uri, **options)
    return await connect(uri, host="127.0.0.1", port=port, proxy=None, **options)


async def first_of(*ways: Awaitable[Ending]) -> Ending:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return done.pop().result()


async def from_browser(websocket: WebSocket, line: ClientConnection) -> Ending:
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        try:
            await line.send(text if text is not None else message["bytes"])
        except ConnectionClosed:
            return closed_by(line)
    code = message.get("code") or 1005
    return Ending(SAID_AS.get(code, code), message.get("reason") or "", by_browser=True)


async def from_program(websocket: WebSocket, line: ClientConnection) -> Ending:
    try:
        async for message in line:
            await (websocket.send_text(message) if isinstance(message, str) else websocket.send_bytes(message))
    except WebSocketDisconnect:
        return Ending(BAD_GATEWAY, "", by_browser=True)
    except ConnectionClosed:
        return closed_by(line)
    return closed_by(line)


def closed_by(line: ClientConnection) -> Ending:
    code = 1006 if line.close_code is None else line.close_code
    return Ending(SAID_AS.get(code, code), line.close_reason or "")


async def watch(still_theirs: Check) -> Ending:
    while True:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        try:
            await still_theirs()
        except MaquetteError as error:
            return Ending(REFUSED, error.message.encode()[:LONGEST_REASON_BYTES].decode("utf-8", "ignore"))
