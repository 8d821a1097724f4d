"""Chooses the engine that answers a name on a machine: exact, near, compat or refused, and says why.

Only values go in and out, so that any machine can be asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from maquette.drivers.engines.catalogue import (
    OLDEST_PYTHON,
    Catalogue,
    Compat,
    Family,
    Python,
    Release,
    read_python,
    show_python,
)
from maquette.drivers.engines.names import Asked
from maquette.drivers.engines.sentences import say
from maquette.kernel.ports import Match, Resolution

LAUNCHERS = {"horovod": "Horovod", "kf": "KungFu", "mpi": "MPI"}


@dataclass(frozen=True)
class Machine:
    """What a machine has: interpreters by version, versions that uv can fetch, programs such as java."""

    pythons: Mapping[Python, Path]
    fetchable: tuple[Python, ...] = ()
    programs: frozenset[str] = field(default_factory=frozenset)

    @property
    def all_pythons(self) -> tuple[Python, ...]:
        return tuple(sorted({*self.pythons, *self.fetchable}))


@dataclass(frozen=True)
class Choice:
    release: Release
    version: str
    python: Python
    match: Match


def resolve(asked: Asked, catalogue: Catalogue, machine: Machine) -> Resolution:
    """The engine that answers, or a refusal with its reason."""
    reason = refusal(asked, catalogue, machine)
    if reason:
        return Resolution(name=asked.name, match=Match.REFUSED, reason=reason, framework=asked.framework)
    family = catalogue.families[asked.framework]
    version = wanted_version(asked, family)
    choice = choose(family, version, asked.python, machine)
    if choice is None:
        return Resolution(
            name=asked.name, match=Match.REFUSED, reason=no_python(family, machine), framework=family.title
        )
    compat = family.compat if choice.match is Match.COMPAT else None
    return Resolution(
        name=asked.name,
        match=Match.NEAR if asked.launchers and choice.match is Match.EXACT else choice.match,
        reason=explain(asked, family, version, choice, machine),
        engine=f"{family.name}-{choice.version}",
        framework=family.title,
        python=machine.pythons.get(choice.python),
        python_version=show_python(choice.python),
        packages=packages_of(family, choice, compat),
        era=choice.release.era,
        environment={**family.environment, **(compat.environment if compat else {})},
        notes=notes_of(asked, choice),
    )


def refusal(asked: Asked, catalogue: Catalogue, machine: Machine) -> str:
    if asked.impossible and not asked.framework:
        return say(asked.impossible)
    if asked.python.startswith("2"):
        other = asked.name.replace(asked.python, "3.6") if asked.python in asked.name else "its Python 3 twin"
        return say("python2", other=other)
    if not asked.framework and asked.python:
        return say("python_only", name=asked.name)
    if not asked.framework:
        return say("no_framework")
    program = catalogue.families[asked.framework].program
    if program and program not in machine.programs:
        return say("program", engine=catalogue.families[asked.framework].title, program=program)
    return ""


def wanted_version(asked: Asked, family: Family) -> str:
    """A runtime such as `PyTorch python3.6` means the version that ModelArts had behind it."""
    if asked.version:
        return asked.version
    return (family.runtime or family.default) if asked.runtime else family.default


def choose(family: Family, version: str, python: str, machine: Machine) -> Choice | None:
    """The same version if there is one, on an interpreter that is here or can be fetched; else the nearest."""
    exact = [(release, found) for release in reversed(family.releases) if (found := same_version(release, version))]
    exact.sort(key=lambda entry: python != "" and read_python(python) not in entry[0].pythons)  # `tf2` on Python 3.7
    for release, found in exact:
        chosen = choose_python(release, python, machine)
        if chosen:
            return Choice(release, found, chosen, Match.EXACT)
    usable = [(release, chosen) for release in family.releases if (chosen := choose_python(release, python, machine))]
    if not usable:
        return None
    release, chosen = min(usable, key=lambda entry: distance(entry[0], version))
    before = family.compat.before if family.compat else None
    if before and Version(version) < Version(before) <= Version(release.versions[0]):
        release, chosen = min(usable, key=lambda entry: distance(entry[0], family.default))
        return Choice(release, nearest_version(release, family.default), chosen, Match.COMPAT)
    return Choice(release, nearest_version(release, version), chosen, Match.NEAR)


def same_version(release: Release, version: str) -> str:
    """`1.15` is any 1.15: the last one; `1.13.1` only itself."""
    if version in release.versions:
        return version
    return next((one for one in reversed(release.versions) if one.startswith(version + ".")), "")


def nearest_version(release: Release, version: str) -> str:
    same_series = [one for one in release.versions if Version(one).release[:2] == Version(version).release[:2]]
    return (same_series or release.versions)[-1]


def distance(release: Release, version: str) -> tuple[bool, bool, int, int]:
    """Same generation before another; then the next release up: code needs at least what it was made with."""
    wanted, offered = Version(version), Version(release.versions[-1])
    apart = (offered.major - wanted.major) * 1000 + (offered.minor - wanted.minor)
    return (offered.major != wanted.major, apart < 0, abs(apart), abs(offered.micro - wanted.micro))


def choose_python(release: Release, wanted: str, machine: Machine) -> Python | None:
    """The one asked for, else the release's favourite, else the nearest to what was asked; found before fetched."""
    for offered in (tuple(machine.pythons), machine.fetchable):
        fitting = sorted(python for python in release.pythons if python in offered and python >= OLDEST_PYTHON)
        if not fitting:
            continue
        if wanted:
            asked = read_python(wanted)
            if release.prefers in fitting and asked not in fitting and asked < OLDEST_PYTHON:
                return release.prefers
            return min(fitting, key=lambda python: abs(python[1] - asked[1]))
        return release.prefers if release.prefers in fitting else fitting[0]
    return None


