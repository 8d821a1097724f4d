"""How HTTP reaches sessions, users, workspaces, keys and what was done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from maquette import __version__
from maquette.kernel.context import Platform
from maquette.kernel.identity import Role
from maquette.web.door import Body, Unidentified, Who, needs, open_to_all
from maquette.workspaces import actions, keys, sessions
from maquette.workspaces.domain import AccessKey, AppCode, AuditEntry, Member, User, Workspace, read_role
from maquette.workspaces.identify import COOKIE, caller_of, is_same_site
from maquette.workspaces.sessions import Opened

health = APIRouter()
session = APIRouter(prefix="/maquette/session", tags=["session"])
access_keys = APIRouter(prefix="/maquette/{project_id}/access-keys", tags=["access keys"])
app_codes = APIRouter(prefix="/maquette/{project_id}/app-codes", tags=["app codes"])
members = APIRouter(prefix="/maquette/{project_id}/members", tags=["members"])
users = APIRouter(prefix="/maquette/{project_id}/users", tags=["users"])
audit = APIRouter(prefix="/maquette/{project_id}/audit", tags=["audit"])

MOST = 1 << 53
"""Numbers beyond are none that a client has been told."""

viewer, member, owner = ([needs(role)] for role in (Role.VIEWER, Role.MEMBER, Role.OWNER))
administrator = [needs(Role.VIEWER, of_the_platform=True)]


def ctx_of(request: Request) -> Platform:
    ctx: Platform = request.app.state.ctx
    return ctx


Ctx = Annotated[Platform, Depends(ctx_of)]


@health.get("/health", dependencies=[open_to_all])
def tell_health(ctx: Ctx) -> dict[str, str]:
    """Whether the server answers and reaches its rows."""
    with ctx.database.read() as rows:
        rows.exec_driver_sql("SELECT 1")
    return {"status": "ok"}


class About(BaseModel):
    version: str
    store_port: int


@health.get("/maquette/about", dependencies=[open_to_all])
def tell_about(request: Request) -> About:
    """What clients have to know before they sign in: where the object store listens."""
    return About(version=__version__, store_port=request.app.state.store_port)


@health.get("/maquette/openapi.json", dependencies=[open_to_all])
def tell_calls(request: Request) -> dict[str, Any]:
    """Every call there is, as OpenAPI."""
    return request.app.openapi()  # type: ignore[no-any-return]


# ── the browser's session ────────────────────────────────────────────────────────────────────────


class Credentials(Body):
    name: str = Field(max_length=64)
    password: str = Field(max_length=256)
    workspace: str | None = Field(None, max_length=64)


class LinkCredentials(Body):
    link: str = Field(max_length=128)
    password: str = Field(max_length=256)


class SessionBody(BaseModel):
    """`change_token` goes with every change, in the header `X-Change-Token`."""

    user_id: str
    user_name: str
    project_id: str
    role: str
    administrator: bool
    language: str
    theme: str
    change_token: str
    workspaces: list[dict[str, str]]


@session.post("", status_code=204, dependencies=[open_to_all])
def sign_in(request: Request, response: Response, ctx: Ctx, body: Credentials) -> None:
    """Signs a browser in: its session is a cookie that scripts cannot read."""
    refuse_other_sites(request)
    opened = sessions.sign_in(ctx, body.name, body.password, "session", body.workspace, caller_of(request))
    give_cookie(request, response, opened)


@session.post("/link", status_code=204, dependencies=[open_to_all])
def sign_in_by_link(request: Request, response: Response, ctx: Ctx, body: LinkCredentials) -> None:
    """Signs a browser in by a one-time link and chooses the password."""
    refuse_other_sites(request)
    give_cookie(request, response, sessions.sign_in_by_link(ctx, body.link, body.password, caller_of(request)))


@session.get("", dependencies=viewer)
def tell_session(request: Request, ctx: Ctx, who: Who) -> SessionBody:
    """Who is signed in, and where they may go."""
    user, ticket = actions.find_user(ctx, who.user_id), request.cookies.get(COOKIE, "")
    mine = actions.my_workspaces(ctx, who.user_id)
    return SessionBody(
        user_id=user.id, user_name=user.name, project_id=who.workspace_id, role=who.role.word,
        administrator=user.administrator, language=user.language, theme=user.theme,
        change_token=sessions.change_token(ctx, ticket) if ticket else "",
        workspaces=[{"id": one.id, "name": one.name, "role": role.word} for one, role in mine],
    )  # fmt: skip


@session.delete("", status_code=204, dependencies=viewer)
def sign_out(request: Request, response: Response, ctx: Ctx) -> None:
    sessions.close_session(ctx, request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE)


class Profile(Body):
    language: str | None = None
    theme: str | None = None


@session.put("/profile", status_code=204, dependencies=viewer)
def change_profile(ctx: Ctx, who: Who, body: Profile) -> None:
    actions.change_profile(ctx, who.user_id, body.language, body.theme)


class Entering(Body):
    workspace: str = Field(max_length=64)


@session.put("/workspace", status_code=204, dependencies=viewer)
def enter_workspace(request: Request, ctx: Ctx, who: Who, body: Entering) -> None:
    """Takes the browser's session to another workspace of one's own, by name or id."""
    sessions.enter_workspace(ctx, request.cookies.get(COOKIE, ""), who.user_id, body.workspace)


class Passwords(Body):
    old_password: str = Field(max_length=256)
    new_password: str = Field(max_length=256)


@session.put("/password", status_code=204, dependencies=viewer)
def change_password(ctx: Ctx, who: Who, body: Passwords) -> None:
    """Ends every session of the user."""
    actions.change_password(ctx, who.user_id, body.old_password, body.new_password)


def refuse_other_sites(request: Request) -> None:
    """Else another site could sign a browser in as somebody else."""
    if not is_same_site(request):
        raise Unidentified


def give_cookie(request: Request, response: Response, opened: Opened) -> None:
    response.set_cookie(
        COOKIE, opened.ticket, max_age=int(opened.expires_at - opened.issued_at), httponly=True, samesite="lax",
        secure=request.app.state.secure,
    )  # fmt: skip


# ── access keys and app codes ────────────────────────────────────────────────────────────────────


class NewKey(Body):
    description: str = Field("", max_length=200)


class KeyChange(Body):
    disabled: bool


class Key(BaseModel):
    """`secret` is told once, when the key is made."""

    access: str
    description: str
    created_at: float
    last_used_at: float | None
    disabled: bool
    secret: str | None = None


def key_body(key: AccessKey, secret: str | None = None) -> Key:
    return Key(
        access=key.access, description=key.description, created_at=key.created_at, last_used_at=key.last_used_at,
        disabled=key.disabled, secret=secret,
    )  # fmt: skip


@access_keys.post("", status_code=201, dependencies=viewer)
def make_key(ctx: Ctx, who: Who, body: NewKey) -> Key:
    return key_body(*keys.make_key(ctx, who.user_id, who.workspace_id, body.description))


@access_keys.get("", dependencies=viewer)
def list_keys(ctx: Ctx, who: Who) -> list[Key]:
    return [key_body(key) for key in keys.list_keys(ctx, who.user_id)]


@access_keys.put("/{access}", status_code=204, dependencies=viewer)
def change_key(ctx: Ctx, who: Who, access: str, body: KeyChange) -> None:
    keys.disable_key(ctx, who.user_id, access, body.disabled)


@access_keys.delete("/{access}", status_code=204, dependencies=viewer)
def remove_key(ctx: Ctx, who: Who, access: str) -> None:
    keys.remove_key(ctx, who.user_id, access)


class NewAppCode(Body):
    name: str


class AppCodeBody(BaseModel):
    """`code` is told once, when it is made."""

    id: str
    name: str
    created_at: float
    last_used_at: float | None
    code: str | None = None


def app_code_body(made: AppCode, code: str | None = None) -> AppCodeBody:
    return AppCodeBody(
        id=made.id, name=made.name, created_at=made.created_at, last_used_at=made.last_used_at, code=code
    )


@app_codes.post("", status_code=201, dependencies=member)
def make_app_code(ctx: Ctx, who: Who, body: NewAppCode) -> AppCodeBody:
    return app_code_body(*keys.make_app_code(ctx, who.workspace_id, body.name))


@app_codes.get("", dependencies=viewer)
def list_app_codes(ctx: Ctx, who: Who) -> list[AppCodeBody]:
    return [app_code_body(made) for made in keys.list_app_codes(ctx, who.workspace_id)]


@app_codes.delete("/{id}", status_code=204, dependencies=member)
def remove_app_code(ctx: Ctx, who: Who, id: str) -> None:
    keys.remove_app_code(ctx, who.workspace_id, id)


# ── members and users ────────────────────────────────────────────────────────────────────────────


class NewMember(Body):
    user_name: str
    role: str


class MemberBody(BaseModel):
    user_id: str
    user_name: str
    role: str


def member_body(one: Member) -> MemberBody:
    return MemberBody(user_id=one.user_id, user_name=one.user_name, role=one.role.word)


@members.get("", dependencies=viewer)
def list_members(ctx: Ctx, who: Who) -> list[MemberBody]:
    return [member_body(one) for one in actions.list_members(ctx, who.workspace_id)]


@members.put("", dependencies=owner)
def set_member(ctx: Ctx, who: Who, body: NewMember) -> MemberBody:
    return member_body(actions.set_member(ctx, who.workspace_id, body.user_name, read_role(body.role)))


@members.delete("/{user_id}", status_code=204, dependencies=owner)
def remove_member(ctx: Ctx, who: Who, user_id: str) -> None:
    actions.remove_member(ctx, who.workspace_id, user_id)


class NewUser(Body):
    name: str
    role: str = "member"
    administrator: bool = False


class UserChange(Body):
    disabled: bool | None = None
    administrator: bool | None = None


class UserBody(BaseModel):
    """`link` is the ticket of a one-time link, told once; it stands behind `/sign-in#`."""

    id: str
    name: str
    administrator: bool
    disabled: bool
    has_password: bool
    created_at: float
    link: str | None = None


def user_body(user: User, link: str | None = None) -> UserBody:
    return UserBody(
        id=user.id, name=user.name, administrator=user.administrator, disabled=user.disabled,
        has_password=user.has_password, created_at=user.created_at, link=link,
    )  # fmt: skip


@users.get("", dependencies=administrator)
def list_users(ctx: Ctx) -> list[UserBody]:
    return [user_body(user) for user in actions.list_users(ctx)]


@users.post("", status_code=201, dependencies=administrator)
def make_user(ctx: Ctx, who: Who, body: NewUser) -> UserBody:
    role = read_role(body.role)
    return user_body(*actions.make_user(ctx, body.name, who.workspace_id, role, body.administrator))


@users.put("/{user_id}", dependencies=administrator)
def change_user(ctx: Ctx, user_id: str, body: UserChange) -> UserBody:
    return user_body(actions.change_user(ctx, user_id, body.disabled, body.administrator))


@users.post("/{user_id}/link", status_code=201, dependencies=administrator)
def invite_again(ctx: Ctx, user_id: str) -> UserBody:
    ticket = actions.invite_again(ctx, user_id)
    return user_body(actions.find_user(ctx, user_id), ticket)


# ── what was done ────────────────────────────────────────────────────────────────────────────────


class AuditBody(BaseModel):
    number: int
    at: float
    user_name: str
    proof: str
    address: str
    action: str
    subject: str
    status: int


def audit_body(one: AuditEntry) -> AuditBody:
    return AuditBody(
        number=one.number, at=one.at, user_name=one.user_name, proof=one.proof, address=one.address,
        action=one.action, subject=one.subject, status=one.status,
    )  # fmt: skip


@audit.get("", dependencies=owner)
def list_audit(
    ctx: Ctx,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> list[AuditBody]:
    """Changes in this workspace, the newest first; `before` is the number of the last one seen."""
    return [audit_body(one) for one in actions.list_audit(ctx, who.workspace_id, limit, before)]


def workspace_named(ctx: Platform, who: Who, workspace_id: str) -> tuple[Workspace, Role]:
    """`0` stands for the workspace of the path, as in ModelArts."""
    return actions.find_workspace_of(ctx, who.user_id, who.workspace_id if workspace_id == "0" else workspace_id)


routers = [health, session, access_keys, app_codes, members, users, audit]
