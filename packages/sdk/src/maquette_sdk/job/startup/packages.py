"""What to install for a list of requirements: uv decides, under an engine's era, and pins that cannot be are relaxed.

Used where engines' environments are made and by the `pip` front inside runs, so both follow the same rules:

1. What is not pinned is no newer than the era. By upload date where the index tells it, else by a list of newest
   versions (a constraint file).
2. A pin (`==`) is obeyed also when it is newer than the era.
3. A requirement that has no solution within the era is resolved without it.
4. A version that cannot be installed on this Python, or not beside the engine's own packages, gives way to the nearest
   release that can.
5. What has no wheel and does not build gives way to a release that has one.

Every step beyond the second is told.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any, Callable, Sequence

from maquette_sdk.job.startup.words import (
    BEYOND_ERA,
    GAVE_WAY,
    HAS_A_WHEEL,
    HELD_BACK,
    NOT_BUILT,
    PLANNED,
    extras_of,
    limits_of,
    pin_of,
    planned_line,
    release_of,
    temporary_file,
)
from maquette_sdk.job.startup.words import Failure as Failure
from maquette_sdk.job.startup.words import cause as cause
from maquette_sdk.job.startup.words import failure as failure
from maquette_sdk.job.startup.words import name_of as name_of
from maquette_sdk.job.startup.words import normal as normal

Tell = Callable[[str], None]

LOWER = (">", ">=", "==", "~=")
ONLY_WHEEL = "--only-binary="  # Joined to the name, unlike a person's own option.
NO_INDEX = "MAQUETTE_NO_INDEX"
FOREVER = "2100-01-01"
DOWNLOADS = re.compile(r"^Would download (\d+) ", re.MULTILINE)


class Era:
    """The date that what is not pinned obeys, and a file with the newest versions of that day."""

    def __init__(self, date: str, constraints: str | None = None) -> None:
        self.date = date
        self.constraints = constraints
        self.dates_missing = False  # learned from the index on first use


class Plan:
    """What is to be installed: requirement lines with exact versions or addresses, and how they were found.

    `downloads` counts those that uv does not have in its cache.
    """

    def __init__(self, lines: Sequence[str], options: Sequence[str], notes: Sequence[str], downloads: int) -> None:
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
    options = list(options)
    plan = settle(uv, list(requirements), era, options, tell, list(fixed), relax)
    plan.notes += held_back(uv, plan, [*fixed, *requirements], era, options)
    return plan


def settle(
    uv: Uv, requirements: list[str], era: Era | None, options: list[str], tell: Tell, fixed: list[str], relax: bool
) -> Plan:
    """A plan by the rules above. `options` grows by what cannot be built."""
    first = None
    while True:
        try:
            return attempt(uv, fixed + requirements, era, options)
        except Failure as error:
            first = first or error
            if error.kind not in ("unsolvable", "build"):
                raise
            if error.kind == "unsolvable" or not error.package or ONLY_WHEEL + error.package in options:
                break
            tell(NOT_BUILT.format(error.package))
            options.append(ONLY_WHEEL + error.package)
    if era:
        plan = beyond_era(uv, fixed, requirements, era, options)
        if plan:
            return plan
    if not relax or not requirements:
        raise first
    return relaxed(uv, fixed, requirements, era, options, first)


def held_back(uv: Uv, plan: Plan, wanted: Sequence[str], era: Era | None, options: Sequence[str]) -> list[str]:
    """A note for each requirement that would be newer, did all that it needs build here."""
    missing = [option[len(ONLY_WHEEL) :] for option in options if option.startswith(ONLY_WHEEL)]
    taken = {normal(name_of(line)): pin_of(line) for line in plan.lines}
    free = {normal(name_of(line)) for line in wanted if not pin_of(line)} & set(taken)
    if not missing or not free:
        return []
    own = [name for name in missing if normal(name) in free]
    notes = [HAS_A_WHEEL.format(name, taken[normal(name)]) for name in own]
    others = [name for name in missing if name not in own]
    if not others:
        return notes
    try:
        with temporary_file("\n".join(others) + "\n") as path:
            newest = attempt(uv, wanted, era, [*options, "--excludes", path])
    except Failure:
        return notes  # then something else stands in the way as well
    for line in newest.lines:
        name = normal(name_of(line))
        if name in free and release_of(pin_of(line)) > release_of(taken[name]):
            notes.append(HELD_BACK.format(name, taken[name], " or ".join(others)))
    return notes


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
        plan.notes.append(BEYOND_ERA.format(era.date, what))
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
    counted = DOWNLOADS.search(said)
    downloads = int(counted.group(1)) if counted else 0
    return Plan([planned_line(one, editable) for one in found], options, [], downloads)


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
            plan = again([ONLY_WHEEL + name for name in only_wheels])
        except Failure as error:
            raise (not_built if error.kind == "unsolvable" else error) from None


def relaxed(
    uv: Uv, fixed: list[str], requirements: list[str], era: Era | None, options: Sequence[str], first: Failure
) -> Plan:
    """Take the requirements one by one; what does not go in gives way to the nearest release that does."""
    kept = list(fixed)
    lifted: list[str] = []
    notes: list[str] = []
    given: list[tuple[str, str]] = []
    for line in requirements:
        name = name_of(line)
        if possible(uv, [*kept, line], era, options, lifted):
            kept.append(line)
            continue
        if era and name and possible(uv, [*kept, line], era, options, [*lifted, name]):
            lifted.append(name)
            kept.append(line)
            notes.append(BEYOND_ERA.format(era.date, name))
            continue
        candidates = nearest_to(uv, line, kept, era, options, lifted)
        nearest = next((near for near in candidates if possible(uv, [*kept, near], era, options, lifted)), None)
        if nearest is None:
            raise first
        given.append((line, rival_of(uv, line, fixed, kept, options)))
        kept.append(nearest)
    plan = attempt(uv, kept, era, options, lifted)
    gave_way = [GAVE_WAY.format(line.strip(), rival, taken(uv, plan, name_of(line))) for line, rival in given]
    plan.notes[:0] = gave_way + notes
    return plan


def possible(
    uv: Uv, wanted: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str] = ()
) -> bool:
    try:
        attempt(uv, wanted, era, options, lifted)
        return True
    except Failure as error:
        if error.kind in ("unsolvable", "build"):
            return False
        raise


def rival_of(uv: Uv, line: str, fixed: Sequence[str], kept: Sequence[str], options: Sequence[str]) -> str:
    """What a requirement cannot stand beside, in words; nothing where it cannot be installed even alone."""
    if not kept or not possible(uv, [line], None, options):
        return ""
    same_first = sorted(kept, key=lambda other: normal(name_of(other)) != normal(name_of(line)))
    rival = next((other for other in same_first if not possible(uv, [other, line], None, options)), None)
    if rival is None:
        return " beside the rest"
    return " beside {}{}".format("the engine's " if rival in fixed else "", rival.strip())


def taken(uv: Uv, plan: Plan, name: str) -> str:
    """The release that a plan takes, or leaves where it is already installed."""
    found = [line for line in plan.lines if normal(name_of(line)) == normal(name)]
    found = found or [line for line in uv.pip("freeze").splitlines() if normal(name_of(line)) == normal(name)]
    return found[0] if found else name


def nearest_to(
    uv: Uv, line: str, kept: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str]
) -> list[str]:
    """Requirements to try in place of one: the next release up, the next one down, then any."""
    name, version = name_of(line), pin_of(line)
    if version:
        return nearest_pins(uv, name, extras_of(line), version, options)
    limits = limits_of(line)
    if not limits:
        return []
    full = name + extras_of(line)
    up = [full + ">=" + bound for operator, bound in limits if operator in ("<", "<=", "==", "~=")]
    down = [full + ("<=" if operator == ">" else "<") + bound for operator, bound in limits if operator in LOWER]
    lowest = [pin for above in up for pin in lowest_of(uv, above, kept, era, options, lifted)]
    return [*lowest, *down, full]


def lowest_of(
    uv: Uv, line: str, kept: Sequence[str], era: Era | None, options: Sequence[str], lifted: Sequence[str]
) -> list[str]:
    """The lowest release that a requirement allows beside what is kept, as a pin."""
    name = normal(name_of(line))
    try:
        beside = attempt(uv, kept, era, options, lifted)
        pins = [one for one in beside.lines if pin_of(one) and normal(name_of(one)) != name]
        plan = attempt(uv, [*kept, *pins, line], era, [*options, "--resolution", "lowest-direct"], lifted)
    except Failure as error:
        if error.kind not in ("unsolvable", "build"):
            raise
        return []
    found = [one for one in plan.lines if pin_of(one) and normal(name_of(one)) == name]
    return [one.replace("==", extras_of(line) + "==") for one in found]


def nearest_pins(uv: Uv, name: str, extras: str, version: str, options: Sequence[str]) -> list[str]:
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
    return [*found, name + extras]
