"""What the server says of its calls to programs: OpenAPI, with all that its routes share and none of them declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
PROJECT = "A workspace's id, as `GET /v3/projects` tells it."
ERROR: Mapping[str, Any] = {
    "type": "object",
    "required": ["error_code", "error_msg", "code", "parameters"],
    "properties": {
        "error_code": {"type": "string", "description": "ModelArts' code"},
        "error_msg": {"type": "string", "description": "what is wrong and what helps, in English"},
        "code": {"type": "string", "description": "what kind of error it is; the console's words go by it"},
        "parameters": {"type": "object", "description": "what the message names, such as `field`"},
        "told": {"description": "the message's catalogued parts, where it has such"},
    },
}
ERROR_REFERENCE = {"$ref": "#/components/schemas/Refusal"}
IDENTITIES: Mapping[str, Any] = {
    "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
    "signature": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "SDK-HMAC-SHA256"},
}


class DescribedApp(FastAPI):
    """An application whose OpenAPI is whole."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """With every parameter of a path, who asks, and errors as they are here: FastAPI declares 422 for what is 400."""
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Refusal"] = dict(ERROR)
    parts["securitySchemes"] = dict(IDENTITIES)
    document["security"] = [{name: []} for name in IDENTITIES]
    for path, calls in document["paths"].items():
        for method in METHODS:
            if method in calls:
                complete(calls[method], path)
    return document


def complete(call: dict[str, Any], path: str) -> None:
    declared = call.setdefault("parameters", [])
    known = {one["name"] for one in declared if one["in"] == "path"}
    missing = [name for name in PLACE.findall(path) if name not in known]
    declared[:0] = [place(name) for name in missing]
    call["responses"].pop("422", None)
    told = {"description": "Refused, with the reason", "content": {"application/json": {"schema": ERROR_REFERENCE}}}
    call["responses"].setdefault("default", told)


def place(name: str) -> dict[str, Any]:
    told = {"description": PROJECT} if name == "project_id" else {}
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, **told}
