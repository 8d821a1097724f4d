"""ModelArts' calls about services: deploy, list, show, change, start, stop, remove, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, Refused
from maquette.runs.usage import usage
from maquette.services import batches, registry, tags
from maquette.services.counts import save_counts
from maquette.services.deployment import InferType, Instance, Service, Status, Target, Wanted
from maquette.services.deployment import Query as Asked
from maquette.services.dialect_bodies import (
    SentChange,
    SentService,
    Standing,
    batch_asked,
    detail_body,
    event_body,
    milliseconds,
    short_body,
    stop_hours_of,
    targets_of,
    update_body,
)
from maquette.services.fork import SeenByCalls
from maquette.services.infers import PREFIX
from maquette.services.sentences import say
from maquette.services.statistics import Version, versions_of
from maquette.training.flavours import GB, Flavour, offered, read_flavour
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import MOST, Ctx, member, viewer

router = APIRouter(
    prefix="/v1/{project_id}/services",
    tags=["services"],
    dependencies=[Depends(save_counts)],
    route_class=SeenByCalls,
)
pools = APIRouter(prefix="/v1/{project_id}/clusters", tags=["services"])

SORTS = {
    "publish_at": "published_at", "service_name": "name", "invocation_times": "calls", "failed_times": "failures",
    "failed_inputs": "failed_inputs",
}  # fmt: skip
STATUSES = (*map(str, Status), "stopping", "deleting", "pending", "waiting")
"""The last are ModelArts' words for what no service of Maquette is."""
EDGE = "edge"
MB = 1 << 20
SEVERAL = 100

Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Order = Literal["asc", "desc"]
Moment = Annotated[int | None, Query(ge=0, le=MOST)]
Id = Annotated[str, Path(max_length=SEVERAL * 40)]


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


@router.post("", status_code=200, dependencies=member)
def deploy(ctx: Ctx, who: Who, body: SentService) -> dict[str, Any]:
    """A service that answers calls (real-time), or works through files (batch). It is started at once; its status
    tells when it is ready."""
    check_infer_type(body.infer_type)
    description, hours = body.description or "", stop_hours_of(body.schedule)
    check_schedule(body.infer_type, hours)
    if body.infer_type == InferType.BATCH:
        made = batches.deploy(ctx, who, body.service_name, batch_asked(body.config), description)
    else:
        targets = targets_of(body.config)
        made = registry.deploy(ctx, who, body.service_name, targets, description, hours or 0.0)
    return {"service_id": made.id, "resource_ids": []}


def check_infer_type(name: str) -> None:
    if name == EDGE:
        raise Refused(say("no_edge"), field="infer_type")
    if name not in list(InferType):
        raise BadInput(say("no_infer_type", name=name, known=", ".join(InferType)), field="infer_type")


def check_schedule(infer_type: str, hours: float | None) -> None:
    if infer_type == InferType.BATCH and hours:
        raise BadInput(say("batch_schedule"), field="schedule")


@router.put("/{service_id}", dependencies=member)
def change(ctx: Ctx, who: Who, service_id: Id, body: SentChange) -> dict[str, Any]:
    """Starts or stops it, or gives it other versions, weights, numbers, variables. Where both are sent, `status` counts
    and `config` does not. What is left out stays."""
    service = registry.find(ctx, who.workspace_id, service_id)
    hours = stop_hours_of(body.schedule)
    check_schedule(service.infer_type, hours)
    config = None if body.status else body.config
    if body.status:
        start_or_stop(ctx, service, body.status)
    if service.infer_type is InferType.BATCH:
        batches.change(ctx, who, service, None if config is None else batch_asked(config), body.description)
    else:
        targets = None if config is None else targets_of(config)
        registry.change(ctx, who, service, targets, body.description, hours)
    return {}


def start_or_stop(ctx: Platform, service: Service, status: str) -> None:
    actions: Any = batches if service.infer_type is InferType.BATCH else registry
    if status == "running":
        actions.start(ctx, service)
        return
    if service.status is Status.DEPLOYING and service.wanted is Wanted.RUNNING:
        raise Conflict(
            say("being_deployed", name=service.name, workspace=service.workspace_id, id=service.id),
            id=service.id,
            status=str(service.status),
        )
    actions.stop(ctx, service)


