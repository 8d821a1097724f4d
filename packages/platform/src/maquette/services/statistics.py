"""How the versions of services are called and answer: counts and latencies that are written down, instances that are
ready, and what goes on in the server that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from maquette.kernel.context import Platform
from maquette.services import registry
from maquette.services.counts import BOUNDS, Count, counted, total
from maquette.services.deployment import Instance, Service, Target, Wanted
from maquette.services.table import service_updates

Flights = Mapping[tuple[str, str], int]
"""Calls under way in one server, by service and model."""


@dataclass(frozen=True)
class Version:
    """A version of a model that a service runs, or has run: then its weight is 0. No instance is `wanted` of it, nor of
    a service that is stopped or sleeps."""

    model_id: str
    model_name: str
    model_version: str
    weight: int
    wanted: int
    ready: int
    in_flight: int
    count: Count


def versions_of(ctx: Platform, found: Sequence[Service], flights: Flights) -> dict[str, list[Version]]:
    """By service, those it runs first."""
    ids = [service.id for service in found]
    counts = counted(ctx, ids)
    with ctx.database.read() as rows:
        instances = registry.instances_in(rows, ids) if ids else {}
    told: dict[str, list[Version]] = {}
    former = former_targets(ctx, found, counts)
    for service in found:
        mine = counts.get(service.id, {})
        targets = [*service.targets, *former.get(service.id, ())]
        told[service.id] = [
            version_of(service, target, instances.get(service.id, ()), mine.get(target.model_id, Count()), flights)
            for target in targets
        ]
    return told


def version_of(
    service: Service, target: Target, instances: Iterable[Instance], count: Count, flights: Flights
) -> Version:
    awake = service.wanted is Wanted.RUNNING and not service.asleep
    return Version(
        model_id=target.model_id, model_name=target.model_name, model_version=target.model_version,
        weight=target.weight, wanted=target.instances if awake else 0,
        ready=sum(one.takes_calls for one in instances if one.model_id == target.model_id),
        in_flight=flights.get((service.id, target.model_id), 0), count=count,
    )  # fmt: skip


def former_targets(
    ctx: Platform, found: Sequence[Service], counts: Mapping[str, Mapping[str, Count]]
) -> dict[str, list[Target]]:
    """Versions that were called and are not run any more, by service; their history tells their names."""
    gone = {
        service.id: set(counts.get(service.id, ())) - {target.model_id for target in service.targets}
        for service in found
    }
    told: dict[str, dict[str, Target]] = {}
    asked = select(service_updates.c.service_id, service_updates.c.targets).where(
        service_updates.c.service_id.in_([id for id, models in gone.items() if models])
    )
    with ctx.database.read() as rows:
        updates = rows.execute(asked.order_by(service_updates.c.revision.desc())).all() if any(gone.values()) else []
    for row in updates:
        for kept in row.targets:
            if kept["model_id"] in gone[row.service_id]:
                named = {name: kept[name] for name in ("model_id", "model_name", "model_version")}
                told.setdefault(row.service_id, {}).setdefault(kept["model_id"], Target(**named, weight=0, instances=0))
    return {id: list(models.values()) for id, models in told.items()}


def whole(versions: Iterable[Version]) -> Version:
    """All versions of a service as one."""
    some = list(versions)
    return Version(
        model_id="", model_name="", model_version="", weight=sum(one.weight for one in some),
        wanted=sum(one.wanted for one in some), ready=sum(one.ready for one in some),
        in_flight=sum(one.in_flight for one in some), count=total(one.count for one in some),
    )  # fmt: skip


def bins(count: Count) -> list[tuple[float, int]]:
    """Latencies from the shortest to the longest that was seen: (at most so many seconds, so many calls)."""
    seen = [place for place, number in enumerate(count.histogram) if number]
    if not seen:
        return []
    return [(BOUNDS[place], count.histogram[place]) for place in range(seen[0], seen[-1] + 1)]
