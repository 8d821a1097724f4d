"""Experiments: names under which people put training jobs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.ids import new_id
from maquette.training.sentences import say
from maquette.training.specification import check_description
from maquette.training.table import experiment_jobs, experiments

LONGEST_NAME = 64
FORBIDDEN = set("!<>=&'\"\n\r\t")


@dataclass(frozen=True)
class Experiment:
    id: str
    name: str
    description: str
    created_at: float
    updated_at: float
    jobs: int = 0


@dataclass(frozen=True)
class Member:
    """A job's place in its experiment; `serial` counts the jobs of one."""

    experiment: Experiment
    serial: int


def create(ctx: Platform, workspace_id: str, name: str, description: str = "") -> Experiment:
    """Conflict for a name that is taken."""
    check(name, description)
    id, now = new_id(), ctx.clock()
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(experiments).values(
                    id=id, workspace_id=workspace_id, name=name, description=description, created_at=now, updated_at=now
                )
            )
    except IntegrityError:
        raise taken(name) from None
    return find(ctx, workspace_id, id)


def change(ctx: Platform, workspace_id: str, experiment: Experiment, name: str, description: str) -> Experiment:
    check(name, description)
    try:
        with ctx.database.write() as rows:
            mine = update(experiments).where(experiments.c.id == experiment.id)
            rows.execute(mine.values(name=name, description=description, updated_at=ctx.clock()))
    except IntegrityError:
        raise taken(name) from None
    return find(ctx, workspace_id, experiment.id)


def remove(ctx: Platform, experiment: Experiment) -> None:
    """Its jobs stay, and belong to none."""
    with ctx.database.write() as rows:
        rows.execute(delete(experiments).where(experiments.c.id == experiment.id))


def check(name: str, description: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or FORBIDDEN & set(name):
        raise BadInput(say("experiment_name", name=name, most=LONGEST_NAME), field="name")
    check_description(description, "description")


def taken(name: str) -> Conflict:
    return Conflict(say("experiment_taken", name=name), field="name")


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find(ctx: Platform, workspace_id: str, id: str) -> Experiment:
    with ctx.database.read() as rows:
        row = rows.execute(counted().where(experiments.c.id == id, of_workspace(workspace_id))).one_or_none()
    if row is None:
        raise NotFound(say("no_experiment", id=id), id=id)
    return experiment_of(row)


def named(ctx: Platform, workspace_id: str, name: str) -> Experiment | None:
    with ctx.database.read() as rows:
        row = rows.execute(counted().where(experiments.c.name == name, of_workspace(workspace_id))).one_or_none()
    return experiment_of(row) if row else None


def list_experiments(
    ctx: Platform, workspace_id: str, sort: str, descending: bool, offset: int, limit: int
) -> tuple[list[Experiment], int]:
    """A page of experiments, and how many there are."""
    column = getattr(experiments.c, sort)
    page = counted().where(of_workspace(workspace_id)).order_by(column.desc() if descending else column.asc())
    with ctx.database.read() as rows:
        total = rows.execute(
            select(func.count()).select_from(experiments).where(of_workspace(workspace_id))
        ).scalar_one()
        return [experiment_of(row) for row in rows.execute(page.offset(offset).limit(limit))], total


def counted() -> Any:
    """Experiments, each with the number of its jobs."""
    other = experiment_jobs.alias()
    count = select(func.count()).where(other.c.experiment_id == experiments.c.id).scalar_subquery()
    return select(experiments, count.label("jobs"))


def of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return experiments.c.workspace_id == workspace_id


def experiment_of(row: Row[Any]) -> Experiment:
    return Experiment(row.id, row.name, row.description, row.created_at, row.updated_at, row.jobs)


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────────


def put_in(ctx: Platform, experiment: Experiment, job_id: str) -> None:
    """The job belongs to this experiment from now on."""
    last = select(func.coalesce(func.max(experiment_jobs.c.serial), 0)).where(
        experiment_jobs.c.experiment_id == experiment.id
    )
    with ctx.database.write() as rows:
        serial = rows.execute(last).scalar_one() + 1
        rows.execute(insert(experiment_jobs).values(job_id=job_id, experiment_id=experiment.id, serial=serial))


def members(ctx: Platform, job_ids: Iterable[str]) -> Mapping[str, Member]:
    """Which of these jobs belong to an experiment, by the job's id."""
    joined = select(experiments, experiment_jobs.c.job_id, experiment_jobs.c.serial).join(
        experiment_jobs, experiment_jobs.c.experiment_id == experiments.c.id
    )
    with ctx.database.read() as rows:
        return {
            row.job_id: Member(
                Experiment(row.id, row.name, row.description, row.created_at, row.updated_at), row.serial
            )
            for row in rows.execute(joined.where(experiment_jobs.c.job_id.in_(list(job_ids))))
        }
