"""`maquette services`: models online in a running Maquette, deployed, changed without a pause, and looked at."""

from __future__ import annotations

import functools
import json
import shlex
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from maquette.cli.predict import api_of, predict_line
from maquette.cli.quantities import read_seconds
from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import BadInput, Refused
from maquette.services.deployment import WHOLE
from maquette.training.domain import read_variable
from maquette_sdk.client import Client, Service
from maquette_sdk.client import MaquetteError as Answered

HOUR = 3600.0
NEVER = "never"
TRACEBACK = "Traceback (most recent call last):"
LAST_LINES = 20
LAST_BYTES = 8000
COUNTED = ("calls", "failures", "in_flight", "instances")
ANSWERING = ("running", "concerning")
LATENCIES = ("mean", "p50", "p95", "p99")

weight_option = click.option(
    "--weight", "weights", multiple=True, type=click.IntRange(0, WHOLE),
    help="Each model's share of the calls, in their order; else all the same.",
)  # fmt: skip
env_option = click.option("--env", multiple=True, metavar="K=V", help="A variable for the model's code.")
stop_option = click.option("--stop-after", metavar="TIME", help="Then it stops by itself, say 90m or 2h; or never.")
no_wait_option = click.option("--no-wait", is_flag=True, help="Do not wait until it runs.")


@click.group()
def services() -> None:
    """Online services of the Maquette where one has signed in."""


@services.command()
@click.argument("models", metavar="MODEL[:VERSION]…", nargs=-1, required=True)
@weight_option
@click.option("--name", default="", help="The service's name; else the model's.")
@click.option("--instances", type=click.IntRange(1, 64), default=1, show_default=True, help="Of each version.")
@click.option("--flavour", default="", metavar="NAME", help="What each may use; `maquette jobs flavours` lists them.")
@env_option
@stop_option
@click.option("--description", default="")
@no_wait_option
@json_option
@profile_option
def deploy(
    models: tuple[str, ...], weights: tuple[int, ...], name: str, instances: int, flavour: str, env: tuple[str, ...],
    stop_after: str | None, description: str, no_wait: bool, as_json: bool, profile: str,
) -> None:  # fmt: skip
    """Puts a model online, or several versions of it that share the calls, and waits until it answers.

    It runs until it is stopped, unless --stop-after says for how long.

    maquette services deploy flowers:0.0.1 flowers:0.0.2 --weight 90 --weight 10
    """
    with signed_in(profile) as client:
        service = client.services.deploy(
            read_models(models, weights), name, instances, flavour, dict(map(read_variable, env)),
            read_hours(stop_after) or 0.0, description,
        )  # fmt: skip
        finish(client, service, no_wait, as_json)


@services.command("list")
@click.option("--search", default="", help="Part of a name.")
@json_option
@profile_option
def list_services(search: str, as_json: bool, profile: str) -> None:
    """Lists online services, the newest first."""
    with signed_in(profile) as client:
        found = client.services.list(search)
    columns = {
        "name": lambda one: one["service_name"],
        "state": lambda one: one["status"],
        "calls": lambda one: str(one["invocation_times"]),
        "failed": lambda one: str(one["failed_times"]),
        "changed": lambda one: when(one["publish_at"]),
        "id": lambda one: one["service_id"],
    }
    show_table(found, columns, as_json)


@services.command()
@click.argument("service")
@json_option
@profile_option
def show(service: str, as_json: bool, profile: str) -> None:
    """Shows a service: how it is, what it consists of, how it is called, and its changes."""
    with signed_in(profile) as client:
        found = client.services.get(service)
        if as_json:
            click.echo(json.dumps(found.about, ensure_ascii=False, indent=1))
            return
        click.echo(f"{found.name}  {found.status}  {found.id}")
        if found.error:
            click.echo(found.error)
        if due := found.about.get("due_time"):
            click.echo(f"stops by itself at {when(due)}")
        show_table(found.config, VERSIONS, as_json)
        click.echo()
        show_table(found.updates(), UPDATES, as_json)
        if found.status in ANSWERING and not found.is_batch:
            tell_how_to_call(client, found)


def version_of(part: Mapping[str, Any]) -> str:
    return f"{part['model_name']} {part['model_version']}"


VERSIONS = {
    "version": version_of,
    "weight": lambda part: f"{part['weight']} %",
    "instances": lambda part: str(part["instance_count"]),
    "state": lambda part: part.get("status") or "",
    "flavour": lambda part: part["specification"],
    "variables": lambda part: " ".join(f"{key}={value}" for key, value in (part.get("envs") or {}).items()),
}
UPDATES = {
    "revision": lambda update: str(update.get("revision", "")),
    "changed": lambda update: when(update["update_time"]),
    "result": lambda update: update["result"].lower(),
    "consists of": lambda update: ", ".join(f"{version_of(part)} {part['weight']} %" for part in update["config"]),
}


