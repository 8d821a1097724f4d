"""Which engine a package runs on here: what its runtime asks for, and what its dependencies say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from maquette.kernel.errors import BadInput, MaquetteError, NotFound
from maquette.kernel.ports import Engines, Match, Resolution
from maquette.models.dependencies import (
    from_file_name,
    judge_requirements,
    parsed_requirements,
    release_of,
    requirement_lines,
    specifier_allows,
)
from maquette.models.domain import CONFIG_FILE, DISTRIBUTIONS, Package, Requirement, engine_name
from maquette.models.findings import Finding


@dataclass(frozen=True)
class EngineChoice:
    """The engine that answers a package: `asked` is its name, `requirements` what pip is asked for in it."""

    asked: str
    resolution: Resolution | None
    requirements: tuple[str, ...]
    findings: tuple[Finding, ...]


def choose_engine(
    engines: Engines, package: Package, has_config: bool, engine: str | None = None, python: Path | None = None
) -> EngineChoice:
    """Resolves the package's engine; nothing is installed. `engine` and `python` are the user's own choice."""
    said: list[Finding] = []
    resolution = own_choice(engines, engine, python)
    asked = engine or (engine_name(package.model_type, package.config.runtime) if has_config else package.model_type)
    if resolution is None:
        resolution = resolve(engines, asked, package, said)
        resolution = by_dependency(engines, resolution, package, said)
    said += judge_resolution(asked, resolution)
    requirements, findings = requirement_lines(package, resolution)
    said += findings
    said += judge_requirements(package, resolution)
    return EngineChoice(asked, resolution, requirements, tuple(said))


def own_choice(engines: Engines, engine: str | None, python: Path | None) -> Resolution | None:
    """What the user's own words name; a slip in them is the user's to mend."""
    try:
        if python is not None:
            return engines.own(python).resolution
        return engines.resolve(engine) if engine is not None else None
    except NotFound as error:
        raise BadInput(error.message, field="engine" if python is None else "python") from None


def resolve(engines: Engines, asked: str, package: Package, said: list[Finding]) -> Resolution | None:
    """The engine of the package's runtime; the model type's own where the runtime means nothing."""
    try:
        return engines.resolve(asked)
    except MaquetteError as error:
        fallback = engine_name(package.model_type, "")
        words = {"runtime": package.config.runtime, "engine": fallback}
        if asked == fallback:
            refused = {"engine": asked, "reason": error.message}
            said.append(Finding("engine-refused", refused, CONFIG_FILE, field="runtime"))
            return None
    said.append(Finding("engine-unknown", words, CONFIG_FILE, field="runtime"))
    return resolve(engines, fallback, package, said)


def by_dependency(
    engines: Engines, resolution: Resolution | None, package: Package, said: list[Finding]
) -> Resolution | None:
    """A dependency on the framework itself says more than the runtime: its version is asked for."""
    wanted = framework_requirement(package)
    brought = brought_version(resolution, package.model_type)
    if wanted is None or resolution is None or brought is None or specifier_allows(wanted, brought):
        return resolution
    python = f" python{resolution.python_version}" if wanted.restraint != "ATLEAST" else ""
    try:
        found = engines.resolve(f"{package.model_type} {release_of(wanted.version)}{python}")
    except MaquetteError:
        return resolution
    better = brought_version(found, package.model_type)
    if found.match is Match.REFUSED or better is None or better == brought:
        return resolution
    words = {"line": wanted.line, "found": found.engine, "instead": resolution.engine, "about": wanted.name}
    said.append(Finding("engine-by-dependency", words, CONFIG_FILE, field="dependencies"))
    return found


def framework_requirement(package: Package) -> Requirement | None:
    """The version of the engine's own framework that the package declares, be it by a wheel's name."""
    names = DISTRIBUTIONS.get(package.model_type, ())
    for requirement in package.config.requirements:
        found = from_file_name(requirement.name) if requirement.is_file else requirement
        if found and found.version and canonicalize_name(found.name) in names:
            return found
    return None


def brought_version(resolution: Resolution | None, model_type: str) -> str | None:
    """The version of the framework that an engine pins."""
    names = DISTRIBUTIONS.get(model_type, ())
    for package in parsed_requirements(resolution.packages if resolution else ()):
        if canonicalize_name(package.name) in names:
            for specifier in package.specifier:
                if specifier.operator == "==":
                    return specifier.version
    return None


def judge_resolution(asked: str, resolution: Resolution | None) -> Iterator[Finding]:
    if resolution is None:
        return
    words = {"engine": asked, "found": resolution.engine or resolution.name, "reason": resolution.reason}
    code = {
        Match.REFUSED: "engine-refused",
        Match.NEAR: "engine-near",
        Match.COMPAT: "engine-compat",
    }.get(resolution.match)
    if code is not None:
        yield Finding(code, words, CONFIG_FILE, field="runtime")
