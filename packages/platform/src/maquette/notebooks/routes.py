"""What ModelArts has no call for: syncing a notebook's work folder with a folder of a bucket."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from maquette.kernel.identity import Role
from maquette.notebooks import actions, dialect, instances, syncing
from maquette.web.door import Body, Who, needs
from maquette.workspaces.routes import Ctx

router = APIRouter(prefix="/maquette/{project_id}/notebooks", tags=["notebooks"])


class Sync(Body):
    """`folder` is kept for the next time; `path` is a part of the work folder."""

    direction: Literal["to_bucket", "from_bucket"]
    folder: str = Field("", max_length=1100)
    path: str = Field("", max_length=1024)


@router.post("/{id}/sync", dependencies=[needs(Role.MEMBER)])
def sync(ctx: Ctx, who: Who, id: str, body: Sync) -> dict[str, Any]:
    """Up to 100 MB; more goes with moxing, in the notebook."""
    notebook = actions.find_mine(ctx, who, id)
    if body.folder:
        notebook = actions.change(ctx, who, notebook, replace(notebook.wanted, folder=body.folder))
    do = syncing.to_bucket if body.direction == "to_bucket" else syncing.from_bucket
    return {**asdict(do(ctx, who, notebook, body.path)), "folder": notebook.wanted.folder}


routers = [router, dialect.router, dialect.images, instances.router]
