"""How HTTP reaches buckets beside the object store's own dialect."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from maquette.buckets import actions
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, viewer

router = APIRouter(prefix="/maquette/{project_id}/buckets", tags=["buckets"])


class BucketBody(BaseModel):
    """`policy` is `private`, or `public-read` where everybody may read it without a key."""

    name: str
    policy: str
    created_at: float


@router.get("", dependencies=viewer)
def list_buckets(ctx: Ctx, who: Who) -> list[BucketBody]:
    """The workspace's buckets by name. What is in them, and every change, is the object store's: `/obs/`."""
    there = set(ctx.store.buckets())
    return [
        BucketBody(name=name, policy=policy, created_at=ctx.store.made_at(name))
        for name, policy in actions.of_workspace(ctx, who.workspace_id)
        if name in there
    ]


routers = [router]
