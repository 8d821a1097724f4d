"""Engines made ahead of need: a run that tells how far it is and what has come to be in it."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from maquette import wiring, worker
from maquette.kernel.errors import BadInput, Conflict
from maquette.kernel.identity import Role
from maquette.kernel.settings import Home, Settings
from maquette.training import preparing
from maquette.workspaces import actions, sessions

ENGINE = "sklearn-1.9.1"
PASSWORD = "correct horse"
PATIENCE = 180.0


@pytest.fixture
def clock():
    return time.time


@pytest.fixture
def database_url(tmp_path, engines_at_hand):
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def working(platform):
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


def await_settled(project, name):
    deadline = time.monotonic() + PATIENCE
    while not (found := preparing.find(project.ctx, name)).run.settled:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_an_engine_is_made_and_tells_what_is_in_it(working, project):
    told = project.good("POST", f"engines/{ENGINE}/preparation", version="maquette")
    assert told["state"] == "queued"
    found = await_settled(project, ENGINE)
    assert found.run.state == "succeeded", found
    assert any(line.startswith("Python 3.") for line in found.lines)
    assert any(line.startswith("scikit-learn==") for line in found.lines)
    told = project.good("GET", f"engines/{ENGINE}/preparation", version="maquette")
    assert (told["state"], told["over"]) == ("succeeded", True)
    engines = {one["engine"]: one for one in project.good("GET", "engines", version="maquette")["engines"]}
    assert engines[ENGINE]["making"] == "succeeded"
    assert engines["pytorch-2.13.0"]["making"] is None


def test_it_is_made_once_at_a_time_and_may_be_stopped_and_made_again(project):
    preparing.start(project.ctx, project.who, ENGINE)
    with pytest.raises(Conflict):
        preparing.start(project.ctx, project.who, ENGINE)
    assert project.call("DELETE", f"engines/{ENGINE}/preparation", version="maquette")[0] == 204
    assert preparing.find(project.ctx, ENGINE).run.state == "stopped"
    again = preparing.start(project.ctx, project.who, ENGINE)
    assert again.run.state == "queued"
    assert len(preparing.earlier(project.ctx, ENGINE)) == 1


@pytest.mark.parametrize("name", ["no-such-engine", "x" * 60])
def test_what_cannot_be_made_is_refused_with_its_field(project, name):
    with pytest.raises(BadInput) as refused:
        preparing.start(project.ctx, project.who, name)
    assert refused.value.parameters["field"] == "engine"


def test_an_interpreter_of_ones_own_is_used_as_it_is(project, tmp_path):
    engines = wiring.engines(Settings(Home(tmp_path / "other")))
    engines.add("mine", Path(sys.executable))
    with pytest.raises(BadInput):
        preparing.start(replace(project.ctx, engines=engines), project.who, "mine")


def test_administrators_alone_have_engines_made(project):
    _, link = actions.make_user(project.ctx, "ana", project.who.workspace_id, Role.OWNER)
    sessions.sign_in_by_link(project.ctx, link, PASSWORD)
    project.client.headers["x-auth-token"] = sessions.sign_in(project.ctx, "ana", PASSWORD, "token").ticket
    for method in ("POST", "DELETE"):
        assert project.call(method, f"engines/{ENGINE}/preparation", version="maquette")[0] == 403
    assert project.call("GET", f"engines/{ENGINE}/preparation", version="maquette")[0] == 404
