"""Algorithms: training code that is kept under a name with what it takes, and the jobs that run it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from maquette.buckets.actions import store_of_workspace
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.kernel.ids import new_id
from maquette.training.domain import CHANNEL_NAME
from maquette.training.engines import check_engine
from maquette.training.flavours import Flavour
from maquette.training.listing import holds
from maquette.training.parameters import Declared, check_declared, settle
from maquette.training.presence import check_code
from maquette.training.search.reading import check_offer
from maquette.training.sentences import say
from maquette.training.specification import (
    Frozen,
    Place,
    Specification,
    check_description,
    check_name,
    check_specification,
)
from maquette.training.table import algorithms

OBS, DATASET = "obs", "dataset"
MULTIPLE, SINGULAR = "multiple", "singular"
REQUIREMENTS = {
    "flavor_type": ("CPU", "GPU", "Ascend"),
    "device_distributed_mode": (MULTIPLE, SINGULAR),
    "host_distributed_mode": (MULTIPLE, SINGULAR),
}


class Channel(Frozen):
    """An input or output that the algorithm asks for; `kinds` are where an input may come from (none: anywhere)."""

    name: str
    description: str = ""
    kinds: tuple[str, ...] = ()
    attributes: tuple[dict[str, str], ...] = ()


class Requirement(Frozen):
    """What an algorithm asks of a job's flavour and nodes: `key` is one of ModelArts' three."""

    key: str
    values: tuple[str, ...]


class Content(Frozen):
    """What an algorithm runs and takes; the same words as a job's specification. `original` is what the dialect shows
    again as it came."""

    code: str
    boot_file: str = ""
    command: str = ""
    engine: str = ""
    parameters: tuple[Declared, ...] = ()
    customization: bool = True
    inputs: tuple[Channel, ...] = ()
    outputs: tuple[Channel, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    search: dict[str, Any] | None = None
    original: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class Algorithm:
    id: str
    workspace_id: str
    name: str
    description: str
    content: Content
    created_by: str
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class Query:
    """Which algorithms to list; `text` is looked for in their names, `description` in what is said of them."""

    text: str = ""
    description: str = ""
    sort: str = "created_at"
    descending: bool = True
    offset: int = 0
    limit: int = 10


# ── made, changed, removed ───────────────────────────────────────────────────────────────────────


def create(ctx: Platform, who: Identity, name: str, description: str, content: Content) -> Algorithm:
    """Conflict for a name that is taken."""
    check(ctx, who.workspace_id, name, description, content)
    id, now = new_id(), ctx.clock()
    try:
        with ctx.database.write() as rows:
            rows.execute(
                insert(algorithms).values(
                    id=id, workspace_id=who.workspace_id, name=name, description=description,
                    content=content.model_dump(mode="json"), tags=[], created_by=who.user_id, created_at=now,
                    updated_at=now,
                )
            )  # fmt: skip
    except IntegrityError:
        raise taken(name) from None
    return find(ctx, who.workspace_id, id)


def change(ctx: Platform, algorithm: Algorithm, name: str, description: str, content: Content) -> Algorithm:
    """Jobs that ran it keep what they ran on."""
    check(ctx, algorithm.workspace_id, name, description, content)
    values = {"name": name, "description": description, "content": content.model_dump(mode="json")}
    try:
        with ctx.database.write() as rows:
            mine = algorithms.c.id == algorithm.id
            rows.execute(update(algorithms).where(mine).values(**values, updated_at=ctx.clock()))
    except IntegrityError:
        raise taken(name) from None
    return find(ctx, algorithm.workspace_id, algorithm.id)


def remove(ctx: Platform, algorithm: Algorithm) -> None:
    """Its code in the bucket stays, and so do the jobs that ran it."""
    with ctx.database.write() as rows:
        rows.execute(delete(algorithms).where(algorithms.c.id == algorithm.id))


def taken(name: str) -> Conflict:
    return Conflict(say("algorithm_taken", name=name), field="name")


def check(ctx: Platform, workspace_id: str, name: str, description: str, content: Content) -> None:
    """Whether a job could run this. BadInput names the field and the fix."""
    check_name(name, "name")
    check_description(description, "description")
    check_declared(content.parameters)
    channels = (*content.inputs, *content.outputs)
    names = [channel.name for channel in channels]
    for channel in channels:
        if not CHANNEL_NAME.fullmatch(channel.name):
            raise BadInput(say("channel_name", name=channel.name))
        if names.count(channel.name) > 1:
            raise BadInput(say("two_channels", name=channel.name), field=channel.name)
        for kind in channel.kinds:
            if kind not in (OBS, DATASET):
                raise BadInput(say("channel_kind", name=channel.name, kind=kind), field=channel.name)
    for requirement in content.requirements:
        check_requirement(requirement)
    if content.search is not None:
        check_offer(content.search, "advanced_config.auto_search")
    check_engine(ctx, content.engine)
    asked = Specification(code=content.code, boot_file=content.boot_file, command=content.command)
    check_specification(asked)
    check_code(store_of_workspace(ctx, workspace_id), asked)


def check_requirement(requirement: Requirement) -> None:
    allowed = REQUIREMENTS.get(requirement.key)
    if allowed is None:
        raise BadInput(
            say("requirement", key=requirement.key, known=", ".join(REQUIREMENTS)), field="resource_requirements"
        )
    wrong = [value for value in requirement.values if value not in allowed]
    if wrong or not requirement.values:
        raise BadInput(
            say("requirement_value", key=requirement.key, allowed=", ".join(allowed), wrong=", ".join(wrong)),
            field="resource_requirements",
        )


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def find(ctx: Platform, workspace_id: str, id: str) -> Algorithm:
    with ctx.database.read() as rows:
        mine = (algorithms.c.id == id) & of_workspace(workspace_id)
        row = rows.execute(select(algorithms).where(mine)).one_or_none()
    if row is None:
        raise NotFound(say("no_algorithm", id=id), id=id)
    return algorithm_of(row)


def list_algorithms(ctx: Platform, workspace_id: str, query: Query) -> tuple[list[Algorithm], int]:
    """A page of algorithms, and how many match in all."""
    wanted = [of_workspace(workspace_id)]
    for column, text in ((algorithms.c.name, query.text), (algorithms.c.description, query.description)):
        if text:
            wanted.append(holds(column, text))
    order = getattr(algorithms.c, query.sort)
    page = select(algorithms).where(*wanted).order_by(order.desc() if query.descending else order.asc())
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(algorithms).where(*wanted)).scalar_one()
        found = rows.execute(page.offset(query.offset).limit(query.limit)).all()
    return [algorithm_of(row) for row in found], total


def of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return algorithms.c.workspace_id == workspace_id


def algorithm_of(row: Row[Any]) -> Algorithm:
    return Algorithm(
        row.id, row.workspace_id, row.name, row.description, Content.model_validate(row.content), row.created_by,
        row.created_at, row.updated_at,
    )  # fmt: skip


# ── run by a job ─────────────────────────────────────────────────────────────────────────────────


def specified(algorithm: Algorithm, asked: Specification, given_parameters: bool) -> Specification:
    """What a job of this algorithm runs: the algorithm's code with the job's own parameters, inputs and outputs.
    BadInput names what the algorithm does not allow."""
    content = algorithm.content
    return asked.model_copy(
        update={
            "code": content.code,
            "boot_file": content.boot_file,
            "command": content.command,
            "engine": content.engine,
            "algorithm": algorithm.id,
            "parameters": settle(
                content.parameters, asked.parameters if given_parameters else None, content.customization
            ),
            "inputs": channels_of("input", content.inputs, asked.inputs),
            "outputs": channels_of("output", content.outputs, asked.outputs),
        }
    )


def channels_of(word: str, declared: Sequence[Channel], given: Sequence[Place]) -> tuple[Place, ...]:
    """The given places in the algorithm's order, each of a kind that it takes."""
    places = {place.name: place for place in given}
    for name in places:
        if name not in [channel.name for channel in declared]:
            known = ", ".join(channel.name for channel in declared) or say("none")
            raise BadInput(say("no_channel", word=say(word), name=name, known=known), field=name)
    for channel in declared:
        place = places.get(channel.name)
        if place is None or not (place.address or place.dataset):
            raise BadInput(say("needs_channel", word=say(word), name=channel.name), field=channel.name)
        kind = DATASET if place.dataset else OBS
        if channel.kinds and kind not in channel.kinds:
            wants = "takes_dataset" if kind == OBS else "takes_folder"
            raise BadInput(say(wants, word=say(word), name=channel.name), field=channel.name)
    return tuple(places[channel.name] for channel in declared)


def check_flavour(algorithm: Algorithm, flavour: Flavour, nodes: int) -> None:
    """Whether the job's flavour and nodes are what the algorithm requires. One for Ascend alone runs on what there is:
    its engine does, too."""
    required = {one.key: one.values for one in algorithm.content.requirements}
    kinds = required.get("flavor_type", ())
    kind = "GPU" if flavour.gpus else "CPU"
    if kinds and kind not in kinds and kinds != ("Ascend",):
        told = say("needs_flavour", kinds=" or ".join(kinds), flavour=flavour.id, kind=kind)
        raise BadInput(told, field="flavor_id")
    if required.get("device_distributed_mode") == (SINGULAR,) and flavour.gpus > 1:
        raise BadInput(say("one_gpu", flavour=flavour.id, gpus=flavour.gpus), field="flavor_id")
    if required.get("host_distributed_mode") == (SINGULAR,) and nodes > 1:
        raise BadInput(say("one_node", nodes=nodes), field="node_count")
