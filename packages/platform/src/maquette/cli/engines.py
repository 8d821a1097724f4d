"""`maquette engines`: what can run here, what is made already, and what it takes on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from maquette import wiring
from maquette.cli.quantities import size
from maquette.kernel.ports import Engines, Made, Match, Resolution, Shelf
from maquette.kernel.settings import read_settings

KINDS = {
    "training_v1": "Training, first generation",
    "training_v2": "Training, second generation",
    "engine_ids": "Engine ids of the API",
    "runtimes": "Runtimes of model packages",
    "unified_runtimes": "Unified runtimes",
    "short": "Short names",
}
DAYS_UNUSED = 30.0


def kept_engines(home: Path | None) -> Engines:
    return wiring.engines(read_settings(home=home))


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Maquette's folder; default MAQUETTE_HOME or ~/.maquette."
    return click.option("--home", type=click.Path(path_type=Path), help=text)(command)


@click.group()
def engines() -> None:
    """The environments that scripts and models run in."""


@engines.command("list")
@click.option("--brief", is_flag=True, help="Leave out what each name that ModelArts prints means here.")
@click.option("--json", "as_json", is_flag=True)
@home_option
def list_engines(brief: bool, as_json: bool, home: Path | None) -> None:
    """What can run here, what is made, and what each name that ModelArts prints means."""
    keeper = kept_engines(home)
    shelves, made, own = keeper.shelves(), keeper.made(measure=False), keeper.owned()
    names = [] if brief else resolve_names(keeper)
    if as_json:
        answer: dict[str, Any] = {
            "engines": [shelf_json(shelf) for shelf in shelves],
            "own": [{"name": name, "python": python} for name, python in own.items()],
            "environments": [made_json(folder) for folder in made],
        }
        if not brief:
            answer["names"] = [{"kind": kind, **resolution_json(found)} for kind, found in names]
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    show_table(("ENGINE", "PYTHON", "STATE", "VERSIONS"), [shelf_row(shelf) for shelf in shelves])
    if own:
        click.echo("\nYour own interpreters")
        show_table(("NAME", "PYTHON"), list(own.items()))
    if made:
        click.echo("\nEnvironments")
        rows = [(folder.name, size(folder.size), last_use(folder), state(folder)) for folder in made]
        show_table(("NAME", "SIZE", "LAST USED", "STATE"), rows)
    show_names(names)


@engines.command()
@click.argument("name")
@click.option("--with", "requirements", multiple=True, metavar="REQUIREMENT", help="A package beside it; repeatable.")
@click.option("--json", "as_json", is_flag=True)
@home_option
def prepare(name: str, requirements: tuple[str, ...], as_json: bool, home: Path | None) -> None:
    """Make the environment of an engine now, so that the first run need not wait."""
    keeper = kept_engines(home)
    environment = keeper.prepare(keeper.resolve(name), requirements, tell)
    found = environment.resolution
    if as_json:
        answer = {**resolution_json(found), "path": str(environment.python), "notes": environment.notes}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    tell(f"{name} ({found.match}): {found.reason}")
    for note in environment.notes:
        tell(note)
    click.echo(environment.python)


@engines.command()
@click.argument("name")
@click.option("--python", required=True, type=click.Path(path_type=Path), help="An interpreter, or its environment.")
@home_option
def add(name: str, python: Path, home: Path | None) -> None:
    """Keep your own interpreter under a name; it is used as it is, nothing is installed into it."""
    tell(f"{name}: {kept_engines(home).add(name, python).reason}")


@engines.command()
@click.argument("name")
@home_option
def remove(name: str, home: Path | None) -> None:
    """Forget your own interpreter NAME, or remove the environments of engine NAME."""
    removed = kept_engines(home).remove(name)
    freed = sum(folder.freed for folder in removed)
    tell(f"{name} is removed; {size(freed)} freed." if removed else f"{name} is forgotten; the interpreter stays.")


@engines.command()
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--unused", "days", type=click.FloatRange(0), default=DAYS_UNUSED, show_default=True, metavar="DAYS")
@click.option("--json", "as_json", is_flag=True)
@home_option
def prune(dry_run: bool, days: float, as_json: bool, home: Path | None) -> None:
    """Remove environments that are unfinished or were not used for DAYS days."""
    keeper = kept_engines(home)
    old = keeper.prune(days, dry_run=True)
    if as_json:
        click.echo(json.dumps([made_json(folder) for folder in old]))
    elif old:
        show_made(old)
    if not old:
        tell(f"Nothing to remove: every environment was used within {days:g} days.")
        return
    freed = size(sum(folder.freed for folder in old))
    if dry_run:
        tell(f"This would free {freed}; the rest of their size is shared with uv's cache (`uv cache prune`).")
        return
    removed = keeper.prune(days, dry_run=False)
    tell(f"{len(removed)} removed, {freed} freed; the rest of their size stays in uv's cache (`uv cache prune`).")


def tell(line: str) -> None:
    click.echo(f"maquette: {line}", err=True)


def resolve_names(keeper: Engines) -> list[tuple[str, Resolution]]:
    return [(kind, keeper.resolve(name)) for kind, names in keeper.printed_names().items() for name in names]


def show_names(names: Iterable[tuple[str, Resolution]]) -> None:
    shown = ""
    rows: list[tuple[str, ...]] = []
    for kind, found in [*names, ("", None)]:
        if kind != shown and rows:
            click.echo(f"\n{KINDS.get(shown, shown)}")
            show_table(("NAME", "MATCH", "ENGINE", "WHY"), rows)
            rows = []
        shown = kind
        if found:
            rows.append((found.name, str(found.match), found.engine or "-", " ".join((found.reason, *found.notes))))


def shelf_row(shelf: Shelf) -> tuple[str, ...]:
    found = shelf.resolution
    if found.match is not Match.EXACT:
        state = "no Python for it here" if found.match is not Match.REFUSED else found.reason
    elif shelf.ready:
        state = f"ready ({', '.join(shelf.ready)})"
    else:
        state = f"about {size(shelf.download_mb * 1e6)} to fetch, {size(shelf.disk_mb * 1e6)} on disk"
    python = found.python_version if found.match is Match.EXACT else "-"
    if found.match is Match.EXACT and found.python is None:
        python += " (fetched)"
    return (shelf.engine, python, state, ", ".join(shelf.versions))


def shelf_json(shelf: Shelf) -> dict[str, Any]:
    found = shelf.resolution
    return {
        "engine": shelf.engine,
        "framework": shelf.title,
        "versions": shelf.versions,
        "match": found.match,
        "python": found.python_version if found.match is Match.EXACT else None,
        "reason": found.reason,
        "era": found.era,
        "ready": list(shelf.ready),
        "download_mb": shelf.download_mb,
        "disk_mb": shelf.disk_mb,
    }


def resolution_json(found: Resolution) -> dict[str, Any]:
    return {
        "name": found.name,
        "match": found.match,
        "engine": found.engine or None,
        "python": found.python_version or None,
        "reason": found.reason,
        "era": found.era,
        "notes": found.notes,
    }


def show_made(made: Sequence[Made]) -> None:
    """With what their removal frees."""
    rows = [(folder.name, size(folder.size), size(folder.freed), last_use(folder), state(folder)) for folder in made]
    show_table(("NAME", "SIZE", "FREED BY REMOVAL", "LAST USED", "STATE"), rows)


def made_json(folder: Made) -> dict[str, Any]:
    return {
        "name": folder.name,
        "engine": folder.record.get("engine"),
        "ready": folder.ready,
        "in_use": folder.in_use,
        "size": folder.size,
        "freed": folder.freed,
        "last_used": datetime.fromtimestamp(folder.last_used, UTC).isoformat(timespec="seconds"),
    }


def last_use(folder: Made) -> str:
    return f"{datetime.fromtimestamp(folder.last_used):%Y-%m-%d}"


def state(folder: Made) -> str:
    if not folder.ready:
        return "unfinished"
    return "in use" if folder.in_use else "ready"


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need to be, the last one as long as it is."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head) - 1)]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())
