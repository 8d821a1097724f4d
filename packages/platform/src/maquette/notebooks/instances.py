"""ModelArts' notebooks of the first generation: /v1/{project_id}/demanager/instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.identity import Identity, Role
from maquette.notebooks import actions
from maquette.notebooks.dialect import Count, Offset, milliseconds, url_of
from maquette.notebooks.domain import DEFAULT_IMAGE, DEFAULT_LEASE_SECONDS, Notebook, Status, Wanted
from maquette.notebooks.domain import Query as Asked
from maquette.training.flavours import read_flavour
from maquette.web.door import Body, Who, needs
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx

router = APIRouter(prefix="/v1/{project_id}/demanager/instances", tags=["notebooks"])
viewer, member = [needs(Role.VIEWER)], [needs(Role.MEMBER)]
SORTS = {"name": "name", "creation_timestamp": "created_at", "latest_update_timestamp": "updated_at"}


class Location(Body):
    path: str | None = Field(default=None, max_length=1100)
    volume_size: int | None = None
    volume_unit: str | None = None


class Storage(Body):
    type: Literal["obs", "obsfs", "evs", "efs"] = "evs"
    location: Location = Location()


class AutoStop(Body):
    enable: bool = True
    duration: int = int(DEFAULT_LEASE_SECONDS)
    prompt: bool = False


class Specification(Body):
    storage: Storage = Storage()
    auto_stop: AutoStop | None = None


class NewInstance(Body):
    name: str
    profile_id: str = Field(DEFAULT_IMAGE, max_length=512)
    description: str = ""
    flavor: str = Field("", max_length=128)
    spec: Specification = Specification()


class ChangedInstance(Body):
    description: str | None = None
    spec: Specification | None = None


class Action(Body):
    action: str


@router.post("", dependencies=member)
def create_instance(ctx: Ctx, who: Who, request: Request, body: NewInstance) -> dict[str, Any]:
    """One that is started at once. A folder of a bucket as its storage is what it can be synced with."""
    storage = body.spec.storage
    stop = body.spec.auto_stop or AutoStop()
    wanted = Wanted(
        name=body.name,
        image=body.profile_id,
        description=body.description,
        flavour=body.flavor,
        folder=storage.location.path or "" if storage.type in ("obs", "obsfs") else "",
        auto_stop=stop.enable,
        lease_seconds=stop.duration,
        told={"storage": storage.model_dump(exclude_none=True)},
    )
    return instance_body(ctx, request, who, actions.create(ctx, who, wanted))


@router.get("", dependencies=viewer)
def list_instances(
    ctx: Ctx, who: Who, request: Request, offset: Offset = 0, limit: Count = 500, status: Status | None = None,
    sortby: str = "creation_timestamp", order: Literal["asc", "desc"] = "desc",
    name: Annotated[str, Query(max_length=128)] = "", show_self: bool = False,
) -> dict[str, Any]:  # fmt: skip
    if sortby not in SORTS:
        raise BadInput(calls("sort", value=sortby, known=", ".join(SORTS)), field="sortby")
    asked = Asked(name, status, who.user_id if show_self else "", SORTS[sortby], order == "desc", offset, limit)
    found, total = actions.list_all(ctx, who.workspace_id, asked)
    return {"instances": [instance_body(ctx, request, who, one) for one in found], "total_count": total}


@router.get("/{id}", dependencies=viewer)
def show_instance(ctx: Ctx, who: Who, request: Request, id: str) -> dict[str, Any]:
    return instance_body(ctx, request, who, actions.find(ctx, who.workspace_id, id))


@router.put("/{id}", dependencies=member)
def change_instance(ctx: Ctx, who: Who, request: Request, id: str, body: ChangedInstance) -> dict[str, Any]:
    """Its description, and when it stops by itself: counted from now."""
    notebook = actions.find_to_change(ctx, who, id)
    if body.spec and body.spec.auto_stop:
        stop = body.spec.auto_stop
        notebook = actions.renew(ctx, notebook, stop.duration, stop.enable)
    if body.description is not None:
        notebook = actions.change(ctx, who, notebook, replace(notebook.wanted, description=body.description))
    return instance_body(ctx, request, who, notebook)


@router.delete("/{id}", dependencies=member)
def delete_instance(ctx: Ctx, who: Who, id: str) -> dict[str, Any]:
    """With its files."""
    actions.remove(ctx, actions.find_to_change(ctx, who, id))
    return {"instance_id": id}


@router.post("/{id}/action", dependencies=member)
def act(ctx: Ctx, who: Who, id: str, body: Action) -> dict[str, Any]:
    """Starts or stops it."""
    notebook = actions.find_to_change(ctx, who, id)
    if body.action == "start":
        after = actions.start(ctx, who, notebook)
    elif body.action == "stop":
        after = actions.stop(ctx, notebook)
    else:
        raise BadInput(f"'{body.action}' cannot be done here. Use start or stop.", field="action")
    return {"current_status": str(after.status), "previous_state": str(notebook.status)}


# ── in ModelArts' words ──────────────────────────────────────────────────────────────────────────


def instance_body(ctx: Platform, request: Request, who: Identity, notebook: Notebook) -> dict[str, Any]:
    wanted = notebook.wanted
    flavour = read_flavour(wanted.flavour, ctx.executor.capacity())
    stops_at = milliseconds(notebook.ends_at) if wanted.auto_stop and notebook.goes_on else 0
    left = max(0, int(notebook.ends_at - ctx.clock())) if stops_at else 0
    return {
        "id": notebook.id, "name": notebook.name, "description": wanted.description, "status": str(notebook.status),
        "creation_timestamp": milliseconds(notebook.created_at), "workspace": {"id": "0"},
        "latest_update_timestamp": milliseconds(notebook.updated_at), "user": {"id": notebook.created_by, "name": ""},
        "profile": {"id": wanted.image, "name": wanted.image, "de_type": "Notebook", "flavor_type": "CPU"},
        "flavor": flavour.id,
        "flavor_details": {
            "name": flavour.id, "status": "onSale", "type": "GPU" if flavour.gpus else "CPU",
            "params": {"CPU": flavour.cores, "GPU": flavour.gpus, "memory": f"{flavour.memory_bytes >> 30}GiB"},
        },
        "spec": {
            "storage": wanted.told.get("storage") or {"type": "evs", "location": {}},
            "auto_stop": {
                "enable": wanted.auto_stop, "duration": int(wanted.lease_seconds), "prompt": False,
                "stop_timestamp": stops_at, "remain_time": left,
            },
            "annotations": {"target_domain": str(request.base_url), "url": url_of(ctx, request, who, notebook)},
        },
    }  # fmt: skip
