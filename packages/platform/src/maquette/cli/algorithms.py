"""`maquette algorithms`: training code with typed parameters, as jobs are made from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import BadInput


@click.group()
def algorithms() -> None:
    """Algorithms of the Maquette where one has signed in."""


@algorithms.command("list")
@click.option("--search", default="", help="Part of a name.")
@json_option
@profile_option
def list_algorithms(search: str, as_json: bool, profile: str) -> None:
    """Lists algorithms, the newest first."""
    with signed_in(profile) as client:
        found = client.algorithms.list(search)
    columns = {
        "name": lambda one: one["metadata"]["name"],
        "made": lambda one: when(one["metadata"]["create_time"]),
        "code": lambda one: one["job_config"]["code_dir"],
        "id": lambda one: one["metadata"]["id"],
    }
    show_table(found, columns, as_json)


@algorithms.command()
@click.argument("algorithm")
@profile_option
def show(algorithm: str, profile: str) -> None:
    """Shows an algorithm, by its name or id, as JSON that `create` takes."""
    with signed_in(profile) as client:
        click.echo(json.dumps(client.algorithms.get(algorithm), ensure_ascii=False, indent=1))


@algorithms.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@profile_option
def create(file: Path, profile: str) -> None:
    """Makes an algorithm of a JSON file in ModelArts' own form."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"'{file}' is no JSON: {error}.", field="file") from None
    if not isinstance(body, dict):
        raise BadInput(f"'{file}' holds no JSON object with metadata and job_config.", field="file")
    with signed_in(profile) as client:
        made = client.algorithms.create(body)["metadata"]
    click.echo(f"{made['name']}  {made['id']}")


@algorithms.command()
@click.argument("algorithm")
@profile_option
def delete(algorithm: str, profile: str) -> None:
    """Removes an algorithm, by its name or id. Jobs that were made from it stay as they are."""
    with signed_in(profile) as client:
        client.algorithms.delete(client.algorithms.get(algorithm)["metadata"]["id"])
