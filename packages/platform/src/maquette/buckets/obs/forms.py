"""Uploads by an HTML form: the fields first, then the file, whose bytes are passed on as they come."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)
from starlette.responses import Response

from maquette.buckets.obs import objects, tags
from maquette.buckets.obs.answers import S3Error, document, legible, quoted, tag
from maquette.buckets.obs.body import Content
from maquette.buckets.obs.call import Bearer, Call
from maquette.buckets.obs.dialect import OURS, THEIRS
from maquette.buckets.obs.form_policy import Policy, read_policy, verify
from maquette.web.signing import Signed, SigningError

MOST_FIELD_BYTES = 64 << 10
MOST_FIELDS = 200
_FILE_NAME = "${filename}"
_LAST_NAME = re.compile(r"[^/\\]*\Z")
_HEADERS = (
    "content-md5",
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_OTHERS = {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"}

Event = Any
"""What the parser finds: the head of a field, bytes of it, and None behind its last."""


@dataclass(frozen=True)
class Form:
    """`fields` by their names in lower case, OBS' as S3's."""

    fields: dict[str, str]
    file_name: str
    blocks: Iterator[bytes]

    @property
    def key(self) -> str:
        return self.fields.get("key", "").replace(_FILE_NAME, self.file_name)


def post_object(call: Call) -> Response:
    """Signed by the policy among its fields, or by nobody: then it goes where everybody may write."""
    form = _read(call)
    if not form.key:
        raise S3Error("InvalidArgument", "The form must have a field 'key' that says what the object is called.")
    policy = read_policy(form.fields)
    blocks: Iterable[bytes] = form.blocks
    bearer = call.bearer
    if policy:
        bearer = _bearer(call, form, policy)
        policy.check({**form.fields, "key": form.key, "bucket": call.bucket}, time.time())
        blocks = policy.within(form.blocks)
    request = Signed("POST", call.request.path, "", _headers_of(form.fields))
    content = Content(request, blocks, None, b"")
    info = objects.keep(replace(call, bearer=bearer, request=request, key=form.key, query={}, content=content))
    return _answer(call.bucket, form, info.etag)


def _bearer(call: Call, form: Form, policy: Policy) -> Bearer:
    bearer = call.find(policy.access_key)
    if bearer is None:
        raise S3Error("InvalidAccessKeyId", f"The access key '{policy.access_key[:40]}' is not known here.")
    try:
        verify(policy, form.fields, bearer.secret)
    except SigningError as error:
        raise S3Error(error.code, error.message) from error
    return bearer


def _headers_of(fields: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """What a PUT of the same object would say in its headers."""
    said = {name: value for name, value in fields.items() if name in _HEADERS or name.startswith(OURS)}
    said = {name: value for name, value in said.items() if name not in _OTHERS}
    if "acl" in fields:
        said["x-amz-acl"] = fields["acl"]
    if "tagging" in fields:
        said["x-amz-tagging"] = tags.kept(tags.of_text(fields["tagging"])).get(tags.KEPT, "")
    return tuple(said.items())


def _answer(bucket: str, form: Form, etag: str) -> Response:
    place = f"/{bucket}/{quote(form.key)}"
    target = form.fields.get("success_action_redirect") or form.fields.get("redirect") or ""
    headers = {"etag": quoted(etag), "location": place}
    if _is_address(target):
        mark = "&" if "?" in target else "?"
        asked = f"bucket={bucket}&key={quote(form.key, safe='')}&etag=%22{etag}%22"
        return Response(None, 303, headers | {"location": f"{_in_ascii(target)}{mark}{asked}"})
    status = form.fields.get("success_action_status")
    if status == "201":
        told = (tag("Location", place), tag("Bucket", bucket), tag("Key", legible(form.key)), tag("ETag", quoted(etag)))
        response = document("PostResponse", *told, status=201, namespace="")
        response.headers.update(headers)
        return response
    return Response(None, 200 if status == "200" else 204, headers)


def _in_ascii(address: str) -> str:
    return quote(address.encode("utf-8", "surrogateescape"), safe="/%:?#[]@!$&'()*+,;=~")


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:
        return False


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _read(call: Call) -> Form:
    kind, options = parse_options_header(call.header("content-type") or "")
    if kind.lower() != "multipart/form-data":
        raise S3Error("MethodNotAllowed", "POST is not allowed here but for a form (multipart/form-data).")
    events = _events(call.content, options.get("boundary", ""))
    fields: dict[str, str] = {}
    name, value, size = "", bytearray(), 0
    for event in events:
        if isinstance(event, MultipartSegment):
            name, value = _plain(event.name or ""), bytearray()
            if name == "file":
                found = _LAST_NAME.search(event.filename or "")
                return Form(fields, found[0] if found else "", _until_end(events))
        elif event is None:
            fields[name] = value.decode("utf-8", "surrogateescape")
        else:
            value += event
            size += len(event)
        if size > MOST_FIELD_BYTES:
            told = f"The fields before the file have more than {MOST_FIELD_BYTES} bytes."
            raise S3Error("MaxPostPreDataLengthExceededError", told)
    raise S3Error("InvalidArgument", "The form has no field 'file', which must be its last.")


def _plain(name: str) -> str:
    name = name.lower()
    return OURS + name.removeprefix(THEIRS) if name.startswith(THEIRS) else name


def _events(blocks: Iterable[bytes], boundary: str) -> Iterator[Event]:
    try:
        with PushMultipartParser(boundary, max_segment_count=MOST_FIELDS) as parser:
            for block in blocks:
                if block:
                    yield from parser.parse(block)
    except MultipartError as error:
        raise S3Error("MalformedPOSTRequest", f"The body is not a form that can be read: {error}.") from None


def _until_end(events: Iterator[Event]) -> Iterator[bytes]:
    """The bytes of the file; then the rest of the form, which says nothing."""
    for event in events:
        if event is None:
            break
        if not isinstance(event, MultipartSegment):
            yield bytes(event)
    for _ in events:
        continue
