"""`maquette tensorboard`: the curves of a job, or of a folder in a bucket, in a browser."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import click

from maquette.buckets.domain import is_address, read_address
from maquette.cli.signed_in import json_option, profile_option, show_table, signed_in, when
from maquette.kernel.errors import BadInput, Unavailable
from maquette_sdk.client import Client

WORDS = {
    1: "starting",
    7: "waiting",
    8: "running",
    9: "stopping",
    10: "stopped",
    11: "failed",
    12: "stopped",
    14: "lost",
}
RUNNING, GOES_ON, FAILED = 8, (1, 7, 8), (10, 11, 12, 14)
LONGEST_NAME = 20
PATIENCE_SECONDS = 600
ASK_SECONDS = 0.5


@click.command()
@click.argument("what", metavar="[JOB|obs://FOLDER]", required=False)
@click.option("--name", default="", help="Its name; else the job's or the folder's.")
@click.option("--hours", type=click.IntRange(0, 24), default=4, show_default=True, help="Then it stops; 0: never.")
@click.option("--stop", is_flag=True, help="Stop the one on WHAT.")
@click.option("--delete", is_flag=True, help="Remove the one on WHAT, once it has stopped.")
@json_option
@profile_option
def tensorboard(what: str | None, name: str, hours: int, stop: bool, delete: bool, as_json: bool, profile: str) -> None:
    """Opens a TensorBoard on a job's output, all its versions side by side, or on a folder of a bucket.

    Without WHAT it lists those there are. One that is there already is opened again.
    """
    with signed_in(profile) as client:
        if what is None:
            show_all(client, as_json)
            return
        logs, called = folder_of(client, what)
        found = next((one for one in client.tensorboards.list() if same_folder(one["train_url"], logs)), None)
        if stop or delete:
            end(client, found, what, delete)
            return
        board = opened(client, found, name or called, logs, hours)
        board = wait_until_ready(client, board)
    click.echo(json.dumps(board) if as_json else board["service_url"])


def show_all(client: Client, as_json: bool) -> None:
    columns = {
        "name": lambda one: one["job_name"],
        "state": lambda one: WORDS.get(one["status"], str(one["status"])),
        "made": lambda one: when(one["create_time"]),
        "folder": lambda one: f"obs:/{one['train_url']}",
        "address": lambda one: one["service_url"] if one["status"] == RUNNING else "",
    }
    show_table(client.tensorboards.list(), columns, as_json)


def folder_of(client: Client, what: str) -> tuple[str, str]:
    """The address of the folder, and what to call a TensorBoard on it."""
    if is_address(what):
        address = read_address(what)
        return str(address), address.key.strip("/").rpartition("/")[2] or address.bucket
    job = client.jobs.get(what)
    outputs = {place["name"]: place["address"] for place in job.version["specification"]["outputs"]}
    logs = outputs.get("train_url") or next(iter(outputs.values()), "")
    if not logs:
        raise BadInput(
            f"The job '{job.name}' has no output to look at. Name a folder, obs://BUCKET/FOLDER/.", field="job"
        )
    return logs, job.name


def same_folder(shown: str, wanted: str) -> bool:
    """`/bucket/folder/` and `obs://bucket/folder`."""
    return shown.strip("/") == wanted.partition("://")[2].strip("/")


def opened(client: Client, found: dict[str, Any] | None, name: str, logs: str, hours: int) -> dict[str, Any]:
    """The one that is there, started anew where it has ended; else a new one."""
    if found is None:
        return client.tensorboards.create(free_name(client, name), logs, hours=hours)
    if found["status"] in GOES_ON:
        return found
    return client.tensorboards.start(str(found["job_id"]), hours)


def free_name(client: Client, name: str) -> str:
    """Of the letters that a name may have, with a number behind it where it is taken."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:LONGEST_NAME] or "curves"
    taken = {one["job_name"] for one in client.tensorboards.list()}
    numbered = (f"{plain[: LONGEST_NAME - len(end)]}{end}" for end in (f"-{count}" for count in range(2, 10_000)))
    return plain if plain not in taken else next(one for one in numbered if one not in taken)


def wait_until_ready(client: Client, board: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while board["status"] != RUNNING:
        if board["status"] in FAILED or time.monotonic() > deadline:
            word = WORDS.get(board["status"], "not ready")
            raise Unavailable(f"TensorBoard '{board['job_name']}' is {word}. {board['message']}".strip())
        time.sleep(ASK_SECONDS)
        board = client.tensorboards.get(str(board["job_id"]))
    return board


def end(client: Client, found: dict[str, Any] | None, what: str, delete: bool) -> None:
    if found is None:
        raise BadInput(f"There is no TensorBoard on '{what}'. `maquette tensorboard` lists them.", field="what")
    if delete:
        client.tensorboards.delete(str(found["job_id"]))
    else:
        client.tensorboards.stop(str(found["job_id"]))
