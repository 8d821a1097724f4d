"""What ModelArts' calls about models do not tell: a package's zip, and what an import would find."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from maquette.models import candidates, registry
from maquette.models.importing import Import
from maquette.models.zipped import pack, zip_pieces, zip_size
from maquette.runs.routes import Told
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, member, viewer

router = APIRouter(prefix="/maquette/{project_id}/models", tags=["models"])

LONGEST_PLACE = 2048
Place = Annotated[str, Query(max_length=LONGEST_PLACE)]
Word = Annotated[str, Query(max_length=128)]


class FindingBody(BaseModel):
    """One problem, where it is, and the fix; `parameters` are what both sentences are made of."""

    level: str
    code: str
    message: str
    fix: str
    file: str | None
    line: int | None
    column: int | None
    field: str | None
    repairable: bool
    parameters: dict[str, Any] = Field(default_factory=dict)


class EngineFoundBody(BaseModel):
    """`asked` is what the package or the import names, `name` what runs it here."""

    asked: str
    name: str | None
    match: str
    reason: str
    told: Told
    python: str | None
    era: str | None = None
    notes: list[str] = Field(default_factory=list)


class CandidateBody(BaseModel):
    """A package that is `sound` can be imported. `config` is its config.json as it would count, with what was asked."""

    model_config = ConfigDict(protected_namespaces=())
    address: str
    sound: bool
    has_config: bool
    model_type: str | None
    service_class: str | None
    model_path: str | None
    mode: str | None
    engine: EngineFoundBody | None
    requirements: list[str]
    counts: dict[str, int]
    findings: list[FindingBody]
    config: dict[str, Any]
    files: int
    size_bytes: int


@router.get("/check", dependencies=member)
def check_candidate(
    ctx: Ctx,
    who: Who,
    source_location: Place = "",
    source_job_id: Word = "",
    source_job_version: Word = "",
    execution_code: Place = "",
    model_type: Word = "",
    runtime: Word = "",
    infer_format: Word = "",
) -> CandidateBody:
    """What an import of this would find, with nothing imported; the fields are those of the import. Large files are
    looked at by their ends only, so an import may find more."""
    given = Import(
        address=source_location, job=source_job_id, job_version=source_job_version, execution_code=execution_code,
        model_type=model_type, runtime=runtime, mode=infer_format,
    )  # fmt: skip
    return CandidateBody.model_validate(candidates.judge(ctx, who, given))


@router.get("/{model_id}/package", dependencies=viewer)
def download_package(ctx: Ctx, who: Who, model_id: str) -> StreamingResponse:
    """The package as a zip with its `model/` folder, as it can be imported again."""
    model = registry.find_model(ctx, who.workspace_id, model_id)
    files = pack(registry.package_of(ctx, model), "model")
    name = f"{model.name}-{model.version}.zip"
    headers = {
        "content-length": str(zip_size(files)),
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(zip_pieces(files), media_type="application/zip", headers=headers)


routers = [router]
