"""ModelArts' notebooks of the second generation: /v1/{project_id}/notebooks, its flavours, leases and images."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.identity import Identity, Role
from maquette.kernel.ports import Match
from maquette.notebooks import actions
from maquette.notebooks.domain import DEFAULT_IMAGE, DEFAULT_LEASE_SECONDS, Notebook, Status, Wanted
from maquette.notebooks.domain import Query as Asked
from maquette.runs import served
from maquette.training.flavours import Flavour, offered, read_flavour
from maquette.web.door import Body, Who, needs
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import MOST, Ctx
from maquette_sdk.sentences import told

router = APIRouter(prefix="/v1/{project_id}/notebooks", tags=["notebooks"])
images = APIRouter(prefix="/v1/{project_id}/images", tags=["notebooks"])
viewer, member = [needs(Role.VIEWER)], [needs(Role.MEMBER)]

SORTS = {
    "name": "name", "create_at": "created_at", "create_time": "created_at", "update_at": "updated_at",
    "flavor": "flavour",
}  # fmt: skip
SERVED = ("tensorboard", "jupyterlab")
"""Engines that are no kernel."""

Count = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=MOST // 1000)]
Milliseconds = Annotated[int | None, Query()]


class Volume(Body):
    category: str = "EFS"
    ownership: str = "MANAGED"
    capacity: int | None = None
    uri: str | None = None


class Lease(Body):
    duration: int = int(DEFAULT_LEASE_SECONDS * 1000)
    type: Literal["timing"] = "timing"


class Endpoint(Body):
    service: str = ""
    key_pair_names: list[str] | None = None


class NewNotebook(Body):
    name: str
    image_id: str = Field(DEFAULT_IMAGE, max_length=512)
    flavor: str = Field("", max_length=128)
    description: str | None = None
    feature: Literal["NOTEBOOK", "DEFAULT"] = "NOTEBOOK"
    volume: Volume | None = None
    duration: int | None = None
    lease: Lease | None = None
    endpoints: list[Endpoint] | None = None
    workspace_id: str | None = None
    pool_id: str | None = None


class Changes(Body):
    name: str | None = None
    image_id: str | None = Field(None, max_length=512)
    flavor: str | None = Field(None, max_length=128)
    description: str | None = None
    endpoints: list[Endpoint] | None = None


@router.get("/flavors", dependencies=viewer)
def list_flavours(
    ctx: Ctx, category: Literal["CPU", "GPU", "ASCEND"] | None = None, offset: Offset = 0, limit: Count = 100
) -> dict[str, Any]:
    """What this machine has to give."""
    found = [flavour_body(one) for one in offered(ctx.executor.capacity())]
    found = [one for one in found if category in (None, one["category"])]
    return {**page_of(found[offset : offset + limit], offset, limit, len(found)), "flavors": found}


@router.post("", status_code=201, dependencies=member)
def create_notebook(ctx: Ctx, who: Who, request: Request, body: NewNotebook) -> dict[str, Any]:
    """One that is started at once."""
    check_endpoints(body.endpoints)
    lease = body.lease.duration if body.lease else body.duration
    volume = body.volume or Volume()
    wanted = Wanted(
        name=body.name,
        image=body.image_id,
        description=body.description or "",
        flavour=body.flavor,
        folder=volume.uri or "" if volume.category in ("OBS", "OBSFS", "PFS") else "",
        lease_seconds=lease / 1000 if lease else DEFAULT_LEASE_SECONDS,
        told={"volume": volume.model_dump(), "feature": body.feature},
    )
    return notebook_body(ctx, request, who, actions.create(ctx, who, wanted))


def check_endpoints(endpoints: list[Endpoint] | None) -> None:
    if any(endpoint.key_pair_names for endpoint in endpoints or []):
        raise BadInput("Notebooks are not reached by SSH here. Leave the endpoints out.", field="endpoints")


@router.get("", dependencies=viewer)
def list_notebooks(
    ctx: Ctx, who: Who, request: Request, offset: Offset = 0, limit: Count = 100,
    name: Annotated[str, Query(max_length=128)] = "", status: Status | None = None,
    owner: Annotated[str, Query(max_length=64)] = "", sort_key: str = "create_at",
    sort_dir: Literal["ASC", "DESC", "asc", "desc"] = "DESC",
) -> dict[str, Any]:  # fmt: skip
    """One's own; with `owner` those of somebody else."""
    return listed(
        ctx, who, request, Asked(name, status, owner or who.user_id, *sorted_by(sort_key, sort_dir), offset, limit)
    )


