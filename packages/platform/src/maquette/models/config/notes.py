"""Collects what is found while config.json is read, each with its place and the edits that would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from maquette.models.config.fields import Meaning, Vocabulary, meaning
from maquette.models.config.loose_json import Member, Node
from maquette.models.config.loose_text import Edit, Text
from maquette.models.findings import Finding
from maquette.models.sentences import say


@dataclass(frozen=True)
class Repair:
    """A finding that is certain enough to be mended, and how."""

    finding: Finding
    edits: tuple[Edit, ...]


@dataclass
class Notes:
    """The findings of one file. `quiet` drops what is said of fields: after a torn structure it would mislead."""

    file: str
    text: Text
    quiet: bool = False
    findings: list[Finding] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def say(
        self, code: str, at: Node | Member | int | None, path: str = "", edits: tuple[Edit, ...] = (), **words: Any
    ) -> None:
        if self.quiet:
            return
        position = at if isinstance(at, int) or at is None else at.start
        line, column = self.text.place(position) if position is not None else (None, None)
        found = Finding(code, words, self.file, line, column, path, repairable=bool(edits))
        self.findings.append(found)
        if edits:
            self.repairs.append(Repair(found, edits))

    def fields(self, node: Node | None, vocabulary: Vocabulary, path: str) -> dict[str, Member]:
        """The members of an object under the names that are meant; tells of misspelt and unknown ones."""
        if node is None or node.kind != "object":
            return {}
        known = {member.key: member for member in node.members if member.key in vocabulary.names}
        for member in node.members:
            if member.key in vocabulary.names or member.key in vocabulary.silent:
                continue
            meant = meaning(member.key, vocabulary, known)
            if meant is not None:
                self.misspelt(member, meant, vocabulary, path)
                known[meant.name] = member
            elif not vocabulary.open:
                names = ", ".join(vocabulary.names)
                self.say("unknown-field", member, joined(path, member.key), written=member.key, names=names)
        return known

    def misspelt(self, member: Member, meant: Meaning, vocabulary: Vocabulary, path: str) -> None:
        code = "common-misspelling" if member.key in vocabulary.common else "misspelt-field"
        likely = say("means" if meant.certain else "likely_means")
        edits = (Edit(member.start, member.end, f'"{meant.name}"'),) if meant.certain else ()
        where = joined(path, member.key)
        self.say(code, member, where, edits, written=member.key, meant=meant.name, likely=likely)

    def wrong_kind(
        self, member: Member, path: str, wanted: str, outcome: str, example: str, edits: tuple[Edit, ...] = ()
    ) -> None:
        kind = say(KIND_NAMES[member.node.kind])
        words = {"name": member.key, "kind": kind, "wanted": wanted, "outcome": outcome, "example": example}
        self.say("field-type", member, path, edits, **words)

    def text_of(self, member: Member | None, path: str, default: str = "") -> str:
        """The text of a field; numbers are taken as they are written, anything else is told and left out."""
        if member is None or is_null(member.node):
            return default
        if member.node.kind == "string":
            return str(member.node.value).strip()
        written = self.text.text[member.node.start : member.node.end]
        if member.node.kind == "number":
            quoted = (Edit(member.node.start, member.node.end, f'"{written}"'),)
            self.wrong_kind(member, path, say("a_text"), say("read_as", text=written), f'"{written}"', quoted)
            return written
        self.wrong_kind(member, path, say("a_text"), say("not_read"), say("quoted_text"))
        return default

    def list_of(self, member: Member | None, path: str) -> Iterator[tuple[str, Node]]:
        """The entries of a list with their paths; one object stands for a list of one."""
        if member is None or is_null(member.node):
            return
        node = member.node
        if node.kind == "object":
            brackets = (Edit(node.start, node.start, "["), Edit(node.end, node.end, "]"))
            self.wrong_kind(member, path, say("a_list"), say("read_as_list"), say("brackets_around"), brackets)
            yield f"{path}[0]", node
            return
        if node.kind != "array":
            self.wrong_kind(member, path, say("a_list"), say("not_read"), "[ … ]")
            return
        for index, item in enumerate(node.items):
            yield f"{path}[{index}]", item


KIND_NAMES = {
    "object": "an_object",
    "array": "a_list",
    "string": "a_text",
    "number": "a_number",
    "word": "a_word",
}


def is_null(node: Node) -> bool:
    return node.kind == "word" and node.value is None


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
