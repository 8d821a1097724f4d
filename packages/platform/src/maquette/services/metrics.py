"""What Prometheus reads of a workspace's services and of the machine, and the app code by which it may.

A counter that falls is a new beginning to Prometheus, so what a server has counted and not written down yet is left
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.requests import Request

from maquette.kernel.context import Platform
from maquette.kernel.identity import Identity, Proof, Role
from maquette.runs import machine
from maquette.services import registry
from maquette.services.counts import BOUNDS, Count
from maquette.services.deployment import Query, Service, Status
from maquette.services.statistics import Flights, Version, versions_of
from maquette.workspaces import keys

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
PATH = re.compile(r"/maquette/[^/]+/metrics")
BEARER, CODE_HEADER = "bearer ", "x-apig-appcode"
MOST_SERVICES = 10_000
EVERY = 3
"""Of the bounds of a latency so many are told as one: each is about twice the one before."""
VERSION = ("service", "model", "version")


def as_text(ctx: Platform, workspace_id: str, flights: Flights) -> str:
    found, _ = registry.list_all(ctx, workspace_id, Query(limit=MOST_SERVICES))
    collector = CollectorRegistry(auto_describe=False)
    collector.register(Workspace(ctx, workspace_id, found, versions_of(ctx, found, flights)))
    return generate_latest(collector).decode()


class Workspace(Collector):
    """All that is told of one workspace."""

    def __init__(
        self, ctx: Platform, workspace_id: str, found: list[Service], versions: dict[str, list[Version]]
    ) -> None:
        self.ctx = ctx
        self.workspace_id = workspace_id
        self.found = found
        self.told = [((one.name, v.model_name, v.model_version), v) for one in found for v in versions[one.id]]

    def collect(self) -> Iterator[Metric]:
        yield from self.calls()
        yield from self.instances()
        yield self.statuses()
        yield from self.machine()

    def calls(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "maquette_service_calls", "Calls of a version, failed ones among them.", labels=VERSION
        )
        failures = CounterMetricFamily(
            "maquette_service_failures", "Calls that were answered with an error.", labels=VERSION
        )
        latency = HistogramMetricFamily(
            "maquette_service_latency_seconds", "From a call's arrival to its answer.", labels=VERSION
        )
        for labels, version in self.told:
            calls.add_metric(labels, version.count.calls)
            failures.add_metric(labels, version.count.failures)
            latency.add_metric(labels, buckets(version.count), version.count.seconds)
        yield from (calls, failures, latency)

    def instances(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("maquette_service_instances_ready", "Instances that take calls.", labels=VERSION)
        wanted = GaugeMetricFamily("maquette_service_instances_wanted", "Instances there should be.", labels=VERSION)
        flying = GaugeMetricFamily(
            "maquette_service_in_flight", "Calls under way or waiting in the server that is asked.", labels=VERSION
        )
        for labels, version in self.told:
            ready.add_metric(labels, version.ready)
            wanted.add_metric(labels, version.wanted)
            flying.add_metric(labels, version.in_flight)
        yield from (ready, wanted, flying)

    def statuses(self) -> Metric:
        told = GaugeMetricFamily(
            "maquette_service_status", "1 for the status a service has.", labels=("service", "status")
        )
        for service in self.found:
            for status in Status:
                told.add_metric((service.name, str(status)), float(service.status is status))
        return told

    def machine(self) -> Iterator[Metric]:
        standing, use = machine.standing(self.ctx, self.workspace_id), machine.use(self.ctx)
        for name, what, value in (
            ("maquette_runs_waiting", "Runs in the queue, of all workspaces.", standing.queue),
            ("maquette_runs_running", "Runs that hold cores of this machine.", standing.running),
            (
                "maquette_runs_served",
                "Services' instances, notebooks and TensorBoards on this machine.",
                standing.served,
            ),
            ("maquette_load", "Cores that are wanted, as a mean of the last minute.", use.load),
            ("maquette_free_memory_bytes", "Memory that is free.", use.free_memory_bytes),
            ("maquette_free_disk_bytes", "What is free where Maquette's home lies.", use.free_disk_bytes),
        ):
            yield GaugeMetricFamily(name, what, value=value)


def buckets(count: Count) -> list[tuple[str, float]]:
    """Each with all shorter ones. The last bound stands for what took longer too, so it is left to the end."""
    told: list[tuple[str, float]] = []
    for place in range(0, len(BOUNDS) - 1, EVERY):
        told.append((f"{BOUNDS[place]:.6g}", sum(count.histogram[: place + 1])))
    return [*told, ("+Inf", count.calls)]


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def is_shown(request: Request) -> bool:
    """An app code is shown where metrics are asked for; it opens no other call than this one and predictions."""
    if not PATH.fullmatch(request.scope["path"]):
        return False
    return CODE_HEADER in request.headers or request.headers.get("authorization", "").lower().startswith(BEARER)


def by_app_code(ctx: Platform, request: Request, body: bytes) -> Identity | None:
    code = request.headers.get(CODE_HEADER) or request.headers.get("authorization", "")[len(BEARER) :].strip()
    found = keys.find_app_code(ctx, code)
    if found is None:
        return None
    return Identity("", found.name, found.workspace_id, Role.VIEWER, Proof.APP_CODE, key_id=found.id)
