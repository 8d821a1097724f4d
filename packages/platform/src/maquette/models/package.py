"""Reads a package's folder: where it is, what it holds, and what all of it means together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from maquette.kernel.errors import BadInput
from maquette.models.code.modules import Modules
from maquette.models.code.service import Code, compare_request, named_files, read_code
from maquette.models.config.fields import nearest
from maquette.models.config.reading import Reading, read_config
from maquette.models.domain import (
    CONFIG_FILE,
    FOLDER,
    GENERAL_BASES,
    MODEL_TYPES,
    SERVICE_FILE,
    Config,
    Mode,
    Package,
    runtime_type,
)
from maquette.models.files import Files, list_files
from maquette.models.findings import Finding
from maquette.models.sentences import say
from maquette.models.weights import judge_files

MODEL_FOLDER = "model"
LOOKED_INTO = 40


@dataclass(frozen=True)
class PackageReading:
    """A package as read. `package` is None where not even its engine can be told."""

    folder: Path
    package: Package | None
    findings: tuple[Finding, ...]
    config: Reading | None
    code: Code
    files: Files


ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".rar", ".7z")


def find_package(path: Path) -> Path:
    """The folder that holds the package: the one given, or the `model` folder in it. Raises BadInput for neither."""
    if path.name.lower().endswith(ARCHIVES) and path.is_file():
        raise BadInput(f"'{path}' is packed. Unpack it, and give the folder that comes out.", field="PACKAGE_DIR")
    if path.is_file():
        raise BadInput(f"'{path}' is a file. Give the folder it lies in: {path.parent}", field="PACKAGE_DIR")
    if not path.is_dir():
        raise BadInput(f"The folder '{path}' does not exist.", field="PACKAGE_DIR")
    folder, inner = path.resolve(), (path / MODEL_FOLDER).resolve()
    if not inner.is_dir():
        if looks_like_package(folder):
            return folder
        raise BadInput(no_package(path, folder), field="PACKAGE_DIR")
    if (folder / SERVICE_FILE).is_file() or not looks_like_package(inner):
        return folder if looks_like_package(folder) else inner
    alone = not (inner / CONFIG_FILE).is_file() and not (inner / SERVICE_FILE).is_file()
    return folder if alone and (folder / CONFIG_FILE).is_file() else inner


def looks_like_package(folder: Path) -> bool:
    names = {entry.name.lower() for entry in folder.iterdir()}
    telling = {CONFIG_FILE, SERVICE_FILE, "saved_model.pb", "spark_model"}
    endings = (".pth", ".pt", ".m", "-symbol.json", ".caffemodel", ".ckpt", ".mindir")
    near = any(nearest(name, [SERVICE_FILE], most=3) for name in names if name.endswith(".py"))
    return bool(names & telling) or near or any(name.endswith(endings) for name in names)


def no_package(path: Path, folder: Path) -> str:
    """That a folder is none, and where below it packages lie."""
    found = []
    for entry in sorted(folder.iterdir())[:LOOKED_INTO]:
        if entry.is_dir() and not entry.name.startswith("."):
            inner = entry / MODEL_FOLDER
            if looks_like_package(entry) or (inner.is_dir() and looks_like_package(inner)):
                found.append(entry.name)
    if found:
        return say("packages_in", path=path, names=", ".join(found[:5]))
    return say("no_package", path=path, config=CONFIG_FILE, service=SERVICE_FILE)


def read_package(path: Path, mode: Mode | None = None) -> PackageReading:
    """Reads everything that can be told without an engine; the package's code is parsed, never run."""
    folder = find_package(path)
    files = list_files(folder)
    reading = read_config((folder / CONFIG_FILE).read_bytes()) if CONFIG_FILE in files.sizes else None
    config = reading.config if reading else Config()
    findings = list(reading.findings) if reading else []
    findings += misplaced_configs(path, folder)
    findings += misnamed(files)
    has_service = SERVICE_FILE in files.sizes
    modules = Modules(folder, frozenset(files.sizes))
    declared = "" if config.model_type == "Image" else config.model_type
    code = read_code(modules, declared) if has_service else Code()
    findings += code.findings
    model_type, told_by = told_model_type(config, code, files)
    findings += judge_model_type(config, reading is not None, model_type, told_by, code)
    if not model_type:
        return PackageReading(folder, None, tuple(findings), reading, code, files)
    if code.service is not None:
        findings += compare_request(code.service, config.api.request.fields)
    findings += named_files(code, frozenset(files.sizes))
    layout = judge_files(files, MODEL_TYPES[model_type], code, has_service)
    findings += layout.findings
    package = Package(
        folder=folder,
        config=replace(config, model_type=model_type),
        model_type=model_type,
        service_file=SERVICE_FILE if has_service else None,
        model_path=f"{FOLDER}/{layout.inside}".rstrip("/"),
        mode=mode or (Mode.UNDEFINED if reading is None else None),
        service_class=code.service.name if code.service else "",
    )
    return PackageReading(folder, package, tuple(findings), reading, code, files)


