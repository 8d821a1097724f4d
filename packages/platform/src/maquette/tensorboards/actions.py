"""What one may do with TensorBoards: open one on a folder, list, describe, stop, start again, remove."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.kernel.ids import new_id
from maquette.runs import actions as runs
from maquette.runs.domain import Needs, Order, Run
from maquette.tensorboards.domain import (
    DEFAULT_HOURS,
    KIND,
    Query,
    TensorBoard,
    check_description,
    check_hours,
    check_name,
)
from maquette.tensorboards.sentences import say
from maquette.tensorboards.table import tensorboards

MEMORY_BYTES = 512 << 20
"""What one takes with some hundred curves."""


def create(
    ctx: Platform, who: Identity, name: str, logs: str, description: str = "", hours: int = DEFAULT_HOURS
) -> TensorBoard:
    """One on the folder `logs`, started at once. Conflict for a name that is taken."""
    check_name(name)
    check_description(description)
    check_hours(hours)
    address = folder_to_show(ctx, who, logs)
    id, now = new_id(), ctx.clock()
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(tensorboards).values(
                    id=id, workspace_id=who.workspace_id, name=name, description=description, logs=str(address),
                    hours=hours, created_by=who.user_id, created_at=now, updated_at=now,
                )
            )  # fmt: skip
            submit(ctx, rows, who, id, name)
    except IntegrityError:
        raise Conflict(say("taken", name=name), field="job_name") from None
    return find(ctx, who.workspace_id, id)


def folder_to_show(ctx: Platform, who: Identity, logs: str) -> Address:
    """Raises NotFound for a bucket that is not there, Refused for one of others. The folder itself may come later."""
    address = read_address(logs)
    if not store_of_workspace(ctx, who.workspace_id).has_bucket(address.bucket):
        raise NotFound(say("no_bucket", bucket=address.bucket), field="train_url")
    return address if address.is_folder else Address(address.bucket, address.key + "/")


def submit(ctx: Platform, rows: Connection, who: Identity, id: str, name: str) -> None:
    runs.submit(
        ctx,
        rows,
        Order(
            who.workspace_id, KIND, id, name, Needs(1, MEMORY_BYTES), served=True,
            created_by=who.user_id,
        ),
    )  # fmt: skip


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find(ctx: Platform, workspace_id: str, id: str | int) -> TensorBoard:
    """By its id, or by its number."""
    named = tensorboards.c.number == id if isinstance(id, int) else tensorboards.c.id == id
    with ctx.database.read() as rows:
        row = rows.execute(select(tensorboards).where(named, of_workspace(workspace_id))).one_or_none()
    if row is None:
        raise NotFound(say("none_such", id=id), id=id)
    return with_runs(ctx, [row])[0]


def list_all(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[TensorBoard], int]:
    """A page of them, and how many there are in all."""
    wanted = [of_workspace(workspace_id)]
    if query.text:
        wanted.append(tensorboards.c.name.icontains(query.text, autoescape=True))
    if query.states:
        wanted.append(tensorboards.c.id.in_(runs.subjects_in(workspace_id, KIND, query.states)))
    order = getattr(tensorboards.c, query.sort)
    page = select(tensorboards).where(*wanted).order_by(order.desc() if query.descending else order.asc())
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(tensorboards).where(*wanted)).scalar_one()
        found = rows.execute(page.offset(query.offset).limit(query.limit)).all()
    return with_runs(ctx, list(found)), total


def with_runs(ctx: Platform, found: list[Row[Any]]) -> list[TensorBoard]:
    started = runs.of_subjects(ctx, [row.id for row in found])
    return [board_of(row, next(reversed(started.get(row.id, [])), None)) for row in found]


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def describe(ctx: Platform, board: TensorBoard, description: str) -> None:
    check_description(description)
    with ctx.database.write() as rows:
        mine = tensorboards.c.number == board.number
        rows.execute(update(tensorboards).where(mine).values(description=description, updated_at=ctx.clock()))


def stop(ctx: Platform, board: TensorBoard) -> None:
    """One that has ended stays as it is."""
    if board.run is not None:
        runs.stop(ctx, board.workspace_id, board.run.id)


def start(ctx: Platform, who: Identity, board: TensorBoard, hours: int | None = None) -> None:
    """Anew, at an address of its own. Conflict for one that goes on."""
    if board.goes_on:
        raise Conflict(say("running", name=board.name), id=board.number)
    check_hours(board.hours if hours is None else hours)
    with ctx.database.write() as rows:
        changed = {"updated_at": ctx.clock(), "hours": board.hours if hours is None else hours}
        rows.execute(update(tensorboards).where(tensorboards.c.number == board.number).values(changed))
        submit(ctx, rows, who, board.id, board.name)
    if board.run is not None and board.run.settled:
        runs.forget(ctx, board.workspace_id, [board.run.id])


def remove(ctx: Platform, board: TensorBoard) -> None:
    """What it shows stays in its bucket. Conflict while it runs."""
    started = runs.of_subject(ctx, board.id)
    runs.forget(ctx, board.workspace_id, [run.id for run in started])
    with ctx.database.write() as rows:
        rows.execute(delete(tensorboards).where(tensorboards.c.number == board.number))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return tensorboards.c.workspace_id == workspace_id


def board_of(row: Row[Any], run: Run | None) -> TensorBoard:
    return TensorBoard(
        row.id, row.number, row.workspace_id, row.name, row.description, row.logs, row.hours, row.created_by,
        row.created_at, row.updated_at, run,
    )  # fmt: skip
