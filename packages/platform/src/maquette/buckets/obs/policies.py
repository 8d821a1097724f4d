"""Calls on bucket policies, and on what keeps a bucket from becoming public."""

from __future__ import annotations

import json
from dataclasses import asdict
from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error, document, tag
from maquette.buckets.obs.call import Call, check_bucket
from maquette.buckets.rights import BLOCK, POLICY, Right
from maquette.buckets.sharing import Block
from maquette.buckets.statements import MOST_BYTES, Malformed, Unknown, lets_anybody, read_policy

_SWITCHES = {
    "BlockPublicAcls": "acls",
    "IgnorePublicAcls": "ignored_acls",
    "BlockPublicPolicy": "policy",
    "RestrictPublicBuckets": "restricted",
}


def own_right(call: Call, change: bool = False) -> Right | None:
    """What the bucket says of itself, for its own workspace; None within a run, where it says nothing."""
    if call.bearer.grants is None:
        check_bucket(call)
        if change:
            raise S3Error("NotImplemented", "Within a run buckets have no settings of their own.")
        return None
    call.bearer.grants.check_settings(call.bucket, change)
    return call.bearer.grants.right(call.bucket)


def keep(call: Call, name: str, text: str | None) -> None:
    assert call.bearer.grants
    call.bearer.grants.set(call.bucket, name, text)


def read_policy_call(call: Call) -> Response:
    right = own_right(call)
    if right is None or POLICY not in right.settings:
        raise S3Error("NoSuchBucketPolicy", "The bucket has no policy.", {"BucketName": call.bucket})
    return Response(right.settings[POLICY].encode(), media_type="application/json")


def write_policy(call: Call) -> Response:
    """Takes policies about everybody; those that say what this store does not do are refused."""
    right = own_right(call, change=True)
    text = _text(call)
    try:
        statements = read_policy(text, call.bucket)
    except Malformed as error:
        raise S3Error("MalformedPolicy", str(error)) from None
    except Unknown as error:
        raise S3Error("NotImplemented", str(error)) from None
    if right and right.sharing.block.policy and lets_anybody(statements):
        raise S3Error("AccessDenied", "The bucket's public access block refuses policies that are open to everybody.")
    keep(call, POLICY, text)
    return Response(None, 204)


def _text(call: Call) -> str:
    data = bytearray()
    for block in call.content:
        data += block
        if len(data) > MOST_BYTES:
            raise S3Error("MalformedPolicy", f"A policy has at most {MOST_BYTES} bytes.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise S3Error("MalformedPolicy", "The body is no policy: it must be JSON with a Statement.") from None


def remove_policy(call: Call) -> Response:
    own_right(call, change=True)
    keep(call, POLICY, None)
    return Response(None, 204)


def policy_status(call: Call) -> Response:
    right = own_right(call)
    return document("PolicyStatus", tag("IsPublic", right is not None and right.sharing.is_public))


# ── public access block ──────────────────────────────────────────────────────────────────────────


def read_block(call: Call) -> Response:
    right = own_right(call)
    if right is None or BLOCK not in right.settings:
        told = "The bucket has no public access block."
        raise S3Error("NoSuchPublicAccessBlockConfiguration", told, {"BucketName": call.bucket})
    block = asdict(right.sharing.block)
    return document("PublicAccessBlockConfiguration", *(tag(name, block[ours]) for name, ours in _SWITCHES.items()))


def write_block(call: Call) -> Response:
    own_right(call, change=True)
    root = call.xml()
    block = Block(**{ours: _is_on(root, name) for name, ours in _SWITCHES.items()})
    keep(call, BLOCK, json.dumps(asdict(block)))
    return Response(None, 200)


def _is_on(root: ElementTree.Element, name: str) -> bool:
    text = (root.findtext(name) or "false").strip().lower()
    if root.tag != "PublicAccessBlockConfiguration" or text not in ("true", "false"):
        raise S3Error("MalformedXML", "The body must be a PublicAccessBlockConfiguration of true and false.")
    return text == "true"


def remove_block(call: Call) -> Response:
    own_right(call, change=True)
    keep(call, BLOCK, None)
    return Response(None, 204)
