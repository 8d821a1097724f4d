"""What one may do about users, workspaces, keys and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Access, Identity, Proof, Role
from maquette.kernel.ids import new_id
from maquette.workspaces import secrets
from maquette.workspaces.domain import (
    LINK_SECONDS,
    MOST_KEYS,
    SESSION_SECONDS,
    TOKEN_SECONDS,
    AccessKey,
    check_password,
    check_user_name,
    check_workspace_name,
)
from maquette.workspaces.table import access_keys, members, sessions, users, workspaces

FIRST_WORKSPACE, FIRST_USER = "default", "admin"
SECONDS = {"session": SESSION_SECONDS, "token": TOKEN_SECONDS, "link": LINK_SECONDS}
NOTED_SECONDS = 60.0
"""A key's last use is noted this often; noting each would make every read a write."""


# ── the first start ──────────────────────────────────────────────────────────────────────────────


def first_start(ctx: Platform) -> None:
    """A home without users gets a workspace and its owner, who has no password yet and signs in by a link."""
    with ctx.database.write() as rows:
        if rows.execute(select(func.count()).select_from(users)).scalar_one():
            return
        user_id = add_user(rows, ctx.clock(), FIRST_USER, administrator=True)
        workspace_id = add_workspace(rows, ctx.clock(), FIRST_WORKSPACE, "")
        rows.execute(insert(members).values(workspace_id=workspace_id, user_id=user_id, role=Role.OWNER))


def owner_link(ctx: Platform) -> str | None:
    """A link's ticket for the first administrator as long as nobody has chosen a password; links before it are void."""
    with ctx.database.write() as rows:
        if rows.execute(select(users.c.id).where(users.c.password_hash.is_not(None)).limit(1)).first():
            return None
        owner = rows.execute(select(users).where(users.c.administrator).order_by(users.c.created_at).limit(1)).one()
        rows.execute(delete(sessions).where(sessions.c.user_id == owner.id, sessions.c.kind == "link"))
        return open_session(ctx, rows, owner.id, home_of(rows, owner.id), "link")


def add_user(rows: Connection, now: float, name: str, password: str | None = None, administrator: bool = False) -> str:
    check_user_name(name)
    hashed = None
    if password is not None:
        check_password(password, name)
        hashed = secrets.hash_password(password)
    values = {"id": new_id(), "name": name, "password_hash": hashed, "administrator": administrator, "created_at": now}
    try:
        rows.execute(insert(users).values(**values))
    except IntegrityError:
        raise Conflict(f"There is a user '{name}' already. Choose another name.", field="name") from None
    return str(values["id"])


def add_workspace(rows: Connection, now: float, name: str, description: str) -> str:
    check_workspace_name(name)
    workspace_id = new_id()
    try:
        rows.execute(insert(workspaces).values(id=workspace_id, name=name, description=description, created_at=now))
    except IntegrityError:
        raise Conflict(f"There is a workspace '{name}' already. Choose another name.", field="name") from None
    return workspace_id


def home_of(rows: Connection, user_id: str) -> str:
    """The workspace that a user enters first: the oldest they are in."""
    found = rows.execute(
        select(workspaces.c.id)
        .join(members, members.c.workspace_id == workspaces.c.id)
        .where(members.c.user_id == user_id)
        .order_by(workspaces.c.created_at, workspaces.c.id)
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Conflict("You are in no workspace. Ask an administrator to add you to one.")
    return str(found)


# ── sessions, tokens and links ───────────────────────────────────────────────────────────────────


def open_session(
    ctx: Platform, rows: Connection, user_id: str, workspace_id: str, kind: str, address: str = "", agent: str = ""
) -> str:
    """The ticket of a new session, token or link; kept as a hash only."""
    ticket, now = secrets.new_ticket(), ctx.clock()
    rows.execute(
        insert(sessions).values(
            hash=secrets.ticket_hash(ticket), user_id=user_id, workspace_id=workspace_id, kind=kind, created_at=now,
            expires_at=now + SECONDS[kind], last_seen_at=now, address=address[:64], agent=agent[:256],
        )
    )  # fmt: skip
    return ticket


def find_session(ctx: Platform, ticket: str, kind: str) -> Row[Any] | None:
    """The live session of a ticket."""
    with ctx.database.read() as rows:
        return live_session(ctx, rows, ticket, kind)


def live_session(ctx: Platform, rows: Connection, ticket: str, kind: str) -> Row[Any] | None:
    return rows.execute(
        select(sessions).where(
            sessions.c.hash == secrets.ticket_hash(ticket), sessions.c.kind == kind, sessions.c.expires_at > ctx.clock()
        )
    ).one_or_none()


def close_session(ctx: Platform, ticket: str) -> None:
    with ctx.database.write() as rows:
        rows.execute(delete(sessions).where(sessions.c.hash == secrets.ticket_hash(ticket)))


def sweep(ctx: Platform) -> int:
    """Forgets what has run out; how much that was."""
    with ctx.database.write() as rows:
        return rows.execute(delete(sessions).where(sessions.c.expires_at <= ctx.clock())).rowcount


# ── access keys ──────────────────────────────────────────────────────────────────────────────────


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
    """A new key and its secret, which is told this once. `seconds` is how long it lives."""
    now, access, secret = ctx.clock(), secrets.new_access(), secrets.new_secret()
    if seconds is not None and seconds <= 0:
        raise BadInput("A key lives for more than 0 seconds.", field="seconds")
    encrypted = secrets.encrypt(home.read_secret(ctx.settings.home), secret, access)
    with ctx.database.write() as rows:
        own = (access_keys.c.user_id == user_id) & access_keys.c.buckets.is_(None)
        count = rows.execute(select(func.count()).select_from(access_keys).where(own)).scalar_one()
        if buckets is None and count >= MOST_KEYS:
            raise Conflict(f"You have {MOST_KEYS} access keys. Delete one that is not used any more.", limit=MOST_KEYS)
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
        gone = rows.execute(
            delete(access_keys).where(access_keys.c.access == access, access_keys.c.user_id == user_id)
        ).rowcount
    if not gone:
        raise NotFound(f"You have no access key '{access}'.", access=access)


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


def key_of(row: Row[Any]) -> AccessKey:
    return AccessKey(
        row.access, row.user_id, row.workspace_id, row.description, scope_of(row.buckets), row.created_at,
        row.expires_at, row.last_used_at, row.disabled,
    )  # fmt: skip


def scope_of(buckets: Mapping[str, str] | None) -> Mapping[str, Access] | None:
    return None if buckets is None else {name: Access(what) for name, what in buckets.items()}
