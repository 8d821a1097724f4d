"""One request to the endpoint, as the functions that answer it see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import unquote
from xml.etree import ElementTree

from maquette.buckets.obs.answers import OWNER, S3Error, Xml, http_date, owner, quoted
from maquette.buckets.obs.body import Content
from maquette.buckets.obs.parts import Parts
from maquette.buckets.rights import Right
from maquette.buckets.sharing import Acl, Action
from maquette.kernel.ports import ObjectInfo, ObjectStore
from maquette.web.signing import Signed

_XML_LIMIT = 8 << 20


class Grants(Protocol):
    """Who else may do what with a bucket, where buckets belong to somebody."""

    def check(self, bucket: str, action: Action, key: str = "") -> None: ...
    def check_object(self, bucket: str, action: Action, key: str) -> None: ...
    def check_opening(self, bucket: str) -> None: ...
    def check_settings(self, bucket: str, change: bool) -> None: ...
    def check_write(self, bucket: str, key: str = "") -> None: ...
    def right(self, bucket: str) -> Right: ...
    def shown(self, bucket: str, key: str) -> ObjectInfo: ...
    def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None: ...
    def tag(self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None: ...
    def set(self, bucket: str, name: str, text: str | None) -> None: ...
    def me(self) -> tuple[str, str]: ...
    def workspace_name(self, workspace_id: str) -> str | None: ...


@dataclass(frozen=True)
class Bearer:
    """Somebody with an access key, or nobody: the secret they sign with, and the store as they may see it."""

    store: ObjectStore
    secret: str = ""
    grants: Grants | None = None


def no_bearer(access: str) -> Bearer | None:
    """Where there are no keys but the one that the request is signed with."""
    return None


@dataclass(frozen=True)
class Call:
    """Who asks is settled; `bucket` and `key` are empty where the path names none. `find` is asked for the bearer of
    an access key by what is signed in its body only."""

    bearer: Bearer
    parts: Parts
    request: Signed
    bucket: str
    key: str
    query: Mapping[str, str]
    content: Content
    find: Callable[[str], Bearer | None] = no_bearer

    @property
    def store(self) -> ObjectStore:
        return self.bearer.store

    def header(self, name: str) -> str | None:
        return self.request.header(name)

    def owner(self, element: str = "Owner") -> Xml:
        """The workspace that the bucket belongs to, and with it all its objects."""
        if self.bearer.grants is None:
            return owner(element)
        right = self.bearer.grants.right(self.bucket)
        return owner(element, right.workspace_id, right.workspace_name)

    def number(self, name: str, default: int, most: int) -> int:
        """A count in the query, cut to what the endpoint gives at most."""
        text = self.query.get(name, "")
        if not text:
            return default
        number = whole_number(text)
        if number is None:
            raise S3Error("InvalidArgument", f"{name} must be a number from 0 to {most}, not '{text[:40]}'.")
        return min(number, most)

    def xml(self) -> ElementTree.Element:
        """The body as XML, names without their namespace."""
        return parsed(self.body())

    def body(self) -> bytes:
        """All of a body that is a document."""
        data = bytearray()
        for block in self.content:
            data += block
            if len(data) > _XML_LIMIT:
                raise S3Error(
                    "MalformedXML", f"The document is longer than {_XML_LIMIT} bytes. Ask for less at a time."
                )
        return bytes(data)

    def copy_source(self) -> tuple[str, str]:
        """Bucket and key that `x-amz-copy-source` names."""
        path, _, version = (self.header("x-amz-copy-source") or "").partition("?versionId=")
        if version not in ("", "null"):
            raise S3Error("NoSuchVersion", f"There is no version '{version}': this store keeps one of each object.")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        if not bucket or not key:
            raise S3Error("InvalidArgument", "x-amz-copy-source must be BUCKET/KEY.")
        return bucket, key


def parsed(data: bytes) -> ElementTree.Element:
    """A document, names without their namespace."""
    try:
        if b"<!DOCTYPE" in data:
            raise ElementTree.ParseError("a document type is not taken")
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise S3Error("MalformedXML", f"The body is not the XML document that this call takes: {error}.") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def whole_number(text: str) -> int | None:
    """None for what is no number, or a longer one than anything here has."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def check_version(call: Call) -> None:
    version = call.query.get("versionId", "null")
    if version not in ("", "null"):
        raise S3Error("NoSuchVersion", f"There is no version '{version}': this store keeps one of each object.")


def check_bucket(call: Call) -> None:
    """The store's own sentence where the bucket does not exist."""
    call.store.made_at(call.bucket)


def check_writable(call: Call) -> None:
    """Before anything of a body is kept."""
    if call.bearer.grants:
        call.bearer.grants.check_write(call.bucket, call.key)
    else:
        check_bucket(call)


def check_expected_owner(call: Call) -> None:
    """A client may say whose it takes the bucket to be."""
    said = call.header("x-amz-expected-bucket-owner")
    if said is None or not call.bucket or (call.request.method, call.key) == ("PUT", ""):
        return
    grants = call.bearer.grants
    if said != (grants.right(call.bucket).workspace_id if grants else OWNER):
        raise S3Error("AccessDenied", "The bucket belongs to another than x-amz-expected-bucket-owner says.")


def check_conditions(call: Call, info: ObjectInfo, prefix: str = "") -> None:
    """If-Match and its kin: S3Error 412 where the object is not as the client wants it, 304 where it has it already."""
    match, none_match = call.header(f"{prefix}if-match"), call.header(f"{prefix}if-none-match")
    since, unchanged = call.header(f"{prefix}if-modified-since"), call.header(f"{prefix}if-unmodified-since")
    if match is not None:
        if not _names(match, info.etag):
            raise _failed("If-Match")
    elif unchanged is not None and _later(info, unchanged):
        raise _failed("If-Unmodified-Since")
    if none_match is not None:
        if _names(none_match, info.etag):
            raise _failed("If-None-Match") if prefix else not_modified(info)
    elif since is not None and _later(info, since) is False:
        raise _failed("If-Modified-Since") if prefix else not_modified(info)


def not_modified(info: ObjectInfo) -> S3Error:
    headers = {"etag": quoted(info.etag), "last-modified": http_date(info.modified)}
    return S3Error("NotModified", "The object is as the client has it.", headers=headers)


def _failed(condition: str) -> S3Error:
    return S3Error("PreconditionFailed", f"The object is not as {condition} wants it.", {"Condition": condition})


def _names(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or etag in tags


def _later(info: ObjectInfo, date: str) -> bool | None:
    """Whether the object changed after the date; None where that is no date, and so no condition."""
    try:
        return int(info.modified) > parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and count of what a Range header asks for; None for all of it, also where it is no single range."""
    match = _RANGE.match((header or "").strip())
    if not match or not (match[1] or match[2]):
        return None
    if match[1]:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
    else:
        first, last = max(size - int(match[2]), 0), size - 1
        if match[2] == "0" * len(match[2]):
            first = size
    if first >= size:
        raise S3Error(
            "InvalidRange",
            f"The object has {size} bytes; the range lies behind its end.",
            {"ActualObjectSize": str(size), "RangeRequested": header or ""},
            {"content-range": f"bytes */{size}"},
        )
    return first, last - first + 1
