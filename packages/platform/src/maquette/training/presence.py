"""Whether what a version names is there, looked at before it waits for its turn: engine, code, data and places."""

from __future__ import annotations

from itertools import islice

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.kernel.ports import ObjectStore
from maquette.training.engines import check_engine
from maquette.training.sentences import say
from maquette.training.snapshots import is_snapshot
from maquette.training.specification import Place, Specification, check_address, check_boot_file

SHOWN = 6
"""So many names are told where one is wrong."""


def check_presence(ctx: Platform, workspace_id: str, spec: Specification) -> None:
    """BadInput names the field and the fix. The run looks again: much may change while it waits."""
    check_engine(ctx, spec.engine)
    store = store_of_workspace(ctx, workspace_id)
    check_code(store, spec)
    for place in spec.inputs:
        if place.address:
            check_data(store, place)
    for place in spec.outputs:
        if place.address:
            check_bucket(store, read_address(place.address), place.name)
    if spec.log:
        check_bucket(store, read_address(spec.log), "log_export_path")


def check_code(store: ObjectStore, spec: Specification) -> None:
    """Whether the code's folder holds its boot file. What an earlier version ran on has been looked at then."""
    if is_snapshot(spec.code):
        return
    check_address(spec.code, "code_dir")
    if not spec.command or spec.boot_file:
        check_boot_file(spec.boot_file)
    folder = folder_of(read_address(spec.code))
    check_bucket(store, folder, "code_dir")
    if not store.list(folder.bucket, folder.key, limit=1).objects:
        raise BadInput(say("code_missing", place=spec.code), field="code_dir")
    if not spec.boot_file:
        return
    try:
        store.head(folder.bucket, folder.below(spec.boot_file).key)
    except NotFound:
        raise BadInput(boot_missing(store, folder, spec.boot_file), field="boot_file") from None


def folder_of(address: Address) -> Address:
    key = address.key.strip("/")
    return Address(address.bucket, f"{key}/" if key else "")


def boot_missing(store: ObjectStore, folder: Address, file: str) -> str:
    """With the Python files that are there instead."""
    page = store.list(folder.bucket, folder.key, delimiter="/")
    names = [info.key[len(folder.key) :] for info in page.objects if info.key.endswith(".py")]
    if not names:
        return say("boot_missing", file=file, folder=folder)
    return say("boot_missing_beside", file=file, folder=folder, names=", ".join(names[:SHOWN]))


def check_data(store: ObjectStore, place: Place) -> None:
    """A folder with something in it, or an object."""
    address = read_address(place.address)
    check_bucket(store, address, place.name)
    folder = folder_of(address)
    if store.list(address.bucket, folder.key, limit=1).objects or not folder.key:
        return
    try:
        store.head(address.bucket, address.key.rstrip("/"))
    except NotFound:
        raise BadInput(say("data_missing", name=place.name, place=place.address), field=place.name) from None


def check_bucket(store: ObjectStore, address: Address, field: str) -> None:
    """One sentence for a bucket of others and for one that does not exist."""
    try:
        there = store.has_bucket(address.bucket)
    except (NotFound, Refused):
        there = False
    if not there:
        names = list(islice(store.buckets(), SHOWN))
        told = say("bucket_missing", field=field, bucket=address.bucket)
        if names:
            told = say("bucket_missing_beside", field=field, bucket=address.bucket, names=", ".join(names))
        raise BadInput(told, field=field)
