"""How requirement lines and uv's words are read, and requirement lines written for uv."""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any, Match, Sequence
from urllib.parse import unquote, urlsplit

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
REQUIREMENT = re.compile(r"^\s*({})\s*(\[[^\]]*\])?\s*(.*?)\s*$".format(NAME), re.DOTALL)
EXACT = re.compile(r"^\(?\s*={2,3}\s*([^\s,;)*]+)\s*\)?\s*$")
LIMIT = re.compile(r"(>=|<=|==|~=|!=|<|>)\s*([^\s,;()*]+?)(?:\.\*)?\s*(?=[,)]|$)")
ARCHIVES = (".whl", ".tar.gz", ".tgz", ".tar.bz2", ".zip")
PLANNED = re.compile(r"^ [+~] ({})(?:==(\S+))?(?: @ (\S+))?(?: \(from (.*)\))?$".format(NAME))

# How uv says what went wrong: (kind of failure, words in its message), the first that fits.
SIGNS = (
    ("disk", ("No space left on device", "Disk quota exceeded")),
    ("network", (
        "error sending request", "dns error", "tcp connect error", "Request failed after", "HTTP status",
        "Network connectivity is disabled", "error decoding response body", "operation timed out",
    )),
    ("broken", ("has an invalid package format", "Failed to extract", "Hash mismatch", "is invalid")),
    ("build", ("Failed to build", "Failed to download and build", "Build backend failed")),
    ("unsolvable", ("No solution found", "was not found in the package registry", "no wheels with")),
)  # fmt: skip
NAMED = (re.compile(r"structure of `([^`]+)`"), re.compile(r"Failed to [a-z ]+ `([^`=@ ]+)"))


class Failure(Exception):
    """uv could not do it. `kind` is disk, network, build, unsolvable, broken or other; `text` all that uv said."""

    def __init__(self, kind: str, text: str, package: str = "") -> None:
        super().__init__("{}: {}".format(kind, cause(text)))
        self.kind = kind
        self.text = text
        self.package = package


def name_of(line: str) -> str:
    """The package that a requirement line names; empty for paths, addresses and options."""
    line = line.split(" #")[0].split(";")[0].strip()
    before_address = line.split("@")[0].strip()
    if line.startswith(("-", ".", "/")) or "://" in before_address or before_address.endswith(ARCHIVES):
        return ""
    found = REQUIREMENT.match(line)
    rest = found.group(3) if found else "/"
    return found.group(1) if found and not rest.startswith(("/", "\\")) else ""


def pin_of(line: str) -> str:
    """The version of a requirement `name==version`, else empty."""
    line = line.split(" #")[0].split(";")[0]
    found = REQUIREMENT.match(line) if name_of(line) else None
    exact = EXACT.match(found.group(3)) if found else None
    return exact.group(1) if exact else ""


def extras_of(line: str) -> str:
    """The extras of a requirement line, in their brackets."""
    found = REQUIREMENT.match(line)
    return (found.group(2) or "") if found else ""


def limits_of(line: str) -> list[tuple[str, str]]:
    """The limits of a requirement line that does not name one version: `>=` and `1.2` of `name>=1.2`."""
    line = line.split(" #")[0].split(";")[0]
    found = REQUIREMENT.match(line) if name_of(line) else None
    if found is None or pin_of(line) or found.group(3).startswith("@"):
        return []
    return [(limit.group(1), limit.group(2)) for limit in LIMIT.finditer(found.group(3))]


def planned_line(found: Match[str], editable: Sequence[str]) -> str:
    """What uv would install, as a requirement that means exactly that."""
    name, version, address, source = found.groups()
    address = address or source
    if not address:
        return "{}=={}".format(name, version)
    path = unquote(urlsplit(address).path)
    return "-e " + path if path in editable else "{} @ {}".format(name, address)


def release_of(version: str) -> list[int]:
    """The numbers of a version, to compare."""
    return [int(number) for number in re.findall(r"\d+", version.split("+")[0])]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def failure(text: str) -> Failure:
    """What uv said, as a Failure of its kind that names the package where uv does."""
    kind = next((kind for kind, signs in SIGNS if any(sign in text for sign in signs)), "other")
    named = next((found for found in (pattern.search(text) for pattern in NAMED) if found), None)
    return Failure(kind, text, named.group(1) if named else "")


def cause(text: str) -> str:
    """The deepest cause that uv names, in one line."""
    causes = [line.strip() for line in text.splitlines() if line.strip().startswith("cause:")]
    errors = [line.strip() for line in text.splitlines() if line.strip().startswith(("error:", "×"))]
    lines = causes[-1:] or errors[:1] or [line for line in text.splitlines() if line.strip()][-1:]
    return re.sub(r"^(cause|error|×):?\s*", "", lines[0]) if lines else "it gave no reason"


class temporary_file:
    """A text file that lives as long as the `with` block; gives its path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.path = ""

    def __enter__(self) -> str:
        handle, self.path = tempfile.mkstemp(prefix="maquette-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.text)
        return self.path

    def __exit__(self, *ignored: tuple[Any, ...]) -> None:
        os.unlink(self.path)
