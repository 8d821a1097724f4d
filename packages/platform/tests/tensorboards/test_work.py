"""TensorBoard itself, in its sandbox and behind the server."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from maquette.runs import actions as runs
from maquette.runs import served
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.server import make_app
from maquette.tensorboards import actions
from maquette.worker import KINDS
from maquette.workspaces import actions as workspaces
from maquette.workspaces import sessions

PASSWORD = "correct horse"
WAIT_SECONDS = 300
WRITE = """
import sys
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

writer = EventFileWriter(sys.argv[1])
for step in range(10):
    value = Summary.Value(tag="loss", simple_value=1 / (step + 1))
    writer.add_event(Event(step=step, wall_time=step, summary=Summary(value=[value])))
writer.close()
"""


@pytest.fixture
def logs(tmp_path, test_home, engine_python):
    """The home of the platform, with the engines that tests share and a run's events in a bucket."""
    folder = tmp_path / "home" / "buckets" / "pets" / "output" / "V0001"
    folder.mkdir(parents=True)
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")
    script = [engine_python("tensorboard"), "-c", WRITE, str(folder)]
    subprocess.run(script, check=True, capture_output=True)
    return folder


@pytest.fixture
def who(logs, platform):
    opened = sessions.sign_in_by_link(platform, workspaces.owner_link(platform), PASSWORD)
    token = sessions.sign_in(platform, opened.user_name, PASSWORD, "token").ticket
    return token, sessions.who_has(platform, token, "token")


@pytest.fixture
def board(platform, who):
    return actions.create(platform, who[1], "curves", "obs://pets/output/V0001/")


@pytest.fixture
def now(platform, board):
    """`now()` is its run as it stands."""
    return lambda: actions.find(platform, board.workspace_id, board.id).run


@pytest.fixture
def until(platform, now):
    """`until(happened)` lets a worker work until it has; the run is stopped at the end."""
    work = Work(platform, KINDS, this_worker(platform))

    def wait(happened):
        deadline = time.monotonic() + WAIT_SECONDS
        while not happened():
            assert time.monotonic() < deadline, "it did not happen in time"
            work.step()
            time.sleep(0.05)

    yield wait
    runs.stop(platform, now().workspace_id, now().id, now=True)
    wait(lambda: now().settled)
    work.close()


@pytest.mark.engine("tensorboard")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_curves_of_a_bucket_are_shown_on_a_socket_that_nobody_else_reaches(platform, who, board, now, until):
    until(lambda: now().ready)
    with TestClient(make_app(platform), "http://127.0.0.1", headers={"x-auth-token": who[0]}) as client:
        path = served.prefix(platform, now())
        assert "<tb-webapp>" in client.get(path).text
        assert client.get(f"{path}data/runs").json() == ["."]
        points = client.get(f"{path}data/plugin/scalars/scalars", params={"run": ".", "tag": "loss"}).json()
        assert [point[1] for point in points] == list(range(10))
        assert client.get(f"{path}data/logdir").json()["logdir"].endswith("/pets/output/V0001/")
    socket = Path(now().address)
    assert socket.parent.stat().st_mode & 0o077 == 0
    assert listening_ports(now(), platform) == []
    actions.stop(platform, board)
    until(lambda: now().settled)
    assert (str(now().state), socket.parent.exists()) == ("stopped", False)


def listening_ports(run, ctx):
    """Of the run's own processes."""
    folder = runs.folder_of(ctx, run.id, run.tries).path
    supervisor = json.loads((folder / "supervisor.json").read_text())["pid"]
    mine = {pid for pid in all_pids() if supervisor in ancestors(pid)}
    inodes = {link.split("[")[1][:-1] for pid in mine for link in links_of(pid) if link.startswith("socket:[")}
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return [line[1] for line in lines if line[3] == "0A" and line[9] in inodes]


def all_pids():
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def ancestors(pid):
    while pid > 1:
        yield pid
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return


def links_of(pid):
    try:
        return [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []
