"""Browsers' sessions, tokens and one-time links: opened, found, closed; and guesses at passwords, slowed."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from maquette.kernel import home
from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.web.door import TooManyGuesses, Unidentified
from maquette.workspaces import secrets
from maquette.workspaces.domain import LINK_SECONDS, SESSION_SECONDS, TOKEN_SECONDS, check_password
from maquette.workspaces.sentences import say
from maquette.workspaces.table import guesses, members, sessions, users, workspaces

SECONDS = {"session": SESSION_SECONDS, "token": TOKEN_SECONDS, "link": LINK_SECONDS}
PROOF = {"session": Proof.SESSION, "token": Proof.TOKEN}
SEEN_SECONDS = 60.0
"""A session's last use is noted this often; noting each would make every read a write."""
FREE_GUESSES = 5
LONGEST_PAUSE = 900
FORGOTTEN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Caller:
    """Where a request comes from."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Opened:
    """A new session or token, its ticket told this once."""

    ticket: str
    user_id: str
    user_name: str
    workspace_id: str
    issued_at: float
    expires_at: float


def open_session(ctx: Platform, rows: Connection, user_id: str, workspace_id: str, kind: str, caller: Caller) -> Opened:
    """A session, token or link; kept as a hash only."""
    ticket, now = secrets.new_ticket(), ctx.clock()
    expires_at = now + SECONDS[kind]
    rows.execute(
        insert(sessions).values(
            hash=secrets.ticket_hash(ticket), user_id=user_id, workspace_id=workspace_id, kind=kind, created_at=now,
            expires_at=expires_at, last_seen_at=now, address=caller.address[:64], agent=caller.agent[:256],
        )
    )  # fmt: skip
    name = rows.execute(select(users.c.name).where(users.c.id == user_id)).scalar_one()
    return Opened(ticket, user_id, name, workspace_id, now, expires_at)


def sign_in(
    ctx: Platform,
    name: str,
    password: str,
    kind: str = "session",
    workspace: str | None = None,
    caller: Caller = Caller(),
) -> Opened:
    """With a name and a password; `workspace` is a name or an id, else the first the user is in.

    Raises Unidentified for whatever was wrong, and TooManyGuesses before it looks at yet another guess."""
    subjects = (f"name {name.casefold()}"[:160], f"address {caller.address}")
    check_patience(ctx, subjects)
    with ctx.database.read() as rows:
        user = rows.execute(select(users).where(users.c.name == name)).one_or_none()
    good = secrets.is_password(password, user.password_hash if user else None)
    with ctx.database.write() as rows:
        entered = find_workspace(rows, user.id, workspace) if user and good and not user.disabled else None
        if user is not None and entered is not None:
            rows.execute(delete(guesses).where(guesses.c.subject == subjects[0]))
            return open_session(ctx, rows, user.id, entered, kind, caller)
        for subject in subjects:
            count_guess(ctx, rows, subject)
    raise Unidentified


def sign_in_by_link(ctx: Platform, ticket: str, password: str, caller: Caller = Caller()) -> Opened:
    """With a one-time link: chooses the password, and is in. The link is used up by this alone."""
    hashed = secrets.ticket_hash(ticket)
    with ctx.database.read() as rows:
        link = rows.execute(
            select(sessions, users.c.name)
            .join(users, users.c.id == sessions.c.user_id)
            .where(sessions.c.hash == hashed, sessions.c.kind == "link", sessions.c.expires_at > ctx.clock())
        ).one_or_none()
    if link is None:
        raise Unidentified
    check_password(password, link.name)
    chosen = secrets.hash_password(password)
    with ctx.database.write() as rows:
        if not rows.execute(delete(sessions).where(sessions.c.hash == hashed)).rowcount:
            raise Unidentified
        rows.execute(update(users).where(users.c.id == link.user_id).values(password_hash=chosen))
        return open_session(ctx, rows, link.user_id, link.workspace_id, "session", caller)


def find_workspace(rows: Connection, user_id: str, wanted: str | None) -> str | None:
    """The id of a workspace that the user is in: the one wanted, by name or id, else the oldest."""
    mine = (
        select(workspaces.c.id)
        .join(members, members.c.workspace_id == workspaces.c.id)
        .where(members.c.user_id == user_id)
        .order_by(workspaces.c.created_at, workspaces.c.id)
        .limit(1)
    )
    if wanted is not None:
        mine = mine.where((workspaces.c.id == wanted) | (workspaces.c.name == wanted))
    found = rows.execute(mine).scalar_one_or_none()
    return None if found is None else str(found)


def who_has(ctx: Platform, ticket: str, kind: str) -> Identity | None:
    """Who shows this ticket; None where it is of no use, or no more."""
    hashed, now = secrets.ticket_hash(ticket), ctx.clock()
    with ctx.database.read() as rows:
        row = rows.execute(
            select(users.c.id, users.c.name, users.c.administrator, members.c.role, sessions)
            .join(users, users.c.id == sessions.c.user_id)
            .join(members, (members.c.user_id == users.c.id) & (members.c.workspace_id == sessions.c.workspace_id))
            .where(sessions.c.hash == hashed, sessions.c.kind == kind, sessions.c.expires_at > now, ~users.c.disabled)
        ).one_or_none()
    if row is None:
        return None
    if now - row.last_seen_at > SEEN_SECONDS:
        with ctx.database.write() as rows:
            rows.execute(update(sessions).where(sessions.c.hash == hashed).values(last_seen_at=now))
    return Identity(row.id, row.name, row.workspace_id, Role(row.role), PROOF[kind], administrator=row.administrator)


def opened_with(ctx: Platform, ticket: str, kind: str) -> Opened | None:
    """What a ticket opens; None where it is of no use, or no more."""
    with ctx.database.read() as rows:
        row = rows.execute(
            select(sessions, users.c.name)
            .join(users, users.c.id == sessions.c.user_id)
            .where(sessions.c.hash == secrets.ticket_hash(ticket), sessions.c.kind == kind)
            .where(sessions.c.expires_at > ctx.clock(), ~users.c.disabled)
        ).one_or_none()
    if row is None:
        return None
    return Opened(ticket, row.user_id, row.name, row.workspace_id, row.created_at, row.expires_at)


def enter_workspace(ctx: Platform, ticket: str, user_id: str, wanted: str) -> None:
    """From now on the session is in another workspace of its user's."""
    with ctx.database.write() as rows:
        found = find_workspace(rows, user_id, wanted)
        if found is None:
            raise NotFound(say("no_workspace", id=wanted), workspace=wanted)
        mine = (sessions.c.hash == secrets.ticket_hash(ticket)) & (sessions.c.user_id == user_id)
        rows.execute(update(sessions).where(mine).values(workspace_id=found))


