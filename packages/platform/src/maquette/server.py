"""The server role: the platform's routes on one port, the object store on another, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp

from maquette.buckets import routes as bucket_routes
from maquette.buckets.door import store_door
from maquette.demo import routes as tour_routes
from maquette.kernel.context import Platform
from maquette.lineage import routes as lineage_routes
from maquette.models import dialect as model_dialect
from maquette.models import routes as model_routes
from maquette.notebooks import routes as notebook_routes
from maquette.runs import passes
from maquette.runs import routes as run_routes
from maquette.runs.served import finder
from maquette.services import container_images, metrics
from maquette.services import dialect as service_dialect
from maquette.services import registry as service_registry
from maquette.services import routes as service_routes
from maquette.services.fork import Fork
from maquette.services.infers import Infers
from maquette.tensorboards import dialect as tensorboards
from maquette.training import dialect_v1, dialect_v2, engine_routes
from maquette.training import routes as training_routes
from maquette.training.search import dialect as search
from maquette.web import console, pages
from maquette.web.door import Threshold, make_door
from maquette.web.listening import Certificate, HttpServer
from maquette.web.proxy import proxy_router
from maquette.workspaces import dialect
from maquette.workspaces import routes as workspace_routes
from maquette.workspaces.identify import identifier, noter

BY_PASS = (passes.is_shown, passes.by_pass)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 5
"""How long requests under way may take once the server is told to stop."""


@dataclass(frozen=True)
class Listening:
    """Where a server listens, and whether a proxy in front of it speaks for its clients."""

    main: socket.socket
    store: socket.socket
    certificate: Certificate | None = None
    behind_proxy: bool = False


def make_routes(ctx: Platform, store_port: int = 0, secure: bool = False) -> FastAPI:
    """All routes of the platform; `secure` when browsers reach it by https."""
    identify = identifier(ctx, BY_PASS, (metrics.is_shown, metrics.by_app_code))
    routers = [pages.router, console.router, *workspace_routes.routers, *dialect.routers, *bucket_routes.routers]
    routers += [
        *run_routes.routers,
        *model_dialect.routers,
        *model_routes.routers,
        *service_dialect.routers,
        *service_routes.routers,
        container_images.router,
        *notebook_routes.routers,
        tensorboards.router,
        proxy_router(finder(ctx)),
        *dialect_v1.routers,
        *dialect_v2.routers,
        *training_routes.routers,
        engine_routes.router,
        search.router,
        tour_routes.router,
        *lineage_routes.routers,
    ]
    app = make_door(routers, identify)
    app.state.ctx = ctx
    app.state.secure = secure
    app.state.store_port = store_port
    app.state.deployed_by = service_registry.deployed_by
    app.mount("/obs", store_door(ctx, identify))
    return app


def make_app(ctx: Platform, store_port: int = 0, secure: bool = False, infers: Infers | None = None) -> ASGIApp:
    """The routes behind their threshold; predictions take a way of their own."""
    routes = make_routes(ctx, store_port, secure)
    routes.state.infers = infers or Infers(ctx, routes.state.identify)
    return Threshold(Fork(routes.state.infers, routes), ctx.settings.hosts, noter(ctx))


def serve(ctx: Platform, listening: Listening, when_ready: Callable[[], None]) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP."""
    uvloop.run(serve_until_stopped(ctx, listening, when_ready))


async def serve_until_stopped(ctx: Platform, listening: Listening, when_ready: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    secure = listening.certificate is not None or listening.behind_proxy
    store_port = listening.store.getsockname()[1]
    infers = Infers(ctx, identifier(ctx, BY_PASS))
    servers = [
        start(make_app(ctx, store_port, secure, infers), listening.main, listening),
        start(store_door(ctx), listening.store, listening),
    ]
    tasks = [task for _, task in servers]
    waiting = asyncio.create_task(stopped.wait())
    while not all(server.started for server, _ in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again and again took a tenth of a second each time
    when_ready()
    await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for server, _ in servers:
        server.should_exit = True
    waiting.cancel()
    await asyncio.gather(*tasks)
    await infers.close()


def start(app: ASGIApp, at: socket.socket, listening: Listening) -> tuple[HttpServer, asyncio.Task[None]]:
    server = HttpServer(app, listening.certificate, listening.behind_proxy, PATIENCE_SECONDS)
    return server, asyncio.create_task(server.serve([at]))
