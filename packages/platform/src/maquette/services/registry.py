"""What one may do with services: deploy, change, roll back, start, stop, list, remove. A worker acts (rolling.py)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from maquette.kernel.identity import Identity
from maquette.kernel.ids import new_id
from maquette.models import registry as models
from maquette.models.domain import MODEL_TYPES
from maquette.models.package import read_package
from maquette.models.work import mode_of
from maquette.runs import actions as runs
from maquette.runs.domain import Needs, check_fits
from maquette.runs.sentences import say as about
from maquette.services.deployment import (
    IN_WORDS,
    Happened,
    InferType,
    Instance,
    Query,
    Result,
    Service,
    Status,
    Target,
    Update,
    Wanted,
    check_description,
    check_name,
    check_stop_hours,
    check_targets,
)
from maquette.services.rows import instance_of, service_of, sorted_by, targets_of
from maquette.services.sentences import say
from maquette.services.table import (
    service_events,
    service_instances,
    service_models,
    service_updates,
    services,
)
from maquette.training.flavours import needs_of
from maquette.training.listing import escape_like

HOUR = 3600.0
MOST_EVENTS = 1000

Question = Callable[[Connection], None]
"""Asked within a transaction; it raises what the answer is no to."""


def always(rows: Connection) -> None:
    """Nothing else speaks against it."""


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def deploy(
    ctx: Platform, who: Identity, name: str, targets: Sequence[Target], description: str = "", stop_hours: float = 0.0,
    batch: Mapping[str, Any] | None = None, may_begin: Question = always,
) -> Service:  # fmt: skip
    """A new service, started at once; with the details of a `batch` it works through files and takes no calls. Conflict
    for a name that is taken; nothing is kept of what is refused, also by `may_begin` in the same transaction."""
    check_name(name)
    check_description(description)
    check_stop_hours(stop_hours)
    targets = [completed(ctx, who.workspace_id, target) for target in targets]
    check_targets(targets)
    id, now = new_id(), ctx.clock()
    infer_type = InferType.REAL_TIME if batch is None else InferType.BATCH
    try:
        with ctx.database.write() as rows:
            may_begin(rows)
            rows.execute(
                insert(services).values(
                    id=id, workspace_id=who.workspace_id, name=name, description=description, stop_hours=stop_hours,
                    infer_type=infer_type, details=dict(batch or {}),
                    due_at=due_at(now, stop_hours), wanted=Wanted.RUNNING, status=Status.DEPLOYING, revision=0,
                    targets=[], created_by=who.user_id, created_at=now, published_at=now, transition_at=now,
                )
            )  # fmt: skip
            set_targets(ctx, rows, who, id, targets, 1)
            tell(ctx, rows, id, "deploying", say("deploying", name=name), name=name)
    except IntegrityError:
        if not list_all(ctx, who.workspace_id, Query(exact=name))[1]:
            raise
        raise Conflict(say("service_taken", name=name), field="service_name") from None
    return find(ctx, who.workspace_id, id)


def completed(ctx: Platform, workspace_id: str, target: Target) -> Target:
    """With what the model says: its name and version, and how it takes predictions. Raises BadInput, NotFound."""
    model = models.find_model(ctx, workspace_id, target.model_id)
    if model.status is models.Status.FAILED:
        raise BadInput(
            say("model_failed", name=model.name, version=model.version, error=model.error), field="config.model_id"
        )
    if model.status is not models.Status.PUBLISHED:
        raise Unavailable(say("model_importing", name=model.name, version=model.version))
    check_specification(ctx, target.specification)
    folder = models.folder_of(ctx, model.id)
    package = read_package(folder, mode_of(model.request, folder)).package
    if package is None:
        raise BadInput(say("package_not_served", name=model.name, version=model.version), field="config.model_id")
    return replace(
        target, model_name=model.name, model_version=model.version, paths=package.paths,
        raw=MODEL_TYPES[package.model_type].json_only,
    )  # fmt: skip


def check_specification(ctx: Platform, name: str) -> None:
    """Refuses a flavour that is none, and one with more GPUs than this machine will ever have."""
    machine = ctx.executor.capacity()
    try:
        needs = needs_of(machine, name)
    except BadInput as error:
        raise BadInput(error.message, field="config.specification") from None
    check_fits(Needs(1, 0, needs.gpus), machine, about("flavour_needs", name=name))


def set_targets(
    ctx: Platform, rows: Connection, who: Identity, id: str, targets: Sequence[Target], revision: int
) -> None:
    """Within the caller's transaction. A former change that is not over yet is given up for this one."""
    now, kept = ctx.clock(), [target.as_row() for target in targets]
    unfinished = (service_updates.c.service_id == id) & (service_updates.c.result == Result.RUNNING)
    given_up = {"result": Result.FAIL, "message": say("given_up")}
    rows.execute(update(service_updates).where(unfinished).values(given_up))
    rows.execute(
        insert(service_updates).values(
            service_id=id, revision=revision, at=now, result=Result.RUNNING, targets=kept, by=who.user_id
        )
    )
    rows.execute(delete(service_models).where(service_models.c.service_id == id))
    deployed = [{"service_id": id, "model_id": target.model_id} for target in targets]
    try:
        rows.execute(insert(service_models), deployed)
    except IntegrityError:
        raise NotFound(say("version_removed"), field="config.model_id") from None
    rows.execute(
        update(services)
        .where(services.c.id == id)
        .values(targets=kept, revision=revision, published_at=now, trouble={}, error="", asleep=False)
    )


