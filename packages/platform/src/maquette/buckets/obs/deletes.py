"""Calls that delete objects, of which some say what the object must be like."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error, document, error_of, tag
from maquette.buckets.obs.call import Call, check_version, check_writable, whole_number
from maquette.buckets.obs.objects import one_at_a_time
from maquette.kernel.errors import MaquetteError, NotFound
from maquette.kernel.ports import ObjectInfo


@dataclass(frozen=True)
class Meant:
    """The object that a client means; empty texts say nothing of it."""

    etag: str = ""
    modified: str = ""
    size: str = ""

    def __bool__(self) -> bool:
        return bool(self.etag or self.modified or self.size)

    def is_it(self, info: ObjectInfo) -> bool:
        """S3Error where it cannot be understood: nothing is deleted by mistake."""
        if self.modified and int(info.modified) != _second(self.modified):
            return False
        if self.size and info.size != _count(self.size):
            return False
        return not self.etag or self.etag.strip().strip('"') in ("*", info.etag)


def delete_object(call: Call) -> Response:
    check_version(call)
    names = ("if-match", "x-amz-if-match-last-modified-time", "x-amz-if-match-size")
    _delete(call, call.key, Meant(*(call.header(name) or "" for name in names)))
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
    key, version = (item.findtext(name) or "" for name in ("Key", "VersionId"))
    meant = Meant(*(item.findtext(name) or "" for name in ("ETag", "LastModifiedTime", "Size")))
    try:
        if version not in ("", "null"):
            raise S3Error("NoSuchVersion", f"There is no version '{version}'.")
        _delete(call, key, meant)
    except (MaquetteError, S3Error) as error:
        told = error if isinstance(error, S3Error) else error_of(error)
        assert told
        return tag("Error", tag("Key", key), tag("Code", told.code), tag("Message", told.message))
    return "" if quiet else tag("Deleted", tag("Key", key))


def _delete(call: Call, key: str, meant: Meant) -> None:
    """Where there is none it is gone already, whatever it should have been like."""
    with ExitStack() as stack:
        if meant:
            stack.enter_context(one_at_a_time)
            try:
                info = call.store.head(call.bucket, key)
            except NotFound as error:
                if "key" not in error.parameters:
                    raise
                check_writable(call)
                return
            if not meant.is_it(info):
                raise S3Error("PreconditionFailed", "The object there is not the one that the request means.")
        call.store.delete(call.bucket, key)


def _second(text: str) -> int:
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError):
        raise S3Error("InvalidArgument", f"'{text[:40]}' is no date like 'Sat, 03 Jan 2026 12:00:00 GMT'.") from None


def _count(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise S3Error("InvalidArgument", f"'{text[:40]}' is no size of an object.")
    return number
