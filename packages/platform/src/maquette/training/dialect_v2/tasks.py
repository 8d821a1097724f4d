"""The nodes of a job as tasks: what happened to them, what they printed, and what they used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.identity import Identity
from maquette.runs import actions as runs
from maquette.runs.domain import Event, Level, Run
from maquette.runs.logs import open_log
from maquette.runs.usage import samples as samples_in
from maquette.training import jobs
from maquette.training.dialect_v2.telling import task_name
from maquette.training.jobs import JobVersion
from maquette.training.log_lines import lines_of
from maquette.training.log_links import link_to
from maquette.training.minutes import Sample, figures, minutes_of
from maquette.training.search import trials
from maquette.training.sentences import say
from maquette.web.door import Body, Who
from maquette.workspaces.routes import Ctx, member, viewer
from maquette_sdk.job.folder import USAGE

router = APIRouter(prefix="/v2/{project_id}/training-jobs/{job_id}", tags=["training"])

PREVIEW_BYTES = 5 << 20
LEVELS = {Level.NORMAL: "Info", Level.WARNING: "Warning", Level.ERROR: "Error"}
METRICS = ("cpuUsage", "memUsage", "gpuUtil", "gpuMemUsage")
NPU = ("npuUtil", "npuMemUsage")
NOTHING = -1.0
"""ModelArts' figure where nothing was measured."""


def version_of(ctx: Platform, who: Identity, job_id: str) -> JobVersion:
    return jobs.latest_version(ctx, jobs.find_job(ctx, who.workspace_id, job_id))


def run_of(ctx: Platform, who: Identity, job_id: str, task_id: str) -> Run:
    version = version_of(ctx, who, job_id)
    found = {task_name(run): run for run in version.runs}
    known = other_names(ctx, version) | found
    if task_id not in known:
        raise NotFound(say("no_task", task=task_id, known=", ".join(found) or "none"), field="task_id")
    return known[task_id]


def other_names(ctx: Platform, version: JobVersion) -> dict[str, Run]:
    """A trial is known by its id too, and as `worker-` with its number: so many clients name the tasks of any job."""
    if version.search is None:
        return {}
    tried = trials.of_version(ctx, version.id)
    return {name: one.run for one in tried for name in (one.id, f"worker-{one.number}")}


@router.get("/tasks", dependencies=viewer)
def list_tasks(ctx: Ctx, who: Who, job_id: str, schedule_count: int | None = None) -> list[dict[str, Any]]:
    """Each node, as often as it has been started; `schedule_count` asks for one of these times."""
    found = [
        {"task": task_name(run), "ip": "127.0.0.1", "host_ip": run.place.partition(":")[0], "schedule_count": count}
        for run in version_of(ctx, who, job_id).runs
        for count in range(1, run.tries + 1)
    ]
    return [one for one in found if schedule_count in (None, one["schedule_count"])]


# ── events ───────────────────────────────────────────────────────────────────────────────────────


@router.get("/events", dependencies=viewer)
def list_events(
    ctx: Ctx,
    who: Who,
    job_id: str,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    order: Annotated[str, Query(pattern="^(asc|desc|)$")] = "desc",
    start_time: Annotated[str, Query(pattern=r"^\d{0,16}$")] = "",
    end_time: Annotated[str, Query(pattern=r"^\d{0,16}$")] = "",
    level: Annotated[str, Query(pattern="^(Info|Warning|Error|)$")] = "",
    pattern: Annotated[str, Query(max_length=256)] = "",
) -> dict[str, Any]:
    """A page of what happened, the newest first; `offset` counts pages, times are milliseconds since 1970."""
    if bool(start_time) != bool(end_time):
        raise BadInput("start_time and end_time come together. Give both, or none.", field="start_time")
    version = version_of(ctx, who, job_id)
    found = [(event, task) for event, task in told_of(ctx, version) if fits(event, level, pattern)]
    if start_time:
        first, last = int(start_time) / 1000, int(end_time) / 1000
        found = [(event, task) for event, task in found if first <= event.at <= last]
    if order != "asc":
        found.reverse()
    return {
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "order": order or "desc",
        "start_time": moment(int(start_time) / 1000) if start_time else moment(version.created_at),
        "end_time": moment(int(end_time) / 1000) if end_time else moment(ctx.clock()),
        "events": [event_body(event, task) for event, task in found[offset * limit : (offset + 1) * limit]],
    }


