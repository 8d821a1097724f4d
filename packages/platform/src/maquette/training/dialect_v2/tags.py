"""Tags of training jobs: words that people sort them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from maquette.kernel.errors import BadInput
from maquette.training import jobs
from maquette.training.dialect_v2.bodies import ByTags, Tags
from maquette.training.jobs import Job
from maquette.training.sentences import say
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v2/{project_id}/modelarts-training-job", tags=["training"])

MOST_TAGS = 20
WORKSPACE = "0"

Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def has_tags(job: Job, wanted: Sequence[tuple[str, Sequence[str]]]) -> bool:
    """All of the keys, each with one of its values; without values, the key is enough."""
    mine = {tag["key"]: tag["value"] for tag in job.tags}
    return all(
        key in mine and (not any(values) or mine[key] in values) for key, values in wanted
    )  # an empty value stands for any


@router.get("/tags", dependencies=viewer)
def list_tags(ctx: Ctx, who: Who, offset: Offset = 0, limit: Limit = 1000) -> dict[str, Any]:
    """Every key that a job has, with its values."""
    found: dict[str, set[str]] = {}
    for job in jobs.all_jobs(ctx, who.workspace_id):
        for tag in job.tags:
            found.setdefault(tag["key"], set()).add(tag["value"])
    tags = [{"key": key, "values": sorted(values)} for key, values in sorted(found.items())]
    return {"tags": tags[offset : offset + limit]}


@router.get("/{job_id}/tags", dependencies=viewer)
def show_tags(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    return {"tags": list(jobs.find_job(ctx, who.workspace_id, job_id).tags)}


@router.post("/{job_id}/tags/create", dependencies=member)
def add_tags(ctx: Ctx, who: Who, job_id: str, body: Tags) -> dict[str, Any]:
    """One value for a key: the newer one stays."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    tags = {tag["key"]: tag["value"] for tag in job.tags} | {tag.key: tag.value for tag in body.tags}
    if len(tags) > MOST_TAGS:
        raise BadInput(say("tags", most=MOST_TAGS), field="tags")
    return {"tags": list(jobs.tag_job(ctx, job, as_list(tags)).tags)}


@router.delete("/{job_id}/tags/delete", status_code=204, dependencies=member)
def remove_tags(ctx: Ctx, who: Who, job_id: str, body: Tags) -> None:
    """By their keys. One that the job has not is passed over."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    gone = {tag.key for tag in body.tags}
    jobs.tag_job(ctx, job, as_list({tag["key"]: tag["value"] for tag in job.tags if tag["key"] not in gone}))


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


# ── jobs by tags ─────────────────────────────────────────────────────────────────────────────────


@router.post("/resource-instances/filter", dependencies=viewer)
def list_by_tags(ctx: Ctx, who: Who, body: ByTags, offset: Offset = 0, limit: Limit = 1000) -> dict[str, Any]:
    found = matching(ctx, who.workspace_id, body)
    resources = [
        {
            "resource_id": job.id, "resource_name": job.name, "resource_detail": {}, "workspace_id": WORKSPACE,
            "tags": list(job.tags),
        }
        for job in found[offset : offset + limit]
    ]  # fmt: skip
    return {"resources": resources, "total_count": len(found)}


@router.post("/resource-instances/count", dependencies=viewer)
def count_by_tags(ctx: Ctx, who: Who, body: ByTags) -> dict[str, int]:
    return {"total_count": len(matching(ctx, who.workspace_id, body))}


def matching(ctx: Ctx, workspace_id: str, body: ByTags) -> list[Job]:
    """Jobs with these tags, or without any; `matches` looks into their names."""
    wanted = [(one.key, one.values) for one in body.tags]
    found = [job for job in jobs.all_jobs(ctx, workspace_id) if has_tags(job, wanted)]
    if body.without_any_tag:
        found = [job for job in found if not job.tags]
    for one in body.matches:
        if one.key != "resource_name":
            raise BadInput(f"Jobs are not matched by '{one.key}'. Use resource_name.", field="matches")
        found = [job for job in found if one.value.lower() in job.name.lower()]
    return found
