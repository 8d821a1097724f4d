"""A service that lives in this process: its gateway, its instances, and its package's changes, until told to stop."""

from __future__ import annotations

import asyncio
import functools
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from maquette.kernel.context import Context
from maquette.kernel.errors import MaquetteError
from maquette.kernel.ports import Match, Tell
from maquette.models.domain import MODEL_TYPES, Package
from maquette.services.actions import Recipe
from maquette.services.gateway import Gateway
from maquette.services.instances import Show
from maquette.services.keeper import Keeper
from maquette.services.lifeline import Lifeline, lifeline
from maquette.services.line import Line
from maquette.services.page import make_page
from maquette.services.reload import changes
from maquette.web.listening import HttpServer

FINISH_SECONDS = 0.5
"""How long calls under way may take once the service is told to stop."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Service:
    """A service to be: what of, how many instances, where it listens, and how it speaks.

    `when_ready` is told when one instance is ready, and when all are. `again` makes the recipe from the package as it
    is now; without it the package is looked at once.
    """

    recipe: Recipe
    instances: int
    listening: socket.socket
    tell: Tell
    show: Callable[[int], Show]
    when_ready: Callable[[int], None]
    again: Callable[[], Recipe] | None = None


def serve(ctx: Context, service: Service) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP; then no process and no folder of it is left. Raises MaquetteError."""
    allow_many_files()
    with lifeline(ctx.executor) as cleaning:
        asyncio.run(serve_until_stopped(ctx, service, cleaning))


def allow_many_files() -> None:
    """Every client is an open file, and so is every large part of a call."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def serve_until_stopped(ctx: Context, service: Service, cleaning: Lifeline) -> None:
    recipe = service.recipe
    line = Line(recipe.limits)
    keeper = Keeper(
        ctx, line, recipe, service.instances, cleaning, service.tell, service.show, patient=service.again is not None
    )
    gateway = Gateway(line, recipe.limits, page=lambda: page_of(keeper.recipe)(), tell=service.tell)
    gateway.take_on(*requests_of(recipe))
    http = HttpServer(gateway, websockets=False)
    serving = asyncio.create_task(http.serve([service.listening]))
    tasks = {serving}
    for work in (keeper.keep(), announce(keeper, service), reload(keeper, gateway, service), stop_signal()):
        tasks.add(asyncio.create_task(work))
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        http.should_exit = True
        await asyncio.wait({serving}, timeout=FINISH_SECONDS)
        line.end()
        await asyncio.wait({serving}, timeout=FINISH_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    failures = [error for task in ended if (error := task.exception()) and not isinstance(error, Stopped)]
    if failures:
        raise failures[0]


def requests_of(recipe: Recipe) -> tuple[list[str], bool]:
    """The paths on which a package takes predictions, and whether its engine reads their bodies itself."""
    return list(recipe.package.paths), MODEL_TYPES[recipe.package.model_type].json_only


class Stopped(Exception):
    """Somebody has asked this process to stop."""


async def stop_signal() -> None:
    """Raises Stopped at the first signal that asks for it."""
    stopped = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    raise Stopped


async def announce(keeper: Keeper, service: Service) -> None:
    await keeper.ready.wait()
    service.when_ready(1)
    if service.instances > 1:
        await keeper.complete.wait()
        service.when_ready(service.instances)


async def reload(keeper: Keeper, gateway: Gateway, service: Service) -> None:
    """Makes the recipe anew whenever the package has changed; one that cannot be made changes nothing."""
    if service.again is None:
        return
    async for _ in changes(service.recipe.package.folder):
        try:
            recipe = await asyncio.to_thread(service.again)
            keeper.renew(recipe)
            gateway.take_on(*requests_of(recipe))
        except MaquetteError as error:
            service.tell(error.message)


@functools.lru_cache(maxsize=1)
def page_of(recipe: Recipe) -> Callable[[], Response]:
    """The page of the package as it is now."""
    package, engine = recipe.package, recipe.environment.resolution
    name = "" if engine.match is Match.OWN else engine.engine
    facts = (package.service_class, package.model_type, name, f"Python {engine.python_version}")
    return make_page(title_of(package), " · ".join(filter(None, facts)), package)


def title_of(package: Package) -> str:
    """What people call the package, its folder or the one around its `model` folder, and what it is for."""
    folder = package.folder.parent if package.folder.name == "model" else package.folder
    return " · ".join(filter(None, (folder.name, package.config.model_algorithm)))
