"""Calls on uploads that come in parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs import composition, sums
from maquette.buckets.obs.answers import S3Error, Xml, blocks_of, document, iso_date, legible, quoted, tag
from maquette.buckets.obs.call import Call, check_bucket, check_conditions, check_writable, whole_number
from maquette.buckets.obs.listing import spelling
from maquette.buckets.obs.objects import OCTETS, checked_last, metadata, refuse_unknown
from maquette.buckets.obs.parts import Part, Upload, joined, joined_etag
from maquette.kernel.errors import NotFound
from maquette.kernel.ports import ObjectInfo

_COPIED_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})\Z", re.ASCII)
MOST_PARTS = 10000
SMALLEST_PART = 5 << 20


def start_upload(call: Call) -> Response:
    check_writable(call)
    refuse_unknown(call)
    summed = sums.chosen(call.header("x-amz-checksum-algorithm"), call.header("x-amz-checksum-type"))
    upload = call.parts.start(call.bucket, call.key, call.header("content-type") or OCTETS, metadata(call), *summed)
    response = document(
        "InitiateMultipartUploadResult",
        tag("Bucket", call.bucket),
        tag("Key", legible(call.key)),
        tag("UploadId", upload.id),
    )
    if upload.algorithm:
        response.headers["x-amz-checksum-algorithm"] = upload.algorithm.upper()
        response.headers["x-amz-checksum-type"] = upload.kind
    return response


def add_part(call: Call) -> Response:
    """A part comes with the checksum of its upload, or is given one."""
    upload, number, content = _upload(call), _number(call), call.content
    blocks: Iterable[bytes] = content
    if upload.algorithm and not content.brings(sums.HEADER + upload.algorithm):
        blocks = sums.summed(content, upload.algorithm, content.verified)
    part = call.parts.add(upload, number, blocks, content.announced, content.verified)
    return Response(None, 200, {"etag": quoted(part.etag), **content.verified})


def copy_part(call: Call) -> Response:
    """A part that is a piece of an object here."""
    upload, number = _upload(call), _number(call)
    info, file = call.store.open(*call.copy_source())
    with file:
        check_conditions(call, info, "x-amz-copy-source-")
        first, left = _copied_range(call, info.size)
        file.seek(first)
        found: dict[str, str] = {}
        blocks: Iterable[bytes] = blocks_of(file, left)
        if upload.algorithm:
            blocks = sums.summed(blocks, upload.algorithm, found)
        part = call.parts.add(upload, number, blocks, left, found)
    lines = [tag("LastModified", iso_date(part.modified)), tag("ETag", quoted(part.etag)), _sum_of(upload, part)]
    return document("CopyPartResult", *lines)


def list_parts(call: Call) -> Response:
    upload = _upload(call)
    after = call.number("part-number-marker", 0, MOST_PARTS)
    limit = call.number("max-parts", 1000, 1000)
    parts = [part for part in call.parts.of(upload) if part.number > after]
    page = parts[:limit]
    return document(
        "ListPartsResult",
        tag("Bucket", call.bucket),
        tag("Key", legible(call.key)),
        tag("UploadId", upload.id),
        call.owner("Initiator"),
        call.owner(),
        tag("StorageClass", "STANDARD"),
        tag("PartNumberMarker", after),
        tag("NextPartNumberMarker", page[-1].number if page else after),
        tag("MaxParts", limit),
        tag("IsTruncated", 0 < len(page) < len(parts)),
        *(
            (tag("ChecksumAlgorithm", upload.algorithm.upper()), tag("ChecksumType", upload.kind))
            if upload.kind
            else ()
        ),
        *(_part_line(upload, part) for part in page),
    )


def complete_upload(call: Call) -> Response:
    """Make the object of the parts that the client names, in their order."""
    call.content.is_summed = False  # the checksum that this request brings is the object's
    try:
        upload = _upload(call)
    except S3Error:
        info = _completed_before(call)
    else:
        info = _completed(call, upload)
    found = sums.of(info.metadata)
    return document(
        "CompleteMultipartUploadResult",
        tag("Location", f"/{call.bucket}/{legible(call.key)}"),
        tag("Bucket", call.bucket),
        tag("Key", legible(call.key)),
        tag("ETag", quoted(info.etag)),
        *((sums.element(*found), sums.kind_element(found[1])) if found else ()),
    )


def _completed(call: Call, upload: Upload) -> ObjectInfo:
    parts = _chosen(call.xml(), call.parts.of(upload), upload)
    etag = joined_etag([part.etag for part in parts])
    described = {**upload.metadata, **composition.kept(parts), **_sum_of_all(call, upload, parts)}
    with ExitStack() as stack:
        whole = call.parts.whole(upload, parts, stack)
        blocks = checked_last(call, () if whole else joined(parts), stack)
        if whole:
            for _ in blocks:
                continue  # there are none; the conditions are looked at
            info = call.store.adopt(call.bucket, call.key, whole, upload.content_type, described, etag)
        else:
            info = call.store.put(call.bucket, call.key, blocks, upload.content_type, described, etag)
    call.parts.forget(upload)
    return info


def _sum_of_all(call: Call, upload: Upload, parts: list[Part]) -> dict[str, str]:
    """The object's checksum out of those of its parts, held against the one that the client tells."""
    size = call.header("x-amz-mp-object-size")
    if size is not None and whole_number(size) != sum(part.size for part in parts):
        raise S3Error("InvalidRequest", "The parts have another size together than x-amz-mp-object-size says.")
    if not upload.algorithm or not all(part.sum for part in parts):
        return {}
    value = sums.whole(upload.algorithm, upload.kind, [(part.sum, part.size) for part in parts])
    told = call.header(sums.HEADER + upload.algorithm)
    if told is not None and told.strip() not in (value, value.partition("-")[0]):
        raise S3Error("BadDigest", f"The parts together do not have the checksum {sums.HEADER}{upload.algorithm} says.")
    return {sums.KEPT + upload.algorithm: value}


