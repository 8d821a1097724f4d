"""`maquette batch`: a model over all that is in a folder of a bucket."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from maquette.cli.services import in_one_line
from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import BadInput, Conflict, Refused
from maquette.training.domain import read_variable
from maquette_sdk.client import Service

ASK_SECONDS = 0.5
TELL_SECONDS = 2.0
MOST_TOLD = 10
KIND = "batch"


@click.group()
def batch() -> None:
    """Batch services of the Maquette where one has signed in."""


@batch.command()
@click.argument("model", metavar="MODEL[:VERSION]")
@click.argument("source", metavar="obs://IN/|DIR")
@click.argument("target", metavar="obs://OUT/")
@click.option("--csv", "rule", metavar="RULE|@FILE", help="One call a row: the request's schema with `index` in it.")
@click.option("--name", default="", help="The service's name; else the model's and the time.")
@click.option("--instances", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--flavour", default="", metavar="NAME", help="What each may use; `maquette jobs flavours` lists them.")
@click.option("--env", multiple=True, metavar="K=V", help="A variable for the model's code.")
@click.option("--path", default="", help="The path of its api; else the first that the model declares.")
@click.option("--description", default="")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is finished.")
@json_option
@profile_option
def run(
    model: str, source: str, target: str, rule: str | None, env: tuple[str, ...], no_wait: bool, as_json: bool,
    profile: str, **options: Any,
) -> None:  # fmt: skip
    """Answers every file of a folder, or that a .manifest names, and puts the results into another folder.

    A folder of this machine is uploaded first. Ctrl-C leaves the batch running.

    maquette batch run flowers obs://pets/photos/ obs://pets/results/
    """
    options["specification"] = options.pop("flavour")
    with signed_in(profile) as client:
        service = client.services.deploy_batch(
            model, source, target, variables=dict(map(read_variable, env)),
            mapping_rule=None if rule is None else read_rule(rule), **options,
        )  # fmt: skip
        follow(service, no_wait, as_json)


@batch.command()
@click.argument("service")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is finished.")
@json_option
@profile_option
def retry(service: str, no_wait: bool, as_json: bool, profile: str) -> None:
    """Answers once more what has failed, and only that."""
    with signed_in(profile) as client:
        follow(known(client.services.get(service)).retry_failed(), no_wait, as_json)


def follow(service: Service, no_wait: bool, as_json: bool) -> None:
    if not no_wait:
        click.echo(f"maquette: batch {service.name} ({service.id})", err=True)
        watch(service)
    end(service, as_json, ended=not no_wait)


def read_rule(text: str) -> dict[str, Any]:
    """ModelArts' `mapping_rule`: JSON itself, or @FILE with it."""
    try:
        found = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except OSError as error:
        raise BadInput(f"--csv: '{text[1:]}' cannot be read: {error.strerror}.", field="csv") from None
    except ValueError as error:
        raise BadInput(f"--csv: this is no JSON ({error}). Write the rule, or @FILE.", field="csv") from None
    if not isinstance(found, dict):
        raise BadInput("--csv: a rule is a JSON object, the request's schema with `index` in it.", field="csv")
    return found


def watch(service: Service) -> None:
    """Tells how far it is, until it is finished."""
    told, next_at = "", 0.0
    try:
        while service.refresh().status in ("deploying", "running"):
            line = spell_progress(service)
            if line != told and time.monotonic() >= next_at:
                told, next_at = line, time.monotonic() + TELL_SECONDS
                click.echo(f"maquette: {line}", err=True)
            time.sleep(ASK_SECONDS)
    except KeyboardInterrupt:
        name = service.name
        click.echo(
            f"maquette: the batch goes on; `maquette batch show {name}` tells how far it is, "
            f"`maquette batch stop {name}` ends it",
            err=True,
        )
        sys.exit(128 + signal.SIGINT)


def spell_progress(service: Service) -> str:
    if service.status == "deploying":
        return "getting ready"
    progress = service.progress()
    failed = f", {progress['failed']} failed" if progress["failed"] else ""
    left = f", about {progress['seconds_left']:.0f} s left" if progress["seconds_left"] else ""
    return f"{progress['done']} of {progress['total']} files answered{failed}{left}"


def end(service: Service, as_json: bool, ended: bool) -> None:
    """What has become of it; the exit code is 0 only where all was answered."""
    if as_json:
        click.echo(json.dumps(service.about, ensure_ascii=False, indent=1))
    elif not ended:
        click.echo(f"{service.name}  {service.id}")
    if not ended:
        return
    if service.status != "finished":
        raise Refused(f"The batch '{service.name}' is {service.status}. {in_one_line(service.error)}".strip())
    if not as_json:
        click.echo(f"maquette: {spell_progress(service)}", err=True)
        click.echo(service.config[0]["dest_path"])
    if tell_failures(service):
        sys.exit(1)


def tell_failures(service: Service) -> int:
    failures = service.failures()
    for one in failures[:MOST_TOLD]:
        click.echo(f"maquette: {spell_place(one)}: {one['message']}", err=True)
    if len(failures) > MOST_TOLD:
        click.echo(f"maquette: and {len(failures) - MOST_TOLD} more; `maquette batch show {service.name}`", err=True)
    return len(failures)


def spell_place(failure: Mapping[str, Any]) -> str:
    return f"{failure['source']} row {failure['row']}" if failure["row"] is not None else str(failure["source"])


@batch.command("list")
@click.option("--search", default="", help="Part of a name.")
@json_option
@profile_option
def list_batches(search: str, as_json: bool, profile: str) -> None:
    """Lists batch services, the newest first."""
    with signed_in(profile) as client:
        found = client.services.list(search, infer_type=KIND)
    columns = {
        "name": lambda one: one["service_name"],
        "state": lambda one: one["status"],
        "made": lambda one: when(one["publish_at"]),
        "id": lambda one: one["service_id"],
    }
    show_table(found, columns, as_json)


@batch.command()
@click.argument("service")
@json_option
@profile_option
def show(service: str, as_json: bool, profile: str) -> None:
    """Shows how far a batch is, and all that could not be answered."""
    with signed_in(profile) as client:
        found = known(client.services.get(service))
        failures = found.failures()
        if as_json:
            told = {**found.about, "counts": found.progress(), "failures": failures}
            click.echo(json.dumps(told, ensure_ascii=False, indent=1))
            return
        click.echo(f"{found.name}  {found.status}  {found.id}")
        if found.error:
            click.echo(found.error)
        part = found.config[0]
        click.echo(f"{part['src_path']} -> {part['dest_path']}: {spell_progress(found)}")
        if failures:
            columns = {"file": spell_place, "why": lambda one: one["message"].partition("\n")[0]}
            show_table(failures, columns, as_json)


@batch.command()
@click.argument("service")
@profile_option
def stop(service: str, profile: str) -> None:
    """Stops a batch; results that are there stay."""
    with signed_in(profile) as client:
        known(client.services.get(service)).stop()


@batch.command()
@click.argument("service")
@profile_option
def remove(service: str, profile: str) -> None:
    """Removes a batch with its history; its results stay."""
    with signed_in(profile) as client:
        known(client.services.get(service)).remove()


def known(service: Service) -> Service:
    """Raises Conflict for an online service."""
    if not service.is_batch:
        raise Conflict(f"'{service.name}' is an online service. Use `maquette services`.")
    return service
