"""Is a request signed by whom it says? The API gateway's `SDK-HMAC-SHA256`, as pure functions.

The body counts by its SHA-256, unless the signed header `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` leaves it out, as
clients do for forms.
"""

from __future__ import annotations

import calendar
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote_to_bytes

from maquette.web.signing import MAX_SKEW_SECONDS, UNSIGNED, Signed, query_pairs, same, sign

ALGORITHM = "SDK-HMAC-SHA256"
EMPTY = sha256(b"").hexdigest()

_FIELDS = re.compile(
    rf"{ALGORITHM} +Access=(?P<access>[^,]+), *SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<value>[0-9a-fA-F]+) *\Z"
)


@dataclass(frozen=True)
class SdkSignature:
    """What a request says of its own signature."""

    access: str
    timestamp: str
    headers: tuple[str, ...]
    value: str
    payload: str | None

    @property
    def covers_body(self) -> bool:
        return self.payload != UNSIGNED


def read_sdk_signature(request: Signed) -> SdkSignature | None:
    """The signature of a request; None where it has none that can be read."""
    found = _FIELDS.match(request.header("authorization") or "")
    timestamp = request.header("x-sdk-date") or ""
    if found is None or not re.fullmatch(r"\d{8}T\d{6}Z", timestamp):
        return None
    headers = tuple(found["headers"].lower().split(";"))
    payload = request.header("x-sdk-content-sha256")
    return SdkSignature(found["access"].strip(), timestamp, headers, found["value"].lower(), payload)


def is_signed(request: Signed, signature: SdkSignature, secret: str, body: bytes, now: float) -> bool:
    """Whether the request was signed with this secret, lately enough, as it is."""
    try:
        signed_at = calendar.timegm(time.strptime(signature.timestamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return False
    if abs(now - signed_at) > MAX_SKEW_SECONDS or not {"host", "x-sdk-date"} <= set(signature.headers):
        return False
    payload = payload_hash(signature, body)
    if payload is None:
        return False
    text = "\n".join(
        [ALGORITHM, signature.timestamp, sha256(_octets(canonical(request, signature, payload))).hexdigest()]
    )
    return same(sign(secret.encode(), text), signature.value)


def payload_hash(signature: SdkSignature, body: bytes) -> str | None:
    """What stands for the body in the signature; None where the header says something else than the body is."""
    if not body:
        return EMPTY
    actual = sha256(body).hexdigest()
    if signature.payload is None:
        return actual
    if "x-sdk-content-sha256" not in signature.headers:
        return None
    return signature.payload if signature.payload in (UNSIGNED, actual) else None


def canonical(request: Signed, signature: SdkSignature, payload: str) -> str:
    """The request in the one spelling that both sides sign; the path ends in a slash whatever it is."""
    path = quote(unquote_to_bytes(_octets(request.path)), safe="/-._~")
    pairs = sorted(query_pairs(request.query))
    query = "&".join(f"{quote(_octets(name), safe='~')}={quote(_octets(value), safe='~')}" for name, value in pairs)
    lines = [f"{name}:{(request.header(name) or '').strip()}" for name in signature.headers]
    return "\n".join(
        [
            request.method.upper(),
            path if path.endswith("/") else path + "/",
            query,
            *lines,
            "",
            ";".join(signature.headers),
            payload,
        ]
    )


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
