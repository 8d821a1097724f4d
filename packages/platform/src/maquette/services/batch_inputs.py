"""What a batch reads: the files of a folder or of a manifest, and the rows of csv files as the requests they make."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from maquette.buckets.domain import Address
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.ports import ObjectStore
from maquette.models.importing import read_location
from maquette.services.sentences import say

MANIFEST = "ManifestFile"
FILE = "file"
BASIC = ("string", "number", "integer", "boolean")
RESULTS = "infer-result/"
MANIFEST_NAME = re.compile(r"infer-result-\d+\.manifest")
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,18}")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
LONGEST_LINE = 1 << 20

Named = tuple[str, str]
"""An input: its address, and the name by which its result is called."""


# ── folders ──────────────────────────────────────────────────────────────────────────────────────


def list_folder(store: ObjectStore, source: Address, results: Address, ending: str = "") -> Iterator[Named]:
    """Every file below a folder, in the order of their keys; what a batch has written there itself is left out."""
    folder = source.key.strip("/") + "/" if source.key.strip("/") else ""
    own = results.key if results.bucket == source.bucket else None
    after: str | None = ""
    while after is not None:
        page = store.list(source.bucket, folder, after=after)
        for info in page.objects:
            left_out = info.key.endswith("/") or (own is not None and is_result(info.key, own))
            if not left_out and info.key.lower().endswith(ending):
                yield str(Address(source.bucket, info.key)), info.key[len(folder) :]
        after = page.next


def is_result(key: str, results: str) -> bool:
    inner = key.removeprefix(results)
    return key.startswith(results) and (inner.startswith(RESULTS) or bool(MANIFEST_NAME.fullmatch(inner)))


# ── manifests ────────────────────────────────────────────────────────────────────────────────────


def read_manifest(store: ObjectStore, manifest: Address) -> Iterator[str]:
    """The addresses that a manifest names, as it writes them. BadInput names the line and what is wrong with it."""
    try:
        _, stream = store.open(manifest.bucket, manifest.key)
    except NotFound:
        raise BadInput(say("no_manifest", manifest=manifest), field="config.src_path") from None
    with closing(io.BufferedReader(cast(io.RawIOBase, stream))) as reader:
        number = 0
        while line := reader.readline(LONGEST_LINE):
            number += 1
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if text.strip():
                try:
                    yield read_line(store, text)
                except ValueError as wrong:
                    raise BadInput(
                        say("manifest_line", number=number, manifest=manifest, wrong=wrong.args[0]),
                        field="config.src_path",
                        line=number,
                    ) from None


def read_line(store: ObjectStore, line: bytes) -> str:
    """The address in a line. ValueError says what is wrong with it."""
    try:
        said = json.loads(line)
    except ValueError as error:
        raise ValueError(say("line_no_json", error=error)) from None
    source = said.get("source") if isinstance(said, dict) else None
    if not isinstance(source, str) or not source.strip():
        raise ValueError(say("line_no_file"))
    source = source.strip()
    if is_web(source):
        if urlsplit(source).scheme != "https":
            raise ValueError(say("line_http"))
        return source
    try:
        where = read_location(source, "source")
    except BadInput as error:
        raise ValueError(say("line_unread", reason=error.message)) from None
    if not store.has_bucket(where.bucket):
        raise ValueError(say("line_bucket", bucket=where.bucket))
    if where.is_folder:
        raise ValueError(say("line_folder", folder=where))
    return source


def is_web(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def list_manifest(store: ObjectStore, manifest: Address) -> Iterator[Named]:
    """The inputs of a manifest. Names keep the folders below the deepest one that all files share, and the bucket
    where there are several; a name that is taken already gets a number."""
    trunk = common_folder(read_manifest(store, manifest))
    taken: set[str] = set()
    for source in read_manifest(store, manifest):
        name = free_name(name_of(source, trunk), taken)
        taken.add(name)
        yield source, name


def steps_to(source: str) -> list[str]:
    """The bucket, the folders and the file's name."""
    where = read_location(source, "source")
    return [where.bucket, *where.key.split("/")]


def common_folder(sources: Iterator[str]) -> list[str]:
    """What the addresses in buckets have in common: the bucket first, then the folders."""
    trunk: list[str] | None = None
    for source in sources:
        if not is_web(source):
            folders = steps_to(source)[:-1]
            trunk = folders if trunk is None else shared(trunk, folders)
    return trunk or []


def shared(one: list[str], other: list[str]) -> list[str]:
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:place]
    return one[: len(other)]


