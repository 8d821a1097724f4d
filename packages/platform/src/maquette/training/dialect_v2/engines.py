"""Engines and flavours as the second generation lists them."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.home import free_bytes
from maquette.kernel.ports import Capacity
from maquette.training.engines import Offered, offered
from maquette.training.flavours import GB, Flavour, read_flavour
from maquette.training.flavours import offered as offered_flavours
from maquette.workspaces.routes import Ctx, viewer

router = APIRouter(prefix="/v2/{project_id}", tags=["training"])

FLAVOUR_TYPES = ("CPU", "GPU", "Ascend")
RUN_USER = "1000"
MOST_NODES = 16
ARCHITECTURES = {"x86_64": "x86", "aarch64": "arm"}


@router.get("/training-job-engines", dependencies=viewer)
def list_engines(ctx: Ctx) -> dict[str, Any]:
    """Every engine that can run here, by each of its names."""
    items = [offered_body(one) for one in offered(ctx)]
    return {"total": len(items), "items": items}


def offered_body(one: Offered) -> dict[str, Any]:
    """`match` and `reason` are ours: they tell what the name means on this machine."""
    image = f"maquette/{one.resolution.engine}"
    return {
        "engine_id": one.version,
        "engine_name": one.framework,
        "engine_version": one.version,
        "v1_compatible": one.first_generation,
        "run_user": "" if one.first_generation else RUN_USER,
        "image_info": {
            "cpu_image_url": image,
            "gpu_image_url": image,
            "image_version": f"{one.resolution.engine}-python{one.resolution.python_version}",
        },
        "match": str(one.resolution.match),
        "reason": one.resolution.reason,
    }


def engine_body(engine: str, sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a job or an algorithm tells of its engine: as it was sent, with every field filled."""
    given = {"engine_id": "", "engine_name": "", "engine_version": "", "image_url": "", **(sent or {})}
    return {
        **given,
        "engine_id": given["engine_id"] or engine,
        "engine_version": given["engine_version"] or engine,
        "engine_name": given["engine_name"] or engine.partition("-")[0].partition("_")[0],
    }


# ── flavours ─────────────────────────────────────────────────────────────────────────────────────


@router.get("/training-job-flavors", dependencies=viewer)
def list_flavours(ctx: Ctx, flavor_type: Annotated[str, Query()] = "") -> dict[str, Any]:
    """What this machine offers; `flavor_type` is CPU, GPU or Ascend, of which there are none."""
    wanted = {one.lower(): one for one in FLAVOUR_TYPES}.get(flavor_type.lower(), "")
    if flavor_type and not wanted:
        told = f"'{flavor_type}' is no type of flavours. Use {', '.join(FLAVOUR_TYPES)}."
        raise BadInput(told, field="flavor_type")
    machine = Machine(ctx)
    bodies = [flavour_body(one, machine) for one in offered_flavours(machine.capacity)]
    shown = [body for body in bodies if not wanted or body["flavor_type"] == wanted]
    return {"total_count": len(shown), "flavors": shown}


@router.get("/training-pool-flavors", dependencies=viewer)
def show_most(ctx: Ctx, flavor_id: str = "", pool_id: str = "") -> dict[str, Any]:
    """The most that one job can have of a flavour: this machine is the only pool."""
    flavour = read_flavour(flavor_id, ctx.executor.capacity())
    return {"cpu_core_num": flavour.cores, "mem_size": int(flavour.memory_bytes // GB)}


class Machine:
    """What this machine has, asked once for many answers."""

    def __init__(self, ctx: Platform) -> None:
        self.capacity = ctx.executor.capacity()
        self.disk_gb = free_bytes(ctx.settings.home.path) // GB


def flavour_body(flavour: Flavour, machine: Machine) -> dict[str, Any]:
    kind = "GPU" if flavour.gpus else "CPU"
    nodes = most_nodes(flavour, machine.capacity)
    memory = round(flavour.memory_bytes / GB)
    name = f"{kind}: {flavour.cores} cores, {memory} GB" + (f", {flavour.gpus} GPU" if flavour.gpus else "")
    info: dict[str, Any] = {
        "max_num": nodes,
        "cpu": {"arch": ARCHITECTURES.get(platform.machine(), platform.machine()), "core_num": flavour.cores},
        "memory": {"size": memory, "unit": "GB"},
        "disk": {"size": machine.disk_gb, "unit": "GB"},
    }
    if flavour.gpus:
        info["gpu"] = {"unit_num": flavour.gpus, "product_name": "NVIDIA", "memory": ""}
    return {
        "flavor_id": flavour.id,
        "flavor_name": name,
        "pool_id": "",
        "flavor_type": kind,
        "max_num": nodes,
        "support_engines": "[]",
        "support_groups": "public",
        "billing": {"code": flavour.id, "unit_num": 0},
        "flavor_info": info,
        "attributes": {},
    }


def most_nodes(flavour: Flavour, machine: Capacity) -> int:
    """Nodes share this machine: GPUs are each one's own, cores and memory are divided."""
    return max(1, min(MOST_NODES, machine.gpus // flavour.gpus if flavour.gpus else machine.cores))
