"""`maquette storage`: what takes how much room in the home, and which command frees it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url

from maquette import migrations, wiring
from maquette.kernel import home as homes
from maquette.kernel.context import Context, Platform
from maquette.kernel.errors import Refused
from maquette.kernel.settings import Settings, read_settings
from maquette.runs import pruning
from maquette.runs.rooms import Kind, Room, measure, size
from maquette.training import uploads

KEPT_DAYS = 30.0
FREED_BY = {
    Kind.HALVES: "removed by themselves after a week",
    Kind.ENGINES: "maquette engines prune",
    Kind.CACHE: "made anew when it is missing",
    Kind.RUNS: "maquette storage prune-runs",
    Kind.MODELS: "packages of imported models",
    Kind.SNAPSHOTS: "code that jobs ran on",
    Kind.BACKUPS: "the last five are kept",
    Kind.ROWS: "",
}

home_option = click.option(
    "--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette."
)


@click.group(invoke_without_command=True)
@home_option
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def storage(context: click.Context, home: Path | None, as_json: bool) -> None:
    """Tells what takes how much room."""
    place = read_settings(home=home).home
    context.obj = home
    if context.invoked_subcommand is not None:
        return
    rooms = measure(place)
    free = homes.free_bytes(place.path) if place.path.exists() else 0
    if as_json:
        click.echo(json.dumps({"rooms": [told(room) for room in rooms], "free_bytes": free}, indent=1))
        return
    for room in rooms:
        click.echo(f"{room.bytes / 1e6:>10.1f} MB  {room.files:>8} files  {name_of(room):<24} {freed_by(room)}")
    click.echo(f"{free / 1e6:>10.1f} MB  are free")


@storage.command("prune-runs")
@home_option
@click.option("--days", type=click.FloatRange(min=0), default=KEPT_DAYS, show_default=True, help="Keep so many days.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def prune_runs(context: click.Context, home: Path | None, days: float, dry_run: bool, as_json: bool) -> None:
    """Removes the logs and folders of runs that ended DAYS days ago. Jobs keep their history and their outputs."""
    settings = read_settings(home=home or context.obj)
    ctx = open_rows(settings)
    known = pruning.known_folders(ctx) if isinstance(ctx, Platform) else {}
    old = list(pruning.old_folders(ctx, known, time.time() - days * 86400))
    sizes = [size(folder.path, set())[0] for folder in old]
    if not dry_run:
        pruning.prune(ctx, known, old)
    if as_json:
        found = [{"run": folder.id, "bytes": count} for folder, count in zip(old, sizes, strict=True)]
        click.echo(json.dumps({"removed": not dry_run, "runs": found}, indent=1))
        return
    for folder, count in zip(old, sizes, strict=True):
        click.echo(f"{count / 1e6:>10.1f} MB  {folder.id}")
    would, noun = "would free" if dry_run else "freed", "run" if len(old) == 1 else "runs"
    click.echo(f"{sum(sizes) / 1e6:>10.1f} MB  {would}: {len(old)} {noun} that ended {days:g} days ago or earlier")


@storage.command("prune-uploads")
@home_option
@click.option("--days", type=click.FloatRange(min=0), default=KEPT_DAYS, show_default=True, help="Keep so many days.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def prune_uploads(context: click.Context, home: Path | None, days: float, dry_run: bool, as_json: bool) -> None:
    """Removes code and data that `maquette jobs submit` uploaded DAYS days ago or earlier and that no job refers to.

    Outputs stay, and so does what has been put into other buckets.
    """
    ctx = open_rows(read_settings(home=home or context.obj))
    old = uploads.unused(ctx, time.time() - days * 86400) if isinstance(ctx, Platform) else []
    if not dry_run and isinstance(ctx, Platform):
        uploads.remove(ctx, old)
    if as_json:
        found = [{"address": upload.address, "bytes": upload.bytes} for upload in old]
        click.echo(json.dumps({"removed": not dry_run, "uploads": found}, indent=1))
        return
    for upload in old:
        click.echo(f"{upload.bytes / 1e6:>10.1f} MB  {upload.address}")
    would, noun = "would free" if dry_run else "freed", "upload" if len(old) == 1 else "uploads"
    total = sum(upload.bytes for upload in old) / 1e6
    click.echo(f"{total:>10.1f} MB  {would}: {len(old)} {noun} of {days:g} days ago or earlier that no job refers to")


def open_rows(settings: Settings) -> Context:
    """With the rows, where there are any: a home in which only `maquette run` was used has none."""
    rows = make_url(settings.database)
    if rows.get_backend_name() == "sqlite" and not Path(rows.database or "").exists():
        return wiring.context(settings)
    ctx = wiring.platform(settings)
    if migrations.found(ctx.database) != migrations.newest():
        raise Refused("The rows in this home are another version's. Start this Maquette once, then try again.")
    return ctx


def told(room: Room) -> dict[str, Any]:
    return {
        "name": name_of(room), "path": str(room.path), "bytes": room.bytes, "files": room.files,
        "freed_by": freed_by(room),
    }  # fmt: skip


def name_of(room: Room) -> str:
    return f"bucket {room.name}" if room.kind is Kind.BUCKET else str(room.kind)


def freed_by(room: Room) -> str:
    if room.kind is not Kind.BUCKET:
        return FREED_BY[room.kind]
    if uploads.BUCKET.fullmatch(room.name):
        return "maquette storage prune-uploads"
    return f"maquette rm -r obs://{room.name}/…"
