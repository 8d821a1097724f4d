"""Writes the calls of the server, as its OpenAPI tells them, into `src/api/calls.ts` for the console's type checker.

.venv/bin/python packages/console/api.py          writes it
.venv/bin/python packages/console/api.py --check   says whether it is as the server is
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from maquette import wiring
from maquette.kernel.settings import Home, Settings
from maquette.server import make_routes

TARGET = Path(__file__).parent / "src" / "api" / "calls.ts"
HEAD = """// Made by `python packages/console/api.py` from the server's OpenAPI; make it again when routes change.
/* eslint-disable */

"""
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
METHODS = ("get", "post", "put", "patch", "delete")
Schema = dict[str, Any]


def main() -> None:
    text = calls()
    if "--check" not in sys.argv[1:]:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(text)
    elif not TARGET.is_file() or TARGET.read_text() != text:
        sys.exit("src/api/calls.ts is not as the server is. Write it: .venv/bin/python packages/console/api.py")


def calls() -> str:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Home(Path(folder)), database=f"sqlite:///{folder}/rows.db")
        ctx = wiring.platform(settings)
        told = make_routes(ctx).openapi()
        ctx.database.close()
    bodies = [body(name, schema) for name, schema in sorted(told.get("components", {}).get("schemas", {}).items())]
    lines = [line for path, methods in sorted(told["paths"].items()) for line in of_path(path, methods)]
    return HEAD + "\n".join(bodies) + "\nexport interface Calls {\n" + "\n".join(lines) + "\n}\n"


def body(name: str, schema: Schema) -> str:
    if schema.get("type") == "object" and "properties" in schema:
        return f"export interface {word(name)} {fields(schema)}\n"
    return f"export type {word(name)} = {kind(schema)};\n"


def word(name: str) -> str:
    return re.sub(r"\W", "_", name)


def fields(schema: Schema) -> str:
    needed = set(schema.get("required", ()))
    lines = [
        f"  {json.dumps(name) if not name.isidentifier() else name}{'' if name in needed else '?'}: {kind(one)};"
        for name, one in schema.get("properties", {}).items()
    ]
    return "{\n" + "\n".join(lines) + "\n}"


def kind(schema: Schema) -> str:
    """A JSON schema as a type."""
    if "$ref" in schema:
        return word(schema["$ref"].rpartition("/")[2])
    for joined in ("anyOf", "oneOf", "allOf"):
        if joined in schema:
            sign = " & " if joined == "allOf" else " | "
            return sign.join(dict.fromkeys(kind(one) for one in schema[joined]))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"Array<{kind(schema.get('items', {}))}>"
    if schema.get("type") == "object":
        return of_object(schema)
    return PLAIN.get(schema.get("type", ""), "unknown")


def of_object(schema: Schema) -> str:
    if "properties" in schema:
        return re.sub(r"\s+", " ", fields(schema))
    more = schema.get("additionalProperties", True)
    return f"Record<string, {kind(more) if isinstance(more, dict) else 'unknown'}>"


def of_path(path: str, methods: dict[str, Any]) -> list[str]:
    """One line for each call: what goes into its path, its query and its body, and what is answered."""
    lines = []
    for method in METHODS:
        if method not in methods:
            continue
        told = methods[method]
        places = [
            "{ " + "; ".join(parameters(told, place)) + " }" if parameters(told, place) else "{}"
            for place in ("path", "query")
        ]
        sent = kind(content(told.get("requestBody", {}))) if "requestBody" in told else "undefined"
        good = next((one for status, one in told["responses"].items() if status.startswith("2")), {})
        answer = kind(content(good)) if good.get("content") else "undefined"
        lines.append(
            f'  "{method.upper()} {path}": {{ path: {places[0]}; query: {places[1]}; body: {sent}; answer: {answer} }};'
        )
    return lines


def parameters(told: Schema, place: str) -> list[str]:
    """But the project's, which `call` fills in."""
    return [
        f"{json.dumps(one['name'])}{'' if one.get('required') else '?'}: {kind(one['schema'])}"
        for one in told.get("parameters", ())
        if one["in"] == place and one["name"] != "project_id"
    ]


def content(part: Schema) -> Schema:
    schema: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


if __name__ == "__main__":
    main()
