"""`maquette backup` and `maquette restore`: a whole home as one tar file, and back, on SQLite or PostgreSQL.

backup.json            what made it, when, and the step of its rows
rows/<table>.jsonl     one row a line, so that rows of one database can go on in the other
secret.key             without it the access keys could not be read
buckets/<bucket>/…     the objects; key, ETag, type and metadata stand in each member's header
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import tarfile
import time
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from alembic import command as steps
from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from maquette import __version__, migrations, wiring
from maquette.kernel import home as homes
from maquette.kernel.context import Platform
from maquette.kernel.database import Database
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.ports import ObjectStore
from maquette.kernel.settings import Home, Settings, database_url, read_settings

HEADER = "MAQUETTE.object"
PAGE = 1000
ROWS_AT_ONCE = 500
BLOCK = 1 << 20
home_option = click.option(
    "--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option
@click.option("--without-buckets", is_flag=True, help="Rows and keys only, no objects.")
def backup(file: Path, home: Path | None, without_buckets: bool) -> None:
    """Writes everything that cannot be made again into FILE, a tar; Maquette may go on running."""
    settings = read_settings(home=home)
    if file.exists():
        raise Conflict(f"'{file}' is there already. Choose another name, or remove it.", field="file")
    if not settings.home.secret.exists():
        raise BadInput(f"'{settings.home.path}' is no home of a server: nothing was ever started there.", field="home")
    ctx = wiring.platform(settings)
    half = file.with_name(file.name + ".half")
    try:
        half.touch(0o600)
    except OSError as error:
        raise BadInput(f"'{file}' cannot be written ({error.strerror}). Choose another place.", field="file") from None
    try:
        with tarfile.open(half, "w:gz" if file.suffix in (".gz", ".tgz") else "w", format=tarfile.PAX_FORMAT) as tar:
            write(ctx, tar, without_buckets)
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
        ctx.database.close()
    click.echo(f"maquette: {file} holds {file.stat().st_size / 1e6:.1f} MB", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
def restore(file: Path, home: Path | None) -> None:
    """Makes a home of FILE, which `maquette backup` wrote. The home must be new, or empty."""
    settings = read_settings(home=home)
    if settings.home.path.exists() and any(settings.home.path.iterdir()):
        told = f"'{settings.home.path}' is not empty. Restore into a new folder: --home DIR."
        raise Conflict(told, field="home")
    try:
        with tarfile.open(file) as tar:
            read(tar, settings)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(f"'{file}' cannot be read as a backup ({error}).", field="file") from None
    click.echo(
        f"maquette: restored to {settings.home.path}; start it with: maquette up --home {settings.home.path}", err=True
    )


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def write(ctx: Platform, tar: tarfile.TarFile, without_buckets: bool) -> None:
    about = {
        "maquette": __version__,
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "step": migrations.found(ctx.database),
        "buckets": not without_buckets,
    }
    add_bytes(tar, "backup.json", json.dumps(about, indent=2).encode())
    with ctx.database.read() as rows:
        for table in tables(rows):
            lines = (json.dumps(list(row), ensure_ascii=False) for row in rows.execute(select(table)))
            content = "\n".join([json.dumps(table.columns.keys()), *lines])
            add_bytes(tar, f"rows/{table.name}.jsonl", content.encode("utf-8", "surrogatepass"))
    add_bytes(tar, "secret.key", ctx.settings.home.secret.read_bytes())
    if not without_buckets:
        for bucket in ctx.store.buckets():
            add_bucket(ctx.store, tar, bucket)


def tables(rows: Connection) -> list[Table]:
    """Those that are there, in an order in which they can be filled."""
    found = MetaData()
    found.reflect(rows)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, time.time()
    tar.addfile(member, io.BytesIO(content))


def add_bucket(store: ObjectStore, tar: tarfile.TarFile, bucket: str) -> None:
    member = tarfile.TarInfo(f"buckets/{bucket}")
    member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o700, store.made_at(bucket)
    tar.addfile(member)
    after: str | None = ""
    while after is not None:
        page = store.list(bucket, after=after, limit=PAGE)
        for info in page.objects:
            add_object(store, tar, bucket, info.key)
        after = page.next


def add_object(store: ObjectStore, tar: tarfile.TarFile, bucket: str, key: str) -> None:
    """As it is when it is opened; one that was removed meanwhile is left out."""
    try:
        info, file = store.open(bucket, key)
    except NotFound:
        return
    with file:
        member = tarfile.TarInfo(f"buckets/{bucket}/{key}")
        member.size, member.mode, member.mtime = info.size, 0o600, info.modified
        told = {"key": key, "etag": info.etag, "type": info.content_type, "metadata": dict(info.metadata)}
        member.pax_headers = {HEADER: json.dumps(told)}
        tar.addfile(member, file)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def read(tar: tarfile.TarFile, settings: Settings) -> None:
    """The home is made beside its place and moved there when it is whole."""
    about = read_about(tar)
    check_whole(tar)
    secret = content_of(tar, "secret.key")
    beside = Home(settings.home.path.with_name(f"{settings.home.path.name}.restoring-{os.getpid()}"))
    own_rows = settings.database == database_url("sqlite", settings.home)
    database = database_url("sqlite", beside) if own_rows else settings.database
    homes.make(beside, secret)
    try:
        ctx = wiring.platform(replace(settings, home=beside, database=database))
        with closing(ctx.database):
            read_rows(ctx.database, tar, about["step"])
            for member in tar:
                read_object(ctx.store, tar, member)
        beside.path.replace(settings.home.path)
    finally:
        shutil.rmtree(beside.path, ignore_errors=True)


def read_rows(database: Database, tar: tarfile.TarFile, step: str) -> None:
    check_unused(database)
    with database.write() as rows:
        config = migrations.config()
        config.attributes["connection"] = rows
        steps.upgrade(config, step)
        for table in tables(rows):
            fill(rows, table, tar)
    migrations.upgrade(database)


def read_object(store: ObjectStore, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    place, _, rest = member.name.partition("/")
    if place != "buckets":
        return
    if member.isdir():
        store.make_bucket(rest)
        return
    told, file = json.loads(member.pax_headers[HEADER]), tar.extractfile(member)
    assert file is not None
    # An ETag that was made of the file's place and time is not that of the copy.
    etag = "" if told["etag"].endswith("-0") else told["etag"]
    chunks = iter(lambda: file.read(BLOCK), b"")
    store.put(rest.partition("/")[0], told["key"], chunks, told["type"], told["metadata"], etag)


def read_about(tar: tarfile.TarFile) -> dict[str, Any]:
    try:
        about = json.loads(content_of(tar, "backup.json"))
        if {"maquette", "step"} <= set(about):
            return dict(about)
    except (KeyError, ValueError, TypeError):
        pass
    raise BadInput("The file is no backup of Maquette: it does not begin with backup.json.", field="file")


def check_whole(tar: tarfile.TarFile) -> None:
    """One that was cut between two members reads like a shorter one; a whole one has an empty block behind the last."""
    tar.getmembers()
    assert tar.fileobj is not None
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("it ends in the middle")


def content_of(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def check_unused(database: Database) -> None:
    with database.read() as rows:
        if inspect(rows).get_table_names():
            raise Conflict("The database has tables already. Restore into an empty one.", setting="MAQUETTE_DATABASE")


def fill(rows: Connection, table: Table, tar: tarfile.TarFile) -> None:
    lines = content_of(tar, f"rows/{table.name}.jsonl").decode("utf-8", "surrogatepass").split("\n")
    names = json.loads(lines[0])
    values = [dict(zip(names, json.loads(line), strict=True)) for line in lines[1:]]
    for first in range(0, len(values), ROWS_AT_ONCE):
        rows.execute(table.insert(), values[first : first + ROWS_AT_ONCE])
    key = list(table.primary_key.columns)
    if values and rows.dialect.name == "postgresql" and len(key) == 1 and key[0].type.python_type is int:
        last = rows.execute(select(func.max(key[0]))).scalar_one()
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
        rows.execute(sequence, {"table": table.name, "column": key[0].name, "last": last})
