"""How HTTP reaches users, workspaces, keys and sessions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from maquette.kernel.context import Platform
from maquette.kernel.identity import Role
from maquette.web.door import Who, needs, open_to_all
from maquette.workspaces import actions
from maquette.workspaces.domain import AccessKey

health = APIRouter()
keys = APIRouter(prefix="/maquette/{project_id}/access-keys")
routers = [health, keys]


class NewKey(BaseModel):
    description: str = ""


class Key(BaseModel):
    access: str
    description: str
    created_at: float
    last_used_at: float | None
    secret: str | None = None


def key_body(key: AccessKey, secret: str | None = None) -> Key:
    return Key(
        access=key.access, description=key.description, created_at=key.created_at, last_used_at=key.last_used_at,
        secret=secret,
    )  # fmt: skip


def ctx_of(request: Request) -> Platform:
    ctx: Platform = request.app.state.ctx
    return ctx


@health.get("/health", dependencies=[open_to_all])
def tell_health(request: Request) -> dict[str, str]:
    """Whether the server answers and reaches its rows."""
    with ctx_of(request).database.read() as rows:
        rows.exec_driver_sql("SELECT 1")
    return {"status": "ok"}


@keys.post("", status_code=201, dependencies=[needs(Role.VIEWER)])
def make_key(request: Request, who: Who, body: NewKey) -> Key:
    """A new access key; its secret is told this once."""
    return key_body(*actions.make_key(ctx_of(request), who.user_id, who.workspace_id, body.description))


@keys.get("", dependencies=[needs(Role.VIEWER)])
def list_keys(request: Request, who: Who) -> list[Key]:
    return [key_body(key) for key in actions.list_keys(ctx_of(request), who.user_id)]


@keys.delete("/{access}", status_code=204, dependencies=[needs(Role.VIEWER)])
def remove_key(request: Request, who: Who, access: str) -> None:
    actions.remove_key(ctx_of(request), who.user_id, access)
