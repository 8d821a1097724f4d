"""What one may do with batch services: deploy, change, start, stop, and see how far they are. batch_work.py feeds them.

service = deploy(ctx, who, "night-shift", Batch(model_id, "obs://shop/photos/", "obs://shop/found/"))
progress(ctx, service).done, failures(ctx, service)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from maquette.buckets.actions import GrantedStore, store_of_workspace
from maquette.buckets.domain import Address
from maquette.kernel.context import Platform
from maquette.kernel.database import one_at_a_time
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.models import registry as models
from maquette.models.domain import Api
from maquette.models.importing import read_location
from maquette.models.package import read_package
from maquette.models.work import mode_of
from maquette.services import registry
from maquette.services.batch_inputs import (
    FILE,
    MANIFEST,
    check_rule,
    list_folder,
    read_manifest,
    schema_of,
    with_indexes,
)
from maquette.services.deployment import (
    IN_WORDS,
    InferType,
    Service,
    Target,
    Wanted,
    check_description,
    check_name,
    check_targets,
)
from maquette.services.rows import service_of
from maquette.services.sentences import say
from maquette.services.table import service_batches, service_inputs, services
from maquette_sdk.sentences import read

CSV_ENDING = ".csv"


class MappingType(StrEnum):
    """How an input becomes calls."""

    FILE = "file"  # one call, with the file under the name of the api's one file
    CSV = "csv"  # one call a row, with JSON that the mapping rule makes of it


class Phase(StrEnum):
    """How far a batch is with its inputs."""

    LISTING = "listing"
    FEEDING = "feeding"
    ENDED = "ended"  # every input has its result or its failure; the next start begins anew


class InputState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Batch:
    """What a batch works through, and with what. `src_type` is empty for a folder and `ManifestFile` for a manifest.
    An empty `req_uri` is the model's first api, an empty `mapping_type` what that takes, and an empty rule of a csv has
    the columns in the api's order. `part` is the name of the api's file."""

    model_id: str
    src_path: str
    dest_path: str
    src_type: str = ""
    req_uri: str = ""
    mapping_type: str = ""
    mapping_rule: Mapping[str, Any] = field(default_factory=dict)
    specification: str = ""
    instances: int = 1
    variables: Mapping[str, str] = field(default_factory=dict)
    part: str = ""

    @property
    def target(self) -> Target:
        return Target(
            self.model_id, instances=self.instances, specification=self.specification, variables=self.variables
        )

    @property
    def source(self) -> Address:
        """The folder or the manifest."""
        return read_location(self.src_path, "config.src_path")

    @property
    def results(self) -> Address:
        """The folder for the manifests, with the folder `infer-result` for the results."""
        found = read_location(self.dest_path, "config.dest_path")
        return Address(found.bucket, found.key.strip("/") + "/" if found.key.strip("/") else "")

    @property
    def is_csv(self) -> bool:
        return self.mapping_type == MappingType.CSV

    def as_details(self) -> dict[str, Any]:
        """As the service's row keeps it; the rest is its target."""
        return {
            "src_path": self.src_path, "src_type": self.src_type, "dest_path": self.dest_path, "req_uri": self.req_uri,
            "mapping_type": self.mapping_type, "mapping_rule": dict(self.mapping_rule), "part": self.part,
        }  # fmt: skip


