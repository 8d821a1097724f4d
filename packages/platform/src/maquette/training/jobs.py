"""Training jobs and their versions: made, listed, changed, stopped, removed. A version's status is that of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.kernel.ids import new_id
from maquette.runs import actions as runs
from maquette.runs.domain import Order, Run, State
from maquette.training.flavours import needs_of
from maquette.training.listing import KIND, Query, matching, order_of
from maquette.training.search import trials
from maquette.training.search.reading import read_search
from maquette.training.sentences import say
from maquette.training.specification import Specification, check_description, check_name, check_specification
from maquette.training.table import job_versions, training_jobs


@dataclass(frozen=True)
class Job:
    """A name under which one tries again and again. `number` is its id in the first generation's calls."""

    id: str
    number: int
    workspace_id: str
    name: str
    description: str
    tags: Sequence[Mapping[str, str]]
    created_by: str
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class JobVersion:
    """One try, and what it ran on. `runs` are its nodes, or the trials of a search; the last attempt of each."""

    id: str
    number: int
    job_id: str
    version: int
    previous: int | None
    written: Mapping[str, Any]
    created_by: str
    created_at: float
    engine: Mapping[str, Any]
    code_hash: str
    packages: Sequence[str]
    metrics: Mapping[str, float] | None
    results: Mapping[str, Any]
    runs: Sequence[Run] = ()
    search: trials.Standing | None = None

    @cached_property
    def specification(self) -> Specification:
        """Read when it is asked for: lists of many versions tell little of it."""
        return Specification.model_validate(self.written)

    @property
    def name(self) -> str:
        return version_name(self.version)

    @property
    def run(self) -> Run | None:
        """The first node's."""
        return self.runs[0] if self.runs else None

    @property
    def state(self) -> State:
        """The first node's state, but as long as any node goes on it does. A search's own state is more than that of
        its trials."""
        if self.search is not None:
            return self.search.state
        states = [run.state for run in self.runs]
        going = [state for state in states if state not in (State.SUCCEEDED, State.FAILED, State.STOPPED, State.LOST)]
        return next(iter(going or bad_first(states)), State.LOST)

    def seconds(self, now: float) -> float:
        """How long it has been running, or ran: as long as its longest node; a search from the start of its first trial
        to the end of its last."""
        if self.search is None:
            return max((run.seconds(now) for run in self.runs), default=0.0)
        moments = [run.moments for run in self.runs if "started" in run.moments]
        if not moments:
            return 0.0
        ended = now if self.search.state is State.RUNNING else max(each.get("process_ended", now) for each in moments)
        return max(0.0, ended - min(each["started"] for each in moments))


def bad_first(states: Sequence[State]) -> list[State]:
    worst = (State.FAILED, State.LOST, State.STOPPED, State.SUCCEEDED)
    return sorted(states, key=worst.index)


def version_name(version: int) -> str:
    return f"V{version:04d}"


# ── made ─────────────────────────────────────────────────────────────────────────────────────────


def create_job(
    ctx: Platform, who: Identity, name: str, description: str = "", specification: Specification | None = None,
    tags: Sequence[Mapping[str, str]] = (),
) -> Job:  # fmt: skip
    """A job and, with a specification, its first version, which is queued at once. Conflict for a name that is taken;
    nothing is kept of what is refused."""
    check_name(name, "name")
    check_description(description, "description")
    id, now = new_id(), ctx.clock()
    if specification is not None:
        check_specification(specification)
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(training_jobs).values(
                    id=id, workspace_id=who.workspace_id, name=name, description=description, tags=list(tags),
                    created_by=who.user_id, created_at=now, updated_at=now,
                )
            )  # fmt: skip
            if specification is not None:
                add_version(ctx, rows, who, id, name, specification, None)
    except IntegrityError:
        raise Conflict(say("job_taken", name=name), field="name") from None
    return find_job(ctx, who.workspace_id, id)


def create_version(
    ctx: Platform, who: Identity, job: Job, specification: Specification, previous: int | None = None
) -> JobVersion:
    """The next version, queued at once; `previous` is the version that it was made from."""
    check_specification(specification)
    with ctx.database.write() as rows:
        id = add_version(ctx, rows, who, job.id, job.name, specification, previous)
    return find_version(ctx, job, id)


