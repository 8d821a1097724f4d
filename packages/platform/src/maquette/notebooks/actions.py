"""What one may do with notebooks: make one, list, change, start, stop, give it more time, remove it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused
from maquette.kernel.identity import Identity, Role
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Match
from maquette.notebooks.domain import (
    KIND,
    STATES,
    Notebook,
    Query,
    Wanted,
    check,
    check_lease,
    engines_of,
)
from maquette.notebooks.sentences import say
from maquette.notebooks.table import notebooks
from maquette.runs import actions as runs
from maquette.runs.domain import Needs, Order
from maquette.runs.served import MAKER_ONLY
from maquette.training.flavours import needs_of

EXPECTED_BYTES = 1 << 30
"""What a notebook takes before anybody works in it; its flavour says what it may take."""


def create(ctx: Platform, who: Identity, wanted: Wanted) -> Notebook:
    """One that is started at once. Conflict for a name that the same person has given before."""
    wanted = checked(ctx, who, wanted)
    id, now = new_id(), ctx.clock()
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(notebooks).values(
                    id=id, workspace_id=who.workspace_id, leased_at=now, created_by=who.user_id, created_at=now,
                    updated_at=now, **values_of(wanted),
                )
            )  # fmt: skip
            submit(ctx, rows, who, id, wanted)
    except IntegrityError:
        raise name_taken(wanted.name) from None
    return find(ctx, who.workspace_id, id)


def checked(ctx: Platform, who: Identity, wanted: Wanted) -> Wanted:
    """What is asked for, found possible, with addresses as they are kept."""
    check(wanted)
    needs_of(ctx.executor.capacity(), wanted.flavour)
    for name in engines_of(wanted.image):
        resolution = ctx.engines.resolve(name)
        if resolution.match is Match.REFUSED:
            raise BadInput(say("no_engine", name=name, reason=resolution.reason), field="image_id")
    return replace(wanted, folder=folder_of_bucket(ctx, who, wanted.folder))


def folder_of_bucket(ctx: Platform, who: Identity, text: str) -> str:
    """Raises NotFound for a bucket that is not there, Refused for one of others."""
    if not text:
        return ""
    address = read_address(f"obs:/{text}" if text.startswith("/") else text)
    if not store_of_workspace(ctx, who.workspace_id).has_bucket(address.bucket):
        raise NotFound(say("no_bucket", bucket=address.bucket), field="folder")
    return str(address if address.is_folder else Address(address.bucket, address.key + "/"))


def submit(ctx: Platform, rows: Connection, who: Identity, id: str, wanted: Wanted) -> None:
    gpus = needs_of(ctx.executor.capacity(), wanted.flavour).gpus
    order = Order(
        who.workspace_id, KIND, id, wanted.name, Needs(1, EXPECTED_BYTES, gpus), {MAKER_ONLY: True}, served=True,
        created_by=who.user_id,
    )  # fmt: skip
    runs.submit(ctx, rows, order)


def name_taken(name: str) -> Conflict:
    return Conflict(say("taken", name=name), field="name")


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find(ctx: Platform, workspace_id: str, id: str) -> Notebook:
    with ctx.database.read() as rows:
        row = rows.execute(select(notebooks).where(notebooks.c.id == id, of_workspace(workspace_id))).one_or_none()
    if row is None:
        raise NotFound(say("none_such", id=id), id=id)
    return with_runs(ctx, [row])[0]


def find_to_change(ctx: Platform, who: Identity, id: str) -> Notebook:
    """Raises Refused where it is somebody else's; owners may stop and remove those of others."""
    notebook = find(ctx, who.workspace_id, id)
    if notebook.created_by != who.user_id and who.role < Role.OWNER:
        raise Refused(say("of_others", name=notebook.name), id=id)
    return notebook


def find_mine(ctx: Platform, who: Identity, id: str) -> Notebook:
    """Its files are for its maker alone."""
    notebook = find(ctx, who.workspace_id, id)
    if notebook.created_by != who.user_id:
        raise Refused(say("of_others", name=notebook.name), id=id)
    return notebook


def list_all(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[Notebook], int]:
    """A page of them, and how many there are in all."""
    wanted = [of_workspace(workspace_id)]
    if query.text:
        wanted.append(notebooks.c.name.icontains(query.text, autoescape=True))
    if query.created_by:
        wanted.append(notebooks.c.created_by == query.created_by)
    if query.status:
        wanted.append(notebooks.c.id.in_(runs.subjects_in(workspace_id, KIND, STATES[query.status])))
    order = getattr(notebooks.c, query.sort)
    page = select(notebooks).where(*wanted).order_by(order.desc() if query.descending else order.asc())
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(notebooks).where(*wanted)).scalar_one()
        found = rows.execute(page.offset(query.offset).limit(query.limit)).all()
    return with_runs(ctx, list(found)), total


