"""Reads `apis` of config.json: what a request holds, what the answer is said to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maquette.models.config import fields
from maquette.models.config.loose_json import Member, Node
from maquette.models.config.loose_text import Edit
from maquette.models.config.notes import KIND_NAMES, Notes, is_null, joined
from maquette.models.domain import FORM, JSON, MODEL_TYPES, Api, Body
from maquette.models.sentences import say

CONTENT_TYPES = {
    "applicaton/json": JSON, "aplication/json": JSON, "application/jason": JSON, "application/josn": JSON,
    "applcation/json": JSON, "json": JSON, "text/json": JSON, "application\\json": JSON, "application-json": JSON,
    "multipart/form_data": FORM, "multipart/formdata": FORM, "multipart/from-data": FORM, "multipart/form": FORM,
    "form-data": FORM, "multipart-form-data": FORM, "mutipart/form-data": FORM, "multipart\\form-data": FORM,
}  # fmt: skip
TYPES = {
    "list": "array", "tuple": "array", "ndarray": "array", "float": "number", "double": "number", "int": "integer",
    "long": "integer", "dict": "object", "map": "object", "json": "object", "str": "string", "text": "string",
    "bool": "boolean", "none": "null", "image": "file", "img": "file", "binary": "file", "video": "file",
}  # fmt: skip
PROTOCOLS = ("http", "https")
JSON_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def read_apis(config: Node, member: Member | None, model_type: str, notes: Notes) -> tuple[Api, ...]:
    """The apis in the order of the file; a request that stands outside `apis` is taken as the only one."""
    apis = [read_api(node, path, model_type, notes) for path, node in notes.list_of(member, "apis")]
    outside = {"request", "response", "url", "method"} & {member.key for member in config.members}
    if not apis and "request" in outside:
        stray = next(member for member in config.members if member.key == "request")
        said, fix = say("request_outside"), say("request_outside_fix")
        notes.say("misplaced-field", stray, "request", said=said, fix=fix)
        return (read_api(config, "", model_type, notes, inside=False),)
    if not apis:
        notes.say("missing-apis", member or config, "apis")
    if len(apis) > 1 and model_type != "Image":
        notes.say("several-apis", member, "apis", count=len(apis))
    return tuple(apis)


def read_api(node: Node, path: str, model_type: str, notes: Notes, inside: bool = True) -> Api:
    if node.kind != "object":
        kind, outcome, example = say(KIND_NAMES[node.kind]), say("not_read"), '{"url": "/", "method": "post", …}'
        words = {"name": path, "kind": kind, "wanted": say("an_object"), "outcome": outcome, "example": example}
        notes.say("field-type", node, path, (), **words)
        return Api()
    found = notes.fields(node, fields.API, path) if inside else {member.key: member for member in node.members}
    method = notes.text_of(found.get("method"), joined(path, "method"), "post")
    if method.lower() != "post":
        notes.say("api-method", found.get("method"), joined(path, "method"), method=method)
    url = read_url(found.get("url"), joined(path, "url"), model_type, notes)
    misplaced = response_in_request(found, path, notes)
    request = read_body(found.get("request"), found.get("input_params"), joined(path, "request"), notes, True)
    response = read_body(
        found.get("response") or misplaced, found.get("output_params"), joined(path, "response"), notes, False
    )
    check_request(found, request, joined(path, "request"), model_type, notes)
    return Api(
        url=url,
        method=method.lower(),
        protocol=read_protocol(found.get("protocol"), joined(path, "protocol"), notes),
        request=request,
        response=response,
    )


def read_url(member: Member | None, path: str, model_type: str, notes: Notes) -> str:
    url = "/" + notes.text_of(member, path, "/").lstrip("/")
    if url != "/" and model_type != "Image":
        here = say("tells_ready" if url == "/health" else "as_well")
        notes.say("api-url", member, path, url=url, here=here)
    return url


def read_protocol(member: Member | None, path: str, notes: Notes) -> str:
    protocol = notes.text_of(member, path, "https").lower()
    if protocol not in PROTOCOLS:
        notes.say("api-protocol", member, path, protocol=protocol)
    return protocol


def response_in_request(found: Mapping[str, Member], path: str, notes: Notes) -> Member | None:
    """A response that one brace too few has put inside the request."""
    request = found.get("request")
    inner = [member for member in request.node.members if member.key == "response"] if request else []
    if not inner or "response" in found:
        return None
    where = joined(path, "request.response")
    notes.say("misplaced-field", inner[0], where, said=say("response_inside"), fix=say("close_request"))
    return inner[0]


def read_body(member: Member | None, parameters: Member | None, path: str, notes: Notes, is_request: bool) -> Body:
    """A request or response in any of its dialects: `data`, the schema itself, or the REST API's `…_params`."""
    if member is None and parameters is not None:
        schema = schema_of_parameters(parameters.node, path, notes)
        return Body(FORM if "file" in Body(JSON, schema).fields.values() else JSON, schema)
    if member is None or is_null(member.node):
        if is_request:
            notes.say("missing-request-schema", member, path)
        return Body()
    if member.node.kind != "object":
        notes.wrong_kind(member, path, say("an_object"), say("not_read"), "{ … }")
        return Body()
    vocabulary = fields.BODY
    if not is_request or any(inner.key == "response" for inner in member.node.members):
        vocabulary = fields.Vocabulary(fields.BODY.names, fields.BODY.aliases, silent=fields.BODY.silent | {"response"})
    found = notes.fields(member.node, vocabulary, path)
    content_type = read_content_type(found.get("Content-type"), joined(path, "Content-type"), notes, is_request)
    data = found.get("data")
    if data is not None:
        if data.node.kind != "object":
            notes.wrong_kind(data, joined(path, "data"), say("an_object"), say("not_read"), SCHEMA_EXAMPLE)
        return Body(content_type, read_schema(data.node, joined(path, "data"), notes))
    if member.node.get("properties") or member.node.get("type"):
        return Body(content_type, read_schema(member.node, path, notes))
    if is_request:
        notes.say("missing-request-schema", member, path)
    return Body(content_type)


