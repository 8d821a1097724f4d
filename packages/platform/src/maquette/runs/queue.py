"""Which run goes next and which worker has it: all changes of a run's state, each of them only by who owns it.

A worker owns the runs that it moves on. Another takes them over when its process is dead, which on one machine is seen
at once; for other machines, when it has not renewed its lease.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from maquette.kernel.context import Platform
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Capacity
from maquette.runs.actions import end_waiting, note, run_of
from maquette.runs.domain import ACTIVE, ENDED, NEXT, Level, Needs, Run, State
from maquette.runs.table import runs
from maquette_sdk.job import processes

LEASE_SECONDS = 30.0
PATIENCE_SECONDS = 600.0
"""After so long nothing smaller goes before a run any more: the machine is kept free until it fits."""
LOOK_AHEAD = 500
QUEUE_LOCK = 7788
"""PostgreSQL's lock under which one worker at a time admits; on SQLite the transaction itself is that lock."""


@dataclass(frozen=True)
class Worker:
    """A worker's process, as others can tell whether it lives: boot of the machine, number, start, and a name."""

    place: str
    owner: str


def this_worker(ctx: Platform) -> Worker:
    me = processes.entry(os.getpid())
    owner = f"{processes.boot()}/{os.getpid()}/{me.started if me else 0}/{new_id()[:8]}"
    return Worker(f"{socket.gethostname()}:{ctx.settings.home.path}", owner)


def is_dead(owner: str) -> bool:
    """Whether the process of a worker of this machine has gone."""
    boot, _, rest = owner.partition("/")
    if boot != processes.boot():
        return True
    pid, started = rest.split("/")[:2]
    return not processes.alive(int(pid), int(started))


# ── admission ────────────────────────────────────────────────────────────────────────────────────


def claim(ctx: Platform, worker: Worker, kinds: Iterable[str]) -> list[Run]:
    """The next run that fits, or all runs of the next group; theirs is the state `preparing` from now on."""
    if not is_anything_waiting(ctx):
        return []
    machine, free_memory = ctx.executor.capacity(), ctx.executor.free_memory()
    with ctx.database.write() as rows:
        lock_queue(rows)
        here = (runs.c.place == worker.place) & runs.c.state.in_(ACTIVE)
        active = list(rows.execute(select(runs).where(here)))
        free = what_is_left(machine, active)
        for waiting in in_turn(rows, worker, kinds):
            if fits(waiting, free, free_memory):
                return [admit(ctx, rows, worker, row, machine, active) for row in waiting]
            if not waiting[0].served and ctx.clock() - waiting[0].queued_at > PATIENCE_SECONDS:
                return []
    return []


def is_anything_waiting(ctx: Platform) -> bool:
    """Asked several times a second, so without a transaction that writes."""
    waiting = select(runs.c.id).where(runs.c.settled.is_(False), runs.c.state == State.QUEUED)
    with ctx.database.read() as rows:
        return rows.execute(waiting.limit(1)).one_or_none() is not None


def lock_queue(rows: Connection) -> None:
    if rows.dialect.name == "postgresql":
        rows.exec_driver_sql(f"SELECT pg_advisory_xact_lock({QUEUE_LOCK})")


def in_turn(rows: Connection, worker: Worker, kinds: Iterable[str]) -> Iterator[list[Row[Any]]]:
    """Waiting runs that may go here, the most urgent first; those of one group together."""
    found = rows.execute(
        select(runs)
        .where(
            runs.c.settled.is_(False),
            runs.c.state == State.QUEUED,
            runs.c.kind.in_(list(kinds)),
            runs.c.place.in_(["", worker.place]),
        )
        .order_by(runs.c.priority.desc(), runs.c.queued_at, runs.c.group, runs.c.node, runs.c.id)
        .limit(LOOK_AHEAD)
    ).all()
    for group, members in groupby(found, key=lambda row: row.group or row.id):
        together = list(members)
        whole = select(runs.c.id).where(runs.c.group == group)
        if not together[0].group or len(rows.execute(whole).all()) == len(together):
            yield together


def what_is_left(machine: Capacity, active: Sequence[Row[Any]]) -> Capacity:
    """Runs that end hold what they may use; served ones hold nothing."""
    holding = [row for row in active if not row.served]
    return Capacity(
        machine.cores - sum(row.cores for row in holding),
        machine.memory_bytes - sum(row.memory_bytes for row in holding),
        machine.gpus - sum(row.gpus for row in holding),
    )


def fits(waiting: Sequence[Row[Any]], free: Capacity, free_memory: int) -> bool:
    if waiting[0].served:
        return bool(sum(row.memory_bytes for row in waiting) <= free_memory)
    together = Needs(
        sum(row.cores for row in waiting), sum(row.memory_bytes for row in waiting), sum(row.gpus for row in waiting)
    )
    return together.fit(free)


def admit(
    ctx: Platform, rows: Connection, worker: Worker, row: Row[Any], machine: Capacity, active: list[Row[Any]]
) -> Run:
    """GPUs belong to one training run alone; served runs share the least used."""
    now = ctx.clock()
    uses = {number: sum(number in one.gpu_ids for one in active) for number in range(machine.gpus)}
    gpu_ids = sorted(sorted(uses, key=lambda number: uses[number])[: row.gpus])
    rows.execute(
        update(runs)
        .where(runs.c.id == row.id)
        .values(
            state=State.PREPARING, tries=row.tries + 1, gpu_ids=gpu_ids, place=worker.place, owner=worker.owner,
            leased_until=now + LEASE_SECONDS, moments={**row.moments, "preparing": now}, ready=False, address="",
        )
    )  # fmt: skip
    note(ctx, rows, row.id, row.attempt, Level.NORMAL, "preparing", "Its environment and its data are being prepared.")
    admitted = rows.execute(select(runs).where(runs.c.id == row.id)).one()
    active.append(admitted)
    return run_of(admitted)