def with_runs(ctx: Platform, found: list[Row[Any]]) -> list[Notebook]:
    started = runs.of_subjects(ctx, [row.id for row in found])
    return [notebook_of(row, next(reversed(started.get(row.id, [])), None)) for row in found]


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def change(ctx: Platform, who: Identity, notebook: Notebook, wanted: Wanted) -> Notebook:
    """Its name and description at any time, the rest while it is stopped."""
    before = notebook.wanted
    if notebook.goes_on and (wanted.image, wanted.flavour) != (before.image, before.flavour):
        raise Conflict(say("running", name=notebook.name), id=notebook.id)
    wanted = checked(ctx, who, wanted)
    try:
        with ctx.database.write() as rows:
            changed = {**values_of(wanted), "updated_at": ctx.clock()}
            rows.execute(update(notebooks).where(notebooks.c.id == notebook.id).values(changed))
    except IntegrityError:
        raise name_taken(wanted.name) from None
    return find(ctx, notebook.workspace_id, notebook.id)


def start(ctx: Platform, who: Identity, notebook: Notebook, seconds: float | None = None) -> Notebook:
    """Anew, at an address of its own, for as long as before or for so many seconds. Only its maker starts it."""
    if notebook.created_by != who.user_id:
        raise Refused(say("of_others", name=notebook.name), id=notebook.id)
    if notebook.goes_on:
        raise Conflict(say("running_already", name=notebook.name), id=notebook.id)
    lease_seconds = notebook.wanted.lease_seconds if seconds is None else seconds
    check_lease(lease_seconds)
    with ctx.database.write() as rows:
        leased = {"leased_at": ctx.clock(), "lease_seconds": lease_seconds, "updated_at": ctx.clock()}
        rows.execute(update(notebooks).where(notebooks.c.id == notebook.id).values(leased))
        submit(ctx, rows, who, notebook.id, notebook.wanted)
    if notebook.run is not None and notebook.run.settled:
        runs.forget(ctx, notebook.workspace_id, [notebook.run.id])
    return find(ctx, notebook.workspace_id, notebook.id)


def stop(ctx: Platform, notebook: Notebook) -> Notebook:
    """What is in its work folder stays."""
    if notebook.run is not None:
        runs.stop(ctx, notebook.workspace_id, notebook.run.id)
    return find(ctx, notebook.workspace_id, notebook.id)


def renew(ctx: Platform, notebook: Notebook, seconds: float, auto_stop: bool = True) -> Notebook:
    """From now on it has so many seconds."""
    check_lease(seconds)
    with ctx.database.write() as rows:
        leased = {
            "leased_at": ctx.clock(), "lease_seconds": seconds, "auto_stop": auto_stop, "updated_at": ctx.clock(),
        }  # fmt: skip
        rows.execute(update(notebooks).where(notebooks.c.id == notebook.id).values(leased))
    return find(ctx, notebook.workspace_id, notebook.id)


def remove(ctx: Platform, notebook: Notebook) -> None:
    """With all its files. Conflict while it runs."""
    started = runs.of_subject(ctx, notebook.id)
    runs.forget(ctx, notebook.workspace_id, [run.id for run in started])
    with ctx.database.write() as rows:
        rows.execute(delete(notebooks).where(notebooks.c.id == notebook.id))
    runs.remove_folder(work_folder(ctx, notebook.id).parent)


def work_folder(ctx: Platform, id: str) -> Path:
    """What the notebook sees as /home/ma-user/work."""
    return ctx.settings.home.path / "notebooks" / id / "work"


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return notebooks.c.workspace_id == workspace_id


def values_of(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name, "description": wanted.description, "image": wanted.image, "flavour": wanted.flavour,
        "folder": wanted.folder, "told": dict(wanted.told), "auto_stop": wanted.auto_stop,
        "lease_seconds": wanted.lease_seconds,
    }  # fmt: skip


def notebook_of(row: Row[Any], run: Any) -> Notebook:
    wanted = Wanted(
        row.name, row.image, row.description, row.flavour, row.folder, row.auto_stop, row.lease_seconds, row.told
    )
    return Notebook(
        row.id, row.workspace_id, wanted, row.leased_at, row.created_by, row.created_at, row.updated_at, run
    )  # fmt: skip
