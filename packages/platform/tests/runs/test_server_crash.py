"""The server and the worker are killed while a run goes on and is followed: the log has no gap, and the run ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from maquette.runs import actions
from maquette.runs.domain import Needs, Order, State
from maquette.web.listening import listen

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KILLS = 4
PATIENCE_SECONDS = 180

# The worker as `maquette worker` runs it, with a kind of run that needs no engine.
WORKER = """
import sys, threading
from pathlib import Path
from maquette import wiring, worker
from maquette.kernel.ports import Process
from maquette.kernel.settings import read_settings
from maquette.runs.kinds import Kind

def prepare(ctx, run, preparing):
    return Process(run.id, preparing.folder.path, tuple(run.order.details["command"]), "/", {}, ())

worker.KINDS["plain"] = Kind("plain", prepare)
ctx = wiring.platform(read_settings({"MAQUETTE_DATABASE": sys.argv[1], "MAQUETTE_SANDBOX": "off"}, Path(sys.argv[2])))
worker.work(ctx, threading.Event())
"""


class Roles:
    """Server and worker as processes, which are killed and begun again."""

    def __init__(self, ctx, folder, token):
        self.ctx, self.token = ctx, token
        with contextlib.closing(listen("127.0.0.1", 0)) as main, contextlib.closing(listen("127.0.0.1", 0)) as store:
            self.port, self.store_port = main.getsockname()[1], store.getsockname()[1]
        self.url = ctx.database.url.render_as_string(hide_password=False)
        self.log = (folder / "roles.log").open("w")
        self.server, self.worker = self.begin_server(), self.begin_worker()

    def begin_server(self):
        maquette = str(Path(sys.executable).with_name("maquette"))
        home = str(self.ctx.settings.home.path)
        options = ["--home", home, "--port", str(self.port), "--obs-port", str(self.store_port)]
        environment = {**os.environ, "MAQUETTE_DATABASE": self.url}
        return subprocess.Popen([maquette, "server", *options], env=environment, stdout=self.log, stderr=self.log)

    def begin_worker(self):
        command = [sys.executable, "-c", WORKER, self.url, str(self.ctx.settings.home.path)]
        return subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def kill_server(self):
        kill(self.server)
        self.server = self.begin_server()

    def kill_worker(self):
        kill(self.worker)
        self.worker = self.begin_worker()

    def follow(self, path, position):
        """An open answer, as soon as the server is there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert time.monotonic() < deadline
            to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
            try:
                to.request("GET", path, headers={"X-Auth-Token": self.token, "Last-Event-ID": str(position)})
                return to, to.getresponse()
            except OSError:
                to.close()
                time.sleep(0.05)

    def close(self):
        kill(self.server)
        kill(self.worker)
        self.log.close()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def read_some(answer, most):
    """(text, position, whether it was the end) of up to so many events, until the server dies."""
    text, position, data = "", None, None
    name, count = "", 0
    with contextlib.suppress(OSError, http.client.HTTPException):
        while count < most and (line := answer.readline().decode()):
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("id: "):
                new = int(line[4:])
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "\n" and data is not None:
                if name == "end":
                    return text, new, data
                text, position, data, count = text + data["text"], new, None, count + 1
    return text, position, None


@pytest.fixture
def open_folder():
    """Where any user gets to: without a sandbox a run is nobody's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_killed_again_and_again_the_log_is_followed_without_a_gap(platform, owner, tmp_path, open_folder):
    opened, token = owner
    enough = open_folder / "enough"
    script = f"i=0; until [ -e {enough} ]; do i=$((i+1)); echo line $i; sleep 0.03; done; echo line last"
    details = {"command": ["/bin/sh", "-c", script]}
    order = Order(opened.workspace_id, "plain", "s", "talks", Needs(0, 0, 0), details=details)
    with platform.database.write() as rows:
        id = actions.submit(platform, rows, order)
    roles, numbers = Roles(platform, tmp_path, token), random.Random(6)
    text, position, end, kills = "", 0, None, 0
    try:
        while end is None:
            to, answer = roles.follow(f"/maquette/{opened.workspace_id}/runs/{id}/log/stream", position)
            more, reached, end = read_some(answer, numbers.randrange(1, 4) if kills < KILLS else 1 << 30)
            text, position = text + more, position if reached is None else reached
            answer.close()
            to.close()
            if end is None:
                kills += 1
                roles.kill_server() if kills % 2 else roles.kill_worker()
            if kills == KILLS:
                enough.touch()
    finally:
        enough.touch()
        roles.close()
    lines = [line for line in text.splitlines() if not line.startswith("[Maquette]")]
    assert lines == [*(f"line {n}" for n in range(1, len(lines))), "line last"]
    assert len(lines) > 3 * KILLS
    assert end == {"state": "succeeded", "message": ""}
    run = actions.find(platform, opened.workspace_id, id)
    assert (run.state, run.tries) == (State.SUCCEEDED, 1)
