"""Stands for the rest of the ModelArts SDK: importing it works, using it says why it cannot.

A script that imports `Dataset` and never makes one runs; one that does is told what there is.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from typing import Any, Callable, Optional


class NotInARun(RuntimeError):
    """The call is one that is not offered here."""


def refuse(name: str) -> NotInARun:
    return NotInARun(
        "{} is not offered here. Of the ModelArts SDK there are modelarts.session.Session, which moves files, "
        "modelarts.estimator.Estimator and modelarts.estimatorV2.Estimator, which start training jobs, and "
        "modelarts.model.Model and Predictor, which put models online.".format(name)
    )


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands last among the finders and makes the submodules of `modelarts` that are not ours."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        if not fullname.startswith(self.package + "."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[types.ModuleType]:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        module.__doc__ = "Part of the ModelArts SDK that is not offered here."
        module.__dict__["__getattr__"] = class_of(module.__name__)


def answer_for(package: str) -> None:
    if not any(isinstance(finder, Finder) and finder.package == package for finder in sys.meta_path):
        sys.meta_path.append(Finder(package))


def submodule_of(package: str) -> Callable[[str], Any]:
    """`__getattr__` of a package: `from modelarts import config` is a submodule."""

    def find(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError("module '{}' has no attribute '{}'".format(package, name))
        return importlib.import_module(package + "." + name)

    return find


def class_of(module: str) -> Callable[[str], Any]:
    """`__getattr__` of a module that is not here: each name is a class that refuses to be used."""

    def make(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError("module '{}' has no attribute '{}'".format(module, name))
        return _Refusing(name, (), {"__module__": module})

    return make


class _Refusing(type):
    """A class that can be imported and named; making one of it, or asking it for anything, refuses."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        raise refuse("{}.{}".format(cls.__module__, cls.__name__))

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise refuse("{}.{}.{}".format(cls.__module__, cls.__name__, name))
