"""Real instances of packages that tests write, without sandbox and command line: before a gateway, and of services."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import maquette_sdk
from maquette.buckets.actions import GrantedStore, Rights
from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.errors import NotFound
from maquette.kernel.identity import Identity, Proof, Role
from maquette.kernel.ports import Environment, Match, Resolution
from maquette.models import registry as models
from maquette.models.importing import Import
from maquette.models.work import Imports
from maquette.runs import actions as runs
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.server import make_app
from maquette.services import gateway as gateways
from maquette.services import registry
from maquette.services.deployment import Query, Status, Target
from maquette.services.domain import SOCKET_FOLDER, CallLimits
from maquette.services.line import Line, Link
from maquette.services.rolling import Services
from maquette.web.listening import HttpServer, listen
from maquette.worker import KINDS
from maquette.workspaces import actions as workspaces
from maquette.workspaces import keys, sessions

MAIN = Path(maquette_sdk.__file__).parent / "serve" / "main.py"
BOUNDARY = "lineoftheform"


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def form(*parts):
    """A multipart body: (name, content) for texts, (name, content, file name[, type]) for files."""
    lines = []
    for name, content, *rest in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        if rest:
            head += f'; filename="{rest[0]}"'
        if len(rest) > 1:
            head += f"\r\nContent-Type: {rest[1]}"
        content = content if isinstance(content, bytes) else content.encode()
        lines += [head.encode(), b"\r\n\r\n", content, b"\r\n"]
    end = f"--{BOUNDARY}--\r\n".encode()
    return b"".join(lines) + end, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass
class Client:
    """Talks HTTP to one address; every call has a connection of its own."""

    port: int

    def ask(self, method="POST", path="/", body=None, headers=None, timeout=120):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            chunked = "Transfer-Encoding" in (headers or {})
            connection.request(method, path, body, headers or {}, encode_chunked=chunked)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, *parts, path="/", **options):
        body, headers = form(*parts)
        return self.ask("POST", path, body, headers, **options)

    def post_json(self, value, path="/", **options):
        text = value if isinstance(value, (bytes, str)) else json.dumps(value)
        return self.ask("POST", path, text, {"Content-Type": "application/json"}, **options)

    def until(self, true, seconds=120):
        """Waits until it is so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it did not come to that"
            time.sleep(0.01)

    def together(self, *calls):
        """Runs calls at the same time, each in its thread; their answers in the same order."""
        answers = [None] * len(calls)

        def work(place, call):
            answers[place] = call()

        threads = [threading.Thread(target=work, args=one) for one in enumerate(calls)]
        for thread in threads:
            thread.start()
            time.sleep(0.002)
        for thread in threads:
            thread.join()
        return answers


SERVICE = """
import os, time
from model_service.model_service import SingleNodeService

class Service(SingleNodeService):
    def __init__(self, model_name, model_path):
        pass

    def _preprocess(self, data):
        return data

    def _inference(self, data):
{body}

    def _postprocess(self, data):
        return data
"""


def service_code(body):
    return SERVICE.format(body="\n".join("        " + line for line in body.strip().splitlines()))


@dataclass
class InstanceProcess:
    """A serving instance as a child process."""

    folder: Path
    process: subprocess.Popen = field(repr=False)

    @property
    def socket(self):
        return str(self.folder / "i.sock")


def start_instance(code, model_type="MindSpore", queue=64):
    # Short, for it holds a socket.
    folder = Path(tempfile.mkdtemp(prefix="mqt-"))
    package = folder / "model"
    package.mkdir()
    (package / "customize_service.py").write_text(code)
    plan = {
        "package": str(package), "model_type": model_type, "model_name": "serve", "model_path": str(package),
        "service_file": "customize_service.py", "socket": str(folder / "i.sock"), "queue": queue,
    }  # fmt: skip
    environment = {**os.environ, "MAQUETTE_PLAN": json.dumps(plan)}
    log = (folder / "log.txt").open("wb")
    process = subprocess.Popen([sys.executable, MAIN], stdout=log, stderr=log, cwd=folder, env=environment)
    log.close()
    deadline = time.monotonic() + 120
    while b"Ready after" not in (folder / "log.txt").read_bytes():
        assert process.poll() is None and time.monotonic() < deadline, (folder / "log.txt").read_text()
        time.sleep(0.01)
    return InstanceProcess(folder, process)


