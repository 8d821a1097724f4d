"""`pip list`, `pip freeze`, `pip show`."""

from __future__ import annotations

import json
import re
from typing import Iterable

from .cli.options import Arguments
from .install import warn
from .installed import Installed, installed, normal

REQUIRED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def list_installed(arguments: Arguments) -> int:
    packages = installed()
    style = arguments.last("format")
    if style == "json":
        print(json.dumps([{"name": package.name, "version": package.version} for package in packages]))
    elif style == "freeze":
        return freeze(arguments)
    else:
        width = max([len(package.name) for package in packages] + [len("Package")])
        print("{}  {}\n{}  {}".format("Package".ljust(width), "Version", "-" * width, "-" * len("Version")))
        for package in packages:
            print("{}  {}".format(package.name.ljust(width), package.version))
    return 0


def freeze(arguments: Arguments) -> int:
    for package in installed():
        print("{}=={}".format(package.name, package.version))
    return 0


def show(arguments: Arguments) -> int:
    """Exit code 1 when none of the packages is installed."""
    packages = {package.key: package for package in installed()}
    found = [packages[normal(word)] for word in arguments.words if normal(word) in packages]
    missing = [word for word in arguments.words if normal(word) not in packages]
    if missing:
        warn("Package(s) not found: {}".format(", ".join(missing)))
    print("\n---\n".join(describe(package, packages.values()) for package in found))
    return 0 if found else 1


def describe(package: Installed, everything: Iterable[Installed]) -> str:
    fields = package.headers()

    def first(name: str) -> str:
        return fields.get(name, [""])[0]

    needed_by = [other.name for other in everything if package.key in map(normal, required(other))]
    lines = (
        ("Name", package.name),
        ("Version", package.version),
        ("Summary", first("summary")),
        ("Home-page", first("home-page")),
        ("Author", first("author")),
        ("Author-email", first("author-email")),
        ("License", first("license")),
        ("Location", package.location),
        ("Requires", ", ".join(required(package))),
        ("Required-by", ", ".join(needed_by)),
    )
    return "\n".join("{}: {}".format(name, value) for name, value in lines)


def required(package: Installed) -> list[str]:
    """What it needs always; what only an extra needs is left out."""
    lines = [line for line in package.headers().get("requires-dist", []) if "extra ==" not in line]
    return sorted({found.group(1) for found in map(REQUIRED.match, lines) if found})