@services.command()
@click.argument("service")
@click.argument("models", metavar="[MODEL[:VERSION]…]", nargs=-1)
@weight_option
@click.option("--instances", type=click.IntRange(1, 64), help="Of each version.")
@click.option("--flavour", metavar="NAME", help="What each may use.")
@click.option("--env", multiple=True, metavar="K=V", help="Variables for the model's code, in the place of all it had.")
@stop_option
@click.option("--description")
@no_wait_option
@json_option
@profile_option
def update(
    service: str, models: tuple[str, ...], weights: tuple[int, ...], instances: int | None, flavour: str | None,
    env: tuple[str, ...], stop_after: str | None, description: str | None, no_wait: bool, as_json: bool, profile: str,
) -> None:  # fmt: skip
    """Changes a service while it answers: other versions, weights, instances or variables. What is not named stays.

    maquette services update flowers flowers:0.0.2
    """
    with signed_in(profile) as client:
        found = client.services.get(service)
        wanted = read_models(models, weights) if models or not weights else reweighed(found, weights)
        variables = dict(map(read_variable, env)) if env else None
        found.update(wanted, instances, flavour, variables, read_hours(stop_after), description)
        if found.status == "failed":  # it is wanted to run, and has others to do so
            found.start()
        finish(client, found, no_wait, as_json)


@services.command()
@click.argument("service")
@click.option("--revision", type=click.IntRange(1), help="Which one; else the last that was ready before.")
@no_wait_option
@json_option
@profile_option
def rollback(service: str, revision: int | None, no_wait: bool, as_json: bool, profile: str) -> None:
    """Takes a service back to what it consisted of before."""
    with signed_in(profile) as client:
        finish(client, client.services.get(service).roll_back(revision), no_wait, as_json)


@services.command()
@click.argument("service")
@no_wait_option
@json_option
@profile_option
def start(service: str, no_wait: bool, as_json: bool, profile: str) -> None:
    """Starts a service that has stopped, and waits until it answers."""
    with signed_in(profile) as client:
        finish(client, client.services.get(service).start(), no_wait, as_json)


@services.command()
@click.argument("service")
@profile_option
def stop(service: str, profile: str) -> None:
    """Stops a service. Calls that it has are finished."""
    with signed_in(profile) as client:
        client.services.get(service).stop()


@services.command()
@click.argument("service")
@profile_option
def remove(service: str, profile: str) -> None:
    """Removes a service with its history; its models stay."""
    with signed_in(profile) as client:
        client.services.get(service).remove()


# ── looked at ────────────────────────────────────────────────────────────────────────────────────


@services.command()
@click.argument("service")
@click.option("--instance", type=click.IntRange(0), help="Which one, counted from 0; else the newest.")
@click.option("--tail", type=click.IntRange(1), metavar="LINES", help="Only its last lines.")
@profile_option
def logs(service: str, instance: int | None, tail: int | None, profile: str) -> None:
    """Shows what an instance of a service has written."""
    with signed_in(profile) as client:
        found = client.services.get(service)
        log = found.log("" if instance is None else nth_instance(found, instance))
    lines = log.splitlines(keepends=True)
    click.echo("".join(lines[-tail:] if tail else lines), nl=False)


def nth_instance(service: Service, number: int) -> str:
    there = service.instances()
    if number >= len(there):
        raise BadInput(f"--instance: '{service.name}' has {len(there)} instances, counted from 0.", field="instance")
    return str(there[number]["run_id"])


@services.command()
@click.argument("service")
@json_option
@profile_option
def events(service: str, as_json: bool, profile: str) -> None:
    """Tells what has happened to a service."""
    with signed_in(profile) as client:
        found = [event._asdict() for event in client.services.get(service).events()]
    columns = {
        "at": lambda event: when(event["at"] * 1000),
        "level": lambda event: "abnormal" if event["abnormal"] else "normal",
        "message": lambda event: in_one_line(event["message"]),
    }
    show_table(found, columns, as_json)


