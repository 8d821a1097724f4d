"""What a proxy in front says of a request: the name it was called by, who sends it, and whether it came by TLS.

Each proxy writes behind what it was told, and what it was told anybody may have made up: only the last word is that
of the proxy in front of us. Without it the name of the site that a page is from would not be that of the server, and
whoever guesses passwords could have a new address for each guess.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

SCHEMES = {"http": "http", "https": "https"}
SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class Forwarded:
    """In front of everything, where nobody but the proxy reaches the port."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = as_forwarded(scope)
        await self.app(scope, receive, send)


def as_forwarded(scope: Scope) -> Scope:
    """The request as it was sent to the proxy."""
    host, client = last_word(scope, b"x-forwarded-host"), last_word(scope, b"x-forwarded-for")
    schemes = SOCKET_SCHEMES if scope["type"] == "websocket" else SCHEMES
    told = schemes.get(last_word(scope, b"x-forwarded-proto").lower())
    scope = {**scope, "scheme": told or scope["scheme"]}
    if host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [(b"host", host.encode("latin-1")), *others]
    if client:
        scope["client"] = (without_port(client), 0)
    return scope


def last_word(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return b",".join(values).decode("latin-1").rpartition(",")[2].strip()


def without_port(address: str) -> str:
    """Some proxies write `192.0.2.1:4711`, and `[2001:db8::1]:4711`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
