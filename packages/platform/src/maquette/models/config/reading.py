"""Reads config.json leniently: what it means, what is odd about it, and what can be mended with certainty."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maquette.models.config import fields
from maquette.models.config.apis import read_apis
from maquette.models.config.loose_json import Member, Node, Oddity, decode, read
from maquette.models.config.loose_text import Edit, Text
from maquette.models.config.notes import Notes, Repair, is_null, joined
from maquette.models.config.requirements import read_dependencies
from maquette.models.domain import CONFIG_FILE, MODEL_TYPES, Config, Health, runtime_type
from maquette.models.findings import Finding
from maquette.models.sentences import say

LARGEST = 4 << 20
MOST_JSON_FINDINGS = 25
OTHER_SPELLINGS = {
    "sklearn": "Scikit_Learn", "scikit": "Scikit_Learn", "torch": "PyTorch", "tf": "TensorFlow", "xgb": "XGBoost",
    "spark": "Spark_MLlib", "sparkml": "Spark_MLlib", "mllib": "Spark_MLlib", "custom": "Image", "docker": "Image",
    "mindsporegpu": "MindSpore", "mindsporecpu": "MindSpore", "keras": "TensorFlow",
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """A config.json as read, with what is odd about it and what of that can be mended."""

    config: Config
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()
    text: str = ""
    members: tuple[Member, ...] = ()

    def place(self, field: str, value: str = "") -> tuple[int, int] | None:
        """Where a field of the whole, or a text inside it, stands: line and column."""
        member = next((member for member in self.members if member.key == field), None)
        if member is None:
            return None
        inside = self.text.find(json.dumps(value, ensure_ascii=False), member.start, member.node.end) if value else -1
        return Text(self.text).place(inside if inside >= 0 else member.start)

    @property
    def broken(self) -> bool:
        return any(finding.code.startswith("json-") and finding.level == "error" for finding in self.findings)

    @property
    def mended(self) -> str:
        """The text with every certain repair made."""
        return Text(self.text).edited(edit for repair in self.repairs for edit in repair.edits)


def read_config(content: bytes, file: str = CONFIG_FILE) -> Reading:
    """The configuration that a config.json means, however odd it is written."""
    if len(content) > LARGEST:
        size = f"{len(content) / (1 << 20):.0f} MiB"
        words = {"said": say("too_large", size=size), "fix": say("replace")}
        said = Finding("json-syntax", words, file, 1)
        return Reading(Config(), (said,))
    text, odd_bytes = decode(content)
    node, oddities = read(text)
    notes = Notes(file, Text(text))
    tell_oddities(notes, [odd_bytes] if odd_bytes else [], mended_by_writing=True)
    tell_oddities(notes, oddities)
    notes.quiet = any(oddity.structural for oddity in oddities)
    config = config_of(node, notes)
    members = node.members if node is not None else ()
    return Reading(config, tuple(notes.findings), tuple(notes.repairs), text, members)


def tell_oddities(notes: Notes, oddities: list[Oddity], mended_by_writing: bool = False) -> None:
    for oddity in oddities[:MOST_JSON_FINDINGS]:
        edits = (Edit(0, 0, ""),) if mended_by_writing else oddity.edits
        notes.say(oddity.code, oddity.at, "", edits, said=oddity.message, fix=oddity.fix)
    rest = oddities[MOST_JSON_FINDINGS:]
    if rest:
        edits = tuple(edit for oddity in rest for edit in oddity.edits)
        said = say("more_json", count=len(rest))
        notes.say(rest[0].code, rest[0].at, "", edits, said=said, fix=rest[0].fix)


def config_of(node: Node | None, notes: Notes) -> Config:
    if node is None:
        return Config()
    if node.kind != "object":
        notes.say("config-not-object", node)
        return Config()
    found = notes.fields(node, fields.CONFIG, "")
    model_type = read_model_type(node, found, notes)
    runtime = read_runtime(node, found, model_type, notes)
    read_algorithm(node, found, notes)
    return Config(
        model_type=model_type,
        model_algorithm=text_or_empty(found.get("model_algorithm")),
        runtime=runtime,
        apis=read_apis(node, found.get("apis"), model_type, notes),
        dependencies=read_dependencies(found.get("dependencies"), notes),
        metrics=read_metrics(found.get("metrics"), notes),
        health=read_health(found.get("health"), model_type, notes),
        swr_location=read_image(found.get("swr_location"), model_type, notes),
    )


def text_or_empty(member: Member | None) -> str:
    return str(member.node.value).strip() if member is not None and member.node.kind == "string" else ""


def read_model_type(node: Node, found: Mapping[str, Member], notes: Notes) -> str:
    names = ", ".join(MODEL_TYPES)
    member = found.get("model_type")
    written = notes.text_of(member, "model_type")
    if member is None or not written:
        notes.say("missing-model-type", member or node, "model_type", names=names, instead="")
        return ""
    if member.key != "model_type":
        instead = say("looks_like_it", name=member.key)
        notes.say("missing-model-type", member, "model_type", names=names, instead=instead)
    if written in MODEL_TYPES:
        return written
    by_squashed = {fields.squashed(name): name for name in MODEL_TYPES}
    meant = by_squashed.get(fields.squashed(written)) or OTHER_SPELLINGS.get(fields.squashed(written))
    near = meant or fields.nearest(written, list(MODEL_TYPES), most=2)
    if near is None:
        notes.say("unknown-model-type", member, "model_type", written=written, names=names)
        return ""
    edits = (Edit(member.node.start, member.node.end, f'"{near}"'),) if meant else ()
    notes.say("model-type-spelling", member, "model_type", edits, written=written, meant=near)
    return near


def read_runtime(node: Node, found: Mapping[str, Member], model_type: str, notes: Notes) -> str:
    member = found.get("runtime")
    runtime = notes.text_of(member, "runtime")
    if model_type == "Image":
        return runtime
    if not runtime:
        notes.say("missing-runtime", member or node, "runtime")
        return ""
    if re.search(r"python2|py_?2", runtime, re.IGNORECASE):
        notes.say("python2-runtime", member, "runtime", runtime=runtime)
    named = runtime_type(runtime)
    if named and model_type and named != model_type:
        code = "runtime-of-another-engine"
        notes.say(code, member, "runtime", runtime=runtime, named=named, model_type=model_type)
    return runtime


def read_algorithm(node: Node, found: Mapping[str, Member], notes: Notes) -> None:
    member = found.get("model_algorithm")
    trouble = algorithm_trouble(notes.text_of(member, "model_algorithm"))
    if trouble:
        notes.say("model-algorithm", member or node, "model_algorithm", said=trouble)


def algorithm_trouble(purpose: str) -> str:
    if not purpose:
        return say("no_algorithm")
    if len(purpose) > 36:
        return say("long_algorithm", count=len(purpose))
    if not re.match(r"[A-Za-z]", purpose):
        return say("letter_algorithm")
    if found := re.search(r"[&!'\"<>=]|[\u4e00-\u9fff]", purpose):
        return say("sign_algorithm", sign=found.group())
    return ""


def read_metrics(member: Member | None, notes: Notes) -> Mapping[str, Any]:
    if member is None or is_null(member.node):
        return {}
    if member.node.kind != "object":
        notes.wrong_kind(member, "metrics", say("an_object"), say("not_read"), "{ … }")
        return {}
    for metric in member.node.members:
        if metric.node.kind != "number":
            notes.say("metric-value", metric, joined("metrics", metric.key), name=metric.key)
    plain = member.node.plain()
    return plain if isinstance(plain, dict) else {}


def read_health(member: Member | None, model_type: str, notes: Notes) -> Health | None:
    if member is None or member.node.kind != "object":
        return None
    only_for_images(member, model_type, notes)
    found = notes.fields(member.node, fields.HEALTH, "health")
    return Health(
        url=text_or_empty(found.get("url")) or Health.url,
        protocol=text_or_empty(found.get("protocol")) or Health.protocol,
        initial_delay_seconds=seconds(found.get("initial_delay_seconds"), Health.initial_delay_seconds),
        timeout_seconds=seconds(found.get("timeout_seconds"), Health.timeout_seconds),
    )


def read_image(member: Member | None, model_type: str, notes: Notes) -> str:
    if member is not None and member.node.value:
        only_for_images(member, model_type, notes)
    return text_or_empty(member)


def only_for_images(member: Member, model_type: str, notes: Notes) -> None:
    if model_type and model_type != "Image":
        notes.say("image-field", member, member.key, name=member.key)


def seconds(member: Member | None, default: float) -> float:
    """A duration that is documented as a text and often written as a number."""
    try:
        return float(member.node.value) if member is not None else default
    except (TypeError, ValueError):
        return default
