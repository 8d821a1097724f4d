"""What one may do about users, workspaces and who is in them, and what was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity, Role
from maquette.kernel.ids import new_id
from maquette.workspaces import secrets
from maquette.workspaces.domain import (
    LANGUAGES,
    THEMES,
    AuditEntry,
    Member,
    User,
    Workspace,
    check_password,
    check_user_name,
    check_workspace_name,
)
from maquette.workspaces.sentences import say
from maquette.workspaces.sessions import Caller, find_workspace, open_session
from maquette.workspaces.table import access_keys, audit, members, sessions, users, workspaces

FIRST_WORKSPACE, FIRST_USER = "default", "admin"


# ── the first start ──────────────────────────────────────────────────────────────────────────────


def first_start(ctx: Platform) -> None:
    """A home without users gets a workspace and its owner, who has no password yet and signs in by a link."""
    with ctx.database.write() as rows:
        if rows.execute(select(func.count()).select_from(users)).scalar_one():
            return
        user_id = add_user(rows, ctx.clock(), FIRST_USER, administrator=True)
        workspace_id = add_workspace(rows, ctx.clock(), FIRST_WORKSPACE)
        rows.execute(insert(members).values(workspace_id=workspace_id, user_id=user_id, role=Role.OWNER))


def owner_link(ctx: Platform) -> str | None:
    """A link's ticket for the first administrator as long as nobody has chosen a password; those before it are void."""
    with ctx.database.write() as rows:
        if rows.execute(select(users.c.id).where(users.c.password_hash.is_not(None)).limit(1)).first():
            return None
        owner = first_administrator(rows)
        return new_link(ctx, rows, owner.id)


def first_administrator(rows: Connection) -> Row[Any]:
    return rows.execute(select(users).where(users.c.administrator).order_by(users.c.created_at).limit(1)).one()


def owner_of_all(ctx: Platform) -> tuple[str, str]:
    """The first administrator and the workspace they enter first, by their ids."""
    with ctx.database.read() as rows:
        owner = first_administrator(rows)
        return owner.id, entered_first(rows, owner.id)


def new_link(ctx: Platform, rows: Connection, user_id: str) -> str:
    """A link's ticket by which a user chooses a password; those before it are void."""
    rows.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.kind == "link"))
    return open_session(ctx, rows, user_id, entered_first(rows, user_id), "link", Caller()).ticket


def entered_first(rows: Connection, user_id: str) -> str:
    found = find_workspace(rows, user_id, None)
    if found is None:
        raise Conflict(say("in_none"))
    return found


# ── users ────────────────────────────────────────────────────────────────────────────────────────


def list_users(ctx: Platform) -> list[User]:
    with ctx.database.read() as rows:
        return [user_of(row) for row in rows.execute(select(users).order_by(users.c.name))]


