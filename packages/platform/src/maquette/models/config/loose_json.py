"""Reads JSON as people write it: each departure from the standard is told with its place, and mended where certain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from maquette.models.config.loose_text import QUOTES, Edit, Text, odd_number, scan_string
from maquette.models.sentences import say
from maquette_sdk.sentences import several

WHITESPACE = " \t\r\n"
INVISIBLE = {"\u00a0", "\u3000", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\x0b", "\x0c"}
PUNCTUATION = {"，": ",", "、": ",", "；": ",", ";": ",", "：": ":", "｛": "{", "｝": "}"} | {
    "［": "[", "］": "]", "【": "[", "】": "]",
}  # fmt: skip
PYTHON_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"} | {
    "None": "null", "NONE": "null", "Null": "null", "NULL": "null", "undefined": "null",
}  # fmt: skip
WORDS = {"true": True, "false": False, "null": None} | {
    word: float(word.replace("Infinity", "inf")) for word in ("NaN", "Infinity", "-Infinity")
}
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
TOKEN = re.compile(r"(?:(?!//|/\*)[^\s,:\[\]{}\"“”'‘’，：；;｛｝［］【】#])+")
NAME = re.compile(r"[^\W\d][\w$.-]*")
CLOSES = {"{": "}", "[": "]"}
DEEPEST = 120


@dataclass(frozen=True)
class Oddity:
    """One departure from JSON. `structural` ones make it doubtful what the rest belongs to."""

    code: str
    at: int
    message: str
    fix: str
    edits: tuple[Edit, ...] = ()
    structural: bool = False


@dataclass(frozen=True)
class Member:
    """A key of an object; start and end are the key's, quotes included."""

    key: str
    start: int
    end: int
    node: Node


@dataclass(frozen=True)
class Node:
    """A value with its place in the text; `kind` is object, array, string, number or word (true, false, null)."""

    kind: str
    start: int
    end: int
    value: Any = None
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()

    def plain(self) -> Any:
        if self.kind == "object":
            return {member.key: member.node.plain() for member in self.members}
        if self.kind == "array":
            return [item.plain() for item in self.items]
        return self.value

    def get(self, key: str) -> Node | None:
        """The value of a key; of a repeated key the last, as JSON readers do."""
        return next((member.node for member in reversed(self.members) if member.key == key), None)


def decode(content: bytes) -> tuple[str, Oddity | None]:
    """The text of a JSON file, and what is odd about its bytes (always mended by writing UTF-8)."""
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace"), Oddity("json-bom", 0, say("bom"), say("save_without_bom"))
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError as error:
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text, encoding = content.decode("latin-1"), ""
        at = len(content[: error.start].decode("utf-8", "replace")) if encoding == "gb18030" else 0
        guess = say("reads_as", encoding=encoding.upper()) if encoding else ""
        message = several(say("not_utf8", byte=error.start + 1), guess)
        return text, Oddity("json-encoding", min(at, len(text)), message, say("save_as_utf8"))


def read(text: str) -> tuple[Node | None, list[Oddity]]:
    """The value of a JSON text, read however odd it is, with its oddities in the order of the text.

    A text that the standard reader takes has none and gives the same value.
    """
    reader = _Reader(text)
    try:
        node = reader.document()
    except _TooDeep:
        return None, [Oddity("json-syntax", reader.at, say("too_deep", levels=DEEPEST), say("flatten"))]
    oddities = sorted(reader.oddities, key=lambda oddity: oddity.at)
    return node, oddities or list(_missed(text))


def _missed(text: str) -> Iterator[Oddity]:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        yield Oddity("json-syntax", error.pos, say("not_json", reason=error.msg), say("correct"), structural=True)


def write(text: str) -> str:
    return say("write", text=text)


