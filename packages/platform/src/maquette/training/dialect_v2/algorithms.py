"""Algorithms as the second generation's calls make, list, show, change and remove them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.kernel.ports import ObjectInfo
from maquette.training import algorithms
from maquette.training.algorithms import Algorithm, Channel, Content
from maquette.training.dialect_v2.bodies import SentAlgorithm
from maquette.training.dialect_v2.engines import engine_body
from maquette.training.dialect_v2.jobs import check_workspace
from maquette.training.dialect_v2.reading import LANGUAGES, content_of
from maquette.training.dialect_v2.telling import Telling, declared_body, millis, plain
from maquette.web.door import Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/v2/{project_id}/algorithms", tags=["algorithms"])

SORTS = {"create_time": "created_at", "update_time": "updated_at", "name": "name", "description": "description"}
MOST_IN_TREE = 1024
DOMAIN = "maquette"

Language = Annotated[str, Header(alias="X-Language", max_length=16)]


@router.post("", status_code=201, dependencies=member)
def make_algorithm(ctx: Ctx, who: Who, body: SentAlgorithm, language: Language = "en-us") -> dict[str, Any]:
    check_workspace(who, body.metadata.workspace_id)
    content = content_of(ctx, body)
    made = algorithms.create(ctx, who, body.metadata.name, body.metadata.description, content)
    return detail_body(Telling(ctx), made, language)


@router.get("", dependencies=viewer)
def list_algorithms(
    ctx: Ctx,
    who: Who,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    sort_by: str = "create_time",
    order: Annotated[str, Query(pattern="^(asc|desc|)$")] = "desc",
    group_by: str = "",
    searches: Annotated[str, Query(max_length=300)] = "",
    workspace_id: str = "0",
    language: Language = "en-us",
) -> dict[str, Any]:
    """A page of algorithms without their trees of files; `searches` is `name:` and a part of it."""
    check_workspace(who, workspace_id)
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sort_by")
    query = algorithms.Query(
        **search_of(searches), sort=SORTS[sort_by], descending=order != "asc", offset=offset, limit=limit
    )
    found, total = algorithms.list_algorithms(ctx, who.workspace_id, query)
    telling = Telling(ctx)
    return {
        "total": total,
        "count": len(found),
        "limit": limit,
        "offset": offset,
        "sort_by": sort_by,
        "order": order or "desc",
        "group_by": group_by,
        "items": [algorithm_body(telling, one, language) for one in found],
    }


def search_of(searches: str) -> dict[str, str]:
    """`name:resnet`, `description:flowers`, both with a comma between, or a part of the name alone."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in searches.split(","))):
        key, colon, text = part.partition(":")
        if not colon:
            key, text = "name", part
        if key not in ("name", "description"):
            raise BadInput(f"Algorithms are not searched by '{key}'. Use name or description.", field="searches")
        found["text" if key == "name" else "description"] = text
    return found


@router.get("/{algorithm_id}", dependencies=viewer)
def show_algorithm(ctx: Ctx, who: Who, algorithm_id: str, language: Language = "en-us") -> dict[str, Any]:
    return detail_body(Telling(ctx), algorithms.find(ctx, who.workspace_id, algorithm_id), language)


@router.put("/{algorithm_id}", dependencies=member)
def change_algorithm(
    ctx: Ctx, who: Who, algorithm_id: str, body: SentAlgorithm, language: Language = "en-us"
) -> dict[str, Any]:
    """All of it anew. Jobs that ran it keep what they ran on."""
    check_workspace(who, body.metadata.workspace_id)
    found = algorithms.find(ctx, who.workspace_id, algorithm_id)
    content = content_of(ctx, body)
    changed = algorithms.change(ctx, found, body.metadata.name, body.metadata.description, content)
    return detail_body(Telling(ctx), changed, language)


@router.delete("/{algorithm_id}", status_code=202, dependencies=member)
def remove_algorithm(ctx: Ctx, who: Who, algorithm_id: str) -> dict[str, Any]:
    algorithms.remove(ctx, algorithms.find(ctx, who.workspace_id, algorithm_id))
    return {}


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────


