"""Is a request signed by whom it says? AWS Signature Version 4, in a header or in the query, as pure functions."""

from __future__ import annotations

import calendar
import hmac
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from urllib.parse import quote, unquote_plus, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
MAX_SKEW_SECONDS = 15 * 60
MAX_EXPIRES_SECONDS = 7 * 24 * 3600

_EMPTY = sha256(b"").hexdigest()
_SPACES = re.compile(" +")
_CREDENTIAL = re.compile(r"(?P<key>.+)/(?P<date>\d{8})/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request\Z")


class SigningError(Exception):
    """The request is refused; `code` as S3 spells it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Signed:
    """What of a request is signed: path and query as they were sent, header names in lower case.

    Bytes that are not UTF-8 are told as surrogates, so that what was signed can be spelled again.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]

    @cached_property
    def values(self) -> dict[str, str]:
        """Each header's values, joined as HTTP joins them."""
        values: dict[str, str] = {}
        for name, value in self.headers:
            values[name] = f"{values[name]},{value}" if name in values else value
        return values

    def header(self, name: str) -> str | None:
        """All values of a header; None where it is absent."""
        return self.values.get(name)


@dataclass(frozen=True)
class Signature:
    """What a request says of its own signature. `expires_seconds` is told by presigned requests only."""

    access_key: str
    timestamp: str
    region: str
    service: str
    headers: tuple[str, ...]
    value: str
    payload: str
    expires_seconds: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.timestamp[:8]}/{self.region}/{self.service}/aws4_request"


def read_signature(request: Signed) -> Signature | None:
    """The signature of a request; None where it has none. SigningError where it has one that cannot be read."""
    query = dict(query_pairs(request.query))
    header = request.header("authorization")
    if header:  # an empty one says as much as none
        if "X-Amz-Signature" in query:
            raise SigningError("InvalidArgument", "Sign a request in its header or in its query, not in both.")
        return _from_header(request, header)
    if "X-Amz-Algorithm" in query or "X-Amz-Signature" in query:
        return _from_query(request, query)
    return None


def verify(request: Signed, signature: Signature, secret: str, now: float) -> None:
    """SigningError unless the request was signed with this secret, lately enough, and says all it must."""
    _check_time(signature, now)
    _check_headers(request, signature)
    expected = sign(signing_key(secret, signature.scope), string_to_sign(request, signature))
    if not same(expected, signature.value):
        raise SigningError(
            "SignatureDoesNotMatch",
            "The signature does not fit the request. Check the secret key, and that nothing on the way changed "
            "the request.",
        )


@lru_cache(maxsize=1024)
def signing_key(secret: str, scope: str) -> bytes:
    """The key of one day, region and service; a client signs all its requests of that day with it."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    return hmac.digest(key, _octets(text), "sha256").hex()


def same(one: str, other: str) -> bool:
    """Compare signatures in a time that does not tell how much of them fits."""
    return hmac.compare_digest(_octets(one), _octets(other))


def string_to_sign(request: Signed, signature: Signature) -> str:
    canonical = canonical_request(request, signature.headers, signature.payload)
    return "\n".join([ALGORITHM, signature.timestamp, signature.scope, sha256(_octets(canonical)).hexdigest()])


def canonical_request(request: Signed, headers: Iterable[str], payload: str) -> str:
    """The request in the one spelling that both sides sign."""
    names = sorted(headers)
    pairs = sorted(
        (quote(_octets(name), safe="-._~"), quote(_octets(value), safe="-._~"))
        for name, value in query_pairs(request.query)
        if name != "X-Amz-Signature"
    )
    lines = [f"{name}:{_once_spaced(request.header(name) or '')}" for name in names]
    return "\n".join(
        [
            request.method,
            quote(unquote_to_bytes(_octets(request.path)), safe="/-._~") or "/",
            "&".join(f"{name}={value}" for name, value in pairs),
            *lines,
            "",
            ";".join(names),
            payload,
        ]
    )


def chunk_text(signature: Signature, previous: str, chunk_sha256: str) -> str:
    """What is signed of one chunk of a streamed body: it hangs on the signature before it."""
    head = [f"{ALGORITHM}-PAYLOAD", signature.timestamp, signature.scope]
    return "\n".join([*head, previous, _EMPTY, chunk_sha256])


def trailer_text(signature: Signature, previous: str, trailer: str) -> str:
    """What is signed of the header lines behind a streamed body."""
    head = [f"{ALGORITHM}-TRAILER", signature.timestamp, signature.scope]
    return "\n".join([*head, previous, sha256(_octets(trailer)).hexdigest()])


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query; a name without a value has an empty one."""
    parts = [part.partition("=") for part in query.split("&") if part]
    return [
        (unquote_plus(name, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape"))
        for name, _, value in parts
    ]


@lru_cache(maxsize=1024)  # requests of one second share theirs, and each is asked about several times
def seconds(timestamp: str) -> float:
    """Seconds since 1970 of `20260102T030405Z`."""
    return calendar.timegm(time.strptime(timestamp, "%Y%m%dT%H%M%SZ"))


def _once_spaced(value: str) -> str:
    value = value.strip()
    return _SPACES.sub(" ", value) if "  " in value else value


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _from_header(request: Signed, header: str) -> Signature:
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise _unknown_kind()
    fields = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest.split(","))}
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not fields.get(name)]
    if missing:
        raise SigningError("AuthorizationHeaderMalformed", f"The Authorization header lacks {', '.join(missing)}.")
    payload = request.header("x-amz-content-sha256")
    if payload is None:
        raise SigningError("InvalidRequest", "The request lacks the header x-amz-content-sha256.")
    key, date, region, service = _credential(fields["Credential"], "AuthorizationHeaderMalformed")
    timestamp = _timestamp(request)
    if timestamp[:8] != date:
        raise SigningError("AuthorizationHeaderMalformed", f"The credential's date {date} is not that of the request.")
    names = tuple(fields["SignedHeaders"].lower().split(";"))
    return Signature(key, timestamp, region, service, names, fields["Signature"], payload)


