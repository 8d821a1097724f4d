"""What to install for a list of requirements: uv decides, under an engine's era, and pins that cannot be are relaxed.

Used where engines' environments are made and by the `pip` front inside runs, so both follow the same rules:

1. What is not pinned is no newer than the era. By upload date where the index tells it, else by a list of newest
   versions (a constraint file).
2. A pin (`==`) is obeyed also when it is newer than the era.
3. A requirement that has no solution within the era is resolved without it.
4. A pin that cannot be installed on this Python gives way to the nearest release that can.

5. What has no wheel and does not build gives way to a release that has one.

Every step beyond the second is told.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from typing import Any, Callable, Match, Sequence
from urllib.parse import unquote, urlsplit

Tell = Callable[[str], None]

NOT_BUILT = "{} cannot be built here; looking for a release that has a wheel."
NO_INDEX = "MAQUETTE_NO_INDEX"
FOREVER = "2100-01-01"
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
REQUIREMENT = re.compile(r"^\s*({})\s*(\[[^\]]*\])?\s*(.*?)\s*$".format(NAME), re.DOTALL)
EXACT = re.compile(r"^\(?\s*={2,3}\s*([^\s,;)*]+)\s*\)?\s*$")
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


class Era:
    """The date that what is not pinned obeys, and a file with the newest versions of that day."""

    def __init__(self, date: str, constraints: str | None = None) -> None:
        self.date = date
        self.constraints = constraints
        self.dates_missing = False  # learned from the index on first use


class Plan:
    """What is to be installed: requirement lines with exact versions or addresses, and how they were found."""

    def __init__(self, lines: Sequence[str], options: Sequence[str], notes: Sequence[str], downloads: bool) -> None:
        self.lines = list(lines)
        self.options = list(options)
        self.notes = list(notes)
        self.downloads = downloads


class Uv:
    """Runs uv for one interpreter with given variables (index, find-links, cache …).

    `starter` starts a process as `subprocess.Popen` does; whoever must know the process's lock or umask gives its own.
    """

    def __init__(
        self,
        binary: str,
        python: str,
        environment: dict[str, str],
        starter: Callable[..., Any] = subprocess.Popen,
        progress: Tell | None = None,
    ) -> None:
        self.binary = binary
        self.python = python
        self.environment = environment
        self.starter = starter
        self.progress = progress

    @property
    def index_options(self) -> list[str]:
        """pip can be told by a setting to ask no index at all; uv has only an option for it."""
        return ["--no-index"] if self.environment.get(NO_INDEX) else []

    def pip(self, *arguments: str) -> str:
        """`uv pip …`; gives what it said, raises Failure. Lines about downloads go to `progress` as they come."""
        command = [self.binary, "pip", arguments[0], "--color", "never", "--python", self.python] + list(arguments[1:])
        return self.run(command)

    def run(self, command: Sequence[str]) -> str:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = self.starter(list(command), env=self.environment, **pipes)
        said = []
        with process.stdout:
            for raw in iter(process.stdout.readline, b""):
                line = raw.decode("utf-8", "replace").rstrip("\n")
                said.append(line)
                if self.progress and line.lstrip().startswith(("Downloading ", "Building ")):
                    self.progress(line.strip())
        if process.wait() == 0:
            return "\n".join(said)
        raise failure("\n".join(said))


def solve(
    uv: Uv,
    requirements: Sequence[str],
    era: Era | None = None,
    options: Sequence[str] = (),
    tell: Tell = lambda line: None,
    fixed: Sequence[str] = (),
    relax: bool = True,
) -> Plan:
    """Find what to install into uv's environment for `fixed` (never relaxed) and `requirements`.

    Raises Failure when there is no way; its text is uv's own about the whole list.
    """
    wanted = list(fixed) + list(requirements)
    options = list(options)
    first = None
    while True:
        try:
            return attempt(uv, wanted, era, options)
        except Failure as error:
            first = first or error
            if error.kind not in ("unsolvable", "build"):
                raise
            if error.kind == "unsolvable" or not error.package or error.package in options:
                break
            tell(NOT_BUILT.format(error.package))
            options += ["--only-binary", error.package]
    if era:
        plan = beyond_era(uv, fixed, requirements, era, options)
        if plan:
            return plan
    if not relax or not requirements:
        raise first
    return relaxed(uv, list(fixed), list(requirements), era, options, tell, first)


def beyond_era(
    uv: Uv, fixed: Sequence[str], requirements: Sequence[str], era: Era, options: Sequence[str]
) -> Plan | None:
    """First what is required may be newer than the era, then everything may."""
    names = [name_of(line) for line in requirements if name_of(line)]
    for lifted, what in ((names, ", ".join(names)), ([], "everything")):
        if not lifted and what != "everything":
            continue
        try:
            plan = attempt(uv, [*fixed, *requirements], era if lifted else None, options, lifted)
        except Failure:
            continue
        plan.notes.append("No solution within the era of {}: {} may be newer.".format(era.date, what))
        return plan
    return None


def attempt(
    uv: Uv, wanted: Sequence[str], era: Era | None, options: Sequence[str] = (), lifted: Sequence[str] = ()
) -> Plan:
    """One resolution; a second one, by the constraint file, when the index tells no upload times."""
    if era is None:
        return plan_with(uv, wanted, list(options))
    pinned = [name_of(line) for line in wanted if pin_of(line)]
    lifted = sorted(set(lifted) | set(pinned))
    if not era.dates_missing:
        by_date = ["--exclude-newer", era.date]
        for name in lifted:
            by_date += ["--exclude-newer-package", "{}={}".format(name, FOREVER)]
        try:
            return plan_with(uv, wanted, list(options) + by_date)
        except Failure as error:
            if "is missing an upload date" not in error.text or not era.constraints or tells_dates(uv, wanted):
                raise
    plan = by_constraints(uv, wanted, era, options, lifted)
    era.dates_missing = True
    return plan


def tells_dates(uv: Uv, wanted: Sequence[str]) -> bool:
    """Whether an index tells upload times for one of the packages; some indexes beside it may not."""
    for name in filter(None, map(name_of, wanted)):
        try:
            plan_with(uv, [name], ["--no-deps", "--reinstall-package", name, "--exclude-newer", FOREVER])
            return True
        except Failure as error:
            if error.kind not in ("unsolvable", "build"):
                raise
    return False


def by_constraints(uv: Uv, wanted: Sequence[str], era: Era, options: Sequence[str], lifted: Sequence[str]) -> Plan:
    free = {normal(name) for name in lifted}
    with open(era.constraints or os.devnull, encoding="utf-8") as file:
        caps = [line for line in file if not line.startswith("#") and normal(name_of(line)) not in free]
    with temporary_file("".join(caps)) as path:
        plan = plan_with(uv, wanted, list(options) + ["--constraints", path])
    plan.options = [option for option in plan.options if option not in ("--constraints", path)]
    plan.notes.append("The index tells no upload times: versions are held to {} by a list.".format(era.date))
    return plan


def plan_with(uv: Uv, wanted: Sequence[str], options: list[str]) -> Plan:
    with temporary_file("\n".join(wanted) + "\n") as path:
        said = uv.pip("install", "--dry-run", *uv.index_options, *options, "-r", path)
    editable = [line[3:].strip() for line in wanted if line.startswith("-e ")]
    found = filter(None, map(PLANNED.match, said.splitlines()))
    return Plan([planned_line(one, editable) for one in found], options, [], "Would download" in said)


def planned_line(found: Match[str], editable: Sequence[str]) -> str:
    """What uv would install, as a requirement that means exactly that."""
    name, version, address, source = found.groups()
    address = address or source
    if not address:
        return "{}=={}".format(name, version)
    path = unquote(urlsplit(address).path)
    return "-e " + path if path in editable else "{} @ {}".format(name, address)


def install(uv: Uv, plan: Plan, options: Sequence[str] = ()) -> None:
    """Install exactly the plan."""
    if not plan.lines:
        return
    with temporary_file("\n".join(plan.lines) + "\n") as path:
        uv.pip("install", "--no-deps", *uv.index_options, *plan.options, *options, "-r", path)


def install_or_relax(
    uv: Uv, plan: Plan, again: Callable[[list[str]], Plan], tell: Tell, options: Sequence[str] = ()
) -> Plan:
    """Install the plan. What turns out not to build is taken only as a wheel: `again` plans anew with more options."""
    only_wheels: list[str] = []
    while True:
        try:
            install(uv, plan, options)
            return plan
        except Failure as error:
            if error.kind != "build" or not error.package or error.package in only_wheels:
                raise
            not_built = error
        only_wheels.append(not_built.package)
        tell(NOT_BUILT.format(not_built.package))
        try:
            plan = again([part for name in only_wheels for part in ("--only-binary", name)])
        except Failure as error:
            raise (not_built if error.kind == "unsolvable" else error) from None


def relaxed(
    uv: Uv,
    fixed: list[str],
    requirements: list[str],
    era: Era | None,
    options: Sequence[str],
    tell: Tell,
    first: Failure,
) -> Plan:
    """Take the requirements one by one; a pin that does not go in gives way to the nearest release that does."""
    kept = list(fixed)
    notes: list[str] = []
    for line in requirements:
        if possible(uv, kept + [line], era, options):
            kept.append(line)
            continue
        candidates = nearest_to(uv, line, options)
        nearest = next((near for near in candidates if possible(uv, kept + [near], era, options)), None)
        if nearest is None:
            raise first
        notes.append("{} cannot be installed here: {} is taken.".format(line.strip(), nearest))
        tell(notes[-1])
        kept.append(nearest)
    plan = attempt(uv, kept, era, options)
    plan.notes[:0] = notes
    return plan


def possible(uv: Uv, wanted: Sequence[str], era: Era | None, options: Sequence[str]) -> bool:
    try:
        attempt(uv, wanted, era, options)
        return True
    except Failure as error:
        if error.kind in ("unsolvable", "build"):
            return False
        raise


def nearest_to(uv: Uv, line: str, options: Sequence[str]) -> list[str]:
    """Pins to try in place of `name==version`: the next release up, the next one down, then any."""
    version = pin_of(line)
    if not version:
        return []
    name, extras = name_of(line), (REQUIREMENT.match(line).group(2) or "")  # type: ignore[union-attr]
    public = version.split("+")[0]
    found = []
    if public != version:
        found.append("{}{}=={}".format(name, extras, public))
    for range_, resolution in ((">=", "lowest-direct"), ("<=", "highest")):
        wheels = ["--only-binary", name, "--no-deps", "--resolution", resolution]
        try:
            plan = plan_with(uv, [name + range_ + public], list(options) + wheels)
        except Failure as error:
            if error.kind not in ("unsolvable", "build"):
                raise
            continue
        found += [entry.replace("==", extras + "==") for entry in plan.lines]
    return found + [name + extras]


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
