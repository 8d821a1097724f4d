"""A model's package as a zip, and the check of a candidate, over HTTP."""

import io
import zipfile

import pytest

from maquette.kernel.identity import Role
from maquette.workspaces import actions, keys, sessions
from maquette_sdk.client import Client, MaquetteError

from .test_dialect import SERVICE, client, clock, database_url, published  # noqa: F401 -- fixtures

PATH = "/v1/{project_id}/models"
CHECK = "/maquette/{project_id}/models/check"


@pytest.fixture
def looker(platform, live, client):  # noqa: F811
    """Somebody who may only look."""
    user, link = actions.make_user(platform, "ana", actions.owner_of_all(platform)[1], Role.VIEWER)
    sessions.sign_in_by_link(platform, link, "correct horse")
    made, secret = keys.make_key(platform, user.id, actions.owner_of_all(platform)[1])
    with Client(live.url, made.access, secret) as one:
        yield one


def made_model(client, name="flowers", **fields):  # noqa: F811
    body = {"model_name": name, "model_type": "PyTorch", "source_location": "/pets/out/", **fields}
    return published(client, client.calls.json("POST", PATH, body)["model_id"])


def ask(client, id):  # noqa: F811
    with client.calls.open("GET", f"/maquette/{client.calls.project_id}/models/{id}/package") as answer:
        return answer.headers, answer.read()


def test_whoever_may_look_gets_the_package_whole(client, looker):  # noqa: F811
    model = made_model(client, "花")
    headers, body = ask(looker, model["model_id"])
    assert int(headers["content-length"]) == len(body)
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%8A%B1-0.0.1.zip"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.read("model/flowers.pth") == b"weights"
        assert archive.read("model/customize_service.py").decode() == SERVICE
        assert "model/config.json" in archive.namelist()


def test_what_was_downloaded_can_be_imported_again(client):  # noqa: F811
    first = made_model(client)
    client.objects.write("obs://pets/again.zip", ask(client, first["model_id"])[1])
    again = made_model(client, source_location="/pets/again.zip", model_type=None)
    assert (again["model_version"], again["model_status"], again["error"]) == ("0.0.2", "published", "")


@pytest.mark.parametrize(("id", "status"), [("none", 404), (None, 409)])
def test_a_model_that_is_not_there_has_no_package(client, id, status):  # noqa: F811
    client.objects.write("obs://pets/bad/customize_service.py", b"class (:")
    failed = made_model(client, "bad", source_location="/pets/bad/")
    assert failed["model_status"] == "failed"
    with pytest.raises(MaquetteError) as caught:
        ask(client, id or failed["model_id"])
    assert caught.value.status == status


def test_a_candidate_is_checked_by_those_who_may_import(client, looker):  # noqa: F811
    query = {"source_location": "/pets/out/", "model_type": "PyTorch"}
    found = client.calls.json("GET", CHECK, query=query)
    assert (found["sound"], found["address"], found["files"]) == (True, "obs://pets/out/", 2)
    with pytest.raises(MaquetteError, match="needs the role member"):
        looker.calls.json("GET", CHECK, query=query)
    with pytest.raises(MaquetteError) as caught:
        client.calls.json("GET", CHECK, query={"source_location": "/pets/nowhere/"})
    assert (caught.value.status, caught.value.details["field"]) == (404, "source_location")


def test_the_pages_about_a_model_are_changed_and_stay_where_none_are_given(client):  # noqa: F811
    id = made_model(client)["model_id"]
    docs = [{"doc_name": "about", "doc_url": "https://flowers.example"}]
    client.calls.json("PUT", f"{PATH}/{id}", {"description": "roses", "tags": [{"key": "a"}], "model_docs": docs})
    client.calls.json("PUT", f"{PATH}/{id}", {"description": "tulips"})
    model = client.calls.json("GET", f"{PATH}/{id}")
    assert (model["description"], model["tags"], model["model_docs"]) == ("tulips", [], docs)
    for change in ({"model_docs": docs * 4}, {"tags": [{"key": str(one)} for one in range(6)]}):
        with pytest.raises(MaquetteError) as caught:
            client.calls.json("PUT", f"{PATH}/{id}", change)
        assert caught.value.details["field"] == next(iter(change))
