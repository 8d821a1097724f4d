"""Calls on objects: read, write, copy, delete."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import BinaryIO
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs import policies
from maquette.buckets.obs.answers import (
    FileAnswer,
    S3Error,
    blocks_of,
    document,
    error_of,
    header_text,
    http_date,
    iso_date,
    quoted,
    tag,
)
from maquette.buckets.obs.call import Call, check_conditions, check_writable, read_range
from maquette.kernel.errors import MaquetteError, NotFound
from maquette.kernel.ports import ObjectInfo

OCTETS = "binary/octet-stream"
USER = "x-amz-meta-"
# Kept beside the user's own metadata, under names that no header can have.
KEPT_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
KEPT = "http:"
UNKNOWN = ("x-amz-tagging", "x-amz-server-side-encryption", "x-amz-object-lock", "x-amz-grant-", "x-amz-website")
NEXT_POSITION = "x-amz-next-append-position"
_METADATA_LIMIT = 2048
_one_at_a_time = threading.Lock()


def get_object(call: Call) -> Response:
    check_version(call)
    info, file = call.store.open(call.bucket, call.key)
    with ExitStack() as stack:
        stack.enter_context(file)
        check_conditions(call, info)
        headers = object_headers(info) | _overrides(call)
        found = _asked(call, info)
        if found:
            first, count = found
            headers["content-range"] = f"bytes {first}-{first + count - 1}/{info.size}"
            answer = FileAnswer(file, first, count, 206, headers)
        else:
            answer = FileAnswer(file, 0, info.size, 200, headers)
        stack.pop_all()  # the answer closes the file
        return answer


def head_object(call: Call) -> Response:
    check_version(call)
    info = call.store.head(call.bucket, call.key)
    check_conditions(call, info)
    headers = object_headers(info) | _overrides(call)
    found = _asked(call, info)
    if found:
        first, count = found
        headers |= {"content-range": f"bytes {first}-{first + count - 1}/{info.size}", "content-length": str(count)}
        return Response(None, 206, headers)
    return Response(None, 200, headers | {"content-length": str(info.size)})


def put_object(call: Call) -> Response:
    refuse_unknown(call)
    with ExitStack() as stack:
        chunks = checked_last(call, call.content, stack)
        info = call.store.put(call.bucket, call.key, chunks, call.header("content-type") or OCTETS, metadata(call))
    return Response(None, 200, {"etag": quoted(info.etag), **call.content.verified})


def copy_object(call: Call) -> Response:
    refuse_unknown(call)
    source, target = call.copy_source(), (call.bucket, call.key)
    check_conditions(call, call.store.head(*source), "x-amz-copy-source-")
    directive = (call.header("x-amz-metadata-directive") or "COPY").upper()
    if directive not in ("COPY", "REPLACE"):
        raise S3Error("InvalidArgument", "x-amz-metadata-directive must be COPY or REPLACE.")
    if directive == "REPLACE":
        _, file = call.store.open(*source)
        with file:
            info = call.store.put(*target, blocks_of(file), call.header("content-type") or OCTETS, metadata(call))
    elif source == target:
        raise S3Error("InvalidRequest", "An object cannot be copied onto itself unless its metadata is replaced.")
    else:
        info = call.store.copy(source, target)
    return document("CopyObjectResult", tag("LastModified", iso_date(info.modified)), tag("ETag", quoted(info.etag)))


def append_object(call: Call) -> Response:
    """OBS' way of making an object piece by piece: each says where it begins, so that none is lost or doubled."""
    position = call.number("position", 0, 1 << 60)
    info, old = _whole(call)
    with ExitStack() as stack:
        before = blocks_of(stack.enter_context(old)) if old else ()
        _check_position(info, position)
        kept, kind = (info.metadata, info.content_type) if old else (metadata(call), call.header("content-type"))
        blocks = _unless_longer(call, chain(before, call.content), position, stack)
        info = call.store.put(call.bucket, call.key, blocks, kind or OCTETS, kept)
    return Response(None, 200, {"etag": quoted(info.etag), NEXT_POSITION: str(info.size)})


def _check_position(info: ObjectInfo, position: int) -> None:
    if position != info.size:
        told = f"The object has {info.size} bytes, so what follows begins at {info.size}, not at {position}."
        raise S3Error("PositionNotEqualToLength", told, headers={NEXT_POSITION: str(info.size)})


def _unless_longer(call: Call, blocks: Iterable[bytes], position: int, stack: ExitStack) -> Iterator[bytes]:
    """Somebody else may have appended while these bytes came; until the object is there nobody else does."""
    yield from blocks
    stack.enter_context(_one_at_a_time)
    info, file = _whole(call)
    if file:
        file.close()
    _check_position(info, position)


def _whole(call: Call) -> tuple[ObjectInfo, BinaryIO | None]:
    """The object as it is; an empty one where there is none."""
    try:
        return call.store.open(call.bucket, call.key)
    except NotFound as error:
        if "key" not in error.parameters:
            raise
        return ObjectInfo(call.key, 0, 0.0, ""), None


