"""ModelArts' and its identity service's own calls about who is asking: tokens, projects, workspaces, authorizations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field

from maquette.kernel.clock import iso
from maquette.kernel.errors import BadInput, Refused
from maquette.kernel.identity import Role
from maquette.web.door import Body, Unidentified, Who, needs, open_to_all
from maquette.workspaces import actions, keys, sessions
from maquette.workspaces.domain import Workspace
from maquette.workspaces.identify import caller_of
from maquette.workspaces.routes import MOST, Ctx, owner, viewer, workspace_named
from maquette.workspaces.sentences import say
from maquette.workspaces.sessions import Opened

iam = APIRouter(tags=["identity"])
workspaces = APIRouter(prefix="/v1/{project_id}/workspaces", tags=["workspaces"])
authorizations = APIRouter(prefix="/v2/{project_id}", tags=["authorizations"])

DOMAIN = "maquette"


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


class Named(Body):
    name: str | None = Field(None, max_length=64)
    id: str | None = Field(None, max_length=64)


class PasswordUser(Named):
    password: str = Field(max_length=256)
    domain: Named | None = None


class PasswordMethod(Body):
    user: PasswordUser


class KeyAccess(Body):
    key: str = Field(max_length=128)


class KeyMethod(Body):
    access: KeyAccess
    secret: KeyAccess


class IdentityBody(Body):
    methods: list[str]
    password: PasswordMethod | None = None
    hw_ak_sk: KeyMethod | None = None


class ScopeBody(Body):
    project: Named | None = None
    domain: Named | None = None


class AuthBody(Body):
    identity: IdentityBody
    scope: ScopeBody | None = None


class TokenRequest(Body):
    auth: AuthBody


@iam.post("/v3/auth/tokens", status_code=201, dependencies=[open_to_all])
def make_token(request: Request, response: Response, ctx: Ctx, body: TokenRequest) -> dict[str, Any]:
    """A token of 24 hours, in the header `X-Subject-Token`; for a password, or for an access key and its secret."""
    identity = body.auth.identity
    if identity.methods == ["password"] and identity.password:
        user = identity.password.user
        project = body.auth.scope.project if body.auth.scope else None
        opened = sessions.sign_in(
            ctx, user.name or "", user.password, "token", (project.id or project.name) if project else None,
            caller_of(request),
        )  # fmt: skip
    elif identity.methods == ["hw_ak_sk"] and identity.hw_ak_sk:
        opened = keys.sign_in(ctx, identity.hw_ak_sk.access.key, identity.hw_ak_sk.secret.key, caller_of(request))
    else:
        raise BadInput("Use the method password or hw_ak_sk, with what it needs.", field="auth.identity.methods")
    response.headers["x-subject-token"] = opened.ticket
    return token_body(ctx, opened, identity.methods)


def token_body(ctx: Ctx, opened: Opened, methods: list[str]) -> dict[str, Any]:
    workspace, role = actions.find_workspace_of(ctx, opened.user_id, opened.workspace_id)
    domain = {"id": DOMAIN, "name": DOMAIN}
    return {
        "token": {
            "methods": methods,
            "issued_at": iso(opened.issued_at),
            "expires_at": iso(opened.expires_at),
            "user": {"id": opened.user_id, "name": opened.user_name, "domain": domain, "password_expires_at": ""},
            "project": {"id": workspace.id, "name": workspace.name, "domain": domain},
            "roles": [{"id": str(int(role)), "name": role.word}],
            "catalog": [],
        }
    }


@iam.get("/v3/auth/tokens", dependencies=viewer)
def check_token(response: Response, ctx: Ctx, who: Who, x_subject_token: Annotated[str, Header()]) -> dict[str, Any]:
    """What a token of one's own opens."""
    opened = sessions.opened_with(ctx, x_subject_token, "token")
    if opened is None or opened.user_id != who.user_id:
        raise Unidentified
    response.headers["x-subject-token"] = x_subject_token
    return token_body(ctx, opened, ["token"])


@iam.get("/v3/projects", dependencies=viewer)
@iam.get("/v3/auth/projects", dependencies=viewer)
def list_projects(ctx: Ctx, who: Who, name: str | None = None) -> dict[str, Any]:
    """The workspace that the key or token opens. Clients ask by a region's name, which Maquette has none of."""
    workspace, _ = actions.find_workspace_of(ctx, who.user_id, who.workspace_id)
    project = {
        "id": workspace.id, "name": name or workspace.name, "description": workspace.description, "enabled": True,
        "domain_id": DOMAIN, "parent_id": DOMAIN, "is_domain": False, "links": {},
    }  # fmt: skip
    return {"projects": [project], "links": {}}


