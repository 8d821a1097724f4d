"""What is said when a script asks for MoXing's training helpers, which only TensorFlow 1, MXNet and early PyTorch had.

File operations work under every name (`import moxing.tensorflow as mox; mox.file.copy(…)`); `mox.run`,
`mox.ModelSpec`, `moxing.tensorflow.optimizer` and their like raise an ImportError that says so.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from typing import Any, Callable, Container, Optional

# The helpers that scripts also reach through `moxing` itself.
NAMES = frozenset((
    "ExportKeys", "ExportSpec", "ImageClassificationRawDataset", "ImageClassificationRawMetadata", "ModeKeys",
    "ModelSpec", "NetworkKeys", "add_to_collection", "get_collection", "get_data_augmentation_fn", "get_flag",
    "get_hyper_parameter", "get_model_fn", "get_optimizer_fn", "get_tfrecord", "run", "set_flag", "set_hyper_parameter",
))  # fmt: skip

_INSTEAD = {
    "tensorflow": "Train with TensorFlow itself: tf.estimator, tf.keras or a loop of your own",
    "mxnet": "Train with MXNet itself: mx.mod.Module or gluon",
    "pytorch": "Train with PyTorch itself: torch.nn and torch.optim",
}


class Finder(importlib.abc.MetaPathFinder):
    """Stands last among the finders: what arrives here under an engine's name is no module of ours."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        parts = fullname[len(self.package) + 1 :].split(".")
        if fullname.startswith(self.package + ".") and parts[0] in _INSTEAD:
            raise ModuleNotFoundError(sentence(fullname, parts[0]), name=fullname)
        return None


def answer_for(package: str) -> None:
    """Lets imports of helper modules below `package` say what they were."""
    if not any(isinstance(finder, Finder) and finder.package == package for finder in sys.meta_path):
        sys.meta_path.append(Finder(package))


def attribute_of(module: str, names: Optional[Container[str]] = None) -> Callable[[str], Any]:
    """A module's `__getattr__`: helpers (all names, unless some are given) raise what they were."""

    def missing(name: str) -> Any:
        if name.startswith("_") or (names is not None and name not in names):
            raise AttributeError("module '{}' has no attribute '{}'".format(module, name))
        # An ImportError, because `from moxing.tensorflow import run` would swallow an AttributeError's sentence.
        raise ImportError(sentence(module + "." + name, module.rpartition(".")[2]))

    return missing


def sentence(name: str, engine: str) -> str:
    instead = _INSTEAD.get(engine, _INSTEAD["tensorflow"])
    return (
        "{} was one of MoXing's training helpers, made for TensorFlow 1, MXNet 1 and PyTorch 1 on ModelArts; "
        "they are not part of Maquette. {}, and keep mox.file for files, which works."
    ).format(name, instead)
