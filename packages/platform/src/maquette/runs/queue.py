"""Which worker has a run, and all changes of a run's state from then on, each of them only by who owns it.

A worker owns the runs that it moves on. Another takes them over when its process is dead, which on one machine is seen
at once; after a reboot, and for other machines, when it has not renewed its lease.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from maquette.kernel.context import Platform
from maquette.kernel.ids import new_id
from maquette.runs.actions import end_group, end_waiting, lock_queue, note, run_of
from maquette.runs.domain import ACTIVE, ENDED, NEXT, Level, Run, State
from maquette.runs.table import runs
from maquette_sdk.job import processes

LEASE_SECONDS = 30.0


@dataclass(frozen=True)
class Worker:
    """A worker's process, as others can tell whether it lives: boot of the machine, number, start, and a name."""

    place: str
    owner: str


def this_worker(ctx: Platform) -> Worker:
    me = processes.entry(os.getpid())
    owner = f"{processes.boot()}/{os.getpid()}/{me.started if me else 0}/{new_id()[-12:]}"
    return Worker(place_of(ctx), owner)


def place_of(ctx: Platform) -> str:
    """Machine and home: runs stay where their folders lie."""
    return f"{socket.gethostname()}:{ctx.settings.home.path}"


def is_dead(owner: str, leased_until: float, now: float) -> bool:
    """Whether the worker has gone: nobody's has; of one that is no process of this boot only its lease tells."""
    boot, _, rest = owner.partition("/")
    if boot != processes.boot():
        return not owner or leased_until < now
    pid, started = rest.split("/")[:2]
    return not processes.alive(int(pid), int(started))


# ── ownership ────────────────────────────────────────────────────────────────────────────────────


def renew(ctx: Platform, worker: Worker) -> None:
    with ctx.database.write() as rows:
        mine = (runs.c.owner == worker.owner) & runs.c.settled.is_(False)
        rows.execute(update(runs).where(mine).values(leased_until=ctx.clock() + LEASE_SECONDS))


def mine(ctx: Platform, worker: Worker) -> list[Run]:
    """What this worker has to move on, ended runs included that nobody has settled yet."""
    with ctx.database.read() as rows:
        ours = runs.c.settled.is_(False) & (runs.c.owner == worker.owner) & (runs.c.state != State.QUEUED)
        return [run_of(row) for row in rows.execute(select(runs).where(ours))]


def take_over(ctx: Platform, worker: Worker, kinds: Iterable[str]) -> list[Run]:
    """Runs of these kinds that nobody moves on any more: their worker is dead, or they were stopped before any had
    them."""
    adrift = is_adrift(ctx, worker) & runs.c.kind.in_(list(kinds))
    owners = select(runs.c.id, runs.c.owner, runs.c.leased_until).where(adrift)
    with ctx.database.read() as rows:
        candidates = rows.execute(owners).all()
    orphans = [row.id for row in candidates if is_dead(row.owner, row.leased_until, ctx.clock())]
    if not orphans:
        return []
    taken = []
    with ctx.database.write() as rows:
        lock_queue(rows)
        for row in rows.execute(select(runs).where(adrift, runs.c.id.in_(orphans)).with_for_update()).all():
            if is_dead(row.owner, row.leased_until, ctx.clock()):
                values = {"place": worker.place, "owner": worker.owner, "leased_until": ctx.clock() + LEASE_SECONDS}
                rows.execute(update(runs).where(runs.c.id == row.id).values(values))
                taken.append(run_of(row))
    return [replace(run, place=worker.place) for run in taken]


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
        if run.order.group:
            lock_queue(rows)  # or two nodes that end at once would wait for each other
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner) & (runs.c.state == run.state)
        row = rows.execute(select(runs).where(ours).with_for_update()).one_or_none()
        if row is None:
            return False
        reached = {"queued": ctx.clock()} if state is State.QUEUED else {**row.moments, **(moments or {})}
        rows.execute(update(runs).where(ours).values(state=state, moments=reached, **values))
        note(ctx, rows, run.id, run.attempt, *event)
        if state in ENDED and state is not State.SUCCEEDED:
            end_group(ctx, rows, run.id, run.order.group, run.order.node)
        if state is State.QUEUED:
            end_waiting(ctx, rows, run.id)
    return True


def reach(ctx: Platform, worker: Worker, run: Run, moment: str) -> None:
    """Notes that a part of the run's way is done."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        row = rows.execute(select(runs.c.moments).where(ours).with_for_update()).one_or_none()
        if row is not None:
            rows.execute(update(runs).where(ours).values(moments={**row.moments, moment: ctx.clock()}))


def mark(ctx: Platform, worker: Worker, run: Run, **values: Any) -> bool:
    """Writes something down of a run of ours that stays in its state; False when it is not ours any more, or has left
    that state."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        same = (runs.c.state == run.state) & (runs.c.tries == run.tries)
        return bool(rows.execute(update(runs).where(ours, same).values(values)).rowcount)


def settle(ctx: Platform, worker: Worker, run: Run) -> None:
    """From now on nobody moves the run on."""
    with ctx.database.write() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner) & runs.c.state.in_(ENDED)
        row = rows.execute(select(runs.c.moments).where(ours).with_for_update()).one_or_none()
        if row is not None:
            moments = {**row.moments, "settled": ctx.clock()}
            rows.execute(update(runs).where(ours).values(settled=True, moments=moments))


def wish_of(ctx: Platform, worker: Worker, run: Run) -> int | None:
    """What is wanted of the run now; None when it is not ours any more."""
    with ctx.database.read() as rows:
        ours = (runs.c.id == run.id) & (runs.c.owner == worker.owner)
        return rows.execute(select(runs.c.wish).where(ours)).scalar_one_or_none()
