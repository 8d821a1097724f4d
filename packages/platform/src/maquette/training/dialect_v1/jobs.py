"""Training jobs and their versions, as the first generation's calls make, list, stop and remove them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.identity import Identity
from maquette.runs.logs import open_log
from maquette.training import jobs
from maquette.training.dialect_v1 import bodies
from maquette.training.dialect_v1.config import Config, Id, Nulls, first_generations_words, runnable
from maquette.training.dialect_v1.states import read_statuses
from maquette.training.jobs import Job, JobVersion
from maquette.training.listing import Query as Wanted
from maquette.training.log_lines import lines_of
from maquette.training.logs import log_name
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v1/{project_id}/training-jobs", tags=["training, first generation"])

DONE = {"is_success": True}
NO_LIMIT = 1_000_000
SORTS = {
    "job_name": "name", "job_desc": "description", "create_time": "created_at", "version_count": "versions",
    "status": "status", "duration": "duration",
}  # fmt: skip
NUMBER = re.compile(r"[0-9]{1,15}")
VERSION_NAME = re.compile(r"V[0-9]{4,9}")

Page = Annotated[int, Query(ge=1, le=65_535)]
PageOrAll = Annotated[int, Query(ge=0, le=65_535)]
PerPage = Annotated[int, Query(ge=1, le=1000)]


class NewJob(Nulls):
    job_name: str
    job_desc: str = ""
    workspace_id: str = "0"
    config: Config


class NewVersion(Nulls):
    job_desc: str = ""
    config: Config
    pre_version_id: Id = ""


class JobChange(Nulls):
    job_desc: str


@router.post("", dependencies=member)
def make_job(ctx: Ctx, who: Who, body: NewJob) -> dict[str, Any]:
    """A job and its first version, unless `create_version` is false."""
    check_workspace(who, body.workspace_id)
    specification = None
    if body.config.create_version:
        specification = runnable(ctx, who.workspace_id, body.config)
    with first_generations_words():
        job = jobs.create_job(ctx, who, body.job_name, body.job_desc, specification)
    return bodies.made_body(job, jobs.latest_version(ctx, job) if specification else None)


@router.get("", dependencies=viewer)
def list_jobs(
    ctx: Ctx,
    who: Who,
    status: str = "",
    page: Page = 1,
    per_page: PerPage = 10,
    sort_by: Annotated[str, Query(alias="sortBy")] = "job_name",
    order: Annotated[str, Query(pattern="^(asc|desc)$")] = "asc",
    search_content: Annotated[str, Field(max_length=100)] = "",
    workspace_id: str = "0",
) -> dict[str, Any]:
    check_workspace(who, workspace_id)
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sortBy")
    states = read_statuses(status)
    query = Wanted(
        text=search_content, states=states or (), sort=SORTS[sort_by], descending=order == "desc",
        offset=(page - 1) * per_page, limit=per_page,
    )  # fmt: skip
    found, total = ([], 0) if states == [] else jobs.list_jobs(ctx, who.workspace_id, query)
    counts = jobs.count_versions(ctx, [job for job, _ in found])
    return {
        "is_success": True, "job_total_count": total, "job_count_limit": NO_LIMIT, "quotas": NO_LIMIT,
        "jobs": [bodies.listed_body(ctx, job, version, counts.get(job.id, 0)) for job, version in found],
    }  # fmt: skip


@router.put("/{job_id}", dependencies=member)
def describe_job(ctx: Ctx, who: Who, job_id: str, body: JobChange) -> dict[str, Any]:
    jobs.describe_job(ctx, job_named(ctx, who, job_id), body.job_desc)
    return DONE


@router.delete("/{job_id}", dependencies=member)
def remove_job(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    """With all its versions and their logs; what they have put into buckets stays."""
    jobs.remove_job(ctx, job_named(ctx, who, job_id))
    return DONE


# ── versions ─────────────────────────────────────────────────────────────────────────────────────


@router.post("/{job_id}/versions", dependencies=member)
@router.post(
    "/{job_id}/versions/", dependencies=member, include_in_schema=False
)  # so the reference's example is spelled
def make_version(ctx: Ctx, who: Who, job_id: str, body: NewVersion) -> dict[str, Any]:
    """The next version, made from an earlier one, which it names."""
    job = job_named(ctx, who, job_id)
    previous = previous_of(ctx, job, body.pre_version_id or body.config.pre_version_id)
    specification = runnable(ctx, who.workspace_id, body.config)
    with first_generations_words():
        version = jobs.create_version(ctx, who, job, specification, previous.version if previous else None)
    if body.job_desc:
        jobs.describe_job(ctx, job, body.job_desc)
    return bodies.made_body(job, version)


@router.get("/{job_id}/versions", dependencies=viewer)
def list_versions(ctx: Ctx, who: Who, job_id: str, page: PageOrAll = 0, per_page: PerPage = 10) -> dict[str, Any]:
    """The newest first; page 0 is all of them."""
    job = job_named(ctx, who, job_id)
    found = jobs.list_versions(ctx, job)
    numbers = {version.version: version.number for version in found}
    shown = found[(page - 1) * per_page : page * per_page] if page else found
    versions = [
        {
            **bodies.version_body(ctx, version, numbers),
            "system_metric_list": bodies.as_text(bodies.usage_body(ctx, version)),
        }
        for version in shown
    ]
    return {
        "is_success": True, "job_id": job.number, "job_name": job.name, "job_desc": job.description,
        "version_count": len(found), "versions": versions,
    }  # fmt: skip


@router.get("/{job_id}/versions/{version_id}", dependencies=viewer)
def show_version(ctx: Ctx, who: Who, job_id: str, version_id: str) -> dict[str, Any]:
    job = job_named(ctx, who, job_id)
    version = version_named(ctx, job, version_id)
    numbers = {one.version: one.number for one in jobs.list_versions(ctx, job)}
    return {
        "is_success": True,
        "job_id": job.number,
        "job_name": job.name,
        "job_desc": job.description,
        **bodies.version_body(ctx, version, numbers),
        "system_metric_list": bodies.usage_body(ctx, version),
    }


@router.post("/{job_id}/versions/{version_id}/stop", dependencies=member)
def stop_version(ctx: Ctx, who: Who, job_id: str, version_id: str) -> dict[str, Any]:
    jobs.stop_version(ctx, version_named(ctx, job_named(ctx, who, job_id), version_id))
    return DONE


@router.delete("/{job_id}/versions/{version_id}", dependencies=member)
def remove_version(ctx: Ctx, who: Who, job_id: str, version_id: str) -> dict[str, Any]:
    job = job_named(ctx, who, job_id)
    jobs.remove_version(ctx, job, version_named(ctx, job, version_id))
    return DONE


# ── logs ─────────────────────────────────────────────────────────────────────────────────────────


@router.get("/{job_id}/versions/{version_id}/log/file-names", dependencies=viewer)
def list_logs(ctx: Ctx, who: Who, job_id: str, version_id: str) -> dict[str, Any]:
    """One file for each node."""
    version = version_named(ctx, job_named(ctx, who, job_id), version_id)
    return {"is_success": True, "log_file_list": [log_name(run, version, version.job_id) for run in version.runs]}


@router.get("/{job_id}/versions/{version_id}/aom-log", dependencies=viewer)
def read_log(
    ctx: Ctx,
    who: Who,
    job_id: str,
    version_id: str,
    log_file: str,
    base_line: str = "",
    lines: Annotated[int, Query(ge=0, le=500)] = 50,
    order: Annotated[str, Query(pattern="^(desc|asc|)$")] = "desc",
) -> dict[str, Any]:
    """Some lines of a log: `desc` those after `base_line`, `asc` those before it, without it the newest. Where to go on
    is told by `end_line` and `start_line`."""
    version = version_named(ctx, job_named(ctx, who, job_id), version_id)
    by_name = {log_name(run, version, version.job_id): run for run in version.runs}
    if log_file not in by_name:
        told = f"This version has no log '{log_file}'. There are: {', '.join(by_name) or 'none'}."
        raise NotFound(told, field="log_file")
    base = base_line.strip()
    if base and not NUMBER.fullmatch(base):
        raise BadInput(f"base_line: '{base}' is no position in a log. Give what an answer told.", field="base_line")
    run = by_name[log_file]
    found = lines_of(open_log(ctx, run), lines, int(base) if base else None, order != "asc", run.has_ended)
    return {
        "is_success": True, "content": found.content, "lines": found.count, "start_line": str(found.start),
        "end_line": str(found.end),
    }  # fmt: skip


# ── by name ──────────────────────────────────────────────────────────────────────────────────────


def check_workspace(who: Identity, workspace_id: str) -> None:
    """`0` is the default one; here that is the project of the path."""
    if workspace_id not in ("", "0", who.workspace_id):
        told = f"This key is for another workspace than '{workspace_id}'. Leave workspace_id out."
        raise BadInput(told, field="workspace_id")


def job_named(ctx: Platform, who: Identity, job_id: str) -> Job:
    """By its number, or by the id that the second generation gives it."""
    return jobs.find_job(ctx, who.workspace_id, int(job_id) if NUMBER.fullmatch(job_id) else job_id)


def version_named(ctx: Platform, job: Job, version_id: str) -> JobVersion:
    """By its number, its id or its name."""
    if NUMBER.fullmatch(version_id):
        return jobs.find_version(ctx, job, int(version_id))
    if version_id.startswith("V") and not VERSION_NAME.fullmatch(version_id):
        raise NotFound(f"The job '{job.name}' has no version '{version_id}'.", id=version_id)
    return jobs.find_version(ctx, job, version_id)


def previous_of(ctx: Platform, job: Job, named: int | str) -> JobVersion | None:
    """The version that the next one is made from; only a job without versions needs none."""
    if str(named):
        return version_named(ctx, job, str(named))
    if jobs.list_versions(ctx, job):
        raise BadInput("pre_version_id: name the version that this one is made from.", field="pre_version_id")
    return None