# ── ownership ────────────────────────────────────────────────────────────────────────────────────


def renew(ctx: Platform, worker: Worker) -> None:
    with ctx.database.write() as rows:
        mine = (runs.c.owner == worker.owner) & runs.c.settled.is_(False)
        rows.execute(update(runs).where(mine).values(leased_until=ctx.clock() + LEASE_SECONDS))


def mine(ctx: Platform, worker: Worker) -> list[Run]:
    """What this worker has to move on, ended runs included that nobody has settled yet."""
    with ctx.database.read() as rows:
        found = rows.execute(select(runs).where(runs.c.settled.is_(False), runs.c.owner == worker.owner))
        return [run_of(row) for row in found]


def take_over(ctx: Platform, worker: Worker) -> list[Run]:
    """Runs that nobody moves on any more: their worker is dead, or they were stopped before any had them."""
    with ctx.database.read() as rows:
        candidates = rows.execute(select(runs.c.id, runs.c.owner).where(is_adrift(ctx, worker))).all()
    orphans = [row.id for row in candidates if not row.owner or not is_here(row.owner) or is_dead(row.owner)]
    if not orphans:
        return []
    taken = []
    with ctx.database.write() as rows:
        lock_queue(rows)
        still = is_adrift(ctx, worker)
        for row in rows.execute(select(runs).where(still, runs.c.id.in_(orphans))).all():
            if row.owner and is_here(row.owner) and not is_dead(row.owner):
                continue
            values = {"place": worker.place, "owner": worker.owner, "leased_until": ctx.clock() + LEASE_SECONDS}
            rows.execute(update(runs).where(runs.c.id == row.id).values(values))
            taken.append(run_of(row))
    return [replace(run, place=worker.place) for run in taken]


def is_here(owner: str) -> bool:
    """Whether the owner was a process of this boot of this machine, so that one can see whether it lives."""
    return owner.partition("/")[0] == processes.boot()


def is_adrift(ctx: Platform, worker: Worker) -> ColumnElement[bool]:
    """Unsettled runs at this place, or at none, that another one owned; and what another place was preparing when it
    stopped to renew its lease."""
    here = runs.c.place.in_(["", worker.place])
    elsewhere = (runs.c.state == State.PREPARING) & (runs.c.leased_until < ctx.clock())
    return (
        runs.c.settled.is_(False)
        & (runs.c.owner != worker.owner)
        & runs.c.state.in_([*ACTIVE, *ENDED])
        & or_(here, elsewhere)
    )


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def move(
    ctx: Platform, worker: Worker, run: Run, state: State, event: tuple[Level, str, str],
    moments: Mapping[str, float] | None = None, **values: Any,
) -> bool:  # fmt: skip
    """Brings a run of ours from the state it was seen in to the next, with the event (level, code, message) that tells
    it. False when it is not ours any more, or not in that state. Going back to the queue forgets its moments."""
    if state not in NEXT[run.state]:
        raise ValueError(f"A run never goes from {run.state} to {state}.")
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner) & (runs.c.state == run.state)
        row = rows.execute(select(runs).where(ours).with_for_update()).one_or_none()
        if row is None:
            return False
        reached = {"queued": ctx.clock()} if state is State.QUEUED else {**row.moments, **(moments or {})}
        rows.execute(update(runs).where(ours).values(state=state, moments=reached, **values))
        note(ctx, rows, run.id, run.attempt, *event)
        if state in ENDED and state is not State.SUCCEEDED:
            end_group(ctx, rows, run)
        if state is State.QUEUED:
            end_waiting(ctx, rows, run.id)
    return True


def end_group(ctx: Platform, rows: Connection, run: Run) -> None:
    """Nodes of one job end as one: the others are asked to stop."""
    if not run.order.group:
        return
    others = (runs.c.group == run.order.group) & (runs.c.id != run.id) & (runs.c.wish == 0)
    going = rows.execute(select(runs.c.id, runs.c.attempt).where(others, runs.c.state.not_in(ENDED))).all()
    for other in going:
        rows.execute(update(runs).where(runs.c.id == other.id).values(wish=1))
        told = f"Node {run.order.node} has ended early, so this node is stopped."
        note(ctx, rows, other.id, other.attempt, Level.WARNING, "node_ended", told, node=run.order.node)
        end_waiting(ctx, rows, other.id)


def reach(ctx: Platform, worker: Worker, run: Run, moment: str) -> None:
    """Notes that a part of the run's way is done."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        row = rows.execute(select(runs.c.moments).where(ours).with_for_update()).one_or_none()
        if row is not None:
            rows.execute(update(runs).where(ours).values(moments={**row.moments, moment: ctx.clock()}))


def mark(ctx: Platform, worker: Worker, run: Run, **values: Any) -> bool:
    """Writes something down of a run of ours that stays in its state; False when it is not ours any more."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        return bool(rows.execute(update(runs).where(ours).values(values)).rowcount)


def take_wish(ctx: Platform, worker: Worker, run: Run) -> bool:
    """Whether the wish has still to be passed on to the process; from now on it counts as passed on."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner) & (runs.c.wish_told < run.wish)
        return bool(rows.execute(update(runs).where(ours).values(wish_told=run.wish)).rowcount)


def wish_of(ctx: Platform, worker: Worker, run: Run) -> int | None:
    """What is wanted of the run now; None when it is not ours any more."""
    with ctx.database.read() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        return rows.execute(select(runs.c.wish).where(ours)).scalar_one_or_none()