def batch_of(service: Service) -> Batch:
    """What a batch service was deployed with, with what was chosen for it."""
    target = service.targets[0]
    return Batch(
        target.model_id, instances=target.instances, specification=target.specification, variables=target.variables,
        **service.details,
    )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far a batch is. Inputs are files; requests are calls, of which a csv has one a row. `rate` is in requests a
    second, lately; `seconds_left` is told once it can be guessed."""

    phase: Phase
    total: int = 0
    done: int = 0
    failed: int = 0
    requests: int = 0
    failed_requests: int = 0
    rate: float = 0.0
    began_at: float | None = None
    ended_at: float | None = None
    updated_at: float = 0.0

    @property
    def percent(self) -> int:
        """100 only when nothing is left."""
        if self.phase is Phase.ENDED:
            return 100
        return min(99, 100 * (self.done + self.failed) // self.total) if self.total else 0

    @property
    def seconds_left(self) -> float | None:
        settled = self.done + self.failed
        if self.phase is not Phase.FEEDING or not settled or not self.rate:
            return None
        return (self.total - settled) * (self.requests / settled) / self.rate


@dataclass(frozen=True)
class Failure:
    """A call that brought no result. `row` is that of a csv, from 1; `status` 0 where no call was made."""

    source: str
    status: int
    reason: str
    row: int | None = None


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


def deploy(ctx: Platform, who: Identity, name: str, batch: Batch, description: str = "") -> Service:
    """A new batch service, begun at once. BadInput names what the model, the inputs or the output cannot be."""
    check_name(name)
    batch = checked(ctx, who.workspace_id, batch)
    alone = partial(check_alone, workspace_id=who.workspace_id, results=batch.results)
    return registry.deploy(ctx, who, name, [batch.target], description, batch=batch.as_details(), may_begin=alone)


def change(
    ctx: Platform, who: Identity, service: Service, batch: Batch | None = None, description: str | None = None
) -> Service:
    """Other inputs, another model or output for its next start, which begins anew. Conflict while it goes on."""
    if description is not None:
        check_description(description)
    if batch is not None:
        batch = checked(ctx, service.workspace_id, batch)
        target = registry.completed(ctx, service.workspace_id, batch.target)
        check_targets([target])
    with ctx.database.write() as rows:
        row = registry.held(rows, service)
        if description is not None:
            rows.execute(update(services).where(services.c.id == service.id).values(description=description))
        if batch is not None:
            if row.wanted == Wanted.RUNNING:
                raise Conflict(
                    say("batch_goes_on_change", name=service.name, status=IN_WORDS[row.status]), id=service.id
                )
            registry.set_targets(ctx, rows, who, service.id, [target], row.revision + 1)
            details = {"details": batch.as_details()}
            rows.execute(update(services).where(services.c.id == service.id).values(details))
            rows.execute(
                update(service_batches).where(service_batches.c.service_id == service.id).values(phase=Phase.ENDED)
            )
    return registry.find(ctx, service.workspace_id, service.id)


def start(ctx: Platform, service: Service) -> Service:
    """One that was stopped or that failed goes on where it was; one that is finished begins anew, and lists its inputs
    again. Conflict for one that goes on."""
    check_inputs(store_of_workspace(ctx, service.workspace_id), batch_of(service))
    return registry.start(ctx, service, may_begin_again(service))


def stop(ctx: Platform, service: Service) -> Service:
    """Calls under way are finished; what is left waits for the next start."""
    return registry.stop(ctx, service)


def retry_failed(ctx: Platform, service: Service) -> Service:
    """Starts it for the inputs that have failed, and for those only. Conflict while it goes on."""
    of_service = service_inputs.c.service_id == service.id
    mine = of_service & (service_inputs.c.state == InputState.FAILED)
    alone = may_begin_again(service)
    with ctx.database.write() as rows:
        alone(rows)
        row = registry.held(rows, service)
        if row.wanted == Wanted.RUNNING:
            raise Conflict(say("batch_goes_on", name=service.name, status=IN_WORDS[row.status]), id=service.id)
        if not rows.execute(select(func.count()).select_from(service_inputs).where(mine)).scalar_one():
            raise NotFound(say("none_failed", name=service.name), id=service.id)
        waiting = {"state": InputState.WAITING, "failures": [], "requests": 0, "failed_requests": 0}
        rows.execute(update(service_inputs).where(mine).values(waiting))
        requests, failed_requests = rows.execute(
            select(func.sum(service_inputs.c.requests), func.sum(service_inputs.c.failed_requests)).where(of_service)
        ).one()
        rows.execute(
            update(service_batches)
            .where(service_batches.c.service_id == service.id)
            .values(phase=Phase.FEEDING, failed=0, requests=requests, failed_requests=failed_requests, ended_at=None)
        )
    return registry.start(ctx, service, alone)


# ── checked ──────────────────────────────────────────────────────────────────────────────────────


def checked(ctx: Platform, workspace_id: str, batch: Batch) -> Batch:
    """With what its model says of it. Raises BadInput and NotFound, which name the field."""
    registry.completed(ctx, workspace_id, batch.target)
    model = models.find_model(ctx, workspace_id, batch.model_id)
    folder = models.folder_of(ctx, model.id)
    package = read_package(folder, mode_of(model.request, folder)).package
    apis = (package.config.apis or (package.api,)) if package else ()
    api = next((one for one in apis if batch.req_uri in ("", one.url)), None)
    if api is None:
        there = ", ".join(f"'{one.url}'" for one in apis)
        raise BadInput(
            say("no_api", name=model.name, version=model.version, path=batch.req_uri, known=there),
            field="config.req_uri",
        )
    batch = replace(mapped(batch, api), req_uri=api.url)
    check_inputs(store_of_workspace(ctx, workspace_id), batch)
    return batch


def mapped(batch: Batch, api: Api) -> Batch:
    """With the part that a file is sent as, or the rule that makes a request of a row."""
    files = [name for name, kind in api.request.fields.items() if kind == FILE]
    mapping_type = batch.mapping_type or (MappingType.FILE if files else MappingType.CSV)
    if mapping_type not in list(MappingType):
        raise BadInput(
            say("no_mapping_type", name=mapping_type, known=", ".join(MappingType)), field="config.mapping_type"
        )
    if mapping_type == MappingType.FILE:
        if len(files) != 1:
            has = say("has_files", names=" and ".join(files)) if files else say("has_no_file")
            raise BadInput(say("one_file", has=has), field="config.mapping_type")
        return replace(batch, mapping_type=mapping_type, part=files[0], mapping_rule={})
    if files:
        raise BadInput(say("takes_file", file=files[0]), field="config.mapping_type")
    rule = schema_of(batch.mapping_rule) if batch.mapping_rule else with_indexes(api.request.schema)
    check_rule(rule)
    return replace(batch, mapping_type=mapping_type, mapping_rule=rule)


def check_inputs(store: GrantedStore, batch: Batch) -> None:
    """There is something to read, and somewhere to write."""
    if batch.src_type not in ("", MANIFEST):
        raise BadInput(say("no_src_type", name=batch.src_type, manifest=MANIFEST), field="config.src_type")
    source, results = batch.source, batch.results
    for where, name in ((source, "src_path"), (results, "dest_path")):
        if not store.has_bucket(where.bucket):
            raise BadInput(say("no_bucket", field=name, bucket=where.bucket), field=f"config.{name}")
    store.check_write(results.bucket)
    ending = CSV_ENDING if batch.is_csv else ""
    if batch.src_type == MANIFEST:  # every line is looked at now, before anything starts
        there = sum(1 for _ in read_manifest(store, source))
    else:
        there = sum(1 for _ in islice(list_folder(store, source, results, ending), 1))
    if not there:
        told = say("folder_without", source=source, ending=ending) if ending else say("folder_empty", source=source)
        if batch.src_type == MANIFEST:
            told = say("manifest_empty", source=source)
        raise BadInput(told, field="config.src_path")


def check_alone(rows: Connection, workspace_id: str, results: Address, id: str = "") -> None:
    """Conflict names the batch that goes on and puts its results into the same folder: one would write over the
    other's manifests. What one has left that came to its end may be written over."""
    one_at_a_time(rows, f"batches {workspace_id}")
    going = (services.c.infer_type == InferType.BATCH) & (services.c.wanted == Wanted.RUNNING) & (services.c.id != id)
    for row in rows.execute(select(services).where(services.c.workspace_id == workspace_id, going)):
        if batch_of(service_of(row)).results == results:
            raise Conflict(
                say("same_results", name=row.name, results=results),
                field="config.dest_path",
                service=row.name,
                id=row.id,
            )


