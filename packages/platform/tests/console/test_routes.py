"""What the console asks the server for beside ModelArts' own calls."""

import pytest
from starlette.testclient import TestClient

from maquette.buckets.actions import Rights
from maquette.buckets.domain import Policy
from maquette.kernel.errors import NotFound
from maquette.kernel.identity import Role
from maquette.server import make_app
from maquette.workspaces import actions, sessions

PASSWORD = "correct horse"


@pytest.fixture
def client(platform, owner):
    with TestClient(make_app(platform), "http://127.0.0.1") as client:
        client.headers["x-auth-token"] = sessions.sign_in(platform, "admin", PASSWORD, "token").ticket
        yield client


def test_buckets_are_listed_with_who_may_read_them(platform, owner, client):
    bearer = {"x-auth-token": client.headers["x-auth-token"]}
    for name in ("pets", "open-pets"):
        assert client.put(f"/obs/{name}", headers=bearer).status_code == 200
    assert client.put("/obs/open-pets?acl", headers={**bearer, "x-amz-acl": "public-read"}).status_code == 200
    told = client.get(f"/maquette/{owner.workspace_id}/buckets").json()
    assert [(one["name"], one["policy"]) for one in told] == [("open-pets", "public-read"), ("pets", "private")]
    assert Rights(platform).of("open-pets").policy is Policy.PUBLIC_READ


def test_a_bucket_of_another_workspace_is_not_listed(platform, owner, client):
    who = sessions.who_has(platform, client.headers["x-auth-token"], "token")
    other = actions.make_workspace(platform, who, "elsewhere")
    token = sessions.sign_in(platform, "admin", PASSWORD, "token", other.id).ticket
    assert client.put("/obs/theirs", headers={"x-auth-token": token}).status_code == 200
    assert client.get(f"/maquette/{owner.workspace_id}/buckets").json() == []
    assert [one["name"] for one in client.get(
        f"/maquette/{other.id}/buckets", headers={"x-auth-token": token}
    ).json()] == ["theirs"]  # fmt: skip


def test_the_machines_use_stays_within_what_it_has(owner, client):
    told = client.get(f"/maquette/{owner.workspace_id}/machine/use").json()
    assert told["cores"] >= 1 and told["load"] >= 0
    assert 0 < told["free_memory_bytes"] <= told["memory_bytes"]
    assert 0 < told["free_disk_bytes"] <= told["disk_bytes"]


def test_engines_are_listed_with_what_making_one_takes(owner, client):
    told = client.get(f"/maquette/{owner.workspace_id}/engines").json()
    assert told["environments"] == []
    pytorch = next(one for one in told["engines"] if one["engine"].startswith("pytorch-2"))
    assert pytorch["framework"] and pytorch["versions"] and pytorch["disk_mb"] > pytorch["download_mb"] > 0


def test_an_environment_is_removed_by_administrators_alone(platform, owner, client):
    folder = platform.settings.home.engines / "pytorch-1.4.0-py3.7-abc"
    folder.mkdir(parents=True)
    path = f"/maquette/{owner.workspace_id}/engines"
    assert [one["name"] for one in client.get(path).json()["environments"]] == [folder.name]
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.OWNER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    token = sessions.sign_in(platform, "ana", PASSWORD, "token").ticket
    assert client.delete(f"{path}/{folder.name}", headers={"x-auth-token": token}).status_code == 403
    assert client.delete(f"{path}/none").status_code == 404
    assert client.delete(f"{path}/{folder.name}").status_code == 204
    assert not folder.exists()


def test_whoever_looks_for_jobs_has_changed_nothing(platform, owner, client):
    before = client.get(f"/maquette/{owner.workspace_id}/audit").json()
    for _ in range(3):
        assert client.post(f"/v2/{owner.workspace_id}/training-job-searches", json={}).status_code == 200
    assert client.get(f"/maquette/{owner.workspace_id}/audit").json() == before


def test_a_new_user_has_chosen_no_language_yet(platform, owner, client):
    user, _ = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    assert user.language == ""
    assert client.get("/maquette/session").json()["language"] == ""


def test_nobody_enters_a_workspace_of_others(platform, owner, client):
    user, link = actions.make_user(platform, "ana", owner.workspace_id, Role.OWNER)
    opened = sessions.sign_in_by_link(platform, link, PASSWORD)
    who = sessions.who_has(platform, opened.ticket, "session")
    theirs = actions.make_workspace(platform, who, "elsewhere")
    actions.remove_member(platform, owner.workspace_id, user.id)
    with pytest.raises(NotFound):
        sessions.enter_workspace(platform, opened.ticket, owner.user_id, theirs.id)
    for wanted in (owner.workspace_id, "default", "no such"):
        with pytest.raises(NotFound):
            sessions.enter_workspace(platform, opened.ticket, user.id, wanted)
    answer = client.put("/maquette/session/workspace", json={"workspace": theirs.id})
    assert (answer.status_code, answer.json()["parameters"]) == (404, {"workspace": theirs.id})
