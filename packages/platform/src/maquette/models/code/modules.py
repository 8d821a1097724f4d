"""The Python modules of a package and how their names hang together; nothing is imported, only read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from maquette.models.code.source import Source, read_source

PLATFORM_PACKAGES = frozenset({"model_service", "mms", "metric", "log", "moxing", "deep_moxing", "modelarts"})
"""Modules that every service may import: Maquette brings them."""


@dataclass(frozen=True)
class Binding:
    """What a name of a module stands for: a class defined there, a module, a name of a module, or an expression."""

    line: int
    module: str = ""
    name: str = ""
    defined: ast.ClassDef | None = None
    expression: ast.expr | None = None


@dataclass(frozen=True)
class Import:
    """One imported module by its absolute name, and the names taken from it.

    `guarded` ones stand inside a `try`, a condition or a function: they may fail, or never happen.
    """

    module: str
    line: int
    names: tuple[str, ...] = ()
    guarded: bool = False
    relative: bool = False


@dataclass(frozen=True)
class Names:
    """The names of one module, and the modules it takes every name of."""

    bindings: Mapping[str, tuple[Binding, ...]]
    stars: tuple[Import, ...]
    imports: tuple[Import, ...]


@dataclass(frozen=True)
class Reach:
    """The package's files that an import reads, and every import in them with the file it stands in."""

    files: tuple[str, ...]
    imports: tuple[tuple[str, Import], ...]


@dataclass
class Modules:
    """The modules below a package's folder. `files` are its files, relative, as text with `/`."""

    folder: Path
    files: frozenset[str]
    _sources: dict[str, Source] = field(default_factory=dict)
    _names: dict[str, Names] = field(default_factory=dict)
    _roots: tuple[str, ...] = ("",)

    def source(self, file: str) -> Source:
        if file not in self._sources:
            self._sources[file] = read_source((self.folder / file).read_bytes(), file)
            if "sys.path" in self._sources[file].text:
                self._roots = ("", *sorted(self._code_folders))
        return self._sources[file]

    def names(self, file: str) -> Names:
        if file not in self._names:
            self._names[file] = names_of(self.source(file), package_of(file))
        return self._names[file]

    def find(self, module: str) -> str | None:
        """The file of a module; of a folder without `__init__.py` the folder with a slash; None if it is not here."""
        return next(iter(self.candidates(module)), None)

    def candidates(self, module: str) -> list[str]:
        """What `find` may find, the first first: several where the code adds folders to the path itself."""
        parts = self._parts(module)
        if not parts:
            return ["/"]
        found = (self._below(root, parts) for root in self._roots)
        return [file for file in found if file is not None]

    def holds(self, module: str) -> bool:
        """Whether anything bears the module's name, be it an extension in C, compiled code, or a folder of data."""
        path = "/".join(self._parts(module))
        starts = tuple(f"{root}{path}{joint}" for root in self._roots for joint in "./")
        return not path or any(file.startswith(starts) for file in self.files)

    def is_local(self, module: str) -> bool:
        """Whether a module's first part lies in the package."""
        return self.find(module.split(".")[0]) is not None

    def reachable(self, start: str) -> Reach:
        """What happens when `start` is imported: the files of the package that are read, and every import in them."""
        files, imports, seen = [start], [], {start}
        for file in files:  # grows while it is gone through
            for imported in self.names(file).imports:
                imports.append((file, imported))
                found = () if imported.guarded else self.files_of(imported)
                files += [new for new in dict.fromkeys(found) if new not in seen]
                seen.update(found)
        return Reach(tuple(files), tuple(imports))

    def files_of(self, imported: Import) -> list[str]:
        """The files of the package that an import reads."""
        parts = imported.module.split(".") if imported.module else []
        modules = [".".join(parts[: end + 1]) for end in range(len(parts))]
        modules += [".".join((*parts, name)) for name in imported.names]
        found = (self.find(module) for module in modules)
        return [file for file in found if file and not file.endswith("/")]

    @cached_property
    def compiled(self) -> tuple[str, ...]:
        """Extensions in C, which Python takes before a source file of the same name."""
        return tuple(file for file in self.files if file.endswith((".so", ".pyd")))

    @cached_property
    def _code_folders(self) -> frozenset[str]:
        """Every folder that holds Python files, itself or below."""
        folders: set[str] = set()
        for file in self.files:
            parts = file.split("/")[:-1] if file.endswith(".py") else []
            folders.update("/".join(parts[: end + 1]) + "/" for end in range(len(parts)))
        return frozenset(folders)

    def inside(self, file: str) -> frozenset[str]:
        """What lies in the folder of an `__init__.py`, by the names that modules have."""
        folder = file.removesuffix("__init__.py")
        if folder == file:
            return frozenset()
        inner = (other.removeprefix(folder) for other in self.files if other.startswith(folder))
        return frozenset(name.split("/")[0].split(".")[0] for name in inner)

    def _parts(self, module: str) -> list[str]:
        """A module's path below the package: packages import themselves as `model`, the name of their folder."""
        parts = module.split(".")
        return parts[1:] if parts[0] == "model" and not self._below("", ["model"]) else parts

    def _below(self, root: str, parts: list[str]) -> str | None:
        path = root + "/".join(parts)
        for file in (f"{path}/__init__.py", f"{path}.py"):
            if file in self.files:
                return file
        return f"{path}/" if f"{path}/" in self._code_folders else None


