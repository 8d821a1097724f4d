"""What S3's GetObjectAttributes tells of an object: its checksum, its parts, its size, without any of its bytes."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from maquette.buckets.obs import composition, sums
from maquette.buckets.obs.answers import S3Error, document, http_date, tag
from maquette.buckets.obs.call import Call, check_conditions, check_version, whole_number
from maquette.kernel.ports import ObjectInfo

MOST_PARTS = 1000

Teller = Callable[[Call, ObjectInfo], str]


def read_attributes(call: Call) -> Response:
    check_version(call)
    info = call.store.head(call.bucket, call.key)
    check_conditions(call, info)
    wanted = {name.strip() for name in (call.header("x-amz-object-attributes") or "").split(",")}
    if not wanted <= set(ATTRIBUTES):
        told = f"x-amz-object-attributes must name some of {', '.join(ATTRIBUTES)}."
        raise S3Error("InvalidArgument", told)
    lines = (tell(call, info) for name, tell in ATTRIBUTES.items() if name in wanted)
    response = document("GetObjectAttributesResponse", *lines)
    response.headers["last-modified"] = http_date(info.modified)
    return response


def _etag(call: Call, info: ObjectInfo) -> str:
    return tag("ETag", info.etag)


def _checksum(call: Call, info: ObjectInfo) -> str:
    found = sums.of(info.metadata)
    return tag("Checksum", sums.element(*found), sums.kind_element(found[1])) if found else ""


def _parts(call: Call, info: ObjectInfo) -> str:
    """Of an object that came in parts only."""
    pieces, found = composition.of(info), sums.of(info.metadata)
    if not pieces:
        return ""
    after, limit = _number(call, "x-amz-part-number-marker", 0), _number(call, "x-amz-max-parts", MOST_PARTS)
    rest = [piece for piece in pieces if piece.number > after]
    page = rest[: min(limit, MOST_PARTS)]
    return tag(
        "ObjectParts",
        tag("PartsCount", len(pieces)),
        tag("PartNumberMarker", after),
        tag("NextPartNumberMarker", page[-1].number if page else after),
        tag("MaxParts", limit),
        tag("IsTruncated", 0 < len(page) < len(rest)),
        *(
            tag("Part", tag("PartNumber", one.number), tag("Size", one.size), _sum(one.sum, found[0] if found else ""))
            for one in page
        ),
    )


def _sum(value: str, name: str) -> str:
    return sums.element(name, value) if value and name else ""


def _number(call: Call, name: str, default: int) -> int:
    text = call.header(name)
    number = default if text is None else whole_number(text)
    if number is None:
        raise S3Error("InvalidArgument", f"{name} must be a number, not '{(text or '')[:40]}'.")
    return number


def _class(call: Call, info: ObjectInfo) -> str:
    return tag("StorageClass", "STANDARD")


def _size(call: Call, info: ObjectInfo) -> str:
    return tag("ObjectSize", info.size)


ATTRIBUTES: dict[str, Teller] = {
    "ETag": _etag,
    "Checksum": _checksum,
    "ObjectParts": _parts,
    "StorageClass": _class,
    "ObjectSize": _size,
}
