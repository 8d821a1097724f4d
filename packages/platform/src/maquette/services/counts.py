"""How services are called: counts and latencies, gathered in memory and written down every few seconds.

A latency is counted in one of `BOUNDS`, each a quarter longer than the one before, so that a percentile is known to a
quarter of itself, and what several servers have counted can be added up.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update
from starlette.requests import Request

from maquette.kernel.context import Platform
from maquette.services.table import service_counts, services

FIRST, GROWTH, COUNT = 0.001, 1.25, 52
BOUNDS = tuple(FIRST * GROWTH**number for number in range(COUNT))
"""Seconds, from 1 ms to 88 s; what took longer is counted with the last."""


@dataclass
class Count:
    """Calls of one version of a model in one service."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0
    histogram: list[int] = field(default_factory=lambda: [0] * COUNT)

    def add(self, ok: bool, seconds: float) -> None:
        self.calls += 1
        self.failures += not ok
        self.seconds += seconds
        self.histogram[place(seconds)] += 1

    def __add__(self, other: Count) -> Count:
        both = [one + two for one, two in zip(self.histogram, other.histogram, strict=True)]
        return Count(self.calls + other.calls, self.failures + other.failures, self.seconds + other.seconds, both)

    def percentile(self, share: float) -> float | None:
        """Seconds within which this share of the calls was answered; None without any."""
        if not self.calls:
            return None
        wanted, seen = share * self.calls, 0
        for bound, number in zip(BOUNDS, self.histogram, strict=True):
            seen += number
            if seen >= wanted:
                return bound
        return BOUNDS[-1]


def place(seconds: float) -> int:
    """Where a latency is counted: at the first bound that is not below it."""
    if seconds <= FIRST:
        return 0
    return min(COUNT - 1, math.ceil(math.log(seconds / FIRST) / math.log(GROWTH) - 1e-9))


class Counts:
    """What one server has counted and not written down yet, by (service, model)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[tuple[str, str], Count] = {}

    def add(self, service_id: str, model_id: str, ok: bool, seconds: float) -> None:
        with self.lock:
            self.waiting.setdefault((service_id, model_id), Count()).add(ok, seconds)

    def take(self) -> dict[tuple[str, str], Count]:
        with self.lock:
            taken, self.waiting = self.waiting, {}
        return taken

    def put_back(self, taken: Mapping[tuple[str, str], Count]) -> None:
        with self.lock:
            for key, count in taken.items():
                self.waiting[key] = count + self.waiting.get(key, Count())

    def save(self, ctx: Platform) -> None:
        """Writes everything down in one transaction; what cannot be written is kept for the next time."""
        taken = self.take()
        if not taken:
            return
        try:
            with ctx.database.write() as rows:
                for (service_id, model_id), count in sorted(taken.items()):
                    add_to_row(ctx, rows, service_id, model_id, count)
        except BaseException:
            self.put_back(taken)
            raise


def save_counts(request: Request) -> None:
    """Writes down what this server has counted, before somebody reads it. For routes to depend on."""
    infers = getattr(request.app.state, "infers", None)
    if infers is not None:
        infers.counts.save(request.app.state.ctx)


def add_to_row(ctx: Platform, rows: Connection, service_id: str, model_id: str, count: Count) -> None:
    """Adds to what is written down; of a service that was removed nothing is."""
    called = update(services).where(services.c.id == service_id).values(called_at=ctx.clock())
    if not rows.execute(called).rowcount:
        return
    mine = (service_counts.c.service_id == service_id) & (service_counts.c.model_id == model_id)
    row = rows.execute(select(service_counts).where(mine).with_for_update()).one_or_none()
    if row is None:
        told = {"service_id": service_id, "model_id": model_id, **vars(count)}
        rows.execute(insert(service_counts).values(told))
    else:
        known = Count(row.calls, row.failures, row.seconds, row.histogram)
        rows.execute(update(service_counts).where(mine).values(vars(known + count)))


def counted(ctx: Platform, service_ids: Iterable[str]) -> dict[str, dict[str, Count]]:
    """What is written down: by service, by model."""
    found: dict[str, dict[str, Count]] = {}
    mine = select(service_counts).where(service_counts.c.service_id.in_(list(service_ids)))
    with ctx.database.read() as rows:
        for row in rows.execute(mine):
            count = Count(row.calls, row.failures, row.seconds, row.histogram)
            found.setdefault(row.service_id, {})[row.model_id] = count
    return found


def total(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())
