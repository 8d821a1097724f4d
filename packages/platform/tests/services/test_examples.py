"""Sample requests and curl lines of declared apis."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.models.domain import FORM, JSON, Api, Body, Config, Package
from maquette.services.examples import curl, sample, takes_form, usual_api

JSON_LINE = "curl -H 'Content-Type: application/json' -d {} URL"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}, {"a": "", "b": 0}),
        ({"type": "array", "items": {"type": "number"}}, [0.0]),
        ({"type": "array", "items": [{"type": "boolean"}]}, [False]),
        ({"type": "array", "item": {"type": "string", "default": "x"}}, ["x"]),
        ({"type": "array"}, []),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "number", "minimum": "low"}, 0.0),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "object"}, {}),
        ({"type": "string", "example": "hello"}, "hello"),
        ([], {}),
        (None, {}),
        ("nonsense", {}),
    ],
)
def test_a_sample_fits_its_schema_however_sloppy_that_is(schema, value):
    assert sample(schema) == value


def test_a_schema_without_end_has_a_sample_all_the_same():
    endless = {"type": "object", "properties": {}}
    endless["properties"]["again"] = endless
    assert "again" in sample(endless)


def api(content_type="application/json", **properties):
    schema = {"type": "object", "properties": properties} if properties else {}
    return Api(request=Body(content_type, schema))


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        (api(FORM, images={"type": "file"}), "curl -F images=@FILE URL"),
        (api("application/json", images={"type": "file"}), "curl -F images=@FILE URL"),
        (api(FORM, image={"type": "file"}, mask={"default": "1 2"}), "curl -F image=@FILE -F 'mask=1 2' URL"),
        (api(FORM, image={"type": "file"}, mask={}), "curl -F image=@FILE -F mask= URL"),
        (api(text={"type": "string", "default": "it's"}),
         """curl -H 'Content-Type: application/json' -d '{"text": "it'"'"'s"}' URL"""),
    ],
)  # fmt: skip
def test_the_curl_line_calls_what_is_declared(declared, line):
    assert curl("URL", declared) == line


ROWS = """curl -H 'Content-Type: application/json' -d '{"data": {"req_data": [{}]}}' URL"""


@pytest.mark.parametrize(
    ("model_type", "declared", "line"),
    [
        ("PyTorch", api(), "curl -F images=@FILE URL"),
        ("PyTorch", api(FORM), "curl -F images=@FILE URL"),
        ("PyTorch", Api(request=Body(JSON, {"type": "object"})), "curl -F images=@FILE URL"),
        ("PyTorch", Api(request=Body(JSON, {"items": {"type": "integer"}})), JSON_LINE.format("'[0]'")),
        ("PyTorch", api(text={"type": "string"}), JSON_LINE.format('\'{"text": ""}\'')),
        ("XGBoost", api(), ROWS),
        ("Spark_MLlib", Api(request=Body(JSON, {"type": "object"})), ROWS),
    ],
)
def test_where_nothing_is_declared_the_line_is_that_of_such_packages(model_type, declared, line):
    package = Package(Path("/p"), Config(apis=(declared,)), model_type, None, "")
    assert curl("URL", usual_api(package)) == line


def test_a_declared_file_makes_a_form_whatever_the_content_type():
    assert takes_form(api(images={"type": "file"}))
    assert not takes_form(api(text={"type": "string"}))
