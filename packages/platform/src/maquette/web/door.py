"""The door of the server: who may enter by which route, under which names it may be called, and what errors say.

    router = APIRouter()

    @router.get("/v1/{project_id}/workspaces", dependencies=[needs(Role.VIEWER)])
    def list_workspaces(who: Who) -> …

A route that has neither `needs` nor `open_to_all` is refused when the application is made.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel, field_validator
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maquette import __version__
from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable
from maquette.kernel.identity import Identity, Role
from maquette.web.description import DescribedApp
from maquette.web.sdk_signing import ALGORITHM
from maquette.web.sentences import say
from maquette.web.shapes import NotKept, field_of, sentence_of
from maquette.web.signing import UNSIGNED
from maquette_sdk import sentences

log = logging.getLogger(__name__)

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NUL = "\0"
OBJECTS = "/obs/"
OPENER_POLICY = b"cross-origin-opener-policy"
LARGEST_SIGNED_BYTES = 12 << 20
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

Identify = Callable[[Request, bytes], Identity]
"""Who asks, found out of a request and, where that is signed, its body. Raises Unidentified or Refused."""

Note = Callable[[Request, int], None]
"""Keeps in mind that a request has changed something, or tried to; with the status of its answer."""


class Unidentified(MaquetteError):
    """Nobody that is known here; never says whether the name, the key or the secret was wrong."""

    code = "unidentified"

    def __init__(self) -> None:
        super().__init__(
            "The request does not say who sends it, or not rightly. Sign in again, or check the key, its secret and "
            "this machine's clock."
        )


class TooManyGuesses(MaquetteError):
    """Somebody guesses passwords; `seconds` tells when the next try is looked at."""

    code = "too_many_guesses"


STATUS: Mapping[type[MaquetteError], int] = {
    Unidentified: 401,
    TooManyGuesses: 429,
    BadInput: 400,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}
CODES = {401: "APIG.0301", 404: "APIG.0101", 413: "APIG.0201", 429: "ModelArts.4206", 500: "ModelArts.0010"}
OTHER_CODE = "ModelArts.0103"
FIRST_GENERATION = re.compile(r"/v1/[^/]+/(?:training-job|visualization-job|job/|built-in-algorithms)")
"""Calls whose errors have another shape."""
SECOND_GENERATION = re.compile(r"/v2/[^/]+/(?:training-|modelarts-training-job|algorithms|search-algorithms)")
"""Calls whose errors tell the way out once more, apart."""


# ── who may enter ────────────────────────────────────────────────────────────────────────────────


def needs(role: Role, of_the_platform: bool = False) -> Any:
    """Lets in who has this role in the project of the path; `of_the_platform` lets administrators in only."""

    async def enter(request: Request) -> None:
        body = await signed_body(request)
        identity = await run_in_threadpool(request.app.state.identify, request, body)
        check_entry(identity, request.path_params.get("project_id"), role, of_the_platform)
        request.state.identity = identity

    enter.role = role  # type: ignore[attr-defined]
    return Depends(enter)


def needs_own_page(role: Role) -> Any:
    """Lets in who has this role, by HTTP and by websocket, from pages of this server only.

    For programs whose pages know no change token: the secret in their path stands for it. Sets `state.visitor`, not
    `state.identity`: what is done in such a program is no change of Maquette, and nothing to note."""

    async def enter(connection: HTTPConnection) -> None:
        connection.state.visitor = await visitor_of(connection, role)

    enter.role = role  # type: ignore[attr-defined]
    enter.takes_websockets = True  # type: ignore[attr-defined]
    return Depends(enter)


async def visitor_of(connection: HTTPConnection, role: Role) -> Identity:
    """Who asks from a page of ours."""
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise Refused(say("other_site"))
    reading = Request({**connection.scope, "type": "http", "method": "GET"})
    identity: Identity = await run_in_threadpool(connection.app.state.identify, reading, b"")
    check_entry(identity, connection.path_params.get("project_id"), role, of_the_platform=False)
    return identity


def check_entry(identity: Identity, project_id: str | None, role: Role, of_the_platform: bool) -> None:
    """One answer for a project of others and for one that does not exist."""
    if project_id not in (None, identity.workspace_id):
        raise Unidentified
    if identity.buckets is not None:
        raise Refused(say("buckets_only"))
    if identity.role < role:
        told = say("needs_role", role=say(role.word), own=say(identity.role.word))
        raise Refused(told, role=role.word)
    if of_the_platform and not identity.administrator:
        raise Refused(say("administrators"))


async def signed_body(request: Request) -> bytes:
    """The body where the signature covers it."""
    covered = request.headers.get("authorization", "").startswith(ALGORITHM)
    if not covered or request.headers.get("x-sdk-content-sha256") == UNSIGNED:
        return b""
    if int(request.headers.get("content-length") or 0) > LARGEST_SIGNED_BYTES:
        raise BadInput(say("signed_body"))
    return await request.body()


def nobody(request: Request) -> None:
    """Marks a route that needs no identity."""


open_to_all = Depends(nobody)


def identity_of(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


Who = Annotated[Identity, Depends(identity_of)]


class Body(BaseModel):
    """What a route takes. Texts that no database keeps are refused here, by the field they are in."""

    @field_validator("*", mode="before")
    @classmethod
    def check_text(cls, value: Any) -> Any:
        if any(NUL in text or not is_unicode(text) for text in texts_in(value)):
            raise NotKept
        return value


def texts_in(value: Any) -> Iterator[str]:
    """The texts of a value from JSON, names of fields included, however deep they lie."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one


