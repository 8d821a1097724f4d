"""Calls on buckets: make, list, remove, and list what is in them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from maquette.buckets.obs import acls, settings
from maquette.buckets.obs.answers import S3Error, Xml, document, escaped, iso_date, legible, owner, tag
from maquette.buckets.obs.call import Call, check_bucket
from maquette.buckets.sharing import canned
from maquette.kernel.errors import Conflict, MaquetteError
from maquette.kernel.ports import Listing, ObjectInfo

MOST_KEYS = 1000
_PLAIN = re.compile(r"[A-Za-z0-9/._~-]*\Z", re.ASCII)  # spelled the same in every way
MOST_BUCKETS = 10_000


def list_buckets(call: Call) -> Response:
    """All of them, or pages where the client names their size."""
    prefix, after = call.query.get("prefix", ""), _after(call.query.get("continuation-token", ""))
    limit = call.number("max-buckets", MOST_BUCKETS, MOST_BUCKETS)
    names = [name for name in sorted(call.store.buckets()) if name.startswith(prefix) and name > after]
    page = names[:limit]
    lines = [tag("Bucket", tag("Name", name), tag("CreationDate", iso_date(call.store.made_at(name)))) for name in page]
    return document(
        "ListAllMyBucketsResult",
        owner("Owner", *call.bearer.grants.me()) if call.bearer.grants else owner("Owner"),
        tag("Buckets", *lines),
        *([tag("Prefix", prefix)] if prefix else []),
        *([tag("ContinuationToken", _token(page[-1]))] if 0 < len(page) < len(names) else []),
    )


def make_bucket(call: Call) -> Response:
    """Whoever makes a bucket of their own again the same way has it; that is how S3 does it where it began. Who wants
    a new one says `If-None-Match: *`, as our own clients do."""
    wanted = settings.of_new_bucket(call)
    try:
        call.store.make_bucket(call.bucket)
    except Conflict as error:
        return _made_before(call, wanted, error)
    call.parts.forget_all(call.bucket)  # of a bucket that had the name before
    try:
        if acl := acls.of_new_object(call):
            acls.keep(call, acl)
        settings.keep_new(call, wanted)
    except (MaquetteError, S3Error):
        call.store.remove_bucket(call.bucket)
        raise
    return Response(None, 200, {"location": f"/{call.bucket}"})


def _made_before(call: Call, wanted: settings.New, error: Conflict) -> Response:
    details = {"BucketName": call.bucket}
    if error.parameters.get("taken"):
        raise S3Error("BucketAlreadyExists", error.message, details) from error
    if wanted.location or call.bearer.grants is None or call.header("if-none-match") == "*":
        raise S3Error("BucketAlreadyOwnedByYou", error.message, details) from error
    right = call.bearer.grants.right(call.bucket)
    if (acls.asked(call, right.workspace_id) or canned("private", right.workspace_id)) != right.sharing.acl:
        raise S3Error("BucketAlreadyExists", "You have such a bucket, with another ACL.", details) from error
    return Response(None, 200, {"location": f"/{call.bucket}"})


def head_bucket(call: Call) -> Response:
    check_bucket(call)
    return Response(None, 200)


def remove_bucket(call: Call) -> Response:
    try:
        call.store.remove_bucket(call.bucket)
    except Conflict as error:
        raise S3Error("BucketNotEmpty", error.message, {"BucketName": call.bucket}) from error
    call.parts.forget_all(call.bucket)
    return Response(None, 204)


def list_objects(call: Call) -> Response:
    """ListObjects, the first version: pages by marker."""
    marker = call.query.get("marker", "")
    limit = call.number("max-keys", MOST_KEYS, MOST_KEYS)
    page, spelled = _page(call, marker, limit)
    delimiter = call.query.get("delimiter", "")
    return document(
        "ListBucketResult",
        tag("Name", call.bucket),
        tag("Prefix", _plain_prefix(call, spelled)),
        tag("Marker", spelled(marker)),
        *([tag("NextMarker", spelled(page.next))] if page.next and delimiter else []),
        *_page_lines(call, page, limit, spelled),
        *_object_lines(page, spelled, call.owner()),
        *_prefix_lines(page, spelled),
    )


def _plain_prefix(call: Call, spelled: Callable[[str], str]) -> str:
    """As it was asked for, wherever a document can hold it: boto3 does not decode it in this version's answers."""
    prefix = call.query.get("prefix", "")
    try:
        prefix.encode()
    except UnicodeEncodeError:
        return spelled(prefix)
    return prefix if legible(prefix) == prefix else spelled(prefix)


