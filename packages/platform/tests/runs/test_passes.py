"""A run's own way to the server: what it opens, for whom, and for how long."""

import pytest
from sqlalchemy import delete, update
from starlette.testclient import TestClient

from maquette.kernel import home
from maquette.kernel.identity import Role
from maquette.runs import actions, passes
from maquette.runs.domain import Order, State
from maquette.runs.table import runs
from maquette.server import make_app
from maquette.workspaces import actions as workspaces
from maquette.workspaces.table import members, users


@pytest.fixture
def maker(platform):
    """The first user and their workspace."""
    return workspaces.owner_of_all(platform)


@pytest.fixture
def run(platform, maker):
    """A run of theirs that goes on."""
    user, workspace = maker
    with platform.database.write() as rows:
        id = actions.submit(platform, rows, Order(workspace, "training", "subject", "one", created_by=user))
    put(platform, runs, runs.c.id == id, state=State.RUNNING)
    return actions.find(platform, workspace, id)


@pytest.fixture
def ask(platform, run):
    """`ask(path)` with the run's pass, or another token, gives the status."""
    with TestClient(make_app(platform), "http://127.0.0.1", raise_server_exceptions=False) as client:

        def ask(path="/v1/{}/training-jobs", method="GET", token=None, body=None):
            shown = passes.pass_of(platform, run.workspace_id, run.id) if token is None else token
            path = path.format(run.workspace_id)
            return client.request(method, path, headers={"x-auth-token": shown}, json=body).status_code

        yield ask


def put(platform, table, where, **values):
    with platform.database.write() as rows:
        rows.execute(update(table).where(where).values(**values))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/{}/training-jobs", 200),
        ("/v1/{}/job/resource-specs", 200),
        ("/v1/{}/training-job-configs", 200),
        ("/v1/{}/visualization-jobs", 200),
        ("/v2/{}/algorithms", 200),
        ("/v1/{}/models", 200),
        ("/v1/{}/services", 200),
        ("/maquette/{}/services/nobody/statistics", 404),
        ("/v1/another/training-jobs", 401),
        ("/v1/another/services", 401),
        ("/maquette/{}/metrics", 401),
        ("/v1/{}/workspaces", 401),
        ("/maquette/{}/access-keys", 401),
        ("/maquette/{}/users", 401),
        ("/v3/projects", 401),
        ("/v1/{}/notebooks", 401),
    ],
)
def test_a_pass_opens_training_models_and_services_in_its_workspace_and_nothing_else(ask, path, status):
    assert ask(path) == status


def test_a_pass_opens_no_bucket(ask):
    assert ask("/obs/") in (401, 403)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.rpartition(".")[0],
        lambda token: token + ".x",
        lambda token: "run.",
        lambda token: "run.a.b.c",
        lambda token: token.replace("run.", "run.x", 1),
    ],
)
def test_a_pass_that_is_none_opens_nothing(platform, run, ask, change):
    assert ask(token=change(passes.pass_of(platform, run.workspace_id, run.id))) == 401


def test_a_pass_names_its_workspace_in_its_proof(platform, run, ask):
    """Else one could be turned into another's."""
    other = passes.pass_of(platform, run.workspace_id, "another")
    assert ask(token=other) == 401
    assert passes.pass_of(platform, "a.b", "c") == passes.pass_of(platform, "a", "b.c")
    assert ask(token=passes.pass_of(platform, "a.b", "c")) == 401


@pytest.mark.parametrize(
    ("state", "status"),
    [("queued", 401), ("preparing", 200), ("running", 200), ("succeeded", 401), ("failed", 401), ("stopped", 401)],
)
def test_a_pass_lives_as_long_as_its_run(platform, run, ask, state, status):
    put(platform, runs, runs.c.id == run.id, state=state)
    assert ask() == status


def test_a_run_that_has_gone_opens_nothing(platform, run, ask):
    with platform.database.write() as rows:
        rows.execute(delete(runs).where(runs.c.id == run.id))
    assert ask() == 401


def test_a_pass_may_no_more_than_who_made_the_run(platform, maker, run, ask):
    user, _ = maker
    body = {"job_name": "one", "config": {"create_version": False}}
    assert ask(method="POST", body=body) == 200
    put(platform, members, members.c.user_id == user, role=Role.VIEWER)
    assert ask(method="POST", body=body | {"job_name": "two"}) == 403
    assert ask() == 200
    put(platform, users, users.c.id == user, disabled=True)
    assert ask() == 401


def test_who_left_the_workspace_has_left_it_with_their_runs(platform, maker, run, ask):
    user, _ = maker
    with platform.database.write() as rows:
        rows.execute(delete(members).where(members.c.user_id == user))
    assert ask() == 401


def test_the_way_is_told_where_a_server_has_told_its_address(platform, run):
    assert passes.way_to_server(platform, run) == {}
    home.tell_where(platform.settings.home, "http://127.0.0.1:7788")
    assert passes.way_to_server(platform, run) == {
        "MAQUETTE_URL": "http://127.0.0.1:7788",
        "MAQUETTE_PROJECT_ID": run.workspace_id,
        "MAQUETTE_TOKEN": passes.pass_of(platform, run.workspace_id, run.id),
    }