def may_begin_again(service: Service) -> registry.Question:
    """Whether a batch has its folder for itself once more."""
    results = batch_of(service).results
    return partial(check_alone, workspace_id=service.workspace_id, results=results, id=service.id)


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def progress(ctx: Platform, service: Service) -> Progress:
    """How far it is, as it was written down within the last second."""
    return progresses(ctx, [service])[service.id]


def progresses(ctx: Platform, some: Sequence[Service]) -> dict[str, Progress]:
    """The same of many at once, as lists need it. Nothing of services that are no batches."""
    ids = [service.id for service in some if service.infer_type is InferType.BATCH]
    with ctx.database.read() as rows:
        found = rows.execute(select(service_batches).where(service_batches.c.service_id.in_(ids))).all()
    return {id: Progress(Phase.LISTING) for id in ids} | {row.service_id: progress_of(row) for row in found}


def progress_of(row: Row[Any]) -> Progress:
    return Progress(
        Phase(row.phase), row.total, row.done, row.failed, row.requests, row.failed_requests, row.rate, row.began_at,
        row.ended_at, row.updated_at,
    )  # fmt: skip


def failures(ctx: Platform, service: Service, offset: int = 0, limit: int = 100) -> tuple[list[Failure], int]:
    """Why inputs have failed, wholly or in part, for a page of inputs in their order; and how many such inputs there
    are. Of a csv the first rows are told."""
    mine = (service_inputs.c.service_id == service.id) & (service_inputs.c.failed_requests > 0)
    page = select(service_inputs).where(mine).order_by(service_inputs.c.number).offset(offset).limit(limit)
    with ctx.database.read() as rows:
        total = rows.execute(select(func.count()).select_from(service_inputs).where(mine)).scalar_one()
        found = rows.execute(page).all()
    return [
        Failure(row.source, one["status"], read(one["reason"]), one["row"]) for row in found for one in row.failures
    ], total