def find_user(ctx: Platform, user_id: str) -> User:
    with ctx.database.read() as rows:
        row = rows.execute(select(users).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFound(say("no_user", user=user_id), user=user_id)
    return user_of(row)


def make_user(ctx: Platform, name: str, workspace_id: str, role: Role, administrator: bool = False) -> tuple[User, str]:
    """A new user in a workspace, and the ticket of the link by which they choose a password."""
    with ctx.database.write() as rows:
        user_id = add_user(rows, ctx.clock(), name, administrator)
        rows.execute(insert(members).values(workspace_id=workspace_id, user_id=user_id, role=role))
        ticket = new_link(ctx, rows, user_id)
    return find_user(ctx, user_id), ticket


def invite_again(ctx: Platform, user_id: str) -> str:
    """A link by which somebody who has lost the password chooses another."""
    find_user(ctx, user_id)
    with ctx.database.write() as rows:
        return new_link(ctx, rows, user_id)


def change_user(ctx: Platform, user_id: str, disabled: bool | None = None, administrator: bool | None = None) -> User:
    """Somebody who is disabled is out at once. One administrator at least stays."""
    wanted = {"disabled": disabled, "administrator": administrator}
    values = {name: value for name, value in wanted.items() if value is not None}
    find_user(ctx, user_id)
    with ctx.database.write() as rows:
        if values:
            rows.execute(update(users).where(users.c.id == user_id).values(values))
        left = select(func.count()).select_from(users).where(users.c.administrator, ~users.c.disabled)
        if not rows.execute(left).scalar_one():
            raise Conflict(say("last_administrator"), user=user_id)
        if disabled:
            rows.execute(delete(sessions).where(sessions.c.user_id == user_id))
    return find_user(ctx, user_id)


def change_profile(ctx: Platform, user_id: str, language: str | None = None, theme: str | None = None) -> User:
    for field, value, words in (("language", language, LANGUAGES), ("theme", theme, THEMES)):
        if value is not None and value not in words:
            raise BadInput(say("no_such_word", value=value, field=field, known=" or ".join(words)), field=field)
    values = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    if values:
        with ctx.database.write() as rows:
            rows.execute(update(users).where(users.c.id == user_id).values(values))
    return find_user(ctx, user_id)


def change_password(ctx: Platform, user_id: str, old: str, new: str) -> None:
    """Every session and token of the user ends with the old password."""
    with ctx.database.read() as rows:
        user = rows.execute(select(users).where(users.c.id == user_id)).one()
    if not secrets.is_password(old, user.password_hash):
        raise BadInput(say("old_password"), field="old_password")
    check_password(new, user.name)
    hashed = secrets.hash_password(new)
    with ctx.database.write() as rows:
        rows.execute(update(users).where(users.c.id == user_id).values(password_hash=hashed))
        rows.execute(delete(sessions).where(sessions.c.user_id == user_id))


def add_user(rows: Connection, now: float, name: str, administrator: bool = False) -> str:
    check_user_name(name)
    user_id = new_id()
    try:
        rows.execute(insert(users).values(id=user_id, name=name, administrator=administrator, created_at=now))
    except IntegrityError:
        raise Conflict(say("user_taken", name=name), field="name") from None
    return user_id


def user_of(row: Row[Any]) -> User:
    return User(
        row.id, row.name, row.administrator, row.language, row.theme, row.disabled, row.password_hash is not None,
        row.created_at,
    )  # fmt: skip


# ── workspaces ───────────────────────────────────────────────────────────────────────────────────


def my_workspaces(ctx: Platform, user_id: str) -> list[tuple[Workspace, Role]]:
    """Those a user is in, and as what; the oldest first."""
    with ctx.database.read() as rows:
        found = rows.execute(
            select(workspaces, members.c.role)
            .join(members, members.c.workspace_id == workspaces.c.id)
            .where(members.c.user_id == user_id)
            .order_by(workspaces.c.created_at, workspaces.c.id)
        )
        return [(workspace_of(row), Role(row.role)) for row in found]


def find_workspace_of(ctx: Platform, user_id: str, workspace_id: str) -> tuple[Workspace, Role]:
    """One of a user's own; those of others are not there."""
    found = next((pair for pair in my_workspaces(ctx, user_id) if pair[0].id == workspace_id), None)
    if found is None:
        raise NotFound(say("no_workspace", id=workspace_id), workspace=workspace_id)
    return found


def first_workspace(rows: Connection) -> str:
    """The id of the oldest, to which what belongs to nobody comes."""
    return str(rows.execute(select(workspaces.c.id).order_by(workspaces.c.created_at).limit(1)).scalar_one())


def name_of_workspace(rows: Connection, workspace_id: str) -> str | None:
    """None where there is none of this id."""
    return rows.execute(select(workspaces.c.name).where(workspaces.c.id == workspace_id)).scalar_one_or_none()


def make_workspace(ctx: Platform, who: Identity, name: str, description: str = "") -> Workspace:
    """A new workspace whose owner is who made it."""
    with ctx.database.write() as rows:
        workspace_id = add_workspace(rows, ctx.clock(), name, description)
        rows.execute(insert(members).values(workspace_id=workspace_id, user_id=who.user_id, role=Role.OWNER))
    return find_workspace_of(ctx, who.user_id, workspace_id)[0]


def change_workspace(ctx: Platform, workspace_id: str, name: str | None = None, description: str | None = None) -> None:
    if name is not None:
        check_workspace_name(name)
    values = {key: value for key, value in (("name", name), ("description", description)) if value is not None}
    if not values:
        return
    try:
        with ctx.database.write() as rows:
            rows.execute(update(workspaces).where(workspaces.c.id == workspace_id).values(values))
    except IntegrityError:
        raise Conflict(say("workspace_taken", name=name), field="name") from None


def remove_workspace(ctx: Platform, workspace_id: str) -> None:
    """An empty one: what it holds has to be removed first. The last one stays."""
    with ctx.database.write() as rows:
        if rows.execute(select(func.count()).select_from(workspaces)).scalar_one() == 1:
            raise Conflict(say("last_workspace"), workspace=workspace_id)
        try:
            rows.execute(delete(workspaces).where(workspaces.c.id == workspace_id))
        except DBAPIError as error:  # what still belongs to it forbids it, in the words of either database
            raise Conflict(say("not_empty"), workspace=workspace_id) from error


def add_workspace(rows: Connection, now: float, name: str, description: str = "") -> str:
    check_workspace_name(name)
    workspace_id = new_id()
    try:
        rows.execute(insert(workspaces).values(id=workspace_id, name=name, description=description, created_at=now))
    except IntegrityError:
        raise Conflict(say("workspace_taken", name=name), field="name") from None
    return workspace_id


def workspace_of(row: Row[Any]) -> Workspace:
    return Workspace(row.id, row.name, row.description, row.created_at)


# ── members ──────────────────────────────────────────────────────────────────────────────────────


def list_members(ctx: Platform, workspace_id: str) -> list[Member]:
    with ctx.database.read() as rows:
        found = rows.execute(
            select(members, users.c.name)
            .join(users, users.c.id == members.c.user_id)
            .where(members.c.workspace_id == workspace_id)
            .order_by(users.c.name)
        )
        return [Member(row.workspace_id, row.user_id, row.name, Role(row.role)) for row in found]


def set_member(ctx: Platform, workspace_id: str, user_name: str, role: Role) -> Member:
    """Takes somebody into a workspace, or gives them another role there. One owner at least stays."""
    with ctx.database.write() as rows:
        user = rows.execute(select(users).where(users.c.name == user_name)).one_or_none()
        if user is None:
            raise NotFound(say("no_user_named", name=user_name), field="user_name")
        place = (members.c.workspace_id == workspace_id) & (members.c.user_id == user.id)
        if not rows.execute(update(members).where(place).values(role=role)).rowcount:
            rows.execute(insert(members).values(workspace_id=workspace_id, user_id=user.id, role=role))
        check_owned(rows, workspace_id)
    return Member(workspace_id, user.id, user_name, role)


def remove_member(ctx: Platform, workspace_id: str, user_id: str) -> None:
    """Somebody's sessions and keys in this workspace end with their membership."""
    with ctx.database.write() as rows:
        place = (members.c.workspace_id == workspace_id) & (members.c.user_id == user_id)
        if not rows.execute(delete(members).where(place)).rowcount:
            raise NotFound(say("no_member"), user=user_id)
        check_owned(rows, workspace_id)
        for table in (sessions, access_keys):
            rows.execute(delete(table).where(table.c.workspace_id == workspace_id, table.c.user_id == user_id))


def check_owned(rows: Connection, workspace_id: str) -> None:
    owners = select(func.count()).select_from(members)
    owners = owners.where(members.c.workspace_id == workspace_id, members.c.role == Role.OWNER)
    if not rows.execute(owners).scalar_one():
        raise Conflict(say("needs_owner"), workspace=workspace_id)


# ── what was done ────────────────────────────────────────────────────────────────────────────────


def note(ctx: Platform, entry: AuditEntry) -> None:
    with ctx.database.write() as rows:
        rows.execute(
            insert(audit).values(
                at=entry.at, workspace_id=entry.workspace_id, user_name=entry.user_name, proof=entry.proof,
                address=entry.address, action=entry.action, subject=entry.subject, status=entry.status,
            )
        )  # fmt: skip


def list_audit(ctx: Platform, workspace_id: str, limit: int, before: int | None = None) -> list[AuditEntry]:
    """The newest first; `before` is the number of the last one that was seen."""
    mine = select(audit).where(audit.c.workspace_id == workspace_id).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        mine = mine.where(audit.c.id < before)
    with ctx.database.read() as rows:
        return [
            AuditEntry(
                row.at, row.workspace_id, row.user_name, row.proof, row.address, row.action, row.subject, row.status,
                row.id,
            )
            for row in rows.execute(mine)
        ]  # fmt: skip
