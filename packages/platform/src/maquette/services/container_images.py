"""The newer generation's calls about services, which deploy container images: all are refused, in words."""

from __future__ import annotations

from fastapi import APIRouter

from maquette.kernel.errors import Refused
from maquette.workspaces.routes import viewer

router = APIRouter(prefix="/v2/{project_id}", dependencies=viewer)

PLACES = ("/services", "/modelarts-service-v2", "/intranet-connection")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def refuse() -> None:
    raise Refused(
        "This call is about services that run container images; Maquette runs model packages. "
        "Use /v1/{project_id}/models and /v1/{project_id}/services."
    )


for place in PLACES:
    for path in (place, place + "/{rest:path}"):
        router.add_api_route(path, refuse, methods=METHODS, include_in_schema=False)