@iam.get("/v3/auth/domains", dependencies=viewer)
def list_domains() -> dict[str, Any]:
    """There is one account: this Maquette."""
    return {"domains": [{"id": DOMAIN, "name": DOMAIN, "enabled": True}], "links": {}}


# ── workspaces ───────────────────────────────────────────────────────────────────────────────────


class NewWorkspace(Body):
    name: str
    description: str = Field("", max_length=256)
    auth_type: str = "PRIVATE"


class WorkspaceChange(Body):
    name: str | None = None
    description: str | None = Field(None, max_length=256)


def workspace_body(ctx: Ctx, workspace: Workspace) -> dict[str, Any]:
    everybody = actions.list_members(ctx, workspace.id)
    first = next(one for one in everybody if one.role is Role.OWNER)
    millis = int(workspace.created_at * 1000)
    return {
        "id": workspace.id, "name": workspace.name, "description": workspace.description, "owner": first.user_id,
        "auth_type": "PRIVATE", "enterprise_project_id": "0", "enterprise_project_name": "default",
        "create_time": millis, "update_time": millis, "status": "NORMAL", "status_info": "",
        "grants": [{"user_id": one.user_id, "user_name": one.user_name} for one in everybody],
    }  # fmt: skip


@workspaces.get("", dependencies=viewer)
def list_workspaces(
    ctx: Ctx,
    who: Who,
    offset: Annotated[int, Query(ge=0, le=MOST)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    name: str | None = None,
) -> dict[str, Any]:
    """The workspaces one is in; the id of each is a `project_id`."""
    mine = [one for one, _ in actions.my_workspaces(ctx, who.user_id) if name is None or name in one.name]
    page = mine[offset : offset + limit]
    bodies = [workspace_body(ctx, one) for one in page]
    return {"total_count": len(mine), "count": len(page), "workspaces": bodies}


@workspaces.post("", status_code=201, dependencies=[needs(Role.VIEWER, of_the_platform=True)])
def make_workspace(ctx: Ctx, who: Who, body: NewWorkspace) -> dict[str, Any]:
    return workspace_body(ctx, actions.make_workspace(ctx, who, body.name, body.description))


@workspaces.get("/{workspace_id}", dependencies=viewer)
def show_workspace(ctx: Ctx, who: Who, workspace_id: str) -> dict[str, Any]:
    return workspace_body(ctx, workspace_named(ctx, who, workspace_id)[0])


@workspaces.put("/{workspace_id}", dependencies=owner)
def change_workspace(ctx: Ctx, who: Who, workspace_id: str, body: WorkspaceChange) -> dict[str, str]:
    workspace = owned_workspace(ctx, who, workspace_id)
    actions.change_workspace(ctx, workspace.id, body.name, body.description)
    return {"workspace_id": workspace.id}


@workspaces.delete("/{workspace_id}", dependencies=owner)
def remove_workspace(ctx: Ctx, who: Who, workspace_id: str) -> dict[str, str]:
    workspace = owned_workspace(ctx, who, workspace_id)
    actions.remove_workspace(ctx, workspace.id)
    return {"workspace_id": workspace.id}


@workspaces.get("/{workspace_id}/quotas", dependencies=viewer)
def list_quotas(ctx: Ctx, who: Who, workspace_id: str) -> dict[str, Any]:
    """Maquette sets none."""
    workspace_named(ctx, who, workspace_id)
    return {"quotas": []}


def owned_workspace(ctx: Ctx, who: Who, workspace_id: str) -> Workspace:
    workspace, role = workspace_named(ctx, who, workspace_id)
    if role < Role.OWNER:
        raise Refused(say("needs_owner_role", name=workspace.name), role="owner")
    return workspace


# ── authorizations ───────────────────────────────────────────────────────────────────────────────


@authorizations.get("/authorizations", dependencies=viewer)
def list_authorizations(ctx: Ctx, who: Who) -> dict[str, Any]:
    """What ModelArts may do in a user's name: here it acts for its own users by itself, so all are authorized."""
    mine = actions.list_members(ctx, who.workspace_id)
    entries = [
        {"user_id": one.user_id, "user_name": one.user_name, "user_type": "user", "type": "agency", "content": DOMAIN}
        for one in mine
    ]
    return {"total_count": len(entries), "auth": entries}


@authorizations.post("/authorizations", dependencies=owner)
def make_authorization() -> dict[str, Any]:
    """Nothing is needed: everybody in a workspace is authorized."""
    return {}


@authorizations.delete("/authorizations", dependencies=owner)
def remove_authorization() -> dict[str, Any]:
    raise Refused("Authorizations come with membership. Take the user out of the workspace instead.")


@authorizations.post("/agency", dependencies=owner)
def make_agency() -> dict[str, str]:
    """The name of the agency in which Maquette acts."""
    return {"agency_name": DOMAIN}


routers = [iam, workspaces, authorizations]