def close_session(ctx: Platform, ticket: str) -> None:
    with ctx.database.write() as rows:
        rows.execute(delete(sessions).where(sessions.c.hash == secrets.ticket_hash(ticket)))


def change_token(ctx: Platform, ticket: str) -> str:
    """What a page has to send along with every change: another site can make the browser send its cookie, not this."""
    return hmac.new(home.read_secret(ctx.settings.home), f"change {ticket}".encode(), sha256).hexdigest()


def sweep(ctx: Platform) -> int:
    """Forgets sessions that have run out, and old guesses; how many sessions that were."""
    now = ctx.clock()
    with ctx.database.write() as rows:
        rows.execute(delete(guesses).where(guesses.c.last_at < now - FORGOTTEN_SECONDS))
        return rows.execute(delete(sessions).where(sessions.c.expires_at <= now)).rowcount


# ── guesses ──────────────────────────────────────────────────────────────────────────────────────


def check_patience(ctx: Platform, subjects: tuple[str, ...]) -> None:
    """After some wrong guesses each has to wait twice as long as the one before."""
    with ctx.database.read() as rows:
        found = rows.execute(select(guesses).where(guesses.c.subject.in_(subjects))).all()
    now = ctx.clock()
    wait = max((row.last_at + pause_after(row.failures) - now for row in found), default=0.0)
    if wait > 0:
        seconds = int(wait) + 1
        raise TooManyGuesses(f"Too many wrong passwords. Try again in {seconds} s.", seconds=seconds)


def pause_after(failures: int) -> float:
    return 0.0 if failures < FREE_GUESSES else min(2.0 ** (failures - FREE_GUESSES), LONGEST_PAUSE)


def count_guess(ctx: Platform, rows: Connection, subject: str) -> None:
    counted = rows.execute(
        update(guesses).where(guesses.c.subject == subject).values(failures=guesses.c.failures + 1, last_at=ctx.clock())
    )
    if not counted.rowcount:
        rows.execute(insert(guesses).values(subject=subject, failures=1, last_at=ctx.clock()))
