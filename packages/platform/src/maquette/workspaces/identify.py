"""Who asks: found out of a token, a signature or a browser's session."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from sqlalchemy import select

from maquette.kernel.context import Platform
from maquette.kernel.identity import Identity, Proof, Role
from maquette.web.door import Identify, Unidentified
from maquette.workspaces import actions
from maquette.workspaces.table import members, users

COOKIE = "maquette-session"
SAID = "The request does not say who sends it, or not rightly. Sign in again, or check the key and its secret."

Way = Callable[[Platform, Request], Identity | None]


def identifier(ctx: Platform) -> Identify:
    def identify(request: Request, project_id: str | None) -> Identity:
        identity = next(filter(None, (way(ctx, request) for way in WAYS)), None)
        if identity is None or project_id not in (None, identity.workspace_id):
            raise Unidentified(SAID)
        return identity

    return identify


def by_token(ctx: Platform, request: Request) -> Identity | None:
    ticket = request.headers.get("x-auth-token")
    return of_session(ctx, ticket, "token", Proof.TOKEN) if ticket else None


def by_session(ctx: Platform, request: Request) -> Identity | None:
    ticket = request.cookies.get(COOKIE)
    return of_session(ctx, ticket, "session", Proof.SESSION) if ticket else None


def of_session(ctx: Platform, ticket: str, kind: str, proof: Proof) -> Identity | None:
    session = actions.find_session(ctx, ticket, kind)
    if session is None:
        return None
    with ctx.database.read() as rows:
        row = rows.execute(
            select(users.c.id, users.c.name, users.c.administrator, members.c.role)
            .join(members, members.c.user_id == users.c.id)
            .where(users.c.id == session.user_id, members.c.workspace_id == session.workspace_id, ~users.c.disabled)
        ).one_or_none()
    if row is None:
        return None
    return Identity(row.id, row.name, session.workspace_id, Role(row.role), proof, administrator=row.administrator)


WAYS: tuple[Way, ...] = (by_token, by_session)