def change(
    ctx: Platform, who: Identity, service: Service, targets: Sequence[Target] | None = None,
    description: str | None = None, stop_hours: float | None = None,
) -> Service:  # fmt: skip
    """Other versions, weights, numbers or variables: new instances take over from those there are one by one. What is
    left out stays."""
    if description is not None:
        check_description(description)
    if stop_hours is not None:
        check_stop_hours(stop_hours)
    if targets is not None:
        if service.infer_type is InferType.BATCH:
            raise Conflict(say("is_batch", name=service.name), id=service.id)
        targets = [completed(ctx, service.workspace_id, target) for target in targets]
        check_targets(targets)
    with ctx.database.write() as rows:
        row = held(rows, service)
        values: dict[str, Any] = {} if description is None else {"description": description}
        if stop_hours is not None:
            values |= {"stop_hours": stop_hours, "due_at": due_at(ctx.clock(), stop_hours)}
        if values:
            rows.execute(update(services).where(services.c.id == service.id).values(values))
        if targets is not None and [target.as_row() for target in targets] != row.targets:
            set_targets(ctx, rows, who, service.id, targets, row.revision + 1)
            if row.wanted == Wanted.RUNNING:
                enter(ctx, rows, service.id, Status.DEPLOYING)
            told = say("changing", targets=sentence(targets))
            tell(ctx, rows, service.id, "changing", told, revision=row.revision + 1)
    return find(ctx, service.workspace_id, service.id)


def roll_back(ctx: Platform, who: Identity, service: Service, revision: int | None = None) -> Service:
    """To what it consisted of at a revision, the last one before this that was wholly ready if none is named."""
    service = find(ctx, service.workspace_id, service.id)
    former = [one for one in updates(ctx, service) if one.revision != service.revision]
    fit = [one for one in former if one.revision == revision or (revision is None and one.result is Result.SUCCESS)]
    if not fit:
        told = say("no_earlier", name=service.name)
        if revision is not None:
            told = say("no_revision", name=service.name, revision=revision)
        raise NotFound(told, field="revision")
    return change(ctx, who, service, fit[0].targets)


