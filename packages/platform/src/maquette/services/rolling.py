"""Keeps services as they are wanted: starts what lacks, replaces what died, and lets go what is not wanted any more.

`make_plan` decides, from what the rows tell and as a pure function; `Services.step` does it, one transaction a service,
so that several workers never do it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from maquette.kernel.context import Platform
from maquette.kernel.errors import MaquetteError
from maquette.models import registry as models
from maquette.runs import actions as runs
from maquette.runs import logs
from maquette.runs.asking import Asking
from maquette.runs.domain import Needs, Order, Run, Wish
from maquette.services import registry
from maquette.services.deployment import KIND, InferType, Instance, Result, Service, Status, Target, Trouble, Wanted
from maquette.services.domain import CallLimits
from maquette.services.instances import FAILURE
from maquette.services.rows import service_of
from maquette.services.sentences import say
from maquette.services.table import service_instances, service_updates, services
from maquette.services.work import ask
from maquette.training.flavours import needs_of
from maquette_sdk.sentences import as_json

log = logging.getLogger(__name__)

TRIES = 3
"""So many starts may fail in a row before the service counts as failed or concerning."""
USEFUL_SECONDS = 2.0
"""One that was ready for as long as this has answered calls; who calls may wait for the next."""
STEADY_SECONDS = 10.0
"""An instance that was ready for as long as this was sound: its end begins a new count."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LEAVE_SECONDS = 1.0
"""As long as this an instance that leaves may still be given calls: servers look at the rows several times in it."""
LONGEST_LEAVE = CallLimits().patience * CallLimits().seconds
REASON_BYTES = 4000
EXPECTED_BYTES = 512 << 20
"""What an instance takes besides its weights, in memory, until it tells how much it is."""


