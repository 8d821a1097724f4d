"""Sample requests and curl lines of declared apis."""

from __future__ import annotations

import pytest

from maquette.models.domain import FORM, Api, Body
from maquette.services.examples import curl, sample, takes_form


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
        (api(FORM), "curl -F images=@FILE URL"),
        (api(text={"type": "string", "default": "it's"}),
         """curl -H 'Content-Type: application/json' -d '{"text": "it'"'"'s"}' URL"""),
        (api(), "curl -H 'Content-Type: application/json' -d '{}' URL"),
    ],
)  # fmt: skip
def test_the_curl_line_calls_what_is_declared(declared, line):
    assert curl("URL", declared) == line


def test_a_declared_file_makes_a_form_whatever_the_content_type():
    assert takes_form(api(images={"type": "file"}))
    assert not takes_form(api(text={"type": "string"}))