@router.get("/all", dependencies=viewer)
def list_all_notebooks(
    ctx: Ctx, who: Who, request: Request, offset: Offset = 0, limit: Count = 100,
    name: Annotated[str, Query(max_length=128)] = "", status: Status | None = None,
    owner: Annotated[str, Query(max_length=64)] = "", sort_key: str = "create_at",
    sort_dir: Literal["ASC", "DESC", "asc", "desc"] = "DESC",
) -> dict[str, Any]:  # fmt: skip
    """Everybody's in the workspace."""
    return listed(ctx, who, request, Asked(name, status, owner, *sorted_by(sort_key, sort_dir), offset, limit))


def sorted_by(key: str, direction: str) -> tuple[str, bool]:
    if key not in SORTS:
        raise BadInput(calls("sort", value=key, known=", ".join(SORTS)), field="sort_key")
    return SORTS[key], direction.upper() == "DESC"


def listed(ctx: Platform, who: Identity, request: Request, asked: Asked) -> dict[str, Any]:
    found, total = actions.list_all(ctx, who.workspace_id, asked)
    bodies = [notebook_body(ctx, request, who, notebook) for notebook in found]
    return page_of(bodies, asked.offset, asked.limit, total)


@router.get("/{id}", dependencies=viewer)
def show_notebook(ctx: Ctx, who: Who, request: Request, id: str) -> dict[str, Any]:
    return notebook_body(ctx, request, who, actions.find(ctx, who.workspace_id, id))