@router.delete("/{service_id}", dependencies=member)
def remove(ctx: Ctx, who: Who, service_id: Id) -> dict[str, Any]:
    """One, or several with commas between them: all of them, or none where one is not there."""
    ids = list(dict.fromkeys(id.strip() for id in service_id.split(",")))
    for service in [registry.find(ctx, who.workspace_id, id) for id in ids]:
        registry.remove(ctx, service)
    return {}


# ── found ────────────────────────────────────────────────────────────────────────────────────────


@router.get("", dependencies=viewer)
def list_services(
    ctx: Ctx,
    who: Who,
    service_id: str = "",
    service_name: Annotated[str, Query(max_length=256)] = "",
    model_id: str = "",
    infer_type: str = "",
    status: str = "",
    offset: Offset = 0,
    limit: Limit = 1000,
    sort_by: str = "publish_at",
    order: Order = "desc",
) -> dict[str, Any]:
    """A page of services; `service_name` is part of a name, `status` one or several with commas. `offset` counts
    pages."""
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sort_by")
    query = Asked(
        name=service_name, id=service_id, model_id=model_id, infer_type=infer_type, statuses=statuses_of(status),
        sort=SORTS[sort_by], descending=order == "desc", offset=offset * limit, limit=limit,
    )  # fmt: skip
    found, total = registry.list_all(ctx, who.workspace_id, query)
    bodies = [short_body(standing) for standing in standings(ctx, found)]
    return {"services": bodies, "count": len(bodies), "total_count": total}


def statuses_of(text: str) -> list[str]:
    asked = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := [one for one in asked if one not in STATUSES]:
        raise BadInput(calls("status", value=unknown[0], known=", ".join(STATUSES)), field="status")
    return asked


def standings(ctx: Platform, found: Sequence[Service]) -> list[Standing]:
    versions, progresses = versions_of(ctx, found, {}), batches.progresses(ctx, found)
    return [Standing(service, versions[service.id], progresses.get(service.id)) for service in found]


@router.get("/specifications", dependencies=viewer)
def list_specifications(
    ctx: Ctx, infer_type: str = InferType.REAL_TIME, is_personal_cluster: bool = False, offset: Offset = 0,
    limit: Limit = 1000,
) -> dict[str, Any]:  # fmt: skip
    """The flavours that this machine has; any other name that tells cores or GPUs is taken too."""
    check_infer_type(infer_type)
    bodies = [specification_body(one) for one in offered(ctx.executor.capacity())]
    page = bodies[offset : offset + limit]
    return {"specifications": page, "count": len(page), "total_count": len(bodies)}


def specification_body(flavour: Flavour) -> dict[str, Any]:
    memory = round(flavour.memory_bytes / GB)
    gpus = f", {flavour.gpus} GPU{'s' * (flavour.gpus > 1)}" if flavour.gpus else ""
    told = f"{flavour.cores} cores, {memory} GB{gpus}"
    return {
        "specification": flavour.id, "billing_spec": flavour.id, "category": "GPU" if flavour.gpus else "CPU",
        "cpu_info": {"arch": "x86", "cpu": float(flavour.cores)}, "memory_info": {"unit": "GB", "memory": memory},
        "gpu_info": {"unit": "MB", "gpu": float(flavour.gpus), "memory": 0},
        "npu_info": {"unit": "MB", "npu": 0, "memory": 0}, "display_en": told, "display_cn": told, "is_open": True,
        "spec_status": "normal", "is_free": True, "over_quota": False, "extend_params": 1, "source_type": "",
    }  # fmt: skip


@pools.get("", dependencies=viewer)
def list_pools(ctx: Ctx, who: Who) -> dict[str, Any]:
    """There are no dedicated pools: everything shares this machine, and a `cluster_id` that is sent changes nothing."""
    return {"clusters": [], "count": 0, "total_count": 0}


@router.get("/{service_id}", dependencies=viewer)
def show(ctx: Ctx, who: Who, request: Request, service_id: Id) -> dict[str, Any]:
    """All that is known of it; `access_address` is where it takes predictions."""
    service = registry.find(ctx, who.workspace_id, service_id)
    [standing] = standings(ctx, [service])
    address = f"{str(request.base_url).rstrip('/')}{PREFIX}{service.id}"
    return detail_body(standing, registry.instances(ctx, service), address)


