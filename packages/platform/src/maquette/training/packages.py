"""Which packages a run had: those of its engine, and what its script installed besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from maquette.kernel.ports import Environment, Match

RECORD = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info")


def of_engine(environment: Environment) -> dict[str, str]:
    """Names and versions. An interpreter of the user's own may see more folders than its own prefix."""
    own = environment.python.parent.parent
    prefixes = (own, *environment.prefixes) if environment.resolution.match is Match.OWN else (own,)
    found: dict[str, str] = {}
    for prefix in reversed(prefixes):
        for folder in (*prefix.glob("lib/python*/site-packages"), *prefix.glob("lib/python3/dist-packages")):
            found |= in_folder(folder)
    return found


def in_folder(folder: Path) -> dict[str, str]:
    """The packages that lie in one folder, by what installers leave beside them."""
    return dict(records(folder)) if folder.is_dir() else {}


def records(folder: Path) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if found := RECORD.fullmatch(entry.name):
            yield found["name"].replace("_", "-").lower(), found["version"]


def listed(packages: Mapping[str, str]) -> list[str]:
    """`name==version`, by name."""
    return [f"{name}=={version}" for name, version in sorted(packages.items())]


def read_listed(lines: Iterable[str]) -> dict[str, str]:
    return dict(line.split("==", 1) for line in lines if "==" in line)