@router.put("/{id}", dependencies=member)
def update_notebook(ctx: Ctx, who: Who, request: Request, id: str, body: Changes) -> dict[str, Any]:
    """Image and flavour while it is stopped, the rest at any time."""
    check_endpoints(body.endpoints)
    notebook = actions.find_to_change(ctx, who, id)
    given = {"name": body.name, "image": body.image_id, "flavour": body.flavor, "description": body.description}
    wanted = replace(notebook.wanted, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    return notebook_body(ctx, request, who, actions.change(ctx, who, notebook, wanted))


@router.delete("/{id}", dependencies=member)
def delete_notebook(ctx: Ctx, who: Who, request: Request, id: str) -> dict[str, Any]:
    """With its files."""
    notebook = actions.find_to_change(ctx, who, id)
    told = notebook_body(ctx, request, who, notebook)
    actions.remove(ctx, notebook)
    return {**told, "status": "DELETED", "url": ""}


@router.post("/{id}/start", dependencies=member)
def start_notebook(
    ctx: Ctx, who: Who, request: Request, id: str, duration: Milliseconds = None, type: Literal["timing"] = "timing"
) -> dict[str, Any]:
    notebook = actions.find_to_change(ctx, who, id)
    started = actions.start(ctx, who, notebook, None if duration is None else duration / 1000)
    return notebook_body(ctx, request, who, started)


@router.post("/{id}/stop", dependencies=member)
def stop_notebook(ctx: Ctx, who: Who, request: Request, id: str) -> dict[str, Any]:
    return notebook_body(ctx, request, who, actions.stop(ctx, actions.find_to_change(ctx, who, id)))


@router.get("/{id}/lease", dependencies=viewer)
def show_lease(ctx: Ctx, who: Who, id: str) -> dict[str, Any]:
    return lease_body(actions.find(ctx, who.workspace_id, id))


@router.patch("/{id}/lease", dependencies=member)
def renew_lease(
    ctx: Ctx, who: Who, id: str, duration: Milliseconds = None, body: Lease | None = None
) -> dict[str, Any]:
    """From now on it has this time."""
    wanted = duration if duration is not None else body.duration if body else None
    if wanted is None:
        raise BadInput("Say for how long, in milliseconds: duration=3600000 is an hour.", field="duration")
    return lease_body(actions.renew(ctx, actions.find_to_change(ctx, who, id), wanted / 1000))


@router.get("/{id}/flavors", dependencies=viewer)
def list_other_flavours(ctx: Ctx, who: Who, id: str, offset: Offset = 0, limit: Count = 100) -> dict[str, Any]:
    """Those that the notebook can be changed to."""
    actions.find(ctx, who.workspace_id, id)
    return list_flavours(ctx, None, offset, limit)


@images.get("", dependencies=viewer)
def list_images(ctx: Ctx, offset: Offset = 0, limit: Count = 100, name: str = "") -> dict[str, Any]:
    """An image is an engine; several with `&` between are one too."""
    shelves = [shelf for shelf in ctx.engines.shelves() if shelf.resolution.match is not Match.REFUSED]
    names = [shelf.engine for shelf in shelves if not shelf.engine.startswith(SERVED) and name in shelf.engine]
    found = [image_body(one) for one in names[offset : offset + limit]]
    return page_of(found, offset, limit, len(names))


# ── in ModelArts' words ──────────────────────────────────────────────────────────────────────────


def page_of(data: list[dict[str, Any]], offset: int, limit: int, total: int) -> dict[str, Any]:
    pages = max(1, -(-total // limit))
    return {"current": offset // limit, "size": len(data), "pages": pages, "total": total, "data": data}


def notebook_body(ctx: Platform, request: Request, who: Identity, notebook: Notebook) -> dict[str, Any]:
    wanted, run = notebook.wanted, notebook.run
    status = notebook.status
    volume = {key: value for key, value in wanted.told.get("volume", {}).items() if value is not None}
    failed = run is not None and status in (Status.START_FAILED, Status.ERROR)
    return {
        "id": notebook.id, "name": notebook.name, "description": wanted.description, "status": str(status),
        "flavor": wanted.flavour or read_flavour("", ctx.executor.capacity()).id, "image": image_body(wanted.image),
        "feature": wanted.told.get("feature", "NOTEBOOK"), "volume": {**volume, "mount_path": "/home/ma-user/work/"},
        "lease": lease_body(notebook), "workspace_id": "0", "url": url_of(ctx, request, who, notebook), "token": "",
        "fail_reason": run.message if run and failed else "",
        "fail_told": told(run.message) if run and failed else None, "action_progress": [], "endpoints": [],
        "user_id": notebook.created_by, "user": {"id": notebook.created_by}, "jupyter_version": "",
        "run_id": run.id if run else "", "create_at": milliseconds(notebook.created_at),
        "update_at": milliseconds(notebook.updated_at),
    }  # fmt: skip


def url_of(ctx: Platform, request: Request, who: Identity, notebook: Notebook) -> str:
    """Where its maker finds it while it runs."""
    run = notebook.run
    if run is None or run.has_ended or notebook.created_by != who.user_id:
        return ""
    return f"{served.address_of(ctx, request, run)}lab"


def lease_body(notebook: Notebook) -> dict[str, Any]:
    """It ends `duration` after `create_at`."""
    return {
        "create_at": milliseconds(notebook.leased_at), "duration": milliseconds(notebook.wanted.lease_seconds),
        "enable": notebook.wanted.auto_stop, "type": "timing", "update_at": milliseconds(notebook.updated_at),
    }  # fmt: skip


def image_body(name: str) -> dict[str, Any]:
    return {
        "id": name, "name": name, "type": "BUILD_IN", "arch": "X86_64", "status": "ACTIVE", "tag": "", "swr_path": "",
        "visibility": "PUBLIC", "dev_services": ["NOTEBOOK"], "resource_categories": ["CPU", "GPU"], "namespace": "",
        "service_type": "COMMON", "workspace_id": "0", "description": "",
    }  # fmt: skip


def flavour_body(flavour: Flavour) -> dict[str, Any]:
    gpu = {"gpu": flavour.gpus, "gpu_memory": "", "type": "GPU"} if flavour.gpus else None
    return {
        "id": flavour.id, "name": flavour.id, "arch": "X86_64", "category": "GPU" if gpu else "CPU", "gpu": gpu,
        "vcpus": flavour.cores, "memory": flavour.memory_bytes, "feature": "NOTEBOOK", "free": True, "sold_out": False,
        "storages": ["EFS"], "description": "",
    }  # fmt: skip


def milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
