"""How HTTP reaches what ModelArts' calls about services do not tell: rolling back, instances, figures, metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from maquette.kernel.errors import NotFound
from maquette.runs.routes import Told
from maquette.services import batch_results, batches, metrics, registry
from maquette.services.counts import save_counts
from maquette.services.deployment import InferType, Instance, Service
from maquette.services.fork import SeenByCalls
from maquette.services.sentences import say
from maquette.services.statistics import Flights, Version, bins, versions_of, whole
from maquette.web.door import Body, Who
from maquette.workspaces.routes import MOST, Ctx, member, viewer
from maquette_sdk.sentences import told

counted_now = [Depends(save_counts)]
router = APIRouter(
    prefix="/maquette/{project_id}/services/{service_id}",
    tags=["services"],
    dependencies=counted_now,
    route_class=SeenByCalls,
)
whole_workspace = APIRouter(prefix="/maquette/{project_id}/metrics", tags=["services"], dependencies=counted_now)
of_models = APIRouter(prefix="/maquette/{project_id}/deployments", tags=["services"])


async def flights_of(request: Request) -> Flights:
    """Runs in the server's loop, whose own the fronts are."""
    infers = getattr(request.app.state, "infers", None)
    flights: dict[tuple[str, str], int] = {}
    for service, target, calls, _ in infers.in_flight() if infers else ():
        key = (service.id, target.model_id)
        flights[key] = flights.get(key, 0) + calls
    return flights


UnderWay = Annotated[Flights, Depends(flights_of)]


# ── changed ──────────────────────────────────────────────────────────────────────────────────────


class RollingBack(Body):
    """Without a revision, to the last one before this that was wholly ready."""

    revision: int | None = Field(None, ge=1, le=MOST)


class StandingBody(BaseModel):
    service_id: str
    status: str
    revision: int


@router.post("/roll-back", dependencies=member)
def roll_back(ctx: Ctx, who: Who, service_id: str, body: RollingBack | None = None) -> StandingBody:
    """What an earlier revision consisted of comes back as a new one, as gently as any change."""
    service = registry.find(ctx, who.workspace_id, service_id)
    done = registry.roll_back(ctx, who, service, body.revision if body else None)
    return StandingBody(service_id=done.id, status=done.status, revision=done.revision)


@router.post("/stop", dependencies=member)
def stop(ctx: Ctx, who: Who, service_id: str) -> StandingBody:
    """Also while it is being deployed, which ModelArts' own call refuses."""
    done = registry.stop(ctx, registry.find(ctx, who.workspace_id, service_id))
    return StandingBody(service_id=done.id, status=done.status, revision=done.revision)


@router.post("/retry", dependencies=member)
def retry_failed(ctx: Ctx, who: Who, service_id: str) -> StandingBody:
    """Starts a batch for the inputs that have failed, and for those only."""
    done = batches.retry_failed(ctx, batch_service(ctx, who.workspace_id, service_id))
    return StandingBody(service_id=done.id, status=done.status, revision=done.revision)


# ── told ─────────────────────────────────────────────────────────────────────────────────────────


class InstanceBody(BaseModel):
    """Its log is that of its run. A `leaving` one finishes the calls it has and gets no others."""

    model_config = ConfigDict(protected_namespaces=())
    run_id: str
    model_id: str
    model_version: str
    state: str
    ready: bool
    leaving: bool
    created_at: float
    ready_at: float | None
    message: str
    told: Told


@router.get("/instances", dependencies=viewer)
def list_instances(ctx: Ctx, who: Who, service_id: str) -> list[InstanceBody]:
    """Oldest first."""
    service = registry.find(ctx, who.workspace_id, service_id)
    return [instance_body(one) for one in registry.instances(ctx, service)]


def instance_body(one: Instance) -> InstanceBody:
    return InstanceBody(
        run_id=one.run.id, model_id=one.model_id, model_version=one.run.order.details.get("model_version", ""),
        state=one.run.state, ready=one.ready, leaving=one.leaving_at is not None, created_at=one.created_at,
        ready_at=one.ready_at, message=one.run.message, told=told(one.run.message),
    )  # fmt: skip


class BinBody(BaseModel):
    """So many calls took at most `le_ms`, and longer than the bin before."""

    le_ms: float
    count: int


class FiguresBody(BaseModel):
    """Milliseconds are null before the first call. Percentiles are known to a quarter of themselves. `in_flight` is
    what goes on in the server that is asked."""

    model_config = ConfigDict(protected_namespaces=())
    model_id: str
    model_name: str
    model_version: str
    weight: int
    calls: int
    failures: int
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    in_flight: int
    instances: int
    histogram: list[BinBody]


class StatisticsBody(BaseModel):
    """Since the service was made, up to three seconds ago. A version that is not run any more has the weight 0."""

    versions: list[FiguresBody]
    total: FiguresBody


