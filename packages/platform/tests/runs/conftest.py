"""What tests of runs share: a platform whose processes are functions, a kind of run, and an order for one."""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.ports import Capacity, Limits, Process
from maquette.runs import actions, queue
from maquette.runs.asking import Asking
from maquette.runs.domain import Needs, Order
from maquette.runs.kinds import Kind
from maquette.runs.table import runs
from maquette.runs.work import Work
from maquette.server import make_app
from maquette.workspaces import actions as workspaces
from maquette.workspaces import sessions
from maquette_sdk.job import processes

GB = 1 << 30


class Inline:
    """Does what it is given at once, so that a test knows when it is done."""

    def submit(self, work, *arguments):
        work(*arguments)
        return Future()

    def shutdown(self, wait=True, cancel_futures=False):
        return


def plain(run, preparing):
    """A process for a run, whose details may say the command and its limits."""
    details = run.order.details
    preparing.folder.path.mkdir(parents=True, exist_ok=True)
    return Process(
        id=run.id,
        folder=preparing.folder.path,
        command=tuple(details.get("command", ("true",))),
        directory="/",
        environment=details.get("environment", {}),
        places=(),
        limits=Limits(**details.get("limits", {})),
    )


class Floor:
    """Where runs are moved on: a platform, its only workspace, and workers as many as a test wants."""

    def __init__(self, ctx, clock):
        self.ctx = ctx
        self.clock = clock
        self.ended = []
        with ctx.database.read() as rows:
            self.workspace_id = rows.exec_driver_sql("SELECT id FROM workspaces").scalar_one()
        self.kind = Kind("plain", lambda ctx, run, preparing: plain(run, preparing), self.note_end)
        self.workers = 0

    def note_end(self, ctx, run):
        self.ended.append(run.id)

    def order(self, name="one", **values):
        needs = Needs(values.pop("cores", 1), values.pop("memory", GB), values.pop("gpus", 0))
        return Order(self.workspace_id, "plain", values.pop("subject", name), name, needs, **values)

    def submit(self, *orders, **values):
        """Ids of runs submitted in one transaction."""
        self.clock.pass_seconds(0.001)
        with self.ctx.database.write() as rows:
            return [actions.submit(self.ctx, rows, order) for order in orders or [self.order(**values)]]

    def work(self, ctx=None, kind=None, pool=None, alive=True):
        """A worker; one that is not alive has gone as soon as its lease has run out."""
        self.workers += 1
        me = processes.entry(os.getpid())
        boot = processes.boot() if alive else "gone"
        worker = queue.Worker("here", f"{boot}/{os.getpid()}/{me.started}/{self.workers}")
        pool = pool or Inline()
        return Work(ctx or self.ctx, {"plain": kind or self.kind}, worker, pool, Asking(pool))

    def process(self, run, preparing):
        return plain(run, preparing)

    def run(self, id):
        return actions.find(self.ctx, self.workspace_id, id)

    def all(self):
        with self.ctx.database.read() as rows:
            return [actions.run_of(row) for row in rows.execute(select(runs).order_by(runs.c.created_at, runs.c.id))]

    def events(self, id):
        return actions.events(self.ctx, [id])

    def codes(self, id):
        return [event.code for event in self.events(id)]


@pytest.fixture
def memory_floor(platform, clock):
    """A floor with 4 cores, 16 GB and 2 GPUs, whose processes are functions; they succeed at once."""
    executor = MemoryExecutor(machine=Capacity(4, 16 * GB, 2))
    return Floor(replace(platform, executor=executor), clock)


@pytest.fixture
def new_floor():
    """Makes floors: `new_floor(platform, clock)`."""
    return Floor


@pytest.fixture
def written(memory_floor):
    """`written(b"…", b"…")`: a run whose tries have written this."""

    def make(*logs, state="running", **values):
        id = memory_floor.submit(**values)[0]
        for tries, log in enumerate(logs, 1):
            folder = actions.folder_of(memory_floor.ctx, id, tries)
            folder.path.mkdir(parents=True)
            folder.log.write_bytes(log)
        with memory_floor.ctx.database.write() as rows:
            rows.execute(update(runs).where(runs.c.id == id).values(tries=len(logs), state=state))
        return memory_floor.run(id)

    return make


@pytest.fixture
def owner(platform):
    """The first user, signed in: their id, name, workspace and token."""
    opened = sessions.sign_in_by_link(platform, workspaces.owner_link(platform), "correct horse")
    return opened, sessions.sign_in(platform, opened.user_name, "correct horse", "token").ticket


@pytest.fixture
def caller(memory_floor, owner, platform):
    """`caller("GET", "/runs/…")` asks the server as the owner; `role` as somebody with less."""
    with TestClient(make_app(memory_floor.ctx), "http://127.0.0.1", raise_server_exceptions=False) as client:

        def call(method, path, role=None, **options):
            token = owner[1] if role is None else token_of(platform, memory_floor.workspace_id, role)
            path = f"/maquette/{memory_floor.workspace_id}{path}"
            return client.request(
                method, path, headers={"x-auth-token": token, **options.pop("headers", {})}, **options
            )

        yield call


def token_of(platform, workspace_id, role):
    _, link = workspaces.make_user(platform, role.word, workspace_id, role)
    sessions.sign_in_by_link(platform, link, "correct horse")
    return sessions.sign_in(platform, role.word, "correct horse", "token").ticket