def is_unicode(text: str) -> bool:
    """Half of a surrogate pair is none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# ── the application ──────────────────────────────────────────────────────────────────────────────


def make_door(routers: Iterable[APIRouter], identify: Identify) -> FastAPI:
    """The application with these routes."""
    app = DescribedApp(title="Maquette", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.identify = identify
    for router in routers:
        for route in router.routes:
            check_guarded(route)
        app.include_router(router)
    app.add_exception_handler(MaquetteError, tell_error)
    app.add_exception_handler(RequestValidationError, tell_invalid)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(Exception, tell_failure)
    return app


def check_guarded(route: Any) -> None:
    if not isinstance(route, APIRoute | APIWebSocketRoute):
        raise TypeError(f"{route!r} is no route that can say who may enter.")
    guards = [one.dependency for one in route.dependencies]
    if isinstance(route, APIWebSocketRoute) and not any(hasattr(guard, "takes_websockets") for guard in guards):
        raise TypeError(f"{route.path} is a websocket that any page may open. Give it needs_own_page(Role.…).")
    if not any(guard is nobody or hasattr(guard, "role") for guard in guards):
        raise TypeError(f"{route.path} does not say who may enter. Give it needs(Role.…) or open_to_all.")


class Threshold:
    """In front of the door: answers only under names that are ours, and notes what is changed.

    A page of another site can make a browser call any address; the name in `Host` then is that site's.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], note: Note) -> None:
        self.app = app
        self.hosts = LOOPBACK_NAMES | frozenset(hosts)
        self.note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            refusal = self.refusal(HTTPConnection(scope)) if scope["type"] == "websocket" else None
            await (refusal or self.app)(scope, receive, send)
            return
        request, status = Request(scope), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own_headers(scope["path"], message["headers"])]
            await send(message)

        if refusal := self.refusal(request):
            await refusal(scope, receive, watched)
            return
        try:
            await self.app(scope, receive, watched)
        finally:
            if scope["method"] in CHANGES and not scope.get("state", {}).get("unnoted"):
                await run_in_threadpool(self.note, request, status)

    def refusal(self, request: HTTPConnection) -> JSONResponse | None:
        if NUL in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return answer(400, "bad_input", say("address"), {})
        if not self.is_ours(request):
            told = say("unknown_host", host=host_name(request.headers.get("host", "")))
            return answer(421, "unknown_host", told, {})
        return None

    def is_ours(self, request: HTTPConnection) -> bool:
        """Names that were set, and the very address that the client has connected to."""
        name = host_name(request.headers.get("host", ""))
        if name in self.hosts:
            return True
        server = request.scope.get("server")
        return server is not None and is_address(name) and name == host_name(str(server[0]))


def own_headers(path: str, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What goes with every answer. Pages that run somebody's code come from this address too, notebooks and objects:
    they get no hold of ours, and an object is a page without scripts."""
    # Clients print it, and it is what people quote when they ask for help.
    added = [(b"x-request-id", uuid.uuid4().hex.encode())]
    if not any(name == OPENER_POLICY for name, _ in headers):
        added.append((OPENER_POLICY, b"same-origin"))
    if path.startswith(OBJECTS):
        added.append((b"content-security-policy", b"sandbox"))
    return added


def host_name(host: str) -> str:
    """Without its port, and without the brackets of IPv6."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name if is_address(name) else name.rpartition(":")[0] or name


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


async def tell_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MaquetteError)
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    response = answer(status, error.code, error.message, error.parameters, request.url.path)
    if isinstance(error, TooManyGuesses):
        response.headers["retry-after"] = str(error.parameters["seconds"])
    return response


async def tell_invalid(request: Request, error: Exception) -> JSONResponse:
    """A body or a parameter of another shape than the route's: names the field and what is wrong with it."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return answer(400, "bad_input", sentence_of(first), {"field": field_of(first)}, request.url.path)


async def tell_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    told = say("no_such_call", method=request.method, path=request.url.path)
    response = answer(error.status_code, "no_such_call", told, {}, request.url.path)
    response.headers.update(error.headers or {})
    return response


async def tell_failure(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    told = "Something went wrong here; the server's log tells more."
    return answer(500, "failed", told, {}, request.url.path)


def answer(status: int, code: str, message: str, parameters: Mapping[str, Any], path: str = "") -> JSONResponse:
    """`code` and `parameters` let the console say it in its own language, and so does `told`, where the message is one
    of a catalogue; `path` is the call's."""
    body: dict[str, Any] = {
        "error_code": CODES.get(status, OTHER_CODE),
        "error_msg": message,
        "code": code,
        "parameters": dict(parameters),
        "told": sentences.told(message),
    }
    if FIRST_GENERATION.match(path):
        body |= {"is_success": False, "error_message": message}
    if SECOND_GENERATION.match(path):
        body["error_solution"] = message.partition(". ")[2] or message
    return JSONResponse(body, status)
