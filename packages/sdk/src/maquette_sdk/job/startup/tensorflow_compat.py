"""TensorFlow 1 code on TensorFlow 2: `import tensorflow` gives the names and the behaviour of version 1.

Only in environments that were chosen as a compatibility engine (`MAQUETTE_TF_COMPAT=1`). The names of
`tensorflow.compat.v1` are laid over the module, graphs and sessions are as they were, `keras` is Keras 2 (tf_keras).
Of `tf.contrib`, which TensorFlow 2 does not have, `slim`, `layers` and `framework` come from the package tf-slim;
any other part raises an error that says so.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import logging
import sys
from types import ModuleType
from typing import Any

CONTRIB = {"slim": "tf_slim", "layers": "tf_slim.layers", "framework": "tf_slim"}
NO_CONTRIB = (
    "tf.contrib.{} is not part of TensorFlow 2, on which this code runs. Choose an engine with TensorFlow 1 (it needs"
    " Python 3.7), or replace it."
)


def become_version_1(tensorflow: ModuleType) -> None:
    """After `tensorflow`: lay version 1 over it."""
    version_1: Any = tensorflow.compat.v1
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)  # its advice on variables is for people who write new code
    version_1.disable_v2_behavior()
    logger.setLevel(level)
    without_advice_on_every_call()
    names = vars(getattr(version_1, "_tfmw_wrapped_module", version_1))
    for name, value in names.items():
        if not name.startswith("_") and name != "compat":
            setattr(tensorflow, name, value)
    tensorflow.contrib = importlib.import_module("tensorflow.contrib")  # type: ignore[attr-defined]
    sys.stderr.write(
        "[Maquette] TensorFlow 1 code on TensorFlow {}: graphs and sessions as in version 1.\n".format(
            getattr(tensorflow, "__version__", "2")
        )
    )


def without_advice_on_every_call() -> None:
    """Every name of version 1 is deprecated in version 2; said for each call it would bury the script's own log."""
    deprecation = importlib.import_module("tensorflow.python.util.deprecation")
    deprecation._PRINT_DEPRECATION_WARNINGS = False  # type: ignore[attr-defined]


class OldNames:
    """Finds modules of TensorFlow 1's days: `tensorflow.contrib` and Keras 2."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "keras" or name.startswith(("keras.", "tensorflow.contrib")):
            return find_old_name(name)
        return None


def find_old_name(name: str) -> importlib.machinery.ModuleSpec | None:
    """The spec of `tensorflow.contrib…`, or of `keras…` as Keras 2 where tf_keras is installed."""
    if name == "keras" or name.startswith("keras."):
        return alias(name, "tf_keras" + name[len("keras") :])
    if name == "tensorflow.contrib":
        return importlib.machinery.ModuleSpec(name, ContribLoader(), is_package=True)  # type: ignore[arg-type]
    part, _, inner = name[len("tensorflow.contrib.") :].partition(".")
    if part not in CONTRIB:
        raise ModuleNotFoundError(NO_CONTRIB.format(part), name=name)
    return alias(name, ".".join(filter(None, (CONTRIB[part], inner))))


def alias(name: str, target: str) -> importlib.machinery.ModuleSpec | None:
    if importlib.util.find_spec(target.split(".")[0]) is None or importlib.util.find_spec(target) is None:
        return None
    return importlib.machinery.ModuleSpec(name, AliasLoader(target), is_package=True)  # type: ignore[arg-type]


class AliasLoader:
    """Gives the module of another name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: Any) -> ModuleType:
        self.module = importlib.import_module(self.target)
        self.own_spec = self.module.__spec__
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own_spec  # the import system has just put the alias's there


class ContribLoader:
    """Makes `tensorflow.contrib`, whose parts are looked up when they are used."""

    def create_module(self, spec: Any) -> ModuleType:
        return Contrib(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """It has no code of its own."""


class Contrib(ModuleType):
    """`tf.contrib`: the parts that tf-slim has; the rest raises an error that explains."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in CONTRIB:
            raise AttributeError(NO_CONTRIB.format(name))
        return importlib.import_module("tensorflow.contrib." + name)
