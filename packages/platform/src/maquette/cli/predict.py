"""`maquette predict`: one call of an online service, with files and fields by their names."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from maquette.cli.pictures import put_aside, replaced
from maquette.cli.signed_in import profile_option, signed_in
from maquette.kernel.errors import BadInput, Conflict, Refused
from maquette.models.config.reading import read_config
from maquette.models.domain import MODEL_TYPES, Api, Package
from maquette.services.examples import form_text, sample, takes_form, usual_api
from maquette_sdk.client import Answer, PredictionRefused, Service

FILE = "file"
WHOLE_NUMBERS = ("integer", "int", "long")
NUMBERS = ("number", "float", "double")
TEXTS = ("string", "text", "")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True})
@click.argument("service")
@click.argument("values", metavar="[--NAME VALUE]…", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "json_text", metavar="TEXT|@FILE", help="JSON to send, instead of fields; @- reads stdin.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field, whatever it is called.")
@click.option("--file", "files", multiple=True, metavar="NAME=PATH", help="A file, whatever its field is called.")
@click.option("--path", default="", help="The path of its api; else the one that the model declares.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Keeps the picture of the answer, or all.")
@click.option("--time", "tell_time", is_flag=True, help="Tells how long the parts of the call took.")
@profile_option
def predict(
    service: str, values: tuple[str, ...], json_text: str | None, fields: tuple[str, ...], files: tuple[str, ...],
    path: str, out: Path | None, tell_time: bool, profile: str,
) -> None:  # fmt: skip
    """Calls an online service, by its name or id, and prints its answer as JSON.

    Any --NAME VALUE becomes a field or a file, as the model declares it; of what it does not declare, a VALUE that is
    the path of a file is one.

    maquette predict flowers --images rose.jpg

    maquette predict prices --json '{"data": {"req_data": [{"rooms": 3}]}}'
    """
    given = read_values(values)
    with signed_in(profile) as client:
        found = client.services.get(service)
        if found.is_batch:
            raise Conflict(
                f"'{service}' is a batch, which takes no calls. Deploy its model: `maquette services deploy`."
            )
        api = api_of(client.models.get(found.config[0]["model_id"]).about)
        if not (given or fields or files or json_text):
            raise BadInput(f"There is nothing to send. Write: {predict_line(service, api)}", field="values")
        call = read_call(api, given, json_text, fields, files)
        began = time.monotonic()
        answer = asked(found, call, path or api.url)
        seconds = time.monotonic() - began
    if tell_time:
        click.echo(f"maquette: {spell_times(answer.times, seconds)}", err=True)
    show_answer(answer, out)


def asked(service: Service, call: Mapping[str, Any], path: str) -> Answer:
    try:
        return service.ask(path=path, **call)
    except PredictionRefused as error:
        own = isinstance(error.answer, dict) and "erno" in error.answer
        more = f" `maquette services logs {service.name}` tells more." if own else ""
        raise Refused(error.message + more, answer=error.answer) from error


def spell_times(times: Mapping[str, float], seconds: float) -> str:
    parts = ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in times.items())
    return f"answered after {seconds * 1000:.1f} ms" + (f"; of these {parts}" if parts else "")


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────


def read_values(tokens: Sequence[str]) -> list[tuple[str, str]]:
    """`--name value` and `--name=value`."""
    found, rest = [], list(tokens)
    while rest:
        token = rest.pop(0)
        name, separator, value = token.removeprefix("--").partition("=")
        if not token.startswith("--") or not name:
            raise BadInput(f"'{token}' is no field. Write --NAME VALUE.", field="values")
        if not separator and (not rest or rest[0].startswith("--")):
            raise BadInput(f"--{name} has no value. Write --{name} VALUE, or --{name}= for an empty one.", field=name)
        found.append((name, value if separator else rest.pop(0)))
    return found


def read_call(
    api: Api, given: Sequence[tuple[str, str]], json_text: str | None, fields: Sequence[str], files: Sequence[str]
) -> dict[str, Any]:
    """What `Service.ask` takes: files and fields, or JSON where the model takes JSON and no file is among them."""
    if json_text is not None:
        if given or fields or files:
            raise BadInput("--json says all that is sent. Leave the other values away.", field="json")
        return {"json": read_json(json_text)}
    sent: dict[str, list[Path]] = {}
    named: dict[str, str] = {}
    for name, value in given:
        put(sent, named, name, value, is_file(api, name, value))
    for text, one_is_file in [*((text, False) for text in fields), *((text, True) for text in files)]:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise BadInput(f"'{text}' is not NAME=VALUE.", field="file" if one_is_file else "field")
        put(sent, named, name, value, one_is_file)
    if sent or takes_form(api) or not named:
        return {"files": sent, "fields": named}
    declared = api.request.fields
    return {"json": {name: typed(name, value, declared.get(name)) for name, value in named.items()}}


def put(sent: dict[str, list[Path]], named: dict[str, str], name: str, value: str, one_is_file: bool) -> None:
    if one_is_file:
        if not Path(value).is_file():
            raise BadInput(f"--{name} is a file, and there is no file '{value}'.", field=name)
        sent.setdefault(name, []).append(Path(value))
        return
    if name in named:
        raise BadInput(f"--{name} is given twice.", field=name)
    named[name] = value


def is_file(api: Api, name: str, value: str) -> bool:
    declared = api.request.fields.get(name)
    return Path(value).is_file() if declared is None else declared == FILE


def typed(name: str, value: str, declared: str | None) -> Any:
    """A value as JSON, of the type that is declared; of none, the JSON that it is, or a text."""
    kind = None if declared is None else declared.lower()
    if kind in TEXTS:
        return value
    try:
        read = json.loads(value)
    except ValueError:
        if kind is None:
            return value
        raise BadInput(f"--{name} is declared as {kind}, and '{value}' is none.", field=name) from None
    number = isinstance(read, int | float) and not isinstance(read, bool)
    if (kind in NUMBERS and not number) or (kind in WHOLE_NUMBERS and not (number and read == int(read))):
        raise BadInput(f"--{name} is declared as {kind}, and '{value}' is none.", field=name)
    return read


def read_json(text: str) -> Any:
    """JSON itself, or @FILE with it."""
    try:
        if text.startswith("@"):
            text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise BadInput(f"--json: '{text[1:]}' cannot be read: {error.strerror}.", field="json") from None
    except ValueError as error:
        raise BadInput(f"--json: this is no JSON ({error}).", field="json") from None


# ── what a model takes ───────────────────────────────────────────────────────────────────────────


def api_of(model: Mapping[str, Any]) -> Api:
    """The api that a model declares, or that models of its kind usually have."""
    config = read_config(str(model["config"]).encode()).config
    kind = str(model["model_type"])
    if kind not in MODEL_TYPES:
        return config.api
    return usual_api(Package(Path(), config, kind, None, ""))


def predict_line(service: str, api: Api) -> str:
    """The command that calls the service; FILE stands for a file."""
    if not takes_form(api):
        text = json.dumps(sample(api.request.schema), ensure_ascii=False)
        return f"maquette predict {service} --json {shlex.quote(text)}"
    properties = api.request.schema.get("properties", {})
    words = [
        f"--{name} {'FILE' if kind == FILE else shlex.quote(form_text(sample(properties.get(name, {}))))}"
        for name, kind in api.request.fields.items()
    ]
    return " ".join(["maquette predict", service, *words])


# ── what comes back ──────────────────────────────────────────────────────────────────────────────


def show_answer(answer: Answer, out: Path | None) -> None:
    """JSON on stdout. With --out the pictures in it go to files, or all of it where there are none; people who look at
    it on a screen are spared them."""
    value = answer.value
    if isinstance(value, bytes):
        if out is None:
            kind = answer.content_type or "no text"
            raise Refused(f"The answer is {kind}, of {len(value)} bytes. --out FILE keeps it.")
        tell_written(out, value)
        return
    if out is not None:
        value, files = put_aside(value, out)
        for file, data in (files or {out: dumped(value).encode()}).items():
            tell_written(file, data)
        if not files:
            return
    elif sys.stdout.isatty():
        value = replaced(value, lambda picture: f"(a picture of {len(picture)} bytes; --out FILE keeps it)")
    click.echo(dumped(value), nl=False)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def tell_written(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise BadInput(f"--out: '{file}' cannot be written: {error.strerror}.", field="out") from None
    click.echo(f"maquette: {file}, {len(data)} bytes", err=True)