def misplaced_configs(path: Path, folder: Path) -> Iterator[Finding]:
    other = path.resolve() if folder != path.resolve() else folder / MODEL_FOLDER
    if (folder / CONFIG_FILE).is_file() and (other / CONFIG_FILE).is_file():
        beside = SERVICE_FILE if (folder / SERVICE_FILE).is_file() else f"'{folder.name}'"
        yield Finding("several-configs", {"beside": beside}, CONFIG_FILE)


def misnamed(files: Files) -> Iterator[Finding]:
    """Files beside which a name of the package's own is missing by a letter or a capital."""
    for wanted in (CONFIG_FILE, SERVICE_FILE):
        if wanted in files.sizes:
            continue
        ending = Path(wanted).suffix
        for name in files.top:
            if name.lower().endswith(ending) and nearest(name.lower(), [wanted], most=3):
                yield Finding("misnamed-file", {"name": name, "meant": wanted}, name)


def told_model_type(config: Config, code: Code, files: Files) -> tuple[str, str]:
    """The model type and what tells it: config.json, the runtime it names, the service's base, the files."""
    if config.model_type and config.model_type != "Image":
        return config.model_type, CONFIG_FILE
    if code.service is not None:
        named = runtime_type(config.runtime)
        if named and code.service.base in GENERAL_BASES:
            return named, say("by_runtime")
        for module, name in FRAMEWORKS.items():
            if code.service.base in GENERAL_BASES and module in code.imports:
                return name, say("by_import", module=module)
        if code.model_type:
            return code.model_type, say("by_base", base=code.service.base)
    if config.model_type == "Image":
        return "", ""
    for ending, name in FILE_TYPES:
        if any(file.endswith(ending) for file in files.top) or ending in files.top_folders:
            return name, f"'{ending}'"
    return "", ""


FRAMEWORKS = {"mindspore": "MindSpore", "torch": "PyTorch", "tensorflow": "TensorFlow", "mxnet": "MXNet"}
FILE_TYPES = (
    ("saved_model.pb", "TensorFlow"),
    ("-symbol.json", "MXNet"),
    (".caffemodel", "Caffe"),
    ("spark_model", "Spark_MLlib"),
    (".mindir", "MindSpore"),
    (".pth", "PyTorch"),
    (".pt", "PyTorch"),
    (".m", "Scikit_Learn"),
)


def judge_model_type(config: Config, has_config: bool, model_type: str, told_by: str, code: Code) -> Iterator[Finding]:
    words = {"model_type": model_type, "told_by": told_by}
    if config.model_type == "Image":
        if model_type:
            yield Finding("image-with-service", words, CONFIG_FILE, field="model_type")
        elif code.service is None and not code.findings:
            yield Finding("refused-image", {}, CONFIG_FILE, field="model_type")
    elif not has_config:
        yield Finding("missing-config", words) if model_type else Finding("unknown-engine", {})
    if model_type == "Caffe":
        yield Finding("refused-caffe", {}, CONFIG_FILE if has_config else "", field="model_type" if has_config else "")
