"""How HTTP reaches engines: what can run here, what of it is made, and making or removing it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from maquette.kernel.ports import Made
from maquette.runs.routes import Told
from maquette.training import preparing
from maquette.web.door import Who
from maquette.workspaces.routes import Ctx, administrator, viewer
from maquette_sdk.sentences import told

router = APIRouter(prefix="/maquette/{project_id}/engines", tags=["engines"])


class EngineBody(BaseModel):
    """What can run here. `ready` are the framework's versions whose environment is made; the sizes are what making
    one takes; `making` is the state of the run that makes one, or has tried to, where somebody asked for that."""

    engine: str
    framework: str
    versions: list[str]
    match: str
    reason: str
    python: str
    ready: list[str]
    download_mb: int
    disk_mb: int
    making: str | None


class EnvironmentBody(BaseModel):
    """An environment on disk; `bytes` counts what it shares with others too, and `apart` are its packages that not all
    environments of its engine have in that version."""

    name: str
    engine: str
    ready: bool
    in_use: bool
    bytes: int
    last_used: float
    apart: list[str]


class EnginesBody(BaseModel):
    engines: list[EngineBody]
    environments: list[EnvironmentBody]


@router.get("", dependencies=viewer)
def list_engines(ctx: Ctx) -> EnginesBody:
    """What scripts and models can run in on this machine, and what of it is made."""
    all_shelves = ctx.engines.shelves()
    asked_for = preparing.newest(ctx, [one.engine for one in all_shelves])
    shelves = [
        EngineBody(
            engine=one.engine, framework=one.title, versions=list(one.versions), match=one.resolution.match,
            reason=one.resolution.reason, python=one.resolution.python_version, ready=list(one.ready),
            download_mb=one.download_mb, disk_mb=one.disk_mb,
            making=str(asked_for[one.engine].state) if one.engine in asked_for else None,
        )
        for one in all_shelves
    ]  # fmt: skip
    there = ctx.engines.made(measure=False)
    packages = apart(there)
    made = [
        EnvironmentBody(
            name=one.name, engine=str(one.record.get("engine") or ""), ready=one.ready, in_use=one.in_use,
            bytes=one.size, last_used=one.last_used, apart=packages[one.name],
        )
        for one in there
    ]  # fmt: skip
    return EnginesBody(engines=shelves, environments=made)


def apart(made: Sequence[Made]) -> dict[str, list[str]]:
    """By environment: what tells it from the others of its engine and Python. One that is unfinished has nothing."""
    found = {one.name: one.packages if one.ready else frozenset() for one in made}
    likes: dict[tuple[str, str], list[str]] = {}
    for one in made:
        if one.ready:
            likes.setdefault((str(one.record.get("engine")), str(one.record.get("python"))), []).append(one.name)
    told: dict[str, list[str]] = {one.name: [] for one in made}
    for names in likes.values():
        shared = frozenset.intersection(*(found[name] for name in names))
        told |= {name: sorted(found[name] - shared, key=str.lower) for name in names}
    return told


@router.delete("/{name}", status_code=204, dependencies=administrator)
def remove_engine(ctx: Ctx, name: str) -> None:
    """Removes an environment by its own name, or all of an engine; it is made again when it is needed. Conflict while
    a run uses it."""
    ctx.engines.remove(name)


class PreparationBody(BaseModel):
    """`lines` are what was told on the way, and in the end what is in it; `message` says why it failed."""

    state: str
    over: bool
    message: str
    told: Told
    lines: list[str]
    lines_told: list[Told]


def preparation_body(found: preparing.Preparation) -> PreparationBody:
    run = found.run
    return PreparationBody(
        state=run.state, over=preparing.is_over(run), message=run.message, told=told(run.message),
        lines=list(found.lines), lines_told=[told(line) for line in found.lines],
    )  # fmt: skip


@router.post("/{name}/preparation", status_code=202, dependencies=administrator)
def prepare_engine(ctx: Ctx, who: Who, name: str) -> PreparationBody:
    """Has an engine's environment made now, so that the first run need not wait. Conflict while it is being made."""
    return preparation_body(preparing.start(ctx, who, name))


@router.get("/{name}/preparation", dependencies=viewer)
def tell_preparation(ctx: Ctx, name: str) -> PreparationBody:
    return preparation_body(preparing.find(ctx, name))


@router.delete("/{name}/preparation", status_code=204, dependencies=administrator)
def stop_preparation(ctx: Ctx, name: str) -> None:
    """What is half made goes; one that has ended stays as it is."""
    preparing.stop(ctx, name)
