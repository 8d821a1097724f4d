"""What a bucket says of itself: place, tags, ownership; and what it could say and does not."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.responses import Response

from maquette.buckets.obs.answers import S3Error, document, escaped, tag
from maquette.buckets.obs.call import Call, check_bucket, parsed
from maquette.buckets.obs.policies import keep, own_right

LOCATION, TAGGING, OWNERSHIP = "location", "tagging", "ownershipControls"
OWNERSHIPS = ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
MOST_TAGS, LONGEST_NAME, LONGEST_VALUE = 50, 128, 256

# What a bucket could have and has not; clients ask for it and go on.
ABSENT = {
    "cors": "NoSuchCORSConfiguration",
    "encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "lifecycle": "NoSuchLifecycleConfiguration",
    "object-lock": "ObjectLockConfigurationNotFoundError",
    "ownershipControls": "OwnershipControlsNotFoundError",
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "replication": "ReplicationConfigurationNotFoundError",
    "tagging": "NoSuchTagSet",
    "website": "NoSuchWebsiteConfiguration",
}
# What every bucket has, and what stands in it where nobody has asked for more.
EMPTY = {
    "accelerate": ("AccelerateConfiguration", ""),
    "logging": ("BucketLoggingStatus", ""),
    "notification": ("NotificationConfiguration", ""),
    "requestPayment": ("RequestPaymentConfiguration", tag("Payer", "BucketOwner")),
}


@dataclass(frozen=True)
class New:
    """What is said of a bucket while it is made."""

    location: str = ""
    ownership: str = ""


def of_new_bucket(call: Call) -> New:
    location = ""
    body = call.body()  # read to its end, so that its checksum is checked
    if body.strip():
        location = _location(body)
    if (call.header("x-amz-bucket-object-lock-enabled") or "").lower() == "true":
        raise S3Error("NotImplemented", "This store has no object lock. Make the bucket without it.")
    ownership = call.header("x-amz-object-ownership") or ""
    if ownership and ownership not in OWNERSHIPS:
        raise S3Error("InvalidArgument", f"x-amz-object-ownership must be one of {', '.join(OWNERSHIPS)}.")
    return New(location, ownership)


def _location(body: bytes) -> str:
    root = parsed(body)
    told = root.findtext("LocationConstraint") or root.findtext("Location") or ""
    if root.tag != "CreateBucketConfiguration" or len(told) > 64:
        raise S3Error("MalformedXML", "The body must be a CreateBucketConfiguration.")
    return told


def keep_new(call: Call, new: New) -> None:
    """There is one place only; its name is told as the client gave it."""
    if call.bearer.grants is None:
        return
    for name, text in ((LOCATION, new.location), (OWNERSHIP, new.ownership)):
        if text:
            keep(call, name, text)


def location(call: Call) -> Response:
    check_bucket(call)
    grants = call.bearer.grants
    told = grants.right(call.bucket).settings.get(LOCATION, "") if grants else ""
    return document("LocationConstraint", escaped(told))


def versioning(call: Call) -> Response:
    check_bucket(call)
    return document("VersioningConfiguration")


# ── tags ─────────────────────────────────────────────────────────────────────────────────────────


def read_tags(call: Call) -> Response:
    right = own_right(call)
    if right is None or TAGGING not in right.settings:
        raise absent(call, TAGGING)
    lines = [tag("Tag", tag("Key", name), tag("Value", value)) for name, value in json.loads(right.settings[TAGGING])]
    return document("Tagging", tag("TagSet", *lines))


def write_tags(call: Call) -> Response:
    own_right(call, change=True)
    root = call.xml()
    tags = [(one.findtext("Key") or "", one.findtext("Value") or "") for one in root.findall("TagSet/Tag")]
    if root.tag != "Tagging" or root.find("TagSet") is None:
        raise S3Error("MalformedXML", "The body must be a Tagging with a TagSet.")
    names = [name for name, _ in tags]
    if len(tags) > MOST_TAGS or len(set(names)) < len(names):
        raise S3Error("InvalidTag", f"A bucket has at most {MOST_TAGS} tags, each name once.")
    for name, value in tags:
        if not 1 <= len(name) <= LONGEST_NAME or len(value) > LONGEST_VALUE:
            told = f"A tag's name has 1 to {LONGEST_NAME} characters, its value {LONGEST_VALUE} at most."
            raise S3Error("InvalidTag", told)
    keep(call, TAGGING, json.dumps(tags))
    return Response(None, 204)


def remove_tags(call: Call) -> Response:
    own_right(call, change=True)
    keep(call, TAGGING, None)
    return Response(None, 204)


# ── ownership ────────────────────────────────────────────────────────────────────────────────────


def read_ownership(call: Call) -> Response:
    right = own_right(call)
    if right is None or OWNERSHIP not in right.settings:
        raise absent(call, OWNERSHIP)
    return document("OwnershipControls", tag("Rule", tag("ObjectOwnership", right.settings[OWNERSHIP])))


def write_ownership(call: Call) -> Response:
    """Objects belong to their bucket's owner in any case; that no ACLs are to count is heeded."""
    own_right(call, change=True)
    told = call.xml().findtext("Rule/ObjectOwnership") or ""
    if told not in OWNERSHIPS:
        raise S3Error("MalformedXML", f"ObjectOwnership must be one of {', '.join(OWNERSHIPS)}.")
    keep(call, OWNERSHIP, told)
    return Response(None, 200)


def remove_ownership(call: Call) -> Response:
    own_right(call, change=True)
    keep(call, OWNERSHIP, None)
    return Response(None, 204)


# ── what there is not ────────────────────────────────────────────────────────────────────────────


def absent(call: Call, name: str) -> S3Error:
    return S3Error(ABSENT[name], f"The bucket has no {name}.", {"BucketName": call.bucket})


def read_absent(call: Call, name: str) -> Response:
    own_right(call)
    if name in EMPTY:
        return document(*EMPTY[name])
    raise absent(call, name)


def remove_absent(call: Call) -> Response:
    """What is not there is gone."""
    check_bucket(call)
    return Response(None, 204)


def write_empty(call: Call) -> Response:
    """Only that there be nothing can be asked for."""
    if list(call.xml()):
        raise S3Error("NotImplemented", "This store does nothing of the kind. Only an empty document is taken.")
    own_right(call, change=True)
    return Response(None, 200)
