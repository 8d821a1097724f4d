"""Training jobs as the second generation's calls make, list, change, stop and remove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Param

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused
from maquette.kernel.identity import Identity
from maquette.training import experiments, jobs
from maquette.training.dialect_v2.bodies import Action, Filter, JobChange, JobsToRemove, Searched, SentJob
from maquette.training.dialect_v2.bodies import Experiment as Reference
from maquette.training.dialect_v2.phases import states_in
from maquette.training.dialect_v2.reading import specification_of
from maquette.training.dialect_v2.tags import has_tags
from maquette.training.dialect_v2.telling import Telling, detail_body, job_body
from maquette.training.experiments import Experiment
from maquette.training.jobs import Job, JobVersion
from maquette.training.listing import Query
from maquette.training.presence import check_presence
from maquette.training.sentences import say
from maquette.training.specification import check_name, check_specification
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.actions import list_members
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v2/{project_id}", tags=["training"])

SORTS = {
    "create_time": "created_at", "name": "name", "job_name": "name", "description": "description",
    "update_time": "updated_at",
}  # fmt: skip


def check_workspace(who: Identity, workspace_id: str) -> None:
    """`0` is the default one; here that is the project of the path."""
    if workspace_id not in ("", "0", who.workspace_id):
        raise BadInput(say("other_workspace", workspace_id=workspace_id), field="workspace_id")


@router.post("/training-jobs", status_code=201, dependencies=member)
def make_job(ctx: Ctx, who: Who, body: SentJob) -> dict[str, Any]:
    """A job and its first version, queued at once; nothing is kept of what is refused."""
    check_workspace(who, body.metadata.workspace_id)
    check_name(body.metadata.name, "metadata.name")
    check_new(ctx, who, body.metadata.name)
    spec = specification_of(ctx, who.workspace_id, body)
    check_specification(spec)
    check_presence(ctx, who.workspace_id, spec)
    tags = [tag.model_dump() for tag in body.tags]
    experiment = experiment_of(ctx, who, body.metadata.training_experiment_reference)
    job = jobs.create_job(ctx, who, body.metadata.name, body.metadata.description, spec, tags)
    if experiment is not None:
        experiments.put_in(ctx, experiment, job.id)
    return detail_body(Telling(ctx, [job.id]), job, jobs.latest_version(ctx, job))


def experiment_of(ctx: Platform, who: Identity, reference: Reference | None) -> Experiment | None:
    """The one with this id, or of this name, which is made where there is none."""
    if reference is None or not (reference.id or reference.name):
        return None
    if reference.id:
        return experiments.find(ctx, who.workspace_id, reference.id)
    known = experiments.named(ctx, who.workspace_id, reference.name)
    return known or experiments.create(ctx, who.workspace_id, reference.name, reference.description)


def check_new(ctx: Platform, who: Identity, name: str) -> None:
    """Told first: whoever sends a job twice has not a boot file missing."""
    if is_taken(ctx, who, name):
        raise Conflict(say("job_taken", name=name), field="metadata.name")


def is_taken(ctx: Platform, who: Identity, name: str) -> bool:
    _, count = jobs.list_jobs(ctx, who.workspace_id, Query(names=[name], limit=1))
    return count > 0


@router.get("/training-job-names", dependencies=viewer)
def check_job_name(
    ctx: Ctx, who: Who, job_name: Annotated[str, Param(max_length=256)], workspace_id: str = "0"
) -> dict[str, bool]:
    check_workspace(who, workspace_id)
    check_name(job_name, "job_name")
    return {"is_duplicate": is_taken(ctx, who, job_name)}


@router.get("/training-jobs/{job_id}", dependencies=viewer)
def show_job(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    """The job with its latest version."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    return detail_body(Telling(ctx, [job.id]), job, latest(ctx, job))


def latest(ctx: Platform, job: Job) -> JobVersion | None:
    """The newest version; the first generation may make a job without one."""
    try:
        return jobs.latest_version(ctx, job)
    except NotFound:
        return None


