"""What one may do with runs: have something run, look at it, stop it, forget it. The worker moves them on (work.py)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Cause
from maquette.runs.domain import ENDED, Event, Level, Needs, Order, Run, State, Wish, check_fits, folder_name
from maquette.runs.folder import RunFolder
from maquette.runs.sentences import say
from maquette.runs.table import run_events, runs

QUEUE_LOCK = 7788
"""PostgreSQL's lock under which one at a time admits and stops; on SQLite the transaction itself is that lock."""


def submit(ctx: Platform, rows: Connection, order: Order) -> str:
    """Puts a run into the queue within the caller's transaction; its id. Refused when it could never start, alone or
    with the others of its group."""
    check_room(ctx, rows, order)
    id, now = new_id(), ctx.clock()
    rows.execute(
        insert(runs).values(
            id=id, workspace_id=order.workspace_id, kind=order.kind, subject=order.subject, name=order.name,
            details=dict(order.details), created_by=order.created_by, cores=order.needs.cores,
            memory_bytes=order.needs.memory_bytes, gpus=order.needs.gpus, served=order.served,
            priority=order.priority, restarts=order.restarts, group=order.group, node=order.node,
            hang_seconds=order.hang_seconds, stop_hanging=order.stop_hanging, state=State.QUEUED, created_at=now,
            queued_at=now, moments={"queued": now}, gpu_ids=[],
        )
    )  # fmt: skip
    note(ctx, rows, id, 1, Level.NORMAL, "queued", say("queued"))
    return id


def check_room(ctx: Platform, rows: Connection, order: Order) -> None:
    machine = ctx.executor.capacity()
    check_fits(order.needs, machine)
    if order.group:
        others = rows.execute(select(runs).where(runs.c.group == order.group)).all()
        together = sum((Needs(row.cores, row.memory_bytes, row.gpus) for row in others), order.needs)
        check_fits(together, machine, say("nodes_need", count=len(others) + 1))


def find(ctx: Platform, workspace_id: str, id: str) -> Run:
    with ctx.database.read() as rows:
        row = rows.execute(select(runs).where(runs.c.id == id, runs.c.workspace_id == workspace_id)).one_or_none()
    if row is None:
        raise NotFound(say("no_run", id=id), id=id)
    return run_of(row)


def of_subject(ctx: Platform, subject: str) -> list[Run]:
    """The runs of one thing, in the order of their nodes, oldest first."""
    return of_subjects(ctx, [subject]).get(subject, [])


def of_subject_in(rows: Connection, subject: str) -> list[Run]:
    """The same within the caller's transaction."""
    return runs_of_subjects(rows, [subject]).get(subject, [])


def of_subjects(ctx: Platform, subjects: Iterable[str]) -> Mapping[str, list[Run]]:
    """The same for many things at once, as lists need it."""
    with ctx.database.read() as rows:
        return runs_of_subjects(rows, list(subjects))