def name_of(source: str, trunk: Sequence[str]) -> str:
    if is_web(source):
        return unquote(urlsplit(source).path).rstrip("/").rpartition("/")[2] or "file"
    return "/".join(steps_to(source)[len(trunk) :])


def free_name(name: str, taken: set[str]) -> str:
    folder, slash, file = name.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    number, found = 1, name
    while found in taken:
        number += 1
        found = folder + slash + (f"{stem}-{number}{dot}{ending}" if stem else f"{file}-{number}")
    return found


# ── csv ──────────────────────────────────────────────────────────────────────────────────────────


class BadTable(ValueError):
    """A file that is no csv in UTF-8."""


class BadRow(ValueError):
    """A row that no request can be made of."""


def read_rows(stream: BinaryIO) -> Iterator[list[str]]:
    """The rows of a csv without a header, empty ones left out. Raises BadTable."""
    try:
        with io.TextIOWrapper(io.BufferedReader(cast(io.RawIOBase, stream)), "utf-8-sig", newline="") as text:
            yield from (row for row in csv.reader(text) if row)
    except csv.Error as error:
        raise BadTable(say("no_csv", error=error)) from None
    except UnicodeDecodeError as error:
        raise BadTable(say("csv_no_utf8", error=error.reason, place=error.start)) from None


def schema_of(rule: Any) -> Mapping[str, Any]:
    """The schema of a mapping rule, which may lie in a `data` beside a `Content-type`, as config.json has it."""
    if isinstance(rule, str):
        try:
            rule = json.loads(rule)
        except ValueError as error:
            raise BadInput(say("rule_no_json", error=error), field="config.mapping_rule") from None
    if not isinstance(rule, Mapping):
        raise BadInput(say("rule_no_object"), field="config.mapping_rule")
    inner = rule.get("data")
    wrapped = "properties" not in rule and "items" not in rule and isinstance(inner, Mapping)
    return cast(Mapping[str, Any], inner) if wrapped else rule


def check_rule(rule: Mapping[str, Any]) -> None:
    if not any(is_index(leaf.get("index")) for leaf in leaves(rule)):
        raise BadInput(say("no_column"), field="config.mapping_rule")


def with_indexes(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema as a rule: its parameters are the columns, in their order."""
    rule = json.loads(json.dumps(schema))
    for number, leaf in enumerate(leaves(rule)):
        leaf["index"] = number
    return cast(Mapping[str, Any], rule)


def leaves(node: Any) -> Iterator[dict[str, Any]]:
    """The parameters of a basic type."""
    if not isinstance(node, Mapping):
        return
    if node.get("type") in BASIC:
        yield cast(dict[str, Any], node)
        return
    for inner in (*properties(node).values(), *items(node)):
        yield from leaves(inner)


def properties(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("properties")
    return found if isinstance(found, Mapping) else {}


def items(node: Mapping[str, Any]) -> Sequence[Any]:
    """`items` is an object, or a list of them."""
    found = node.get("items", [])
    return found if isinstance(found, list) else [found]


def is_index(index: Any) -> bool:
    return isinstance(index, int) and not isinstance(index, bool) and index >= 0


def make_request(rule: Mapping[str, Any], row: Sequence[str]) -> Any:
    """The JSON of a row; parameters without a usable index are left out. Raises BadRow."""
    found = list(filled(rule, row, ""))
    return found[0] if found else {}


def filled(node: Any, row: Sequence[str], name: str) -> Iterator[Any]:
    """The value of a part of the rule, or nothing where it has none."""
    if not isinstance(node, Mapping):
        return
    kind = node.get("type")
    if kind in BASIC:
        index = node.get("index")
        if isinstance(index, int) and is_index(index):
            yield cell(kind, row, index, name)
    elif kind == "array" or "items" in node:
        yield [value for one in items(node) for value in filled(one, row, name)]
    elif kind == "object" or "properties" in node:
        yield {inner: value for inner, one in properties(node).items() for value in filled(one, row, inner)}


def cell(kind: str, row: Sequence[str], index: int, name: str) -> Any:
    if index >= len(row):
        raise BadRow(say("few_columns", count=len(row), name=name, index=index))
    text = row[index]
    if kind == "string":
        return text
    stripped = text.strip()
    if kind == "boolean":
        if stripped.lower() in TRUTHS:
            return TRUTHS[stripped.lower()]
    elif WHOLE_NUMBER.fullmatch(stripped):
        return int(stripped)
    else:
        number = as_number(stripped)
        if number is not None and (kind == "number" or number.is_integer()):
            return number if kind == "number" else int(number)
    raise BadRow(say("bad_cell", text=text, index=index, name=name, kind=kind))


def as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
