"""Is a request signed by whom it says? S3's Signature Version 2, and OBS' own, which differs in names only.

Both sign method, type, date, their own headers and the path with HMAC-SHA1; the body by its Content-MD5 at most.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from maquette.web.signing import MAX_SKEW_SECONDS, Signed, SigningError, query_pairs, same, seconds

PREFIXES = {"AWS": "x-amz-", "OBS": "x-obs-"}
LINKS = {"AWSAccessKeyId": "AWS", "AccessKeyId": "OBS"}

_SIGNED_QUERY = frozenset(
    "acl append attname backtosource bucketstatus cors customdomain delete deletebucket directcoldaccess "
    "dispolicy encryption fileinterface inventory length lifecycle location logging metadata mirrorbacktosource "
    "modify name notification object-lock obsalias obsbucketalias obscompresspolicy partnumber policy "
    "policystatus position publicaccessblock quota rename replication requestpayment restore retention select "
    "storageclass storageinfo storagepolicy tagging torrent truncate uploadid uploads versionid versioning "
    "versions website x-image-process x-image-save-bucket x-image-save-object x-obs-accesslabel x-oss-process "
    "response-cache-control response-content-disposition response-content-encoding response-content-language "
    "response-content-type response-expires".split()
)
_UNSIGNED_QUERY = frozenset({"Signature", "Expires", *LINKS})


@dataclass(frozen=True)
class SignatureV2:
    """What a request says of its own signature; `expires` is told by links only, in seconds since 1970."""

    kind: str
    access_key: str
    value: str
    expires: int | None = None


def read_signature_v2(request: Signed) -> SignatureV2 | None:
    """The signature of a request; None where it has none of this kind. SigningError where it cannot be read."""
    kind, _, rest = (request.header("authorization") or "").strip().partition(" ")
    if kind in PREFIXES:
        access, colon, value = rest.strip().rpartition(":")
        if not (colon and access and value):
            raise SigningError("InvalidArgument", f"The Authorization header must look like {kind} KEY:SIGNATURE.")
        return SignatureV2(kind, access, value)
    query = dict(query_pairs(request.query))
    named = next((name for name in LINKS if name in query), None)
    if named is None or "Signature" not in query:
        return None
    if not query.get("Expires", "").isdecimal() or len(query["Expires"]) > 18:
        raise SigningError("AccessDenied", "The link lacks Expires, in seconds since 1970.")
    return SignatureV2(LINKS[named], query[named], query["Signature"], int(query["Expires"]))


def verify_v2(request: Signed, signature: SignatureV2, secret: str, now: float) -> None:
    """SigningError unless the request was signed with this secret, lately enough."""
    check_time(request, signature, now)
    paths = {request.path, request.path.rstrip("/") or "/", request.path.rstrip("/") + "/"}
    if not any(same(sign_v2(secret, text_v2(request, signature, path)), signature.value) for path in sorted(paths)):
        raise SigningError(
            "SignatureDoesNotMatch",
            "The signature does not fit the request. Check the secret key, and that nothing on the way changed it.",
        )


def sign_v2(secret: str, text: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), "sha1")).decode()


def text_v2(request: Signed, signature: SignatureV2, path: str) -> str:
    """The request in the one spelling that both sides sign. Clients differ in the slash behind a bucket's name."""
    prefix = PREFIXES[signature.kind]
    dated = request.header(f"{prefix}date") is not None
    date = str(signature.expires) if signature.expires is not None else "" if dated else request.header("date") or ""
    own = sorted({name for name, _ in request.headers if name.startswith(prefix)})
    lines = [f"{name}:{(request.header(name) or '').strip()}\n" for name in own]
    head = [request.method, request.header("content-md5") or "", request.header("content-type") or "", date]
    return "\n".join(head) + "\n" + "".join(lines) + path + signed_query(request, prefix)


def signed_query(request: Signed, prefix: str) -> str:
    """The part of the query that makes it another call, in the order of names; values as they are meant."""
    given = [pair.partition("=")[::2] for pair in request.query.split("&") if pair]
    bare = {name for name, value in given if not value and f"{name}=" not in request.query}
    chosen = sorted(
        (name, value)
        for name, value in query_pairs(request.query)
        if name not in _UNSIGNED_QUERY and (name.lower() in _SIGNED_QUERY or name.lower().startswith(prefix))
    )
    parts = [name if name in bare else f"{name}={value}" for name, value in chosen]
    return "?" + "&".join(parts) if parts else ""


def check_time(request: Signed, signature: SignatureV2, now: float) -> None:
    if signature.expires is not None:
        if now > signature.expires:
            raise SigningError("AccessDenied", "Request has expired. Ask for a new link.")
        return
    own = request.header(f"{PREFIXES[signature.kind]}date")
    told = (request.header("date") or "") if own is None else own
    signed_at = time_of(told)
    if signed_at is None or signed_at < 0:
        raise SigningError("AccessDenied", "The request lacks a date. Send the header Date.")
    if abs(now - signed_at) > MAX_SKEW_SECONDS:
        told = f"The request is dated {told}, more than 15 minutes from the time here. Set the clock."
        raise SigningError("RequestTimeTooSkewed", told)


def time_of(text: str) -> float | None:
    try:
        return seconds(text)
    except ValueError:
        pass  # the older spelling, then
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
