"""Names that libraries have moved since scripts were written: `sklearn.externals.joblib` is joblib itself today,
`mindspore.dataset.transforms.vision` is `mindspore.dataset.vision`."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any, Optional, Sequence

MOVED = {
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "mindspore.dataset.transforms.vision": "mindspore.dataset.vision",
    "mindspore.dataset.transforms.vision.c_transforms": "mindspore.dataset.vision.c_transforms",
    "mindspore.dataset.transforms.vision.py_transforms": "mindspore.dataset.vision.py_transforms",
    "mindspore.dataset.transforms.vision.utils": "mindspore.dataset.vision.utils",
    "mindspore.train.parallel_utils": "mindspore.context",
}


class MovedNames(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a moved module where its library has dropped it: at its new place."""

    def find_spec(
        self, name: str, path: Optional[Sequence[Any]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name not in MOVED or importlib.util.find_spec(MOVED[name]) is None:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Puts the other module in the place of this one; the import gives what lies there. So it does with those below
        it, which Python would load a second time from the folder of the other."""
        for old, new in MOVED.items():
            if f"{old}.".startswith(f"{module.__name__}.") and importlib.util.find_spec(new) is not None:
                sys.modules[old] = importlib.import_module(new)


def offer(module: object = None) -> None:
    """Lets code written for an old release import what has moved as it used to."""
    if not any(isinstance(finder, MovedNames) for finder in sys.meta_path):
        sys.meta_path.append(MovedNames())
