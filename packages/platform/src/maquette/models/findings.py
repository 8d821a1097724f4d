"""What a check says: one finding is one problem, where it is, and the fix."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maquette.models.catalogue import KINDS, Kind, Level
from maquette_sdk.sentences import Sentences, as_json

say = Sentences(
    "findings",
    {f"{code}.message": kind.message for code, kind in KINDS.items()}
    | {f"{code}.fix": kind.fix for code, kind in KINDS.items() if kind.fix},
)


@dataclass(frozen=True)
class Finding:
    """One problem. `words` fill the sentences of its kind, `file` is relative to the package's folder,
    `line` and `column` count from 1, `field` is the path in config.json (`apis[0].request`)."""

    code: str
    words: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    file: str = ""
    line: int | None = None
    column: int | None = None
    field: str = ""
    repairable: bool = False

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    @property
    def level(self) -> Level:
        return self.kind.level

    @property
    def message(self) -> str:
        return say(f"{self.code}.message", **self.words)

    @property
    def fix(self) -> str:
        return say(f"{self.code}.fix", **self.words) if self.kind.fix else ""

    @property
    def place(self) -> str:
        """`config.json:12:5`, or as much of it as is known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)

    def as_json(self) -> dict[str, Any]:
        return {
            "level": str(self.level),
            "code": self.code,
            "message": self.message,
            "fix": self.fix,
            "parameters": as_json(self.words),
            "file": self.file or None,
            "line": self.line,
            "column": self.column,
            "field": self.field or None,
            "repairable": self.repairable,
        }
