"""Judges what the code of a package imports: its own files, Maquette's modules, and what neither holds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from maquette.models.code import platform_names
from maquette.models.code.modules import PLATFORM_PACKAGES, Import, Modules
from maquette.models.domain import SERVICE_FILE
from maquette.models.findings import Finding


def judge_imports(modules: Modules, imports: Iterable[tuple[str, Import]]) -> Iterator[Finding]:
    """Imports of files that the package lacks or that do not parse, and of platform names that do not exist."""
    broken = {SERVICE_FILE}
    for file, imported in imports:
        top = imported.module.split(".")[0]
        if imported.guarded:
            continue
        if top in platform_names.TOPS and not imported.relative and not modules.is_local(top):
            trouble = platform_names.trouble(imported)
            if trouble is not None:
                yield Finding("unknown-platform-module", {"said": trouble[0], "fix": trouble[1]}, file, imported.line)
            continue
        if missing := missing_module(modules, imported):
            yield Finding("missing-module", {"module": missing}, file, imported.line)
        for local in modules.files_of(imported):
            source = modules.source(local)
            if source.trouble is not None and local not in broken:
                broken.add(local)
                yield source.trouble


def missing_module(modules: Modules, imported: Import) -> str | None:
    """The module of the package that an import names and that is not there."""
    if not imported.module:
        absent = [name for name in imported.names if modules.find(name) is None]
        return f".{absent[0]}" if absent else None
    if modules.find(imported.module) is not None:
        return None
    if imported.relative:
        return f".{imported.module}"
    parent = modules.find(imported.module.split(".")[0])
    return imported.module if parent is not None and "." in imported.module else None


def third_party(modules: Modules, imports: Iterable[tuple[str, Import]]) -> dict[str, tuple[str, int]]:
    """Modules that neither Python, nor the package, nor Maquette holds, with where each is first imported."""
    found: dict[str, tuple[str, int]] = {}
    for file, imported in imports:
        top = imported.module.split(".")[0]
        if not top or imported.guarded or imported.relative or top in found:
            continue
        if top not in sys.stdlib_module_names and top not in PLATFORM_PACKAGES and not modules.is_local(top):
            found[top] = (file, imported.line)
    return found
