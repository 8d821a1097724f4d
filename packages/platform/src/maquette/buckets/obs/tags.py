"""Tags of an object: up to ten names with values, which can be changed without sending the object again."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error, document, legible, tag
from maquette.buckets.obs.call import Call, check_version, parsed
from maquette.buckets.sharing import Action

KEPT = "tags:"
"""Kept beside the user's metadata, under a name that no header can have."""
MOST_TAGS = 10
LONGEST_NAME, LONGEST_VALUE = 128, 256

Tags = dict[str, str]


def read_tags(call: Call) -> Response:
    check_version(call)
    grants = call.bearer.grants
    if grants:
        grants.check_object(call.bucket, Action.READ_TAGS, call.key)
    info = grants.shown(call.bucket, call.key) if grants else call.store.head(call.bucket, call.key)
    tags = of(info.metadata)
    lines = (tag("Tag", tag("Key", name), tag("Value", value)) for name, value in tags.items())
    return document("Tagging", tag("TagSet", *lines))


def write_tags(call: Call) -> Response:
    check_version(call)
    _set(call, Action.WRITE_TAGS, of_document(call.xml()))
    return Response(None, 200)


def remove_tags(call: Call) -> Response:
    check_version(call)
    _set(call, Action.REMOVE_TAGS, {})
    return Response(None, 204)


def _set(call: Call, action: Action, tags: Tags) -> None:
    def change(known: Mapping[str, str]) -> dict[str, str]:
        return without(known) | kept(tags)

    grants = call.bearer.grants
    if grants is None:
        call.store.describe(call.bucket, call.key, change)
        return
    grants.check_object(call.bucket, action, call.key)
    grants.tag(call.bucket, call.key, change)


def of_header(text: str) -> Tags:
    """`name=value&other=`, as in `x-amz-tagging`."""
    return checked(parse_qsl(text, keep_blank_values=True))


def of_text(text: str) -> Tags:
    """A document, as forms bring it."""
    return of_document(parsed(text.encode("utf-8", "surrogateescape")))


def of_document(root: ElementTree.Element) -> Tags:
    if root.tag != "Tagging" or root.find("TagSet") is None:
        raise S3Error("MalformedXML", "The document must be a Tagging with a TagSet.")
    return checked([(one.findtext("Key") or "", one.findtext("Value") or "") for one in root.findall("TagSet/Tag")])


def checked(pairs: list[tuple[str, str]]) -> Tags:
    if len(pairs) > MOST_TAGS:
        raise S3Error("InvalidTag", f"An object has {MOST_TAGS} tags at most, not {len(pairs)}.")
    for name, value in pairs:
        is_text = legible(name + value) == name + value
        if not is_text or not 1 <= len(name) <= LONGEST_NAME or len(value) > LONGEST_VALUE:
            told = f"A tag's name has 1 to {LONGEST_NAME} characters, its value {LONGEST_VALUE} at most, all legible."
            raise S3Error("InvalidTag", told, {"TagKey": name[:LONGEST_NAME]})
    if len(dict(pairs)) < len(pairs):
        raise S3Error("InvalidTag", "Each name may stand once only among the tags.")
    return dict(sorted(pairs))


def kept(tags: Tags) -> dict[str, str]:
    return {KEPT: urlencode(tags, quote_via=quote)} if tags else {}


def of(metadata: Mapping[str, str]) -> Tags:
    return dict(parse_qsl(metadata.get(KEPT, ""), keep_blank_values=True))


def without(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in metadata.items() if name != KEPT}


def only(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in metadata.items() if name == KEPT}


def headers(metadata: Mapping[str, str]) -> dict[str, str]:
    tags = of(metadata) if KEPT in metadata else {}
    return {"x-amz-tagging-count": str(len(tags))} if tags else {}
