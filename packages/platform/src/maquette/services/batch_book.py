"""What a worker writes down about a batch: that it is the one who feeds it, the inputs, and what became of each.

Every change asks whether the batch still is this worker's, and in the round that it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, select, update

from maquette.kernel.context import Platform
from maquette.runs.queue import LEASE_SECONDS, Worker, is_dead
from maquette.services import registry
from maquette.services.batch_inputs import Named
from maquette.services.batches import InputState, Phase
from maquette.services.deployment import InferType, Instance, Service, Status, Wanted
from maquette.services.rows import service_of
from maquette.services.sentences import say
from maquette.services.table import service_batches, service_inputs, services
from maquette_sdk.sentences import read, several

PAGE = 500
LISTED_AT_ONCE = 1000


class Lost(Exception):
    """The batch was removed, or another worker has it."""


@dataclass(frozen=True)
class Input:
    number: int
    source: str
    name: str


@dataclass(frozen=True)
class Outcome:
    """What became of an input. Of its `failures` the first are kept, each with row, status and reason."""

    number: int
    state: InputState
    instance: int
    requests: int = 1
    failed_requests: int = 0
    failures: Sequence[dict[str, Any]] = ()


@dataclass
class Tally:
    """Requests that were answered, those of inputs that are not through yet included."""

    requests: int = 0
    failed_requests: int = 0

    def add(self, ok: bool) -> None:
        self.requests += 1
        self.failed_requests += not ok


def waiting(ctx: Platform, worker: Worker, busy: Iterable[str]) -> list[str]:
    """Batches that are wanted to go on and that nobody feeds."""
    wanted = (services.c.wanted == Wanted.RUNNING) & (services.c.infer_type == InferType.BATCH)
    owners = select(services.c.id, service_batches.c.owner, service_batches.c.leased_until).where(wanted)
    with ctx.database.read() as rows:
        found = rows.execute(owners.outerjoin_from(services, service_batches).order_by(services.c.published_at)).all()
    return [row.id for row in found if row.id not in set(busy) and is_free(ctx, worker, row)]


def is_free(ctx: Platform, worker: Worker, row: Any) -> bool:
    return row.owner in (None, worker.owner) or is_dead(row.owner, row.leased_until, ctx.clock())


def renew(ctx: Platform, worker: Worker) -> None:
    """Other machines are told that these batches go on."""
    with ctx.database.write() as rows:
        mine = service_batches.c.owner == worker.owner
        rows.execute(update(service_batches).where(mine).values(leased_until=ctx.clock() + LEASE_SECONDS))


def claim(ctx: Platform, worker: Worker, service_id: str) -> Book | None:
    """The batch's book, where it is free; one that has come to its end begins anew."""
    now = ctx.clock()
    owned = {"owner": worker.owner, "leased_until": now + LEASE_SECONDS}
    anew = {"phase": Phase.LISTING, "began_at": now, "updated_at": now}
    with ctx.database.write() as rows:
        wanted = (services.c.id == service_id) & (services.c.wanted == Wanted.RUNNING)
        row = rows.execute(select(services).where(wanted).with_for_update()).one_or_none()
        if row is None:
            return None
        service = service_of(row)
        mine = service_batches.c.service_id == service_id
        known = rows.execute(select(service_batches).where(mine)).one_or_none()
        if known is None:
            rows.execute(insert(service_batches).values(service_id=service_id, **anew, **owned))
            return Book(ctx, service, worker.owner, 1, Phase.LISTING)
        if not is_free(ctx, worker, known):
            return None
        if known.phase != Phase.ENDED:
            rows.execute(update(service_batches).where(mine).values(owned))
            return Book(ctx, service, worker.owner, known.round, Phase(known.phase))
        zero = {"total": 0, "done": 0, "failed": 0, "requests": 0, "failed_requests": 0, "ended_at": None}
        next_round = {"round": known.round + 1, **anew, **owned, **zero}
        rows.execute(update(service_batches).where(mine).values(next_round))
        return Book(ctx, service, worker.owner, known.round + 1, Phase.LISTING)


