"""What there is to choose from: engines, flavours, and algorithms that come with the platform."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from maquette.training.dialect_v1.engines import offered_bodies
from maquette.training.dialect_v1.specs import offer_body
from maquette.training.flavours import offered
from maquette.workspaces.routes import Ctx, viewer

router = APIRouter(prefix="/v1/{project_id}", tags=["training, first generation"])


@router.get("/job/ai-engines", dependencies=viewer)
def list_engines(ctx: Ctx, job_type: str = "train") -> dict[str, Any]:
    """The engines that this machine can make. A job may name others too: every name that ModelArts printed is read."""
    return {"is_success": True, "engines": offered_bodies(ctx)}


@router.get("/job/resource-specs", dependencies=viewer)
def list_flavours(ctx: Ctx, job_type: str = "train") -> dict[str, Any]:
    machine = ctx.executor.capacity()
    specs = [offer_body(machine, flavour) for flavour in offered(machine)]
    return {"is_success": True, "specs": specs, "spec_total_count": len(specs)}


@router.get("/built-in-algorithms", dependencies=viewer)
def list_algorithms() -> dict[str, Any]:
    """None comes with the platform yet."""
    return {"is_success": True, "models": [], "model_total_count": 0}
