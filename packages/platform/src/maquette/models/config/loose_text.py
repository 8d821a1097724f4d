"""Pieces of text: edits, places as line and column, and strings as people quote them."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from maquette.models.sentences import say

DOUBLE_QUOTES = '"“”„＂'
SINGLE_QUOTES = "'‘’`´"
QUOTES = DOUBLE_QUOTES + SINGLE_QUOTES


@dataclass(frozen=True)
class Edit:
    """Replaces text[start:end]."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Text:
    """A text whose positions can be told as line and column."""

    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", self.text))]

    def place(self, at: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._line_starts, at)
        return line, at - self._line_starts[line - 1] + 1

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text with the edits made; of two that touch the same place a deletion is kept, else the first given."""
        kept: list[Edit] = []
        for edit in sorted(edits, key=lambda edit: edit.text != ""):
            if all(edit.end <= other.start or edit.start >= other.end or edit == other for other in kept):
                kept.append(edit)
        text = self.text
        for edit in sorted(set(kept), key=lambda edit: (edit.start, edit.end), reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


@dataclass(frozen=True)
class Scanned:
    """A string of a text: `normal` is its inside as JSON would write it, `end` the place after it."""

    normal: str
    end: int
    closed: bool
    foreign_quotes: bool = False
    trouble: str = ""


def scan_string(text: str, start: int) -> Scanned:
    """Reads a string from its opening quote; `normal` is its inside as JSON would write it."""
    opening = text[start]
    closing = '"' if opening == '"' else DOUBLE_QUOTES if opening in DOUBLE_QUOTES else opening
    closing = SINGLE_QUOTES if opening in "‘’`´" else closing
    normal: list[str] = []
    trouble = ""
    at = start + 1
    while at < len(text) and (character := text[at]) not in closing:
        if character == "\n" and not (opening == '"' and _spans_lines(text, at)):
            return _ended_early(text, start, at)
        if character == "\\":
            piece, length, complaint = _escape(text, at)
            trouble = trouble or complaint
        elif character < " ":
            piece, length = json.dumps(character)[1:-1], 1
            trouble = trouble or say("raw_break" if character in "\r\n" else "raw_control")
        else:
            piece, length = ('\\"' if character == '"' else character), 1
        normal.append(piece)
        at += length
    if at >= len(text):
        return _ended_early(text, start, len(text))
    foreign = opening != '"' and opening != "'"
    return Scanned("".join(normal), at + 1, True, foreign, trouble)


def _escape(text: str, at: int) -> tuple[str, int, str]:
    """The escape at a backslash as JSON writes it, its length in the text, and what is wrong with it."""
    following = text[at + 1 : at + 2]
    if following and following in '"\\/bfnrt':
        return text[at : at + 2], 2, ""
    if re.match(r"u[0-9a-fA-F]{4}", text[at + 1 : at + 6]):
        return text[at : at + 6], 6, ""
    if following == "'":
        return "'", 2, say("escaped_quote")
    return "\\\\", 1, say("no_escape", sign=following)


def _spans_lines(text: str, at: int) -> bool:
    """Whether the string goes on after this line break: its next quote is followed by what follows a string."""
    quote = text.find('"', at)
    if quote < 0 or "“" in text[at:quote] or "”" in text[at:quote]:
        return False
    return text[quote + 1 :].lstrip()[:1] in (",", "}", "]", "") and ":" not in text[at:quote]


def _ended_early(text: str, start: int, line_end: int) -> Scanned:
    """A string without its closing quote on the line: closed by a curly quote, or not at all."""
    line = text[start + 1 : line_end]
    if curly := re.search(r"[“”＂]\s*[,:}\]，：]*\s*$", line):
        inside, end = line[: curly.start()], start + 1 + curly.start() + 1
        return Scanned(json.dumps(inside, ensure_ascii=False)[1:-1], end, True, foreign_quotes=True)
    inside = line.rstrip().rstrip(",}]").rstrip()
    return Scanned(json.dumps(inside, ensure_ascii=False)[1:-1], start + 1 + len(inside), False)


def odd_number(token: str) -> int | float | None:
    """The number a token means that JSON would not take: .5, 5., +1, 01, 0x10."""
    try:
        return int(token, 16) if token.lower().startswith("0x") else int(token)
    except ValueError:
        pass
    try:
        value = float(token)
    except ValueError:
        return None
    return value if token.lower().lstrip("+-") not in ("nan", "inf", "infinity") else None