def add_version(
    ctx: Platform, rows: Connection, who: Identity, job_id: str, job_name: str, specification: Specification,
    previous: int | None,
) -> str:  # fmt: skip
    ours = training_jobs.c.id == job_id
    id = new_id()
    rows.execute(update(training_jobs).where(ours).values(versions=training_jobs.c.versions + 1, newest_id=id))
    version = rows.execute(select(training_jobs.c.versions).where(ours)).scalar_one()
    rows.execute(
        insert(job_versions).values(
            id=id, job_id=job_id, version=version, previous=previous,
            specification=specification.model_dump(mode="json"), created_by=who.user_id, created_at=ctx.clock(),
        )
    )  # fmt: skip
    planned = orders(ctx, who, id, f"{job_name}-{version_name(version)}", specification)
    if specification.search is not None:
        trials.start(ctx, rows, planned[0], read_search(specification.search))
        return id
    for order in planned:
        runs.submit(ctx, rows, order)
    return id


def orders(ctx: Platform, who: Identity, version_id: str, name: str, spec: Specification) -> list[Order]:
    """One run for each node; those of several start, stop and fail as one."""
    needs = needs_of(ctx.executor.capacity(), spec.flavour, spec.nodes)
    return [
        Order(
            workspace_id=who.workspace_id, kind=KIND, subject=version_id, name=name, needs=needs,
            priority=spec.priority, restarts=spec.restarts, group=version_id if spec.nodes > 1 else "", node=node,
            hang_seconds=spec.hang_seconds, stop_hanging=spec.stop_hanging, created_by=who.user_id,
        )
        for node in range(spec.nodes)
    ]  # fmt: skip


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find_job(ctx: Platform, workspace_id: str, id: str | int) -> Job:
    """By its id, or by its number."""
    named = training_jobs.c.number == id if isinstance(id, int) else training_jobs.c.id == id
    with ctx.database.read() as rows:
        row = rows.execute(select(training_jobs).where(named, of_workspace(workspace_id))).one_or_none()
    if row is None:
        raise NotFound(say("no_job", id=id), id=id)
    return job_of(row)


def list_jobs(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[tuple[Job, JobVersion | None]], int]:
    """A page of jobs, each with its latest version, and how many there are in all."""
    wanted = matching(workspace_id, query)
    page = select(training_jobs.c.number).where(*wanted).order_by(*order_of(query, ctx.clock()))
    with ctx.database.read() as rows:
        # Numbers alone are sorted: to sort whole rows takes SQLite twice as long.
        numbers = rows.execute(page.offset(query.offset).limit(query.limit)).scalars().all()
        total = query.offset + len(numbers)
        if len(numbers) == query.limit or (query.offset and not numbers):  # else this is the last page
            total = rows.execute(select(func.count()).select_from(training_jobs).where(*wanted)).scalar_one()
        listed = rows.execute(select(training_jobs).where(training_jobs.c.number.in_(numbers)))
        rows_of = {row.number: row for row in listed}
        found = [rows_of[number] for number in numbers if number in rows_of]
        newest = [row.newest_id for row in found if row.newest_id]
        latest = rows.execute(select(job_versions).where(job_versions.c.id.in_(newest))).all()
    versions = {version.job_id: version for version in with_runs(ctx, latest)}
    return [(job_of(row), versions.get(row.id)) for row in found], total


def list_versions(ctx: Platform, job: Job) -> list[JobVersion]:
    """All versions of a job, newest first."""
    with ctx.database.read() as rows:
        mine = select(job_versions).where(job_versions.c.job_id == job.id).order_by(job_versions.c.version.desc())
        found = rows.execute(mine).all()
    return with_runs(ctx, found)


def find_version(ctx: Platform, job: Job, id: str | int) -> JobVersion:
    """By its id, its number in the first generation's calls, or its name (`V0001`)."""
    if isinstance(id, int):
        named = job_versions.c.number == id
    elif id.startswith("V") and id[1:].isdigit():
        named = job_versions.c.version == int(id[1:])
    else:
        named = job_versions.c.id == id
    with ctx.database.read() as rows:
        found = rows.execute(select(job_versions).where(named, job_versions.c.job_id == job.id)).all()
    if not found:
        raise NotFound(say("no_version", name=job.name, id=id), id=id)
    return with_runs(ctx, found)[0]


def count_versions(ctx: Platform, found: Sequence[Job]) -> dict[str, int]:
    """How many versions each of these jobs has, by its id."""
    counted = select(job_versions.c.job_id, func.count()).group_by(job_versions.c.job_id)
    with ctx.database.read() as rows:
        return {
            row[0]: row[1] for row in rows.execute(counted.where(job_versions.c.job_id.in_([job.id for job in found])))
        }


