"""A gateway before real instances of packages that tests write, without sandbox and command line."""

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
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import maquette_sdk
from maquette.services import gateway as gateways
from maquette.services.domain import CallLimits
from maquette.services.line import Line, Link
from maquette.web.listening import HttpServer, listen

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

    def ask(self, method="POST", path="/", body=None, headers=None, timeout=30):
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

    def until(self, true, seconds=10):
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
    deadline = time.monotonic() + 30
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
            link.close()
        await asyncio.sleep(0.01)

    def in_loop(self, work):
        """Runs a function in the gateway's loop, where everything of it is at rest."""
        done = []
        self.loop.call_soon_threadsafe(lambda: done.append(work()))
        self.until(lambda: done)
        return done[0]

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
