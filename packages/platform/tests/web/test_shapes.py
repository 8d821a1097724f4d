"""Bodies and parameters of another shape than the call's: each is told with its field, as a sentence."""

import json
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.testclient import TestClient

from maquette.web.door import Body, make_door, open_to_all


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(Body):
    size: Annotated[float, Field(gt=0, lt=9, allow_inf_nan=False)] = 1


class Thing(Body):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=4)]
    code: Annotated[str, Field(min_length=3, pattern="^[a-z]+$")] = "abc"
    count: Annotated[int, Field(ge=1, le=5)] = 1
    step: Annotated[int, Field(multiple_of=4)] = 4
    ready: bool = True
    parts: Annotated[list[Part], Field(min_length=1, max_length=2)] = Field(default=[Part()])
    colour: Colour = Colour.RED
    order: Literal["asc", "desc"] = "asc"
    places: dict[str, int] = Field(default={})
    things: Annotated[list[int], Field(min_length=2)] = Field(default=[1, 2])
    nothing: None = None


router = APIRouter()


@router.post("/things", dependencies=[open_to_all])
def make(body: Thing, limit: Annotated[int, Query(le=10)] = 1) -> dict[str, str]:
    return {"name": body.name}


@pytest.fixture
def call():
    client = TestClient(make_door([router], lambda request, body: None))

    def call(body, query=""):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(f"/things{query}", content=content, headers={"content-type": "application/json"})

    return call


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ({"name": 1}, "kind", "'name' has to be a text."),
        ({"name": None}, "kind", "'name' has to be a text."),
        ({"name": ""}, "empty", "'name' is empty. Fill it in."),
        ({"name": "a" * 5}, "long", "'name' has at most 4 characters."),
        ({"name": "a\0"}, "not_kept", "'name' holds a character that cannot be kept."),
        ({"code": "a"}, "short", "'code' needs at least 3 characters."),
        ({"code": "ABC"}, "form", "'code' has another form than ^[a-z]+$."),
        ({"count": "x"}, "kind", "'count' has to be a whole number."),
        ({"count": 1.5}, "kind", "'count' has to be a whole number."),
        ({"count": []}, "kind", "'count' has to be a whole number."),
        ({"count": 0}, "at_least", "'count' has to be at least 1."),
        ({"count": 6}, "at_most", "'count' has to be at most 5."),
        ({"count": "9" * 5000}, "too_large", "'count' is larger than any number that is kept here."),
        ({"step": 3}, "multiple", "'step' has to be a multiple of 4."),
        ({"ready": "perhaps"}, "kind", "'ready' has to be true or false."),
        ({"ready": {}}, "kind", "'ready' has to be true or false."),
        ({"parts": {}}, "kind", "'parts' has to be a list."),
        ({"parts": []}, "empty", "'parts' is empty. Fill it in."),
        ({"parts": [{}] * 3}, "many", "'parts' has at most 2 entries."),
        ({"parts": [3]}, "kind", "'parts.0' has to be an object."),
        ({"parts": [{"size": "x"}]}, "kind", "'parts.0.size' has to be a number."),
        ({"parts": [{}, {"size": 0}]}, "above", "'parts.1.size' has to be greater than 0.0."),
        ({"parts": [{"size": 9}]}, "below", "'parts.0.size' has to be less than 9.0."),
        ({"parts": [{"size": "nan"}]}, "finite", "'parts.0.size' has to be a finite number."),
        ({"things": [1]}, "few", "'things' needs at least 2 entries."),
        ({"colour": "green"}, "choice", "'colour' is one of 'red', 'blue'."),
        ({"order": "up"}, "choice", "'order' is one of 'asc', 'desc'."),
        ({"places": []}, "kind", "'places' has to be an object."),
        ({"places": {"a": "x"}}, "kind", "'places.a' has to be a whole number."),
        ({"nothing": 1}, "kind", "'nothing' has to be null."),
        ({"colours": 1}, "not_taken", "'colours' is nothing that this call takes. Leave it out."),
    ],
)
def test_what_is_wrong_is_told_with_its_field_in_a_sentence_of_ours(call, wrong, code, told):
    answer = call({"name": "a", **wrong})
    body = answer.json()
    assert (answer.status_code, body["code"], body["error_msg"]) == (400, "bad_input", told)
    assert body["told"]["code"] == f"calls.{code}"
    assert told.startswith(f"'{body['parameters']['field']}'")


@pytest.mark.parametrize(
    ("content", "field", "code", "told"),
    [
        (b"", "body", "no_body", "This call needs a body in JSON."),
        (b"{}", "name", "missing", "'name' is missing."),
        (b"[]", "body", "kind", "'body' has to be an object."),
        (b'{"name": ', "body", "no_json", "The body is no JSON from its character 9 on: Expecting value."),
        (b"{'name': 1}", "body", "no_json", "The body is no JSON from its character 1 on: "
         "Expecting property name enclosed in double quotes."),
    ],
)  # fmt: skip
def test_a_body_that_is_none(call, content, field, code, told):
    answer = call(content)
    body = answer.json()
    assert (answer.status_code, body["parameters"], body["error_msg"]) == (400, {"field": field}, told)
    assert body["told"]["code"] == f"calls.{code}"


def test_a_parameter_of_the_address(call):
    body = call({"name": "a"}, "?limit=11").json()
    assert (body["error_msg"], body["parameters"]) == ("'limit' has to be at most 10.", {"field": "limit"})
