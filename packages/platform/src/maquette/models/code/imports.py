"""Judges what the code of a package imports: its own files, Maquette's modules, and what neither holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from maquette.models.code import platform_names
from maquette.models.code.modules import PLATFORM_PACKAGES, Import, Modules, Reach
from maquette.models.code.offered import is_set_from_outside, offered
from maquette.models.config.fields import nearest
from maquette.models.domain import SERVICE_FILE
from maquette.models.findings import Finding
from maquette.models.sentences import say

OURS_FIRST = frozenset({"model_service", "mms"})
"""Modules that are Maquette's even where the package holds a copy."""


def judge_imports(modules: Modules, reach: Reach) -> Iterator[Finding]:
    """Imports of files and names that the package lacks, of files that do not parse, and of platform names that do
    not exist."""
    broken = {SERVICE_FILE}
    for file, imported in reach.imports:
        top = imported.module.split(".")[0]
        if imported.guarded:
            continue
        if top in platform_names.TOPS and not imported.relative and not modules.is_local(top):
            trouble = platform_names.trouble(imported)
            if trouble is not None:
                yield Finding("unknown-platform-module", {"said": trouble[0], "fix": trouble[1]}, file, imported.line)
            continue
        if missing := missing_module(modules, imported):
            words = {"module": missing, "fix": module_fix(modules, missing)}
            yield Finding("missing-module", words, file, imported.line)
        yield from missing_names(modules, reach, file, imported)
        for local in modules.files_of(imported):
            source = modules.source(local)
            if source.trouble is not None and local not in broken:
                broken.add(local)
                yield source.trouble


def missing_module(modules: Modules, imported: Import) -> str | None:
    """The module of the package that an import names and that is not there."""
    if not imported.module:
        absent = [name for name in imported.names if not modules.holds(name)]
        return f".{absent[0]}" if absent else None
    if modules.find(imported.module) is not None or modules.holds(imported.module):
        return None
    if imported.relative:
        return f".{imported.module}"
    parents = [imported.module.rsplit(".", count)[0] for count in range(1, imported.module.count(".") + 1)]
    file = next(filter(None, map(modules.find, parents)), None)
    if file is None or (not file.endswith("/") and "__path__" in modules.source(file).text):
        return None
    return imported.module


def module_fix(modules: Modules, missing: str) -> str:
    name = missing.lstrip(".")
    known = [file.removesuffix("/__init__.py").removesuffix(".py") for file in modules.files if file.endswith(".py")]
    meant = nearest(name, [file.replace("/", ".") for file in known])
    dot = "." if missing.startswith(".") else ""
    return say("write_or_add", meant=f"{dot}{meant}") if meant else say("add_file")


def missing_names(modules: Modules, reach: Reach, file: str, imported: Import) -> Iterator[Finding]:
    """Names that are imported from a module of the package whose text surely does not define them."""
    origin = sure_origin(modules, imported)
    names = offered(modules, origin) if origin else None
    if origin is None or names is None:
        return
    for name in imported.names:
        if name in names or is_set_from_outside(modules, reach.files, name):
            continue
        words = {"name": name, "origin": origin, "fix": name_fix(modules, reach, name, names)}
        yield Finding("missing-name", words, file, imported.line)


def sure_origin(modules: Modules, imported: Import) -> str | None:
    """The Python file that an import takes its names from, where no other could come in its place."""
    top = imported.module.split(".")[0]
    if not imported.names or (not imported.relative and (top in sys.stdlib_module_names or top in OURS_FIRST)):
        return None
    found = modules.candidates(imported.module) if imported.module else []
    if len(found) != 1 or found[0].endswith("/"):
        return None
    stem = found[0].removesuffix("/__init__.py").removesuffix(".py")
    compiled = any(file.startswith(f"{stem}.") for file in modules.compiled)
    return None if compiled else found[0]


def name_fix(modules: Modules, reach: Reach, name: str, names: frozenset[str]) -> str:
    """What is meant: a name like it, or the same name of another file."""
    if meant := nearest(name, [known for known in names if not known.startswith("__")]):
        return say("write", text=f"'{meant}'")
    for file in reach.files:
        if any(not binding.module for binding in modules.names(file).bindings.get(name, ())):
            return say("defined_in", file=file)
    return say("define_there")


def third_party(modules: Modules, reach: Reach) -> dict[str, tuple[str, int]]:
    """Modules that neither Python, nor the package, nor Maquette holds, with where each is first imported."""
    found: dict[str, tuple[str, int]] = {}
    for file, imported in reach.imports:
        top = imported.module.split(".")[0]
        if not top or imported.guarded or imported.relative or top in found:
            continue
        if top not in sys.stdlib_module_names and top not in PLATFORM_PACKAGES and not modules.is_local(top):
            found[top] = (file, imported.line)
    return found