def _completed_before(call: Call) -> ObjectInfo:
    """A client that did not hear the answer asks again: the object has the ETag of just these parts then."""
    with suppress(NotFound, ValueError, S3Error):
        etag = joined_etag([(item.findtext("ETag") or "").strip('"') for item in call.xml().findall("Part")])
        info = call.store.head(call.bucket, call.key)
        if info.etag == etag:
            return info
    raise _no_such_upload(call)


def abort_upload(call: Call) -> Response:
    call.parts.forget(_upload(call))
    return Response(None, 204)


def list_uploads(call: Call) -> Response:
    check_bucket(call)
    spelled = spelling(call, legible)
    prefix, marker = call.query.get("prefix", ""), call.query.get("key-marker", "")
    limit = call.number("max-uploads", 1000, 1000)
    last = (marker, call.query.get("upload-id-marker", ""))
    found = [upload for upload in call.parts.under_way(call.bucket) if upload.key.startswith(prefix)]
    after = next((index + 1 for index, upload in enumerate(found) if (upload.key, upload.id) == last), None)
    rest = [upload for upload in found if upload.key > marker] if after is None else found[after:]
    page = rest[:limit]
    following = [tag("NextKeyMarker", spelled(page[-1].key)), tag("NextUploadIdMarker", page[-1].id)] if page else []
    owners = Xml(call.owner("Initiator") + call.owner())
    return document(
        "ListMultipartUploadsResult",
        tag("Bucket", call.bucket),
        tag("KeyMarker", spelled(marker)),
        tag("UploadIdMarker", last[1]),
        *following,
        tag("Prefix", spelled(prefix)),
        tag("MaxUploads", limit),
        tag("IsTruncated", 0 < len(page) < len(rest)),
        *(_upload_line(upload, spelled(upload.key), owners) for upload in page),
    )


