"""Judges customize_service.py and the modules it imports, from their text alone: nothing of a package is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from maquette.models.code import foreign
from maquette.models.code.classes import STAGES, ClassFinder, Function, ServiceClass, dotted
from maquette.models.code.imports import judge_imports, third_party
from maquette.models.code.modules import PLATFORM_PACKAGES, Modules
from maquette.models.code.request_keys import request_reads
from maquette.models.code.source import python_2_names
from maquette.models.domain import GENERAL_BASES, MODEL_TYPES, SERVICE_FILE, ModelType, model_type_of_base
from maquette.models.findings import Finding
from maquette.models.sentences import say

PACKAGE_FOLDER = re.compile(r"(?:/home/mind/)?model/(?:1/)?(?P<name>[\w./-]+\.\w+)")
FILE_NAME = re.compile(r"[\w./ -]+\.\w+")
MOST_NAMED_FILES = 5


@dataclass(frozen=True)
class Code:
    """customize_service.py as read. `imports` are the third-party modules that it needs, with where they are imported;
    `files` are the package's own files that it reaches, `named_files` the texts in them that look like file names."""

    service: ServiceClass | None = None
    findings: tuple[Finding, ...] = ()
    imports: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    named_files: tuple[str, ...] = ()

    @property
    def model_type(self) -> str | None:
        """The model type that the service's base tells."""
        return model_type_of_base(self.service.base) if self.service else None

    @property
    def loads_saved_model(self) -> bool:
        """Whether the service reads the package's SavedModel itself."""
        return self.service is not None and any(loads_saved_model(node) for _, node in self.service.chain)

    @property
    def opens_model_path(self) -> bool:
        """Whether the service hands `model_path` on to be opened, rather than taking its folder only."""
        return self.service is not None and any(opens_model_path(node) for _, node in self.service.chain)

    def names_file(self, name: str) -> bool:
        """Whether the code mentions a file of the package."""
        pairs = ((f"/{name}", f"/{named}") for named in self.named_files)
        return any(one.endswith(other) or other.endswith(one) for one, other in pairs)


def read_code(modules: Modules, model_type: str) -> Code:
    """Reads the package's code and says what is wrong with it; `model_type` is config.json's, or empty."""
    source = modules.source(SERVICE_FILE)
    if source.tree is None:
        return Code(findings=(source.trouble,) if source.trouble else (), files=(SERVICE_FILE,))
    kind = MODEL_TYPES.get(model_type)
    found = list(find_service(modules, kind))
    service = next((item for item in found if isinstance(item, ServiceClass)), None)
    findings = [source.trouble] if source.trouble else []
    findings += [item for item in found if isinstance(item, Finding)]
    if service is not None:
        findings += judge_service(service, kind or MODEL_TYPES.get(model_type_of_base(service.base) or ""))
        findings += server_on_import(source.tree, service)
    reach = modules.reachable(SERVICE_FILE)
    findings += judge_imports(modules, reach)
    for file in reach.files:
        findings += python_2_names(modules.source(file))
    for said, file, line in foreign.ascend_uses(modules, reach):
        findings.append(Finding("refused-ascend", {"said": said}, file, line))
    named = tuple(dict.fromkeys(name for file in reach.files for name in texts(modules, file)))
    return Code(service, tuple(findings), third_party(modules, reach), reach.files, named)


# ── the service class ──


def find_service(modules: Modules, kind: ModelType | None) -> Iterator[ServiceClass | Finding]:
    """The class that is served, or the reason why there is none."""
    finder = ClassFinder(modules)
    services = finder.services(SERVICE_FILE)
    own = [service for service in services if service.file == SERVICE_FILE]
    own.sort(key=lambda service: service.node.lineno)
    if len(own) > 1:
        names = ", ".join(service.name for service in own)
        words = {"names": names, "chosen": own[-1].name}
        yield Finding("several-service-classes", words, SERVICE_FILE, own[-1].node.lineno)
    if own:
        yield own[-1]
    elif len(services) == 1:
        yield services[0]
    else:
        yield no_service(modules, finder, services, kind)


