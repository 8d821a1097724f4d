"""Whose buckets are whose, and what they say of others, as the rows know it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

from sqlalchemy import delete, insert, select, update

from maquette.buckets.domain import Policy
from maquette.buckets.sharing import Block, Sharing, acl_of
from maquette.buckets.statements import read_policy
from maquette.buckets.table import bucket_settings, buckets
from maquette.kernel.context import Platform
from maquette.kernel.database import Database
from maquette.workspaces.actions import first_workspace, name_of_workspace

REMEMBERED_SECONDS = 1.0
"""How long an answer of the rows is believed; what another process changes is seen so much later at most."""
MOST_REMEMBERED = 10_000
ACL, POLICY, BLOCK = "acl", "policy", "publicAccessBlock"
"""Names of settings that say what others may; the further ones are known to the object store alone."""


@dataclass(frozen=True)
class Right:
    """Whose a bucket is, and what it says of itself."""

    bucket: str
    workspace_id: str
    policy: Policy
    settings: Mapping[str, str] = field(default_factory=dict)
    workspace_name: str = ""

    @cached_property
    def sharing(self) -> Sharing:
        return sharing_of(self.bucket, self.workspace_id, self.settings)


def sharing_of(bucket: str, workspace_id: str, settings: Mapping[str, str]) -> Sharing:
    return Sharing(
        bucket,
        workspace_id,
        acl_of(settings.get(ACL), workspace_id),
        read_policy(settings[POLICY], bucket) if POLICY in settings else (),
        Block(**json.loads(settings[BLOCK])) if BLOCK in settings else Block(),
    )


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


class Memory:
    """What was read of some rows a moment ago. All doors of a process to the same rows share one: what is changed
    through one of them is seen by the next request to any other."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Right]] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def recall(self, bucket: str) -> tuple[Right | None, int]:
        """And how much had been changed by then."""
        with self._lock:
            until, right = self._known.get(bucket, (0.0, None))
            return right if time.monotonic() < until else None, self._changes

    def keep(self, right: Right, changes: int) -> None:
        """Unless something was changed since the rows were asked: they may have been read before that."""
        with self._lock:
            if changes != self._changes:
                return
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            self._known[right.bucket] = (time.monotonic() + REMEMBERED_SECONDS, right)

    def forget(self, bucket: str) -> None:
        with self._lock:
            self._known.pop(bucket, None)
            self._changes += 1


_MEMORIES: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()
_MAKING = threading.Lock()


def memory_of(database: Database) -> Memory:
    with _MAKING:
        return _MEMORIES.setdefault(database, Memory())


class Rights:
    """What the rows say of buckets, remembered for a moment: a request asks several times."""

    def __init__(self, ctx: Platform) -> None:
        self._ctx = ctx
        self._memory = memory_of(ctx.database)

    def of(self, bucket: str) -> Right | None:
        """None for a bucket that does not exist; that is not remembered, for somebody may make it."""
        right, changes = self._memory.recall(bucket)
        if right is not None:
            return right
        right = self._read(bucket)
        if right is None and self._ctx.store.has_bucket(bucket):
            adopt(self._ctx)
            right = self._read(bucket)
        if right is not None:
            self._memory.keep(right, changes)
        return right

    def forget(self, bucket: str) -> None:
        self._memory.forget(bucket)

    def set(self, bucket: str, name: str, text: str | None) -> None:
        """Keep a setting; None removes it."""
        one = (bucket_settings.c.bucket == bucket) & (bucket_settings.c.name == name)
        with self._ctx.database.write() as rows:
            owner = rows.execute(select(buckets.c.workspace_id).where(buckets.c.name == bucket)).scalar_one()
            rows.execute(delete(bucket_settings).where(one))
            if text is not None:
                rows.execute(insert(bucket_settings).values(bucket=bucket, name=name, text=text))
            known = select(bucket_settings.c.name, bucket_settings.c.text).where(bucket_settings.c.bucket == bucket)
            settings = {row.name: row.text for row in rows.execute(known)}
            policy = Policy.PUBLIC_READ if sharing_of(bucket, owner, settings).is_public else Policy.PRIVATE
            rows.execute(update(buckets).where(buckets.c.name == bucket).values(policy=policy))
        self.forget(bucket)

    def _read(self, bucket: str) -> Right | None:
        with self._ctx.database.read() as rows:
            row = rows.execute(select(buckets).where(buckets.c.name == bucket)).one_or_none()
            if row is None:
                return None
            known = select(bucket_settings.c.name, bucket_settings.c.text).where(bucket_settings.c.bucket == bucket)
            settings = {one.name: one.text for one in rows.execute(known)}
            owner = name_of_workspace(rows, row.workspace_id) or ""
        return Right(bucket, row.workspace_id, Policy(row.policy), settings, owner)
