"""Clients of the server's routes: a browser that is signed in, and programs with tokens and keys."""

import pytest
from starlette.testclient import TestClient

from maquette.kernel.identity import Role
from maquette.server import make_app
from maquette.workspaces import actions, keys, sessions

PASSWORD = "correct horse"


@pytest.fixture
def app(platform):
    return make_app(platform)


@pytest.fixture
def client(app):
    """`client()` is a client that nobody knows; keyword arguments are its headers."""
    opened = []

    def make(**headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        opened.append(TestClient(app, "http://127.0.0.1", headers=named, raise_server_exceptions=False))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def owner(platform):
    """The first user, with a password: their id, name and workspace."""
    return sessions.sign_in_by_link(platform, actions.owner_link(platform), PASSWORD)


@pytest.fixture
def project(owner):
    return owner.workspace_id


@pytest.fixture
def browser(client, owner):
    """The owner's browser; its changes carry the change token."""
    one = client()
    assert one.post("/maquette/session", json={"name": owner.user_name, "password": PASSWORD}).status_code == 204
    one.headers["x-change-token"] = one.get("/maquette/session").json()["change_token"]
    return one


@pytest.fixture
def token(platform, owner):
    """`token(role)` is a token of somebody with this role in the first workspace."""

    def make(role, workspace_id=None):
        name = f"{role.word}-{len(actions.list_users(platform))}"
        _, link = actions.make_user(platform, name, workspace_id or owner.workspace_id, role)
        sessions.sign_in_by_link(platform, link, PASSWORD)
        return sessions.sign_in(platform, name, PASSWORD, "token").ticket

    return make


@pytest.fixture
def stranger(platform, owner):
    """A token of the owner of another workspace."""
    user, link = actions.make_user(platform, "stranger", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    who = sessions.who_has(platform, sessions.sign_in(platform, "stranger", PASSWORD, "token").ticket, "token")
    other = actions.make_workspace(platform, who, "elsewhere")
    actions.remove_member(platform, owner.workspace_id, user.id)
    return sessions.sign_in(platform, "stranger", PASSWORD, "token", other.id)


@pytest.fixture
def key(platform, owner):
    """(access key, secret) of the owner."""
    made, secret = keys.make_key(platform, owner.user_id, owner.workspace_id)
    return made.access, secret
