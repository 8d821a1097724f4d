"""Loads a module as ever, then calls its mend."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


def find_and_mend(finder: object, name: str, path: Any, target: Any, mend: str) -> Any:
    """The spec that the other finders give, with a loader that mends; None when they do not know the module."""
    for other in sys.meta_path:
        if other is finder or not hasattr(other, "find_spec"):
            continue
        spec = other.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = MendingLoader(spec.loader, mend)  # type: ignore[assignment]
        if spec is not None:
            return spec
    return None


class MendingLoader:
    """The module's own loader in everything but this: at the end the mend `file:function` is called with the module."""

    def __init__(self, loader: Any, mend: str) -> None:
        self.loader = loader
        self.mend = mend

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def create_module(self, spec: Any) -> ModuleType | None:
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        file, function = self.mend.split(":")
        getattr(importlib.import_module("maquette_sdk.job.startup." + file), function)(module)