class Gateway(Client):
    """A gateway in a thread of the test, with instances that run the body of `_inference` that is given."""

    def __init__(self, limits, instances, **options):
        self.listening = listen("127.0.0.1", 0)
        super().__init__(self.listening.getsockname()[1])
        self.instances = instances
        self.loop = asyncio.new_event_loop()
        self.line = Line(limits)
        self.http = HttpServer(gateways.Gateway(self.line, limits, **options))
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()

    async def serve(self):
        links = [Link(instance.socket) for instance in self.instances]
        for link in links:
            self.line.opened(link)
        await self.http.serve([self.listening])
        for link in links:
            for carrying in link.calls.values():
                carrying.cancel()
            link.close()
        for _ in range(100):  # turns of the loop, until what was cancelled and closed is
            await asyncio.sleep(0)

    def in_loop(self, work):
        """Runs a function in the gateway's loop, where everything of it is at rest."""
        done = []
        self.loop.call_soon_threadsafe(lambda: done.append(work()))
        self.until(lambda: done)
        return done[0]

    def held(self):
        """How many calls its instances have."""
        return self.in_loop(lambda: sum(len(link.calls) for link in self.line.links))

    def waiting(self):
        """How many calls wait for an instance."""
        return self.in_loop(lambda: len(self.line.waiting))

    def close(self):
        self.http.should_exit = True
        self.thread.join()
        self.loop.close()


@pytest.fixture
def gateway():
    """`gateway(body, instances=1, …)` starts instances whose `_inference(self, data)` has this body, and a gateway."""
    with contextlib.ExitStack() as ending:

        def start(body, instances=1, limits=None, model_type="MindSpore", **options):
            code = body if "class " in body else service_code(body)
            started = []
            for _ in range(instances):
                started.append(start_instance(code, model_type))
                ending.callback(shutil.rmtree, started[-1].folder, ignore_errors=True)
                ending.callback(started[-1].process.wait)
                ending.callback(started[-1].process.kill)
            found = Gateway(limits or CallLimits(), started, **options)
            ending.callback(found.close)
            return found

        yield start


# ── services of a platform ───────────────────────────────────────────────────────────────────────


class OwnPython:
    """Engines that are all this Python."""

    def resolve(self, name):
        return Resolution(name, Match.EXACT, f"{name} is here.", engine=name, python_version="3.11")

    def own(self, python):
        raise AssertionError("nobody names an interpreter here")

    def prepare(self, resolution, requirements=(), tell=lambda line: None, stopped=lambda: False):
        return Environment(resolution, Path(sys.executable), ())


def run_instance(running):
    """What the run of an instance does, as a child process without a sandbox."""
    folders = {place.target: place.source for place in running.process.places}
    plan = json.loads(running.process.environment["MAQUETTE_PLAN"])
    home = str(folders["/home/mind"])
    plan["socket"] = plan["socket"].replace(SOCKET_FOLDER, str(folders[SOCKET_FOLDER]))
    plan |= {name: plan[name].replace("/home/mind", home) for name in ("package", "model_path")}
    own = {**running.process.environment, "MAQUETTE_PLAN": json.dumps(plan), "PATH": os.environ["PATH"]}
    with (running.process.folder / "log.txt").open("ab") as log:
        child = subprocess.Popen([sys.executable, MAIN], stdout=log, stderr=log, cwd=home, env=own)
    while child.poll() is None:
        if running.stop.wait(0.01):
            child.terminate()
            child.wait()
    return child.returncode


