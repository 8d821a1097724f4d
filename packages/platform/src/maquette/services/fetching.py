"""Fetches a file of a batch from somewhere else, by https and within limits; signed links need no more."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from maquette.kernel.errors import BadInput, Unavailable
from maquette.services.sentences import say
from maquette_sdk.sentences import several

SECONDS = 120.0
"""As long as this a file may take to arrive; a host that is silent for a quarter of it is given up."""
PIECE_BYTES = 1 << 20


def fetch(url: str, context: ssl.SSLContext | None = None, seconds: float = SECONDS) -> Iterator[bytes]:
    """The bytes behind an https address, piece by piece; redirects are not followed. Raises Unavailable and BadInput,
    whose messages leave out what comes after a `?`, for that is the secret of a signed link."""
    where = urlsplit(url)
    named = f"{where.scheme}://{where.hostname}{where.path}"
    if where.scheme != "https" or not where.hostname:
        raise BadInput(say("no_https", address=named), address=named)
    deadline = time.monotonic() + seconds
    try:
        with closing(opener(context).open(Request(url), timeout=seconds / 4)) as answer:
            while piece := answer.read(PIECE_BYTES):
                yield piece
                if time.monotonic() > deadline:
                    raise Unavailable(say("fetched_late", address=named, seconds=f"{seconds:g}"))
    except HTTPError as error:
        error.close()
        told = say("fetch_refused", address=named, status=error.code, reason=error.reason)
        raise Unavailable(several(told, say("signed_link") if error.code in (401, 403) else "")) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        told = say("not_fetched", address=named, reason=str(reason) or type(error).__name__)
        raise Unavailable(told) from None


def opener(context: ssl.SSLContext | None) -> OpenerDirector:
    """It knows https and nothing else."""
    found = OpenerDirector()
    context = context or ssl.create_default_context()
    for handler in (ProxyHandler(), HTTPSHandler(context=context), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        found.add_handler(handler)
    return found