def list_objects_v2(call: Call) -> Response:
    """ListObjectsV2: pages by an opaque token."""
    token = call.query.get("continuation-token")
    start = call.query.get("start-after", "")
    limit = call.number("max-keys", MOST_KEYS, MOST_KEYS)
    page, spelled = _page(call, start if token is None else _after(token), limit)
    with_owner = call.query.get("fetch-owner") == "true"
    return document(
        "ListBucketResult",
        tag("Name", call.bucket),
        tag("Prefix", spelled(call.query.get("prefix", ""))),
        *([tag("StartAfter", spelled(start))] if start else []),
        *([tag("ContinuationToken", token)] if token is not None else []),
        *([tag("NextContinuationToken", _token(page.next))] if page.next else []),
        tag("KeyCount", len(page.objects) + len(page.prefixes)),
        *_page_lines(call, page, limit, spelled),
        *_object_lines(page, spelled, call.owner() if with_owner else ""),
        *_prefix_lines(page, spelled),
    )


def list_versions(call: Call) -> Response:
    """Every object is its own one version."""
    marker = call.query.get("key-marker", "")
    limit = call.number("max-keys", MOST_KEYS, MOST_KEYS)
    page, spelled = _page(call, marker, limit)
    following = [tag("NextKeyMarker", spelled(page.next)), tag("NextVersionIdMarker", "null")] if page.next else []
    return document(
        "ListVersionsResult",
        tag("Name", call.bucket),
        tag("Prefix", spelled(call.query.get("prefix", ""))),
        tag("KeyMarker", spelled(marker)),
        *following,
        *_page_lines(call, page, limit, spelled),
        *_object_lines(page, spelled, call.owner(), version=True),
        *_prefix_lines(page, spelled),
    )


def spelling(call: Call, plain: Callable[[str], str] = str) -> Callable[[str], str]:
    """How names are written in this answer: plain, or percent-encoded where the client asks for that."""
    how = call.query.get("encoding-type", "")
    if how not in ("", "url"):
        raise S3Error("InvalidArgument", "encoding-type must be url.")
    return (lambda text: quote(text, safe="/-._~*", errors="surrogateescape")) if how else plain


def _page(call: Call, after: str, limit: int) -> tuple[Listing, Callable[[str], str]]:
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    if delimiter and call.query.get("allow-unordered") == "true":  # Ceph's; without a delimiter any order is one
        raise S3Error("InvalidArgument", "A listing by delimiter is in order: leave out allow-unordered.")
    return call.store.list(call.bucket, prefix, delimiter, after, limit), spelling(call)


def _page_lines(call: Call, page: Listing, limit: int, spelled: Callable[[str], str]) -> list[Xml]:
    lines = [tag("MaxKeys", limit)]
    if call.query.get("delimiter"):
        lines.append(tag("Delimiter", spelled(call.query["delimiter"])))
    if call.query.get("encoding-type"):
        lines.append(tag("EncodingType", "url"))
    return [*lines, tag("IsTruncated", page.next is not None)]


def _object_lines(page: Listing, spelled: Callable[[str], str], owner: str, version: bool = False) -> list[str]:
    return [_object_line(info, spelled, owner, version) for info in page.objects]


def _object_line(info: ObjectInfo, spelled: Callable[[str], str], owner: str, version: bool) -> str:
    # One string at once, and most names as they are: a page has a thousand of them.
    key = info.key if _PLAIN.match(info.key) else escaped(spelled(info.key))
    etag = info.etag if _PLAIN.match(info.etag) else escaped(info.etag)
    lines = (
        f"<Key>{key}</Key><LastModified>{iso_date(info.modified)}</LastModified>"
        f'<ETag>"{etag}"</ETag><Size>{info.size}</Size><StorageClass>STANDARD</StorageClass>'
    )
    lines += owner
    if not version:
        return f"<Contents>{lines}</Contents>"
    return f"<Version>{lines}<VersionId>null</VersionId><IsLatest>true</IsLatest></Version>"


def _prefix_lines(page: Listing, spelled: Callable[[str], str]) -> list[Xml]:
    return [tag("CommonPrefixes", tag("Prefix", spelled(prefix))) for prefix in page.prefixes]


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _after(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise S3Error("InvalidArgument", "The continuation token is not one of this endpoint's.") from None
