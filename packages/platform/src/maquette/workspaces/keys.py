"""Access keys, which sign, and app codes, which open online services: made, found, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Access, Identity, Proof, Role
from maquette.kernel.ids import new_id
from maquette.web.door import Unidentified
from maquette.workspaces import secrets
from maquette.workspaces.domain import MOST_KEYS, AccessKey, AppCode
from maquette.workspaces.sentences import say
from maquette.workspaces.sessions import Caller, Opened, open_session
from maquette.workspaces.table import access_keys, app_codes, members, users

NOTED_SECONDS = 60.0
"""A key's last use is noted this often; noting each would make every read a write."""


@dataclass(frozen=True)
class OpenKey:
    """A key found by its access id: its secret, and who signs with it."""

    secret: str
    identity: Identity


def make_key(
    ctx: Platform,
    user_id: str,
    workspace_id: str,
    description: str = "",
    buckets: Mapping[str, Access] | None = None,
    seconds: float | None = None,
) -> tuple[AccessKey, str]:
    """A new key and its secret, which is told this once. `seconds` is how long it lives; `buckets` what it may."""
    now, access, secret = ctx.clock(), secrets.new_access(), secrets.new_secret()
    if seconds is not None and seconds <= 0:
        raise BadInput(say("key_seconds"), field="seconds")
    encrypted = secrets.encrypt(home.read_secret(ctx.settings.home), secret, access)
    with ctx.database.write() as rows:
        own = (access_keys.c.user_id == user_id) & access_keys.c.buckets.is_(None)
        count = rows.execute(select(func.count()).select_from(access_keys).where(own)).scalar_one()
        if buckets is None and count >= MOST_KEYS:
            raise Conflict(say("most_keys", most=MOST_KEYS), limit=MOST_KEYS)
        rows.execute(
            insert(access_keys).values(
                access=access, secret=encrypted, user_id=user_id, workspace_id=workspace_id, description=description,
                buckets=None if buckets is None else {name: str(what) for name, what in buckets.items()},
                created_at=now, expires_at=None if seconds is None else now + seconds,
            )
        )  # fmt: skip
        row = rows.execute(select(access_keys).where(access_keys.c.access == access)).one()
    return key_of(row), secret


def list_keys(ctx: Platform, user_id: str) -> list[AccessKey]:
    """A user's own keys, oldest first; those of runs are left out."""
    with ctx.database.read() as rows:
        found = rows.execute(
            select(access_keys)
            .where(access_keys.c.user_id == user_id, access_keys.c.buckets.is_(None))
            .order_by(access_keys.c.created_at)
        )
        return [key_of(row) for row in found]


def remove_key(ctx: Platform, user_id: str, access: str) -> None:
    with ctx.database.write() as rows:
        mine = (access_keys.c.access == access) & (access_keys.c.user_id == user_id)
        gone = rows.execute(delete(access_keys).where(mine)).rowcount
    if not gone:
        raise NotFound(say("no_key", access=access), access=access)


def disable_key(ctx: Platform, user_id: str, access: str, disabled: bool) -> None:
    """A key that is disabled opens nothing until it is enabled again."""
    with ctx.database.write() as rows:
        mine = (access_keys.c.access == access) & (access_keys.c.user_id == user_id)
        found = rows.execute(update(access_keys).where(mine).values(disabled=disabled)).rowcount
    if not found:
        raise NotFound(say("no_key", access=access), access=access)


