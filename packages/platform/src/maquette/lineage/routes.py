"""How HTTP reaches lineage: of a model's version, and of a training job's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from maquette.kernel.errors import BadInput
from maquette.lineage import actions
from maquette.lineage.domain import Graph, Kind
from maquette.models import registry as models
from maquette.training import jobs
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, viewer

router = APIRouter(prefix="/maquette/{project_id}/lineage", tags=["lineage"])

Id = Annotated[str, Query(max_length=64)]


class NodeBody(BaseModel):
    """`about` tells a little more: a version, a hash, a Python, a share. `address` is where it lies in a bucket; in
    `refers` are the ids by which it is asked for. What is `gone` was removed since."""

    id: str
    kind: Kind
    name: str
    about: str
    state: str
    address: str
    gone: bool
    refers: dict[str, str]


class EdgeBody(BaseModel):
    """`source` went into `target`."""

    source: str
    target: str


class LineageBody(BaseModel):
    """`focus` is the node that was asked for; `left_out` how many models more there are."""

    focus: str
    nodes: list[NodeBody]
    edges: list[EdgeBody]
    left_out: int


@router.get("", dependencies=viewer)
def show_lineage(ctx: Ctx, who: Who, model_id: Id = "", job_id: Id = "", version: Id = "latest") -> LineageBody:
    """From what a model's version, or a training job's, was made, and what became of it: `model_id`, or `job_id` and
    its `version`."""
    if bool(model_id) == bool(job_id):
        raise BadInput("Name either a model or a job: model_id, or job_id with version.", field="model_id")
    if model_id:
        return body(actions.of_model(ctx, models.find_model(ctx, who.workspace_id, model_id)))
    job = jobs.find_job(ctx, who.workspace_id, job_id)
    one = jobs.latest_version(ctx, job) if version == "latest" else jobs.find_version(ctx, job, version)
    return body(*actions.of_version(ctx, job, one))


def body(graph: Graph, left_out: int = 0) -> LineageBody:
    nodes = [
        NodeBody(
            id=one.id, kind=one.kind, name=one.name, about=one.about, state=one.state, address=one.address,
            gone=one.gone, refers=dict(one.refers),
        )
        for one in graph.things.values()
    ]  # fmt: skip
    edges = [EdgeBody(source=source, target=target) for source, target in graph.links]
    return LineageBody(focus=graph.focus, nodes=nodes, edges=edges, left_out=left_out)


routers = [router]