# ── what became of it ────────────────────────────────────────────────────────────────────────────


@router.get("/{service_id}/events", dependencies=viewer)
def list_events(
    ctx: Ctx, who: Who, service_id: Id, event_type: Literal["", "normal", "abnormal"] = "", event_info: str = "",
    start_time: Moment = None, end_time: Moment = None, offset: Offset = 0, limit: Limit = 1000,
    sort_by: Literal["occur_time"] = "occur_time", order: Order = "desc",
) -> dict[str, Any]:  # fmt: skip
    """What happened to it; `event_info` is part of a message. `offset` counts pages."""
    service = registry.find(ctx, who.workspace_id, service_id)
    found = [event_body(one) for one in registry.events(ctx, service)]
    found = [
        one
        for one in found
        if event_type in ("", one["event_type"])
        and event_info.lower() in one["event_info"].lower()
        and (start_time is None or one["occur_time"] >= start_time)
        and (end_time is None or one["occur_time"] <= end_time)
    ]
    page = (found if order == "desc" else found[::-1])[offset * limit : (offset + 1) * limit]
    return {**named(service), "events": page, "count": len(page), "total_count": len(found)}


@router.get("/{service_id}/logs", dependencies=viewer)
def list_updates(ctx: Ctx, who: Who, service_id: Id, update_time: Moment = None) -> dict[str, Any]:
    """Its changes, newest first. What its instances write is the log of their runs."""
    service = registry.find(ctx, who.workspace_id, service_id)
    found = [one for one in registry.updates(ctx, service) if update_time in (None, milliseconds(one.at))]
    return {**named(service), "logs": [update_body(one) for one in found]}


@router.get("/{service_id}/monitor", dependencies=viewer)
def monitor(ctx: Ctx, who: Who, service_id: Id, node_id: str = "") -> dict[str, Any]:
    """What its instances use now, and how its versions were called."""
    service = registry.find(ctx, who.workspace_id, service_id)
    instances = registry.instances(ctx, service)
    versions = {one.model_id: one for one in versions_of(ctx, [service], {})[service.id]}
    monitors = [monitor_body(ctx, target, versions[target.model_id], instances) for target in service.targets]
    return {
        **named(service),
        "monitors": monitors,
        "service_running_instance_count": sum(one["model_running_instance_count"] for one in monitors),
        "service_instance_count": sum(one["model_instance_count"] for one in monitors),
    }


def monitor_body(ctx: Platform, target: Target, version: Version, instances: Sequence[Instance]) -> dict[str, Any]:
    """`gpu_usage` is how many GPUs are busy; memory is in MB."""
    mine = [one for one in instances if one.key == target.key and not one.run.has_ended]
    now = [points[-1] for one in mine if (points := usage(ctx, one.run).points)]
    machine = ctx.executor.capacity()
    flavour = read_flavour(target.specification, machine)
    gpus = [gpu for point in now for gpu in point.gpus]
    return {
        "model_id": target.model_id,
        "model_name": target.model_name,
        "model_version": target.model_version,
        "invocation_times": version.count.calls,
        "failed_times": version.count.failures,
        "cpu_core_usage": round(sum(point.cpu_percent for point in now) / 100, 3),
        "cpu_core_total": float(min(flavour.cores * target.instances, machine.cores)),
        "cpu_memory_usage": sum(point.memory_bytes for point in now) // MB,
        "cpu_memory_total": min(flavour.memory_bytes * target.instances, machine.memory_bytes) // MB,
        "gpu_usage": round(sum(gpu.percent for gpu in gpus) / 100, 3),
        "gpu_total": float(flavour.gpus * target.instances),
        "gpu_memory_usage": float(sum(gpu.memory_bytes for gpu in gpus) // MB),
        "gpu_memory_total": float(sum(gpu.memory_total_bytes for gpu in gpus) // MB),
        "model_running_instance_count": version.ready,
        "model_instance_count": target.instances,
    }


def named(service: Service) -> dict[str, str]:
    return {"service_id": service.id, "service_name": service.name}


routers = [tags.router, router, pools]
