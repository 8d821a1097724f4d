"""What services may import from Maquette: `model_service`, `mms`, `metric`, `log`, as the SDK holds them."""

from __future__ import annotations

import functools
from pathlib import Path

import maquette_sdk
from maquette.models.code.modules import Import, Modules
from maquette.models.config.fields import nearest
from maquette.models.sentences import say

TOPS = frozenset({"model_service", "mms", "metric", "log"})


@functools.cache
def platform_modules() -> Modules:
    folder = Path(maquette_sdk.__file__).parent / "names"
    files = frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    return Modules(folder, files)


def trouble(imported: Import) -> tuple[str, str] | None:
    """Why an import from the platform's modules would fail, and the fix; None where it works."""
    modules = platform_modules()
    file = modules.find(imported.module)
    if file is None:
        names = [name.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") for name in modules.files]
        meant = nearest(imported.module, names, most=3)
        return say("no_module", module=imported.module), fix_of(meant)
    if file.endswith("/"):
        return None
    known = modules.names(file)
    if known.stars or "__getattr__" in known.bindings:
        return None
    for name in imported.names:
        if name not in known.bindings and modules.find(f"{imported.module}.{name}") is None:
            meant = nearest(name, list(known.bindings), most=3)
            return say("no_name_in", module=imported.module, name=name), fix_of(meant)
    return None


def fix_of(meant: str | None) -> str:
    return say("write", text=f"'{meant}'") if meant else say("correct_name")