def start(ctx: Platform, service: Service, may_begin: Question = always) -> Service:
    """Anew, from its first instance. Conflict for one that is on its way already."""
    with ctx.database.write() as rows:
        may_begin(rows)
        row = held(rows, service)
        if row.wanted == Wanted.RUNNING and row.status != Status.FAILED:
            raise Conflict(say("goes_on", name=service.name, status=IN_WORDS[row.status]), id=service.id)
        due = due_at(ctx.clock(), row.stop_hours)
        wanted: dict[str, Any] = {"wanted": Wanted.RUNNING, "due_at": due, "trouble": {}, "error": "", "asleep": False}
        rows.execute(update(services).where(services.c.id == service.id).values(wanted))
        enter(ctx, rows, service.id, Status.DEPLOYING)
        tell(ctx, rows, service.id, "starting", say("starting", name=service.name))
    return find(ctx, service.workspace_id, service.id)


def stop(ctx: Platform, service: Service) -> Service:
    """Its instances finish the calls they have. One that is stopped stays so."""
    with ctx.database.write() as rows:
        row = held(rows, service)
        if row.wanted == Wanted.RUNNING:
            set_stopped(ctx, rows, service.id, "stopped", say("stopped", name=service.name))
    return find(ctx, service.workspace_id, service.id)


def set_stopped(ctx: Platform, rows: Connection, id: str, code: str, message: str) -> None:
    wanted: dict[str, Any] = {"wanted": Wanted.STOPPED, "due_at": None, "error": "", "asleep": False, "trouble": {}}
    rows.execute(update(services).where(services.c.id == id).values(wanted))
    enter(ctx, rows, id, Status.STOPPED)
    tell(ctx, rows, id, code, message)


def remove(ctx: Platform, service: Service) -> None:
    """With its history and its counts; instances that still go on end now."""
    with ctx.database.write() as rows:
        held(rows, service)
        rows.execute(delete(services).where(services.c.id == service.id))
    for run in runs.of_subject(ctx, service.id):
        with contextlib.suppress(NotFound):  # it has ended meanwhile, and was forgotten
            runs.stop(ctx, service.workspace_id, run.id)


