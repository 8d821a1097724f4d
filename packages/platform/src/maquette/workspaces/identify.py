"""Who asks: found out of a token, a signature or a browser's session; and what they changed, noted."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.requests import Request

from maquette.kernel.context import Platform
from maquette.kernel.identity import Identity
from maquette.web.door import CHANGES, Identify, Note, Unidentified
from maquette.web.sdk_signing import is_signed, read_sdk_signature
from maquette.web.signing import Signed
from maquette.workspaces import actions, keys, sessions
from maquette.workspaces.domain import AuditEntry
from maquette.workspaces.sessions import Caller

COOKIE = "maquette-session"
SIGN_IN_PATHS = ("/v3/auth/tokens", "/maquette/session", "/maquette/session/link")
CHANGE_HEADER = "x-change-token"
READS = ("/training-job-searches", "/resource-instances/filter", "/resource-instances/count")
"""Calls of ModelArts that only look, whatever their method says."""

Way = Callable[[Platform, Request, bytes], Identity | None]


def identifier(ctx: Platform, *more: tuple[Callable[[Request], bool], Way]) -> Identify:
    """Looks at one proof only: a request that shows a bad one does not get in by another. `more` are ways that nouns
    above this one know."""

    def identify(request: Request, body: bytes) -> Identity:
        way = next((way for shown, way in (*more, *WAYS) if shown(request)), None)
        identity = way(ctx, request, body) if way else None
        if identity is None:
            raise Unidentified
        return identity

    return identify


def by_token(ctx: Platform, request: Request, body: bytes) -> Identity | None:
    return sessions.who_has(ctx, request.headers["x-auth-token"], "token")


def by_signature(ctx: Platform, request: Request, body: bytes) -> Identity | None:
    signed = signed_of(request)
    signature = read_sdk_signature(signed)
    key = keys.find_key(ctx, signature.access) if signature else None
    if signature is None or key is None or not is_signed(signed, signature, key.secret, body, ctx.clock()):
        return None
    return key.identity


def by_session(ctx: Platform, request: Request, body: bytes) -> Identity | None:
    """A page of another site can make the browser send its cookie, so a change needs what only our page knows."""
    ticket = request.cookies[COOKIE]
    if request.method in CHANGES:
        shown = request.headers.get(CHANGE_HEADER, "")
        if not is_same_site(request) or not compare_digest(shown, sessions.change_token(ctx, ticket)):
            return None
    return sessions.who_has(ctx, ticket, "session")


def is_same_site(request: Request) -> bool:
    """Browsers say which page sends a change; other clients say nothing."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


WAYS: tuple[tuple[Callable[[Request], bool], Way], ...] = (
    (lambda request: "x-auth-token" in request.headers, by_token),
    (lambda request: "authorization" in request.headers, by_signature),
    (lambda request: COOKIE in request.cookies, by_session),
)


def signed_of(request: Request) -> Signed:
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.scope["headers"]
    )
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.partition(b"?")[0].decode("utf-8", "surrogateescape")
    return Signed(request.method, path, request.scope["query_string"].decode("utf-8", "surrogateescape"), headers)


def caller_of(request: Request) -> Caller:
    return Caller(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def noter(ctx: Platform) -> Note:
    """Notes changes of somebody who was let in, and sign-ins that failed."""

    def note(request: Request, status: int) -> None:
        identity: Identity | None = request.scope.get("state", {}).get("identity")
        route = request.scope.get("route")
        if identity is None and request.scope["path"] not in SIGN_IN_PATHS:
            return  # whoever knocks without a key must not be able to fill the disk
        if request.scope["path"].endswith(READS):
            return
        actions.note(
            ctx,
            AuditEntry(
                at=ctx.clock(),
                workspace_id=identity.workspace_id if identity else None,
                user_name=identity.user_name if identity else "",
                proof=str(identity.proof) if identity else "",
                address=caller_of(request).address[:64],
                action=f"{request.method} {getattr(route, 'path', '')}",
                subject=request.scope["path"],
                status=status,
            ),
        )

    return note
