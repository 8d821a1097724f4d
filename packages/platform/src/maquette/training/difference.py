"""What two versions of a job have not in common: what they ran, on which packages, and what came of it."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from maquette.kernel.context import Platform
from maquette.training.jobs import JobVersion
from maquette.training.packages import read_listed
from maquette.training.snapshots import place
from maquette.training.specification import Specification

LEFT_OUT = ("original", "code", "code_name")
"""Parts of a specification that say nothing of the run, or are compared file by file."""


def difference(ctx: Platform, one: JobVersion, other: JobVersion) -> dict[str, Any]:
    """Each part holds what differs only: its name, and the value in either version (None: not there)."""
    return {
        "specification": changes(shown(one.specification), shown(other.specification)),
        "code": code_changes(ctx, one, other),
        "engine": changes(plain_engine(one), plain_engine(other)),
        "packages": changes(read_listed(one.packages), read_listed(other.packages)),
        "metrics": changes(one.metrics or {}, other.metrics or {}),
    }


def changes(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = [*one, *(name for name in other if name not in one)]
    return [
        {"name": name, "this": one.get(name), "other": other.get(name)}
        for name in names
        if one.get(name) != other.get(name)
    ]


def shown(spec: Specification) -> dict[str, Any]:
    """The fields of a specification, parameters and places each by its own name."""
    fields = {name: value for name, value in spec.model_dump(mode="json").items() if name not in LEFT_OUT}
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "parameters":
            found |= {f"parameters.{one['name']}": one["value"] for one in value}
        elif name in ("inputs", "outputs"):
            found |= {f"{name}.{one['name']}": one["address"] for one in value}
        elif name == "environment":
            found |= {f"environment.{key}": text for key, text in value.items()}
        else:
            found[name] = value
    return found


def plain_engine(version: JobVersion) -> dict[str, Any]:
    return {name: version.engine.get(name) for name in ("engine", "python_version", "match") if version.engine}


def code_changes(ctx: Platform, one: JobVersion, other: JobVersion) -> dict[str, Any]:
    """Files by the hash of their content. A version that never started has no code that was kept."""
    if one.code_hash == other.code_hash:
        return {"same": True, "hash": one.code_hash, "files": []}
    mine, theirs = files_of(ctx, one.code_hash), files_of(ctx, other.code_hash)
    told = {"same": False, "hash": one.code_hash, "other_hash": other.code_hash}
    return {**told, "files": changes(mine, theirs) if mine and theirs else []}


def files_of(ctx: Platform, digest: str) -> dict[str, str]:
    """Name and hash of every file of a snapshot; nothing where it is not kept any more."""
    archive = place(ctx, digest)
    if not digest or not archive.is_file():
        return {}
    with zipfile.ZipFile(archive) as snapshot:
        return {info.filename: hash_of(snapshot, info) for info in snapshot.infolist()}


def hash_of(snapshot: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    digest = sha256()
    with snapshot.open(info) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()[:16]