def _unknown_kind() -> SigningError:
    return SigningError("InvalidRequest", f"This kind of signature is not known here. Sign with {ALGORITHM}.")


def _from_query(request: Signed, query: dict[str, str]) -> Signature:
    code = "AuthorizationQueryParametersError"
    for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"):
        if not query.get(f"X-Amz-{name}"):
            raise SigningError(code, f"The query lacks X-Amz-{name}.")
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise SigningError(code, f"X-Amz-Algorithm must be {ALGORITHM}.")
    key, date, region, service = _credential(query["X-Amz-Credential"], code)
    timestamp = query["X-Amz-Date"]
    if not _is_timestamp(timestamp) or timestamp[:8] != date:
        raise SigningError(code, "X-Amz-Date must look like 20260102T030405Z and fit the credential's date.")
    expires = query["X-Amz-Expires"]
    if not expires.removeprefix("-").isdecimal():
        raise SigningError(code, f"X-Amz-Expires must be a number of seconds, not '{expires[:40]}'.")
    if len(expires) > 18 or not 1 <= int(expires) <= MAX_EXPIRES_SECONDS:
        raise SigningError("AccessDenied", f"X-Amz-Expires must lie between 1 and {MAX_EXPIRES_SECONDS} seconds.")
    payload = query.get("X-Amz-Content-Sha256") or request.header("x-amz-content-sha256") or UNSIGNED
    names = tuple(query["X-Amz-SignedHeaders"].lower().split(";"))
    return Signature(key, timestamp, region, service, names, query["X-Amz-Signature"], payload, int(expires))


def _credential(text: str, code: str) -> tuple[str, str, str, str]:
    match = _CREDENTIAL.match(text)
    if not match or match["service"] != "s3":
        raise SigningError(code, "The credential must look like KEY/20260102/REGION/s3/aws4_request.")
    return match["key"], match["date"], match["region"], match["service"]


def _timestamp(request: Signed) -> str:
    """`x-amz-date`, or what `date` says in that form."""
    text = request.header("x-amz-date") or request.header("date") or ""
    if _is_timestamp(text):
        return text
    try:
        return time.strftime("%Y%m%dT%H%M%SZ", parsedate_to_datetime(text).utctimetuple())
    except (ValueError, OverflowError):
        raise SigningError("AccessDenied", "The request lacks a date. Send x-amz-date like 20260102T030405Z.") from None


def _is_timestamp(text: str) -> bool:
    try:
        seconds(text)
    except ValueError:
        return False
    return True


# ── judging ──────────────────────────────────────────────────────────────────────────────────────


def _check_time(signature: Signature, now: float) -> None:
    signed = seconds(signature.timestamp)
    if signature.expires_seconds is None:
        if abs(now - signed) > MAX_SKEW_SECONDS:
            raise SigningError(
                "RequestTimeTooSkewed",
                f"The request is dated {signature.timestamp}, more than 15 minutes from the time here. Set the clock.",
            )
    elif signed - now > MAX_SKEW_SECONDS:
        raise SigningError("AccessDenied", "Request is not yet valid: its date lies in the future. Set the clock.")
    elif now > signed + signature.expires_seconds:
        raise SigningError("AccessDenied", "Request has expired. Ask for a new link.")


def _check_headers(request: Signed, signature: Signature) -> None:
    """A header that could change what the request means must be signed."""
    free = {"x-amz-content-sha256"} if signature.expires_seconds is not None else set()
    present = {name for name in request.values if name == "host" or name.startswith("x-amz-")}
    unsigned = sorted((present | {"host"}) - free - set(signature.headers))
    if unsigned:
        raise SigningError(
            "AccessDenied", f"There were headers present in the request which were not signed: {', '.join(unsigned)}."
        )