def read_content_type(member: Member | None, path: str, notes: Notes, is_request: bool) -> str:
    written = notes.text_of(member, path, JSON)
    plain = written.split(";")[0].strip().lower()
    code = "content-type" if is_request else "response-content-type"
    if plain in (JSON, FORM):
        if not is_request and plain == FORM:
            notes.say(code, member, path, written=written, trouble=say("of_a_form"), meant=f'"{JSON}"')
        return plain
    meant = CONTENT_TYPES.get(plain) or fields.nearest(plain, [JSON, FORM], most=2)
    if meant is None or member is None:
        either = say("either", first=f'"{JSON}"', second=f'"{FORM}"')
        notes.say(code, member, path, written=written, trouble=say("not_known"), meant=either)
        return FORM if plain.startswith("multipart") and is_request else JSON
    edits = (Edit(member.node.start, member.node.end, f'"{meant}"'),)
    trouble = say("misspelling", meant=meant)
    notes.say(code, member, path, edits, written=written, trouble=trouble, meant=f'"{meant}"')
    return meant


def check_request(found: Mapping[str, Member], request: Body, path: str, model_type: str, notes: Notes) -> None:
    member = found.get("request")
    kind = MODEL_TYPES.get(model_type)
    files = [name for name, type_ in request.fields.items() if type_ == "file"]
    if kind and kind.json_only and (files or request.content_type == FORM):
        notes.say("json-only-engine", member, path, model_type=model_type)
    elif files and request.content_type == JSON:
        notes.say("request-content", member, joined(path, "Content-type"), name=files[0])


# ── schemas ──

FIELDS_EXAMPLE = '{"images": {"type": "file"}}'
SCHEMA_EXAMPLE = f'{{"type": "object", "properties": {FIELDS_EXAMPLE}}}'


def read_schema(node: Node, path: str, notes: Notes) -> dict[str, Any]:
    """A JSON schema under its proper names and types; what else it holds stays as it is."""
    if node.kind != "object":
        return {}
    found = notes.fields(node, fields.SCHEMA, path)
    schema: dict[str, Any] = {
        member.key: member.node.plain() for member in node.members if member not in found.values()
    }
    if (type_ := found.get("type")) is not None:
        schema["type"] = read_type(type_, joined(path, "type"), notes)
    if (properties := found.get("properties")) is not None:
        schema["properties"] = read_properties(properties, path, notes)
    if (items := found.get("items")) is not None:
        inside = joined(path, "items")
        if items.node.kind == "array":
            schema["items"] = [read_schema(item, inside, notes) for item in items.node.items]
        else:
            schema["items"] = read_schema(items.node, inside, notes)
    if (required := found.get("required")) is not None:
        schema["required"] = required.node.plain()
    return schema


def read_properties(properties: Member, path: str, notes: Notes) -> dict[str, Any]:
    if properties.node.kind != "object":
        notes.wrong_kind(properties, joined(path, "properties"), say("an_object"), say("not_read"), FIELDS_EXAMPLE)
    schemas = {}
    for member in properties.node.members:
        inside = joined(path, member.key)
        if member.node.kind != "object":
            notes.wrong_kind(member, inside, say("an_object"), say("type_unknown"), '{"type": …}')
        schemas[member.key] = read_schema(member.node, inside, notes)
    return schemas


def read_type(member: Member, path: str, notes: Notes) -> Any:
    if member.node.kind != "string":
        return member.node.plain()
    written = str(member.node.value)
    if written in JSON_TYPES or written == "file":
        return written
    plain = written.strip().lower()
    meant = plain if plain in (*JSON_TYPES, "file") else TYPES.get(plain)
    outcome = say("read_as", text=meant) if meant else ""
    notes.say("schema-type", member, path, written=written, outcome=outcome, meant=meant or "string")
    return meant or "string"


def schema_of_parameters(node: Node, path: str, notes: Notes) -> dict[str, Any]:
    """`input_params` of the REST API: a schema, or the older flat list of parameters."""
    if node.kind == "object":
        return read_schema(node, path, notes)
    properties = {}
    for item in node.items:
        plain = item.plain()
        if isinstance(plain, dict) and plain.get("param_name"):
            properties[str(plain["param_name"])] = {"type": str(plain.get("param_type", "string"))}
    return {"type": "object", "properties": properties}