@router.get("/statistics", dependencies=viewer)
def tell_statistics(ctx: Ctx, who: Who, service_id: str, flights: UnderWay) -> StatisticsBody:
    service = registry.find(ctx, who.workspace_id, service_id)
    versions = versions_of(ctx, [service], flights)[service.id]
    return StatisticsBody(versions=[figures_body(one) for one in versions], total=figures_body(whole(versions)))


def figures_body(one: Version) -> FiguresBody:
    count = one.count
    return FiguresBody(
        model_id=one.model_id, model_name=one.model_name, model_version=one.model_version, weight=one.weight,
        calls=count.calls, failures=count.failures, mean_ms=in_ms(count.seconds / count.calls if count.calls else None),
        p50_ms=in_ms(count.percentile(0.5)), p95_ms=in_ms(count.percentile(0.95)), p99_ms=in_ms(count.percentile(0.99)),
        in_flight=one.in_flight, instances=one.ready,
        histogram=[BinBody(le_ms=round(bound * 1000, 3), count=number) for bound, number in bins(count)],
    )  # fmt: skip


def in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


class ProgressBody(BaseModel):
    """Of a batch. Inputs are files; requests are calls, of which a csv has one a row. `rate` is in requests a second,
    lately; `seconds_left` is null until it can be guessed."""

    phase: str
    percent: int
    total: int
    done: int
    failed: int
    requests: int
    failed_requests: int
    rate: float
    began_at: float | None
    ended_at: float | None
    seconds_left: float | None


@router.get("/progress", dependencies=viewer)
def tell_progress(ctx: Ctx, who: Who, service_id: str) -> ProgressBody:
    """How far a batch is, as it was within the last second."""
    one = batches.progress(ctx, batch_service(ctx, who.workspace_id, service_id))
    return ProgressBody(
        phase=one.phase, percent=one.percent, total=one.total, done=one.done, failed=one.failed, requests=one.requests,
        failed_requests=one.failed_requests, rate=one.rate, began_at=one.began_at, ended_at=one.ended_at,
        seconds_left=one.seconds_left,
    )  # fmt: skip


class FailureBody(BaseModel):
    """`status` is that of the answer, 0 where no call was made; `row` that of a csv, from 1."""

    source: str
    status: int
    message: str
    told: Told
    row: int | None


@router.get("/failures", dependencies=viewer)
def list_failures(
    ctx: Ctx, who: Who, response: Response, service_id: str,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[FailureBody]:  # fmt: skip
    """Why inputs of a batch have failed, for a page of such inputs; the header X-Total-Count tells how many there are.
    Of a csv the first rows are told."""
    found, total = batches.failures(ctx, batch_service(ctx, who.workspace_id, service_id), offset, limit)
    response.headers["x-total-count"] = str(total)
    return [
        FailureBody(source=one.source, status=one.status, message=one.reason, told=told(one.reason), row=one.row)
        for one in found
    ]


class ResultBody(BaseModel):
    """Of an input that was answered: where its result lies and how it begins. `size` and `text` are null where it is
    not there any more."""

    source: str
    address: str
    size: int | None
    text: str | None


@router.get("/results", dependencies=viewer)
def list_results(
    ctx: Ctx, who: Who, response: Response, service_id: str,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[ResultBody]:  # fmt: skip
    """A page of the results of a batch, in the order of its inputs; the header X-Total-Count tells how many there
    are."""
    found, total = batch_results.results(ctx, batch_service(ctx, who.workspace_id, service_id), offset, limit)
    response.headers["x-total-count"] = str(total)
    return [ResultBody(source=one.source, address=str(one.place), size=one.size, text=one.text) for one in found]


def batch_service(ctx: Ctx, workspace_id: str, id: str) -> Service:
    service = registry.find(ctx, workspace_id, id)
    if service.infer_type is not InferType.BATCH:
        raise NotFound(say("no_batch", name=service.name), id=id)
    return service


@whole_workspace.get("", dependencies=viewer, response_class=PlainTextResponse)
def tell_metrics(ctx: Ctx, who: Who, flights: UnderWay) -> PlainTextResponse:
    """The workspace's services and the machine as Prometheus reads them. An app code opens this too."""
    text = metrics.as_text(ctx, who.workspace_id, flights)
    return PlainTextResponse(text, media_type=metrics.CONTENT_TYPE)


class DeploymentBody(BaseModel):
    """That a service runs a version of a model."""

    model_config = ConfigDict(protected_namespaces=())
    model_id: str
    service_id: str
    service_name: str
    infer_type: InferType
    status: str
    asleep: bool


@of_models.get("", dependencies=viewer)
def list_deployments(
    ctx: Ctx, who: Who, models: Annotated[str, Query(pattern=r"^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,99}$")]
) -> list[DeploymentBody]:
    """Which services run these models: up to a hundred ids, with commas between them."""
    found = registry.deployments(ctx, who.workspace_id, models.split(","))
    return [
        DeploymentBody(
            model_id=model_id, service_id=one.id, service_name=one.name, infer_type=one.infer_type, status=one.status,
            asleep=one.asleep,
        )
        for model_id, one in found
    ]  # fmt: skip


routers = [router, whole_workspace, of_models]
