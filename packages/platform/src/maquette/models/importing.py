"""What a model is imported from, and how: checked before anything is copied."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from maquette.buckets.domain import Address, is_address, read_address
from maquette.kernel.errors import BadInput
from maquette.models.domain import MODEL_TYPES, Mode
from maquette.models.sentences import say
from maquette_sdk.objects import is_bucket_name

NAME = re.compile(r"[\w\-]{1,64}")
VERSION = re.compile(r"(0|[1-9]\d?)\.(0|[1-9]\d?)\.(0|[1-9]\d?)")
FORBIDDEN = re.compile(r"[&!'\"<>=]")
LONGEST_DESCRIPTION, MOST_TAGS, MOST_DOCS = 100, 5, 3
INSTALL_TYPES = ("real-time", "batch", "edge")
FIRST = "0.0.1"
LAST_NUMBER = 99


class Doc(BaseModel):
    """A page about the model."""

    model_config = ConfigDict(frozen=True)
    doc_name: str = Field(max_length=48)
    doc_url: str = Field(max_length=1024)


class Import(BaseModel):
    """`address` is a folder, or a zip, in a bucket. `job` and `job_version` are where it was trained. What is given of
    `model_type`, `runtime`, `algorithm`, `apis`, `dependencies` and `metrics` wins over the package's config.json, and
    `initial_config` is a whole one in its place. `execution_code` is inference code that lies elsewhere. `mode` is that
    of a template."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())
    address: str
    job: str = ""
    job_version: str = ""
    model_type: str = ""
    runtime: str = ""
    engine: str = ""
    algorithm: str = ""
    execution_code: str = ""
    initial_config: str = ""
    apis: list[dict[str, Any]] = Field(default_factory=list)
    dependencies: list[dict[str, Any]] = Field(default_factory=list)
    metrics: dict[str, Any] = Field(default_factory=dict)
    mode: str = ""
    install_types: tuple[str, ...] = INSTALL_TYPES
    docs: tuple[Doc, ...] = ()
    original: dict[str, Any] = Field(default_factory=dict)


def check_import(given: Import) -> None:
    """BadInput names the field and the fix."""
    if given.model_type and given.model_type not in MODEL_TYPES:
        known = ", ".join(MODEL_TYPES)
        raise BadInput(say("model_type", name=given.model_type, known=known), field="model_type")
    if given.mode and given.mode not in list(Mode):
        raise BadInput(say("mode", name=given.mode, known=", ".join(Mode)), field="template")
    if given.execution_code:
        read_location(given.execution_code, "execution_code")
    if given.initial_config:
        read_initial(given.initial_config)
    unknown = [one for one in given.install_types if one not in INSTALL_TYPES]
    if unknown:
        raise BadInput(say("install_type", name=unknown[0], known=", ".join(INSTALL_TYPES)), field="install_type")
    if len(given.docs) > MOST_DOCS:
        raise BadInput(say("docs", most=MOST_DOCS, count=len(given.docs)), field="model_docs")


def read_initial(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(say("initial_no_json", error=error), field="initial_config") from None
    if not isinstance(found, dict):
        raise BadInput(say("initial_no_object"), field="initial_config")
    return found


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(say("model_name", name=name), field="model_name")


def check_description(text: str) -> None:
    if len(text) > LONGEST_DESCRIPTION or FORBIDDEN.search(text):
        raise BadInput(say("description", most=LONGEST_DESCRIPTION), field="description")


def check_tags(tags: Sequence[Mapping[str, str]]) -> None:
    if len(tags) > MOST_TAGS:
        raise BadInput(say("tags", most=MOST_TAGS, count=len(tags)), field="tags")


def read_version(text: str) -> tuple[int, int, int]:
    found = VERSION.fullmatch(text)
    if not found:
        raise BadInput(say("no_version_number", text=text, most=LAST_NUMBER, first=FIRST), field="model_version")
    first, second, third = (int(number) for number in found.groups())
    return first, second, third


def next_version(newest: tuple[int, int, int] | None) -> str:
    """One more than the newest; 0.0.99 is followed by 0.1.0."""
    if newest is None:
        return FIRST
    major, minor, patch = newest
    number = (major * 100 + minor) * 100 + patch + 1
    return f"{number // 10_000}.{number // 100 % 100}.{number % 100}"


def read_location(text: str, field: str) -> Address:
    """`obs://bucket/folder/`, `/bucket/folder/`, or the https address of a bucket that ModelArts' console shows."""
    text = text.strip()
    parts = urlsplit(text)
    if parts.scheme in ("http", "https"):
        bucket, _, host = parts.netloc.partition(".")
        key = unquote(parts.path).lstrip("/")
        if not host.startswith("obs"):  # the bucket is the first part of the path
            bucket, _, key = key.partition("/")
    elif is_address(text):
        address = read_located(text, field)
        bucket, key = address.bucket, address.key
    else:
        bucket, _, key = text.lstrip("/").partition("/")
    if not is_bucket_name(bucket):
        raise BadInput(say("no_bucket_named", field=field, text=text), field=field)
    return Address(bucket, key)


def read_located(text: str, field: str) -> Address:
    try:
        return read_address(text)
    except BadInput as error:
        raise BadInput(say("at_field", field=field, reason=error.message), field=field) from None


def apis_of(inputs: Sequence[Mapping[str, Any]], outputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """ModelArts' `input_params` and `output_params` as the apis of a config.json, one for each url."""
    found: dict[str, dict[str, Any]] = {}
    for which, params in (("request", inputs), ("response", outputs)):
        for param in params:
            url = str(param.get("url") or "/")
            protocol, method = str(param.get("protocol") or "https"), str(param.get("method") or "post").lower()
            api = found.setdefault(url, {"protocol": protocol, "url": url, "method": method, **empty_bodies()})
            api[which]["data"]["properties"][str(param.get("param_name") or "")] = schema_of(param)
            if param.get("param_type") == "file" and which == "request":
                api["request"]["Content-type"] = "multipart/form-data"
    return list(found.values())


def empty_bodies() -> dict[str, Any]:
    return {
        which: {"Content-type": "application/json", "data": {"type": "object", "properties": {}}}
        for which in ("request", "response")
    }


def schema_of(param: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": str(param.get("param_type") or "string")}
    for name, key in (("min", "minimum"), ("max", "maximum"), ("param_desc", "description")):
        if param.get(name) is not None:
            schema[key] = param[name]
    return schema
