"""What others than its own workspace may do with a bucket: access control lists, policies, and what blocks them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from maquette.buckets.statements import Effect, Statement, judge, lets_anybody, opens_every_object
from maquette.kernel.ports import ACL_KEY, ObjectInfo

EVERYBODY = "everybody"
SIGNED_IN = "signed in"
GROUPS = (EVERYBODY, SIGNED_IN)


class Action(StrEnum):
    """What somebody wants to do, as policies call it."""

    LIST = "s3:ListBucket"
    READ_ACL = "s3:GetBucketAcl"
    WRITE_ACL = "s3:PutBucketAcl"
    PUT = "s3:PutObject"
    DELETE = "s3:DeleteObject"
    GET = "s3:GetObject"
    READ_OBJECT_ACL = "s3:GetObjectAcl"
    WRITE_OBJECT_ACL = "s3:PutObjectAcl"
    READ_TAGS = "s3:GetObjectTagging"
    WRITE_TAGS = "s3:PutObjectTagging"
    REMOVE_TAGS = "s3:DeleteObjectTagging"


class Permission(StrEnum):
    """What an ACL may grant."""

    READ = "READ"
    WRITE = "WRITE"
    READ_ACP = "READ_ACP"
    WRITE_ACP = "WRITE_ACP"
    FULL_CONTROL = "FULL_CONTROL"


WANTED = {
    Action.LIST: Permission.READ,
    Action.PUT: Permission.WRITE,
    Action.DELETE: Permission.WRITE,
    Action.GET: Permission.READ,
    Action.READ_ACL: Permission.READ_ACP,
    Action.READ_OBJECT_ACL: Permission.READ_ACP,
    Action.WRITE_ACL: Permission.WRITE_ACP,
    Action.WRITE_OBJECT_ACL: Permission.WRITE_ACP,
    Action.READ_TAGS: Permission.FULL_CONTROL,
    Action.WRITE_TAGS: Permission.FULL_CONTROL,
    Action.REMOVE_TAGS: Permission.FULL_CONTROL,
}
OF_TAGS = (Action.READ_TAGS, Action.WRITE_TAGS, Action.REMOVE_TAGS)
OF_OBJECTS = (Action.GET, Action.READ_OBJECT_ACL, Action.WRITE_OBJECT_ACL, *OF_TAGS)
"""What the object's own ACL grants; the rest is granted by the bucket's."""


@dataclass(frozen=True)
class Grant:
    """`grantee` is a group or the id of a workspace."""

    grantee: str
    permission: Permission


Acl = tuple[Grant, ...]

CANNED: Mapping[str, Sequence[tuple[str, Permission]]] = {
    "private": (),
    "bucket-owner-full-control": (),
    "bucket-owner-read": (),
    "public-read": ((EVERYBODY, Permission.READ),),
    "public-read-write": ((EVERYBODY, Permission.READ), (EVERYBODY, Permission.WRITE)),
    "authenticated-read": ((SIGNED_IN, Permission.READ),),
}
"""What each grants beside the owner's full control. The owner of an object is always that of its bucket."""


def canned(name: str, owner: str) -> Acl:
    return (*(Grant(*one) for one in CANNED[name]), Grant(owner, Permission.FULL_CONTROL))


def is_public(acl: Acl) -> bool:
    return any(grant.grantee in GROUPS for grant in acl)


def acl_text(acl: Acl) -> str:
    return json.dumps([[grant.grantee, grant.permission] for grant in acl])


def acl_of(text: str | None, owner: str) -> Acl:
    if text is None:
        return canned("private", owner)
    return tuple(Grant(grantee, Permission(permission)) for grantee, permission in json.loads(text))


@dataclass(frozen=True)
class Block:
    """S3's four switches that keep a bucket from becoming public by mistake."""

    acls: bool = False
    ignored_acls: bool = False
    policy: bool = False
    restricted: bool = False


@dataclass(frozen=True)
class Sharing:
    """All that a bucket says about others; `owner` is the id of its workspace."""

    bucket: str
    owner: str
    acl: Acl
    statements: tuple[Statement, ...] = ()
    block: Block = Block()

    def allows(self, action: Action, who: str, key: str = "", of_object: Acl = ()) -> bool:
        """May somebody of the workspace `who` (empty: who has not signed) do this?"""
        verdict = judge(self.statements, action, self.bucket, key)
        if verdict is Effect.DENY:
            return False
        if verdict is Effect.ALLOW and not self.block.restricted:
            return True
        acl = of_object if action in OF_OBJECTS else self.acl
        wanted = (WANTED[action], Permission.FULL_CONTROL)
        return any(grant.permission in wanted and self._is(grant.grantee, who) for grant in acl)

    def opens_all(self, who: str) -> bool:
        """Whether all of the bucket is open: may somebody see its very folder?"""
        reads = not self.block.restricted and opens_every_object(self.statements, self.bucket, Action.GET)
        return reads and self.allows(Action.LIST, who)

    def _is(self, grantee: str, who: str) -> bool:
        if grantee in GROUPS:
            return not self.block.ignored_acls and (grantee == EVERYBODY or bool(who))
        return grantee == who

    @property
    def is_public(self) -> bool:
        """Whether anybody beyond named workspaces may do anything."""
        by_acl = is_public(self.acl) and not self.block.ignored_acls
        return by_acl or (lets_anybody(self.statements) and not self.block.restricted)


def object_acl(info: ObjectInfo, owner: str) -> Acl:
    """An object without an ACL of its own is its owner's alone."""
    return acl_of(info.metadata.get(ACL_KEY), owner)


def with_acl(metadata: Mapping[str, str], acl: Acl, owner: str) -> dict[str, str]:
    """The metadata with this ACL; nothing is kept of one that says nothing of others."""
    kept = {name: value for name, value in metadata.items() if name != ACL_KEY}
    return kept if acl == canned("private", owner) else {**kept, ACL_KEY: acl_text(acl)}