def told_of(ctx: Platform, version: JobVersion) -> list[tuple[Event, str]]:
    """Events, oldest first, each with the node that it is about where there are several."""
    if version.specification.nodes == 1:
        return [(event, "") for event in runs.events(ctx, [run.id for run in version.runs])]
    found = [(event, task_name(run)) for run in version.runs for event in runs.events(ctx, [run.id])]
    return sorted(found, key=lambda pair: pair[0].number)


def fits(event: Event, level: str, pattern: str) -> bool:
    return (not level or LEVELS[event.level] == level) and pattern.lower() in event.message.lower()


def event_body(event: Event, task: str) -> dict[str, str]:
    return {
        "message": f"[{task}] {event.message}" if task else event.message,
        "level": LEVELS[event.level],
        "time": moment(event.at),
        "source": "Task" if task else "Job",
    }


def moment(seconds: float) -> str:
    """`2026-01-02T03:04:05+00:00`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


@router.get("/stages", dependencies=viewer)
def list_stages(ctx: Ctx, who: Who, job_id: str) -> dict[str, Any]:
    """How far each attempt has come, from the queue to the end."""
    version = version_of(ctx, who, job_id)
    records = records_of(runs.events(ctx, [version.run.id])) if version.run else []
    return {
        "total_count": len(records),
        "running_records": [
            {"record_order": number, "stages": stages_of(job_id, record)} for number, record in enumerate(records, 1)
        ],
    }


STAGES = {
    # what begins it: its name, and what it is called
    "queued": ("scheduling", "The job waits for its turn.", "作业调度"),
    "preparing": ("preparing", "Its environment and its data are made ready.", "环境准备"),
    "started": ("running", "The script runs.", "作业运行"),
    "ended": ("end", "The job has ended.", "作业结束"),
}
MIDDLE = frozenset({"queued", "preparing", "started", "told", "stopping", "ready", "hangs", "node_ended"})
"""Codes of events that end nothing."""


def records_of(told: list[Event]) -> list[list[Event]]:
    """The events of each attempt."""
    records: list[list[Event]] = [[]]
    for event in told:
        records[-1].append(event)
        if event.code == "restarted":
            records.append([])
    return [record for record in records if record]


def stages_of(job_id: str, record: list[Event]) -> list[dict[str, Any]]:
    stages: list[dict[str, Any]] = []
    for event in record:
        code = event.code if event.code in MIDDLE else "ended"
        if code in STAGES and (not stages or stages[-1]["name"] != STAGES[code][0]):
            if stages:
                stages[-1]["end_time"] = moment(event.at)
            name, english, chinese = STAGES[code]
            stages.append(
                {
                    "job_id": job_id, "name": name, "en_message": english, "zh_message": chinese,
                    "start_time": moment(event.at), "end_time": "", "stage_order": len(stages) + 1, "sub_stages": [],
                }
            )  # fmt: skip
        elif stages:
            stages[-1]["sub_stages"].append(
                {
                    "name": code,
                    "en_message": event.message,
                    "zh_message": event.message,
                    "create_time": moment(event.at),
                }
            )  # fmt: skip
    if stages and stages[-1]["name"] == "end":
        stages[-1]["end_time"] = stages[-1]["start_time"]
    return stages


# ── logs ─────────────────────────────────────────────────────────────────────────────────────────


@router.get("/tasks/{task_id}/logs/preview", dependencies=viewer)
def preview_log(ctx: Ctx, who: Who, job_id: str, task_id: str) -> dict[str, Any]:
    """The newest 5 MB of a log, from the beginning of a line."""
    whole = open_log(ctx, run_of(ctx, who, job_id, task_id))
    first = max(0, whole.size - PREVIEW_BYTES)
    data = whole.read(first, whole.size)
    if first and b"\n" in data:
        data = data[data.index(b"\n") + 1 :]
    return {"content": data.decode("utf-8", "replace"), "current_size": len(data), "full_size": whole.size}


@router.get("/tasks/{task_id}/logs/url", dependencies=viewer)
def link_log(
    request: Request,
    ctx: Ctx,
    who: Who,
    job_id: str,
    task_id: str,
    content_type: Annotated[str, Query(alias="Content-Type")] = "",
    sent_type: Annotated[str, Header(alias="Content-Type")] = "",
) -> dict[str, str]:
    """A link to the whole log that opens without a key for five minutes; `application/octet-stream` is for keeping."""
    download = "octet-stream" in (content_type or sent_type)
    return {"obs_url": link_to(ctx, str(request.base_url), run_of(ctx, who, job_id, task_id), download)}


@router.get("/logs/{task_id}", dependencies=viewer)
def read_log(
    ctx: Ctx,
    who: Who,
    job_id: str,
    task_id: str,
    base_line: Annotated[str, Query(pattern=r"^\d{0,15}$")] = "",
    lines: Annotated[int, Query(ge=1, le=500)] = 50,
    order: Annotated[str, Query(pattern="^(asc|desc|)$")] = "desc",
) -> dict[str, Any]:
    """Lines after `base_line` (`asc`) or before it (`desc`), the newest without one; an answer's `start_line` and
    `end_line` are what the next question's `base_line` may be."""
    run = run_of(ctx, who, job_id, task_id)
    base = int(base_line) if base_line else (0 if order == "asc" else None)
    found = lines_of(open_log(ctx, run), lines, base, order == "asc", run.has_ended)
    return {
        "start_line": str(found.start),
        "end_line": str(found.end),
        "lines": found.count,
        "content": found.content,
    }


