"""`maquette mb · ls · cp · rm · presign`: the buckets of a home with no server, or of where one has signed in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from maquette import wiring
from maquette.buckets.domain import Address, is_address, read_address
from maquette.cli.quantities import read_seconds
from maquette.cli.transfers import (
    Progress,
    at_once,
    below,
    copy_within,
    fetch,
    fetched,
    folder_of,
    need_object,
    nothing_at,
    one,
    printable,
    send,
)
from maquette.kernel.errors import BadInput
from maquette.kernel.ports import ObjectInfo, ObjectStore
from maquette.kernel.profiles import DEFAULT, Profile, find_profile, place, read_profiles
from maquette.kernel.settings import read_settings

LONGEST_LINK_SECONDS = 7 * 24 * 3600

Command = Callable[..., Any]


def where_options(command: Command) -> Command:
    """Which buckets: those of a home, or those of a profile."""
    home = click.option("--home", type=click.Path(path_type=Path), help="The buckets of this home, with no server.")
    profile = click.option("--profile", help="The buckets of where one has signed in under this name.")
    return home(profile(command))


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.command()
@click.argument("address", metavar="obs://BUCKET")
@where_options
def mb(address: str, home: Path | None, profile: str | None) -> None:
    """Makes a bucket."""
    bucket = read_address(address)
    if bucket.key:
        raise BadInput(f"'{address}' is more than a bucket. Write obs://{bucket.bucket}.", address=address)
    open_store(home, profile).make_bucket(bucket.bucket)


@click.command()
@click.argument("address", metavar="[obs://BUCKET[/FOLDER]]", required=False)
@click.option("-r", "--recursive", is_flag=True, help="Everything below, with whole keys.")
@json_option
@where_options
def ls(address: str | None, recursive: bool, as_json: bool, home: Path | None, profile: str | None) -> None:
    """Lists buckets, or what is in one."""
    store = open_store(home, profile)
    if address is None:
        buckets: list[dict[str, object]] = [
            {"bucket": bucket, "address": f"obs://{bucket}"} for bucket in store.buckets()
        ]
        show(buckets, as_json, lambda line: str(line["address"]))
        return
    where = read_address(address)
    lines = list(listed(store, where, recursive))
    if not lines and where.key:
        raise nothing_at(where)
    show(lines, as_json, object_line)


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("-r", "--recursive", is_flag=True, help="A folder: what is in it comes to be in the target.")
@click.option("--unpack", is_flag=True, help="A zip or tar file: what is in it comes to be in the target.")
@click.option("--resume", is_flag=True, help="Leave out what is there already, as large and not older.")
@where_options
def cp(
    source: str, target: str, recursive: bool, unpack: bool, resume: bool, home: Path | None, profile: str | None
) -> None:
    """Copies files into a bucket, objects out of one, or from bucket to bucket.

    SOURCE may be an address of the web too: https://…

    A TARGET that ends in a slash is a folder, in which a single file keeps its name.
    """
    store = open_store(home, profile)
    progress = Progress()
    match is_address(source), is_address(target):
        case True, True:
            copy_within(store, read_address(source), read_address(target), recursive, progress)
        case True, False:
            fetch(store, read_address(source), target, recursive, progress, resume)
        case False, True if source.startswith(("http://", "https://")):
            with fetched(source, progress) as path:
                send(store, path, read_address(target), recursive, progress, unpack, resume)
        case False, True:
            send(store, Path(source), read_address(target), recursive, progress, unpack, resume)
        case _:
            raise BadInput("Neither side is in a bucket. Write one of them as obs://BUCKET/KEY.")
    progress.done("copied")


@click.command()
@click.argument("address", metavar="obs://BUCKET[/KEY]")
@click.option("-r", "--recursive", is_flag=True, help="Everything below; without a slash behind BUCKET that too.")
@where_options
def rm(address: str, recursive: bool, home: Path | None, profile: str | None) -> None:
    """Removes an object, a folder of them (-r), or a bucket."""
    store = open_store(home, profile)
    where = read_address(address)
    progress = Progress()
    if recursive:
        infos = list(below(store, where))
        if not infos and where.key:
            raise nothing_at(where)
        at_once(lambda info: remove(store, where.bucket, info, progress), infos)
    elif where.key:
        need_object(store, where, "Remove")
        store.delete(where.bucket, where.key)
        progress.add_file()
    if not where.key and not address.endswith("/"):
        store.remove_bucket(where.bucket)
    progress.done("removed")


@click.command()
@click.argument("address", metavar="obs://BUCKET/KEY")
@click.option("--expires", default="1h", show_default=True, help="How long the link works: 90s, 30m, 12h, 7d at most.")
@click.option("--put", is_flag=True, help="A link to upload by, instead of one to download by.")
@click.option("--profile", default=DEFAULT, show_default=True, help="Where one has signed in.")
def presign(address: str, expires: str, put: bool, profile: str) -> None:
    """Prints a link by which anybody may download an object for a while."""
    where, seconds = read_address(address), int(read_seconds(expires, "expires") or 0)
    if where.is_folder:
        raise BadInput(f"'{address}' is no object. Write obs://BUCKET/KEY.", address=address)
    if not 1 <= seconds <= LONGEST_LINK_SECONDS:
        raise BadInput("--expires is 1 second to 7 days.", field="expires")
    found = find_profile(place(), profile)
    store = wiring.remote_store(found.store, found.access, found.secret)
    if not put:
        need_object(store, where, "Link")
    click.echo(store.link("PUT" if put else "GET", where.bucket, where.key, seconds))


def open_store(home: Path | None, profile: str | None) -> ObjectStore:
    """A home that is named wins; else where one has signed in; else the home of this user."""
    found = chosen_profile(home, profile)
    if found is not None:
        return wiring.remote_store(found.store, found.access, found.secret)
    return wiring.store(read_settings(home=home).home.buckets)


def chosen_profile(home: Path | None, profile: str | None) -> Profile | None:
    if home is not None and profile is not None:
        raise BadInput("--home and --profile exclude each other: give one of them.", field="profile")
    if profile is not None:
        return find_profile(place(), profile)
    if home is not None or "MAQUETTE_HOME" in os.environ:
        return None
    return read_profiles(place()).get(DEFAULT)


def remove(store: ObjectStore, bucket: str, info: ObjectInfo, progress: Progress) -> None:
    store.delete(bucket, info.key)
    progress.add_file()


def listed(store: ObjectStore, where: Address, recursive: bool) -> Iterator[dict[str, object]]:
    """What stands at an address: an object of this key, and what is in the folder of this name."""
    if recursive:
        yield from map(described, below(store, where))
        return
    if where.key and not where.is_folder:
        yield from map(described, one(store, where))
    prefix = folder_of(where)
    after: str | None = ""
    while after is not None:
        page = store.list(where.bucket, prefix, "/", after)
        lines: dict[str, dict[str, object]] = {info.key: described(info) for info in page.objects}
        lines.update({name: {"prefix": name} for name in page.prefixes})
        yield from (lines[name] for name in sorted(lines))
        after = page.next


def described(info: ObjectInfo) -> dict[str, object]:
    modified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(info.modified))
    return {"key": info.key, "size": info.size, "modified": modified, "etag": info.etag}


def object_line(line: dict[str, object]) -> str:
    if "prefix" in line:
        return f"{'':33}{printable(str(line['prefix']))}"
    return f"{line['modified']}  {line['size']:>10}  {printable(str(line['key']))}"


def show(lines: list[dict[str, object]], as_json: bool, spelled: Callable[[dict[str, object]], str]) -> None:
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    if lines:
        click.echo("\n".join(map(spelled, lines)))
