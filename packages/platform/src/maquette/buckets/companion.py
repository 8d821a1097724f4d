"""The server at a run's side: the S3 endpoint, and the calls by which moxing in the run writes to buckets."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from maquette.kernel.errors import BadInput, Conflict, MaquetteError, NotFound, Refused, Unavailable
from maquette.kernel.ports import ObjectStore

log = logging.getLogger(__name__)

PREFIX = "/_maquette/"  # no bucket can have such a name
_BODY_LIMIT = 64 << 20
_STATUS: Mapping[type[MaquetteError], int] = {
    BadInput: 400,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 409,
}


class Companion:
    """An ASGI application for the life of one run; what is not one of its own calls goes to the endpoint.

    `staging` is the folder that the run writes complete files into; nothing outside it is ever taken.
    """

    def __init__(self, store: ObjectStore, staging: Path, token: str, endpoint: ASGIApp) -> None:
        self._store = store
        self._staging = staging.resolve()
        self._token = token
        self._endpoint = endpoint
        self._calls: dict[str, Callable[[Any], None]] = {
            "commit": self._commit,
            "copy": self._copy,
            "delete": self._delete,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            answer = await self._answer(Request(scope, receive))
            await answer(scope, receive, send)
        else:
            await self._endpoint(scope, receive, send)

    async def _answer(self, request: Request) -> JSONResponse:
        call = self._calls.get(request.url.path.removeprefix(PREFIX))
        if call is None or request.method != "POST":
            return _refusal(404, "not_found", "There is no such call: POST commit, copy or delete.")
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return _refusal(401, "refused", "The call needs the run's token. Send MAQUETTE_STORE_TOKEN as Bearer.")
        try:
            wanted = await _read_json(request)
            await run_in_threadpool(call, wanted)
        except MaquetteError as error:
            return _refusal(_status(error), error.code, error.message)
        except (KeyError, TypeError, ValueError) as error:
            return _refusal(400, "bad_input", f"The body is not what this call takes: {error!r}.")
        except OSError as error:
            log.exception("%s failed", request.url.path)
            return _refusal(500, "failed", f"The store failed: {error}.")
        return JSONResponse({})

    def _commit(self, wanted: Any) -> None:
        bucket = _text(wanted["bucket"])
        self._store.commit(bucket, [(self._staged(_text(name)), _text(key)) for name, key in wanted["files"]])

    def _copy(self, wanted: Any) -> None:
        for (from_bucket, from_key), (bucket, key) in wanted["pairs"]:
            self._store.copy((_text(from_bucket), _text(from_key)), (_text(bucket), _text(key)))

    def _delete(self, wanted: Any) -> None:
        bucket = _text(wanted["bucket"])
        for key in wanted["keys"]:
            self._store.delete(bucket, _text(key))

    def _staged(self, name: str) -> Path:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise BadInput(f"'{name}' is not a name below the staging folder. Give the file's path relative to it.")
        return self._staging / path


async def _read_json(request: Request) -> Any:
    data = bytearray()
    async for block in request.stream():
        data += block
        if len(data) > _BODY_LIMIT:
            raise BadInput(f"The call is longer than {_BODY_LIMIT >> 20} MiB. Split it.")
    return json.loads(data)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _status(error: MaquetteError) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def _refusal(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status)
