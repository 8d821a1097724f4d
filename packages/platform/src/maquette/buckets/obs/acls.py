"""Calls on access control lists: canned ones, grants in headers, and whole documents, of buckets and of objects."""

from __future__ import annotations

from xml.etree import ElementTree

from starlette.responses import Response

from maquette.buckets.obs.answers import OWNER, S3Error, Xml, document, tag
from maquette.buckets.obs.call import Call, check_bucket
from maquette.buckets.rights import ACL
from maquette.buckets.sharing import (
    CANNED,
    EVERYBODY,
    SIGNED_IN,
    Acl,
    Action,
    Grant,
    Permission,
    acl_text,
    canned,
    is_public,
    object_acl,
)

UNKNOWN_CANNED = ("aws-exec-read", "log-delivery-write", "public-read-delivered", "public-read-write-delivered")
_GROUP = "http://acs.amazonaws.com/groups/global/"
URIS = {EVERYBODY: f"{_GROUP}AllUsers", SIGNED_IN: f"{_GROUP}AuthenticatedUsers"}
_GROUPS = {**{uri: group for group, uri in URIS.items()}, "Everyone": EVERYBODY}
_HEADERS = {
    "x-amz-grant-read": Permission.READ,
    "x-amz-grant-write": Permission.WRITE,
    "x-amz-grant-read-acp": Permission.READ_ACP,
    "x-amz-grant-write-acp": Permission.WRITE_ACP,
    "x-amz-grant-full-control": Permission.FULL_CONTROL,
}
_SCHEMA = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
MOST_GRANTS = 100


def read_acl(call: Call) -> Response:
    """Of the bucket, or of an object; within a run all is its own."""
    grants = call.bearer.grants
    if grants is None:
        _check_there(call)
        acl, name = canned("private", OWNER), OWNER
        return document("AccessControlPolicy", call.owner(), _list(call, acl, OWNER, name))
    right = grants.right(call.bucket)
    if call.key:
        grants.check_object(call.bucket, Action.READ_OBJECT_ACL, call.key)
        acl = object_acl(grants.shown(call.bucket, call.key), right.workspace_id)
    else:
        grants.check(call.bucket, Action.READ_ACL)
        acl = right.sharing.acl
    return document("AccessControlPolicy", call.owner(), _list(call, acl, right.workspace_id, right.workspace_name))


def _check_there(call: Call) -> None:
    if call.key:
        call.store.head(call.bucket, call.key)
    else:
        check_bucket(call)


def _list(call: Call, acl: Acl, owner_id: str, owner_name: str) -> Xml:
    """Groups first and the owner last, as Ceph tells them."""
    order = sorted(acl, key=lambda grant: (grant.grantee not in URIS, grant.grantee == owner_id))
    names = {owner_id: owner_name}
    return tag("AccessControlList", *(_line(call, grant, names) for grant in order))


def _line(call: Call, grant: Grant, names: dict[str, str]) -> Xml:
    if grant.grantee in URIS:
        kind, inside = "Group", tag("URI", URIS[grant.grantee])
    else:
        if grant.grantee not in names and call.bearer.grants:
            names[grant.grantee] = call.bearer.grants.workspace_name(grant.grantee) or ""
        kind = "CanonicalUser"
        inside = Xml(tag("ID", grant.grantee) + tag("DisplayName", names.get(grant.grantee, "")))
    grantee = Xml(f'<Grantee {_SCHEMA} xsi:type="{kind}">{inside}</Grantee>')
    return tag("Grant", grantee, tag("Permission", grant.permission))


def write_acl(call: Call) -> Response:
    """By the header of a canned ACL, by grants in headers, or by a document."""
    grants = call.bearer.grants
    if grants is None:
        _check_there(call)
        if (asked(call, OWNER) or of_document(call, OWNER)) != canned("private", OWNER):
            raise S3Error("NotImplemented", "Within a run buckets belong to the run; nobody else could read them.")
        return Response(None, 200)
    owner = grants.right(call.bucket).workspace_id
    if call.key:
        grants.check_object(call.bucket, Action.WRITE_OBJECT_ACL, call.key)
    else:
        grants.check(call.bucket, Action.WRITE_ACL)
    acl = asked(call, owner) or of_document(call, owner)
    if call.key:
        check_acl(call, acl)
        grants.set_object_acl(call.bucket, call.key, acl)
    else:
        keep(call, acl)
    return Response(None, 200)


def keep(call: Call, acl: Acl) -> None:
    """The bucket's ACL from now on."""
    assert call.bearer.grants
    call.bearer.grants.check_opening(call.bucket)
    check_acl(call, acl)
    call.bearer.grants.set(call.bucket, ACL, acl_text(acl))


