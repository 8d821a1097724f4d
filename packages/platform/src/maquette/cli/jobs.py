"""`maquette jobs`: training jobs of a running Maquette, submitted from a local folder, followed and looked at."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from maquette.cli.run import read_channels
from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import BadInput
from maquette.training.domain import read_variable
from maquette_sdk.client import Job

FAILED, STOPPED = 1, 130
YAML = (".yaml", ".yml")


@click.group()
def jobs() -> None:
    """Training jobs of the Maquette where one has signed in."""


@jobs.command()
@click.argument("code", metavar="[CODE_DIR|obs://…]", default="")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--boot", default="", metavar="FILE", help="The script to start, inside the code folder.")
@click.option("--algorithm", default="", metavar="NAME", help="An algorithm, by name or id, in the place of code.")
@click.option("--data", multiple=True, metavar="[NAME=]PATH|obs://…", help="Input; passed as --data_url or --NAME.")
@click.option("--output", multiple=True, metavar="[NAME=]obs://…", help="Output; passed as --train_url or --NAME.")
@click.option("--engine", default="", metavar="NAME", help="An engine as ModelArts names it; else the imports decide.")
@click.option("--name", default="", help="The job's name; else the folder's and the time.")
@click.option("--flavour", default="", metavar="NAME", help="What it may use; `maquette jobs flavours` lists them.")
@click.option("--nodes", type=click.IntRange(1, 16), default=1, help="Copies of the script that work together.")
@click.option("--restarts", type=click.IntRange(0, 128), default=0, help="How often to start again after a failure.")
@click.option("--hours", type=click.FloatRange(0, 10_000), default=0, help="Stop it after so many.")
@click.option("--priority", type=click.IntRange(1, 3), default=1, help="Among those that wait; 3 is next.")
@click.option("--env", multiple=True, metavar="K=V", help="A variable for the script.")
@click.option("--log", default="", metavar="obs://…", help="A folder in which the log is kept besides.")
@click.option("--search", type=click.Path(path_type=Path), help="A JSON or YAML file: what to search, and how.")
@click.option("--description", default="")
@click.option("--no-wait", is_flag=True, help="Do not follow its log.")
@json_option
@profile_option
def submit(
    code: str, parameters: tuple[str, ...], data: tuple[str, ...], output: tuple[str, ...], env: tuple[str, ...],
    search: Path | None, no_wait: bool, as_json: bool, profile: str, **options: Any,
) -> None:  # fmt: skip
    """Uploads a local folder, starts a job, and follows its log. Ctrl-C leaves the job running.

    maquette jobs submit ./code --boot train.py --data obs://pets/train/ -- --lr=0.1

    maquette jobs submit --algorithm resnet --data obs://pets/train/ -- --lr=0.1
    """
    if code.startswith("--"):  # the first parameter, where there is no code
        code, parameters = "", (code, *parameters)
    with signed_in(profile) as client:
        job = client.jobs.submit(
            code,
            data=read_channels(data, "data_url"),
            output=read_channels(output, "train_url"),
            parameters=dict(map(read_parameter, parameters)),
            environment=dict(map(read_variable, env)),
            search=read_search(search) if search else None,
            **options,
        )
        if not no_wait:
            click.echo(f"maquette: job {job.name} ({job.id})", err=True)
            follow(job)
        end(job, as_json, ended=not no_wait)


def read_search(file: Path) -> dict[str, Any]:
    """ModelArts' `auto_search` as JSON or YAML, alone or within `{"auto_search": …}`."""
    kind, read = ("YAML", read_yaml) if file.suffix.lower() in YAML else ("JSON", json.loads)
    try:
        found = read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"--search: '{file}' cannot be read as {kind} ({error}).", field="search") from None
    inner = found.get("auto_search", found) if isinstance(found, dict) else found
    if not isinstance(inner, dict):
        raise BadInput(f"--search: '{file}' holds no {kind} object with reward_attrs, search_params …", field="search")
    if "search_space" in inner:
        told = "is of ModelArts' own YAML templates. Write its search as reward_attrs, search_params and algo_configs"
        raise BadInput(f"--search: '{file}' {told}; docs/search.md shows how.", field="search")
    return inner