def runs_of_subjects(rows: Connection, subjects: Sequence[str]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    mine = select(runs).where(runs.c.subject.in_(subjects)).order_by(runs.c.created_at, runs.c.node)
    for row in rows.execute(mine):
        found.setdefault(row.subject, []).append(run_of(row))
    return found


def subjects_in(workspace_id: str, kind: str, states: Sequence[State], stopping: bool = False) -> Select[Any]:
    """A query for the subjects whose newest first node is in one of these states, to be part of another query;
    `stopping` for those of them that are being stopped."""
    first = (runs.c.workspace_id == workspace_id) & (runs.c.kind == kind) & (runs.c.node == 0)
    found = select(runs.c.subject).where(first, runs.c.state.in_([str(state) for state in states]))
    return found.where(runs.c.wish > Wish.NOTHING) if stopping else found


def first_state(subject: ColumnElement[Any]) -> ColumnElement[Any]:
    """The state of a subject's first node, to be part of another query."""
    first = select(runs.c.state).where(runs.c.subject == subject, runs.c.node == 0)
    return first.order_by(runs.c.created_at.desc()).limit(1).scalar_subquery()


def seconds_of(subject: ColumnElement[Any], now: float) -> ColumnElement[Any]:
    """How long a subject's runs take from the first start to the last end, to be part of another query."""
    started, ended = (runs.c.moments[name].as_float() for name in ("started", "process_ended"))
    taken = func.max(func.coalesce(ended, now)) - func.min(started)
    return select(taken).where(runs.c.subject == subject, started.is_not(None)).scalar_subquery()


def settled_of_kind(ctx: Platform, kind: str) -> list[Run]:
    """Those that are over, of all workspaces."""
    with ctx.database.read() as rows:
        over = select(runs).where(runs.c.kind == kind, runs.c.settled)
        return [run_of(row) for row in rows.execute(over)]


def going_on(ctx: Platform) -> list[Run]:
    """Those with a process, of all workspaces."""
    with ctx.database.read() as rows:
        return [run_of(row) for row in rows.execute(select(runs).where(runs.c.state == State.RUNNING))]


def stop(ctx: Platform, workspace_id: str, id: str, now: bool = False) -> Run:
    """Asks a run to stop, `now` without time to clean up. One that waits is stopped at once; one that has ended stays
    as it is."""
    with ctx.database.write() as rows:
        lock_queue(rows)
        found = rows.execute(
            select(runs.c.id).where(runs.c.id == id, runs.c.workspace_id == workspace_id)
        ).one_or_none()
        if found is not None:
            stop_in(ctx, rows, id, Wish.KILL if now else Wish.STOP)
    return find(ctx, workspace_id, id)


def stop_in(ctx: Platform, rows: Connection, id: str, wish: Wish = Wish.STOP) -> None:
    """The same within the caller's transaction."""
    lock_queue(rows)
    rows.execute(update(runs).where(runs.c.id == id, runs.c.wish < wish, runs.c.settled.is_(False)).values(wish=wish))
    end_waiting(ctx, rows, id)


def lock_queue(rows: Connection) -> None:
    if rows.dialect.name == "postgresql":
        rows.exec_driver_sql(f"SELECT pg_advisory_xact_lock({QUEUE_LOCK})")


def end_waiting(ctx: Platform, rows: Connection, id: str) -> None:
    """A run in the queue whose stop is wanted ends without having begun, and so do the other nodes of its job."""
    row = rows.execute(select(runs).where(runs.c.id == id)).one_or_none()
    if row is None or row.state != State.QUEUED or not row.wish:
        return
    moments = {**row.moments, "ended": ctx.clock()}
    changed = rows.execute(
        update(runs)
        .where(runs.c.id == id, runs.c.state == State.QUEUED)
        .values(state=State.STOPPED, cause=Cause.STOPPED, message=say("stopped_before"), moments=moments)
    ).rowcount
    if changed:
        note(ctx, rows, id, row.attempt, Level.NORMAL, "stopped", say("stopped_waiting"))
        end_group(ctx, rows, id, row.group, row.node)


def end_group(ctx: Platform, rows: Connection, id: str, group: str, node: int) -> None:
    """Nodes of one job end as one: the others are asked to stop. Who calls this has locked the queue."""
    if not group:
        return
    others = (runs.c.group == group) & (runs.c.id != id) & (runs.c.wish == Wish.NOTHING)
    for other in rows.execute(select(runs.c.id, runs.c.attempt).where(others, runs.c.state.not_in(ENDED))).all():
        rows.execute(update(runs).where(runs.c.id == other.id).values(wish=Wish.STOP))
        told = say("node_ended", node=node)
        note(ctx, rows, other.id, other.attempt, Level.WARNING, "node_ended", told, node=node)
        end_waiting(ctx, rows, other.id)


def forget(ctx: Platform, workspace_id: str, ids: Sequence[str]) -> None:
    """Removes ended runs with their logs. Conflict for one that goes on, and then none is removed."""
    with ctx.database.write() as rows:
        mine = rows.execute(select(runs).where(runs.c.id.in_(ids), runs.c.workspace_id == workspace_id)).all()
        for row in mine:
            # One that was stopped while it waited has left nothing to look at.
            if row.state not in ENDED or not (row.settled or row.tries == 0):
                raise Conflict(say("goes_on", name=row.name), id=row.id)
        rows.execute(delete(runs).where(runs.c.id.in_([row.id for row in mine])))
    for row in mine:
        for tries in range(1, row.tries + 1):
            discard(folder_of(ctx, row.id, tries))


def discard(folder: RunFolder) -> None:
    """Removes all that one try of a run has left."""
    remove_folder(folder.staging)
    remove_folder(folder.path)


def remove_folder(path: Path) -> None:
    """Runs may have left what cannot be removed; `maquette storage` shows it."""
    shutil.rmtree(path, ignore_errors=True)


def folder_of(ctx: Platform, id: str, tries: int) -> RunFolder:
    """Where the try of a run lies, or will lie."""
    name = folder_name(id, tries)
    return RunFolder(name, ctx.settings.home.runs / name)


def folders(ctx: Platform, run: Run) -> list[RunFolder]:
    """The folders of all tries that a run has had, oldest first: their logs together are its log."""
    found = [folder_of(ctx, run.id, tries) for tries in range(1, run.tries + 1)]
    return [folder for folder in found if folder.log.exists()]


# ── what happened ────────────────────────────────────────────────────────────────────────────────


def note(
    ctx: Platform, rows: Connection, run_id: str, attempt: int, level: Level, code: str, message: str,
    **parameters: Any,
) -> None:  # fmt: skip
    """Keeps an event of a run within the caller's transaction."""
    rows.execute(
        insert(run_events).values(
            run_id=run_id, at=ctx.clock(), attempt=attempt, level=level, code=code, message=message,
            parameters=parameters,
        )
    )  # fmt: skip


def events(ctx: Platform, run_ids: Sequence[str], after: int = 0, code: str = "") -> list[Event]:
    """What happened to these runs, oldest first; `after` is the number of the last one known, `code` that of all."""
    with ctx.database.read() as rows:
        mine = (
            select(run_events)
            .where(run_events.c.run_id.in_(run_ids), run_events.c.id > after)
            .order_by(run_events.c.id)
        )
        if code:
            mine = mine.where(run_events.c.code == code)
        return [
            Event(row.at, Level(row.level), row.code, row.message, row.parameters, row.attempt, row.id, row.run_id)
            for row in rows.execute(mine)
        ]


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def run_of(row: Row[Any]) -> Run:
    return Run(
        id=row.id, order=order_of(row), state=State(row.state), attempt=row.attempt, tries=row.tries,
        created_at=row.created_at, moments=row.moments, wish=Wish(row.wish), code=row.code,
        cause=Cause(row.cause) if row.cause else None, message=row.message,
        peak_memory_bytes=row.peak_memory_bytes, gpu_ids=tuple(row.gpu_ids), address=row.address, ready=row.ready,
        place=row.place, settled=row.settled, wish_told=Wish(row.wish_told),
    )  # fmt: skip


def order_of(row: Row[Any]) -> Order:
    return Order(
        workspace_id=row.workspace_id, kind=row.kind, subject=row.subject, name=row.name,
        needs=Needs(row.cores, row.memory_bytes, row.gpus), details=row.details, served=row.served,
        priority=row.priority, restarts=row.restarts, group=row.group, node=row.node, hang_seconds=row.hang_seconds,
        stop_hanging=row.stop_hanging, created_by=row.created_by,
    )  # fmt: skip
