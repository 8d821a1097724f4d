"""`maquette doctor`: looks at all that Maquette needs and says what to do about what it finds."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from maquette import __version__, migrations, wiring
from maquette.cli.up import LOOPBACK, OBS_PORT, PORT
from maquette.kernel import home as homes
from maquette.kernel.database import Database
from maquette.kernel.errors import MaquetteError
from maquette.kernel.settings import Settings, hide_password, read_settings


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and for all but the good what to do."""

    subject: str
    verdict: Verdict
    told: str


Look = Callable[[Settings], Iterator[Finding]]
COLOURS = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.BAD: "red"}


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette.")
@click.option("--json", "as_json", is_flag=True)
def doctor(home: Path | None, as_json: bool) -> int:
    """Looks for what keeps Maquette from working, and says the remedy."""
    settings = read_settings(home=home)
    findings = [finding for look in LOOKS for finding in look(settings)]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            mark = click.style(f"{finding.verdict:<4}", fg=COLOURS[finding.verdict])
            click.echo(f"{mark}  {finding.subject:<12} {finding.told}")
    return int(any(finding.verdict is Verdict.BAD for finding in findings))


def look_at_program(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("program", Verdict.GOOD, f"Maquette {__version__} on Python {version}")


def look_at_home(settings: Settings) -> Iterator[Finding]:
    place = settings.home
    if not place.path.exists():
        yield Finding("home", Verdict.NOTE, f"'{place.path}' is not there yet; `maquette up` makes it.")
        return
    kind = homes.file_system(place.path)
    if kind in homes.NETWORK_FILE_SYSTEMS:
        yield Finding(
            "home", Verdict.BAD, f"'{place.path}' is on {kind}, a network file system. Choose a local folder."
        )
    mode = stat.S_IMODE(place.path.stat().st_mode)
    if mode & homes.READABLE:
        told = f"Other users of this machine can look into '{place.path}'. Close it: chmod 711 '{place.path}'"
        yield Finding("home", Verdict.BAD, told)
    if not os.access(place.path, os.W_OK):
        told = f"'{place.path}' cannot be written by you. Take the folder's owner, or another folder with --home."
        yield Finding("home", Verdict.BAD, told)
        return
    yield Finding("home", Verdict.GOOD, f"'{place.path}' on {kind}{homes.holder(place) or ', not in use'}")
    yield from look_at_secret(settings)


def look_at_secret(settings: Settings) -> Iterator[Finding]:
    if not settings.home.secret.exists() and not settings.home.rows.exists():
        return  # no server has been started here yet
    try:
        homes.read_secret(settings.home)
    except MaquetteError as error:
        yield Finding("secret", Verdict.BAD, error.message)
        return
    if stat.S_IMODE(settings.home.secret.stat().st_mode) & 0o077:
        told = f"Others can read '{settings.home.secret}'. Close it: chmod 600 '{settings.home.secret}'"
        yield Finding("secret", Verdict.BAD, told)


def look_at_disk(settings: Settings) -> Iterator[Finding]:
    place = settings.home.path
    while not place.exists():
        place = place.parent
    free = homes.free_bytes(place)
    told = f"{free / 1e9:.1f} GB are free"
    if free < homes.LEAST_FREE_BYTES:
        yield Finding("disk", Verdict.BAD, f"{told}, less than 2 GB. `maquette storage` tells what takes room.")
    else:
        yield Finding("disk", Verdict.GOOD, told)
    used = os.statvfs(place)
    if used.f_files and used.f_favail * 50 < used.f_files:
        yield Finding("disk", Verdict.BAD, "Almost all inodes are used up. Remove small files that are not needed.")


def look_at_rows(settings: Settings) -> Iterator[Finding]:
    shown = hide_password(settings.database)
    if settings.database.startswith("sqlite:///") and not Path(settings.database.removeprefix("sqlite:///")).exists():
        yield Finding("rows", Verdict.NOTE, "There are none yet; the first `maquette up` makes them.")
        return
    database = Database(settings.database)
    with closing(database):
        try:
            step, newest = migrations.found(database), migrations.newest()
            damage = damage_of(database)
        except (SQLAlchemyError, OSError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            yield Finding("rows", Verdict.BAD, f"{shown} cannot be read ({cause}). Check MAQUETTE_DATABASE.")
            return
    if damage:
        told = f"{shown} is damaged ({damage}). Restore a backup, or the newest copy in {settings.home.backups}."
        yield Finding("rows", Verdict.BAD, told)
    elif step == newest:
        yield Finding("rows", Verdict.GOOD, f"{shown}, step {step}")
    else:
        told = f"{shown} is at step {step or 'none'} of {newest}; the next `maquette up` goes on from there."
        yield Finding("rows", Verdict.NOTE, told)


def damage_of(database: Database) -> str:
    if not database.is_sqlite:
        return ""
    with database.read() as rows:
        found = str(rows.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return "" if found == "ok" else found


def look_at_ports(settings: Settings) -> Iterator[Finding]:
    if homes.holder(settings.home):
        return  # they are its own
    for port, option in ((PORT, "port"), (OBS_PORT, "obs-port")):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((LOOPBACK[0], port))
            except OSError:
                told = f"Port {port} is taken by another program; start Maquette with --{option} N."
                yield Finding("ports", Verdict.NOTE, told)
            else:
                yield Finding("ports", Verdict.GOOD, f"{port} is free")


def look_at_isolation(settings: Settings) -> Iterator[Finding]:
    sentences = wiring.executor(settings).isolation()
    if not sentences:
        yield Finding("isolation", Verdict.GOOD, "runs are isolated from this machine")
    for sentence in sentences:
        verdict = Verdict.BAD if settings.sandbox == "required" else Verdict.NOTE
        yield Finding("isolation", verdict, sentence)


def look_at_engines(settings: Settings) -> Iterator[Finding]:
    shelves = wiring.engines(settings).shelves()
    ready = [shelf.engine for shelf in shelves if shelf.ready]
    told = f"{len(shelves)} can be had; ready: {', '.join(ready) or 'none yet, they are made when they are first used'}"
    yield Finding("engines", Verdict.GOOD, told)
    if not shutil.which("nvidia-smi"):
        yield Finding("gpu", Verdict.NOTE, "No NVIDIA driver was found: everything runs on the processor.")


LOOKS: tuple[Look, ...] = (
    look_at_program, look_at_home, look_at_disk, look_at_rows, look_at_ports, look_at_isolation, look_at_engines,
)  # fmt: skip