def read_yaml(text: str) -> Any:
    """With every value as the text that stands there, which is how ModelArts tells numbers. Raises ValueError with the
    line that is wrong."""
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 – it makes texts, lists and mappings only
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        raise ValueError(f"line {line}: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def read_parameter(token: str) -> tuple[str, str]:
    name, separator, value = token.removeprefix("--").partition("=")
    if not separator or not name or not token.startswith("--"):
        raise BadInput(f"'{token}' is no parameter of a job. Write --NAME=VALUE, in one piece.", field="parameters")
    return name, value


def follow(job: Job) -> None:
    try:
        for line in job.follow():
            click.echo(line)
    except KeyboardInterrupt:
        told = f"the job goes on; `maquette jobs log {job.name}` follows it, `maquette jobs stop {job.name}` ends it"
        click.echo(f"maquette: {told}", err=True)
        sys.exit(128 + signal.SIGINT)


def end(job: Job, as_json: bool, ended: bool) -> None:
    """What has become of it; the exit code is 0 only when that is well."""
    if as_json:
        click.echo(json.dumps({"id": job.id, "name": job.name, **job.version}, ensure_ascii=False))
    elif not ended:
        click.echo(f"{job.name}  {job.id}")
    else:
        click.echo(f"maquette: {job.name} {job.version['version']}: {job.state}", err=True)
        if job.metrics:
            told = ", ".join(f"{name} {value:.4f}" for name, value in job.metrics.items())
            click.echo(f"maquette: metric.json: {told}", err=True)
        tell_advice(job)
    if ended and job.state != "succeeded":
        sys.exit(STOPPED if job.state == "stopped" else FAILED)


def tell_advice(job: Job) -> None:
    """A way out of a failure that is known."""
    for sentence in job.advice:
        click.echo(f"maquette: {sentence}", err=True)


@jobs.command("list")
@click.option("--search", default="", help="Part of a name.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@profile_option
def list_jobs(search: str, limit: int, as_json: bool, profile: str) -> None:
    """Lists jobs, the newest first."""
    with signed_in(profile) as client:
        found = client.jobs.list(search, limit)
    columns = {
        "name": lambda job: job["metadata"]["name"],
        "state": lambda job: job["status"]["phase"],
        "made": lambda job: when(job["metadata"]["create_time"]),
        "id": lambda job: job["metadata"]["id"],
    }
    show_table(found, columns, as_json)


@jobs.command()
@click.argument("job")
@json_option
@profile_option
def show(job: str, as_json: bool, profile: str) -> None:
    """Shows a job's versions: what they ran on, and what came of it."""
    with signed_in(profile) as client:
        found = client.jobs.get(job).versions()
    columns = {
        "version": lambda version: version["version"],
        "state": lambda version: version["state"],
        "made": lambda version: when(version["created_at"] * 1000),
        "message": lambda version: version["message"],
        "metrics": lambda version: ", ".join(f"{k} {v:.4f}" for k, v in (version["metrics"] or {}).items()),
    }
    show_table(found, columns, as_json)
    for version in found if not as_json else ():
        for sentence in version["advice"]:
            click.echo(f"maquette: {version['version']}: {sentence}", err=True)


@jobs.command()
@click.argument("job")
@click.option("--no-follow", is_flag=True, help="What there is now, and no more.")
@click.option("--node", type=click.IntRange(0), default=0)
@profile_option
def log(job: str, no_follow: bool, node: int, profile: str) -> None:
    """Shows a job's log, until it has ended."""
    with signed_in(profile) as client:
        found = client.jobs.get(job)
        if node >= len(found.version["runs"]):
            raise BadInput(f"The job has {len(found.version['runs'])} nodes, counted from 0.", field="node")
        if no_follow:
            click.echo(found.log(node), nl=False)
        else:
            for line in found.follow(node):
                click.echo(line)
        tell_advice(found)


@jobs.command()
@click.argument("job")
@json_option
@profile_option
def events(job: str, as_json: bool, profile: str) -> None:
    """Tells what has happened to a job."""
    with signed_in(profile) as client:
        found = [event._asdict() for event in client.jobs.get(job).events()]
    columns = {
        "at": lambda event: when(event["at"] * 1000),
        "level": lambda event: event["level"],
        "message": lambda event: event["message"],
    }
    show_table(found, columns, as_json)


@jobs.command()
@click.argument("job")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--no-wait", is_flag=True, help="Do not follow its log.")
@json_option
@profile_option
def again(job: str, parameters: tuple[str, ...], no_wait: bool, as_json: bool, profile: str) -> None:
    """Runs a job's code once more as another version, with these parameters in the place of its own."""
    with signed_in(profile) as client:
        found = client.jobs.get(job).again(dict(map(read_parameter, parameters)))
        if not no_wait:
            follow(found)
        end(found, as_json, ended=not no_wait)


@jobs.command()
@click.argument("job")
@profile_option
def stop(job: str, profile: str) -> None:
    """Asks a job to stop, and waits until it has."""
    with signed_in(profile) as client:
        found = client.jobs.get(job)
        found.stop()
        click.echo(f"maquette: {found.wait().state}", err=True)


@jobs.command()
@click.argument("job")
@profile_option
def delete(job: str, profile: str) -> None:
    """Removes a job with its versions and logs; its outputs stay."""
    with signed_in(profile) as client:
        client.jobs.get(job).delete()


@jobs.command()
@json_option
@profile_option
def flavours(as_json: bool, profile: str) -> None:
    """Lists what a job may use of the machine."""
    with signed_in(profile) as client:
        found = client.jobs.flavours()
    columns = {
        "name": lambda flavour: flavour["flavor_id"],
        "cores": lambda flavour: str(flavour["flavor_info"]["cpu"]["core_num"]),
        "gpus": lambda flavour: str((flavour["flavor_info"].get("gpu") or {}).get("unit_num", 0)),
        "memory": lambda flavour: "{size} {unit}".format(**flavour["flavor_info"]["memory"]),
    }
    show_table(found, columns, as_json)
