"""Saved job parameters, as the first generation's calls keep them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput
from maquette.training import configurations
from maquette.training.configurations import SORTS, Configuration
from maquette.training.dialect_v1.bodies import millis
from maquette.training.dialect_v1.config import Config
from maquette.training.dialect_v1.engines import engine_body, engine_named
from maquette.training.dialect_v1.jobs import DONE, Page, PerPage
from maquette.training.dialect_v1.specs import flavour_named, spec_body
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v1/{project_id}/training-job-configs", tags=["training, first generation"])

NAMES = {"config_name", "config_desc"}


class Content(Config):
    config_desc: str = ""


class NewConfiguration(Content):
    config_name: str


@router.post("", dependencies=member)
def make_configuration(ctx: Ctx, who: Who, body: NewConfiguration) -> dict[str, Any]:
    check_choices(ctx, body)
    configurations.make(ctx, who.workspace_id, body.config_name, body.config_desc, content_of(body))
    return DONE


@router.get("", dependencies=viewer)
def list_configurations(
    ctx: Ctx,
    who: Who,
    page: Page = 1,
    per_page: PerPage = 10,
    sort_by: Annotated[str, Query(alias="sortBy")] = "config_name",
    order: Annotated[str, Query(pattern="^(asc|desc)$")] = "desc",
    search_content: Annotated[str, Query(max_length=100)] = "",
    config_type: Annotated[str, Query(pattern="^(custom|sample)$")] = "custom",
) -> dict[str, Any]:
    """Those of this workspace; there are no samples."""
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sortBy")
    query = configurations.Query(search_content, SORTS[sort_by], order == "desc", (page - 1) * per_page, per_page)
    found, total = configurations.list_all(ctx, who.workspace_id, query) if config_type == "custom" else ([], 0)
    return {"is_success": True, "config_total_count": total, "configs": [listed_body(ctx, one) for one in found]}


@router.get("/{config_name}", dependencies=viewer)
def show_configuration(ctx: Ctx, who: Who, config_name: str) -> dict[str, Any]:
    found = configurations.find(ctx, who.workspace_id, config_name)
    config = Config.model_validate(found.content)
    flavour = flavour_named(ctx.executor.capacity(), config.spec_id, config.spec_code)
    return {
        "is_success": True,
        **config.model_dump(mode="json", exclude={"create_version", "pre_version_id"}),
        **listed_body(ctx, found),
        **spec_body(ctx.executor.capacity(), flavour),
    }


@router.put("/{config_name}", dependencies=member)
def change_configuration(ctx: Ctx, who: Who, config_name: str, body: Content) -> dict[str, Any]:
    check_choices(ctx, body)
    configurations.change(ctx, who.workspace_id, config_name, body.config_desc, content_of(body))
    return DONE


@router.delete("/{config_name}", dependencies=member)
def remove_configuration(ctx: Ctx, who: Who, config_name: str) -> dict[str, Any]:
    configurations.remove(ctx, who.workspace_id, config_name)
    return DONE


def check_choices(ctx: Platform, body: Config) -> None:
    """Its engine and its flavour exist; its places are looked at when a job is made from it."""
    engine_named(ctx, body.engine_id, body.engine_name, body.engine_version)
    flavour_named(ctx.executor.capacity(), body.spec_id, body.spec_code)


def content_of(body: Config) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude=NAMES, exclude_unset=True)


def listed_body(ctx: Platform, one: Configuration) -> dict[str, Any]:
    config = Config.model_validate(one.content)
    engine = engine_named(ctx, config.engine_id, config.engine_name, config.engine_version)
    return {
        "config_name": one.name, "config_desc": one.description, "create_time": millis(one.created_at),
        **engine_body(ctx, engine), "user_image_url": config.user_image_url,
        "user_command": config.user_command,
    }  # fmt: skip
