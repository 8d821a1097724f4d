"""`maquette models`: packages imported into a running Maquette, versioned and looked at."""

from __future__ import annotations

import json

import click

from maquette.cli.quantities import size
from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when


@click.group()
def models() -> None:
    """Models of the Maquette where one has signed in."""


@models.command("import")
@click.argument("source", metavar="[PACKAGE_DIR|obs://…]", default="")
@click.option("--job", default="", help="The training job that made it, instead of a place.")
@click.option("--job-version", default="", help="Which of its versions; the latest unless named.")
@click.option("--name", default="", help="The model's name; else the folder's or the job's.")
@click.option("--version", default="", help="Such as 1.0.0; else the next.")
@click.option("--type", "model_type", help="PyTorch, TensorFlow …, where there is no config.json.")
@click.option("--runtime", help="The engine, instead of the one that config.json names.")
@click.option("--description", default="")
@profile_option
def import_model(source: str, profile: str, **options: str) -> None:
    """Imports a package: a local folder or zip, one in a bucket, or what a training job has left."""
    with signed_in(profile) as client:
        model = client.models.import_model(source, **options).wait()
    click.echo(f"{model.name}  {model.version}  {model.id}")
    for finding in model.about["check"].get("findings", []):
        if finding["level"] == "warning":
            click.echo(f"maquette: {finding['file'] or ''} {finding['message']}", err=True)


@models.command("list")
@click.option("--search", default="", help="Part of a name.")
@json_option
@profile_option
def list_models(search: str, as_json: bool, profile: str) -> None:
    """Lists models, the newest first."""
    with signed_in(profile) as client:
        found = client.models.list(search)
    columns = {
        "name": lambda model: model["model_name"],
        "version": lambda model: model["model_version"],
        "status": lambda model: model["model_status"],
        "type": lambda model: model["model_type"],
        "size": lambda model: size(model["model_size"]),
        "made": lambda model: when(model["create_at"]),
        "id": lambda model: model["model_id"],
    }
    show_table(found, columns, as_json)


@models.command()
@click.argument("model")
@profile_option
def show(model: str, profile: str) -> None:
    """Shows a model, by its id, its name, or NAME:VERSION, as JSON."""
    with signed_in(profile) as client:
        click.echo(json.dumps(client.models.get(model).about, ensure_ascii=False, indent=1))


@models.command()
@click.argument("model")
@click.argument("version", default="")
@click.option("-o", "--output", default="", help="The file or folder it goes to; else NAME-VERSION.zip, here.")
@profile_option
def download(model: str, version: str, output: str, profile: str) -> None:
    """Brings a model's package here as a zip: by its id, its name (then the newest), NAME VERSION or NAME:VERSION."""
    with signed_in(profile) as client:
        found = client.models.get(f"{model}:{version}" if version else model)
        click.echo(found.download(output))


@models.command()
@click.argument("model")
@click.option("--all-versions", is_flag=True, help="All versions of its name.")
@profile_option
def delete(model: str, all_versions: bool, profile: str) -> None:
    """Removes a model, by its id, its name, or NAME:VERSION."""
    with signed_in(profile) as client:
        client.models.get(model).delete(all_versions)