def delete_object(call: Call) -> Response:
    check_version(call)
    with ExitStack() as stack:
        if _is_conditional(call):
            stack.enter_context(_one_at_a_time)
            _check_replacing(call)
        call.store.delete(call.bucket, call.key)
    return Response(None, 204)


def delete_objects(call: Call) -> Response:
    """Many keys in one call; what fails is told per key."""
    wanted = call.xml()
    items = wanted.findall("Object")
    if not 1 <= len(items) <= 1000:
        raise S3Error("MalformedXML", "Name 1 to 1000 objects to delete.")
    quiet = wanted.findtext("Quiet") == "true"
    check_writable(call)
    return document("DeleteResult", *(_delete_one(call, item, quiet) for item in items))


def _delete_one(call: Call, item: ElementTree.Element, quiet: bool) -> str:
    key, version, etag = (item.findtext(name) or "" for name in ("Key", "VersionId", "ETag"))
    try:
        if version not in ("", "null"):
            raise S3Error("NoSuchVersion", f"There is no version '{version}'.")
        if etag and etag.strip('"') not in ("*", call.store.head(call.bucket, key).etag):
            raise S3Error("PreconditionFailed", "The object has another ETag.")
        call.store.delete(call.bucket, key)
    except (MaquetteError, S3Error) as error:
        told = error if isinstance(error, S3Error) else error_of(error)
        assert told
        return tag("Error", tag("Key", key), tag("Code", told.code), tag("Message", told.message))
    return "" if quiet else tag("Deleted", tag("Key", key))


def object_headers(info: ObjectInfo) -> dict[str, str]:
    """What a client learns of an object."""
    headers = {
        "etag": quoted(info.etag),
        "last-modified": http_date(info.modified),
        "accept-ranges": "bytes",
        "content-type": info.content_type,
    }
    for name, value in info.metadata.items():
        headers[name.removeprefix(KEPT) if name.startswith(KEPT) else USER + name] = header_text(value)
    return headers


def metadata(call: Call) -> dict[str, str]:
    """The user's metadata, and the headers that are kept with an object."""
    kept = {}
    for name in {name for name, _ in call.request.headers}:
        value = call.header(name) or ""
        if name.startswith(USER):
            kept[name.removeprefix(USER)] = value
        elif name == "content-encoding":
            codings = [coding.strip() for coding in value.split(",")]
            value = ",".join(coding for coding in codings if coding and coding != "aws-chunked")
            if value:
                kept[KEPT + name] = value
        elif name in KEPT_HEADERS:
            kept[KEPT + name] = value
    size = sum(len(name.encode()) + len(value.encode("utf-8", "replace")) for name, value in kept.items())
    if size > _METADATA_LIMIT:
        raise S3Error("MetadataTooLarge", f"The metadata has {size} bytes, more than {_METADATA_LIMIT}.")
    return dict(sorted(kept.items()))


def check_version(call: Call) -> None:
    version = call.query.get("versionId", "null")
    if version not in ("", "null"):
        raise S3Error("NoSuchVersion", f"There is no version '{version}': this store keeps one of each object.")


def refuse_unknown(call: Call) -> None:
    """What would be lost without a word is refused."""
    for name, _ in call.request.headers:
        if name.startswith(UNKNOWN):
            raise S3Error("NotImplemented", f"This store does not do what {name} asks. Leave it out.")
    policies.check_object_acl(call, policies.canned(call))


def _asked(call: Call, info: ObjectInfo) -> tuple[int, int] | None:
    """The range that a request asks for; every object counts as one part."""
    part = call.query.get("partNumber")
    if part not in (None, "1"):
        raise S3Error("InvalidPartNumber", "Objects are kept whole here: there is only part 1.")
    if_range = call.header("if-range")
    if if_range and if_range.strip('"') not in (info.etag, http_date(info.modified)):
        return None
    return read_range(call.header("range"), info.size)


def _overrides(call: Call) -> dict[str, str]:
    """Headers that a link may ask for."""
    names = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
    return {name: header_text(call.query[f"response-{name}"]) for name in names if f"response-{name}" in call.query}


def checked_last(call: Call, blocks: Iterable[bytes], stack: ExitStack) -> Iterable[bytes]:
    """The bytes of a new object; where the request has conditions they are looked at before and behind the bytes."""
    if not _is_conditional(call):
        return blocks
    _check_replacing(call)
    return _then_checked(call, blocks, stack)


def _is_conditional(call: Call) -> bool:
    return bool(call.header("if-none-match") or call.header("if-match"))


def _check_replacing(call: Call) -> None:
    """May this request take the place of what is there?"""
    try:
        info = call.store.head(call.bucket, call.key)
    except NotFound as error:
        if call.header("if-match") is not None or "key" not in error.parameters:
            raise
        return
    try:
        check_conditions(call, info)
    except S3Error as error:
        raise S3Error("PreconditionFailed", "The object there is not as the request wants it.") from error


def _then_checked(call: Call, blocks: Iterable[bytes], stack: ExitStack) -> Iterator[bytes]:
    """The conditions once more behind the bytes; until the object is there no other such request may end."""
    yield from blocks
    stack.enter_context(_one_at_a_time)
    _check_replacing(call)