# ── what it used ─────────────────────────────────────────────────────────────────────────────────


@router.get("/metrics/{task_id}", dependencies=viewer)
def show_metrics(ctx: Ctx, who: Who, job_id: str, task_id: str) -> dict[str, Any]:
    """Per cent of what the flavour allows, one average for every minute; -1 where nothing was measured."""
    run = run_of(ctx, who, job_id, task_id)
    samples = [sample for folder in runs.folders(ctx, run) for sample in samples_in(folder.path / USAGE)]
    minutes = minutes_of(samples)
    found: dict[str, list[float]] = {name: [used(minute, run, name) for minute in minutes] for name in METRICS}
    found |= {name: [NOTHING] * len(minutes) for name in NPU}
    return {"metrics": [{"metric": name, "value": values} for name, values in found.items()]}


def used(minute: list[Sample], run: Run, name: str) -> float:
    if not minute or (name.startswith("gpu") and not any(sample.get("gpus") for sample in minute)):
        return NOTHING
    return round(figures(minute, run.order.needs)[name], 3)


# ── what ModelArts' own machines tell each other ─────────────────────────────────────────────────


class Report(Body):
    type: str = ""


@router.post("/tasks/{task_id}/reports/{report_type}", dependencies=member)
def report(ctx: Ctx, who: Who, job_id: str, task_id: str, report_type: str, body: Report) -> dict[str, Any]:
    """What a script tells of itself: kept as an event of its run."""
    if report_type != "training-event":
        raise BadInput(f"'{report_type}' is nothing that is reported. Use training-event.", field="report_type")
    run = run_of(ctx, who, job_id, task_id)
    with ctx.database.write() as rows:
        told = f"The script reports: {body.type[:200]}"
        runs.note(ctx, rows, run.id, run.attempt, Level.NORMAL, "told", told, type=body.type[:200])
    return {}


@router.get("/route_plan", dependencies=viewer)
def show_route_plan(ctx: Ctx, who: Who, job_id: str) -> dict[str, str]:
    """Which rank is which worker. All are on this machine, so none is better placed than another."""
    version = version_of(ctx, who, job_id)
    ranks = ",".join(f"{run.order.node}-{run.order.node}" for run in version.runs)
    return {"job_id": job_id, "status": "failed", "rank_mapping": ranks}