def latest_version(ctx: Platform, job: Job) -> JobVersion:
    found = list_versions(ctx, job)
    if not found:
        raise NotFound(say("no_versions", name=job.name), id=job.id)
    return found[0]


def version_of_run(ctx: Platform, run: Run) -> tuple[Job, JobVersion]:
    """What a run of this kind works for."""
    with ctx.database.read() as rows:
        row = rows.execute(select(job_versions).where(job_versions.c.id == run.order.subject)).one_or_none()
        job = row and rows.execute(select(training_jobs).where(training_jobs.c.id == row.job_id)).one_or_none()
    if row is None or job is None:
        raise NotFound(f"The version that run '{run.id}' works for has gone.", id=run.order.subject)
    return job_of(job), version_of(row)


def with_runs(ctx: Platform, found: Sequence[Row[Any]]) -> list[JobVersion]:
    ids = [row.id for row in found]
    running, standings = runs.of_subjects(ctx, ids), trials.standings(ctx, ids)
    return [version_of(row, running.get(row.id, ()), standings.get(row.id)) for row in found]


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def describe_job(ctx: Platform, job: Job, description: str) -> None:
    check_description(description, "description")
    with ctx.database.write() as rows:
        mine = training_jobs.c.id == job.id
        rows.execute(update(training_jobs).where(mine).values(description=description, updated_at=ctx.clock()))


def tag_job(ctx: Platform, job: Job, tags: Sequence[Mapping[str, str]]) -> Job:
    """The job with these tags instead of those it had."""
    with ctx.database.write() as rows:
        rows.execute(update(training_jobs).where(training_jobs.c.id == job.id).values(tags=list(tags)))
    return replace(job, tags=tags)


def all_jobs(ctx: Platform, workspace_id: str) -> list[Job]:
    """Every job of the workspace without its versions, newest first."""
    with ctx.database.read() as rows:
        ours = select(training_jobs).where(of_workspace(workspace_id)).order_by(training_jobs.c.created_at.desc())
        return [job_of(row) for row in rows.execute(ours)]


def stop_version(ctx: Platform, version: JobVersion, now: bool = False) -> None:
    """Asks all its runs to stop. One that has ended stays as it is."""
    for run in version.runs:
        runs.stop(ctx, run.workspace_id, run.id, now)
    if version.search is not None:
        trials.stop_all(ctx, version.id)


def remove_job(ctx: Platform, job: Job) -> None:
    """With all its versions, logs and snapshots' references; outputs in buckets stay. Conflict while one runs."""
    runs.forget(ctx, job.workspace_id, [run.id for version in list_versions(ctx, job) for run in version.runs])
    with ctx.database.write() as rows:
        rows.execute(delete(training_jobs).where(training_jobs.c.id == job.id))


def remove_version(ctx: Platform, job: Job, version: JobVersion) -> None:
    runs.forget(ctx, job.workspace_id, [run.id for run in version.runs])
    mine, others = training_jobs.c.id == job.id, job_versions.c.job_id == job.id
    newest = select(job_versions.c.id).where(others).order_by(job_versions.c.version.desc()).limit(1)
    with ctx.database.write() as rows:
        rows.execute(select(training_jobs.c.id).where(mine).with_for_update())  # so that none is added meanwhile
        rows.execute(delete(job_versions).where(job_versions.c.id == version.id))
        rows.execute(update(training_jobs).where(mine).values(newest_id=newest.scalar_subquery()))


def keep(ctx: Platform, version: JobVersion, **values: Any) -> None:
    """Writes down what was found out about a version: engine, code_hash, packages, metrics, results."""
    with ctx.database.write() as rows:
        rows.execute(update(job_versions).where(job_versions.c.id == version.id).values(values))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return training_jobs.c.workspace_id == workspace_id


def job_of(row: Row[Any]) -> Job:
    return Job(
        row.id, row.number, row.workspace_id, row.name, row.description, row.tags, row.created_by, row.created_at,
        row.updated_at,
    )  # fmt: skip


def version_of(row: Row[Any], running: Sequence[Run] = (), search: trials.Standing | None = None) -> JobVersion:
    return JobVersion(
        row.id, row.number, row.job_id, row.version, row.previous, row.specification, row.created_by, row.created_at,
        row.engine, row.code_hash, row.packages, row.metrics, row.results, running, search,
    )  # fmt: skip
