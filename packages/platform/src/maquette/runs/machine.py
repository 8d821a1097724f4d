"""How the machine stands: what it has for runs, what they hold of it, and what waits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from maquette.kernel.context import Platform
from maquette.kernel.ports import Capacity
from maquette.runs.actions import run_of
from maquette.runs.admission import needs_of, what_is_left
from maquette.runs.domain import ACTIVE, Run, State
from maquette.runs.queue import place_of
from maquette.runs.table import runs


@dataclass(frozen=True)
class Standing:
    """`held` is what runs that end hold, `served` how many others run beside them, `waiting` the runs of one workspace
    in the queue with their place in it, and `queue` how long that is in all."""

    capacity: Capacity
    held: Capacity
    left: Capacity
    free_memory_bytes: int
    running: int
    served: int
    queue: int
    waiting: Sequence[tuple[int, Run]]


def standing(ctx: Platform, workspace_id: str) -> Standing:
    machine = ctx.executor.capacity()
    here = (runs.c.place == place_of(ctx)) & runs.c.state.in_(ACTIVE) & runs.c.settled.is_(False)
    queued = select(runs).where(runs.c.settled.is_(False), runs.c.state == State.QUEUED)
    in_turn = queued.order_by(runs.c.priority.desc(), runs.c.queued_at, runs.c.group, runs.c.node, runs.c.id)
    with ctx.database.read() as rows:
        active = rows.execute(select(runs).where(here)).all()
        waiting = rows.execute(in_turn).all()
    held = needs_of([row for row in active if not row.served])
    return Standing(
        capacity=machine,
        held=Capacity(held.cores, held.memory_bytes, held.gpus),
        left=what_is_left(machine, active),
        free_memory_bytes=ctx.executor.free_memory(),
        running=sum(not row.served for row in active),
        served=sum(row.served for row in active),
        queue=len(waiting),
        waiting=[(turn, run_of(row)) for turn, row in enumerate(waiting, 1) if row.workspace_id == workspace_id],
    )


@dataclass(frozen=True)
class Use:
    """What this machine does at the moment, whoever makes it: `load` is how many cores are wanted, as a mean of the
    last minute; the disk is the one that the home lies on."""

    cores: int
    load: float
    memory_bytes: int
    free_memory_bytes: int
    disk_bytes: int
    free_disk_bytes: int


def use(ctx: Platform) -> Use:
    machine, disk = ctx.executor.capacity(), shutil.disk_usage(ctx.settings.home.path)
    return Use(
        cores=machine.cores,
        load=os.getloadavg()[0],
        memory_bytes=machine.memory_bytes,
        free_memory_bytes=ctx.executor.free_memory(),
        disk_bytes=disk.total,
        free_disk_bytes=disk.free,
    )
