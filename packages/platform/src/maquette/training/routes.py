"""What ModelArts' second generation has no call for: versions of a job, their figures, and how they differ."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.identity import Identity
from maquette.runs import actions as runs
from maquette.runs.domain import Run, time_split
from maquette.training import analysis, jobs
from maquette.training.analysis import Page
from maquette.training.difference import difference
from maquette.training.flavours import check_flavour
from maquette.training.hints import advice_of
from maquette.training.jobs import Job, JobVersion, version_name
from maquette.training.log_links import check_link, pieces
from maquette.training.presence import check_presence
from maquette.training.results import EVALUATIONS, INSTALLED
from maquette.training.sentences import say
from maquette.training.snapshots import is_snapshot
from maquette.training.specification import SNAPSHOT, Parameter, Place, Specification, check_specification
from maquette.web.door import Body, Who, open_to_all
from maquette.workspaces.routes import Ctx, member, viewer
from maquette_sdk.sentences import read, told

versions = APIRouter(prefix="/maquette/{project_id}/training-jobs/{job_id}/versions", tags=["training"])
logs = APIRouter(prefix="/maquette/{project_id}/training-logs", tags=["training"])

Offset = Annotated[int, Query(ge=0, le=1 << 40)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def found(ctx: Platform, who: Identity, job_id: str, name: str) -> tuple[Job, JobVersion]:
    """A version by its name (`V0001`), its id, or as `latest`."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    return job, jobs.latest_version(ctx, job) if name == "latest" else jobs.find_version(ctx, job, name)


