"""The trials of searches as rows: added, found, given their points, and closed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update

from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.kernel.ids import new_id
from maquette.runs import actions as runs
from maquette.runs.domain import Level, Order, Run, State
from maquette.training.search.domain import Figures, Point, Search, Trial, TrialState
from maquette.training.search.table import search_trials, searches

KIND = "trial"
MOST_FAILURES = 5


@dataclass(frozen=True)
class Tried:
    """A trial with its run: `point` is None until its turn has come; `message` says why it has no reward."""

    version_id: str
    number: int
    id: str
    run: Run
    point: Point | None
    figures: Mapping[str, Figures]
    stopped_early: bool = False
    closed: bool = False
    message: str = ""
    read_try: int = 1
    read_bytes: int = 0

    @property
    def state(self) -> TrialState:
        if self.message and self.run.has_ended:
            return TrialState.FAILED
        return STATES[self.run.state]

    def as_trial(self, search: Search) -> Trial:
        """What the search learns from."""
        kept = self.figures.get(search.goal.name, Figures()).kept
        return Trial(self.number, self.point or {}, self.state, kept)


STATES = {
    State.QUEUED: TrialState.WAITING,
    State.PREPARING: TrialState.WAITING,
    State.RUNNING: TrialState.RUNNING,
    State.SUCCEEDED: TrialState.SUCCEEDED,
    State.STOPPED: TrialState.STOPPED,
    State.FAILED: TrialState.FAILED,
    State.LOST: TrialState.FAILED,
}


@dataclass(frozen=True)
class Standing:
    """How a search as a whole stands: `best` is a trial's id, `importances` and `charts` come when it has ended."""

    state: State
    best: str
    message: str
    importances: Mapping[str, Sequence[float]]
    charts: Mapping[str, str]


# ── added ────────────────────────────────────────────────────────────────────────────────────────


def start(ctx: Platform, rows: Connection, order: Order, search: Search) -> None:
    """The search of a version and its first trials, queued within the caller's transaction. `order` is what a run of
    the version would be; it names the version as its subject."""
    rows.execute(insert(searches).values(version_id=order.subject, state=State.RUNNING))
    for number in range(min(search.concurrent, search.samples)):
        add(ctx, rows, order, number)


def add(ctx: Platform, rows: Connection, order: Order, number: int) -> None:
    id = new_id()[:8]
    name = order.name.split(".")[0]  # a job's name has no dot, so what is before it is the version's
    run_id = runs.submit(ctx, rows, replace(order, kind=KIND, name=f"{name}.{id}", details={"trial": id}))
    rows.execute(
        insert(search_trials).values(version_id=order.subject, number=number, id=id, run_id=run_id, point=None)
    )


def add_next(ctx: Platform, version_id: str, search: Search) -> bool:
    """Queues as many more trials as may run now; False when the search has all that it will have."""
    with ctx.database.write() as rows:
        lock(rows, version_id)
        tried = all_of(ctx, rows, version_id)
        going = [trial for trial in tried if not trial.run.has_ended]
        if was_stopped(tried) or all_failed(tried) or len(tried) >= search.samples:
            return bool(going)
        free = min(search.concurrent - len(going), search.samples - len(tried))
        for number in range(len(tried), len(tried) + free):
            add(ctx, rows, tried[0].run.order, number)
        return True


def was_stopped(tried: Iterable[Tried]) -> bool:
    """The job was asked to stop: one of its runs was, and not because its trial was given up."""
    return any(trial.run.wish and not trial.stopped_early for trial in tried)


def all_failed(tried: Sequence[Tried]) -> bool:
    """So many have failed, and none has not, that the fault lies with the script and not with its hyperparameters."""
    ended = [trial for trial in tried if trial.run.has_ended]
    return len(ended) >= MOST_FAILURES and all(trial.state is TrialState.FAILED for trial in ended)


def lock(rows: Connection, version_id: str) -> None:
    """One at a time decides about a search; on SQLite the transaction itself is that lock."""
    rows.execute(select(searches.c.version_id).where(searches.c.version_id == version_id).with_for_update()).one()


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def of_version(ctx: Platform, version_id: str) -> list[Tried]:
    """All trials of a version, in their order."""
    with ctx.database.read() as rows:
        return all_of(ctx, rows, version_id)


def all_of(ctx: Platform, rows: Connection, version_id: str) -> list[Tried]:
    """The trials are read before their runs: PostgreSQL shows what was added between two questions. A trial whose run
    has gone is being removed."""
    mine = select(search_trials).where(search_trials.c.version_id == version_id).order_by(search_trials.c.number)
    found = rows.execute(mine).all()
    by_id = {run.id: run for run in runs.of_subject_in(rows, version_id)}
    return [tried_of(row, by_id[row.run_id]) for row in found if row.run_id in by_id]


def of_run(ctx: Platform, run: Run) -> Tried:
    with ctx.database.read() as rows:
        row = rows.execute(select(search_trials).where(search_trials.c.run_id == run.id)).one_or_none()
    if row is None:
        raise NotFound(f"The trial that run '{run.id}' works for has gone.", id=run.id)
    return tried_of(row, run)