def no_service(modules: Modules, finder: ClassFinder, services: list[ServiceClass], kind: ModelType | None) -> Finding:
    tree = modules.source(SERVICE_FILE).tree
    assert tree is not None
    kind = kind if kind and kind.bases else MODEL_TYPES["TensorFlow"]
    served = foreign.server(tree, modules.names(SERVICE_FILE).imports)
    if served is not None:
        construct, line = served
        return Finding("own-http-server", {"construct": construct, "base": kind.bases[0]}, SERVICE_FILE, line)
    words = {"base": kind.bases[0], "base_import": kind.base_import}
    if services:
        names = ", ".join(service.name for service in services)
        instead = say("all_imported", names=names)
        return Finding("no-service-class", {**words, "instead": instead}, SERVICE_FILE, 1)
    staged = next((node for node in tree.body if isinstance(node, ast.ClassDef) and has_stages(node)), None)
    if staged is None:
        loose = next((node for node in tree.body if isinstance(node, Function) and node.name in STAGES), None)
        outside = say("stages_outside", name=loose.name) if loose else ""
        return Finding("no-service-class", {**words, "instead": outside}, SERVICE_FILE, loose.lineno if loose else 1)
    for base in staged.bases:
        path = dotted(base)
        if path and path[0] != "object" and not finder.resolve(SERVICE_FILE, base) and is_imported(modules, path[0]):
            unfollowed = {"name": staged.name, "base": ".".join(path)}
            return Finding("unfollowed-base", unfollowed, SERVICE_FILE, staged.lineno)
    instead = say("stages_only", name=staged.name)
    return Finding("no-service-class", {**words, "instead": instead}, SERVICE_FILE, staged.lineno)


def has_stages(node: ast.ClassDef) -> bool:
    return any(isinstance(statement, Function) and statement.name in STAGES for statement in node.body)


def is_imported(modules: Modules, name: str) -> bool:
    """Whether a name comes from a module that the package does not hold, nor the platform."""
    bindings = modules.names(SERVICE_FILE).bindings.get(name, ())
    tops = {binding.module.split(".")[0] for binding in bindings if binding.module}
    return any(top not in PLATFORM_PACKAGES and not modules.is_local(top) for top in tops)


def judge_service(service: ServiceClass, kind: ModelType | None) -> Iterator[Finding]:
    if kind is not None and kind.bases:
        yield from judge_base(service, kind)
        yield from judge_constructor(service, kind)
    yield from judge_methods(service)


def judge_base(service: ServiceClass, kind: ModelType) -> Iterator[Finding]:
    if set(service.bases) & set(kind.bases):
        return
    line = service.node.lineno
    if service.base in GENERAL_BASES:
        words = {"name": service.name, "base": service.base, "wanted": kind.bases[0], "model_type": kind.name}
        yield Finding("general-base-class", {**words, "base_import": kind.base_import}, service.file, line)
        return
    other = model_type_of_base(service.base) or "other"
    fix = say("derive_or_type", base=kind.bases[0], base_import=kind.base_import, model_type=other)
    words = {"name": service.name, "base": service.base, "other": other, "model_type": kind.name, "fix": fix}
    yield Finding("wrong-base-class", words, service.file, line)


def judge_constructor(service: ServiceClass, kind: ModelType) -> Iterator[Finding]:
    """A constructor is called by position, with what its engine gives; the instance also tries the other engines'."""
    found = service.method("__init__")
    if found is None:
        return
    file, function = found
    given = kind.constructor[:3] if kind.name == "MXNet" else kind.constructor
    if accepts(function, len(given)):
        return
    words = {"name": service.name, "takes": takes(function), "given": ", ".join(kind.constructor)}
    if accepts(function, 1) or accepts(function, 2):
        words["model_type"] = kind.name
        yield Finding("constructor-of-another-engine", words, file, function.lineno)
    else:
        yield Finding("constructor-arguments", words, file, function.lineno)


