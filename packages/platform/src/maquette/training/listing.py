"""Which jobs a list shows: what is asked, as conditions on rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_

from maquette.runs import actions as runs
from maquette.runs.domain import State
from maquette.training.search import trials
from maquette.training.table import training_jobs

KIND = "training"
"""Of runs."""
STEPS = (
    State.PREPARING, State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FAILED, State.STOPPED, State.LOST,
)  # fmt: skip
"""Jobs by their state, in the order of ModelArts' numbers; one without a version stands with the first."""


@dataclass(frozen=True)
class Query:
    """Which jobs to list. `text` is looked for in names and descriptions, `name_like` in names alone; `names` and
    `other_names` are whole ones. `states` are those of the latest version; `stopping` asks for those that are being
    stopped. `created` are two moments. `sort` is a column of jobs, or of what the latest version tells `status` or
    `duration`."""

    text: str = ""
    name_like: str = ""
    names: Sequence[str] = ()
    other_names: Sequence[str] = ()
    states: Sequence[State] = ()
    other_states: Sequence[State] = ()
    stopping: bool = False
    created: tuple[float, float] | None = None
    created_by: str = ""
    creators: Sequence[str] = ()
    ids: Sequence[str] = ()
    sort: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


def matching(workspace_id: str, query: Query) -> list[ColumnElement[bool]]:
    columns = training_jobs.c
    wanted: list[ColumnElement[bool]] = [columns.workspace_id == workspace_id]
    if query.text:
        wanted.append(or_(holds(columns.name, query.text), holds(columns.description, query.text)))
    if query.name_like:
        wanted.append(holds(columns.name, query.name_like))
    if query.created:
        wanted.append(columns.created_at.between(*query.created))
    if query.created_by:
        wanted.append(columns.created_by == query.created_by)
    for column, values in ((columns.name, query.names), (columns.id, query.ids), (columns.created_by, query.creators)):
        if values:
            wanted.append(column.in_(values))
    if query.other_names:
        wanted.append(columns.name.not_in(query.other_names))
    if query.states:
        wanted.append(stands(workspace_id, query.states, query.stopping))
    if query.other_states:
        wanted.append(~stands(workspace_id, query.other_states))
    return wanted


def order_of(query: Query, now: float) -> list[ColumnElement[Any]]:
    """What jobs are sorted by; those that are equal by their number, so that no page has what another one has."""
    keys: list[ColumnElement[Any]] = [sort_key(query.sort, now), training_jobs.c.number]
    return [key.desc() if query.descending else key.asc() for key in keys]


def sort_key(name: str, now: float) -> ColumnElement[Any]:
    newest = training_jobs.c.newest_id
    if name == "status":
        state = func.coalesce(trials.state_of(newest), runs.first_state(newest))
        return case({str(state): place for place, state in enumerate(STEPS)}, value=state, else_=0)
    if name == "duration":
        return func.coalesce(runs.seconds_of(newest, now), 0.0)
    column: ColumnElement[Any] = training_jobs.c[name]
    return column


def holds(column: Any, text: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.ilike(f"%{escape_like(text)}%", escape="\\")
    return condition


def escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def stands(workspace_id: str, states: Sequence[State], stopping: bool = False) -> ColumnElement[bool]:
    """Whether a job's latest version stands so; one without a version stands nowhere. A search has a state of its own.
    Asked of each job in turn, so that a page needs no look at all of them."""
    of_runs = runs.subjects_in(workspace_id, KIND, states, stopping)
    of_searches = trials.versions_in(() if stopping else states)
    return func.coalesce(training_jobs.c.newest_id.in_(of_runs.union_all(of_searches)), False)
