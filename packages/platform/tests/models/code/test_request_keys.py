import ast

import pytest

from maquette.models.code.classes import ServiceClass
from maquette.models.code.request_keys import request_reads


def reads(body, name="_preprocess", arguments="self, data", more=""):
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    text = f"class S:\n    def {name}({arguments}):\n{lines}{more}"
    node = ast.parse(text).body[0]
    chain = (("customize_service.py", node),)
    service = ServiceClass("S", "customize_service.py", node, ("PTServingBaseService",), chain)
    found = request_reads(service)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("return data['images']", {"images"}),
        ("return data.get('size', 3), data.pop('k')", {"size", "k"}),
        ("if 'mask' in data:\n    return 1", {"mask"}),
        ("return [f for f in data['all'].items()]", {"all"}),
        ("import json\nbody = json.loads(data)\nreturn body['data']['req_data']", {"data"}),
        ("import json\ndata = json.loads(data.decode())\nreturn data['rows']", {"rows"}),
        ("import json\nreturn json.loads(data)['rows']", {"rows"}),
        ("other = data\nreturn other['a']", {"a"}),
        ("print(data)\nreturn float(data['a']) if 'a' in data else data['b']", {"a", "b"}),
        ("data['a'] = 1\nreturn data['b']", {"b"}),
        ("x = data['a']\ndata = []\nreturn data['not']", {"a"}),
    ],
)
def test_keys_that_are_named_are_read(body, keys):
    found = reads(body)
    assert set(found.keys) == keys
    assert not found.everything
    assert not found.elsewhere


@pytest.mark.parametrize(
    "body",
    [
        "for k, v in data.items():\n    pass",
        "for k in data:\n    pass",
        "return [v for v in data.values()]",
        "return {k: v for k, v in data.items()}",
        "return next(iter(data.values()))",
        "return data[self.key]",
        "return data.get(self.key)",
    ],
)
def test_loops_read_whatever_comes(body):
    assert reads(body).everything


@pytest.mark.parametrize(
    "body", ["return self.read(data)", "return data", "return [data]", "return dict(**data)", "yield data"]
)
def test_a_request_that_is_handed_on_is_not_followed(body):
    assert reads(body).elsewhere


def test_a_loop_that_looks_for_a_key_names_it():
    found = reads("for name, value in data.items():\n    if name == 'image' or name in ('a', 'b'):\n        pass")
    assert set(found.keys) == {"image", "a", "b"}
    assert found.everything


def test_the_argument_may_have_any_name():
    assert set(reads("return request['x']", arguments="self, request").keys) == {"x"}


def test_an_inference_of_its_own_is_read_instead_of_preprocess():
    more = "    def _preprocess(self, data):\n        return data['other']\n"
    assert set(reads("return data['x']", name="inference", more=more).keys) == {"x"}
    handing_on = reads("return self._preprocess(data)", name="inference", more=more)
    assert set(handing_on.keys) == {"other"}


def test_a_class_without_these_stages_says_nothing():
    assert reads("return 1", name="_postprocess") is None
