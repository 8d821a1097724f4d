"""JupyterLab itself, in its sandbox and behind the server, with kernels of two Pythons side by side."""

import http.client
import json
import subprocess
import time
import uuid

import pytest
from websockets.sync.client import connect

from maquette.kernel import home
from maquette.notebooks import actions, kernels
from maquette.notebooks.domain import Wanted
from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.worker import KINDS
from maquette.workspaces import actions as workspaces
from maquette.workspaces import sessions

PASSWORD = "correct horse"
WAIT_SECONDS = 300
NEW, OLD = "sklearn", "sklearn-0.22.1"
CODE = """
import os, sys, sklearn, moxing, modelarts.session
modelarts.session.Session()
print(sys.version_info[:2], sklearn.__version__, moxing.file.list_directory("obs://pets/data"), os.getcwd())
"""

JOBS = """
from modelarts.session import Session
from modelarts.estimator import Estimator
print(Estimator.get_job_list(Session())["job_total_count"])
"""

PIP = """
import os, subprocess, sys, zipfile
with zipfile.ZipFile("own-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("own.py", "")
    wheel.writestr("own-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\n")
    wheel.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("own-1.0.dist-info/RECORD", "")
command = [sys.executable, "-m", "pip", "install", "-q", "./own-1.0-py3-none-any.whl"]
assert subprocess.call(command) == 0
import own
print(os.path.dirname(own.__file__))
"""


class Desk:
    """The owner at a notebook: asks its JupyterLab over HTTP, and its kernels over a websocket."""

    def __init__(self, ctx, live):
        opened = sessions.sign_in_by_link(ctx, workspaces.owner_link(ctx), PASSWORD)
        self.token = sessions.sign_in(ctx, opened.user_name, PASSWORD, "token").ticket
        self.who = sessions.who_has(ctx, self.token, "token")
        self.ctx, self.host = ctx, live.url.removeprefix("http://")
        self.work = Work(ctx, KINDS, this_worker(ctx))
        self.cookies = {}

    def open(self, wanted):
        self.notebook = actions.create(self.ctx, self.who, wanted)
        self.wait_for("RUNNING")

    def now(self):
        return actions.find(self.ctx, self.who.workspace_id, self.notebook.id)

    def wait_for(self, status):
        deadline = time.monotonic() + WAIT_SECONDS
        while self.now().status != status:
            assert time.monotonic() < deadline and self.now().status != "START_FAILED", self.now().run
            self.work.step()
            time.sleep(0.05)

    def stop(self):
        actions.stop(self.ctx, self.now())
        self.wait_for("STOPPED")

    def headers(self):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        xsrf = {"x-xsrftoken": self.cookies["_xsrf"]} if "_xsrf" in self.cookies else {}
        return {"x-auth-token": self.token, "content-type": "application/json", **xsrf, "cookie": cookie}

    def ask(self, method, path, body=None):
        """(status, answer), as a browser would that keeps JupyterLab's cookies."""
        connection = http.client.HTTPConnection(self.host, timeout=300)
        at = served.prefix(self.ctx, self.now().run) + path
        connection.request(method, at, json.dumps(body) if body is not None else None, self.headers())
        with connection.getresponse() as response:
            content = response.read()
            for cookie in response.headers.get_all("set-cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
        connection.close()
        return response.status, content

    def run(self, kernel, code):
        """What the code prints in a new kernel."""
        status, told = self.ask("POST", "api/kernels", {"name": kernel})
        assert status == 201, told
        path = f"{served.prefix(self.ctx, self.now().run)}api/kernels/{json.loads(told)['id']}/channels"
        headers = {name: value for name, value in self.headers().items() if name != "content-type"}
        with connect(f"ws://{self.host}{path}", additional_headers=headers, max_size=None, open_timeout=300) as socket:
            asked = request(code)
            socket.send(json.dumps(asked))
            return "".join(printed(socket, asked))


def request(code):
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": "s",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    return {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}


def printed(socket, asked):
    """What comes until the kernel is idle again; its answer and its output come by two ways, in any order."""
    while True:
        message = json.loads(socket.recv(WAIT_SECONDS))
        if message["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
            continue
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            yield message["content"]["text"]
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return


@pytest.fixture
def bucket(tmp_path, test_home):
    """The platform's home, with the engines that tests share and a bucket."""
    folder = tmp_path / "home" / "buckets" / "pets" / "data"
    folder.mkdir(parents=True)
    (folder / "cat.jpg").write_bytes(b"cat")
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")


@pytest.fixture
def desk(bucket, platform, live):
    desk = Desk(platform, live)
    yield desk
    if desk.now().goes_on:
        runs.stop(platform, desk.who.workspace_id, desk.now().run.id, now=True)
        desk.wait_for("STOPPED")
    desk.work.close()


@pytest.mark.engine("jupyterlab")
@pytest.mark.engine(NEW)
@pytest.mark.engine(OLD)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_kernels_of_two_pythons_work_side_by_side_and_the_files_stay(desk):
    home.tell_where(desk.ctx.settings.home, f"http://{desk.host}")  # as `maquette up` does
    desk.open(Wanted("bench", image=f"{NEW}&{OLD}"))
    assert desk.ask("GET", "lab")[0] == 200
    status, told = desk.ask("GET", "api/kernelspecs")
    assert (status, sorted(json.loads(told)["kernelspecs"])) == (200, ["sklearn-0.22.1-py3.7", "sklearn-1.9.1-py3.11"])
    place = "/home/ma-user/work"
    assert desk.run("sklearn-1.9.1-py3.11", CODE).strip() == f"(3, 11) 1.9.1 ['cat.jpg'] {place}"
    assert desk.run("sklearn-0.22.1-py3.7", CODE).strip() == f"(3, 7) 0.22.1 ['cat.jpg'] {place}"
    assert [desk.run(kernel, JOBS).strip() for kernel in ("sklearn-1.9.1-py3.11", "sklearn-0.22.1-py3.7")] == ["0", "0"]
    installed = desk.run("sklearn-1.9.1-py3.11", "import sys; print('ipykernel' in sys.modules, sys.prefix)")
    assert installed.split()[0] == "True"
    assert desk.run("sklearn-0.22.1-py3.7", PIP).strip() == "/opt/maquette/site/sklearn-0.22.1-py3.7"
    assert desk.ask("PUT", "api/contents/note.txt", {"type": "file", "format": "text", "content": "mine"})[0] == 201
    before = served.prefix(desk.ctx, desk.now().run)
    desk.stop()
    actions.start(desk.ctx, desk.who, desk.now())
    desk.wait_for("RUNNING")
    assert served.prefix(desk.ctx, desk.now().run) != before
    desk.cookies.clear()
    assert json.loads(desk.ask("GET", "api/contents/note.txt")[1])["content"] == "mine"


@pytest.mark.engine(NEW)
def test_the_engine_itself_stays_without_ipython(engine_python):
    done = subprocess.run([engine_python(NEW), "-c", "import ipykernel"], capture_output=True)
    assert done.returncode != 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ones_own_python_needs_ipykernel_and_is_told_how_to_get_it(platform, tmp_path):
    subprocess.run(["python3", "-m", "venv", "--without-pip", str(tmp_path / "own")], check=True)
    platform.engines.add("mine", tmp_path / "own" / "bin" / "python")
    with pytest.raises(Exception, match=r"pip install ipykernel"):
        kernels.make_kernels(platform, ["mine"], lambda line: None)
