"""ModelArts' visualization jobs (first generation): made, listed, shown, described, stopped, started again, deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.kernel.identity import Role
from maquette.runs import served
from maquette.runs.domain import State
from maquette.tensorboards import actions
from maquette.tensorboards.domain import DEFAULT_HOURS, TensorBoard
from maquette.tensorboards.domain import Query as Wanted
from maquette.web.door import Body, Who, needs
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import MOST, Ctx
from maquette_sdk.sentences import told

router = APIRouter(prefix="/v1/{project_id}/visualization-jobs", tags=["tensorboards"])
viewer, member = [needs(Role.VIEWER)], [needs(Role.MEMBER)]
DONE = {"is_success": True}

INIT, WAITING, RUNNING, KILLING, COMPLETED, FAILED, KILLED, LOST = 1, 7, 8, 9, 10, 11, 12, 14
STATUS = {
    State.QUEUED: WAITING,
    State.PREPARING: INIT,
    State.SUCCEEDED: COMPLETED,
    State.FAILED: FAILED,
    State.STOPPED: KILLED,
    State.LOST: LOST,
}
STATES = {**{number: [state] for state, number in STATUS.items()}, RUNNING: [State.RUNNING], KILLING: [State.RUNNING]}
SORTS = {"job_name": "name", "create_time": "created_at", "job_desc": "description"}


class Schedule(Body):
    type: Literal["stop"] = "stop"
    time_unit: Literal["HOURS"] = "HOURS"
    duration: int = DEFAULT_HOURS


class NewJob(Body):
    job_name: str
    job_desc: str = ""
    train_url: str = Field(max_length=1100)
    job_type: str = "tensorboard"
    schedule: Schedule | list[Schedule] | None = None


class Described(Body):
    job_desc: str


class Again(Body):
    schedule: Schedule | list[Schedule] | None = None


Number = Annotated[int, Path(ge=0, le=MOST)]


@router.post("", dependencies=member)
def create_job(ctx: Ctx, who: Who, request: Request, body: NewJob) -> dict[str, Any]:
    """A TensorBoard on a folder of a bucket, started at once."""
    if body.job_type != "tensorboard":
        raise BadInput(f"The job_type '{body.job_type}' is not offered here. Use tensorboard.", field="job_type")
    hours = hours_of(body.schedule)
    logs = address_of(body.train_url)
    board = actions.create(ctx, who, body.job_name, logs, body.job_desc, DEFAULT_HOURS if hours is None else hours)
    names = ("job_id", "job_name", "status", "create_time", "service_url")
    told = job_body(ctx, request, board)
    return {**DONE, **{name: told[name] for name in names}}


@router.get("", dependencies=viewer)
def list_jobs(
    ctx: Ctx,
    who: Who,
    request: Request,
    status: str = "",
    per_page: Annotated[int, Query(ge=1, le=1000)] = 10,
    page: Annotated[int, Query(ge=0, le=MOST // 1000)] = 1,
    sort_by: Annotated[str, Query(alias="sortBy")] = "create_time",
    order: Literal["asc", "desc"] = "desc",
    search_content: Annotated[str, Query(max_length=256)] = "",
) -> dict[str, Any]:
    """A page of them, the first page being 1."""
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sortBy")
    wanted = Wanted(
        search_content, states_of(status), SORTS[sort_by], order == "desc", max(page - 1, 0) * per_page, per_page
    )
    boards, total = actions.list_all(ctx, who.workspace_id, wanted)
    jobs = [job_body(ctx, request, board) for board in boards]
    return {**DONE, "job_total_count": total, "job_count_limit": MOST, "quotas": MOST, "jobs": jobs}


@router.get("/{job_id}", dependencies=viewer)
def show_job(ctx: Ctx, who: Who, request: Request, job_id: Number) -> dict[str, Any]:
    return {**DONE, **job_body(ctx, request, actions.find(ctx, who.workspace_id, job_id))}


@router.put("/{job_id}", dependencies=member)
def describe_job(ctx: Ctx, who: Who, job_id: Number, body: Described) -> dict[str, Any]:
    actions.describe(ctx, actions.find(ctx, who.workspace_id, job_id), body.job_desc)
    return DONE


@router.post("/{job_id}/stop", dependencies=member)
def stop_job(ctx: Ctx, who: Who, job_id: Number) -> dict[str, Any]:
    actions.stop(ctx, actions.find(ctx, who.workspace_id, job_id))
    return DONE


@router.post("/{job_id}/restart", dependencies=member)
def restart_job(ctx: Ctx, who: Who, job_id: Number, body: Again | None = None) -> dict[str, Any]:
    """At a new address; with other hours if it says so."""
    board = actions.find(ctx, who.workspace_id, job_id)
    actions.start(ctx, who, board, hours_of(body.schedule) if body else None)
    return DONE


@router.delete("/{job_id}", dependencies=member)
def delete_job(ctx: Ctx, who: Who, job_id: Number) -> dict[str, Any]:
    actions.remove(ctx, actions.find(ctx, who.workspace_id, job_id))
    return DONE


# ── in ModelArts' words ──────────────────────────────────────────────────────────────────────────


def address_of(train_url: str) -> str:
    """The first generation writes `/bucket/folder/`."""
    return f"obs:/{train_url}" if train_url.startswith("/") else train_url


def hours_of(schedule: Schedule | list[Schedule] | None) -> int | None:
    """Its examples show one, its client sends a list of one."""
    first = schedule[0] if isinstance(schedule, list) and schedule else schedule
    return first.duration if isinstance(first, Schedule) else None


def states_of(status: str) -> list[State]:
    try:
        return [state for number in status.split("|") if number for state in STATES.get(int(number), [])]
    except ValueError:
        raise BadInput(f"'{status}' is no status. Use its number, 8 for running.", field="status") from None


def status_of(board: TensorBoard) -> int:
    """ModelArts' number for the state of a job."""
    run = board.run
    if run is None:
        return KILLED
    if (run.wish and not run.has_ended) or (run.has_ended and not run.settled):
        return KILLING
    if run.state is State.RUNNING:
        return RUNNING if run.ready else INIT
    return STATUS[run.state]


def job_body(ctx: Platform, request: Request, board: TensorBoard) -> dict[str, Any]:
    run, now = board.run, ctx.clock()
    seconds = run.seconds(now) if run else 0.0
    left = max(0.0, board.hours * 3600 - seconds) if board.hours and board.goes_on else 0.0
    return {
        "job_id": board.number, "job_name": board.name, "job_desc": board.description, "job_type": "tensorboard",
        "status": status_of(board), "create_time": int(board.created_at * 1000), "duration": int(seconds * 1000),
        "train_url": board.logs.removeprefix("obs:/"), "remaining_duration": int(left),
        "schedule": {"type": "stop", "time_unit": "HOURS", "duration": board.hours} if board.hours else None,
        "service_url": served.address_of(ctx, request, run) if run else "",
        "resource_id": run.id if run else "", "message": run.message if run else "",
        "told": told(run.message) if run else None, "user_id": board.created_by,
    }  # fmt: skip
