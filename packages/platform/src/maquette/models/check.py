"""`maquette check`: is a model package sound? Everything that is found, and what a service is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maquette.kernel.context import Context
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import Match, Resolution
from maquette.models.catalogue import Level
from maquette.models.code.other_python import parse_with
from maquette.models.config.reading import Reading
from maquette.models.dependencies import undeclared
from maquette.models.domain import CONFIG_FILE, Mode, Package
from maquette.models.engine import EngineChoice, choose_engine
from maquette.models.findings import Finding
from maquette.models.package import PackageReading, read_package
from maquette_sdk.sentences import told

ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}
UNREADABLE = frozenset({"syntax-error", "python2-code", "reserved-word", "source-encoding"})


@dataclass(frozen=True)
class Report:
    """What a check found. `package` is None where not even the engine can be told; `requirements` is what pip is asked
    for in the engine's environment, in list order."""

    folder: Path
    package: Package | None
    findings: tuple[Finding, ...]
    asked: str = ""
    engine: Resolution | None = None
    requirements: tuple[str, ...] = ()
    mended: str | None = None
    repairs: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    def count(self, level: Level) -> int:
        return sum(finding.level is level for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        package, engine = self.package, self.engine
        return {
            "package": str(self.folder),
            "sound": self.sound,
            "model_type": package.model_type if package else None,
            "service_class": (package.service_class or None) if package else None,
            "model_path": package.model_path if package else None,
            "mode": str(package.mode) if package and package.mode else None,
            "engine": {
                "asked": self.asked,
                "name": engine.engine or None,
                "match": str(engine.match),
                "reason": engine.reason,
                "told": told(engine.reason),
                "python": engine.python_version or None,
                "era": engine.era,
                "notes": list(engine.notes),
            }
            if engine
            else None,
            "requirements": list(self.requirements),
            "counts": {str(level): self.count(level) for level in Level},
            "findings": [finding.as_json() for finding in self.findings],
        }


def check(
    ctx: Context,
    path: Path,
    engine: str | None = None,
    python: Path | None = None,
    mode: Mode | None = None,
) -> Report:
    """Reads a package and judges it. Nothing of it is run, nothing is installed, nothing is written.

    `path` is the `model/` folder or its parent; `engine` or `python` replaces what the package's runtime says.
    Raises BadInput when there is no package, and for an engine or interpreter of the caller's that means nothing;
    Unavailable for files that cannot be read.
    """
    try:
        reading = read_package(path, mode)
    except OSError as error:
        raise Unavailable(f"'{error.filename or path}' cannot be read: {error.strerror}.", path=str(path)) from None
    findings = list(reading.findings)
    choice = None
    if reading.package is not None and reading.package.model_type != "Caffe":
        choice = choose_engine(ctx.engines, reading.package, reading.config is not None, engine, python)
        findings += choice.findings
        findings += undeclared(reading.code.imports, reading.package, choice.resolution)
        findings = list(with_other_syntax(findings, reading, choice))
    placed = (with_place(finding, reading.config) for finding in findings)
    return Report(
        folder=reading.folder,
        package=reading.package,
        findings=tuple(sorted(placed, key=lambda one: (ORDER[one.level], one.file, one.line or 0, one.column or 0))),
        asked=choice.asked if choice else "",
        engine=choice.resolution if choice else None,
        requirements=choice.requirements if choice else (),
        mended=reading.config.mended if reading.config and reading.config.repairs else None,
        repairs=tuple(repair.finding for repair in reading.config.repairs) if reading.config else (),
    )


def with_place(finding: Finding, config: Reading | None) -> Finding:
    """A finding that knows its field of config.json, with the line and column of that field."""
    if config is None or finding.line or finding.file != CONFIG_FILE or not finding.field:
        return finding
    place = config.place(finding.field, str(finding.words.get("about", "")))
    return replace(finding, line=place[0], column=place[1]) if place else finding


def with_other_syntax(findings: list[Finding], reading: PackageReading, choice: EngineChoice) -> Iterator[Finding]:
    """The findings, with the verdict of the interpreter that will run the code in the place of this one's."""
    engine = choice.resolution
    if engine is None or engine.match is Match.REFUSED or engine.python is None or not reading.code.files:
        yield from findings
        return
    refused = parse_with(engine.python, reading.folder, reading.code.files)
    if refused is None:
        yield from findings
        return
    unparsed = {one.file for one in refused}
    for finding in findings:
        taken_there = finding.file not in unparsed
        if finding.code == "syntax-error" and taken_there:
            yield Finding("unread-source", {}, finding.file)
        elif not (finding.code == "reserved-word" and taken_there):
            yield finding
    told = {finding.file for finding in findings if finding.code in UNREADABLE}
    for one in refused:
        if one.file not in told:
            words = {"python": engine.python_version, "said": one.said}
            yield Finding("other-python-syntax", words, one.file, one.line, one.column)
