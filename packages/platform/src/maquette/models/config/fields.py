"""The field names of config.json, and what a name that is none of them is likely to mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary:
    """The names of one place in config.json.

    `aliases` are other spellings whose meaning is beyond doubt; those in `common` come from ModelArts' own samples.
    `silent` names are known to be written there by exports and say nothing to us. An `open` vocabulary lets any other
    name pass.
    """

    names: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    open: bool = False


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Meaning:
    """The name that is meant; `certain` where no other could be."""

    name: str
    certain: bool


CONFIG = Vocabulary(
    ("model_algorithm", "model_type", "runtime", "swr_location", "metrics", "apis", "dependencies", "health"),
    aliases={"model_engine": "model_type", "engine": "model_type", "dependency": "dependencies",
             "metric": "metrics", "model_metrics": "metrics", "api": "apis"},
    silent=words(
        "algorithm model_source tunable downloadable_flag model_name model_version description model_description"
        " model_id source_type source_location execution_code model_labels labels_map inference_params"
        " install_type specification workspace_id create_at tenant project owner request response url method protocol"
    ),
)  # fmt: skip
API = Vocabulary(
    ("protocol", "url", "method", "request", "response", "input_params", "output_params"),
    aliases={"procotol": "protocol", "request_params": "input_params", "response_params": "output_params",
             "path": "url", "uri": "url"},
    common=frozenset({"procotol"}),
    silent=frozenset({"description", "name", "summary", "content_type"}),
)  # fmt: skip
BODY = Vocabulary(
    ("Content-type", "data"),
    aliases={"datas": "data"},
    silent=frozenset({"description", "type", "properties", "required", "items", "title"}),
)
SCHEMA = Vocabulary(
    ("type", "properties", "items", "required"),
    aliases={"item": "items", "roperties": "properties", "property": "properties", "require": "required"},
    common=frozenset({"item", "roperties"}),
    silent=words(
        "title description default enum const format minimum maximum minItems maxItems minLength maxLength pattern"
        " additionalProperties uniqueItems oneOf anyOf allOf not examples example definitions $ref $schema id $id"
    ),
    open=True,
)
DEPENDENCY = Vocabulary(
    ("installer", "packages"),
    aliases={"package": "packages", "install": "installer"},
    silent=frozenset({"description", "package_name", "package_version", "restraint"}),
)
REQUIREMENT = Vocabulary(
    ("package_name", "package_version", "restraint"),
    aliases={"name": "package_name", "version": "package_version", "constraint": "restraint", "restrain": "restraint",
             "restriction": "restraint", "package": "package_name"},
    silent=frozenset({"description"}),
)  # fmt: skip
HEALTH = Vocabulary(
    ("url", "protocol", "initial_delay_seconds", "timeout_seconds"),
    aliases={"procotol": "protocol"},
    common=frozenset({"procotol"}),
    silent=frozenset({"check_method", "command", "period_seconds", "failure_threshold"}),
)


def meaning(name: str, vocabulary: Vocabulary, present: Collection[str]) -> Meaning | None:
    """What an unknown field name means, if a known name that is not there itself lies near."""
    absent = [known for known in vocabulary.names if known not in present]
    if (alias := vocabulary.aliases.get(name)) is not None:
        return Meaning(alias, True) if alias in absent else None
    for known in absent:
        if squashed(known) == squashed(name):
            return Meaning(known, True)
    near = nearest(name, absent)
    if near is None:
        return None
    return Meaning(near, certain=distance(name.lower(), near.lower()) == 1 and len(near) >= 6)


def squashed(name: str) -> str:
    """A name without case, spaces and joints: `Content_Type` and `content-type` are one."""
    return re.sub(r"[\s_-]", "", name).lower()


def nearest(name: str, known: Collection[str], most: int = 2) -> str | None:
    """The known name that a slip of the finger or two makes of this one; None where two are as near."""
    allowed = min(most, 1 if len(name) <= 5 else 2 if len(name) <= 12 else 3)
    near = sorted((distance(squashed(name), squashed(other)), other) for other in known)
    if not near or near[0][0] > allowed or (len(near) > 1 and near[1][0] == near[0][0]):
        return None
    return near[0][1]


def distance(one: str, other: str) -> int:
    """How many letters were added, lost, changed or swapped with their neighbour."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
