"""Models: imported, versioned, listed, described, removed. A worker brings their packages in (work.py)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.kernel.ids import new_id
from maquette.models.importing import (
    Doc,
    Import,
    check_description,
    check_import,
    check_name,
    check_tags,
    next_version,
    read_location,
    read_version,
)
from maquette.models.sentences import say
from maquette.models.table import models
from maquette.training import jobs
from maquette.training.listing import escape_like
from maquette.training.results import output_addresses

MODEL_FOLDER = "model/"


class Status(StrEnum):
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"


@dataclass(frozen=True)
class Model:
    """A version of a model. `report` is what the check of its package found, `config` its config.json as it counts."""

    id: str
    workspace_id: str
    name: str
    version: str
    description: str
    tags: Sequence[Mapping[str, str]]
    request: Import
    created_by: str
    created_at: float
    status: Status
    progress: str
    error: str
    model_type: str
    size_bytes: int
    files: int
    config: Mapping[str, Any]
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Query:
    """Which models to list. `name` is part of a name, `exact` a whole one."""

    name: str = ""
    exact: str = ""
    version: str = ""
    status: str = ""
    model_type: str = ""
    not_model_type: str = ""
    sort: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 1000


def import_model(
    ctx: Platform, who: Identity, name: str, version: str, given: Import, description: str = "",
    tags: Sequence[Mapping[str, str]] = (),
) -> Model:  # fmt: skip
    """A new model, or a new version of one (the next, unless it is named); its package is brought in soon. Conflict
    for a version that is there already; nothing is kept of what is refused."""
    check_name(name)
    check_description(description)
    check_import(given)
    check_tags(tags)
    given = from_job(ctx, who, given)
    check_present(ctx, who, given)
    id = new_id()
    try:
        with ctx.database.write() as rows:
            if not version:
                same = (models.c.workspace_id == who.workspace_id) & (models.c.name == name)
                numbers = select(models.c.major, models.c.minor, models.c.patch).where(same)
                newest = rows.execute(numbers.order_by(*newest_first()).limit(1)).one_or_none()
                version = next_version((newest.major, newest.minor, newest.patch) if newest else None)
            major, minor, patch = read_version(version)
            rows.execute(
                insert(models).values(
                    id=id, workspace_id=who.workspace_id, name=name, version=version, major=major, minor=minor,
                    patch=patch, description=description, tags=list(tags), request=given.model_dump(mode="json"),
                    created_by=who.user_id, created_at=ctx.clock(), status=Status.PUBLISHING,
                )
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(say("version_taken", name=name, version=version), field="model_version") from None
    return find_model(ctx, who.workspace_id, id)


def newest_first() -> list[ColumnElement[Any]]:
    return [models.c.major.desc(), models.c.minor.desc(), models.c.patch.desc()]


def from_job(ctx: Platform, who: Identity, given: Import) -> Import:
    """Where a training job's version has left its model, when no place is named."""
    if not given.job:
        return given
    job = jobs.find_job(ctx, who.workspace_id, int(given.job) if given.job.isdigit() else given.job)
    version = jobs.find_version(ctx, job, given.job_version) if given.job_version else jobs.latest_version(ctx, job)
    known = given.model_copy(update={"job": job.id, "job_version": version.name})
    if given.address:
        return known
    outputs = output_addresses(version)
    if not outputs:
        raise BadInput(say("job_no_output", job=job.name, version=version.name), field="source_job_id")
    first = next(iter(outputs.values()))
    return known.model_copy(update={"address": str(first)})


def check_present(ctx: Platform, who: Identity, given: Import) -> None:
    """What is missing is told now, not after the import has begun."""
    if not given.address:
        raise BadInput(say("no_source"), field="source_location")
    store = store_of_workspace(ctx, who.workspace_id)
    for field, text in (("source_location", given.address), ("execution_code", given.execution_code)):
        if not text:
            continue
        where = read_location(text, field)
        if not store.list(where.bucket, where.key.rstrip("/"), limit=1).objects:
            raise NotFound(say("nothing_at", place=where, field=field), field=field)


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find_model(ctx: Platform, workspace_id: str, id: str) -> Model:
    with ctx.database.read() as rows:
        mine = (models.c.id == id) & (models.c.workspace_id == workspace_id)
        row = rows.execute(select(models).where(mine)).one_or_none()
    if row is None:
        raise NotFound(say("no_model", id=id), id=id)
    return model_of(row)


