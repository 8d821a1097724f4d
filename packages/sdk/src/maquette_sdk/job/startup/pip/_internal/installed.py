"""What is installed: the run's own site folder first, then the engine's environment."""

from __future__ import annotations

import email.parser
import os
import re
import sys
from typing import Sequence

METADATA = (("dist-info", "METADATA"), ("egg-info", "PKG-INFO"))


class Installed:
    """A package as its metadata tells it."""

    def __init__(self, name: str, version: str, metadata: str) -> None:
        self.name = self.project_name = name
        self.version = version
        self.metadata = metadata
        self.location = os.path.dirname(metadata)

    @property
    def key(self) -> str:
        return normal(self.name)

    @property
    def own(self) -> bool:
        """Whether it lies in the run's own site folder and not in the shared environment."""
        site = os.environ.get("MAQUETTE_SITE")
        return bool(site) and os.path.abspath(self.location) == os.path.abspath(site or "")

    def headers(self) -> dict[str, list[str]]:
        """All header fields of its metadata, in lower case."""
        fields: dict[str, list[str]] = {}
        for name, value in email.parser.HeaderParser().parsestr(read(metadata_file(self.metadata))).items():
            fields.setdefault(name.lower(), []).append(str(value))
        return fields


def installed(paths: Sequence[str] | None = None) -> list[Installed]:
    """Sorted by name; of two with one name, the one that Python would import."""
    found: dict[str, Installed] = {}
    for folder in paths if paths is not None else import_paths():
        if not os.path.isdir(folder):
            continue
        for entry in sorted(os.listdir(folder)):
            if entry.endswith((".dist-info", ".egg-info")):
                package = read_package(os.path.join(folder, entry))
                if package:
                    found.setdefault(package.key, package)
    return [found[key] for key in sorted(found)]


def import_paths() -> list[str]:
    """`sys.path` with the run's site folder first; the folder that a script or `-m` adds is left out."""
    site = os.environ.get("MAQUETTE_SITE")
    working = {"", os.getcwd()}
    return ([site] if site else []) + [entry for entry in sys.path if entry not in working and entry != site]


def read_package(metadata: str) -> Installed | None:
    """None for a folder that a broken install left without metadata."""
    name = version = ""
    for line in read(metadata_file(metadata)).splitlines():
        if line.startswith("Name:"):
            name = line[5:].strip()
        elif line.startswith("Version:"):
            version = line[8:].strip()
        if not line or (name and version):
            break
    return Installed(name, version, metadata) if name and version else None


def metadata_file(metadata: str) -> str:
    for suffix, name in METADATA:
        if metadata.endswith(suffix) and os.path.isdir(metadata):
            return os.path.join(metadata, name)
    return metadata


def read(path: str) -> str:
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