def find_key(ctx: Platform, access: str) -> OpenKey | None:
    """A key that may be used now, by its access id."""
    with ctx.database.read() as rows:
        row = rows.execute(
            select(access_keys, users.c.name, users.c.administrator, members.c.role)
            .join(users, users.c.id == access_keys.c.user_id)
            .join(
                members,
                (members.c.user_id == access_keys.c.user_id) & (members.c.workspace_id == access_keys.c.workspace_id),
            )
            .where(access_keys.c.access == access, ~access_keys.c.disabled, ~users.c.disabled)
        ).one_or_none()
    now = ctx.clock()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at > NOTED_SECONDS:
        with ctx.database.write() as rows:
            rows.execute(update(access_keys).where(access_keys.c.access == access).values(last_used_at=now))
    identity = Identity(
        row.user_id, row.name, row.workspace_id, Role(row.role), Proof.ACCESS_KEY, access, row.administrator,
        scope_of(row.buckets),
    )  # fmt: skip
    return OpenKey(secrets.decrypt(home.read_secret(ctx.settings.home), row.secret, access), identity)


def sign_in(ctx: Platform, access: str, secret: str, caller: Caller) -> Opened:
    """A token for a key and its secret. Raises Unidentified."""
    key = find_key(ctx, access)
    if key is None or not compare_digest(key.secret.encode(), secret.encode()) or key.identity.buckets is not None:
        raise Unidentified
    with ctx.database.write() as rows:
        return open_session(ctx, rows, key.identity.user_id, key.identity.workspace_id, "token", caller)


def sweep(ctx: Platform) -> int:
    """Forgets keys that have run out; how many."""
    with ctx.database.write() as rows:
        return rows.execute(delete(access_keys).where(access_keys.c.expires_at <= ctx.clock())).rowcount


def key_of(row: Row[Any]) -> AccessKey:
    return AccessKey(
        row.access, row.user_id, row.workspace_id, row.description, scope_of(row.buckets), row.created_at,
        row.expires_at, row.last_used_at, row.disabled,
    )  # fmt: skip


def scope_of(buckets: Mapping[str, str] | None) -> Mapping[str, Access] | None:
    return None if buckets is None else {name: Access(what) for name, what in buckets.items()}


# ── app codes ────────────────────────────────────────────────────────────────────────────────────


def make_app_code(ctx: Platform, workspace_id: str, name: str) -> tuple[AppCode, str]:
    """A new code, which is told this once."""
    if not 1 <= len(name) <= 64:
        raise BadInput(say("app_code_name"), field="name")
    code, made = secrets.new_ticket(), AppCode(new_id(), workspace_id, name, ctx.clock(), None)
    with ctx.database.write() as rows:
        rows.execute(
            insert(app_codes).values(
                id=made.id, workspace_id=workspace_id, name=name, code_hash=secrets.ticket_hash(code),
                created_at=made.created_at,
            )
        )  # fmt: skip
    return made, code


def list_app_codes(ctx: Platform, workspace_id: str) -> list[AppCode]:
    with ctx.database.read() as rows:
        mine = select(app_codes).where(app_codes.c.workspace_id == workspace_id).order_by(app_codes.c.created_at)
        return [
            AppCode(row.id, row.workspace_id, row.name, row.created_at, row.last_used_at) for row in rows.execute(mine)
        ]


def remove_app_code(ctx: Platform, workspace_id: str, id: str) -> None:
    with ctx.database.write() as rows:
        mine = (app_codes.c.id == id) & (app_codes.c.workspace_id == workspace_id)
        gone = rows.execute(delete(app_codes).where(mine)).rowcount
    if not gone:
        raise NotFound(say("no_app_code", id=id), id=id)


def find_app_code(ctx: Platform, code: str) -> AppCode | None:
    """Whose code this is; noted as used."""
    with ctx.database.read() as rows:
        row = rows.execute(select(app_codes).where(app_codes.c.code_hash == secrets.ticket_hash(code))).one_or_none()
    if row is None:
        return None
    now = ctx.clock()
    if row.last_used_at is None or now - row.last_used_at > NOTED_SECONDS:
        with ctx.database.write() as rows:
            rows.execute(update(app_codes).where(app_codes.c.id == row.id).values(last_used_at=now))
    return AppCode(row.id, row.workspace_id, row.name, row.created_at, now)
