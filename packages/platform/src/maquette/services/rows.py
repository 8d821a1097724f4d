"""Services and instances as their rows tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from maquette.runs.domain import Run
from maquette.services.deployment import InferType, Instance, Service, Status, Target, Trouble, Wanted
from maquette.services.table import service_batches, service_counts, services
from maquette_sdk.sentences import read


def service_of(row: Row[Any]) -> Service:
    trouble = {key: trouble_of(told) for key, told in row.trouble.items()}
    return Service(
        id=row.id, workspace_id=row.workspace_id, name=row.name, description=row.description,
        status=Status(row.status), wanted=Wanted(row.wanted), error=row.error, targets=targets_of(row.targets),
        revision=row.revision, settled=row.settled, stop_hours=row.stop_hours, due_at=row.due_at, asleep=row.asleep,
        called_at=row.called_at, trouble=trouble, created_by=row.created_by, created_at=row.created_at,
        published_at=row.published_at, transition_at=row.transition_at, infer_type=InferType(row.infer_type),
        details=row.details, tags=row.tags,
    )  # fmt: skip


def trouble_of(kept: Mapping[str, Any]) -> Trouble:
    return Trouble(**{**kept, "reason": read(kept.get("reason"))})


def targets_of(kept: Sequence[Mapping[str, Any]]) -> tuple[Target, ...]:
    return tuple(Target(**one) for one in kept)


def instance_of(row: Row[Any], run: Run) -> Instance:
    return Instance(
        run=run, service_id=row.service_id, key=row.key, model_id=row.model_id, revision=row.revision,
        created_at=row.created_at, leaving_at=row.leaving_at, ready_at=row.ready_at,
    )  # fmt: skip


def sorted_by(name: str) -> ColumnElement[Any]:
    """A column of a service, or what has been counted: of all its versions, of a batch's inputs."""
    if name == "failed_inputs":
        failed = select(service_batches.c.failed).where(service_batches.c.service_id == services.c.id)
        return func.coalesce(failed.scalar_subquery(), 0)
    if name not in ("calls", "failures"):
        return services.c[name]
    counted = select(func.sum(service_counts.c[name])).where(service_counts.c.service_id == services.c.id)
    return func.coalesce(counted.scalar_subquery(), 0)
