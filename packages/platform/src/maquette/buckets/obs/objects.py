"""Calls on objects: read, write, copy, append."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import BinaryIO

from starlette.responses import Response

from maquette.buckets.obs import acls, composition, encryption, sums, tags
from maquette.buckets.obs.answers import (
    FileAnswer,
    S3Error,
    blocks_of,
    document,
    header_text,
    http_date,
    iso_date,
    quoted,
    tag,
)
from maquette.buckets.obs.call import Call, check_conditions, check_version, read_range, whole_number
from maquette.buckets.sharing import acl_text
from maquette.kernel.errors import NotFound
from maquette.kernel.ports import ACL_KEY, ObjectInfo

OCTETS = "binary/octet-stream"
USER = "x-amz-meta-"
# Kept beside the user's own metadata, under names that no header can have.
KEPT_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
KEPT = "http:"
UNKNOWN = ("x-amz-object-lock", "x-amz-website")
NEXT_POSITION = "x-amz-next-append-position"
_METADATA_LIMIT = 2048
one_at_a_time = threading.Lock()


def get_object(call: Call) -> Response:
    check_version(call)
    info, file = call.store.open(call.bucket, call.key)
    with ExitStack() as stack:
        stack.enter_context(file)
        check_conditions(call, info)
        first, count, told = _asked(call, info)
        status = 206 if "content-range" in told else 200
        answer = FileAnswer(file, first, count, status, object_headers(info) | told | _overrides(call))
        stack.pop_all()  # the answer closes the file
        return answer


def head_object(call: Call) -> Response:
    check_version(call)
    info = call.store.head(call.bucket, call.key)
    check_conditions(call, info)
    _, count, told = _asked(call, info)
    status = 206 if "content-range" in told else 200
    return Response(None, status, object_headers(info) | told | _overrides(call) | {"content-length": str(count)})


def put_object(call: Call) -> Response:
    info = keep(call)
    found = sums.of(info.metadata)
    return Response(None, 200, {"etag": quoted(info.etag), **(sums.headers(*found) if found else {})})


def keep(call: Call) -> ObjectInfo:
    """The object of a request that brings all of it."""
    refuse_unknown(call)
    described = metadata(call)
    with ExitStack() as stack:
        chunks = checked_last(call, _then_summed(call, described), stack)
        return call.store.put(call.bucket, call.key, chunks, call.header("content-type") or OCTETS, described)


def _then_summed(call: Call, described: dict[str, str]) -> Iterator[bytes]:
    """The bytes; when all have come, what is said of the object holds the checksum that they came with."""
    yield from call.content
    described |= sums.kept(call.content.verified)


def copy_object(call: Call) -> Response:
    refuse_unknown(call)
    source, target = call.copy_source(), (call.bucket, call.key)
    info = call.store.head(*source)
    check_conditions(call, info, "x-amz-copy-source-")
    directives = [_directive(call, f"x-amz-{name}-directive") for name in ("metadata", "tagging")]
    said = metadata(call)
    if "REPLACE" not in directives and source == target:
        raise S3Error("InvalidRequest", "An object cannot be copied onto itself unless its metadata is replaced.")
    with ExitStack() as stack:
        if _is_conditional(call):
            stack.enter_context(one_at_a_time)
            check_replacing(call)
        if "REPLACE" in directives or ACL_KEY in said:
            info = _described_anew(call, source, said, *directives)
        else:
            info = call.store.copy(source, target)
    lines = [tag("LastModified", iso_date(info.modified)), tag("ETag", quoted(info.etag))]
    found = sums.of(info.metadata)
    return document("CopyObjectResult", *lines, *((sums.element(*found), sums.kind_element(found[1])) if found else ()))


def _directive(call: Call, name: str) -> str:
    directive = (call.header(name) or "COPY").upper()
    if directive not in ("COPY", "REPLACE"):
        raise S3Error("InvalidArgument", f"{name} must be COPY or REPLACE.")
    return directive


def _described_anew(
    call: Call, source: tuple[str, str], said: dict[str, str], of_metadata: str, of_tags: str
) -> ObjectInfo:
    """A copy of which other things are said. It is one piece now, and so has no checksum that was made of parts."""
    old, file = call.store.open(*source)
    kind = call.header("content-type") or OCTETS
    if of_metadata == "COPY":
        own = {name: value for name, value in said.items() if name in (tags.KEPT, ACL_KEY)}
        said, kind = plain(old.metadata) | own, old.content_type
    if of_tags == "COPY":
        said = tags.without(said) | tags.only(old.metadata)
    found = sums.of(old.metadata)
    if found and sums.kind_of(found[1]) == sums.FULL:
        said |= {sums.KEPT + found[0]: found[1]}
    with file:
        return call.store.put(call.bucket, call.key, blocks_of(file), kind, said)


def append_object(call: Call) -> Response:
    """OBS' way of making an object piece by piece: each says where it begins, so that none is lost or doubled."""
    position = call.number("position", 0, 1 << 60)
    info, old = _whole(call)
    with ExitStack() as stack:
        before = blocks_of(stack.enter_context(old)) if old else ()
        _check_position(info, position)
        kept, kind = metadata(call), call.header("content-type")
        if old:
            kept, kind = unsummed(info.metadata), info.content_type
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
    stack.enter_context(one_at_a_time)
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