def packages_of(family: Family, choice: Choice, compat: Compat | None) -> tuple[str, ...]:
    more = compat.packages if compat else ()
    return tuple(dict.fromkeys((*family.packages_of(choice.release, choice.version), *more)))


def explain(asked: Asked, family: Family, version: str, choice: Choice, machine: Machine) -> str:
    python = show_python(choice.python)
    where = say("on" if choice.python in machine.pythons else "fetched", python=python)
    if asked.python and asked.python != python:
        where = say("asked", where=where, python=asked.python)
    if choice.match is Match.EXACT:
        return say("exact", engine=family.title, version=choice.version, where=where)
    if choice.match is Match.COMPAT:
        why = why_not(family, version, choice, machine)
        return say("compat", engine=family.title, wanted=version, why=why, version=choice.version, where=where)
    return say("near", engine=family.title, version=choice.version, where=where, wanted=version)


def why_not(family: Family, version: str, choice: Choice, machine: Machine) -> str:
    """Why none of the releases before the chosen generation answers."""
    offered = [release for release in family.releases if same_version(release, version)]
    before = Version(family.compat.before) if family.compat else Version(choice.version)
    older = offered or [release for release in family.releases if Version(release.versions[-1]) < before]
    pythons = sorted({python for release in older for python in release.pythons if python >= OLDEST_PYTHON})
    if not pythons or any(python in machine.all_pythons for python in pythons):
        return say("not_offered")
    named = " or ".join(map(show_python, pythons))
    return say("needs" if offered else "needs_nearest", pythons=named)


def notes_of(asked: Asked, choice: Choice) -> tuple[str, ...]:
    notes = list(choice.release.notes) if choice.match is not Match.COMPAT else []
    if asked.accelerator == "ascend":
        notes.append(say("ascend"))
    for launcher in asked.launchers:
        notes.append(say("launcher", name=LAUNCHERS[launcher]))
    return tuple(notes)


def no_python(family: Family, machine: Machine) -> str:
    ranges = sorted({python for release in family.releases for python in release.pythons})
    have = ", ".join(map(show_python, machine.all_pythons)) or "none"
    least, most = show_python(ranges[0]), show_python(ranges[-1])
    return say("no_python", engine=family.title, least=least, most=most, found=have)
