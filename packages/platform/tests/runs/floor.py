"""A workspace with a bucket, its people as clients, and a worker whose served runs are small servers."""

import socketserver
import sys
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.identity import Role
from maquette.kernel.ports import Environment, Match, Resolution, Stopped
from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.server import make_app
from maquette.worker import KINDS
from maquette.workspaces import actions, keys, sessions

PASSWORD = "correct horse"
WAIT_SECONDS = 120

Shelf = namedtuple("Shelf", "engine resolution")


class OwnPython:
    """Engines that are all this Python; but Python 2 is none. While `held`, they are made for ever."""

    held = False

    def resolve(self, name):
        if "python2" in name:
            return Resolution(name, Match.REFUSED, "Python 2 is not supported.")
        return Resolution(name, Match.EXACT, f"{name} is here.", engine=name, python_version="3.11")

    def shelves(self):
        return [Shelf("pytorch-2.13.0", self.resolve("pytorch")), Shelf("jupyterlab-4.6.6", self.resolve("jupyterlab"))]

    def prepare(self, resolution, requirements=(), tell=lambda line: None, stopped=lambda: False):
        while self.held:
            if stopped():
                raise Stopped
            time.sleep(0.01)
        return Environment(resolution, Path(sys.executable), ())


class Answer(BaseHTTPRequestHandler):
    """Says which path it was asked for."""

    def do_GET(self):
        body = self.path.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        return


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, ("run", 0), self)


def serve(running):
    """What a served run does, as a function: answers on its socket until it is stopped."""
    folder = next(place.source for place in running.process.places if place.target == served.PRIVATE)
    with Server(str(folder / served.SOCKET), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        running.stop.wait()
        server.shutdown()
    return 0


class Floor:
    """The workspace, and a worker that is stepped by the test."""

    def __init__(self, ctx, clock):
        self.ctx, self.clock = ctx, clock
        self.work = Work(ctx, KINDS, this_worker(ctx))
        self.app = make_app(ctx)
        opened = sessions.sign_in_by_link(ctx, actions.owner_link(ctx), PASSWORD)
        self.workspace_id, self.owner_name = opened.workspace_id, opened.user_name
        self.clients, self.live = [], None

    def token(self, role=Role.OWNER):
        """Of the first user, or of somebody new with this role."""
        name = self.owner_name
        if role is not Role.OWNER:
            name = f"{role.word}-{len(actions.list_users(self.ctx))}"
            _, link = actions.make_user(self.ctx, name, self.workspace_id, role)
            sessions.sign_in_by_link(self.ctx, link, PASSWORD)
        return sessions.sign_in(self.ctx, name, PASSWORD, "token").ticket

    def who(self, token):
        return sessions.who_has(self.ctx, token, "token")

    def client(self, token):
        one = TestClient(self.app, "http://127.0.0.1", headers={"x-auth-token": token})
        self.clients.append(one)
        return one

    def until(self, happened):
        """Lets the worker work until it has happened."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.work.step()
            time.sleep(0.005)

    def unsettled(self):
        with self.ctx.database.read() as rows:
            return rows.exec_driver_sql("SELECT id, workspace_id FROM runs WHERE settled = false").all()

    def close(self):
        """Nothing of its runs is left."""
        for one in self.clients:
            one.close()
        if self.live is not None:
            self.live.stop()
        for id, workspace_id in self.unsettled():
            runs.stop(self.ctx, workspace_id, id)
        self.clock.pass_seconds(10)  # after which a worker looks for what nobody has
        self.until(lambda: not self.unsettled())
        self.work.close()


@pytest.fixture
def floor(platform, clock):
    """The same with engines that are this Python, and runs that are functions."""
    ctx = replace(platform, engines=OwnPython(), executor=MemoryExecutor(serve))
    ctx.store.make_bucket("pets")
    floor = Floor(ctx, clock)
    yield floor
    floor.close()


@pytest.fixture
def command(floor, live, maquette):
    """`command(*arguments)` runs `maquette` as the owner at a server, while the worker works."""
    floor.live = type(live)(floor.ctx)
    floor.clock.now = time.time()
    key, secret = keys.make_key(floor.ctx, *actions.owner_of_all(floor.ctx))
    env = {"MAQUETTE_URL": floor.live.url, "MAQUETTE_ACCESS_KEY": key.access, "MAQUETTE_SECRET_KEY": secret}

    def run(*arguments, check=0):
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(maquette, *arguments, env=env, check=check)
            floor.until(running.done)
            return running.result()

    return run