def held(rows: Connection, service: Service) -> Row[Any]:
    """The service's row, until the end of the transaction nobody else's."""
    row = rows.execute(select(services).where(services.c.id == service.id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(say("service_gone", id=service.id), id=service.id)
    return row


def enter(ctx: Platform, rows: Connection, id: str, status: Status, error: str = "") -> None:
    """The service is in this status from now on."""
    rows.execute(
        update(services).where(services.c.id == id).values(status=status, error=error, transition_at=ctx.clock())
    )


def tell(
    ctx: Platform, rows: Connection, id: str, code: str, message: str, abnormal: bool = False, **parameters: Any
) -> None:
    """Keeps an event of a service within the caller's transaction."""
    rows.execute(
        insert(service_events).values(
            service_id=id, at=ctx.clock(), abnormal=abnormal, code=code, message=message, parameters=parameters
        )
    )


def due_at(now: float, hours: float) -> float | None:
    return now + hours * HOUR if hours else None


def sentence(targets: Sequence[Target]) -> str:
    """What a service consists of: `cats 1.0.2 (70 %, 2 instances) and cats 1.0.3 (30 %, 1 instance)`."""
    *others, last = [
        say(
            "instances" if one.instances > 1 else "one_instance", version=f"{one.model_name} {one.model_version}",
            weight=one.weight, count=one.instances,
        )
        for one in targets
    ]  # fmt: skip
    for one in reversed(others):
        last = say("both", first=one, rest=last)
    return last


def tag(ctx: Platform, service: Service, tags: Sequence[Mapping[str, str]]) -> None:
    """With these tags instead of those it had."""
    with ctx.database.write() as rows:
        rows.execute(update(services).where(services.c.id == service.id).values(tags=list(tags)))


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find(ctx: Platform, workspace_id: str, id: str) -> Service:
    """By its id."""
    return find_by(ctx, workspace_id, services.c.id, id)


def find_named(ctx: Platform, workspace_id: str, name: str) -> Service:
    """By its name, or by its id."""
    try:
        return find_by(ctx, workspace_id, services.c.name, name)
    except NotFound:
        return find(ctx, workspace_id, name)


def find_by(ctx: Platform, workspace_id: str, column: ColumnElement[str], value: str) -> Service:
    with ctx.database.read() as rows:
        mine = (column == value) & (services.c.workspace_id == workspace_id)
        row = rows.execute(select(services).where(mine)).one_or_none()
    if row is None:
        raise NotFound(say("no_service", id=value), id=value)
    return service_of(row)


def list_all(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[Service], int]:
    """A page of services, and how many there are in all."""
    wanted = [services.c.workspace_id == workspace_id]
    if query.name:
        wanted.append(services.c.name.ilike(f"%{escape_like(query.name)}%", escape="\\"))
    if query.id:
        wanted.append(services.c.id == query.id)
    if query.exact:
        wanted.append(services.c.name == query.exact)
    if query.model_id:
        deployed = select(service_models.c.service_id).where(service_models.c.model_id == query.model_id)
        wanted.append(services.c.id.in_(deployed))
    if query.infer_type:
        wanted.append(services.c.infer_type == query.infer_type)
    if query.statuses:
        wanted.append(services.c.status.in_(query.statuses))
    column = sorted_by(query.sort)
    order = column.desc() if query.descending else column.asc()
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(services).where(*wanted)).scalar_one()
        page = select(services).where(*wanted).order_by(order, services.c.id)
        return [service_of(row) for row in rows.execute(page.offset(query.offset).limit(query.limit))], total


def deployed_by(ctx: Platform, model_id: str) -> list[str]:
    """The names of the services that run a version of a model."""
    mine = select(services.c.name).join(service_models, service_models.c.service_id == services.c.id)
    with ctx.database.read() as rows:
        return list(rows.execute(mine.where(service_models.c.model_id == model_id).order_by(services.c.name)).scalars())


def deployments(ctx: Platform, workspace_id: str, model_ids: Sequence[str]) -> list[tuple[str, Service]]:
    """Which services run these models, by name: each model with each of its services."""
    mine = select(service_models.c.model_id, services).join(services, services.c.id == service_models.c.service_id)
    wanted = mine.where(services.c.workspace_id == workspace_id, service_models.c.model_id.in_(model_ids))
    with ctx.database.read() as rows:
        return [(row.model_id, service_of(row)) for row in rows.execute(wanted.order_by(services.c.name))]


def instances(ctx: Platform, service: Service) -> list[Instance]:
    """Those there are now, oldest first; ended ones until the worker has looked at them."""
    with ctx.database.read() as rows:
        return instances_in(rows, [service.id]).get(service.id, [])


def instances_in(rows: Connection, ids: Sequence[str]) -> dict[str, list[Instance]]:
    """Those of several services, within the caller's transaction."""
    mine = select(service_instances).where(service_instances.c.service_id.in_(ids))
    there = rows.execute(mine.order_by(service_instances.c.created_at, service_instances.c.run_id)).all()
    started = {run.id: run for some in runs.runs_of_subjects(rows, ids).values() for run in some}
    found: dict[str, list[Instance]] = {}
    for row in there:
        if row.run_id in started:  # else it has gone between the two questions
            found.setdefault(row.service_id, []).append(instance_of(row, started[row.run_id]))
    return found


def updates(ctx: Platform, service: Service) -> list[Update]:
    """Its changes, newest first."""
    mine = select(service_updates).where(service_updates.c.service_id == service.id)
    with ctx.database.read() as rows:
        found = rows.execute(mine.order_by(service_updates.c.revision.desc())).all()
    return [
        Update(row.revision, row.at, Result(row.result), targets_of(row.targets), row.message, row.by) for row in found
    ]


def events(ctx: Platform, service: Service, after: int = 0) -> list[Happened]:
    """What happened to it, newest first; `after` is the number of the last one known."""
    mine = select(service_events).where(service_events.c.service_id == service.id, service_events.c.id > after)
    with ctx.database.read() as rows:
        found = rows.execute(mine.order_by(service_events.c.id.desc()).limit(MOST_EVENTS)).all()
    return [Happened(row.id, row.at, row.abnormal, row.code, row.message, row.parameters) for row in found]
