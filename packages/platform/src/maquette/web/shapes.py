"""What is wrong with the shape of a body or a parameter: pydantic's errors as sentences of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from maquette.web.sentences import say
from maquette_sdk.sentences import Sentence

BODY = "body"
KINDS = {
    "string": "text", "bytes": "text", "int": "whole_number", "float": "number", "decimal": "number", "bool": "flag",
    "list": "list", "tuple": "list", "set": "list", "dict": "object", "mapping": "object", "model": "object",
    "model_attributes": "object", "none": "null",
}  # fmt: skip
"""By what pydantic's names of such errors begin with."""
OF_KIND = re.compile(rf"({'|'.join(KINDS)})_(?:type|parsing|from_float|required|sub_type)")
BOUNDS = {
    "greater_than": ("above", "gt"), "greater_than_equal": ("at_least", "ge"), "less_than": ("below", "lt"),
    "less_than_equal": ("at_most", "le"),
}  # fmt: skip
SIZES = {
    "string_too_short": ("short", "least", "min_length"), "string_too_long": ("long", "most", "max_length"),
    "too_short": ("few", "least", "min_length"), "too_long": ("many", "most", "max_length"),
}  # fmt: skip
PLAIN = {"extra_forbidden": "not_taken", "finite_number": "finite", "int_parsing_size": "too_large"}


class NotKept(ValueError):
    """A text that no database keeps."""


def field_of(error: Mapping[str, Any]) -> str:
    """Where in the body it is, or which parameter; `body` for the whole of it."""
    if error["type"] == "json_invalid":
        return BODY
    return ".".join(str(part) for part in error["loc"][1:]) or BODY


def sentence_of(error: Mapping[str, Any]) -> Sentence:
    """What is wrong, and with which field."""
    name, field, more = error["type"], field_of(error), error.get("ctx", {})
    if name == "json_invalid":
        return say("no_json", place=error["loc"][-1], problem=more.get("error", ""))
    if name == "missing":
        return say("no_body") if field == BODY else say("missing", field=field)
    if name in PLAIN:
        return say(PLAIN[name], field=field)
    if kind := OF_KIND.fullmatch(name):
        return say("kind", field=field, kind=say(KINDS[kind[1]]))
    if name in BOUNDS:
        code, bound = BOUNDS[name]
        return say(code, field=field, bound=more[bound])
    if name in SIZES:
        return sized(name, field, more)
    return of_content(error, name, field, more)


def sized(name: str, field: str, more: Mapping[str, Any]) -> Sentence:
    code, told, size = SIZES[name]
    if more[size] == 1 and told == "least":
        return say("empty", field=field)
    return say(code, field=field, **{told: more[size]})


def of_content(error: Mapping[str, Any], name: str, field: str, more: Mapping[str, Any]) -> Sentence:
    if name == "multiple_of":
        return say("multiple", field=field, step=more["multiple_of"])
    if name in ("literal_error", "enum"):
        return say("choice", field=field, known=more["expected"].replace(" or ", ", "))
    if name == "string_pattern_mismatch":
        return say("form", field=field, pattern=more["pattern"])
    if isinstance(more.get("error"), NotKept):
        return say("not_kept", field=field)
    return say("other", field=field, reason=str(error["msg"]).rstrip("."))