@versions.get("", dependencies=viewer)
def list_versions(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    """Every version of a job, the newest first."""
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    all_of_them = jobs.list_versions(ctx, job)
    advice = advice_of(ctx, all_of_them)
    bodies = [{**short_body(one), **advice_body(advice.get(one.id, []))} for one in all_of_them]
    return {"job_id": job.id, "name": job.name, "versions": bodies}


@versions.get("/{version}", dependencies=viewer)
def show_version(ctx: Ctx, who: Who, job_id: str, version: str) -> dict[str, Any]:
    """All that is known of a version: what it ran, on what, for how long, and what it left; `advice` are sentences
    that tell a way out of a failure that is known."""
    _, one = found(ctx, who, job_id, version)
    return {
        **short_body(one),
        **advice_body(advice_of(ctx, [one]).get(one.id, [])),
        "specification": one.specification.model_dump(mode="json", exclude={"original"}),
        "engine": dict(one.engine),
        "packages": list(one.packages),
        "installed": list(one.results.get(INSTALLED, [])),
        "results": {name: where for name, where in one.results.items() if name not in (INSTALLED, EVALUATIONS)},
        "runs": [run_body(ctx, run) for run in one.runs],
    }


def advice_body(sentences: list[str]) -> dict[str, Any]:
    return {"advice": sentences, "advice_told": [told(one) for one in sentences]}


def short_body(version: JobVersion) -> dict[str, Any]:
    """`told` is what the message is made of, for other languages."""
    return {
        "version": version.name,
        "id": version.id,
        "number": version.number,
        "previous": version_name(version.previous) if version.previous else None,
        "state": str(version.state),
        "created_at": version.created_at,
        "created_by": version.created_by,
        "code_hash": version.code_hash,
        "seed": version.specification.seed,
        "metrics": dict(version.metrics) if version.metrics else None,
        "message": version.run.message if version.run else "",
        "told": told(version.run.message) if version.run else None,
    }


def run_body(ctx: Platform, run: Run) -> dict[str, Any]:
    """`split` says how long each part of its way took; `settled` that what it left has been kept; `trial` which one of
    a search it is."""
    return {
        "id": run.id,
        "node": run.order.node,
        "trial": run.order.details.get("trial", ""),
        "state": str(run.state),
        "settled": run.settled,
        "attempt": run.attempt,
        "code": run.code,
        "cause": str(run.cause) if run.cause else None,
        "message": run.message,
        "told": told(run.message),
        "peak_memory_bytes": run.peak_memory_bytes,
        "moments": dict(run.moments),
        "split": time_split(run.moments, ctx.clock()),
    }


@versions.get("/{version}/metrics", dependencies=viewer)
def show_metrics(ctx: Ctx, who: Who, job_id: str, version: str) -> dict[str, Any]:
    """The figures of the `metric.json` that the script left in an output, or what is wrong with it."""
    _, one = found(ctx, who, job_id, version)
    problem = read(one.results.get("metric_problem"))
    return {
        "version": one.name,
        "metrics": dict(one.metrics) if one.metrics else None,
        "file": one.results.get("metric.json"),
        "problem": problem or None,
        "problem_told": told(problem),
    }


@versions.get("/{version}/analysis", dependencies=viewer)
def list_sections(ctx: Ctx, who: Who, job_id: str, version: str, evaluation: str = "") -> dict[str, Any]:
    """What the analysis files of an evaluation hold, where the script left any; of several that lie in folders of
    their own, the one of this name."""
    job, one = found(ctx, who, job_id, version)
    shown = analysis.evaluation(job.workspace_id, one, evaluation)
    names = list(analysis.evaluations(one))
    return {
        "version": one.name,
        "evaluations": names,
        "files": dict(shown.files),
        "sections": analysis.sections(ctx, shown),
    }


@versions.get("/{version}/analysis/{section}", dependencies=viewer)
def show_section(
    ctx: Ctx,
    who: Who,
    job_id: str,
    version: str,
    section: str,
    evaluation: str = "",
    language: Annotated[str, Query(pattern="^(en-us|zh-cn)$")] = "en-us",
    offset: Offset = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """One part of the report, or a page of `all_samples` or `predictions`."""
    job, one = found(ctx, who, job_id, version)
    shown = analysis.evaluation(job.workspace_id, one, evaluation)
    return analysis.section(ctx, shown, section, language, Page(offset, limit))


@versions.get("/{version}/difference", dependencies=viewer)
def show_difference(
    ctx: Ctx, who: Who, job_id: str, version: str, other: Annotated[str, Query(alias="with")]
) -> dict[str, Any]:
    """What this version has not in common with another one."""
    job, one = found(ctx, who, job_id, version)
    against = jobs.find_version(ctx, job, other)
    return {"version": one.name, "with": against.name, **difference(ctx, one, against)}


# ── again ────────────────────────────────────────────────────────────────────────────────────────


class Changes(Body):
    """What the next version does otherwise than the one it is made `from` (the newest unless named). Without changes
    it runs the very same code again; `code` is a folder in a bucket. Parameters, inputs and outputs are by name, and
    null takes one away; so do 0 `seconds`, an empty `log` and an empty `search`."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    origin: str = Field("latest", alias="from")
    code: str | None = None
    boot_file: str | None = None
    engine: str | None = None
    parameters: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    inputs: dict[str, str | None] = Field(default_factory=dict)
    outputs: dict[str, str | None] = Field(default_factory=dict)
    environment: dict[str, str | None] = Field(default_factory=dict)
    flavour: str | None = None
    nodes: int | None = Field(None, ge=1, le=16)
    seconds: float | None = Field(None, ge=0)
    priority: int | None = Field(None, ge=1, le=3)
    restarts: int | None = Field(None, ge=0, le=128)
    log: str | None = None
    search: dict[str, Any] | None = None


PLAIN = ("code", "boot_file", "engine", "flavour", "nodes", "priority", "restarts", "log")


@versions.post("", status_code=201, dependencies=member)
def make_version(ctx: Ctx, who: Who, job_id: str, body: Changes) -> dict[str, Any]:
    """Runs a version again, the same or with changes, as the job's next one."""
    job, origin = found(ctx, who, job_id, body.origin)
    spec = changed(origin, body)
    check_flavour(body.flavour or "", ctx.executor.capacity(), "flavour")
    check_specification(spec)
    check_presence(ctx, who.workspace_id, spec)
    return short_body(jobs.create_version(ctx, who, job, spec, origin.version))


def changed(origin: JobVersion, body: Changes) -> Specification:
    """What the origin ran, with the changes; unless told otherwise, on the code that it ran on."""
    spec = origin.specification
    values: dict[str, Any] = {name: getattr(body, name) for name in PLAIN if getattr(body, name) is not None}
    if body.code is None and not is_snapshot(spec.code) and origin.code_hash:
        values |= {"code": f"{SNAPSHOT}{origin.code_hash}", "code_name": spec.folder_name}
    if body.code is not None:
        values["code_name"] = ""
    parameters = with_changes({one.name: one.value for one in spec.parameters}, body.parameters)
    values["parameters"] = tuple(Parameter(name=name, value=value) for name, value in parameters.items())
    values["environment"] = with_changes(spec.environment, body.environment)
    for field, given in (("inputs", body.inputs), ("outputs", body.outputs)):
        values[field] = places_of(getattr(spec, field), given)
    if body.seconds is not None:
        values["seconds"] = body.seconds or None
    values["search"] = spec.search if body.search is None else searched_anew(spec.search, body.search)
    return Specification.model_validate({**spec.model_dump(), **values, "original": {}})


def searched_anew(before: dict[str, Any] | None, search: dict[str, Any]) -> dict[str, Any] | None:
    """None for an empty one. What the algorithm knew to be whole numbers stays so."""
    if not search:
        return None
    asked = search.get("search_params")
    names = [one.get("name") for one in asked if isinstance(one, dict)] if isinstance(asked, list) else []
    whole = [name for name in (before or {}).get("whole_params", []) if name in names]
    return {**search, "whole_params": whole} if whole else search


def with_changes(values: dict[str, str], given: dict[str, Any]) -> dict[str, str]:
    merged = {**values, **given}
    return {name: str(value) for name, value in merged.items() if value is not None}


def places_of(places: tuple[Place, ...], given: dict[str, str | None]) -> tuple[Place, ...]:
    known = {one.name: one for one in places}
    for name, address in given.items():
        if address is None:
            known.pop(name, None)
        else:
            known[name] = known.get(name, Place(name=name)).model_copy(update={"address": address, "dataset": ""})
    return tuple(known.values())


@versions.post("/{version}/stop", status_code=202, dependencies=member)
def stop_version(ctx: Ctx, who: Who, job_id: str, version: str, now: bool = False) -> dict[str, Any]:
    """Asks a version to stop, `now` without time to clean up. One that has ended stays as it is."""
    job, one = found(ctx, who, job_id, version)
    jobs.stop_version(ctx, one, now)
    return short_body(jobs.find_version(ctx, job, one.id))


@versions.delete("/{version}", status_code=204, dependencies=member)
def remove_version(ctx: Ctx, who: Who, job_id: str, version: str) -> None:
    """With its log; what it has put into buckets stays. Conflict while it runs."""
    if version == "latest":
        raise BadInput(say("which_version"), field="version")
    job, one = found(ctx, who, job_id, version)
    jobs.remove_version(ctx, job, one)


# ── logs by link ─────────────────────────────────────────────────────────────────────────────────


@logs.get("/{run_id}", dependencies=[open_to_all])
def open_log(
    ctx: Ctx,
    project_id: str,
    run_id: str,
    until: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
    signature: Annotated[str, Query(max_length=128)] = "",
    download: bool = False,
) -> StreamingResponse:
    """The whole log as it is now, for whoever has a link that is still good."""
    check_link(ctx, run_id, until, signature)
    run = runs.find(ctx, project_id, run_id)
    files = [folder.log for folder in runs.folders(ctx, run)]
    sizes = [file.stat().st_size for file in files]
    headers = {"content-length": str(sum(sizes)), "x-content-type-options": "nosniff"}
    if download:
        headers["content-disposition"] = f'attachment; filename="modelarts-job-{run.id}-worker-{run.order.node}.log"'
    return StreamingResponse(pieces(files, sizes), media_type="text/plain; charset=utf-8", headers=headers)


routers = [versions, logs]
