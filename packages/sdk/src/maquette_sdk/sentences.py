"""Sentences that know what they are made of, so that whoever shows them can tell them in another language."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Union

SEVERAL = "several"
"""The code of sentences one after another."""


class Sentence(str):
    """A sentence in English, and a str wherever one will do; `code` and `parameters` are what other languages go by.
    A parameter may be a Sentence itself."""

    code: str
    parameters: Mapping[str, Any]

    def __new__(cls, text: str, code: str = "", parameters: Optional[Mapping[str, Any]] = None) -> Sentence:
        self = super().__new__(cls, text)
        self.code = code
        self.parameters = parameters or {}
        return self


class Sentences:
    """A catalogue: the English of each code, with braces where its parameters go."""

    def __init__(self, name: str, english: Mapping[str, str]) -> None:
        self.name = name
        self.english = english

    def __call__(self, code: str, **parameters: Any) -> Sentence:
        return Sentence(self.english[code].format(**parameters), "{}.{}".format(self.name, code), parameters)


def several(*parts: str) -> str:
    """These sentences one after another, without those that say nothing."""
    said = [part for part in parts if part]
    if len(said) < 2:
        return said[0] if said else ""
    return Sentence(" ".join(said), SEVERAL, {"parts": said})


def told(text: str) -> Optional[Dict[str, Any]]:
    """A sentence as JSON; None for a str that is none."""
    return as_json(text) if isinstance(text, Sentence) and text.code else None


def as_json(value: Any) -> Any:
    """Parameters as JSON: sentences among them with all that they know."""
    if isinstance(value, Sentence):
        return {"code": value.code, "message": str(value), "parameters": as_json(value.parameters)}
    if isinstance(value, Mapping):
        return {name: as_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(one) for one in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def read(kept: Union[str, Mapping[str, Any], None]) -> str:
    """A sentence from its JSON; a plain text is itself."""
    if not isinstance(kept, Mapping):
        return kept or ""
    return Sentence(str(kept["message"]), str(kept["code"]), kept["parameters"])