class Floor(Client):
    """A workspace with a bucket, a worker that goes on by itself, and a server on real ports."""

    def __init__(self, ctx, live):
        self.ctx = ctx
        user_id, workspace_id = workspaces.owner_of_all(ctx)
        self.who = Identity(user_id, "admin", workspace_id, Role.OWNER, Proof.SESSION)
        self.store = GrantedStore(ctx, Rights(ctx), self.who)
        self.store.make_bucket("pets")
        self.code = keys.make_app_code(ctx, workspace_id, "tests")[1]
        self.stopped = threading.Event()
        self.workers = []
        self.hire()
        self.live = live(ctx)
        super().__init__(int(self.live.url.rpartition(":")[2]))

    def hire(self):
        """One worker more."""
        self.workers.append(threading.Thread(target=self.work))
        self.workers[-1].start()

    def work(self):
        worker = this_worker(self.ctx)
        parts = Work(self.ctx, KINDS, worker), Services(self.ctx), Imports(self.ctx, worker)
        while not self.stopped.wait(0.02):
            for part in parts:
                part.step()
        for part in parts:
            part.close()

    def model(self, body, name="cats", first="", **request):
        """A new version of a model whose `_inference(self, data)` has this body; `first` is run when it is loaded."""
        count = models.list_models(self.ctx, self.who.workspace_id, models.Query())[1]
        for file, content in {
            "customize_service.py": f"{first}\n{service_code(body)}",
            **request.pop("files", {}),
        }.items():
            self.store.put("pets", f"{name}/{count}/{file}", [content.encode()])
        given = Import(address=f"obs://pets/{name}/{count}/", model_type="MindSpore", **request)
        made = models.import_model(self.ctx, self.who, name, "", given)
        find = lambda: models.find_model(self.ctx, self.who.workspace_id, made.id)  # noqa: E731
        self.until(lambda: find().status is not models.Status.PUBLISHING)
        assert find().status is models.Status.PUBLISHED, find().error
        return made.id

    def deploy(self, *targets, name="cats", wait=True, **given):
        targets = [Target(target) if isinstance(target, str) else target for target in targets]
        made = registry.deploy(self.ctx, self.who, name, targets, **given)
        if wait:
            self.until_status(made, Status.RUNNING)
        return made

    def change(self, service, *targets):
        targets = [Target(target) if isinstance(target, str) else target for target in targets]
        return registry.change(self.ctx, self.who, service, targets)

    def again(self, service):
        return registry.find(self.ctx, self.who.workspace_id, service.id)

    def until_status(self, service, status, seconds=120):
        self.until(lambda: self.again(service).status is status, seconds)

    def until_settled(self, service):
        self.until(lambda: self.again(service).settled == self.again(service).revision)

    def ask_service(self, service, value=None, path="", headers=None, **options):
        body = json.dumps({"n": 1} if value is None else value)
        told = {"Content-Type": "application/json", "X-Apig-AppCode": self.code} if headers is None else headers
        return self.ask("POST", f"/v1/infers/{service.id}{path}", body, told, **options)

    def close(self):
        """Nothing of its runs is left."""
        for service in registry.list_all(self.ctx, self.who.workspace_id, Query())[0]:
            for run in runs.of_subject(self.ctx, service.id):
                with contextlib.suppress(NotFound):  # forgotten meanwhile
                    runs.stop(self.ctx, self.who.workspace_id, run.id, now=True)
            registry.remove(self.ctx, service)
        self.until(lambda: all(running.ended for running in self.ctx.executor.runs.values()))
        self.live.stop()
        self.stopped.set()
        for worker in self.workers:
            worker.join()


@pytest.fixture
def floor(platform, live):
    """Of services whose instances are real ones, on this Python."""
    ctx = replace(platform, engines=OwnPython(), executor=MemoryExecutor(run_instance))
    floor = Floor(ctx, type(live))
    yield floor
    floor.close()


@pytest.fixture
def client_of(floor):
    """`client_of(role)` is a client with the token of somebody with this role; without one, of the owner."""

    def make(role=None):
        if role is None:
            with floor.ctx.database.write() as rows:
                owner = workspaces.owner_of_all(floor.ctx)
                token = sessions.open_session(floor.ctx, rows, *owner, "token", sessions.Caller()).ticket
        else:
            _, link = workspaces.make_user(floor.ctx, role.word, floor.who.workspace_id, role)
            sessions.sign_in_by_link(floor.ctx, link, "correct horse")
            token = sessions.sign_in(floor.ctx, role.word, "correct horse", "token").ticket
        return TestClient(
            make_app(floor.ctx), "http://127.0.0.1", headers={"x-auth-token": token}, raise_server_exceptions=False
        )

    return make