@router.put("/training-jobs/{job_id}", dependencies=member)
def change_job(ctx: Ctx, who: Who, job_id: str, body: JobChange) -> dict[str, Any]:
    """Changes what is said of a job. What it runs on is frozen."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    if body.spec.schedule_policy is not None:
        raise Refused(say("priority_is_set"), field="spec")
    if body.metadata.annotation or body.metadata.annotations:
        raise Refused(say("annotations_are_set"), field="metadata")
    if body.description is None:
        raise BadInput("Give a description, which may be empty.", field="description")
    jobs.describe_job(ctx, job, body.description)
    return {}


@router.post("/training-jobs/{job_id}/actions", status_code=202, dependencies=member)
def act(ctx: Ctx, who: Who, job_id: str, body: Action) -> dict[str, Any]:
    """`terminate` asks the job to stop, with time to clean up. One that has ended stays as it is."""
    if body.action_type != "terminate":
        told = f"'{body.action_type}' is nothing that a job can be asked to do. Use terminate."
        raise BadInput(told, field="action_type")
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    jobs.stop_version(ctx, jobs.latest_version(ctx, job))
    return detail_body(Telling(ctx, [job.id]), job, jobs.latest_version(ctx, job))


@router.delete("/training-jobs/{job_id}", status_code=202, dependencies=member)
def remove_job(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    """With all its versions and their logs; what they have put into buckets stays. Conflict while one runs."""
    jobs.remove_job(ctx, jobs.find_job(ctx, who.workspace_id, job_id))
    return {}


@router.post("/training-jobs/batch-delete", status_code=202, dependencies=member)
def remove_jobs(ctx: Ctx, who: Who, body: JobsToRemove) -> dict[str, Any]:
    """None is removed when one of them is not there or goes on."""
    found = [jobs.find_job(ctx, who.workspace_id, one.metadata.id) for one in body.jobs]
    for job in found:
        for version in jobs.list_versions(ctx, job):
            if not all(run.has_ended for run in version.runs):
                raise Conflict(say("job_goes_on", name=job.name), id=job.id)
    for job in found:
        jobs.remove_job(ctx, job)
    return {}


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


@router.post("/training-job-searches", dependencies=viewer)
def list_jobs(ctx: Ctx, who: Who, body: Searched) -> dict[str, Any]:
    """A page of jobs; `offset` counts pages."""
    check_workspace(who, body.workspace_id)
    query = query_of(ctx, who, body)
    found, total = jobs.list_jobs(ctx, who.workspace_id, query) if query else ([], 0)
    telling = Telling(ctx, [job.id for job, _ in found])
    return {
        "total": total,
        "count": len(found),
        "limit": body.limit,
        "offset": body.offset,
        "sort_by": body.sort_by,
        "order": body.order or "desc",
        "group_by": body.group_by,
        "workspace_id": body.workspace_id,
        "ai_project": "default-ai-project",
        "train_type": body.train_type,
        "items": [job_body(telling, job, version) for job, version in found],
    }


def query_of(ctx: Platform, who: Identity, body: Searched) -> Query | None:
    """None where nothing can match."""
    if body.sort_by and body.sort_by not in SORTS:
        raise BadInput(calls("sort", value=body.sort_by, known=", ".join(SORTS)), field="sort_by")
    query = Query(
        sort=SORTS[body.sort_by or "create_time"], descending=body.order != "asc", offset=body.offset * body.limit,
        limit=body.limit,
    )  # fmt: skip
    for one in body.filters:
        values = [str(value) for value in one.value if str(value) != ""]
        if not values:
            continue  # a filter that nobody has filled in
        narrowed = narrow(ctx, who, query, one, values)
        if narrowed is None:
            return None
        query = narrowed
    if body.tags:
        wanted = [(one.key, one.values) for one in body.tags]
        tagged = [job.id for job in jobs.all_jobs(ctx, who.workspace_id) if has_tags(job, wanted)]
        ids = in_both(query.ids, tagged)
        return replace(query, ids=ids) if ids else None
    return query


def in_both(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return [id for id in other if id in one] if one else list(other)


def narrow(ctx: Platform, who: Identity, query: Query, one: Filter, values: list[str]) -> Query | None:
    """The query with one filter more; None where nothing can match it."""
    if one.key in ("name", "job_name"):
        return by_name(query, one, values)
    if one.key in ("phase", "status", "status.phase"):
        return by_phase(query, one, values)
    if one.key == "id":
        only(one, "in", "like")
        return replace(query, ids=in_both(query.ids, values))
    if one.key in ("create_time", "created_at"):
        return replace(query, created=between(one, values))
    if one.key in ("user_name", "user_id"):
        only(one, "in", "like")
        ids: Mapping[str, str] = {user.user_name: user.user_id for user in list_members(ctx, who.workspace_id)}
        wanted = [ids.get(value, value) for value in values]
        return replace(query, creators=wanted)
    if one.key in ("description", "text"):
        only(one, "like", "in")
        return replace(query, text=values[0])
    told = f"Jobs are not filtered by '{one.key}'. Use name, phase, id, create_time, user_name or description."
    raise BadInput(told, field="filters")


def by_name(query: Query, one: Filter, values: list[str]) -> Query:
    if one.operator == "like":
        return replace(query, name_like=values[0])
    only(one, "in", "not")
    return replace(query, names=values) if one.operator == "in" else replace(query, other_names=values)


def by_phase(query: Query, one: Filter, values: list[str]) -> Query | None:
    only(one, "in", "not", "like")
    states = states_in(values)
    if one.operator == "not":
        return replace(query, other_states=states)
    if set(values) == {"Terminating"}:
        return replace(query, states=states, stopping=True)
    return replace(query, states=states) if states else None


def between(one: Filter, values: list[str]) -> tuple[float, float]:
    only(one, "between")
    if len(values) != 2 or not all(value.isdecimal() for value in values):
        told = f"The filter '{one.key}' needs two moments in milliseconds since 1970, the earlier first."
        raise BadInput(told, field="filters")
    return int(values[0]) / 1000, int(values[1]) / 1000


def only(one: Filter, *operators: str) -> None:
    if one.operator not in operators:
        told = f"The filter '{one.key}' knows {' and '.join(operators)}, not '{one.operator}'."
        raise BadInput(told, field="filters")