class _TooDeep(Exception):
    pass


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[tuple[str, int]] = []
        self.oddities: list[Oddity] = []

    def odd(self, code: str, at: int, message: str, fix: str, *edits: Edit, structural: bool = False) -> None:
        self.oddities.append(Oddity(code, at, message, fix, edits, structural))

    def line(self, at: int) -> int:
        return Text(self.text).place(at)[0]

    # ── tokens ──

    def peek(self) -> str:
        """What stands here, Chinese punctuation read as what is meant; empty at the end."""
        character = self.text[self.at : self.at + 1]
        return PUNCTUATION.get(character, character)

    def take(self) -> None:
        """Goes past one mark of punctuation."""
        character = self.text[self.at]
        if (meant := PUNCTUATION.get(character)) is not None:
            self.odd("json-punctuation", self.at, say("sign", sign=character), write(f"'{meant}'"),
                     Edit(self.at, self.at + 1, meant))  # fmt: skip
        self.at += 1

    def skip(self) -> None:
        """Goes past white space, comments and characters one cannot see."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in WHITESPACE:
                self.at += 1
            elif character in INVISIBLE:
                self.odd("json-punctuation", self.at, say("invisible", number=f"{ord(character):04X}"),
                         say("delete_it"), Edit(self.at, self.at + 1, " "))  # fmt: skip
                self.at += 1
            elif character == "#" or self.text.startswith(("//", "/*"), self.at):
                self.comment()
            else:
                return

    def comment(self) -> None:
        start = self.at
        if self.text.startswith("/*", start):
            end = self.text.find("*/", start)
            end = len(self.text) if end < 0 else end + 2
        else:
            end = next((at for at in range(start, len(self.text)) if self.text[at] in "\r\n"), len(self.text))
        self.odd("json-comment", start, say("comment"), say("delete_comment"), self.without(start, end))
        self.at = end

    def without(self, start: int, end: int) -> Edit:
        """Takes text away, and its whole line where nothing else stands on it."""
        before = self.text.rfind("\n", 0, start) + 1
        after = self.text.find("\n", end)
        after = len(self.text) if after < 0 else after + 1
        if not self.text[before:start].strip() and not self.text[end:after].strip():
            return Edit(before, after, "")
        return Edit(start - len(self.text[before:start]) + len(self.text[before:start].rstrip()), end, "")

    # ── values ──

    def document(self) -> Node | None:
        self.skip()
        if not self.peek():
            self.odd("json-syntax", 0, say("empty"), say("write_object"), structural=True)
            return None
        node = self.value()
        self.skip()
        if self.at < len(self.text):
            rest = self.text[self.at :].split("\n", 1)[0].strip()[:30]
            self.odd("json-extra-text", self.at, say("goes_on", text=rest), say("delete_or_bracket"), structural=True)
        return node

    def value(self) -> Node:
        here = self.peek()
        if here in CLOSES:
            if len(self.open) >= DEEPEST:
                raise _TooDeep
            return self.container(here)
        if here and here in QUOTES:
            return self.string()
        if found := TOKEN.match(self.text, self.at):
            return self.word(found.group())
        said = say("no_value_before", sign=here) if here else say("no_value")
        self.odd("json-syntax", self.at, said, say("write_value"), structural=True)
        start = self.at
        if here and here not in "}],":
            self.at += 1  # what cannot begin a value cannot end one either
        return Node("word", start, start)

    def word(self, token: str) -> Node:
        start = self.at
        self.at = end = start + len(token)
        if NUMBER.fullmatch(token):
            return Node("number", start, end, json.loads(token))
        if token in WORDS:
            return Node("number" if "N" in token or "I" in token else "word", start, end, WORDS[token])
        if meant := PYTHON_WORDS.get(token):
            self.odd("json-python-word", start, say("no_word", word=token), write(meant), Edit(start, end, meant))
            return Node("word", start, end, WORDS[meant])
        if (number := odd_number(token)) is not None:
            self.odd("json-number", start, say("no_number", word=token), write(repr(number)),
                     Edit(start, end, repr(number)))  # fmt: skip
            return Node("number", start, end, number)
        self.odd("json-unquoted", start, say("unquoted_text", text=token), write(f'"{token}"'))
        return Node("string", start, end, token)

    def string(self) -> Node:
        start = self.at
        opening = self.text[start]
        found = scan_string(self.text, start)
        self.at = found.end
        value = json.loads(f'"{found.normal}"')
        whole = Edit(start, found.end, f'"{found.normal}"')
        if not found.closed:
            self.odd("json-string", start, say("unclosed_quote"), say("close_quote"), structural=True)
        elif opening == "'":
            self.odd("json-single-quotes", start, say("single_quotes"), write(whole.text), whole)
        elif found.foreign_quotes:
            self.odd("json-punctuation", start, say("foreign_quotes", text=self.text[start : found.end]),
                     write(whole.text), whole)  # fmt: skip
        elif found.trouble:
            self.odd("json-string", start, found.trouble, write(whole.text), whole)
        return Node("string", start, found.end, value)

    # ── objects and arrays ──

    def container(self, bracket: str) -> Node:
        start = self.at
        self.take()
        self.open.append((bracket, start))
        members: list[Member] = []
        items: list[Node] = []
        comma: int | None = None
        last_end: int | None = None
        while True:
            self.skip()
            here = self.peek()
            if not here or here in "}]":
                if self.closed(bracket, start, comma):
                    break
                continue
            if here == ",":
                self.odd("json-trailing-comma", self.at, say("stray_comma"), say("delete_it"),
                         Edit(self.at, self.at + 1, ""))  # fmt: skip
                self.at += 1
                continue
            if comma is None and last_end is not None:
                self.missing_comma(bracket, last_end)
            if bracket == "[":
                items.append(self.value())
            elif (member := self.member()) is not None:
                members.append(member)
            else:
                last_end = None
                continue
            last_end, comma = self.at, None
            self.skip()
            if self.peek() == ",":
                comma = self.at
                self.take()
        self.open.pop()
        return self.finished(bracket, start, members, items)

    def finished(self, bracket: str, start: int, members: list[Member], items: list[Node]) -> Node:
        seen: set[str] = set()
        for member in members:
            if member.key in seen:
                self.odd("json-duplicate-key", member.start, say("twice", name=member.key), say("delete_one"))
            seen.add(member.key)
        kind = "object" if bracket == "{" else "array"
        return Node(kind, start, self.at, members=tuple(members), items=tuple(items))

    def closed(self, bracket: str, start: int, comma: int | None) -> bool:
        """Whether the object or array ends here; tells what is odd about its end."""
        here, wanted = self.peek(), CLOSES[bracket]
        if here == wanted:
            if comma is not None:
                self.odd("json-trailing-comma", comma, say("trailing_comma", bracket=wanted), say("delete_it"),
                         Edit(comma, comma + 1, ""))  # fmt: skip
            self.take()
            return True
        if not here:
            self.odd("json-bracket", start, say("never_closed", bracket=bracket), say("write_missing", bracket=wanted),
                     structural=True)  # fmt: skip
            return True
        outer = any(CLOSES[other] == here for other, _ in self.open[:-1])
        fix = say("write_missing_before", bracket=wanted) if outer else say("delete_it")
        said = say("still_open", sign=here, bracket=bracket, line=self.line(start))
        self.odd("json-bracket", self.at, said, fix, structural=True)
        if not outer:
            self.at += 1
        return outer

    def missing_comma(self, bracket: str, end: int) -> None:
        certain = self.peek() in "{[" if bracket == "[" else self.peek() in QUOTES
        edits = (Edit(end, end, ","),) if certain else ()
        self.odd("json-missing-comma", end, say("no_comma"), say("write_comma"), *edits)

    def member(self) -> Member | None:
        """One `key: value`, or None where text stands that belongs to no field."""
        start = self.at
        if self.peek() in QUOTES:
            key = self.string().value
        elif (found := NAME.match(self.text, start)) and self.colon_follows(found.end()):
            key, self.at = found.group(), found.end()
            self.odd("json-unquoted", start, say("unquoted_field", name=key), write(f'"{key}"'),
                     Edit(start, self.at, f'"{key}"'))  # fmt: skip
        else:
            self.stray()
            return None
        end = self.at
        self.skip()
        if self.peek() == ":":
            self.take()
        elif self.peek() == "=":
            length = 2 if self.text.startswith("=>", self.at) else 1
            self.odd("json-punctuation", self.at, say("colon"), write("':'"),
                     Edit(self.at, self.at + length, ":"))  # fmt: skip
            self.at += length
        else:
            self.odd("json-syntax", end, say("no_colon", name=key), say("write_colon"), structural=True)
        self.skip()
        return Member(key, start, end, self.value())

    def colon_follows(self, at: int) -> bool:
        rest = self.text[at : at + 200].lstrip()
        return rest[:1] in (":", "：", "=")

    def stray(self) -> None:
        start = self.at
        end = next((at for at in range(start, len(self.text)) if self.text[at] in '\r\n"{}'), len(self.text))
        self.at = max(end, start + 1)
        words = self.text[start : self.at].strip()
        self.odd("json-extra-text", start, say("stray_text", text=words[:40]), say("delete_rest"), structural=True)