@dataclass
class Book:
    """A batch as its feeder keeps it. `phase` is the one that it was found in."""

    ctx: Platform
    service: Service
    owner: str
    round: int
    phase: Phase
    tally: Tally = field(default_factory=Tally)

    @property
    def mine(self) -> ColumnElement[bool]:
        batch = service_batches.c
        return (batch.service_id == self.service.id) & (batch.owner == self.owner) & (batch.round == self.round)

    def change(self, rows: Connection, **values: Any) -> None:
        values["updated_at"] = self.ctx.clock()
        if not rows.execute(update(service_batches).where(self.mine).values(values)).rowcount:
            raise Lost

    # ── inputs ───────────────────────────────────────────────────────────────────────────────────

    def put_down(self, inputs: Iterator[Named], ended: Callable[[], bool]) -> int:
        """Writes down all inputs there are from now on, some at a time; what an earlier round has left is forgotten.
        Stops in the middle once it has `ended`."""
        with self.ctx.database.write() as rows:
            self.change(rows, total=0, done=0, failed=0, requests=0, failed_requests=0)
            rows.execute(delete(service_inputs).where(service_inputs.c.service_id == self.service.id))
        number = 0
        while not ended() and (some := list(islice(inputs, LISTED_AT_ONCE))):
            listed = [
                {"service_id": self.service.id, "number": number + place, "source": source, "name": name}
                for place, (source, name) in enumerate(some)
            ]
            number += len(some)
            with self.ctx.database.write() as rows:
                self.change(rows, total=number)
                rows.execute(insert(service_inputs), listed)
        if not ended():
            with self.ctx.database.write() as rows:
                self.change(rows, phase=Phase.FEEDING)
        return number

    def open(self) -> None:
        """Counts what is settled already."""
        mine = service_inputs.c.service_id == self.service.id
        sums = select(func.sum(service_inputs.c.requests), func.sum(service_inputs.c.failed_requests)).where(mine)
        with self.ctx.database.read() as rows:
            requests, failed = rows.execute(sums).one()
        self.tally = Tally(int(requests or 0), int(failed or 0))

    def unsettled(self, after: int) -> list[Input]:
        """The next page of inputs that wait."""
        of_service = (service_inputs.c.service_id == self.service.id) & (service_inputs.c.number > after)
        left = select(service_inputs).where(of_service, service_inputs.c.state == InputState.WAITING)
        with self.ctx.database.read() as rows:
            found = rows.execute(left.order_by(service_inputs.c.number).limit(PAGE)).all()
        return [Input(row.number, row.source, row.name) for row in found]

    def settled_of(self, instance: int) -> Iterator[Row[Any]]:
        """The inputs that are told in the manifest of an instance, in their order."""
        after: int | None = -1
        settled = (service_inputs.c.service_id == self.service.id) & (service_inputs.c.state != InputState.WAITING)
        while after is not None:
            page = select(service_inputs).where(
                settled, service_inputs.c.instance == instance, service_inputs.c.number > after
            )
            with self.ctx.database.read() as rows:
                found = rows.execute(page.order_by(service_inputs.c.number).limit(PAGE)).all()
            yield from found
            after = found[-1].number if found else None

    # ── what became of them ──────────────────────────────────────────────────────────────────────

    def save(self, outcomes: Sequence[Outcome], rate: float) -> None:
        done = sum(one.state is InputState.DONE for one in outcomes)
        batch = service_batches.c
        counts = {"done": batch.done + done, "failed": batch.failed + len(outcomes) - done} if outcomes else {}
        tally = {"requests": self.tally.requests, "failed_requests": self.tally.failed_requests}
        with self.ctx.database.write() as rows:
            self.change(rows, rate=rate, **tally, **counts)
            if outcomes:
                rows.execute(self.settling(), [settled(one) for one in outcomes])

    def settling(self) -> Any:
        mine = (service_inputs.c.service_id == self.service.id) & (service_inputs.c.number == bindparam("of"))
        names = ("state", "instance", "requests", "failed_requests", "failures")
        return update(service_inputs).where(mine).values({name: bindparam(f"its_{name}") for name in names})

    def look(self) -> tuple[Service, list[Instance]]:
        """The service as it stands. Raises Lost."""
        with self.ctx.database.read() as rows:
            row = rows.execute(select(services).where(services.c.id == self.service.id)).one_or_none()
            owned = rows.execute(select(service_batches.c.round).where(self.mine)).one_or_none()
            if row is None or owned is None:
                raise Lost
            instances = registry.instances_in(rows, [self.service.id]).get(self.service.id, [])
        return service_of(row), instances

    # ── ends ─────────────────────────────────────────────────────────────────────────────────────

    def finish(self) -> None:
        """Every input is settled. It is finished also with failures, and failed when nothing else came out. Nothing is
        done where it was stopped at the last moment."""
        with self.ctx.database.write() as rows:
            wanted = (services.c.id == self.service.id) & (services.c.wanted == Wanted.RUNNING)
            if rows.execute(select(services).where(wanted).with_for_update()).one_or_none() is None:
                return
            self.change(rows, phase=Phase.ENDED, ended_at=self.ctx.clock(), rate=0.0)
            batch = rows.execute(select(service_batches).where(self.mine)).one()
            if batch.done + batch.failed != batch.total:
                raise RuntimeError(f"{batch.done} + {batch.failed} inputs are settled, of {batch.total}")
            told: str = say("results", done=batch.done, total=batch.total)
            if batch.failed:
                failed = (service_inputs.c.service_id == self.service.id) & (service_inputs.c.failed_requests > 0)
                first = rows.execute(select(service_inputs).where(failed).order_by(service_inputs.c.number)).first()
                told = several(told, first_of(first, batch.failed))
            hopeless = bool(batch.total and not batch.done)
            self.end(rows, Status.FAILED if hopeless else Status.FINISHED, told, bool(batch.failed))

    def fail(self, message: str) -> None:
        """Nothing more can be done; a start goes on with what is left."""
        with self.ctx.database.write() as rows:
            self.change(rows, rate=0.0)
            wanted = (services.c.id == self.service.id) & (services.c.wanted == Wanted.RUNNING)
            if rows.execute(select(services).where(wanted).with_for_update()).one_or_none() is not None:
                self.end(rows, Status.FAILED, message, True)

    def end(self, rows: Connection, status: Status, told: str, abnormal: bool) -> None:
        mine = services.c.id == self.service.id
        rows.execute(update(services).where(mine).values(wanted=Wanted.STOPPED, due_at=None, trouble={}))
        registry.enter(self.ctx, rows, self.service.id, status, told if status is Status.FAILED else "")
        registry.tell(
            self.ctx, rows, self.service.id, str(status), say("batch", status=say(status), reason=told), abnormal
        )

    def release(self) -> None:
        """Another worker may have it."""
        with self.ctx.database.write() as rows:
            rows.execute(update(service_batches).where(self.mine).values(owner="", rate=0.0))


def settled(one: Outcome) -> dict[str, Any]:
    return {
        "of": one.number, "its_state": one.state, "its_instance": one.instance, "its_requests": one.requests,
        "its_failed_requests": one.failed_requests, "its_failures": list(one.failures),
    }  # fmt: skip


def first_of(row: Row[Any] | None, count: int) -> str:
    if row is None or not row.failures:
        return say("inputs_failed", count=count)
    one = row.failures[0]
    code = "first_row_failed" if one.get("row") else "first_failed"
    return say(code, count=count, source=row.source, row=one.get("row"), reason=read(one["reason"]))
