"""`maquette check`: is this model package sound? Says each problem, where it is, and the fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click

from maquette import wiring
from maquette.kernel.errors import BadInput
from maquette.kernel.settings import read_settings
from maquette.models.catalogue import Level
from maquette.models.check import Report
from maquette.models.check import check as check_package
from maquette.models.domain import Mode
from maquette.models.findings import Finding
from maquette.models.repair import Repaired, repair

COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.HINT: "cyan"}
MODES = [str(mode) for mode in Mode]
UNSOUND = 1
MOST_PLACES = 8


@click.command()
@click.argument("package_dir", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--fix", is_flag=True, help="Mend what is certain in a copy, PACKAGE_DIR-fixed.")
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Where --fix puts the copy.")
@click.option("--engine", metavar="NAME", help="Judge for this engine instead of the package's runtime.")
@click.option("--python", type=click.Path(path_type=Path), help="Judge for your own interpreter.")
@click.option("--mode", type=click.Choice(MODES), help="How a package without config.json takes requests.")
@click.option("--home", type=click.Path(path_type=Path), help="Default MAQUETTE_HOME or ~/.maquette.")
@click.pass_context
def check(
    context: click.Context,
    package_dir: Path,
    as_json: bool,
    fix: bool,
    to: Path | None,
    engine: str | None,
    python: Path | None,
    mode: str | None,
    home: Path | None,
) -> None:
    """Tells whether a model package is sound.

    PACKAGE_DIR is the `model/` folder or its parent.

    Nothing of the package is run. The exit code is 0 for a sound package, 1 for another.
    """
    if engine and python:
        raise BadInput("--engine and --python exclude each other: give one of them.", field="engine")
    if to and not fix:
        raise BadInput("--to says where --fix puts its copy: give --fix too.", field="to")
    ctx = wiring.context(read_settings(home=home))
    chosen = Mode(mode) if mode else None
    report = check_package(ctx, package_dir, engine, python, chosen)
    repaired = repair(report, package_dir, to) if fix else None
    after = check_package(ctx, repaired.folder, engine, python, chosen) if repaired else report
    if as_json:
        click.echo(showable(json.dumps(json_of(after, fix, repaired), ensure_ascii=False, indent=2)))
    else:
        for line in lines_of(report, after, fix, repaired, package_dir):
            click.echo(showable(line))
    context.exit(0 if after.sound else UNSOUND)


def json_of(report: Report, fix: bool, repaired: Repaired | None) -> dict[str, object]:
    """The report of the copy where one was made, else of the package, and what was mended."""
    whole: dict[str, object] = report.as_json()
    if fix:
        whole["fixed"] = str(repaired.folder) if repaired else None
        whole["repairs"] = [finding.as_json() for finding in repaired.repairs] if repaired else []
    return whole


def showable(text: str) -> str:
    """A text that any terminal takes: names of files need not be UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


# ── for people ──


def lines_of(report: Report, after: Report, fix: bool, repaired: Repaired | None, given: Path) -> Iterator[str]:
    yield from head(after)
    if repaired:
        yield ""
        for group in grouped(repaired.repairs):
            times = f" ({len(group)} times)" if len(group) > 1 else ""
            yield f"{click.style('mended', fg='green')}   {place(group[0])}{group[0].message}{times}"
        yield f"The mended copy is {repaired.folder}"
    yield ""
    for group in grouped(after.findings):
        yield from told(group)
    yield verdict(after)
    if fix and not repaired:
        yield "Nothing can be mended with certainty."
    repairable = sum(finding.repairable for finding in report.findings)
    if not fix and repairable:
        yield f"`maquette check {given} --fix` mends {repairable} of these in a copy."


def head(report: Report) -> Iterator[str]:
    yield click.style(str(report.folder), bold=True)
    package, engine = report.package, report.engine
    if package is None:
        return
    service = package.service_class or ("its engine's own service" if not package.service_file else "no class")
    yield f"  {package.model_type} · {service} · model_path {package.model_path}"
    if engine is not None:
        name = engine.engine or engine.name
        yield f"  engine {report.asked} → {name}, {engine.match}: {engine.reason}"
        for note in engine.notes:
            yield f"  {note}"
    if report.requirements:
        yield f"  pip: {', '.join(report.requirements)}"


def grouped(findings: tuple[Finding, ...]) -> Iterator[list[Finding]]:
    """Findings that say the very same stand together: a comment in twenty lines is one trouble."""
    ordered = list(findings)
    while ordered:
        first = ordered[0]
        same = [finding for finding in ordered if alike(finding) == alike(first)]
        ordered = [finding for finding in ordered if alike(finding) != alike(first)]
        yield same


def alike(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.file, finding.message, finding.fix


def told(group: list[Finding]) -> Iterator[str]:
    first = group[0]
    level = click.style(f"{first.level:8}", fg=COLOURS[first.level])
    yield f"{level} {place(first)}{first.message}  {click.style(f'[{first.code}]', dim=True)}"
    if len(group) > 1:
        yield f"         also {other_places(group[1:])}"
    if first.fix:
        yield f"         {click.style('→', fg='green')} {first.fix}"


def other_places(findings: list[Finding]) -> str:
    """By their lines; what is missing has none, and is told by its field."""
    lines = [str(line) for line, _ in groupby(finding.line for finding in findings) if line]
    named = lines or [finding.field for finding in findings]
    more = f" and {len(named) - MOST_PLACES} more" if len(named) > MOST_PLACES else ""
    word = "line" if len(named) == 1 else "lines"
    return f"{f'in {word}' if lines else 'at'} {', '.join(named[:MOST_PLACES])}{more}"


def place(finding: Finding) -> str:
    where = " ".join(filter(None, (finding.place, finding.field)))
    return f"{where}: " if where else ""


def verdict(report: Report) -> str:
    counts = [f"{count} {level}{'s' if count > 1 else ''}" for level in Level if (count := report.count(level))]
    said = ", ".join(counts)
    if report.sound:
        return click.style("Sound.", fg="green", bold=True) + (f" {said}." if said else "")
    return click.style("Not sound:", fg="red", bold=True) + f" {said}."