def object_headers(info: ObjectInfo) -> dict[str, str]:
    """What a client learns of an object."""
    headers = {
        "etag": quoted(info.etag),
        "last-modified": http_date(info.modified),
        "accept-ranges": "bytes",
        "content-type": info.content_type,
    }
    for name, value in info.metadata.items():
        if name.startswith(KEPT) or ":" not in name:
            headers[name.removeprefix(KEPT) if name.startswith(KEPT) else USER + name] = header_text(value)
    return headers | tags.headers(info.metadata)


def plain(said: Mapping[str, str]) -> dict[str, str]:
    """What the user said of an object."""
    return {name: value for name, value in said.items() if name.startswith((KEPT, tags.KEPT)) or ":" not in name}


def unsummed(said: Mapping[str, str]) -> dict[str, str]:
    """What is said of an object but for what was found out of its bytes."""
    return {name: value for name, value in said.items() if not name.startswith((sums.KEPT, composition.SIZES))}


def metadata(call: Call) -> dict[str, str]:
    """The user's metadata and tags, and the headers that are kept with an object."""
    kept = {}
    for name in {name for name, _ in call.request.headers}:
        value = call.header(name) or ""
        if name.startswith(USER):
            kept[name.removeprefix(USER)] = value
        elif name == "content-encoding":
            codings = [coding.strip() for coding in value.split(",")]
            if "aws-chunked" in codings:
                value = ", ".join(coding for coding in codings if coding and coding != "aws-chunked")
            if value:
                kept[KEPT + name] = value
        elif name in KEPT_HEADERS:
            kept[KEPT + name] = value
    size = sum(len(name.encode()) + len(value.encode("utf-8", "replace")) for name, value in kept.items())
    if size > _METADATA_LIMIT:
        raise S3Error("MetadataTooLarge", f"The metadata has {size} bytes, more than {_METADATA_LIMIT}.")
    told = call.header("x-amz-tagging")
    if told:
        kept |= tags.kept(tags.of_header(told))
    acl = acls.of_new_object(call)
    if acl is not None:
        kept[ACL_KEY] = acl_text(acl)
    return dict(sorted(kept.items()))


def refuse_unknown(call: Call) -> None:
    """What would be lost without a word is refused."""
    for name, _ in call.request.headers:
        if name.startswith(UNKNOWN):
            raise S3Error("NotImplemented", f"This store does not do what {name} asks. Leave it out.")
    encryption.refuse(call)


def _asked(call: Call, info: ObjectInfo) -> tuple[int, int, dict[str, str]]:
    """First byte and count of what a request asks for, and the headers that tell of it."""
    part = call.query.get("partNumber")
    if part is not None:
        return _part(call, info, part)
    if_range = call.header("if-range")
    stale = if_range and if_range.strip('"') not in (info.etag, http_date(info.modified))
    found = None if stale else read_range(call.header("range"), info.size)
    if found is None:
        return 0, info.size, _sum_headers(call, sums.of(info.metadata))
    return *found, _range_headers(info, *found)


def _part(call: Call, info: ObjectInfo, part: str) -> tuple[int, int, dict[str, str]]:
    """An object that came whole is its own first part."""
    if call.header("range"):
        raise S3Error("InvalidRequest", "Ask for a range or for a part, not for both.")
    pieces, number, found = composition.of(info), whole_number(part), sums.of(info.metadata)
    if number is None or not 1 <= number <= max(len(pieces), 1):
        raise S3Error("InvalidPart", f"The object has no part '{part[:20]}'. It has {max(len(pieces), 1)}.")
    if not pieces:
        return 0, info.size, _sum_headers(call, found)
    one = pieces[number - 1]
    told = {"x-amz-mp-parts-count": str(len(pieces))} | _range_headers(info, one.start, one.size)
    if found and one.sum:
        told |= _sum_headers(call, (found[0], one.sum), sums.kind_of(found[1]))
    return one.start, one.size, told


def _range_headers(info: ObjectInfo, first: int, count: int) -> dict[str, str]:
    return {"content-range": f"bytes {first}-{first + count - 1}/{info.size}"} if count else {}


def _sum_headers(call: Call, found: tuple[str, str] | None, kind: str = "") -> dict[str, str]:
    """Checksums are told to who asks for them."""
    if found is None or (call.header("x-amz-checksum-mode") or "").upper() != "ENABLED":
        return {}
    return sums.headers(*found, kind)


def _overrides(call: Call) -> dict[str, str]:
    """Headers that a link may ask for."""
    names = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
    return {name: header_text(call.query[f"response-{name}"]) for name in names if f"response-{name}" in call.query}


def checked_last(call: Call, blocks: Iterable[bytes], stack: ExitStack) -> Iterable[bytes]:
    """The bytes of a new object; where the request has conditions they are looked at before and behind the bytes."""
    if not _is_conditional(call):
        return blocks
    check_replacing(call)
    return _then_checked(call, blocks, stack)


def _is_conditional(call: Call) -> bool:
    return bool(call.header("if-none-match") or call.header("if-match"))


def check_replacing(call: Call) -> None:
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
    stack.enter_context(one_at_a_time)
    check_replacing(call)
