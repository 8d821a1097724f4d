"""ModelArts' calls about models: import, list, show, remove, and the runtimes that packages may name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Refused
from maquette.models import registry
from maquette.models.importing import INSTALL_TYPES, Doc, Import, apis_of
from maquette.models.registry import Model
from maquette.models.sentences import say
from maquette.web.door import Body, Who
from maquette.web.sentences import say as calls
from maquette.workspaces.routes import Ctx, member, viewer
from maquette_sdk import sentences

router = APIRouter(prefix="/v1/{project_id}/models", tags=["models"])

DeployedBy = Callable[[Platform, str], Sequence[str]]
"""The names of the services that run a model; the server hands it in, for services lie above models."""

SORTS = {"create_at": "created_at", "model_version": "version", "model_size": "size_bytes", "model_name": "name"}


class SentParam(Body):
    """One input or output of a model, as a form would show it."""

    model_config = ConfigDict(extra="ignore")
    url: str = "/"
    param_name: str
    param_type: str = "string"
    min: float | str | None = None
    max: float | str | None = None
    param_desc: str | None = None
    protocol: str | None = None
    method: str | None = None


class SentTemplate(Body):
    model_config = ConfigDict(extra="ignore")
    infer_format: str = ""
    template_id: str = ""
    template_inputs: list[dict[str, str]] = Field(default_factory=list, max_length=16)


class SentModel(Body):
    """Fields that only tune ModelArts' own machines change nothing."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    model_name: str
    model_version: str = ""
    source_location: str = ""
    source_job_id: str | int | None = None
    source_job_version: str | None = None
    source_type: str | None = None
    model_type: str | None = None
    runtime: str | None = None
    description: str = ""
    model_algorithm: str | None = None
    execution_code: str | None = None
    input_params: list[SentParam] | None = None
    output_params: list[SentParam] | None = None
    dependencies: list[dict[str, Any]] | None = None
    model_metrics: str | None = None
    apis: str | list[dict[str, Any]] | None = None
    initial_config: str | None = None
    workspace_id: str = "0"
    model_docs: list[Doc] | None = None
    install_type: list[str] | None = None
    template: SentTemplate | None = None
    tags: list[dict[str, str]] | None = None


@router.post("", status_code=200, dependencies=member)
def import_model(ctx: Ctx, who: Who, body: SentModel) -> dict[str, str]:
    """The import goes on by itself; the model's status tells when it is done."""
    if body.model_type == "Image":
        raise Refused(say("no_images"), field="model_type")
    made = registry.import_model(
        ctx, who, body.model_name, body.model_version, import_of(body), body.description, body.tags or ()
    )
    return {"model_id": made.id}


def import_of(body: SentModel) -> Import:
    apis = json_of(body.apis, "apis", list) if isinstance(body.apis, str) else body.apis
    params = [[one.model_dump() for one in sent or ()] for sent in (body.input_params, body.output_params)]
    return Import(
        address=place_of(body),
        job=str(body.source_job_id or ""),
        job_version=body.source_job_version or "",
        model_type=body.model_type or "",
        runtime=body.runtime or "",
        algorithm=body.model_algorithm or "",
        execution_code=body.execution_code or "",
        initial_config=body.initial_config or "",
        apis=apis or apis_of(*params),
        dependencies=body.dependencies or [],
        metrics=json_of(body.model_metrics, "model_metrics", dict) or {},
        mode=body.template.infer_format if body.template else "",
        install_types=tuple(body.install_type or INSTALL_TYPES),
        docs=tuple(body.model_docs or ()),
        original={"source_type": body.source_type or "", "source_location": body.source_location},
    )


def place_of(body: SentModel) -> str:
    """A template names the folder as one of its inputs."""
    inputs = body.template.template_inputs if body.template else []
    return body.source_location or next((one.get("input", "") for one in inputs if one.get("input")), "")


def json_of(text: str | None, field: str, kind: type) -> Any:
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(say("no_json_in", field=field, error=error), field=field) from None
    if not isinstance(found, kind):
        raise BadInput(say("other_json", field=field, kind=kind.__name__), field=field)
    return found


@router.get("", dependencies=viewer)
def list_models(
    ctx: Ctx,
    who: Who,
    model_name: str = "",
    exact_match: bool = False,
    model_version: str = "",
    model_status: str = "",
    model_type: str = "",
    not_model_type: str = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    sort_by: str = "create_at",
    order: Literal["asc", "desc"] = "desc",
) -> dict[str, Any]:
    """A page of models; `model_name` is part of a name. `offset` counts pages."""
    if sort_by not in SORTS:
        raise BadInput(calls("sort", value=sort_by, known=", ".join(SORTS)), field="sort_by")
    query = registry.Query(
        name="" if exact_match else model_name, exact=model_name if exact_match else "", version=model_version,
        status=model_status, model_type=model_type, not_model_type=not_model_type, sort=SORTS[sort_by],
        descending=order == "desc", offset=offset * limit, limit=limit,
    )  # fmt: skip
    found, total = registry.list_models(ctx, who.workspace_id, query)
    return {"models": [short_body(one) for one in found], "count": len(found), "total_count": total}


@router.get("/ai-engine-runtimes", dependencies=viewer)
def list_runtimes(ctx: Ctx, model_type: str = "") -> dict[str, Any]:
    """What `runtime` may be for each type of models; any other name that tells an engine is taken too."""
    known: dict[str, list[str]] = {}
    for name in ctx.engines.printed_names()["runtimes"]:
        kind, _, runtime = name.partition(" ")
        known.setdefault(kind, []).append(runtime)
    wanted = {kind: names for kind, names in known.items() if model_type in ("", kind)}
    bodies = [
        {"ai_engine": kind, "runtimes": names, "request_mode": "sync", "accelerators": [], "arch": "x86_64"}
        for kind, names in wanted.items()
    ]
    return {"engine_runtimes": bodies, "total_count": len(bodies), "count": len(bodies)}


