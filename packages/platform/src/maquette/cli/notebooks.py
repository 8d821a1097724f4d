"""`maquette notebooks`: benches with JupyterLab on a running Maquette."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import Unavailable
from maquette_sdk.client import Client

PATIENCE_SECONDS = 1800
ASK_SECONDS = 0.5
hours_option = click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="Then it stops by itself.")


@click.group()
def notebooks() -> None:
    """Notebooks of the Maquette where one has signed in."""


@notebooks.command("list")
@click.option("--search", default="", help="Part of a name.")
@json_option
@profile_option
def list_notebooks(search: str, as_json: bool, profile: str) -> None:
    """Lists your notebooks, the newest first."""
    with signed_in(profile) as client:
        found = client.notebooks.list(search)
    columns = {
        "name": lambda one: one["name"],
        "state": lambda one: one["status"].lower(),
        "engines": lambda one: one["image"]["id"],
        "until": lambda one: until(one),
        "address": lambda one: one["url"] if one["status"] == "RUNNING" else "",
    }
    show_table(found, columns, as_json)


def until(one: dict[str, Any]) -> str:
    """When it stops by itself."""
    lease = one["lease"]
    return when(lease["create_at"] + lease["duration"]) if lease["enable"] and one["status"] == "RUNNING" else ""


@notebooks.command()
@click.argument("name")
@click.option("--engine", multiple=True, metavar="NAME", help="An engine as ModelArts names it; may be given again.")
@click.option(
    "--flavour", default="", metavar="NAME", help="What it may use; `maquette notebooks flavours` lists them."
)
@hours_option
@click.option("--description", default="")
@json_option
@profile_option
def create(
    name: str, engine: tuple[str, ...], flavour: str, hours: float | None, description: str, as_json: bool, profile: str
) -> None:
    """Makes a notebook with a kernel for each engine, waits until it runs, and prints its address."""
    with signed_in(profile) as client:
        image = "&".join(engine) or "pytorch"
        made = client.notebooks.create(name, image, flavour, hours or 1.0, description)
        tell(wait_until_running(client, made), as_json)


@notebooks.command()
@click.argument("notebook")
@hours_option
@json_option
@profile_option
def start(notebook: str, hours: float | None, as_json: bool, profile: str) -> None:
    """Starts a notebook again, with the files it had, and prints its address."""
    with signed_in(profile) as client:
        id = client.notebooks.get(notebook)["id"]
        tell(wait_until_running(client, client.notebooks.start(id, hours or 0.0)), as_json)


@notebooks.command("open")
@click.argument("notebook")
@json_option
@profile_option
def open_notebook(notebook: str, as_json: bool, profile: str) -> None:
    """Prints the address of a notebook, and starts it where it has stopped."""
    with signed_in(profile) as client:
        found = client.notebooks.get(notebook)
        if found["status"] in ("STOPPED", "ERROR", "START_FAILED"):
            found = client.notebooks.start(found["id"])
        tell(wait_until_running(client, found), as_json)


@notebooks.command()
@click.argument("notebook")
@profile_option
def stop(notebook: str, profile: str) -> None:
    """Stops a notebook. What is in its work folder stays."""
    with signed_in(profile) as client:
        client.notebooks.stop(client.notebooks.get(notebook)["id"])


@notebooks.command()
@click.argument("notebook")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True)
@profile_option
def renew(notebook: str, hours: float, profile: str) -> None:
    """Gives a notebook so many hours from now on."""
    with signed_in(profile) as client:
        client.notebooks.renew(client.notebooks.get(notebook)["id"], hours)


@notebooks.command()
@click.argument("notebook")
@profile_option
def delete(notebook: str, profile: str) -> None:
    """Removes a notebook that has stopped, with all its files."""
    with signed_in(profile) as client:
        client.notebooks.delete(client.notebooks.get(notebook)["id"])


@notebooks.command()
@click.argument("notebook")
@click.argument("folder", metavar="[obs://FOLDER]", default="")
@click.option("--path", default="", help="A part of the work folder; else all of it.")
@json_option
@profile_option
def push(notebook: str, folder: str, path: str, as_json: bool, profile: str) -> None:
    """Copies a notebook's work folder into a folder of a bucket, up to 100 MB. The folder is kept for the next time."""
    with signed_in(profile) as client:
        tell_synced(client.notebooks.push(client.notebooks.get(notebook)["id"], folder, path), as_json)


@notebooks.command()
@click.argument("notebook")
@click.argument("folder", metavar="[obs://FOLDER]", default="")
@click.option("--path", default="", help="A part of the folder; else all of it.")
@json_option
@profile_option
def pull(notebook: str, folder: str, path: str, as_json: bool, profile: str) -> None:
    """Copies a folder of a bucket into a notebook's work folder, up to 100 MB."""
    with signed_in(profile) as client:
        tell_synced(client.notebooks.pull(client.notebooks.get(notebook)["id"], folder, path), as_json)


@notebooks.command()
@json_option
@profile_option
def flavours(as_json: bool, profile: str) -> None:
    """Lists what this Maquette's machine has to give."""
    with signed_in(profile) as client:
        found = client.notebooks.flavours()
    columns = {
        "name": lambda one: one["id"],
        "cores": lambda one: str(one["vcpus"]),
        "memory": lambda one: f"{one['memory'] / 1e9:.1f} GB",
        "gpus": lambda one: str(one["gpu"]["gpu"]) if one["gpu"] else "",
    }
    show_table(found, columns, as_json)


def wait_until_running(client: Client, notebook: dict[str, Any]) -> dict[str, Any]:
    """The first time its engines may have to be made, which takes minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while notebook["status"] != "RUNNING":
        if notebook["status"] not in ("CREATING", "STARTING") or time.monotonic() > deadline:
            state = notebook["status"].lower().replace("_", " ")
            raise Unavailable(f"The notebook '{notebook['name']}' is {state}. {notebook['fail_reason']}".strip())
        time.sleep(ASK_SECONDS)
        notebook = client.notebooks.get(notebook["id"])
    return notebook


def tell(notebook: dict[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(notebook, ensure_ascii=False) if as_json else notebook["url"])


def tell_synced(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    click.echo(f"maquette: {done['files']} files, {done['bytes'] / 1e6:.1f} MB ({done['folder']})", err=True)
    for line in done["left_out"]:
        click.echo(f"maquette: left out {line}", err=True)
