"""Names that libraries have moved since scripts were written: `sklearn.externals.joblib` is joblib itself today."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any, Optional, Sequence

MOVED = {"sklearn.externals.joblib": "joblib", "sklearn.externals.six": "six"}


class MovedNames(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `sklearn.externals.joblib` where scikit-learn has dropped it: in joblib itself."""

    def find_spec(
        self, name: str, path: Optional[Sequence[Any]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name not in MOVED or importlib.util.find_spec(MOVED[name]) is None:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Puts the other module in the place of this one; the import gives what lies there."""
        sys.modules[module.__name__] = importlib.import_module(MOVED[module.__name__])


def offer(module: object = None) -> None:
    """Lets code written for old scikit-learn import joblib as it used to."""
    if not any(isinstance(finder, MovedNames) for finder in sys.meta_path):
        sys.meta_path.append(MovedNames())