def package_of(file: str) -> tuple[str, ...]:
    """The package that a file's relative imports start from."""
    return tuple(file.split("/")[:-1])


def names_of(source: Source, package: tuple[str, ...]) -> Names:
    reader = _NamesReader(package)
    reader.statements(source.tree.body if source.tree else [], guarded=False)
    for node in source.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) and node not in reader.read:
            reader.imported(node, guarded=True, bind=False)  # inside a function or a class
    bindings = {name: tuple(found) for name, found in reader.bindings.items()}
    return Names(bindings, tuple(reader.stars), tuple(reader.imports))


def is_main_guard(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, whose body does not happen on import."""
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test) and "__main__" in ast.dump(node.test)


class _NamesReader:
    def __init__(self, package: tuple[str, ...]) -> None:
        self.package = package
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[Import] = []
        self.imports: list[Import] = []
        self.read: set[ast.AST] = set()

    def bind(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)

    def statements(self, body: list[ast.stmt], guarded: bool) -> None:
        for node in body:
            if is_main_guard(node):
                self.read.update(ast.walk(node))
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imported(node, guarded, bind=True)
            elif isinstance(node, ast.ClassDef):
                self.bind(node.name, Binding(node.lineno, defined=node))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.bind(node.name, Binding(node.lineno))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.bind(target.id, Binding(node.lineno, expression=node.value))
            else:
                inside = guarded or isinstance(node, ast.Try | ast.If)
                for name in ("body", "orelse", "finalbody"):
                    self.statements(getattr(node, name, []), inside)
                for handler in getattr(node, "handlers", []):
                    self.statements(handler.body, inside)

    def imported(self, node: ast.Import | ast.ImportFrom, guarded: bool, bind: bool) -> None:
        self.read.add(node)
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append(Import(alias.name, node.lineno, guarded=guarded))
                module = alias.name if alias.asname else alias.name.split(".")[0]
                if bind:
                    self.bind(alias.asname or module, Binding(node.lineno, module=module))
            return
        module = self.absolute(node)
        names = tuple(alias.name for alias in node.names if alias.name != "*")
        found = Import(module, node.lineno, names, guarded, relative=node.level > 0)
        self.imports.append(found)
        if bind and any(alias.name == "*" for alias in node.names):
            self.stars.append(found)
        for alias in node.names:
            if bind and alias.name != "*":
                self.bind(alias.asname or alias.name, Binding(node.lineno, module, alias.name))

    def absolute(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        base = self.package[: len(self.package) - node.level + 1] if node.level > 1 else self.package
        return ".".join((*base, *((node.module,) if node.module else ())))