@dataclass
class Plan:
    """What is to be done for a service."""

    start: list[Target] = field(default_factory=list)
    leave: list[Instance] = field(default_factory=list)
    stop: list[Instance] = field(default_factory=list)
    late: list[Instance] = field(default_factory=list)
    died: list[Instance] = field(default_factory=list)
    gone: list[Instance] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    ready: list[Instance] = field(default_factory=list)
    stop_all: bool = False
    sleep: bool = False

    def __bool__(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Bounds:
    """How long a start may take, and after how long without a call a service is put to sleep (0: never)."""

    start_seconds: float
    sleep_seconds: float


def make_plan(service: Service, instances: Sequence[Instance], idle: Iterable[str], now: float, bounds: Bounds) -> Plan:
    """`idle` are the runs of leaving instances that have no call any more."""
    plan = Plan()
    plan.gone = [one for one in instances if one.run.has_ended]
    live = [one for one in instances if not one.run.has_ended and not one.run.wish]
    plan.ready = [one for one in live if one.ready and one.ready_at is None]
    plan.stop = [one for one in live if one.leaving_at is not None and may_stop(one, idle, now)]
    staying = [one for one in live if one.leaving_at is None]
    if service.wanted is not Wanted.RUNNING or service.asleep:
        let_go(plan, staying)
        return plan
    if service.due_at is not None and now >= service.due_at:
        plan.stop_all = True
        return plan
    plan.died = [one for one in plan.gone if one.leaving_at is None and not one.run.wish and service.target(one.key)]
    plan.late = [one for one in staying if is_late(one, now, bounds.start_seconds)]
    staying = [one for one in staying if one not in plan.late]
    steady = {one.key for one in staying if one.ready_at is not None and now - one.ready_at >= STEADY_SECONDS}
    plan.recovered = sorted(steady & set(service.trouble))
    plan.sleep = may_sleep(service, staying, now, bounds.sleep_seconds)
    if not plan.sleep:
        roll(plan, service, staying, now)
    return plan


def let_go(plan: Plan, some: Iterable[Instance]) -> None:
    """Those that answer finish what they have; those that only start are stopped at once."""
    for one in some:
        (plan.leave if one.ready else plan.stop).append(one)


def may_stop(leaving: Instance, idle: Iterable[str], now: float) -> bool:
    too_long = leaving.leaving_at is not None and now - leaving.leaving_at >= LONGEST_LEAVE
    return too_long or (has_left(leaving, now) and leaving.run.id in idle)


def has_left(one: Instance, now: float) -> bool:
    """Whether no server sends calls to it any more."""
    return one.leaving_at is not None and now - one.leaving_at >= LEAVE_SECONDS


def is_late(one: Instance, now: float, start_seconds: float) -> bool:
    began = one.run.moments.get("started")
    return not one.ready and began is not None and now - began >= start_seconds


def may_sleep(service: Service, staying: Sequence[Instance], now: float, sleep_seconds: float) -> bool:
    if not sleep_seconds or service.status is not Status.RUNNING or service.infer_type is InferType.BATCH:
        return False
    newest = max((one.ready_at or now for one in staying), default=now)
    return now - max(service.called_at, service.transition_at, newest) >= sleep_seconds


def roll(plan: Plan, service: Service, staying: Sequence[Instance], now: float) -> None:
    """Brings instances to what the targets say. Those of former targets go one by one, as new ones get ready."""
    others = [one for one in staying if service.target(one.key) is None]
    let_go(plan, [one for one in others if not one.ready])
    old = [one for one in others if one.ready]
    starting = sum(not one.ready for one in staying if one not in others)
    ready = 0
    for target in service.targets:
        mine = [one for one in staying if one.key == target.key]
        answering = [one for one in mine if one.ready]
        ready += min(len(answering), target.instances)
        surplus = len(mine) - target.instances
        let_go(plan, sorted(mine, key=lambda one: (one.ready, -one.created_at))[: max(0, surplus)])
        lacking = max(0, -surplus)
        if old:
            lacking = min(lacking, 1 - min(1, starting))  # one after another, while others answer
        if now >= service.trouble.get(target.key, Trouble()).not_before:
            plan.start += [target] * lacking
            starting += lacking
    needed = sum(target.instances for target in service.targets)
    let_go(plan, old[: max(0, len(old) - max(0, needed - ready))])


# ── how it fares ─────────────────────────────────────────────────────────────────────────────────


def judge(service: Service, instances: Sequence[Instance]) -> tuple[Status, str]:
    """The status of a service that is wanted to run, and why where it is no good one."""
    if service.asleep:
        return service.status, service.error
    begun = service.infer_type is InferType.BATCH and service.status is Status.DEPLOYING
    if is_complete(service, instances) or (begun and any(one.takes_calls for one in instances)):
        return Status.RUNNING, ""  # a batch is fed from its first instance on
    troubles = [(target, service.trouble.get(target.key, Trouble())) for target in service.targets]
    failing = [(target, trouble) for target, trouble in troubles if trouble.failures >= TRIES]
    if not failing:
        return service.status, service.error
    target, trouble = failing[0]
    told = say("not_ready", version=f"{target.model_name} {target.model_version}", reason=trouble.reason)
    if any(one.takes_calls for one in instances):
        return Status.CONCERNING, told
    return (Status.FAILED if service.status in (Status.DEPLOYING, Status.FAILED) else Status.CONCERNING), told


def is_complete(service: Service, instances: Sequence[Instance]) -> bool:
    """Whether every target has as many instances ready as it should."""
    counts = [sum(one.takes_calls for one in instances if one.key == target.key) for target in service.targets]
    return all(count >= target.instances for count, target in zip(counts, service.targets, strict=True))


# ── the worker's part ────────────────────────────────────────────────────────────────────────────


@dataclass
class Services:
    """A worker's part with services: call `step` again and again, and `close` at the end."""

    ctx: Platform
    asking: Asking = field(default_factory=Asking)
    idle: set[str] = field(default_factory=set)
    """Runs of leaving instances that have no call any more. None comes to one to which no server sends any."""

    def step(self) -> None:
        found = watched(self.ctx)
        self.idle.intersection_update({one.run.id for _, instances in found for one in instances})
        for service, instances in found:
            try:
                self.move_on(service, instances)
            except MaquetteError as error:
                log.error("Service %s could not be moved on: %s", service.name, error.message)
            except Exception:
                log.exception("Service %s could not be moved on; it is tried again.", service.name)

    def close(self) -> None:
        self.asking.close()

    def move_on(self, service: Service, instances: Sequence[Instance]) -> None:
        bounds, now = bounds_of(self.ctx), self.ctx.clock()
        for one in instances:
            if one.run.id not in self.idle and has_left(one, now):
                self.asking.begin(one.run.id, partial(self.ask, one.run))
        idle = frozenset(self.idle)
        plan = make_plan(service, instances, idle, now, bounds)
        if not plan and not is_changed(service, instances):
            return
        reasons = {one.run.id: reason_of(self.ctx, one.run) for one in (*plan.died, *plan.late)}
        with self.ctx.database.write() as rows:
            row = rows.execute(select(services).where(services.c.id == service.id).with_for_update()).one_or_none()
            if row is None:
                return
            service = service_of(row)
            instances = registry.instances_in(rows, [service.id]).get(service.id, [])
            plan = make_plan(service, instances, idle, now, bounds)
            Doing(self.ctx, rows, service, now).do(plan, reasons)

    def ask(self, run: Run) -> None:
        if is_idle(run):
            self.idle.add(run.id)


def watched(ctx: Platform) -> list[tuple[Service, list[Instance]]]:
    """Services that are wanted to run, and those that still have instances."""
    running = services.c.wanted == Wanted.RUNNING
    occupied = services.c.id.in_(select(service_instances.c.service_id))
    with ctx.database.read() as rows:
        found = [service_of(row) for row in rows.execute(select(services).where(running | occupied))]
        instances = registry.instances_in(rows, [one.id for one in found]) if found else {}
    return [(one, instances.get(one.id, [])) for one in found]


def is_changed(service: Service, instances: Sequence[Instance]) -> bool:
    """Whether its status is another one than is written down."""
    if service.wanted is not Wanted.RUNNING:
        return False
    settled = service.settled == service.revision or not is_complete(service, instances)
    return judge(service, instances) != (service.status, service.error) or not settled


def is_idle(run: Run) -> bool:
    """Whether an instance has no call; one that says nothing has none either."""
    told = ask(run.address)
    return not told or (not told["busy"] and not told["queued"])


def bounds_of(ctx: Platform) -> Bounds:
    return Bounds(ctx.settings.start_seconds, ctx.settings.sleep_minutes * 60)


def reason_of(ctx: Platform, run: Run) -> str:
    """Why an instance did not get ready, or ended: what its code said, else its last lines."""
    lines = logs.last_bytes(ctx, run, REASON_BYTES).strip()
    _, told, trace = lines.rpartition(FAILURE.decode())
    if told:
        return trace.strip()
    said = run.message or say("too_late")
    return say("last_lines", reason=said, lines=lines) if lines else said


@dataclass
class Doing:
    """Does what a plan says, within one transaction that holds the service's row."""

    ctx: Platform
    rows: Connection
    service: Service
    now: float

    def do(self, plan: Plan, reasons: Mapping[str, str]) -> None:
        self.note_ends(plan, reasons)
        for one in plan.ready:
            self.set_instance(one, ready_at=self.now)
            self.tell("instance_ready", say("instance_ready", version=self.name_of(one)), run=one.run.id)
        for one in plan.leave:
            self.set_instance(one, leaving_at=self.now)
        for one in (*plan.stop, *plan.late):
            self.set_instance(one, leaving_at=self.now)
            self.end_run(one)
        for target in plan.start:
            self.start(target)
        if plan.sleep:
            self.set_service(asleep=True)
            self.tell("asleep", say("asleep"))
        if plan.stop_all:
            registry.set_stopped(self.ctx, self.rows, self.service.id, "auto_stopped", say("auto_stopped"))
        elif self.service.wanted is Wanted.RUNNING:
            self.note_status()

    def note_ends(self, plan: Plan, reasons: Mapping[str, str]) -> None:
        trouble = {key: one for key, one in self.service.trouble.items() if key not in plan.recovered}
        for one in (*plan.died, *plan.late):
            trouble[one.key] = self.more_trouble(trouble.get(one.key, Trouble()), one, reasons.get(one.run.id, ""))
        for one in plan.gone:
            self.rows.execute(delete(service_instances).where(service_instances.c.run_id == one.run.id))
        if trouble != self.service.trouble:
            self.set_service(trouble={key: as_json(asdict(one)) for key, one in trouble.items()})
            self.service = replace(self.service, trouble=trouble)

    def more_trouble(self, before: Trouble, one: Instance, reason: str) -> Trouble:
        lived = 0.0 if one.ready_at is None else self.now - one.ready_at
        steady, hopeless = lived >= STEADY_SECONDS, lived < USEFUL_SECONDS and before.failures > 0
        failures = 1 if steady else before.failures + 1
        pause = 0.0 if steady else min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
        code = "instance_ended" if one.ready_at is not None else "instance_failed"
        told = say(code, version=self.name_of(one), reason=reason)
        self.tell("instance_failed", told, abnormal=True, run=one.run.id, failures=failures)
        return Trouble(failures, reason, self.now + pause, hopeless)

    def start(self, target: Target) -> None:
        model = models.find_model(self.ctx, self.service.workspace_id, target.model_id)
        cap = needs_of(self.ctx.executor.capacity(), target.specification)
        memory = min(cap.memory_bytes, EXPECTED_BYTES + 2 * model.size_bytes)
        order = Order(
            self.service.workspace_id, KIND, self.service.id, self.service.name, Needs(1, memory, cap.gpus),
            target.as_row(), served=True, created_by=self.service.created_by,
        )  # fmt: skip
        run_id = runs.submit(self.ctx, self.rows, order)
        self.rows.execute(
            insert(service_instances).values(
                run_id=run_id, service_id=self.service.id, key=target.key, model_id=target.model_id,
                revision=self.service.revision, created_at=self.now,
            )
        )  # fmt: skip

    def note_status(self) -> None:
        instances = registry.instances_in(self.rows, [self.service.id]).get(self.service.id, [])
        status, error = judge(self.service, instances)
        if (status, error) != (self.service.status, self.service.error):
            registry.enter(self.ctx, self.rows, self.service.id, status, error)
        if status is not self.service.status:
            told = say("status", status=say(status), reason=error) if error else say("status_good", status=say(status))
            self.tell(str(status), told, abnormal=status in (Status.FAILED, Status.CONCERNING))
        if status is Status.RUNNING and self.service.settled != self.service.revision:
            self.set_service(settled=self.service.revision)
            self.end_update(Result.SUCCESS)
        elif status in (Status.FAILED, Status.CONCERNING):
            self.end_update(Result.FAIL, error)
        if status is Status.FAILED:
            self.set_service(wanted=Wanted.STOPPED)

    def end_update(self, result: Result, message: str = "") -> None:
        mine = (service_updates.c.service_id == self.service.id) & (service_updates.c.revision == self.service.revision)
        open_or_other = mine & (service_updates.c.result != result)
        self.rows.execute(update(service_updates).where(open_or_other).values(result=result, message=message))

    def end_run(self, one: Instance) -> None:
        runs.stop_in(self.ctx, self.rows, one.run.id, Wish.STOP)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def set_service(self, **values: Any) -> None:
        self.rows.execute(update(services).where(services.c.id == self.service.id).values(values))

    def set_instance(self, one: Instance, **values: Any) -> None:
        self.rows.execute(update(service_instances).where(service_instances.c.run_id == one.run.id).values(values))

    def tell(self, code: str, message: str, abnormal: bool = False, **parameters: Any) -> None:
        registry.tell(self.ctx, self.rows, self.service.id, code, message, abnormal, **parameters)

    def name_of(self, one: Instance) -> str:
        target = self.service.target(one.key)
        return f"{target.model_name} {target.model_version}" if target else self.service.name