def standings(ctx: Platform, version_ids: Iterable[str]) -> Mapping[str, Standing]:
    """How each of these versions that is a search stands."""
    wanted = select(searches).where(searches.c.version_id.in_(list(version_ids)))
    with ctx.database.read() as rows:
        return {
            row.version_id: Standing(State(row.state), row.best, row.message, row.importances, row.charts)
            for row in rows.execute(wanted)
        }


def versions_in(states: Iterable[State]) -> Select[Any]:
    """A query for the versions whose search stands so, to be part of another query."""
    return select(searches.c.version_id).where(searches.c.state.in_([str(state) for state in states]))


def state_of(version: ColumnElement[Any]) -> ColumnElement[Any]:
    """The state of a version's search, to be part of another query; NULL where it is none."""
    return select(searches.c.state).where(searches.c.version_id == version).scalar_subquery()


def unfinished(ctx: Platform) -> list[str]:
    """The versions whose search goes on."""
    with ctx.database.read() as rows:
        return list(rows.execute(select(searches.c.version_id).where(searches.c.state == State.RUNNING)).scalars())


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def give_point(ctx: Platform, tried: Tried, choose: Callable[[Sequence[Tried]], Point]) -> Tried:
    """The point of a trial whose turn has come, chosen with an eye on all that have theirs; a trial that is started
    again keeps its own. Choosing takes a while, so it is done again when another trial got its point meanwhile."""
    while True:
        others = with_points(of_version(ctx, tried.version_id))
        point = choose(others)
        with ctx.database.write() as rows:
            lock(rows, tried.version_id)
            everyone = all_of(ctx, rows, tried.version_id)
            mine = next(other for other in everyone if other.number == tried.number)
            if mine.point is not None:
                return mine
            if len(with_points(everyone)) == len(others):
                keep(rows, tried, point=dict(point))
                return replace(mine, point=point)


def with_points(everyone: Iterable[Tried]) -> list[Tried]:
    return [trial for trial in everyone if trial.point is not None]


def keep_figures(
    ctx: Platform, tried: Tried, figures: Mapping[str, Figures], read_try: int, read_bytes: int, **values: Any
) -> None:
    body = {name: figures_body(each) for name, each in figures.items()}
    with ctx.database.write() as rows:
        keep(rows, tried, figures=body, read_try=read_try, read_bytes=read_bytes, **values)


def mark_stopped_early(ctx: Platform, tried: Tried) -> None:
    """From now on the end of its run is that of a trial, not of the job; unless the job is being stopped already."""
    with ctx.database.write() as rows:
        lock(rows, tried.version_id)
        run = next(run for run in runs.of_subject_in(rows, tried.version_id) if run.id == tried.run.id)
        if not run.wish:
            keep(rows, tried, stopped_early=True)


def stop_all(ctx: Platform, version_id: str) -> None:
    """The job has been asked to stop, and so has been what was already ending early: no more trials follow."""
    with ctx.database.write() as rows:
        going = (search_trials.c.version_id == version_id) & search_trials.c.closed.is_(False)
        rows.execute(update(search_trials).where(going).values(stopped_early=False))


def finish(ctx: Platform, version_id: str, standing: Standing, tried: Sequence[Tried]) -> None:
    """Writes down how a search ended, also among the events of the job; the first who does so is right."""
    values = {
        "state": standing.state, "best": standing.best, "message": standing.message,
        "importances": dict(standing.importances), "charts": dict(standing.charts),
    }  # fmt: skip
    level = Level.NORMAL if standing.state is State.SUCCEEDED else Level.WARNING
    with ctx.database.write() as rows:
        going = (searches.c.version_id == version_id) & (searches.c.state == State.RUNNING)
        if rows.execute(update(searches).where(going).values(values)).rowcount:
            last = tried[-1].run
            runs.note(ctx, rows, last.id, last.attempt, level, "search_ended", standing.message)


def keep(rows: Connection, tried: Tried, **values: Any) -> None:
    mine = (search_trials.c.version_id == tried.version_id) & (search_trials.c.number == tried.number)
    rows.execute(update(search_trials).where(mine).values(values))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def tried_of(row: Row[Any], run: Run) -> Tried:
    return Tried(
        row.version_id, row.number, row.id, run, row.point,
        {name: figures_of(body) for name, body in row.figures.items()}, row.stopped_early, row.closed, row.message,
        row.read_try, row.read_bytes,
    )  # fmt: skip


def figures_body(figures: Figures) -> dict[str, Any]:
    """As JSON, which knows no `nan`."""
    return {"count": figures.count, "best": figures.best, "kept": [plain(value) for value in figures.kept]}


def figures_of(body: Mapping[str, Any]) -> Figures:
    return Figures(body["count"], body["best"], tuple(float(value) for value in body["kept"]))


def plain(value: float) -> float | str:
    return value if math.isfinite(value) else repr(value)
