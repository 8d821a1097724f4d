"""`maquette storage`: what takes how much room in the home, and which command frees it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from maquette.kernel import home as homes
from maquette.kernel.settings import Home, read_settings
from maquette_sdk.objects import RESERVED


@dataclass(frozen=True)
class Room:
    """`bytes` on the disk; what is linked from several places counts once."""

    name: str
    path: str
    bytes: int
    files: int
    freed_by: str


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette.")
@click.option("--json", "as_json", is_flag=True)
def storage(home: Path | None, as_json: bool) -> None:
    """Tells what takes how much room."""
    place = read_settings(home=home).home
    rooms = measure(place)
    free = homes.free_bytes(place.path) if place.path.exists() else 0
    if as_json:
        click.echo(json.dumps({"rooms": [asdict(room) for room in rooms], "free_bytes": free}, indent=1))
        return
    for room in rooms:
        click.echo(f"{room.bytes / 1e6:>10.1f} MB  {room.files:>8} files  {room.name:<24} {room.freed_by}")
    click.echo(f"{free / 1e6:>10.1f} MB  are free")


def measure(place: Home) -> list[Room]:
    """Every room of the home that has anything in it; the largest first."""
    seen: set[tuple[int, int]] = set()
    places = [
        *((f"bucket {path.name}", path, f"maquette rm -r obs://{path.name}/…") for path in buckets(place)),
        ("half uploads", place.buckets / RESERVED, "removed by themselves after a week"),
        ("engines", place.engines, "maquette engines prune"),
        ("cache", place.cache, "made anew when it is missing"),
        ("runs", place.runs, "logs and folders of runs"),
        ("snapshots", place.snapshots, "code that jobs ran on"),
        ("backups", place.backups, "the last five are kept"),
        ("rows", place.rows, ""),
    ]
    rooms = [Room(name, str(path), *size(path, seen), freed_by) for name, path, freed_by in places]
    return sorted((room for room in rooms if room.files), key=lambda room: -room.bytes)


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
