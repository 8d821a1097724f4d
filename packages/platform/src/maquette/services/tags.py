"""ModelArts' calls about the tags of services: words that people sort them by."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from maquette.kernel.errors import BadInput
from maquette.services import registry
from maquette.services.deployment import Query
from maquette.services.dialect_bodies import Sent
from maquette.services.sentences import say
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v1/{project_id}/services", tags=["services"])

MOST_TAGS = 20
MOST_SERVICES = 10_000


class SentTag(Sent):
    key: Annotated[str, Field(min_length=1, max_length=128)]
    value: Annotated[str, Field(max_length=255)] = ""


class SentTags(Sent):
    tags: list[SentTag] = Field(min_length=1, max_length=MOST_TAGS)


@router.get("/tags", dependencies=viewer)
def list_tags(ctx: Ctx, who: Who) -> dict[str, Any]:
    """Every key that a service has, with its values."""
    found: dict[str, set[str]] = {}
    for service in registry.list_all(ctx, who.workspace_id, Query(limit=MOST_SERVICES))[0]:
        for tag in service.tags:
            found.setdefault(tag["key"], set()).add(tag["value"])
    return {"tags": [{"key": key, "values": sorted(values)} for key, values in sorted(found.items())]}


@router.get("/{service_id}/tags", dependencies=viewer)
def show_tags(ctx: Ctx, who: Who, service_id: str) -> dict[str, Any]:
    return {"tags": list(registry.find(ctx, who.workspace_id, service_id).tags)}


@router.post("/{service_id}/tags/create", status_code=204, dependencies=member)
def add_tags(ctx: Ctx, who: Who, service_id: str, body: SentTags) -> None:
    """One value for a key: the newer one stays."""
    service = registry.find(ctx, who.workspace_id, service_id)
    tags = {tag["key"]: tag["value"] for tag in service.tags} | {tag.key: tag.value for tag in body.tags}
    if len(tags) > MOST_TAGS:
        raise BadInput(say("tags", most=MOST_TAGS), field="tags")
    registry.tag(ctx, service, [{"key": key, "value": value} for key, value in tags.items()])


@router.delete("/{service_id}/tags/delete", status_code=204, dependencies=member)
def remove_tags(ctx: Ctx, who: Who, service_id: str, body: SentTags) -> None:
    """By their keys. One that the service has not is passed over."""
    service = registry.find(ctx, who.workspace_id, service_id)
    gone = {tag.key for tag in body.tags}
    registry.tag(ctx, service, [tag for tag in service.tags if tag["key"] not in gone])
