"""How HTTP reaches the guided tour: what it begins with, and its bucket. All else of it are the usual calls."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from maquette.demo import tour
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/maquette/{project_id}/tour", tags=["tour"])


class TourBody(BaseModel):
    """`name` is that of its job, model and service; `unseen` are the keys of pictures to ask with, once `filled`."""

    name: str
    bucket: str
    filled: bool
    unseen: list[str]
    engine: str
    engine_ready: bool
    cores: int


def tour_body(found: tour.Standing) -> TourBody:
    return TourBody(
        name=tour.NAME, bucket=found.bucket, filled=found.filled, unseen=list(found.unseen), engine=found.engine,
        engine_ready=found.engine_ready, cores=found.cores,
    )  # fmt: skip


@router.get("", dependencies=viewer)
def tell_tour(ctx: Ctx, who: Who) -> TourBody:
    """What the guided tour of this workspace begins with."""
    return tour_body(tour.standing(ctx, who.workspace_id))


@router.post("", status_code=201, dependencies=member)
def fill_bucket(ctx: Ctx, who: Who) -> TourBody:
    """Puts the digits and the code that learns them into the tour's bucket. Done again it comes to the same."""
    return tour_body(tour.fill(ctx, who.workspace_id))
