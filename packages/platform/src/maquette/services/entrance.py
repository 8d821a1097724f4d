"""Who may call an online service: by token, by signature, by app code or by a browser's session.

Whoever was let in is known again for a few seconds, so that a stream of calls does not ask the rows each time. A token,
key or code that is taken away through this server opens nothing from then on; one that is taken away elsewhere opens
services for so long at most.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from maquette.kernel.context import Platform
from maquette.kernel.errors import MaquetteError
from maquette.services.domain import FORBIDDEN, NO_IDENTITY, TOO_LARGE, TOO_SLOW_TO_READ, CallLimits, CallRefused
from maquette.services.line import ClientGone
from maquette.web.door import Identify
from maquette.web.sdk_signing import ALGORITHM, SdkSignature, is_signed, read_sdk_signature
from maquette.workspaces import keys
from maquette.workspaces.identify import signed_of

KNOWN_SECONDS = 5.0
MOST_KNOWN = 10_000
APP_CODES = (b"x-apig-appcode", b"apikey")
LEFT_OUT = b"any"

T = TypeVar("T")


@dataclass(frozen=True)
class Visitor:
    """Whose services somebody may call."""

    workspace_id: str


class Entrance:
    def __init__(self, ctx: Platform, identify: Identify, limits: CallLimits) -> None:
        self.ctx = ctx
        self.identify = identify
        self.limits = limits
        self.known: dict[tuple[str, bytes], tuple[Any, float]] = {}

    def forget(self) -> None:
        """What is found out from now on counts, and what is being found out now is not kept."""
        self.known = {}

    async def enter(self, scope: Scope, receive: Receive) -> tuple[Visitor, Receive]:
        """Who calls; and how the body is read from now on, for a signature may have needed it. Raises CallRefused."""
        headers = dict(scope["headers"])
        if (token := headers.get(b"x-auth-token")) is not None:
            return await self.again("token", token, lambda: self.by_identity(scope)), receive
        if (code := next((headers[name] for name in APP_CODES if name in headers), None)) is not None:
            return await self.again("code", code, lambda: self.by_app_code(code)), receive
        if headers.get(b"authorization", b"").startswith(ALGORITHM.encode()):
            return await self.by_signature(scope, receive)
        return await run_in_threadpool(self.by_identity, scope), receive

    async def again(self, kind: str, proof: bytes, find: Callable[[], T]) -> T:
        """What was found for a proof a moment ago, or is found now."""
        known = self.known
        before, until = known.get((kind, proof), (None, 0.0))
        if time.monotonic() < until:
            return cast(T, before)
        found = await run_in_threadpool(find)
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[kind, proof] = (found, time.monotonic() + KNOWN_SECONDS)
        return found

    def by_identity(self, scope: Scope) -> Visitor:
        try:
            who = self.identify(Request(scope), b"")
        except MaquetteError:
            raise CallRefused(NO_IDENTITY) from None
        if who.buckets is not None:
            raise CallRefused(FORBIDDEN)
        return Visitor(who.workspace_id)

    def by_app_code(self, code: bytes) -> Visitor:
        found = keys.find_app_code(self.ctx, code.decode("latin-1"))
        if found is None:
            raise CallRefused(NO_IDENTITY)
        return Visitor(found.workspace_id)

    async def by_signature(self, scope: Scope, receive: Receive) -> tuple[Visitor, Receive]:
        signed = signed_of(Request(scope))
        signature = read_sdk_signature(signed)
        if signature is None:
            raise CallRefused(NO_IDENTITY)
        key = await self.again("key", signature.access.encode(), lambda: self.key_of(signature))
        body = await self.read_in_time(receive) if signature.covers_body else b""
        # A body that is left out stands in the signature as an empty one, or as the words that it is left out.
        bodies = (body,) if signature.covers_body else (b"", LEFT_OUT)
        if not any(is_signed(signed, signature, key.secret, one, self.ctx.clock()) for one in bodies):
            raise CallRefused(NO_IDENTITY)
        if key.identity.buckets is not None:
            raise CallRefused(FORBIDDEN)
        return Visitor(key.identity.workspace_id), replay(body, receive) if signature.covers_body else receive

    def key_of(self, signature: SdkSignature) -> keys.OpenKey:
        key = keys.find_key(self.ctx, signature.access)
        if key is None:
            raise CallRefused(NO_IDENTITY)
        return key

    async def read_in_time(self, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await self.read(receive)
        except TimeoutError:
            raise CallRefused(TOO_SLOW_TO_READ) from None

    async def read(self, receive: Receive) -> bytes:
        """The whole body, as far as a service takes one."""
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self.limits.body_bytes:
                raise CallRefused(TOO_LARGE)
            more = message.get("more_body", False)
        return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read before once more, then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again
