"""How HTTP reaches runs: how they stand, their logs, what they use, and the machine they share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from maquette.kernel.errors import BadInput
from maquette.runs import actions, logs, machine
from maquette.runs.domain import Event, Run, time_split
from maquette.runs.rooms import survey
from maquette.runs.streaming import stream
from maquette.runs.usage import usage
from maquette.web.door import Body, Who
from maquette.workspaces.routes import MOST, Ctx, administrator, member, viewer
from maquette_sdk.sentences import told

router = APIRouter(prefix="/maquette/{project_id}/runs", tags=["runs"])
machines = APIRouter(prefix="/maquette/{project_id}/machine", tags=["runs"])

AS_TEXT = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
AS_EVENTS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
Told = Mapping[str, Any] | None
"""What a message is made of: its `code` and `parameters`, with which it can be told in other languages."""
Position = Annotated[int | None, Query(ge=0, le=MOST)]


class Needed(BaseModel):
    cores: int
    memory_bytes: int
    gpus: int


class RunBody(BaseModel):
    """`split` tells the seconds of its last try: queue, environment, copy_in, run, copy_out."""

    id: str
    kind: str
    subject: str
    name: str
    node: int
    state: str
    attempt: int
    restarts: int
    created_at: float
    moments: dict[str, float]
    split: dict[str, float]
    wish: str
    code: int | None
    cause: str | None
    message: str
    told: Told
    needs: Needed
    gpu_ids: list[int]
    peak_memory_bytes: int
    ready: bool
    settled: bool
    log_bytes: int


def run_body(ctx: Ctx, run: Run) -> RunBody:
    return RunBody(
        id=run.id, kind=run.kind, subject=run.order.subject, name=run.order.name, node=run.order.node, state=run.state,
        attempt=run.attempt, restarts=run.order.restarts, created_at=run.created_at, moments=dict(run.moments),
        split=time_split(run.moments, ctx.clock()), wish=run.wish.name.lower(), code=run.code, cause=run.cause,
        message=run.message, told=told(run.message), needs=Needed(**asdict(run.order.needs)), gpu_ids=list(run.gpu_ids),
        peak_memory_bytes=run.peak_memory_bytes, ready=run.ready, settled=run.settled,
        log_bytes=logs.open_log(ctx, run).size,
    )  # fmt: skip


@router.get("/{id}", dependencies=viewer)
def show_run(ctx: Ctx, who: Who, id: str) -> RunBody:
    return run_body(ctx, actions.find(ctx, who.workspace_id, id))


class Stopping(Body):
    now: bool = False


@router.post("/{id}/stop", dependencies=member)
def stop_run(ctx: Ctx, who: Who, id: str, body: Stopping | None = None) -> RunBody:
    """Asks it to stop; `now` gives it no time to clean up."""
    return run_body(ctx, actions.stop(ctx, who.workspace_id, id, body is not None and body.now))


# ── what it wrote ────────────────────────────────────────────────────────────────────────────────


@router.get("/{id}/log", dependencies=viewer)
def read_log(
    ctx: Ctx, who: Who, id: str, start: Position = None, end: Position = None, tail: Position = None,
    download: bool = False,
) -> StreamingResponse:  # fmt: skip
    """The log byte for byte: all of it, from `start` to before `end`, or its last `tail` bytes."""
    run = actions.find(ctx, who.workspace_id, id)
    log = logs.open_log(ctx, run)
    begin, stop = byte_range(log.size, start, end, tail)
    headers = {**AS_TEXT, "content-length": str(stop - begin), "x-log-bytes": str(log.size)}
    if download:
        name = re.sub(r"[^\w.-]", "_", run.order.name, flags=re.ASCII)
        headers["content-disposition"] = f'attachment; filename="{name}.log"'
    return StreamingResponse(log.pieces(begin, stop), headers=headers, media_type="text/plain; charset=utf-8")


def byte_range(size: int, start: int | None, end: int | None, tail: int | None) -> tuple[int, int]:
    if tail is not None and (start is not None or end is not None):
        raise BadInput("Give either 'tail', or 'start' and 'end'.", field="tail")
    if tail is not None:
        return max(0, size - tail), size
    begin, stop = min(start or 0, size), size if end is None else min(end, size)
    if stop < begin:
        raise BadInput(f"'end' ({stop}) lies before 'start' ({begin}).", field="end")
    return begin, stop


class LinesBody(BaseModel):
    """Lines are counted from 1; `last_line` is less than `first_line` where there are none."""

    text: str
    first_line: int
    last_line: int


@router.get("/{id}/log/lines", dependencies=viewer)
def read_lines(
    ctx: Ctx, who: Who, id: str, base_line: Position = None, lines: Annotated[int, Query(ge=0, le=10_000)] = 500,
    order: Literal["asc", "desc"] = "desc",
) -> LinesBody:  # fmt: skip
    """Lines after `base_line` (`asc`) or before it (`desc`); without it from the beginning, or the last ones."""
    found = logs.lines(ctx, actions.find(ctx, who.workspace_id, id), base_line, lines, order)
    return LinesBody(text=found.text, first_line=found.first, last_line=found.last)


class FoundLine(BaseModel):
    line: int
    text: str


class FoundBody(BaseModel):
    """`next_line` is where to go on looking; null at the end."""

    lines: list[FoundLine]
    next_line: int | None


@router.get("/{id}/log/search", dependencies=viewer)
def search_log(
    ctx: Ctx, who: Who, id: str, text: Annotated[str, Query(min_length=1, max_length=1000)],
    from_line: Annotated[int, Query(ge=1, le=MOST)] = 1, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FoundBody:  # fmt: skip
    found = logs.search(ctx, actions.find(ctx, who.workspace_id, id), text, from_line, limit)
    lines = [FoundLine(line=number, text=line) for number, line in found.lines]
    return FoundBody(lines=lines, next_line=found.next_line)


@router.get("/{id}/log/stream", dependencies=viewer)
def follow_log(
    ctx: Ctx, who: Who, id: str, start: Position = None, tail: Position = None,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,15}$")] = None,
) -> StreamingResponse:  # fmt: skip
    """The log as it is written, as server-sent events whose ids are positions in bytes: who comes back with
    `Last-Event-ID` misses nothing. Ends with an event `end` when the run has ended."""
    run = actions.find(ctx, who.workspace_id, id)
    begin, _ = byte_range(logs.open_log(ctx, run).size, start, None, tail)
    position = begin if last_event_id is None else int(last_event_id)
    return StreamingResponse(stream(ctx, run, position), headers=AS_EVENTS, media_type="text/event-stream")


# ── what it used, and what happened to it ────────────────────────────────────────────────────────


@router.get("/{id}/usage", dependencies=viewer)
def tell_usage(ctx: Ctx, who: Who, id: str) -> dict[str, Any]:
    """CPU, memory, processes, disks and GPUs of all its tries, at most 500 points, also while it runs."""
    return asdict(usage(ctx, actions.find(ctx, who.workspace_id, id)))


class EventBody(BaseModel):
    number: int
    at: float
    level: str
    code: str
    message: str
    parameters: Mapping[str, Any]
    told: Told
    attempt: int


def event_body(one: Event) -> EventBody:
    return EventBody(
        number=one.number, at=one.at, level=one.level, code=one.code, message=one.message, parameters=one.parameters,
        told=told(one.message), attempt=one.attempt,
    )  # fmt: skip


@router.get("/{id}/events", dependencies=viewer)
def list_events(ctx: Ctx, who: Who, id: str, after: Annotated[int, Query(ge=0, le=MOST)] = 0) -> list[EventBody]:
    """What happened to it, oldest first; `after` is the number of the last one known."""
    run = actions.find(ctx, who.workspace_id, id)
    return [event_body(one) for one in actions.events(ctx, [run.id], after)]


# ── the machine ──────────────────────────────────────────────────────────────────────────────────


class WaitingBody(BaseModel):
    """`turn` counts from 1 over all workspaces."""

    turn: int
    id: str
    kind: str
    name: str
    priority: int
    queued_at: float
    needs: Needed


class MachineBody(BaseModel):
    """What there is for runs, what those that end hold of it, and what is left; `served` ones take no cores. `queue`
    counts all that wait, `waiting` names those of this workspace."""

    capacity: Needed
    held: Needed
    left: Needed
    free_memory_bytes: int
    running: int
    served: int
    queue: int
    waiting: list[WaitingBody]


@machines.get("", dependencies=viewer)
def tell_machine(ctx: Ctx, who: Who) -> MachineBody:
    found = machine.standing(ctx, who.workspace_id)
    return MachineBody(
        capacity=Needed(**asdict(found.capacity)), held=Needed(**asdict(found.held)), left=Needed(**asdict(found.left)),
        free_memory_bytes=found.free_memory_bytes, running=found.running, served=found.served, queue=found.queue,
        waiting=[waiting_body(turn, run) for turn, run in found.waiting],
    )  # fmt: skip


class UseBody(BaseModel):
    """`load` is how many cores are wanted, as a mean of the last minute; the disk is the one the home lies on."""

    cores: int
    load: float
    memory_bytes: int
    free_memory_bytes: int
    disk_bytes: int
    free_disk_bytes: int


@machines.get("/use", dependencies=viewer)
def tell_use(ctx: Ctx, who: Who) -> UseBody:
    """What the machine does at the moment, whoever makes it."""
    return UseBody(**asdict(machine.use(ctx)))


class RoomBody(BaseModel):
    """A part of the home; `name` is a bucket's."""

    kind: str
    name: str
    bytes: int
    files: int


class RoomsBody(BaseModel):
    """`at` is when it was looked through, null where that is still to come; `going`: it is looked through now. What is
    linked from several places counts once."""

    at: float | None
    going: bool
    rooms: list[RoomBody]


@machines.get("/rooms", dependencies=administrator)
def tell_rooms(ctx: Ctx) -> RoomsBody:
    """What takes how much of the disk, the largest first, as it was some minutes ago at most: it may be looked through
    while this is answered, so ask again while it is `going`."""
    found = survey(ctx.settings.home, ctx.clock())
    rooms = [RoomBody(kind=room.kind, name=room.name, bytes=room.bytes, files=room.files) for room in found.rooms]
    return RoomsBody(at=found.at, going=found.going, rooms=rooms)


def waiting_body(turn: int, run: Run) -> WaitingBody:
    return WaitingBody(
        turn=turn, id=run.id, kind=run.kind, name=run.order.name, priority=run.order.priority,
        queued_at=run.moments["queued"], needs=Needed(**asdict(run.order.needs)),
    )  # fmt: skip


routers = [router, machines]
