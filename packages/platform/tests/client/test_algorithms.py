"""Algorithms through `maquette_sdk.Client`."""

import pytest

import maquette_sdk
from maquette_sdk.client import Client, MaquetteError

BODY = {
    "metadata": {"name": "resnet", "description": "flowers"},
    "job_config": {
        "code_dir": "/pets/code/",
        "boot_file": "train.py",
        "engine": {"engine_id": "sklearn"},
        "parameters": [{"name": "lr", "value": "0.1", "constraint": {"type": "Float", "required": True}}],
    },
}


@pytest.fixture(autouse=True)
def code(client):
    client.buckets.make("pets")
    client.objects.write("obs://pets/code/train.py", b"print()")


def test_the_client_is_found_where_people_look_for_it():
    assert maquette_sdk.Client is Client
    with pytest.raises(AttributeError, match="Clients"):
        maquette_sdk.Clients  # noqa: B018


def test_an_algorithm_is_made_found_by_name_and_removed(client):
    made = client.algorithms.create(BODY)
    assert [one["metadata"]["name"] for one in client.algorithms.list("res")] == ["resnet"]
    assert client.algorithms.get("resnet")["metadata"]["id"] == made["metadata"]["id"]
    client.algorithms.delete(made["metadata"]["id"])
    assert client.algorithms.list() == []


def test_what_is_wrong_is_told_by_its_field(client):
    wrong = {**BODY, "job_config": {**BODY["job_config"], "boot_file": "../train.py"}}
    with pytest.raises(MaquetteError) as caught:
        client.algorithms.create(wrong)
    assert (caught.value.status, caught.value.details["field"]) == (400, "boot_file")
