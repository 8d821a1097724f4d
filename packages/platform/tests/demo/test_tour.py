"""What the guided tour asks the server for: a bucket of digits, and how it stands."""

import pytest
from starlette.testclient import TestClient

from maquette.demo import tour
from maquette.kernel.errors import NotFound, Refused
from maquette.kernel.identity import Role
from maquette.server import make_app
from maquette.workspaces import actions, sessions

PASSWORD = "correct horse"


@pytest.fixture
def database_url(tmp_path):
    """What is asked here is the same on every database."""
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def owner(platform):
    return sessions.sign_in_by_link(platform, actions.owner_link(platform), PASSWORD)


def test_the_bucket_is_filled_with_digits_code_and_pictures_that_are_kept_back(platform, owner):
    before = tour.standing(platform, owner.workspace_id)
    assert (before.filled, before.unseen) == (False, ())
    after = tour.fill(platform, owner.workspace_id)
    assert after.filled and len(after.unseen) == 10
    keys = all_keys(platform.store, after.bucket)
    assert sum(key.startswith("images/") for key in keys) == 1347
    assert {key.split("/")[1] for key in keys if key.startswith("images/")} == set("0123456789")
    code = {"config.json", "customize_service.py", "network.py", "train.py"}
    assert {key for key in keys if key.startswith("code/")} == {f"code/{name}" for name in code}
    assert platform.store.head(after.bucket, after.unseen[0]).content_type == "image/png"


def test_what_was_left_half_is_filled_again(platform, owner):
    first = tour.fill(platform, owner.workspace_id)
    platform.store.delete(first.bucket, "code/train.py")
    assert not tour.standing(platform, owner.workspace_id).filled
    assert tour.fill(platform, owner.workspace_id) == first


def test_a_bucket_that_another_workspace_has_is_left_alone(platform, owner, monkeypatch):
    monkeypatch.setattr(tour, "bucket_of", lambda workspace_id: "digits-tour")
    who = sessions.who_has(platform, owner.ticket, "session")
    theirs = actions.make_workspace(platform, who, "elsewhere")
    tour.fill(platform, theirs.id)
    with pytest.raises(Refused):
        tour.fill(platform, owner.workspace_id)


def test_who_may_only_look_fills_no_bucket(platform, owner):
    _, link = actions.make_user(platform, "ana", owner.workspace_id, Role.VIEWER)
    sessions.sign_in_by_link(platform, link, PASSWORD)
    with TestClient(make_app(platform), "http://127.0.0.1") as client:
        client.headers["x-auth-token"] = sessions.sign_in(platform, "ana", PASSWORD, "token").ticket
        path = f"/maquette/{owner.workspace_id}/tour"
        assert client.get(path).json()["name"] == "digits-tour"
        assert client.post(path).status_code == 403
    with pytest.raises(NotFound):
        platform.store.head(tour.bucket_of(owner.workspace_id), "code/train.py")


def all_keys(store, bucket):
    found, after = [], ""
    while page := store.list(bucket, after=after).objects:
        found += [one.key for one in page]
        after = found[-1]
    return found