@services.command()
@click.argument("service")
@json_option
@profile_option
def stats(service: str, as_json: bool, profile: str) -> None:
    """Tells how a service is called: calls, failures, and how long answers take."""
    with signed_in(profile) as client:
        found = client.services.get(service).statistics()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    total = {**found["total"], "model_version": "all"}
    columns: dict[str, Callable[[Any], str]] = {
        "version": lambda part: part["model_version"],
        "weight": lambda part: f"{part['weight']} %" if part["model_id"] else "",
        **{name.replace("_", " "): functools.partial(spell_count, name) for name in COUNTED},
        **{name: functools.partial(spell_ms, f"{name}_ms") for name in LATENCIES},
    }
    show_table([*found["versions"], total], columns, as_json)


def spell_count(name: str, part: Mapping[str, Any]) -> str:
    return str(part.get(name, ""))


def spell_ms(name: str, part: Mapping[str, Any]) -> str:
    return "" if part.get(name) is None else f"{part[name]:.1f} ms"


# ── what is given ────────────────────────────────────────────────────────────────────────────────


def read_models(models: Sequence[str], weights: Sequence[int]) -> dict[str, int]:
    """Models with their weights; without these all the same, as near as whole numbers get."""
    if len(set(models)) < len(models):
        raise BadInput("A model is named twice. Give it more instances instead, by --instances.", field="models")
    if weights and len(weights) != len(models):
        told = f"There are {len(models)} models and {len(weights)} weights. Give a --weight for each."
        raise BadInput(told, field="weight")
    if weights and sum(weights) != WHOLE:
        raise BadInput(f"The weights make {sum(weights)}; all together have to be {WHOLE}.", field="weight")
    shares = weights or [
        WHOLE * (number + 1) // len(models) - WHOLE * number // len(models) for number in range(len(models))
    ]
    return dict(zip(models, shares, strict=True))


def reweighed(service: Service, weights: Sequence[int]) -> list[dict[str, Any]]:
    """The versions it has, with other shares."""
    parts = {part["model_id"]: part for part in service.config}
    kept = ("specification", "custom_spec", "instance_count", "envs")
    shares = read_models(list(parts), weights)
    return [
        {"model_id": id, "weight": share, **{name: parts[id][name] for name in kept}} for id, share in shares.items()
    ]


def read_hours(text: str | None) -> float | None:
    """Of --stop-after; 0 is never."""
    if text == NEVER:
        return 0.0
    seconds = read_seconds(text, "stop-after")
    return None if seconds is None else seconds / HOUR


# ── waited for ───────────────────────────────────────────────────────────────────────────────────


def finish(client: Client, service: Service, no_wait: bool, as_json: bool) -> None:
    """Waits unless told otherwise, and prints where the service is, or all of it as JSON."""
    if not no_wait and service.status != "stopped":
        watch(service)
    if as_json:
        click.echo(json.dumps(service.about, ensure_ascii=False, indent=1))
        return
    if service.status in ANSWERING:
        tell_how_to_call(client, service)
    elif service.status == "stopped":
        told = f"{service.name} is stopped; `maquette services start {service.name}` starts it"
        click.echo(f"maquette: {told}", err=True)
    else:
        click.echo(f"maquette: {service.name} is {service.status}", err=True)


def watch(service: Service) -> None:
    """Tells what happens until it runs; of a start that fails the last lines of its log too."""
    began, failed = time.monotonic(), ""
    try:
        for event in service.follow():
            failed = event.run if event.abnormal and event.run else failed
            click.echo(f"maquette: {in_one_line(event.message)}", err=True)
    except Answered as error:
        if failed:
            tell_last_lines(service, failed)
        raise Refused(in_one_line(error.message)) from error
    except KeyboardInterrupt:
        told = f"the service goes on; `maquette services show {service.name}` tells how it is"
        click.echo(f"maquette: {told}", err=True)
        sys.exit(128 + signal.SIGINT)
    click.echo(f"maquette: {service.name} is {service.status} after {time.monotonic() - began:.1f} s", err=True)


def in_one_line(message: str) -> str:
    """Of a traceback what went wrong, and not where."""
    first, *others = message.strip().splitlines() or [""]
    return first.replace(TRACEBACK, others[-1].strip()) if others else first


def tell_last_lines(service: Service, run_id: str) -> None:
    """Of an instance that did not get ready."""
    log = service.log(run_id, tail=LAST_BYTES)
    for line in log.splitlines()[-LAST_LINES:]:
        click.echo(f"  {line}", err=True)


def tell_how_to_call(client: Client, service: Service) -> None:
    """Its address on stdout; how to try it beside that."""
    click.echo(service.address)
    api = api_of(client.models.get(service.config[0]["model_id"]).about)
    click.echo(f"maquette: try it: {predict_line(shlex.quote(service.name), api)}", err=True)
