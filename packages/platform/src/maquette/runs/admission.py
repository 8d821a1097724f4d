"""Which run goes next: the most urgent that fits, in turn, and after some patience nothing smaller before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from maquette.kernel.context import Platform
from maquette.kernel.errors import Refused
from maquette.kernel.ports import Capacity
from maquette.runs.actions import lock_queue, note, run_of
from maquette.runs.domain import ACTIVE, NO_NEEDS, Level, Needs, Run, State, check_fits
from maquette.runs.groups import are_gathered
from maquette.runs.queue import LEASE_SECONDS, Worker
from maquette.runs.sentences import say
from maquette.runs.table import run_events, runs

PATIENCE_SECONDS = 600.0
"""After so long nothing smaller goes before a run any more: the machine is kept free until it fits."""
LOOK_AHEAD = 500


def claim(ctx: Platform, worker: Worker, kinds: Iterable[str]) -> list[Run]:
    """The next run that fits, or all runs of the next group; theirs is the state `preparing` from now on."""
    if not is_anything_waiting(ctx):
        return []
    machine, free_memory = ctx.executor.capacity(), ctx.executor.free_memory()
    with ctx.database.write() as rows:
        lock_queue(rows)
        here = (runs.c.place == worker.place) & runs.c.state.in_(ACTIVE)
        active = list(rows.execute(select(runs).where(here)))
        free, patient = what_is_left(machine, active), False
        for waiting in in_turn(rows, worker, kinds):
            if patient and not waiting[0].served:
                continue
            if fits(waiting, free, free_memory - promised(active)) and still_waits(rows, waiting):
                return [admit(ctx, rows, worker, row, machine, active) for row in waiting]
            if not waiting[0].served and could_fit(ctx, rows, waiting, machine):
                patient = patient or ctx.clock() - waiting[0].queued_at > PATIENCE_SECONDS
    return []


def is_anything_waiting(ctx: Platform) -> bool:
    """Asked several times a second, so without a transaction that writes."""
    waiting = select(runs.c.id).where(runs.c.settled.is_(False), runs.c.state == State.QUEUED)
    with ctx.database.read() as rows:
        return rows.execute(waiting.limit(1)).one_or_none() is not None


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
    turns: dict[str, list[Row[Any]]] = {}
    for row in found:
        turns.setdefault(row.group or row.id, []).append(row)
    for together in turns.values():
        if not together[0].group or is_whole(rows, together):
            yield together


def is_whole(rows: Connection, together: Sequence[Row[Any]]) -> bool:
    """Whether no other node of the group waits, or has still to end. One may come alone when its worker died while it
    was prepared."""
    waiting = (runs.c.group == together[0].group) & (runs.c.state == State.QUEUED)
    all_here = bool(rows.execute(select(func.count()).where(waiting)).scalar_one() == len(together))
    return all_here and are_gathered(rows, together)


# ── room ─────────────────────────────────────────────────────────────────────────────────────────


def what_is_left(machine: Capacity, active: Sequence[Row[Any]]) -> Capacity:
    """Runs that end hold what they may use; served ones hold nothing."""
    held = needs_of([row for row in active if not row.served])
    return Capacity(machine.cores - held.cores, machine.memory_bytes - held.memory_bytes, machine.gpus - held.gpus)


def promised(active: Sequence[Row[Any]]) -> int:
    """Memory that served runs may take and do not use yet, for they are only starting."""
    return needs_of([row for row in active if row.served and not row.ready]).memory_bytes


def fits(waiting: Sequence[Row[Any]], free: Capacity, free_memory: int) -> bool:
    together = needs_of(waiting)
    return together.memory_bytes <= free_memory if waiting[0].served else together.fit(free)


def needs_of(several: Iterable[Row[Any]]) -> Needs:
    return sum((Needs(row.cores, row.memory_bytes, row.gpus) for row in several), NO_NEEDS)


def could_fit(ctx: Platform, rows: Connection, waiting: Sequence[Row[Any]], machine: Capacity) -> bool:
    """Whether this machine could ever take it; it may have become smaller, which is told once."""
    try:
        check_fits(needs_of(waiting), machine)
    except Refused as error:
        told = select(run_events.c.id).where(run_events.c.run_id == waiting[0].id, run_events.c.code == "too_large")
        if rows.execute(told.limit(1)).one_or_none() is None:
            note(ctx, rows, waiting[0].id, waiting[0].attempt, Level.WARNING, "too_large", error.message)
        return False
    return True


def still_waits(rows: Connection, waiting: Sequence[Row[Any]]) -> bool:
    """Holds these rows until the end of the transaction; False when one of them has been stopped meanwhile."""
    ids = [row.id for row in waiting]
    held = select(runs.c.id).where(runs.c.id.in_(ids), runs.c.state == State.QUEUED).with_for_update()
    return len(rows.execute(held).all()) == len(ids)


def admit(
    ctx: Platform, rows: Connection, worker: Worker, row: Row[Any], machine: Capacity, active: list[Row[Any]]
) -> Run:
    now = ctx.clock()
    rows.execute(
        update(runs)
        .where(runs.c.id == row.id)
        .values(
            state=State.PREPARING, tries=row.tries + 1, gpu_ids=choose_gpus(row, machine, active), place=worker.place,
            owner=worker.owner, leased_until=now + LEASE_SECONDS, moments={**row.moments, "preparing": now},
            ready=False, address="",
        )
    )  # fmt: skip
    note(ctx, rows, row.id, row.attempt, Level.NORMAL, "preparing", say("preparing"))
    admitted = rows.execute(select(runs).where(runs.c.id == row.id)).one()
    active.append(admitted)
    return run_of(admitted)


def choose_gpus(row: Row[Any], machine: Capacity, active: Sequence[Row[Any]]) -> list[int]:
    """A GPU belongs to one run that ends; served runs share, and keep out of the way of those as long as they can."""
    taken = {number for one in active if not one.served for number in one.gpu_ids}
    shared = Counter(number for one in active if one.served for number in one.gpu_ids)
    numbers = [number for number in range(machine.gpus) if row.served or number not in taken]
    return sorted(sorted(numbers, key=lambda number: (number in taken, shared[number], number))[: row.gpus])
