"""What a call of a service looks like: sample values from its declared request, and the curl line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maquette.models.domain import FORM, MODE_APIS, MODEL_TYPES, Api, Mode, Package

DEPTH = 8
FILE = "FILE"


def usual_api(package: Package) -> Api:
    """The package's api; where it declares no fields, with those that packages of its kind usually take."""
    request = package.api.request
    if request.fields or sample(request.schema):
        return package.api
    mode = Mode.PREDICT_ANALYSIS if MODEL_TYPES[package.model_type].json_only else Mode.IMAGE_PROCESSING
    return replace(package.api, request=MODE_APIS[mode].request)


def takes_form(api: Api) -> bool:
    """Do calls carry a form? A declared file says so, whatever content type is declared beside it."""
    return FORM in api.request.content_type.lower() or "file" in api.request.fields.values()


def sample(schema: Any, depth: int = 0) -> Any:
    """A small value that fits a JSON schema, its defaults and examples first; sloppy schemas as they are meant."""
    if isinstance(schema, list):
        schema = schema[0] if schema else {}
    if not isinstance(schema, Mapping) or depth > DEPTH:
        return {}
    for name in ("default", "example", "const"):
        if name in schema:
            return schema[name]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    if isinstance(properties := schema.get("properties"), Mapping):
        return {name: sample(of, depth + 1) for name, of in properties.items()}
    items = schema.get("items", schema.get("item"))
    if items is not None or schema.get("type") == "array":
        return [sample(items, depth + 1)] if items else []
    return plain(schema)


def plain(schema: Mapping[str, Any]) -> Any:
    """A sample of a number, text or truth value."""
    kind = str(schema.get("type", "")).lower()
    least = schema.get("minimum", 0)
    if kind in ("integer", "int", "long"):
        return int(least) if isinstance(least, int | float) else 0
    if kind in ("number", "float", "double"):
        return float(least) if isinstance(least, int | float) else 0.0
    if kind in ("boolean", "bool"):
        return False
    return "" if kind in ("string", "file") else {}


def curl(address: str, api: Api, name: str = FILE) -> str:
    """A line for the terminal that calls the service; `name` stands for a file."""
    if not takes_form(api):
        text = json.dumps(sample(api.request.schema), ensure_ascii=False)
        return f"curl -H 'Content-Type: application/json' -d {shlex.quote(text)} {address}"
    properties = api.request.schema.get("properties", {})
    parts = []
    for field, kind in api.request.fields.items():
        value = f"@{name}" if kind == "file" else form_text(sample(properties.get(field, {})))
        parts.append(f"-F {shlex.quote(f'{field}={value}')}")
    return f"curl {' '.join(parts)} {address}"


def form_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if value not in ({}, []) else ""
