"""`maquette storage`: what takes how much room in the home, and which command frees it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import make_url

from maquette import migrations, wiring
from maquette.kernel import home as homes
from maquette.kernel.context import Context, Platform
from maquette.kernel.errors import Refused
from maquette.kernel.settings import Home, Settings, read_settings
from maquette.runs import pruning
from maquette.training import uploads
from maquette_sdk.objects import RESERVED

KEPT_DAYS = 30.0


@dataclass(frozen=True)
class Room:
    """`bytes` on the disk; what is linked from several places counts once."""

    name: str
    path: str
    bytes: int
    files: int
    freed_by: str


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
        click.echo(json.dumps({"rooms": [asdict(room) for room in rooms], "free_bytes": free}, indent=1))
        return
    for room in rooms:
        click.echo(f"{room.bytes / 1e6:>10.1f} MB  {room.files:>8} files  {room.name:<24} {room.freed_by}")
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


def measure(place: Home) -> list[Room]:
    """Every room of the home that has anything in it; the largest first."""
    seen: set[tuple[int, int]] = set()
    places = [
        *((f"bucket {path.name}", path, freed_in(path.name)) for path in buckets(place)),
        ("half uploads", place.buckets / RESERVED, "removed by themselves after a week"),
        ("engines", place.engines, "maquette engines prune"),
        ("cache", place.cache, "made anew when it is missing"),
        ("runs", place.runs, "maquette storage prune-runs"),
        ("models", place.models, "packages of imported models"),
        ("snapshots", place.snapshots, "code that jobs ran on"),
        ("backups", place.backups, "the last five are kept"),
        ("rows", place.rows, ""),
    ]
    rooms = [Room(name, str(path), *size(path, seen), freed_by) for name, path, freed_by in places]
    return sorted((room for room in rooms if room.files), key=lambda room: -room.bytes)


def freed_in(bucket: str) -> str:
    if uploads.BUCKET.fullmatch(bucket):
        return "maquette storage prune-uploads"
    return f"maquette rm -r obs://{bucket}/…"


def buckets(place: Home) -> list[Path]:
    found = place.buckets.iterdir() if place.buckets.is_dir() else ()
    return sorted(path for path in found if path.is_dir() and path.name != RESERVED)


def size(path: Path, seen: set[tuple[int, int]]) -> tuple[int, int]:
    """Bytes and files; a file that has gone meanwhile counts nothing."""
    if path.is_file():
        return path.stat().st_blocks * 512, 1
    total = count = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                status = Path(folder, name).lstat()
            except FileNotFoundError:
                continue
            count += 1
            if (status.st_dev, status.st_ino) not in seen:
                total += status.st_blocks * 512
            if status.st_nlink > 1:
                seen.add((status.st_dev, status.st_ino))
    return total, count
