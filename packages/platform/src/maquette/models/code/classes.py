"""Finds the service class of a package: the classes that customize_service.py shows, and what they derive from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from maquette.models.code.modules import Binding, Modules
from maquette.models.domain import GENERAL_BASES, MODEL_TYPES

BASES = frozenset(base for kind in MODEL_TYPES.values() for base in kind.bases) | frozenset(GENERAL_BASES)
PLATFORM = ("model_service", "mms")
STAGES = ("_preprocess", "_inference", "_postprocess", "inference", "predict", "preprocess", "postprocess")
DEEPEST = 30

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class ServiceClass:
    """A class that derives from a service base. `bases` are the platform's, `chain` the package's own classes from
    this one upwards, each with its file."""

    name: str
    file: str
    node: ast.ClassDef
    bases: tuple[str, ...]
    chain: tuple[tuple[str, ast.ClassDef], ...]

    @property
    def base(self) -> str:
        """The most telling base: an engine's before the general one."""
        telling = [base for base in self.bases if base not in GENERAL_BASES]
        return (telling or list(self.bases))[0]

    def method(self, name: str) -> tuple[str, Function] | None:
        """A method of the package's own classes, the nearest first, with the file it stands in."""
        for file, node in self.chain:
            for statement in node.body:
                if isinstance(statement, Function) and statement.name == name:
                    return file, statement
        return None

    def overrides(self, *names: str) -> bool:
        return any(self.method(name) for name in names)

    def replaces(self, *names: str) -> bool:
        """Whether it overrides one of them without handing on to its base's."""
        found = [self.method(name) for name in names]
        return any(not hands_on(method) for _, method in filter(None, found))


def hands_on(method: Function) -> bool:
    """Whether a method calls the one that it overrides: `super().name(…)`."""
    calls = (node.func for node in ast.walk(method) if isinstance(node, ast.Call))
    return any(
        isinstance(func, ast.Attribute) and func.attr == method.name
        and isinstance(func.value, ast.Call) and dotted(func.value.func) == ["super"]
        for func in calls
    )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A name followed to its end: a base of the platform, or a class of the package."""

    base: str = ""
    file: str = ""
    node: ast.ClassDef | None = None


class ClassFinder:
    """Follows names through the modules of one package."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules

    def services(self, file: str) -> list[ServiceClass]:
        """The service classes that a module shows and that none of the others derives from, in the order of lines."""
        found: dict[ast.ClassDef, ServiceClass] = {}
        for name, end in self.visible(file):
            if end.node is not None and end.node not in found:
                service = self.service(name, end)
                if service.bases:
                    found[end.node] = service
        ancestors = {node for service in found.values() for _, node in service.chain[1:]}
        return [service for node, service in found.items() if node not in ancestors]

    def visible(self, file: str) -> Iterator[tuple[str, Found]]:
        """Every name of a module that ends at a class of the package."""
        names = self.modules.names(file)
        for star in names.stars:
            for source in self.modules.files_of(star)[-1:]:
                for name, bindings in self.modules.names(source).bindings.items():
                    if not name.startswith("_"):
                        yield from ((name, end) for binding in bindings for end in self.ends(source, binding))
        for name, bindings in names.bindings.items():
            yield from ((name, end) for binding in bindings for end in self.ends(file, binding))

    def service(self, name: str, end: Found) -> ServiceClass:
        assert end.node is not None
        bases: list[str] = []
        chain: list[tuple[str, ast.ClassDef]] = []
        self.climb(end, bases, chain, 0)
        return ServiceClass(end.node.name or name, end.file, end.node, tuple(dict.fromkeys(bases)), tuple(chain))

    def climb(self, end: Found, bases: list[str], chain: list[tuple[str, ast.ClassDef]], depth: int) -> None:
        """Gathers the classes and platform bases from one class upwards."""
        if end.base:
            bases.append(end.base)
        if end.node is None or depth > DEEPEST or any(node is end.node for _, node in chain):
            return
        chain.append((end.file, end.node))
        for expression in end.node.bases:
            for above in self.resolve(end.file, expression, depth):
                self.climb(above, bases, chain, depth + 1)

    def resolve(self, file: str, expression: ast.expr, depth: int = 0) -> list[Found]:
        """What a base class expression (`Base`, `module.Base`) ends at; all of it, where a `try` binds it twice."""
        path = dotted(expression)
        if path is None or depth > DEEPEST:
            return []
        first, *rest = path
        ends = []
        for binding in self.lookup(file, first):
            if rest and binding.module:
                whole = ".".join(filter(None, (binding.module, binding.name, *rest)))
                ends += self.absolute(whole, depth + 1)
            elif not rest:
                ends += self.ends(file, binding, depth + 1)
        return ends

    def lookup(self, file: str, name: str) -> list[Binding]:
        names = self.modules.names(file)
        bindings = list(names.bindings.get(name, ()))
        for star in names.stars:
            bindings.append(Binding(star.line, star.module, name))
        return bindings

    def ends(self, file: str, binding: Binding, depth: int = 0) -> list[Found]:
        if depth > DEEPEST:
            return []
        if binding.defined is not None:
            return [Found(file=file, node=binding.defined)]
        if binding.expression is not None:
            return self.resolve(file, binding.expression, depth + 1)
        if binding.name:
            return self.absolute(f"{binding.module}.{binding.name}".lstrip("."), depth + 1)
        return []

    def absolute(self, path: str, depth: int) -> list[Found]:
        """What a full dotted name ends at: a platform base, or a name in a module of the package."""
        module, _, name = path.rpartition(".")
        if depth > DEEPEST:
            return []
        if path.split(".")[0] in PLATFORM and name in BASES:
            return [Found(base=name)]  # before a copy of the platform's classes that the package may hold
        file = self.modules.find(module) if module else None
        if not file or file.endswith("/"):
            return []
        return [
            end
            for binding in self.lookup(file, name)
            if binding.module != module or binding.name != name
            for end in self.ends(file, binding, depth + 1)
        ]


def dotted(expression: ast.expr) -> list[str] | None:
    """`a.b.C` as its parts, None for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.insert(0, expression.attr)
        expression = expression.value
    return [expression.id, *parts] if isinstance(expression, ast.Name) else None
