"""The page that a service shows to browsers: one document that asks nobody else for anything."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response

from maquette.models.domain import Api, Package
from maquette.services.examples import sample, takes_form, usual_api

FOLDER = Path(__file__).parent / "pages"
SCRIPTS = ("words.js", "answer.js", "page.js")
KINDS = {"int": "integer", "long": "integer", "float": "number", "double": "number", "bool": "boolean"}
TOLD = ("default", "minimum", "maximum", "description")


def make_page(title: str, about: str, package: Package) -> Callable[[], Response]:
    """A function that answers with the page of this service."""
    document, policy = write_document(title, describe(about, package))
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
    return lambda: HTMLResponse(document, headers=headers)


def describe(about: str, package: Package) -> dict[str, Any]:
    """What the script on the page is told of the service. Of a form without declared fields it makes one to fill in."""
    usual = usual_api(package)
    form = takes_form(usual)
    return {
        "about": about,
        "path": usual.url,
        "form": form,
        "fields": list(form_fields(package.api)) if form else [],
        "sample": sample(usual.request.schema),
    }


def form_fields(api: Api) -> Iterator[dict[str, Any]]:
    """The declared fields with what a form needs of their schemas."""
    for name, kind in api.request.fields.items():
        schema = api.request.schema["properties"][name]
        known: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        field = {"name": name, "type": KINDS.get(kind.lower(), kind.lower()) or "text"}
        field |= {key: known[key] for key in TOLD if key in known}
        if isinstance(known.get("enum"), list) and known["enum"]:
            field["options"] = known["enum"]
        yield {**field, "type": "text"} if field["type"] == "string" else field


def write_document(title: str, service: Mapping[str, Any]) -> tuple[str, str]:
    """The document, and the policy by which browsers run and show what is in it and nothing else."""
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    parts = {
        "title": html.escape(title),
        "style": style,
        "script": script,
        "service": json.dumps(service, ensure_ascii=False).replace("<", "\\u003c"),
    }
    document = (FOLDER / "page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        document = document.replace("{{" + name + "}}", text)
    policy = (
        f"default-src 'none'; script-src {hash_of(script)}; style-src {hash_of(style)}; img-src data: blob:;"
        " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return document, policy


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
