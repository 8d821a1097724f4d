"""Whose buckets are whose, who else may read them, and the store as one bearer of a key sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.domain import Policy
from maquette.buckets.sentences import say
from maquette.buckets.table import buckets
from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound, Refused, Unavailable
from maquette.kernel.identity import Access, Identity, Proof, Role
from maquette.kernel.ports import Listing, ObjectInfo, ObjectStore
from maquette.workspaces.actions import first_workspace

REMEMBERED_SECONDS = 1.0
"""How long an answer of the rows is believed; a bucket that changes hands is seen so much later at most."""


@dataclass(frozen=True)
class Right:
    """Whose a bucket is, and its policy."""

    workspace_id: str
    policy: Policy


def adopt(ctx: Platform) -> int:
    """Buckets that nobody made through the server, as `maquette mb` does, come to belong to the first workspace."""
    with ctx.database.write() as rows:
        known = set(rows.execute(select(buckets.c.name)).scalars())
        found = [name for name in ctx.store.buckets() if name not in known]
        first = first_workspace(rows)
        for name in found:
            rows.execute(
                insert(buckets).values(
                    name=name, workspace_id=first, policy=Policy.PRIVATE, created_at=ctx.store.made_at(name)
                )
            )
    return len(found)


class Rights:
    """What the rows say of buckets, remembered for a moment: a request asks several times."""

    def __init__(self, ctx: Platform) -> None:
        self._ctx = ctx
        self._known: dict[str, tuple[float, Right | None]] = {}
        self._lock = threading.Lock()

    def of(self, bucket: str) -> Right | None:
        """None for a bucket that does not exist."""
        with self._lock:
            until, right = self._known.get(bucket, (0.0, None))
        if time.monotonic() < until:
            return right
        right = self._read(bucket)
        if right is None and self._ctx.store.has_bucket(bucket):
            adopt(self._ctx)
            right = self._read(bucket)
        with self._lock:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[bucket] = (time.monotonic() + REMEMBERED_SECONDS, right)
        return right

    def forget(self, bucket: str) -> None:
        with self._lock:
            self._known.pop(bucket, None)

    def _read(self, bucket: str) -> Right | None:
        with self._ctx.database.read() as rows:
            row = rows.execute(select(buckets).where(buckets.c.name == bucket)).one_or_none()
        return Right(row.workspace_id, Policy(row.policy)) if row else None


class GrantedStore(ObjectStore):
    """The store as somebody sees it: the buckets of their workspace, and what others let everybody read.

    `who` is None for a request that is not signed. Refuses without saying whether there is such a bucket, unless one
    could see it.
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

    def _check(self, bucket: str, wanted: Access) -> None:
        if self._own(bucket, wanted):
            return
        right = self._rights.of(bucket)
        if right is None and (self._who is None or self._who.buckets is None):
            self._store.made_at(bucket)  # says in the store's own words that it is not there
        if right is not None and right.policy is Policy.PUBLIC_READ and wanted is Access.READ:
            return
        raise Refused(say("may_not", wanted=say(wanted), bucket=bucket), bucket=bucket)

    # ── buckets ──────────────────────────────────────────────────────────────────────────────────

    def buckets(self) -> Iterator[str]:
        return (name for name in self._store.buckets() if self._own(name, Access.READ))

    def folder(self, bucket: str) -> Path:
        self._check(bucket, Access.READ)
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
        except Unavailable:  # else it would come to belong to the first workspace
            self._store.remove_bucket(bucket)
            raise
        self._rights.forget(bucket)

    def remove_bucket(self, bucket: str) -> None:
        self._check(bucket, Access.WRITE)
        self._store.remove_bucket(bucket)
        with self._ctx.database.write() as rows:
            rows.execute(delete(buckets).where(buckets.c.name == bucket))
        self._rights.forget(bucket)

    def has_bucket(self, bucket: str) -> bool:
        try:
            self._check(bucket, Access.READ)
        except NotFound:
            return False
        return self._store.has_bucket(bucket)

    def made_at(self, bucket: str) -> float:
        self._check(bucket, Access.READ)
        return self._store.made_at(bucket)

    def policy(self, bucket: str) -> Policy:
        self._check(bucket, Access.READ)
        right = self._rights.of(bucket)
        return right.policy if right else Policy.PRIVATE

    def set_policy(self, bucket: str, policy: Policy) -> None:
        """Only an owner opens a bucket to everybody."""
        self._check(bucket, Access.WRITE)
        if self._who is None or self._who.role < Role.OWNER:
            raise Refused(say("owner_only"), bucket=bucket)
        with self._ctx.database.write() as rows:
            rows.execute(update(buckets).where(buckets.c.name == bucket).values(policy=policy))
        self._rights.forget(bucket)

    # ── objects ──────────────────────────────────────────────────────────────────────────────────

    def head(self, bucket: str, key: str) -> ObjectInfo:
        self._check(bucket, Access.READ)
        return self._store.head(bucket, key)

    def open(self, bucket: str, key: str) -> tuple[ObjectInfo, BinaryIO]:
        self._check(bucket, Access.READ)
        return self._store.open(bucket, key)

    def put(
        self,
        bucket: str,
        key: str,
        chunks: Iterable[bytes],
        content_type: str = "binary/octet-stream",
        metadata: Mapping[str, str] | None = None,
        etag: str = "",
    ) -> ObjectInfo:
        self._check(bucket, Access.WRITE)
        return self._store.put(bucket, key, chunks, content_type, {} if metadata is None else metadata, etag)

    def adopt(
        self, bucket: str, key: str, path: Path, content_type: str, metadata: Mapping[str, str], etag: str
    ) -> ObjectInfo:
        self._check(bucket, Access.WRITE)
        return self._store.adopt(bucket, key, path, content_type, metadata, etag)

    def copy(self, source: tuple[str, str], target: tuple[str, str]) -> ObjectInfo:
        self._check(source[0], Access.READ)
        self._check(target[0], Access.WRITE)
        return self._store.copy(source, target)

    def describe(self, bucket: str, key: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
        self._check(bucket, Access.WRITE)
        self._store.describe(bucket, key, change)

    def delete(self, bucket: str, key: str) -> None:
        self._check(bucket, Access.WRITE)
        self._store.delete(bucket, key)

    def list(self, bucket: str, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000) -> Listing:
        self._check(bucket, Access.READ)
        return self._store.list(bucket, prefix, delimiter, after, limit)

    def commit(self, bucket: str, files: Sequence[tuple[Path, str]]) -> None:
        self._check(bucket, Access.WRITE)
        self._store.commit(bucket, files)

    def check_write(self, bucket: str) -> None:
        """Before anything of an upload is kept."""
        self._check(bucket, Access.WRITE)


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
