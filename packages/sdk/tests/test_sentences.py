"""Sentences that know what they are made of."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from maquette_sdk.sentences import Sentence, Sentences, as_json, read, several, told

say = Sentences(
    "tests", {"full": "The disk {path} is full.", "ended": "It has ended: {reason}", "braces": "Write {{…}}."}
)
FULL = say("full", path="/data")
FULL_JSON = {"code": "tests.full", "message": "The disk /data is full.", "parameters": {"path": "/data"}}


def test_a_sentence_is_a_text_and_knows_its_code_and_its_parameters() -> None:
    assert FULL == "The disk /data is full."
    assert (FULL.code, FULL.parameters) == ("tests.full", {"path": "/data"})
    assert say("braces") == "Write {…}."
    kept = copy.deepcopy(FULL)
    assert (kept, kept.code) == (FULL, FULL.code)


@pytest.mark.parametrize("code", ["unknown", ""])
def test_a_code_that_the_catalogue_does_not_have_is_a_mistake(code: str) -> None:
    with pytest.raises(KeyError):
        say(code)


def test_a_parameter_that_is_missing_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        say("full")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (FULL, FULL_JSON),
        (
            say("ended", reason=FULL),
            {"code": "tests.ended", "message": f"It has ended: {FULL}", "parameters": {"reason": FULL_JSON}},
        ),
        (
            several(FULL, "", "Plain."),
            {"code": "several", "message": f"{FULL} Plain.", "parameters": {"parts": [FULL_JSON, "Plain."]}},
        ),
        ("Plain.", None),
        (Sentence("Plain."), None),
        (several("", FULL), FULL_JSON),
        (several(), None),
    ],
)
def test_it_is_told_as_json_and_read_back(text: str, kept: Any) -> None:
    assert told(text) == kept
    again = read(json.loads(json.dumps(kept)) if kept else str(text))
    assert again == text
    assert told(again) == kept


def test_parameters_of_any_kind_become_json() -> None:
    error = OSError("no room")
    assert as_json({"one": 1, "none": None, "error": error, "list": (FULL, 2.5)}) == {
        "one": 1, "none": None, "error": "no room", "list": [FULL_JSON, 2.5],
    }  # fmt: skip


def test_nothing_is_read_as_an_empty_text() -> None:
    assert read(None) == ""
