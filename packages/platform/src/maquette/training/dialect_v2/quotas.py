"""Quotas of training: Maquette sets none, and tells how much is used."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from maquette.kernel.errors import BadInput, Refused
from maquette.training import jobs
from maquette.training.dialect_v2.bodies import Sent
from maquette.training.listing import Query
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, owner, viewer

router = APIRouter(prefix="/v2/{project_id}/training-quotas", tags=["training"])

JOBS = "job-num"
NO_LIMIT = 1_000_000


class SentQuota(Sent):
    resource: str
    quota: int = Field(0, ge=0)


class SentQuotas(Sent):
    user_id: str = ""
    quotas: list[SentQuota] = Field(default_factory=list)


@router.get("", dependencies=viewer)
def list_quotas(ctx: Ctx, who: Who, user_id: str = "", resource: str = "") -> dict[str, Any]:
    """How many jobs there are, of as many as one likes."""
    if resource not in ("", JOBS):
        raise BadInput(f"There is no quota of '{resource}'. Use {JOBS}.", field="resource")
    _, used = jobs.list_jobs(ctx, who.workspace_id, Query(created_by=user_id, limit=1))
    return {"quotas": [{"resource": JOBS, "quota": NO_LIMIT, "used": used}]}


@router.put("", dependencies=owner)
def change_quotas(body: SentQuotas) -> dict[str, Any]:
    raise Refused("Maquette sets no quotas. The machine's cores and memory are what jobs wait for.", field="quotas")
