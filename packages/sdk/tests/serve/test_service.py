"""What an answer may hold."""

from __future__ import annotations

import json
import sys
from collections import OrderedDict, namedtuple

import pytest


@pytest.fixture
def dumps(monkeypatch):
    from maquette_sdk.serve import protocol

    monkeypatch.syspath_prepend(protocol.__file__.replace("serve/protocol.py", "names"))
    from maquette_sdk.serve.service import dumps

    return dumps


class Array:
    """What arrays and tensors have in common."""

    def __init__(self, values):
        self.values = values

    def tolist(self):
        return self.values


class Number:
    def __init__(self, value):
        self.value = value

    def numpy(self):
        return Array(self.value)


class Odd:
    tolist = None


VALUES = [
    ({"a": [1, 2.5, None, True, "中"]}, '{"a": [1, 2.5, null, true, "中"]}'),
    (OrderedDict(b=1, a=2), '{"b": 1, "a": 2}'),
    (namedtuple("Point", "x y")(1, 2), "[1, 2]"),
    ((1, (2, 3)), "[1, [2, 3]]"),
    ({1: "a", None: "b", 2.5: "c", False: "d"}, '{"1": "a", "null": "b", "2.5": "c", "false": "d"}'),
    ([float("nan"), float("inf")], "[NaN, Infinity]"),
    (Array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
    ({"deep": [{"x": Number(0.5)}]}, '{"deep": [{"x": 0.5}]}'),
    ({Array("key"): {Array(7): 1}}, '{"key": {"7": 1}}'),
    ("text", '"text"'),
    (None, "null"),
    ("\ud800", '"\\ud800"'),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_it_is_json_in_utf8(dumps, value, text):
    assert dumps(value) == text.encode()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"bytes", "send them as base64"),
        ({"a": bytearray(b"x")}, "send them as base64"),
        ([memoryview(b"x")], "send them as base64"),
        (Array([b"x"]), "send them as base64"),
        ({1, 2}, "The answer holds a set, which JSON cannot"),
        (Odd(), "The answer holds a Odd, which JSON cannot"),
        ({b"key": 1}, "send them as base64"),
        ({(1, 2): 1}, "The answer holds a tuple, which JSON cannot"),
        ((number for number in [1]), "The answer holds a generator"),
    ],
)
def test_what_json_cannot_hold_is_named(dumps, value, told):
    with pytest.raises(TypeError, match=told):
        dumps(value)


def test_an_array_that_gives_itself_ends(dumps):
    endless = Array(None)
    endless.values = endless
    with pytest.raises((ValueError, RecursionError)):
        dumps(endless)


def test_an_answer_as_deep_as_python_goes_is_still_json(dumps):
    value: list = []
    for _ in range(sys.getrecursionlimit() // 3):
        value = [value]
    assert json.loads(dumps(value)) == value
