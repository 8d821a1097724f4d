"""Saved sets of what a job runs on, by name: the first generation's job parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from maquette.kernel.context import Platform
from maquette.kernel.errors import Conflict, NotFound
from maquette.training.listing import escape_like
from maquette.training.specification import check_description, check_name
from maquette.training.table import job_configurations

SORTS = {"config_name": "name", "config_desc": "description", "create_time": "created_at"}


@dataclass(frozen=True)
class Configuration:
    """`content` is kept as it came."""

    name: str
    description: str
    content: Mapping[str, Any]
    created_at: float


@dataclass(frozen=True)
class Query:
    """Which ones to list; `text` is looked for in names and descriptions, `sort` is a column."""

    text: str = ""
    sort: str = "name"
    descending: bool = True
    offset: int = 0
    limit: int = 10


def make(ctx: Platform, workspace_id: str, name: str, description: str, content: Mapping[str, Any]) -> None:
    """Saves a new one. Conflict for a name that is taken."""
    check_name(name, "config_name")
    check_description(description, "config_desc")
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(job_configurations).values(
                    workspace_id=workspace_id, name=name, description=description, content=dict(content),
                    created_at=ctx.clock(),
                )
            )  # fmt: skip
    except IntegrityError:
        told = f"There is a configuration '{name}' already. Choose another name, or change that one."
        raise Conflict(told, field="config_name") from None


def change(ctx: Platform, workspace_id: str, name: str, description: str, content: Mapping[str, Any]) -> None:
    """Puts another content in its place."""
    check_description(description, "config_desc")
    with ctx.database.write() as rows:
        changed = rows.execute(
            update(job_configurations)
            .where(job_configurations.c.workspace_id == workspace_id, job_configurations.c.name == name)
            .values(description=description, content=dict(content))
        ).rowcount
    if not changed:
        raise no_such(name)


def find(ctx: Platform, workspace_id: str, name: str) -> Configuration:
    with ctx.database.read() as rows:
        row = rows.execute(
            select(job_configurations).where(
                job_configurations.c.workspace_id == workspace_id, job_configurations.c.name == name
            )
        ).one_or_none()
    if row is None:
        raise no_such(name)
    return configuration_of(row)


def list_all(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[Configuration], int]:
    """A page of them, and how many there are in all."""
    wanted = [job_configurations.c.workspace_id == workspace_id]
    if query.text:
        pattern = f"%{escape_like(query.text)}%"
        texts = (job_configurations.c.name, job_configurations.c.description)
        wanted.append(or_(*(text.ilike(pattern, escape="\\") for text in texts)))
    by = job_configurations.c[query.sort]
    order = (by.desc() if query.descending else by.asc(), job_configurations.c.name)
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(job_configurations).where(*wanted)).scalar_one()
        page = select(job_configurations).where(*wanted).order_by(*order).offset(query.offset).limit(query.limit)
        return [configuration_of(row) for row in rows.execute(page)], total


def remove(ctx: Platform, workspace_id: str, name: str) -> None:
    with ctx.database.write() as rows:
        gone = rows.execute(
            delete(job_configurations).where(
                job_configurations.c.workspace_id == workspace_id, job_configurations.c.name == name
            )
        ).rowcount
    if not gone:
        raise no_such(name)


def no_such(name: str) -> NotFound:
    return NotFound(f"There is no configuration '{name}' in this workspace.", name=name)


def configuration_of(row: Row[Any]) -> Configuration:
    return Configuration(row.name, row.description, row.content, row.created_at)
