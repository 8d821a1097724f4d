"""The door of the server: every request is answered in the words of its dialect, and every route says who may enter.

    router = APIRouter()

    @router.get("/v1/{project_id}/workspaces", dependencies=[needs(Role.VIEWER)])
    def list_workspaces(who: Who) -> …

A route without `needs` or `open_to_all` is refused when the application is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable
from maquette.kernel.identity import Identity, Role

log = logging.getLogger(__name__)

Identify = Callable[[Request, str | None], Identity]
"""Who asks for something in this project (None: in none), found out of a request. Raises Unidentified or Refused."""

STATUS: Mapping[type[MaquetteError], int] = {
    BadInput: 400,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}


class Unidentified(MaquetteError):
    """Nobody that is known here; never says whether the name, the key or the secret was wrong."""

    code = "unidentified"


def needs(role: Role) -> Any:
    """Lets in who has this role in the project of the path, or in any where the path names none."""

    def enter(request: Request) -> None:
        identity = request.app.state.identify(request, request.path_params.get("project_id"))
        if identity.buckets is not None:
            raise Refused("This key opens buckets only. Use one without a scope.")
        if identity.role < role:
            raise Refused(f"This needs the role {role.word}; you are {identity.role.word} here.", role=role.word)
        request.state.identity = identity

    enter.role = role  # type: ignore[attr-defined]
    return Depends(enter)


def nobody(request: Request) -> None:
    """Marks a route that needs no identity."""


open_to_all = Depends(nobody)


def identity_of(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


Who = Annotated[Identity, Depends(identity_of)]


def make_door(routers: Iterable[APIRouter], identify: Identify) -> FastAPI:
    """The application with these routes."""
    app = FastAPI(title="Maquette", openapi_url=None, docs_url=None, redoc_url=None)
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
    if not isinstance(route, APIRoute):
        raise TypeError(f"{route!r} is no route that can say who may enter.")
    guards = [one.dependency for one in route.dependencies]
    if not any(guard is nobody or hasattr(guard, "role") for guard in guards):
        raise TypeError(f"{route.path} does not say who may enter. Give it needs(Role.…) or open_to_all.")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


async def tell_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MaquetteError)
    status = 401 if isinstance(error, Unidentified) else status_of(error)
    return answer(status, error.code, error.message, error.parameters)


def status_of(error: MaquetteError) -> int:
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


async def tell_invalid(request: Request, error: Exception) -> JSONResponse:
    """A body or a parameter of another shape than the route's: names the field and what is wrong with it."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return answer(400, "bad_input", f"'{field}': {first['msg']}.", {"field": field})


async def tell_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return answer(error.status_code, "no_such_call", f"{request.method} {request.url.path} is no call of Maquette.", {})


async def tell_failure(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "failed", "Something went wrong here; the server's log tells more.", {})


def answer(status: int, code: str, message: str, parameters: Mapping[str, Any]) -> JSONResponse:
    """`code` and `parameters` let the console say it in its own language."""
    body = {"error_code": error_code(status), "error_msg": message, "code": code, "parameters": dict(parameters)}
    return JSONResponse(body, status)


def error_code(status: int) -> str:
    return {401: "APIG.0301", 404: "ModelArts.0104", 500: "ModelArts.0010"}.get(status, "ModelArts.0103")
