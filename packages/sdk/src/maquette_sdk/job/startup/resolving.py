"""One question to uv, and its answer: for an interpreter, under an era, what a list of requirements resolves to."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any, Callable, Sequence

from maquette_sdk.job.startup.sentences import say
from maquette_sdk.job.startup.words import (
    PLANNED,
    Failure,
    failure,
    name_of,
    normal,
    pin_of,
    planned_line,
    temporary_file,
)

Tell = Callable[[str], None]

NO_INDEX = "MAQUETTE_NO_INDEX"
FOREVER = "2100-01-01"
EDITABLE_BY = ("setuptools",)
"""What makes a folder editable, and did not before 2022: it obeys no era there."""
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


def attempt(
    uv: Uv, wanted: Sequence[str], era: Era | None, options: Sequence[str] = (), lifted: Sequence[str] = ()
) -> Plan:
    """One resolution; a second one, by the constraint file, when the index tells no upload times."""
    if era is None:
        return plan_with(uv, wanted, list(options))
    pinned = [name_of(line) for line in wanted if pin_of(line)]
    makers = EDITABLE_BY if any(line.startswith("-e ") for line in wanted) else ()
    lifted = sorted({*lifted, *pinned, *makers})
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
    plan.notes.append(say("era_by_list", era=era.date))
    return plan


def plan_with(uv: Uv, wanted: Sequence[str], options: list[str]) -> Plan:
    with temporary_file("\n".join(wanted) + "\n") as path:
        said = uv.pip("install", "--dry-run", *uv.index_options, *options, "-r", path)
    editable = [line[3:].strip() for line in wanted if line.startswith("-e ")]
    found = filter(None, map(PLANNED.match, said.splitlines()))
    counted = DOWNLOADS.search(said)
    downloads = int(counted.group(1)) if counted else 0
    return Plan([planned_line(one, editable) for one in found], options, [], downloads)


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


def taken(uv: Uv, plan: Plan, name: str) -> str:
    """The release that a plan takes, or leaves where it is already installed."""
    found = [line for line in plan.lines if normal(name_of(line)) == normal(name)]
    found = found or [line for line in uv.pip("freeze").splitlines() if normal(name_of(line)) == normal(name)]
    return found[0] if found else name
