"""`POST /v1/infers/{service_id}[/path]`: who may, which version, which instance. The server's part with services.

What there is to serve is read from the rows several times a second while anybody calls, and not at all while nobody
does; and once whenever this server has changed a service or tells how it is, before it says so. A server only reads
them: instances are the worker's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.services import registry
from maquette.services.counts import Counts
from maquette.services.deployment import InferType, Instance, Service, Status, Target, Wanted
from maquette.services.domain import (
    CHANGED,
    NOT_RUNNING,
    STOPPED,
    UNKNOWN_PATH,
    WRONG_METHOD,
    CallLimits,
    CallRefused,
    State,
)
from maquette.services.entrance import Entrance
from maquette.services.gateway import JSON, Arrival, Predict, answer, refuse, tell_nobody
from maquette.services.line import ClientGone, Line, Link
from maquette.services.rows import service_of
from maquette.services.sentences import say
from maquette.services.table import services
from maquette.web.door import Identify

log = logging.getLogger(__name__)

PREFIX = "/v1/infers/"
LOOK_SECONDS = 0.2
SAVE_SECONDS = 3.0
REST_SECONDS = 30.0
"""After so long without a call the rows are not looked at any more, until the next one."""
AGAIN_SECONDS = 2.0
"""An instance whose connection broke and that still is one after so long is tried again."""
LIMITS = CallLimits()


@dataclass
class Version:
    """One target of a service as this server sees it: its instances, and the calls that wait for them."""

    target: Target
    line: Line
    predict: Predict
    links: dict[str, Link] = field(default_factory=dict)
    leaving: list[Link] = field(default_factory=list)
    credit: int = 0
    was_ready: bool = False
    coming: int = 0
    """Calls that were given to it; the bodies of some are still on their way."""

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.coming += 1
        try:
            await self.predict(scope, receive, send)
        finally:
            self.coming -= 1

    def follow(self, instances: Sequence[Instance]) -> None:
        """Takes on instances that are new, and lets go those that are not there any more."""
        here = {one.run.id: one for one in instances}
        for run_id, link in list(self.links.items()):
            broken = link.state is State.BROKEN and time.monotonic() - link.closed_at > AGAIN_SECONDS
            if run_id not in here or broken:
                self.line.leaving(link)
                self.leaving.append(self.links.pop(run_id))
        for run_id, one in here.items():
            if run_id not in self.links:
                self.links[run_id] = Link(one.run.address)
                self.line.opened(self.links[run_id])
                self.was_ready = True
        for link in [link for link in self.leaving if not link.calls]:
            link.close()
            self.leaving.remove(link)

    def end(self) -> None:
        self.line.give_up()
        self.follow([])

    @property
    def in_flight(self) -> int:
        held = sum(len(link.calls) for link in (*self.links.values(), *self.leaving))
        return held + len(self.line.waiting)


@dataclass
class Front:
    """A service as this server sees it."""

    service: Service
    versions: dict[str, Version] = field(default_factory=dict)

    def choose(self) -> Version | None:
        """The version that gets the next call: by weight among those that can answer; the part of one that cannot yet
        goes to what it replaces. None where calls need not wait."""
        current = [self.versions[target.key] for target in self.service.targets if target.weight]
        ready = [version for version in current if version.line.ready]
        former = [one for key, one in self.versions.items() if one.line.ready and self.service.target(key) is None]
        if len(ready) < len(current) and former:
            missing = sum(version.target.weight for version in current if version not in ready)
            shares = [(version, version.target.weight) for version in ready] + [(former[0], missing)]
        elif ready:
            shares = [(version, version.target.weight) for version in ready]
        else:
            return self.to_wait_for(current)
        return in_turn(shares)

    def ready_to_read(self, raw: bool) -> Version | None:
        """One that answers, and reads forms so."""
        return next((one for one in self.versions.values() if one.line.ready and one.target.raw == raw), None)

    def to_wait_for(self, current: Sequence[Version]) -> Version | None:
        """Of a service that was ready before; its first start may take longer than anybody waits."""
        service = self.service
        changing = 0 < service.settled < service.revision
        waits = service.asleep or changing or service.status in (Status.RUNNING, Status.CONCERNING)
        waits = waits or any(version.was_ready for version in self.versions.values())
        hopeful = [version for version in current if not version.line.hopeless]
        return hopeful[0] if waits and hopeful else None


def in_turn(shares: Sequence[tuple[Version, int]]) -> Version:
    """Spread evenly: with weights 75 and 25 every fourth call, and not 75 in a row."""
    for version, weight in shares:
        version.credit += weight
    chosen = max((version for version, _ in shares), key=lambda version: version.credit)
    chosen.credit -= sum(weight for _, weight in shares)
    return chosen


class Infers:
    """The application below `/v1/infers/`."""

    def __init__(self, ctx: Platform, identify: Identify, limits: CallLimits = LIMITS) -> None:
        self.ctx = ctx
        self.limits = limits
        self.entrance = Entrance(ctx, identify, limits)
        self.counts = Counts()
        self.fronts: dict[str, Front] = {}
        self.watching: asyncio.Task[None] | None = None
        self.closing = asyncio.Event()
        self.has_looked = False
        self.calls = 0
        self.last_call = 0.0
        self.looked_at = 0.0
        self.looking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["unnoted"] = True  # predictions are counted, not noted one by one
        self.calls += 1
        try:
            await self.keep_looking()
            await self.respond(scope, receive, send)
        except ClientGone:
            return
        except CallRefused as refused:
            await refuse(Arrival(scope, receive), send, refused.refusal)
        finally:
            self.calls -= 1
            self.last_call = time.monotonic()

    async def respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor, receive = await self.entrance.enter(scope, receive)
        service_id, path = self.read_path(scope["path"])
        front = self.fronts.get(service_id) or await self.look_for(service_id, visitor.workspace_id)
        if front.service.workspace_id != visitor.workspace_id:
            raise CallRefused(UNKNOWN_PATH)
        if scope["method"] == "GET" and path == "/health":
            await self.tell_health(front, send)
            return
        version = await self.version_for(front)
        if path not in version.target.paths and path != "/":
            raise CallRefused(UNKNOWN_PATH)
        if scope["method"] != "POST":
            raise CallRefused(WRONG_METHOD)
        await version.take(scope, receive, send)

    def read_path(self, path: str) -> tuple[str, str]:
        """The service and the path of its api; a dedicated pool's name may stand before them."""
        first, _, rest = path.removeprefix(PREFIX).partition("/")
        second, _, after = rest.partition("/")
        return (second, "/" + after) if second in self.fronts and first not in self.fronts else (first, "/" + rest)

    async def tell_health(self, front: Front, send: Send) -> None:
        ready = any(version.line.ready for version in front.versions.values())
        told = b'{"status": "OK"}' if ready else b'{"status": "NOT READY"}'
        await answer(send, 200 if ready else 503, JSON, told)

    async def version_for(self, front: Front) -> Version:
        if front.service.asleep:
            await run_in_threadpool(wake, self.ctx, front.service.id)
        version = front.choose()
        if version is None:
            await self.look()  # it may be ready since the last look, and its status says so to others
            version = front.choose()
        if version is None:
            raise CallRefused(NOT_RUNNING)
        return version

    async def look_for(self, service_id: str, workspace_id: str) -> Front:
        """A service that was not there at the last look. Raises CallRefused."""
        try:
            await run_in_threadpool(registry.find, self.ctx, workspace_id, service_id)
        except NotFound:
            raise CallRefused(UNKNOWN_PATH) from None
        await self.look()
        front = self.fronts.get(service_id)
        if front is None:
            raise CallRefused(STOPPED)
        return front

    # ── what there is ────────────────────────────────────────────────────────────────────────────

    async def keep_looking(self) -> None:
        """Begins to follow the rows where nobody does; whoever calls meanwhile waits for the first look, too."""
        if self.watching is None or self.watching.done():
            self.closing = asyncio.Event()
            self.watching = asyncio.create_task(self.watch())
            self.has_looked = False
        if not self.has_looked:
            await self.look()
            self.has_looked = True

    async def watch(self) -> None:
        """Until nobody calls any more, also not while the last counts are written down."""
        self.last_call = time.monotonic()
        next_save = time.monotonic() + SAVE_SECONDS
        saved_at_rest = False
        while not (saved_at_rest and self.at_rest):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), LOOK_SECONDS)
                return
            await self.look_again()
            saved_at_rest = self.at_rest
            if saved_at_rest or time.monotonic() >= next_save:
                next_save = time.monotonic() + SAVE_SECONDS
                await self.careful(self.save, "Counts of services could not be written down")

    @property
    def at_rest(self) -> bool:
        return not self.calls and time.monotonic() - self.last_call >= REST_SECONDS

    async def catch_up(self) -> None:
        """Whatever this server has changed or told of services: calls that come after it go by that."""
        if self.watching is not None and not self.watching.done():
            await self.look_again()

    async def look_again(self) -> None:
        await self.careful(self.look, "Services could not be looked for")

    async def careful(self, work: Callable[[], Awaitable[None]], told: str) -> None:
        """What fails is tried again at the next turn; what is known goes on being served."""
        try:
            await work()
        except Exception:
            log.exception("%s; it is tried again.", told)

    async def save(self) -> None:
        await run_in_threadpool(self.counts.save, self.ctx)

    async def look(self) -> None:
        """One after another, so that none is overtaken; one that begins after several have asked serves them all."""
        asked_at = time.monotonic()
        async with self.looking:
            if self.looked_at < asked_at:
                self.looked_at = time.monotonic()
                self.take_in(await run_in_threadpool(serving, self.ctx))

    def take_in(self, found: Sequence[tuple[Service, list[Instance]]]) -> None:
        for service_id in set(self.fronts) - {service.id for service, _ in found}:
            for version in self.fronts.pop(service_id).versions.values():
                version.end()
        for service, instances in found:
            front = self.fronts.setdefault(service.id, Front(service))
            front.service = service
            self.follow(front, instances)

    def follow(self, front: Front, instances: Sequence[Instance]) -> None:
        answering = [one for one in instances if one.takes_calls]
        targets = {one.key: Target(**one.run.order.details) for one in answering}
        targets |= {target.key: target for target in front.service.targets}
        for key in set(front.versions) - set(targets):
            if not (front.versions[key].coming or front.versions[key].in_flight):
                front.versions.pop(key).end()
        for key, target in targets.items():
            version = front.versions.get(key) or self.new_version(front.service, target)
            version.target = target
            front.versions[key] = version
        for key, version in front.versions.items():
            version.follow([one for one in answering if one.key == key])
        for key, version in front.versions.items():
            if not version.line.ready:
                self.pass_on(front, version)
                trouble = front.service.trouble.get(key)
                if trouble and trouble.hopeless:
                    version.line.give_up()

    def pass_on(self, front: Front, version: Version) -> None:
        """Calls that wait for instances that have left are given to those that answer instead. A form needs one that
        reads forms alike; where there is none and its own will not come back, it is refused."""
        comes_back, stay = front.service.target(version.target.key), []
        while version.line.waiting:
            other = front.choose()
            if other is None or not other.line.ready:
                break
            call = version.line.waiting.popleft()
            if call.body.is_form and other.target.raw != version.target.raw:
                other = front.ready_to_read(version.target.raw)
            if other is not None:
                other.line.waiting.append(call)
                other.line.advance()
            elif comes_back:
                stay.append(call)
            else:
                call.refused(CHANGED)
        version.line.waiting.extendleft(reversed(stay))

    def new_version(self, service: Service, target: Target) -> Version:
        line = Line(self.limits)

        def count(ok: bool, seconds: float) -> None:
            self.counts.add(service.id, target.model_id, ok, seconds)

        return Version(target, line, Predict(line, self.limits, target.raw, tell_nobody, count))

    async def close(self) -> None:
        """At the server's end: calls that still wait are told so, and what was counted is written down."""
        if self.watching is not None:
            self.closing.set()
            await self.watching  # not cancelled: a thread of it may be at the rows, which are closed next
        for front in self.fronts.values():
            for version in front.versions.values():
                version.end()
        await self.careful(self.save, "Counts of services could not be written down")

    def in_flight(self) -> Iterator[tuple[Service, Target, int, int]]:
        """What goes on in this server: by version its calls under way, and its instances."""
        for front in self.fronts.values():
            for version in front.versions.values():
                yield front.service, version.target, version.in_flight, len(version.line.links)


def serving(ctx: Platform) -> list[tuple[Service, list[Instance]]]:
    """Services that are wanted to run and take calls, with their instances."""
    taking = (services.c.wanted == Wanted.RUNNING) & (services.c.infer_type == InferType.REAL_TIME)
    with ctx.database.read() as rows:
        found = [service_of(row) for row in rows.execute(select(services).where(taking))]
        instances = registry.instances_in(rows, [one.id for one in found]) if found else {}
    return [(one, instances.get(one.id, [])) for one in found]


def wake(ctx: Platform, service_id: str) -> None:
    """Somebody calls a service whose instances rest."""
    with ctx.database.write() as rows:
        asleep = (services.c.id == service_id) & services.c.asleep
        if rows.execute(update(services).where(asleep).values(asleep=False, called_at=ctx.clock())).rowcount:
            registry.tell(ctx, rows, service_id, "awake", say("awake"))