def list_models(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[Model], int]:
    """A page of models, and how many there are in all."""
    wanted = matching(workspace_id, query)
    columns = {"version": [models.c.major, models.c.minor, models.c.patch]}.get(query.sort, [models.c[query.sort]])
    order = [column.desc() if query.descending else column.asc() for column in columns]
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(models).where(*wanted)).scalar_one()
        page = select(models).where(*wanted).order_by(*order, models.c.id).offset(query.offset).limit(query.limit)
        return [model_of(row) for row in rows.execute(page)], total


def matching(workspace_id: str, query: Query) -> list[ColumnElement[bool]]:
    wanted = [models.c.workspace_id == workspace_id]
    if query.name:
        wanted.append(models.c.name.ilike(f"%{escape_like(query.name)}%", escape="\\"))
    for column, value in (
        (models.c.name, query.exact),
        (models.c.version, query.version),
        (models.c.status, query.status),
        (models.c.model_type, query.model_type),
    ):
        if value:
            wanted.append(column == value)
    if query.not_model_type:
        wanted.append(models.c.model_type != query.not_model_type)
    return wanted


def made_by(ctx: Platform, workspace_id: str, job_id: str, job_version: str) -> list[Model]:
    """The models that were imported from a training job's version, the newest first."""
    origin = models.c.request
    mine = [
        models.c.workspace_id == workspace_id,
        origin["job"].as_string() == job_id,
        origin["job_version"].as_string() == job_version,
    ]
    with ctx.database.read() as rows:
        found = rows.execute(select(models).where(*mine).order_by(models.c.created_at.desc(), models.c.id))
        return [model_of(row) for row in found]


def folder_of(ctx: Platform, id: str) -> Path:
    """Where the package of a published model lies, never to be changed."""
    return ctx.settings.home.models / id


def package_of(ctx: Platform, model: Model) -> Path:
    """The same, for whoever wants to have it. Conflict while there is none."""
    if model.status is not Status.PUBLISHED:
        why = "not_imported" if model.status is Status.FAILED else "being_imported"
        raise Conflict(say(why, name=model.name, version=model.version), id=model.id)
    return folder_of(ctx, model.id)


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def describe_model(
    ctx: Platform, model: Model, description: str, tags: Sequence[Mapping[str, str]], docs: Sequence[Doc] | None = None
) -> None:
    """Its pages stay as they are where none are given."""
    check_description(description)
    check_tags(tags)
    values: dict[str, Any] = {"description": description, "tags": list(tags)}
    if docs is not None:
        request = model.request.model_copy(update={"docs": tuple(docs)})
        check_import(request)
        values["request"] = request.model_dump(mode="json")
    with ctx.database.write() as rows:
        rows.execute(update(models).where(models.c.id == model.id).values(values))


class Kept(StrEnum):
    """Why a model is not removed."""

    IMPORTING = "importing"
    IN_USE = "in_use"


def remove_models(
    ctx: Platform, model: Model, all_versions: bool = False
) -> tuple[list[str], list[tuple[Model, Kept]]]:
    """The version, or all versions of its name; returns which are gone, and which are not, with the reason."""
    query = Query(exact=model.name, limit=10_000)
    found = list_models(ctx, model.workspace_id, query)[0] if all_versions else [model]
    removed, kept = [], []
    for one in found:
        reason = remove_row(ctx, one.id)
        if reason is None:
            shutil.rmtree(folder_of(ctx, one.id), ignore_errors=True)
            removed.append(one.id)
        else:
            kept.append((one, reason))
    return removed, kept


def remove_row(ctx: Platform, id: str) -> Kept | None:
    """Why it is still there; None where it has gone. The rows know what runs it, whoever that is."""
    idle = (models.c.id == id) & (models.c.status != Status.PUBLISHING)
    try:
        with ctx.database.write() as rows:
            return None if rows.execute(delete(models).where(idle)).rowcount else Kept.IMPORTING
    except IntegrityError:
        return Kept.IN_USE


def model_of(row: Row[Any]) -> Model:
    return Model(
        id=row.id, workspace_id=row.workspace_id, name=row.name, version=row.version, description=row.description,
        tags=row.tags, request=Import.model_validate(row.request), created_by=row.created_by,
        created_at=row.created_at, status=Status(row.status), progress=row.progress, error=row.error,
        model_type=row.model_type, size_bytes=row.size_bytes, files=row.files, config=row.config, report=row.report,
    )  # fmt: skip
