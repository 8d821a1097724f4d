"""What the server says of its calls is whole."""

import re

import pytest

from maquette.server import make_routes

METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}


@pytest.fixture
def document(platform):
    return make_routes(platform).openapi()


@pytest.fixture
def calls(document):
    return [
        (path, one) for path, methods in document["paths"].items() for name, one in methods.items() if name in METHODS
    ]


def test_every_parameter_of_every_path_is_declared_once(calls):
    assert len(calls) > 150
    for path, call in calls:
        declared = [one["name"] for one in call["parameters"] if one["in"] == "path"]
        assert sorted(declared) == sorted(re.findall(r"\{(\w+)", path)), path
        assert all(one["required"] for one in call["parameters"] if one["in"] == "path")


def test_errors_are_declared_as_they_are(client, document, calls):
    answer = client().get("/maquette/none/access-keys")
    declared = document["components"]["schemas"]["Refusal"]
    assert set(declared["required"]) <= set(answer.json()) <= set(declared["properties"])
    assert all("422" not in call["responses"] and "default" in call["responses"] for _, call in calls)


def test_every_name_that_is_referred_to_is_there(document):
    wanted = set(re.findall(r"#/components/schemas/([^']+)'", str(document)))
    assert wanted <= set(document["components"]["schemas"])


def test_whoever_asks_gets_it(client, document):
    assert client().get("/maquette/openapi.json").json()["paths"].keys() == document["paths"].keys()
