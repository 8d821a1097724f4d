"""What becomes of a package's dependencies in its engine: what pip is asked for, and what gives way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from maquette.kernel.ports import Match, Resolution
from maquette.models.config.requirements import IMPORT_NAMES
from maquette.models.domain import CONFIG_FILE, Package, Requirement
from maquette.models.findings import Finding
from maquette.models.sentences import say

NO_MODULES = ("opencv", "python-opencv", "pytorch")  # names that people give to pip, but never import
IMPORTED_AS = {canonicalize_name(proper): name for name, proper in IMPORT_NAMES.items() if name not in NO_MODULES} | {
    "opencv-python": "cv2", "opencv-contrib-python": "cv2", "opencv-python-headless": "cv2", "protobuf": "google",
    "tensorflow-gpu": "tensorflow", "tensorflow-cpu": "tensorflow", "xgboost-cpu": "xgboost", "tf-keras": "tf_keras",
    "attrs": "attr", "faiss-gpu": "faiss", "onnxruntime-gpu": "onnxruntime", "mindspore-gpu": "mindspore",
    "ultralytics-thop": "thop", "mmcv-full": "mmcv", "python-docx": "docx", "tf-slim": "tf_slim",
}  # fmt: skip
BROUGHT_ALONG = {
    # what comes with a package without being named
    "tensorflow": ("numpy", "google", "keras", "h5py", "six", "absl", "tensorboard", "wrapt", "termcolor"),
    "torch": ("numpy", "typing_extensions"),
    "torchvision": ("PIL", "numpy"),
    "mindspore": ("numpy", "google", "PIL", "scipy", "astunparse", "psutil", "packaging"),
    "mxnet": ("numpy", "requests"),
    "scikit-learn": ("numpy", "scipy", "joblib"),
    "xgboost": ("numpy", "scipy"), "xgboost-cpu": ("numpy", "scipy"),
    "pandas": ("numpy", "dateutil", "pytz"),
    "scikit-image": ("numpy", "scipy", "PIL", "networkx"),
    "opencv-python-headless": ("numpy",), "opencv-python": ("numpy",),
    "matplotlib": ("numpy", "PIL", "cycler"),
    "transformers": ("numpy", "tokenizers", "tqdm", "requests", "yaml"),
    "pyspark": ("py4j",),
}  # fmt: skip


def requirement_lines(package: Package, resolution: Resolution | None) -> tuple[tuple[str, ...], list[Finding]]:
    """What pip is asked for, in list order. A wheel that is not there or not for this Python gives way to the package
    that its name tells."""
    lines, said = [], []
    python = resolution.python_version if resolution else ""
    for requirement in package.config.requirements:
        if not requirement.is_file:
            lines.append(requirement.line)
            continue
        path = package.here(requirement.name)
        name = path.name
        trouble = say("not_in_package") if not path.is_file() else wheel_trouble(name, python)
        if not trouble:
            lines.append(str(path))
            continue
        told = from_file_name(name)
        if told is None:
            words = {"name": requirement.name, "about": requirement.name}
            said.append(Finding("dependency-file", words, CONFIG_FILE, field="dependencies"))
            continue
        line = Requirement(told.name, public(told.version), "EXACT").line
        lines.append(line)
        words = {"name": name, "trouble": trouble, "line": line, "python": python or "3", "about": requirement.name}
        said.append(Finding("dependency-wheel", words, CONFIG_FILE, field="dependencies"))
    return tuple(lines), said


def from_file_name(name: str) -> Requirement | None:
    """The package and version that the name of a wheel or source archive tells."""
    base = name.rsplit("/", 1)[-1]
    try:
        if base.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(base)
        else:
            project, version = parse_sdist_filename(base)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return Requirement(str(project), str(version), "EXACT")


def wheel_trouble(name: str, python: str) -> str:
    """Why a wheel cannot be installed on that Python; empty where it can, or where nothing is known."""
    if not name.endswith(".whl") or not python:
        return ""
    try:
        _, _, _, tags = parse_wheel_filename(name)
    except (InvalidWheelFilename, InvalidVersion):
        return say("no_wheel_name")
    if any(tag_fits(tag, python) for tag in tags):
        return ""
    built = ", ".join(sorted({f"{tag.interpreter} on {tag.platform}" for tag in tags}))
    return say("built_for", tags=built, python=python)


def tag_fits(tag: Tag, python: str) -> bool:
    major, minor = python.split(".")[:2]
    if tag.platform != "any" and "linux" not in tag.platform:
        return False
    if tag.interpreter in ("py3", "py2.py3", f"py{major}{minor}", f"cp{major}{minor}"):
        return True
    return tag.abi == "abi3" and tag.interpreter.startswith("cp3") and int(tag.interpreter[3:] or 0) <= int(minor)


def judge_requirements(package: Package, resolution: Resolution | None) -> Iterator[Finding]:
    """Pins that the engine's own packages rule out, and what the engine's era decides."""
    if resolution is None or resolution.match is Match.REFUSED:
        return
    own = list(parsed_requirements(resolution.packages))
    lines = [requirement.line for requirement in package.config.requirements if not requirement.is_file]
    wanted = [(line, next(parsed_requirements([line]), None)) for line in dict.fromkeys(lines)]
    for line, asked in wanted:
        against = next((brought for brought in own if asked and not compatible(asked, brought)), None)
        if asked and against is not None:
            words = {"line": line, "brought": str(against), "about": asked.name}
            yield Finding("dependency-relaxed", words, CONFIG_FILE, field="dependencies")
    free = [line for line, asked in wanted if asked is None or not has_upper_version(asked)]
    if free and resolution.era:
        words = {"names": ", ".join(free), "era": resolution.era}
        yield Finding("dependency-era", words, CONFIG_FILE, field="dependencies")


def has_upper_version(requirement: PipRequirement) -> bool:
    return any(one.operator in ("==", "===", "<=", "<", "~=") for one in requirement.specifier)


def compatible(asked: PipRequirement, brought: PipRequirement) -> bool:
    """Whether some version of the package is what both allow; requirements of two packages never clash."""
    if canonicalize_name(asked.name) != canonicalize_name(brought.name):
        return True
    both = SpecifierSet(public_specifiers(asked)) & brought.specifier
    return not both or any(both.contains(version, prereleases=True) for version in near_limits(both))


def public_specifiers(requirement: PipRequirement) -> str:
    """Its limits without local parts of versions, which an index does not offer: `==1.4.0` of `==1.4.0+cpu`."""
    return ",".join(f"{one.operator}{public(one.version)}" for one in requirement.specifier)


def near_limits(specifiers: SpecifierSet) -> Iterator[str]:
    """Versions at the limits and just above them: if any version is allowed by all, one of these is."""
    yield "0"
    for one in specifiers:
        if one.operator == "===":
            yield one.version  # any text, and that alone
            continue
        version = Version(one.version.removesuffix(".*"))
        *first, last = version.release
        yield str(version)
        yield f"{version.base_version}.0.0.1"
        yield ".".join(map(str, (*first, last + 1)))


def parsed_requirements(lines: Iterable[str]) -> Iterator[PipRequirement]:
    for line in lines:
        try:
            yield PipRequirement(line)
        except InvalidRequirement:
            continue  # a path or an address: it says nothing of versions


def undeclared(
    imports: Mapping[str, tuple[str, int]], package: Package, resolution: Resolution | None
) -> Iterator[Finding]:
    """Modules that are imported and that neither the package declares nor the engine names."""
    if resolution is None or resolution.match in (Match.REFUSED, Match.OWN):
        return
    here = {canonicalize_name(found.name) for found in parsed_requirements(resolution.packages)}
    for requirement in package.config.requirements:
        told = from_file_name(requirement.name) if requirement.is_file else requirement
        if told is not None:
            here.add(canonicalize_name(told.name.split("[")[0]))
    known = {IMPORTED_AS.get(name, name.replace("-", "_")).lower() for name in here}
    known |= {name.lower() for package_name in here for name in BROUGHT_ALONG.get(package_name, ())}
    missing = {name: place for name, place in imports.items() if name.lower() not in known}
    if missing:
        file, line = next(iter(missing.values()))
        packages = ", ".join(IMPORT_NAMES.get(name, name) for name in missing)
        yield Finding("undeclared-import", {"names": ", ".join(missing), "packages": packages}, file, line)


def specifier_allows(requirement: Requirement, version: str) -> bool:
    operator = {"EXACT": "==", "ATLEAST": ">=", "ATMOST": "<="}.get(requirement.restraint)
    if operator is None:
        return True
    try:
        parsed = PipRequirement(f"x{operator}{public(requirement.version)}")
    except InvalidRequirement:
        return True
    return parsed.specifier.contains(version.removesuffix(".*"), prereleases=True)


def release_of(version: str) -> str:
    """The release that a version belongs to: 2.0.0 of 2.0.0rc1, which is older than 2.0.0 but not code of the 1.x."""
    try:
        return Version(public(version)).base_version
    except InvalidVersion:
        return public(version)


def public(version: str) -> str:
    """A version without its local part: 1.3.1 of 1.3.1+cu100."""
    return version.split("+")[0]
