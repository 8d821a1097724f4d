"""The engines that can be made, as `catalogue.toml` lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from maquette.drivers.engines.sentences import say

HERE = Path(__file__).parent
OLDEST_PYTHON = (3, 7)

Python = tuple[int, int]


@dataclass(frozen=True)
class Compat:
    """How versions before `before` run on a later release: more packages and variables."""

    before: str
    packages: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Release:
    """One series of a framework: versions that install alike on the same interpreters."""

    family: str
    versions: tuple[str, ...]
    pythons: tuple[Python, ...]
    packages: tuple[str, ...]
    era: str | None
    prefers: Python | None
    download_mb: int
    disk_mb: int
    download_cpu_mb: int | None
    disk_cpu_mb: int | None
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.family}-{self.versions[-1]}"


@dataclass(frozen=True)
class Family:
    """A framework and its releases, oldest first."""

    name: str
    title: str
    aliases: tuple[str, ...]
    default: str
    runtime: str | None
    packages: tuple[str, ...]
    environment: Mapping[str, str]
    program: str | None
    compat: Compat | None
    releases: tuple[Release, ...] = field(repr=False)

    def packages_of(self, release: Release, version: str) -> tuple[str, ...]:
        own = tuple(package.format(version=version) for package in release.packages)
        return (*own, *self.packages)


@dataclass(frozen=True)
class Catalogue:
    families: Mapping[str, Family]

    @property
    def words(self) -> dict[str, str]:
        """Every word that means a framework, and the framework's name."""
        return {alias: family.name for family in self.families.values() for alias in family.aliases}

    def release(self, engine: str) -> Release | None:
        """The release behind an engine's name such as `pytorch-1.8.0`."""
        family, _, version = engine.partition("-")
        releases = self.families[family].releases if family in self.families else ()
        return next((release for release in releases if version in release.versions), None)


@cache
def read_catalogue(path: Path = HERE / "catalogue.toml") -> Catalogue:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    bench = tuple(tables.pop("bench", {}).get("packages", ()))
    return Catalogue({name: read_family(name, table, bench) for name, table in tables.items()})


@cache
def read_known_names(path: Path = HERE / "names.toml") -> Mapping[str, tuple[str, ...]]:
    """The names that ModelArts prints, by kind."""
    return {kind: tuple(names) for kind, names in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def read_family(name: str, table: Mapping[str, Any], bench: tuple[str, ...]) -> Family:
    compat = table.get("compat")
    return Family(
        name=name,
        title=table["title"],
        aliases=tuple(table["aliases"]),
        default=table["default"],
        runtime=table.get("runtime"),
        packages=(*table.get("packages", ()), *(bench if table.get("bench") else ())),
        environment=table.get("environment", {}),
        program=table.get("program"),
        compat=Compat(compat["before"], tuple(compat["packages"]), compat["environment"]) if compat else None,
        releases=tuple(read_release(name, row) for row in table["releases"]),
    )


def read_release(family: str, row: Mapping[str, Any]) -> Release:
    return Release(
        family=family,
        versions=tuple(row["versions"]),
        pythons=python_range(row["python"]),
        packages=tuple(row["packages"]),
        era=row.get("era"),
        prefers=read_python(row["prefers"]) if "prefers" in row else None,
        download_mb=row["download"],
        disk_mb=row["disk"],
        download_cpu_mb=row.get("download_cpu"),
        disk_cpu_mb=row.get("disk_cpu"),
        notes=tuple(map(say, row.get("notes", ()))),
    )


def python_range(text: str) -> tuple[Python, ...]:
    first, last = (read_python(part) for part in text.split("-"))
    return tuple((3, minor) for minor in range(first[1], last[1] + 1))


def read_python(text: str) -> Python:
    """The first two numbers of `3.7` or `3.7.16`."""
    major, minor, *_ = [*text.split("."), "0"]
    return int(major), int(minor)


def show_python(python: Python) -> str:
    return f"{python[0]}.{python[1]}"
