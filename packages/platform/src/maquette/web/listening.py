"""Sockets and the HTTP server on them: one sentence where there can be none, and an end without complaints."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from maquette.kernel.errors import BadInput, Conflict
from maquette.web.forwarded import Forwarded

KEEP_ALIVE_SECONDS = 75
HEAD_SECONDS = 30.0
BACKLOG = 2048
LARGEST_MESSAGE_BYTES = 64 << 20
"""Of a websocket; notebooks send whole files in one."""


@dataclass(frozen=True)
class Certificate:
    """The files by which the server speaks TLS."""

    certificate: Path
    key: Path | None = None


def listen(host: str, port: int, option: str = "port") -> socket.socket:
    """A socket on that address, or one sentence that says why there is none; `option` sets the port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return bind(socket.socket(family, kind, protocol), address)
    except PermissionError:
        told = f"Port {port} is for root alone. Choose one above 1023 with --{option}."
        raise BadInput(told, field=option) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            told = (
                f"Port {port} is taken by another program. Choose another with --{option}; 0 stands for any free one."
            )
            raise Conflict(told, field=option) from None
        told = f"'{host}' is no address of this machine. Leave --host out for 127.0.0.1."
        raise BadInput(told, field="host") from None


def bind(listening: socket.socket, address: Any) -> socket.socket:
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. Without it an answer's second packet waits 40 ms for word of the first.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


class InTime(HttpToolsProtocol):
    """uvicorn's, and it closes connections on which the head of a request does not come in time."""

    late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self.late is None:
            self.await_head()

    def on_headers_complete(self) -> None:
        self.head_is_here()
        super().on_headers_complete()

    def connection_lost(self, error: Exception | None) -> None:
        self.head_is_here()
        super().connection_lost(error)

    def await_head(self) -> None:
        self.late = self.loop.call_later(HEAD_SECONDS, self.timeout_keep_alive_handler)

    def head_is_here(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None


class HttpServer(uvicorn.Server):
    """uvicorn, with signals left to us and complaints of its own way of ending left out."""

    def __init__(
        self,
        app: ASGIApp,
        certificate: Certificate | None = None,
        behind_proxy: bool = False,
        patience: int = 1,
        websockets: bool = True,
    ) -> None:
        config = uvicorn.Config(
            Forwarded(app) if behind_proxy else app,
            http=InTime,
            ws="websockets-sansio" if websockets else "none",
            ws_max_size=LARGEST_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            log_level=logging.WARNING,  # it would log the paths of websockets, which hold secrets
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=patience,
            ssl_certfile=certificate.certificate if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