@router.get("/{model_id}", dependencies=viewer)
def show_model(ctx: Ctx, who: Who, model_id: str) -> dict[str, Any]:
    return detail_body(registry.find_model(ctx, who.workspace_id, model_id))


class ModelChange(Body):
    """Without `model_docs` its pages stay as they are."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    description: str = ""
    tags: list[dict[str, str]] = Field(default_factory=list)
    model_docs: list[Doc] | None = None


@router.put("/{model_id}", dependencies=member)
def change_model(ctx: Ctx, who: Who, model_id: str, body: ModelChange) -> dict[str, Any]:
    """Its description, its tags and the pages about it; what it is made of never changes."""
    model = registry.find_model(ctx, who.workspace_id, model_id)
    registry.describe_model(ctx, model, body.description, body.tags, body.model_docs)
    return {"model_id": model_id}


@router.delete("/{model_id}", dependencies=member)
def remove_model(ctx: Ctx, who: Who, request: Request, model_id: str, cascade: bool = False) -> dict[str, Any]:
    """`cascade` removes all versions of its name. What a service runs stays, and the answer names the service."""
    removed, kept = registry.remove_models(ctx, registry.find_model(ctx, who.workspace_id, model_id), cascade)
    deployed_by: DeployedBy = request.app.state.deployed_by
    failed = [
        {
            "model_id": one.id, "model_name": one.name, "model_version": one.version,
            "reason": reason, "told": sentences.told(reason),
        }
        for one, reason in ((one, reason_of(why, deployed_by(ctx, one.id))) for one, why in kept)
    ]  # fmt: skip
    return {"delete_success_list": removed, "delete_failed_list": failed}


def reason_of(why: registry.Kept, services: Sequence[str]) -> str:
    """Why a model is kept, with the services that run it."""
    if why is not registry.Kept.IN_USE or not services:
        return say(why)
    *others, named = (f"'{name}'" for name in services)
    if not others:
        return say("in_use_by", name=named)
    for one in reversed(others):
        named = say("both", first=one, rest=named)
    return say("in_use_by_several", names=named)


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────


def short_body(model: Model) -> dict[str, Any]:
    return {
        "model_id": model.id,
        "model_name": model.name,
        "model_version": model.version,
        "model_type": model.model_type or model.request.model_type,
        "model_size": model.size_bytes,
        "model_status": str(model.status),
        "description": model.description,
        "tenant": "maquette",
        "project": model.workspace_id,
        "owner": model.created_by,
        "create_at": int(model.created_at * 1000),
        "source_type": model.request.original.get("source_type") or ("train" if model.request.job else ""),
        "install_type": list(model.request.install_types),
        "model_source": "custom",
        "workspace_id": "0",
        "tunable": False,
        "market_flag": False,
        "publishable_flag": False,
        "tags": list(model.tags),
    }


def detail_body(model: Model) -> dict[str, Any]:
    """`check`, `engine`, `progress`, `error` and how these are told in other languages are Maquette's own."""
    config = model.config
    inputs, outputs = params_of(config.get("apis") or [])
    return {
        **short_body(model),
        "source_location": model.request.original.get("source_location") or model.request.address,
        "source_job_id": model.request.job,
        "source_job_version": model.request.job_version,
        "runtime": config.get("runtime") or model.request.runtime,
        "model_algorithm": config.get("model_algorithm") or model.request.algorithm,
        "execution_code": model.request.execution_code,
        "model_metrics": json.dumps(config.get("metrics") or model.request.metrics, ensure_ascii=False),
        "apis": json.dumps(config.get("apis") or [], ensure_ascii=False),
        "config": json.dumps(config, ensure_ascii=False),
        "input_params": inputs,
        "output_params": outputs,
        "dependencies": config.get("dependencies") or [],
        "health": config.get("health"),
        "model_docs": [doc.model_dump() for doc in model.request.docs],
        "image_address": "",
        "schema_doc": "",
        "specification": {},
        "check": dict(model.report),
        "engine": model.report.get("engine"),
        "files": model.files,
        "progress": model.progress,
        "progress_told": sentences.told(model.progress),
        "error": model.error,
        "error_told": sentences.told(model.error),
    }


def params_of(apis: list[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The apis of a config.json as ModelArts' `input_params` and `output_params`; odd ones are left out."""
    found: dict[str, list[dict[str, Any]]] = {"request": [], "response": []}
    for api in (api for api in apis if isinstance(api, dict)):
        for which, params in found.items():
            body = api.get(which)
            data = body.get("data") if isinstance(body, dict) else None
            properties = data.get("properties") if isinstance(data, dict) else None
            for name, schema in properties.items() if isinstance(properties, dict) else ():
                params.append(param_body(api, name, schema if isinstance(schema, dict) else {}))
    return found["request"], found["response"]


def param_body(api: dict[str, Any], name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": api.get("url") or "/",
        "protocol": api.get("protocol") or api.get("procotol") or "https",
        "method": api.get("method") or "post",
        "param_name": name,
        "param_type": schema.get("type", ""),
        "min": schema.get("minimum"),
        "max": schema.get("maximum"),
        "param_desc": schema.get("description", ""),
    }


routers = [router]