def judge_methods(service: ServiceClass) -> Iterator[Finding]:
    names = ("inference",) if service.overrides("inference") else ("_preprocess", "_inference", "_postprocess")
    for name in names:
        found = service.method(name)
        if found is not None and not accepts(found[1], 1):
            file, function = found
            words = {"name": service.name, "method": name, "takes": takes(function)}
            yield Finding("method-arguments", words, file, function.lineno)


def accepts(function: Function, count: int) -> bool:
    """Whether a method can be called with that many arguments by position."""
    positional = own_arguments(function)
    most = float("inf") if function.args.vararg else len(positional)
    least = len(positional) - min(len(function.args.defaults), len(positional))
    wanted_by_name = any(default is None for default in function.args.kw_defaults)
    return least <= count <= most and not wanted_by_name


def own_arguments(function: Function) -> list[str]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    return names if static else names[1:]


def takes(function: Function) -> str:
    names = own_arguments(function)
    return f"({', '.join(names)})" if names else say("no_arguments")


def server_on_import(tree: ast.Module, service: ServiceClass) -> Iterator[Finding]:
    started = foreign.started_on_import(tree)
    if started is not None:
        construct, line = started
        yield Finding("own-http-server", {"construct": construct, "base": service.base}, SERVICE_FILE, line)


# ── what the code says in passing ──


HARMLESS = frozenset(
    {"dirname", "realpath", "abspath", "basename", "join", "exists", "isfile", "isdir", "normpath", "split", "splitext"}
    | {"print", "str", "format", "info", "debug", "warning", "error", "log", "__init__", "Path", "listdir", "append"}
)


def calls_with_model_path(node: ast.ClassDef) -> Iterator[ast.Call]:
    """Calls in a class that are given `model_path` itself, be it called otherwise in the constructor."""
    for function in (statement for statement in node.body if isinstance(statement, Function)):
        names = {"model_path", *(own_arguments(function)[1:2] if function.name == "__init__" else ())}
        for call in (inner for inner in ast.walk(function) if isinstance(inner, ast.Call)):
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            if any((dotted(argument) or [""])[-1] in names for argument in arguments):
                yield call


def opens_model_path(node: ast.ClassDef) -> bool:
    return any(last_name(call.func) not in HARMLESS for call in calls_with_model_path(node))


def loads_saved_model(node: ast.ClassDef) -> bool:
    """`tf.saved_model.load(model_path)` and its elders."""
    paths = (dotted(call.func) or [] for call in calls_with_model_path(node))
    return any("saved_model" in path and path[-1] == "load" for path in paths)


def last_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def texts(modules: Modules, file: str) -> Iterator[str]:
    """Texts of the code that look like names of files."""
    return (text for text, _ in modules.source(file).texts if FILE_NAME.fullmatch(text))


def named_files(code: Code, files: frozenset[str]) -> Iterator[Finding]:
    """Files that the code names inside the package's folder and that are not there."""
    absent = []
    for text in code.named_files:
        found = PACKAGE_FOLDER.fullmatch(text)
        if found and found.group("name") not in files and not found.group("name").endswith(".py"):
            absent.append(text)
    for name in absent[:MOST_NAMED_FILES]:
        yield Finding("named-file-missing", {"name": name}, SERVICE_FILE)


def compare_request(service: ServiceClass, declared: Mapping[str, str]) -> Iterator[Finding]:
    """What config.json declares of a request, held against what the code reads."""
    found = request_reads(service) if declared else None
    if found is None:
        return
    file, reads = found
    shown = ", ".join(declared)
    for key, line in reads.keys.items():
        if key not in declared:
            yield Finding("undeclared-key", {"key": key, "declared": shown}, file, line)
    if reads.keys and not reads.everything and not reads.elsewhere:
        for key in declared:
            if key not in reads.keys:
                read = ", ".join(reads.keys)
                yield Finding("unread-key", {"key": key, "read": read}, file, next(iter(reads.keys.values())))