def _upload(call: Call) -> Upload:
    check_writable(call)
    upload = call.parts.find(call.query.get("uploadId", ""), call.bucket, call.key)
    if not upload:
        raise _no_such_upload(call)
    return upload


def _no_such_upload(call: Call) -> S3Error:
    told = "There is no such upload: it was completed, aborted, or never started. Start it again."
    return S3Error("NoSuchUpload", told, {"UploadId": call.query.get("uploadId", "")})


def _copied_range(call: Call, size: int) -> tuple[int, int]:
    """First byte and count; unlike in a GET, a range that is none or leaves the object is a mistake."""
    header = call.header("x-amz-copy-source-range")
    if header is None:
        return 0, size
    match = _COPIED_RANGE.match(header)
    if not match:
        raise S3Error("InvalidArgument", "x-amz-copy-source-range must look like bytes=FIRST-LAST.")
    first, last = int(match[1]), int(match[2])
    if not first <= last < size:
        raise S3Error("InvalidRange", f"The object has {size} bytes; the range does not lie in it.")
    return first, last - first + 1


def _number(call: Call) -> int:
    number = whole_number(call.query.get("partNumber", ""))
    if number is None or not 1 <= number <= MOST_PARTS:
        raise S3Error("InvalidArgument", f"partNumber must lie between 1 and {MOST_PARTS}.")
    return number


def _chosen(wanted: ElementTree.Element, parts: list[Part], upload: Upload) -> list[Part]:
    known = {part.number: part for part in parts}
    chosen: list[Part] = []
    for item in _last_of_each(wanted.findall("Part")):
        number, etag = item.findtext("PartNumber") or "", (item.findtext("ETag") or "").strip('"')
        part = known.get(whole_number(number) or 0)
        told = item.findtext(sums.element_name(upload.algorithm)) if upload.algorithm else None
        if not part or part.etag != etag or (told and part.sum and told != part.sum):
            raise S3Error(
                "InvalidPart", f"Part {number[:40]} was not uploaded, or has another ETag.", {"PartNumber": number}
            )
        if chosen and part.number <= chosen[-1].number:
            raise S3Error("InvalidPartOrder", "Name the parts in ascending order.")
        chosen.append(part)
    if not chosen:
        raise S3Error("MalformedXML", "Name at least one part.")
    for part in chosen[:-1]:
        if part.size < SMALLEST_PART:
            raise S3Error("EntityTooSmall", f"Part {part.number} has {part.size} bytes; all but the last need 5 MiB.")
    return chosen


def _last_of_each(items: list[ElementTree.Element]) -> list[ElementTree.Element]:
    """A client that sent a part twice may name it twice: what it has of it last counts."""
    said = [(item.findtext("PartNumber"), item.findtext("ETag")) for item in items]
    again = [
        index + 1 < len(said) and said[index + 1][0] == number and said[index + 1][1] != etag
        for index, (number, etag) in enumerate(said)
    ]
    return [item for item, more in zip(items, again, strict=True) if not more]


def _summing(upload: Upload) -> tuple[Xml, ...]:
    if not upload.algorithm:
        return ()
    return tag("ChecksumAlgorithm", upload.algorithm.upper()), tag("ChecksumType", upload.kind)


def _sum_of(upload: Upload, part: Part) -> str:
    return sums.element(upload.algorithm, part.sum) if upload.algorithm and part.sum else ""


def _part_line(upload: Upload, part: Part) -> Xml:
    return tag(
        "Part",
        tag("PartNumber", part.number),
        tag("LastModified", iso_date(part.modified)),
        tag("ETag", quoted(part.etag)),
        tag("Size", part.size),
        _sum_of(upload, part),
    )


def _upload_line(upload: Upload, key: str, owners: Xml) -> Xml:
    return tag(
        "Upload",
        tag("Key", key),
        tag("UploadId", upload.id),
        owners,
        tag("StorageClass", "STANDARD"),
        tag("Initiated", iso_date(upload.started)),
    )
