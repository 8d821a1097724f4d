"""Calls on who may read: ACLs and bucket policies, of which this store knows two, private and public-read."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from starlette.responses import JSONResponse, Response

from maquette.buckets.domain import Policy
from maquette.buckets.obs.answers import OWNER, S3Error, Xml, document, owner, tag
from maquette.buckets.obs.call import Call, check_bucket

CANNED = {
    "private": Policy.PRIVATE,
    "bucket-owner-full-control": Policy.PRIVATE,
    "public-read": Policy.PUBLIC_READ,
}
OTHER_CANNED = (
    *("public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "log-delivery-write"),
    *("public-read-delivered", "public-read-write-delivered"),
)
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
_SCHEMA = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_READS = {"s3:getobject", "s3:getobject*", "getobject", "getobject*", "s3:getobjectversion", "getobjectversion"}
_LISTS = {"s3:listbucket", "listbucket", "headbucket", "s3:headbucket"}


def read_acl(call: Call) -> Response:
    """Everything belongs to who may ask; everybody is named where a bucket is open to everybody."""
    if call.key:
        call.store.head(call.bucket, call.key)
    else:
        check_bucket(call)
    lines = [grant(Xml(tag("ID", OWNER) + tag("DisplayName", OWNER)), "CanonicalUser", "FULL_CONTROL")]
    if policy_of(call) is Policy.PUBLIC_READ:
        lines.append(grant(tag("URI", EVERYBODY), "Group", "READ"))
    return document("AccessControlPolicy", owner("Owner"), tag("AccessControlList", *lines))


def grant(grantee: Xml, kind: str, permission: str) -> Xml:
    return tag("Grant", Xml(f'<Grantee {_SCHEMA} xsi:type="{kind}">{grantee}</Grantee>'), tag("Permission", permission))


def write_acl(call: Call) -> Response:
    """By the header of a canned ACL, or by a document; an object's own ACL can only be what its bucket's is."""
    check_bucket(call)
    wanted = canned(call) if call.header("x-amz-acl") else of_document(call.xml())
    if call.key:
        call.store.head(call.bucket, call.key)
        check_object_acl(call, wanted)
        return Response(None, 200)
    set_policy(call, wanted)
    return Response(None, 200)


def check_object_acl(call: Call, wanted: Policy) -> None:
    if wanted is not Policy.PRIVATE and wanted is not policy_of(call):
        raise S3Error("NotImplemented", "Objects have the ACL of their bucket. Open the bucket instead.")


def set_canned(call: Call) -> None:
    """What a new bucket's `x-amz-acl` asks for."""
    wanted = canned(call)
    if wanted is not Policy.PRIVATE:
        set_policy(call, wanted)


def canned(call: Call) -> Policy:
    name = call.header("x-amz-acl") or "private"
    if name in CANNED:
        return CANNED[name]
    code = "NotImplemented" if name in OTHER_CANNED else "InvalidArgument"
    raise S3Error(code, f"The ACL '{name[:40]}' is not one of this store. Use private or public-read.")


def of_document(root: ElementTree.Element) -> Policy:
    """Public where everybody may read, private where the owner alone may do anything; more is not known here."""
    if root.tag != "AccessControlPolicy":
        raise S3Error("MalformedACLError", "The body must be an AccessControlPolicy, or x-amz-acl name a canned one.")
    owners, found = {OWNER, root.findtext("Owner/ID")}, Policy.PRIVATE
    for grant in root.iter("Grant"):
        permission, who = grant.findtext("Permission"), grant.find("Grantee")
        if who is not None and (who.findtext("URI") == EVERYBODY or who.findtext("Canned") == "Everyone"):
            if permission != "READ":
                raise S3Error("NotImplemented", "Without a key one may READ here at most.")
            found = Policy.PUBLIC_READ
        elif who is None or who.findtext("ID") not in owners:
            raise S3Error("NotImplemented", "Here the owner is granted everything, and everybody READ; nobody else.")
    return found


# ── bucket policies ──────────────────────────────────────────────────────────────────────────────


def read_policy(call: Call) -> Response:
    check_bucket(call)
    if policy_of(call) is Policy.PRIVATE:
        raise S3Error("NoSuchBucketPolicy", "The bucket has no policy.", {"BucketName": call.bucket})
    return JSONResponse(public_policy(call.bucket))


def public_policy(bucket: str) -> dict[str, Any]:
    resource = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Action": ["s3:GetObject", "s3:ListBucket"]}]}


def write_policy(call: Call) -> Response:
    """Takes policies that let everybody read the whole bucket; those that say anything else are refused."""
    check_bucket(call)
    try:
        wanted = json.loads(b"".join(call.content))
        statements = wanted["Statement"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise S3Error("MalformedPolicy", "The body is no policy: it must be JSON with a Statement.") from None
    if not statements or not all(lets_everybody_read(call.bucket, one) for one in as_list(statements)):
        raise S3Error("NotImplemented", "Only a policy that lets everybody read the whole bucket is known here.")
    set_policy(call, Policy.PUBLIC_READ)
    return Response(None, 204)


def remove_policy(call: Call) -> Response:
    check_bucket(call)
    set_policy(call, Policy.PRIVATE)
    return Response(None, 204)


def lets_everybody_read(bucket: str, statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow" or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    everybody = principal == "*" or (
        isinstance(principal, dict) and [as_list(one) for one in principal.values()] == [["*"]]
    )
    actions = {str(action).lower() for action in as_list(statement.get("Action"))}
    resources = {str(one).rpartition(":")[2] for one in as_list(statement.get("Resource"))}
    return everybody and bool(actions) and actions <= _READS | _LISTS and resources <= {bucket, f"{bucket}/*"}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def policy_of(call: Call) -> Policy:
    return call.bearer.grants.policy(call.bucket) if call.bearer.grants else Policy.PRIVATE


def set_policy(call: Call, policy: Policy) -> None:
    if call.bearer.grants is None:
        if policy is Policy.PRIVATE:
            return
        raise S3Error("NotImplemented", "Within a run buckets belong to the run; nobody else could read them.")
    call.bearer.grants.set_policy(call.bucket, policy)
