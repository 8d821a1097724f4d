"""Experiments as the second generation's calls make, list, change and remove them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from maquette.kernel.errors import BadInput
from maquette.training import experiments
from maquette.training.dialect_v2.bodies import Sent
from maquette.training.dialect_v2.jobs import check_workspace
from maquette.training.dialect_v2.telling import millis
from maquette.training.experiments import Experiment
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v2/{project_id}", tags=["training"])

SORTS = {"create_time": "created_at", "update_time": "updated_at", "name": "name"}


class Metadata(Sent):
    name: str
    description: str = ""
    workspace_id: str = "0"


class NewExperiment(Sent):
    metadata: Metadata


class ExperimentChange(Sent):
    name: str | None = None
    description: str | None = None


@router.post("/training-experiments", status_code=201, dependencies=member)
def make_experiment(ctx: Ctx, who: Who, body: NewExperiment) -> dict[str, Any]:
    check_workspace(who, body.metadata.workspace_id)
    return experiment_body(experiments.create(ctx, who.workspace_id, body.metadata.name, body.metadata.description))


@router.get("/training-experiments", dependencies=viewer)
def list_experiments(
    ctx: Ctx,
    who: Who,
    workspace_id: str = "0",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    sort_by: str = "create_time",
    order: Annotated[str, Query(pattern="^(asc|desc|)$")] = "desc",
) -> dict[str, Any]:
    """A page of experiments; `offset` counts pages."""
    check_workspace(who, workspace_id)
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sort_by")
    found, total = experiments.list_experiments(
        ctx, who.workspace_id, SORTS[sort_by], order != "asc", offset * limit, limit
    )
    return {
        "total": total, "count": len(found), "limit": limit, "offset": offset, "sort_by": sort_by,
        "order": order or "desc", "items": [experiment_body(one) for one in found],
    }  # fmt: skip


@router.get("/training-experiment-names", dependencies=viewer)
def check_experiment_name(
    ctx: Ctx, who: Who, experiment_name: Annotated[str, Query(max_length=256)], workspace_id: str = "0"
) -> dict[str, bool]:
    check_workspace(who, workspace_id)
    return {"is_duplicate": experiments.named(ctx, who.workspace_id, experiment_name) is not None}


@router.get("/training-experiments/{experiment_id}", dependencies=viewer)
def show_experiment(ctx: Ctx, who: Who, experiment_id: str) -> dict[str, Any]:
    return experiment_body(experiments.find(ctx, who.workspace_id, experiment_id))


@router.put("/training-experiments/{experiment_id}", dependencies=member)
def change_experiment(ctx: Ctx, who: Who, experiment_id: str, body: ExperimentChange) -> dict[str, Any]:
    """What is left out stays as it is."""
    found = experiments.find(ctx, who.workspace_id, experiment_id)
    name = found.name if body.name is None else body.name
    description = found.description if body.description is None else body.description
    changed = experiments.change(ctx, who.workspace_id, found, name, description)
    return {"name": changed.name, "description": changed.description, **experiment_body(changed)}


@router.delete("/training-experiments/{experiment_id}", status_code=202, dependencies=member)
def remove_experiment(ctx: Ctx, who: Who, experiment_id: str) -> dict[str, Any]:
    """Its jobs stay."""
    experiments.remove(ctx, experiments.find(ctx, who.workspace_id, experiment_id))
    return {}


def experiment_body(experiment: Experiment) -> dict[str, Any]:
    return {
        "metadata": {
            "id": experiment.id,
            "name": experiment.name,
            "description": experiment.description,
            "workspace_id": "0",
            "create_time": millis(experiment.created_at),
            "update_time": millis(experiment.updated_at),
        },
        "statistic": {"job_count": experiment.jobs},
    }