def detail_body(telling: Telling, algorithm: Algorithm, language: str) -> dict[str, Any]:
    """The same with the code's files, and whether they are still there."""
    body = algorithm_body(telling, algorithm, language)
    files = files_of(telling.ctx, algorithm)
    body["job_config"]["code_tree"] = tree_of(algorithm.content.code, files)
    body["metadata"]["size"] = sum(info.size for info in files)
    body["metadata"]["is_valid"] = any(info.key.endswith(algorithm.content.boot_file) for info in files)
    return body


def algorithm_body(telling: Telling, algorithm: Algorithm, language: str) -> dict[str, Any]:
    return {
        "metadata": {
            "id": algorithm.id,
            "name": algorithm.name,
            "description": algorithm.description,
            "create_time": millis(algorithm.created_at),
            "update_time": millis(algorithm.updated_at),
            "workspace_id": "0",
            "ai_project": "default-ai-project",
            "user_name": telling.name_of(algorithm.created_by),
            "domain_id": DOMAIN,
            "source": "custom",
            "api_version": "V2",
            "is_valid": True,
            "state": "",
            "size": 0,
            "tags": [],
            "attr_list": [],
            "version_num": 0,
        },
        "job_config": config_body(algorithm.content, LANGUAGES.get(language.lower(), "en-us")),
        "resource_requirements": [
            {"key": one.key, "values": list(one.values), "value": list(one.values), "operator": "in"}
            for one in algorithm.content.requirements
        ],  # `values` as it is sent, `value` as it is answered
        "advanced_config": {"auto_search": algorithm.content.search} if algorithm.content.search else {},
    }


def config_body(content: Content, language: str) -> dict[str, Any]:
    shown = content.original
    return {
        "code_dir": shown.get("code_dir") or plain(content.code),
        "boot_file": shown.get("boot_file") or f"{plain(content.code)}{content.boot_file}",
        "command": content.command,
        "parameters": [declared_body(one, language) for one in content.parameters],
        "parameters_customization": content.customization,
        "inputs": [{**channel_body(one), "remote_constraints": constraints_body(one)} for one in content.inputs],
        "outputs": [channel_body(one) for one in content.outputs],
        "engine": engine_body(content.engine, shown.get("engine")),
        "code_tree": {"name": content.code.rstrip("/").rsplit("/", 1)[-1] + "/", "children": []},
    }


def channel_body(channel: Channel) -> dict[str, Any]:
    return {"name": channel.name, "description": channel.description}


def constraints_body(channel: Channel) -> list[dict[str, Any]]:
    """The attributes are those of data sets."""
    return [
        {"data_type": kind, "attributes": list(channel.attributes) if kind == algorithms.DATASET else []}
        for kind in channel.kinds
    ]


def files_of(ctx: Platform, algorithm: Algorithm) -> Sequence[ObjectInfo]:
    """The objects of the code's folder; none where it has gone."""
    folder = read_address(algorithm.content.code)
    try:
        return (
            store_of_workspace(ctx, algorithm.workspace_id).list(folder.bucket, folder.key, limit=MOST_IN_TREE).objects
        )
    except (NotFound, Refused):
        return ()


def tree_of(code: str, files: Sequence[ObjectInfo]) -> dict[str, Any]:
    """Folders, with a slash behind their names, hold children."""
    folder = read_address(code)
    root: dict[str, Any] = {"name": code.rstrip("/").rsplit("/", 1)[-1] + "/", "children": []}
    folders: dict[str, dict[str, Any]] = {"": root}
    for info in files:
        *above, name = info.key[len(folder.key) :].split("/")
        parent, path = root, ""
        for part in above:
            path += f"{part}/"
            if path not in folders:
                folders[path] = {"name": f"{part}/", "children": []}
                parent["children"].append(folders[path])
            parent = folders[path]
        if name:
            parent["children"].append({"name": name})
    return root
