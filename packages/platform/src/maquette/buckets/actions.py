"""The store as one bearer of a key sees it: the buckets of their workspace, and what others share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.domain import Policy
from maquette.buckets.rights import Right
from maquette.buckets.rights import Rights as Rights
from maquette.buckets.rights import adopt as adopt
from maquette.buckets.sentences import say
from maquette.buckets.sharing import SIGNED_IN, Acl, Action, object_acl, with_acl
from maquette.buckets.table import bucket_settings, buckets
from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound, Refused, Unavailable
from maquette.kernel.identity import Access, Identity, Proof, Role
from maquette.kernel.ports import Listing, ObjectInfo, ObjectStore
from maquette.workspaces.actions import name_of_workspace

WRITING = (
    *(Action.PUT, Action.DELETE, Action.WRITE_ACL, Action.WRITE_OBJECT_ACL),
    *(Action.WRITE_TAGS, Action.REMOVE_TAGS),
)


class GrantedStore(ObjectStore):
    """The store as somebody sees it: the buckets of their workspace, and what others share.

    `who` is None for a request that is not signed. What a bucket says of others is for others: its own workspace may
    do what the roles say in any case.
    """

    def __init__(self, ctx: Platform, rights: Rights, who: Identity | None) -> None:
        self._ctx = ctx
        self._store = ctx.store
        self._rights = rights
        self._who = who

    # ── who may ──────────────────────────────────────────────────────────────────────────────────

    def _own(self, bucket: str, wanted: Access) -> bool:
        """Whether the bucket is one of who asks, with this right."""
        right, who = self._rights.of(bucket), self._who
        if who is None or right is None or right.workspace_id != who.workspace_id:
            return False
        if who.buckets is not None:
            granted = who.buckets.get(bucket)
            if granted is None or (wanted is Access.WRITE and granted is not Access.WRITE):
                return False
        return who.role >= (Role.MEMBER if wanted is Access.WRITE else Role.VIEWER)

    def check(self, bucket: str, action: Action, key: str = "", info: ObjectInfo | None = None) -> None:
        """Refused unless who asks may do this; of an object `info` says what it grants itself."""
        wanted = Access.WRITE if action in WRITING else Access.READ
        if self._own(bucket, wanted):
            return
        right, who = self._rights.of(bucket), self._who
        if right is None and (who is None or who.buckets is None):
            self._store.made_at(bucket)  # says in the store's own words that it is not there
        if right is not None:
            acl = object_acl(info, right.workspace_id) if info else ()
            if right.sharing.allows(action, self._grantee(right, wanted), key, acl):
                return
        raise Refused(say("may_not", wanted=say(wanted), bucket=bucket), bucket=bucket)

    def _grantee(self, right: Right, wanted: Access) -> str:
        """What grants to a workspace go by. A key of one's own workspace, one for some buckets, and a viewer who wants
        to write have no more of them than anybody who has signed in."""
        who = self._who
        if who is None:
            return ""
        by_role = who.role >= (Role.MEMBER if wanted is Access.WRITE else Role.VIEWER)
        is_other = who.workspace_id != right.workspace_id and who.buckets is None
        return who.workspace_id if is_other and by_role else SIGNED_IN

    def check_object(self, bucket: str, action: Action, key: str) -> None:
        """The same about an object that is there; who may not list the bucket is not told that it is not."""
        wanted = Access.WRITE if action in WRITING else Access.READ
        if self._own(bucket, wanted):
            return
        self.check(bucket, action, key, self._shown(bucket, action, key))

    def _shown(self, bucket: str, action: Action, key: str) -> ObjectInfo | None:
        if self._rights.of(bucket) is None:
            return None
        try:
            return self._store.head(bucket, key)
        except NotFound:
            self.check(bucket, Action.LIST)
            raise

    def shown(self, bucket: str, key: str) -> ObjectInfo:
        """The object as it is; who may know what of it is a question for `check_object`."""
        return self._store.head(bucket, key)

    def right(self, bucket: str) -> Right:
        """What the bucket says of itself; who may know it is a question for `check`."""
        right = self._rights.of(bucket)
        if right is None:
            self._store.made_at(bucket)  # says that it is not there
            raise Refused(say("may_not", wanted=say(Access.READ), bucket=bucket), bucket=bucket)
        return right

    def me(self) -> tuple[str, str]:
        """Id and name of the workspace that asks; empty for who has not signed."""
        if self._who is None:
            return "", ""
        with self._ctx.database.read() as rows:
            return self._who.workspace_id, name_of_workspace(rows, self._who.workspace_id) or ""

    def workspace_name(self, workspace_id: str) -> str | None:
        with self._ctx.database.read() as rows:
            return name_of_workspace(rows, workspace_id)

    # ── buckets ──────────────────────────────────────────────────────────────────────────────────

    def buckets(self) -> Iterator[str]:
        return (name for name in self._store.buckets() if self._own(name, Access.READ))

    def folder(self, bucket: str) -> Path:
        """Others see the folder of a bucket whose objects are all open to everybody, as a policy says it."""
        if not self._own(bucket, Access.READ):
            right = self.right(bucket)
            if not right.sharing.opens_all(self._grantee(right, Access.READ)):
                raise Refused(say("may_not", wanted=say(Access.READ), bucket=bucket), bucket=bucket)
        return self._store.folder(bucket)

    def make_bucket(self, bucket: str) -> None:
        who = self._who
        if who is None or who.buckets is not None or who.role < Role.MEMBER:
            raise Refused(say("no_maker"), bucket=bucket)
        right = self._rights.of(bucket)
        if right is not None and right.workspace_id != who.workspace_id and self._store.has_bucket(bucket):
            raise Conflict(say("taken", bucket=bucket), bucket=bucket, taken=True)
        self._store.make_bucket(bucket)
        try:
            with self._ctx.database.write() as rows:
                rows.execute(
                    insert(buckets).values(
                        name=bucket, workspace_id=who.workspace_id, policy=Policy.PRIVATE, created_at=self._ctx.clock()
                    )
                )
        except IntegrityError:  # adopted just now, or the row of one whose folder is gone
            fresh = {"workspace_id": who.workspace_id, "policy": Policy.PRIVATE, "created_at": self._ctx.clock()}
            with self._ctx.database.write() as rows:
                rows.execute(update(buckets).where(buckets.c.name == bucket).values(**fresh))
                rows.execute(delete(bucket_settings).where(bucket_settings.c.bucket == bucket))
        except Unavailable:  # else it would come to belong to the first workspace
            self._store.remove_bucket(bucket)
            raise
        self._rights.forget(bucket)

    def remove_bucket(self, bucket: str) -> None:
        """Only its own workspace may; others have no such right to be given."""
        if not self._own(bucket, Access.WRITE):
            self.check(bucket, Action.LIST)
            raise Refused(say("may_not", wanted=say(Access.WRITE), bucket=bucket), bucket=bucket)
        self._store.remove_bucket(bucket)
        with self._ctx.database.write() as rows:
            rows.execute(delete(buckets).where(buckets.c.name == bucket))
        self._rights.forget(bucket)

    def has_bucket(self, bucket: str) -> bool:
        try:
            self.check(bucket, Action.LIST)
        except NotFound:
            return False
        return self._store.has_bucket(bucket)

    def made_at(self, bucket: str) -> float:
        self.check(bucket, Action.LIST)
        return self._store.made_at(bucket)

    def check_opening(self, bucket: str) -> None:
        """Of the workspace's own people only an owner lets others in; of others, who was given that right."""
        right, who = self.right(bucket), self._who
        if who is not None and who.workspace_id == right.workspace_id and who.role < Role.OWNER:
            raise Refused(say("owner_only"), bucket=bucket)

    def check_settings(self, bucket: str, change: bool) -> None:
        """What a bucket says of itself its own workspace reads, and only an owner changes."""
        self.right(bucket)
        if not self._own(bucket, Access.WRITE if change else Access.READ):
            wanted = say(Access.WRITE if change else Access.READ)
            raise Refused(say("may_not", wanted=wanted, bucket=bucket), bucket=bucket)
        if change and (self._who is None or self._who.role < Role.OWNER):
            raise Refused(say("owner_only"), bucket=bucket)

    def set(self, bucket: str, name: str, text: str | None) -> None:
        """Keep what the bucket says of itself; who may has been checked."""
        self._rights.set(bucket, name, text)

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    def head(self, bucket: str, key: str) -> ObjectInfo:
        if self._own(bucket, Access.READ):
            return self._store.head(bucket, key)
        info = self._shown(bucket, Action.GET, key)
        self.check(bucket, Action.GET, key, info)
        return info or self._store.head(bucket, key)

    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        if not self._own(bucket, Access.READ):
            self.head(bucket, key)
        info, file = self._store.open(bucket, key)
        try:
            self.check(bucket, Action.GET, key, info)  # of the very object that is read
        except Refused:
            file.close()
            raise
        return info, file

    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = "binary/octet-stream",
        metadata: Mapping[str, str] | None = None,
        etag: str = "",
    ) -> ObjectInfo:
        self.check(bucket, Action.PUT, key)
        return self._store.put(bucket, key, chunks, content_type, {} if metadata is None else metadata, etag)

    def adopt(
        self, bucket: str, key: str, path: Path, content_type: str, metadata: Mapping[str, str], etag: str
    ) -> ObjectInfo:
        self.check(bucket, Action.PUT, key)
        return self._store.adopt(bucket, key, path, content_type, metadata, etag)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        self.head(*source)
        self.check(target[0], Action.PUT, target[1])
        return self._store.copy(source, target)

    def describe(
        self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]], content_type: str = ""
    ) -> None:
        self.check(bucket, Action.PUT, key)
        self._store.describe(bucket, key, change, content_type)

    def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """Who may has been checked."""
        owner = self.right(bucket).workspace_id
        self._store.describe(bucket, key, lambda metadata: with_acl(metadata, acl, owner))

    def tag(self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
        """Who may has been checked."""
        self._store.describe(bucket, key, change)

    def delete(self, bucket: str, key: str) -> None:
        self.check(bucket, Action.DELETE, key)
        self._store.delete(bucket, key)

    def list(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        self.check(bucket, Action.LIST)
        return self._store.list(bucket, prefix, delimiter, after, limit)

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        for _, key in files:
            self.check(bucket, Action.PUT, key)
        self._store.commit(bucket, files)

    def check_write(self, bucket: str, key: str = "") -> None:
        """Before anything of an upload is kept."""
        self.check(bucket, Action.PUT, key)


def store_of_workspace(ctx: Platform, workspace_id: str) -> GrantedStore:
    """The store as the workspace's own runs see it: its buckets, to read and to write, and no others."""
    runs = Identity("", "", workspace_id, Role.MEMBER, Proof.ACCESS_KEY)
    return GrantedStore(ctx, Rights(ctx), runs)


def of_workspace(ctx: Platform, workspace_id: str) -> list[tuple[str, Policy]]:
    """The buckets of a workspace, by name."""
    adopt(ctx)
    with ctx.database.read() as rows:
        mine = select(buckets).where(buckets.c.workspace_id == workspace_id).order_by(buckets.c.name)
        return [(row.name, Policy(row.policy)) for row in rows.execute(mine)]