def check_acl(call: Call, acl: Acl) -> None:
    """May the bucket, or an object in it, have this ACL?"""
    if acl == canned("private", _owner(call)):
        return
    if call.bearer.grants is None:
        raise S3Error("NotImplemented", "Within a run buckets belong to the run; nobody else could read them.")
    call.bearer.grants.check_opening(call.bucket)
    right = call.bearer.grants.right(call.bucket)
    if right.sharing.block.acls and is_public(acl):
        raise S3Error("AccessDenied", "The bucket's public access block refuses ACLs that are open to everybody.")
    if right.settings.get("ownershipControls") == "BucketOwnerEnforced":
        raise S3Error("AccessControlListNotSupported", "The bucket takes no ACLs: its ownership is enforced.")


def of_new_object(call: Call) -> Acl | None:
    """What the headers of a request that makes an object ask for, checked; None for nothing."""
    if not any(name == "x-amz-acl" or name.startswith("x-amz-grant-") for name in call.request.values):
        return None
    acl = asked(call, _owner(call))
    if acl is None or acl == canned("private", _owner(call)):
        return None
    check_acl(call, acl)
    return acl


def _owner(call: Call) -> str:
    return call.bearer.grants.right(call.bucket).workspace_id if call.bearer.grants else OWNER


def asked(call: Call, owner: str) -> Acl | None:
    """What the headers ask for; None where they do not."""
    name = call.header("x-amz-acl")
    granted = [header for header in _HEADERS if call.header(header) is not None]
    for header in call.request.values:
        if header.startswith("x-amz-grant-") and header not in _HEADERS:
            raise S3Error("NotImplemented", f"This store does not do what {header} asks. Leave it out.")
    if name and granted:
        raise S3Error("InvalidRequest", "Name a canned ACL or grants, not both.")
    if granted:
        return tuple(grant for header in granted for grant in _of_header(call, header))
    if not name:
        return None
    if name not in CANNED:
        code = "NotImplemented" if name in UNKNOWN_CANNED else "InvalidArgument"
        raise S3Error(code, f"The ACL '{name[:40]}' is not one of this store. These are: {', '.join(CANNED)}.")
    return canned(name, owner)


def _of_header(call: Call, header: str) -> list[Grant]:
    """`id=…, uri="…", emailAddress=…`"""
    found = []
    for part in (call.header(header) or "").split(","):
        kind, _, value = part.strip().partition("=")
        value = value.strip().strip('"')
        if kind == "id":
            found.append(Grant(_workspace(call, value), _HEADERS[header]))
        elif kind == "uri":
            found.append(Grant(_group(value), _HEADERS[header]))
        elif kind.lower() == "emailaddress":
            raise _no_email()
        else:
            raise S3Error("InvalidArgument", f"{header} must look like id=WORKSPACE or uri=GROUP.")
    return found


def of_document(call: Call, owner: str) -> Acl:
    root = call.xml()
    if root.tag != "AccessControlPolicy":
        raise S3Error("MalformedACLError", "The body must be an AccessControlPolicy, or x-amz-acl name a canned one.")
    owners, grants = {OWNER, owner, root.findtext("Owner/ID")}, list(root.iter("Grant"))
    if len(grants) > MOST_GRANTS:
        raise S3Error("MalformedACLError", f"An ACL has at most {MOST_GRANTS} grants.")
    return tuple(_of_element(call, grant, owners, owner) for grant in grants)


def _of_element(call: Call, grant: ElementTree.Element, owners: set[str | None], owner: str) -> Grant:
    who, permission = grant.find("Grantee"), grant.findtext("Permission") or ""
    if who is None or permission not in tuple(Permission):
        raise S3Error("MalformedACLError", "A grant must name a Grantee and a Permission.")
    if grant.findtext("Delivered") == "true":
        raise S3Error("NotImplemented", "Objects do not take over the grants of their bucket. Use a bucket policy.")
    group, id = who.findtext("URI") or who.findtext("Canned"), who.findtext("ID")
    if group:
        return Grant(_group(group), Permission(permission))
    if who.findtext("EmailAddress") is not None:
        raise _no_email()
    return Grant(owner if id in owners else _workspace(call, id or ""), Permission(permission))


def _group(uri: str) -> str:
    if uri not in _GROUPS:
        raise S3Error("InvalidArgument", f"There is no group '{uri[:80]}'.")
    return _GROUPS[uri]


def _workspace(call: Call, id: str) -> str:
    if call.bearer.grants is None or call.bearer.grants.workspace_name(id) is None:
        raise S3Error("InvalidArgument", f"Invalid id: there is no workspace '{id[:40]}'.")
    return id


def _no_email() -> S3Error:
    told = "Nobody is known by an e-mail address here. Grant access to a workspace by its id."
    return S3Error("UnresolvableGrantByEmailAddress", told)
