"""XGBoost and scikit-learn models: reading the `.m` file, and the names that old code imports."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from types import ModuleType
from typing import Any, Dict, Optional, Sequence, Tuple

MOVED = {"sklearn.externals.joblib": "joblib", "sklearn.externals.six": "six"}

_models: Dict[Tuple[str, float], Any] = {}


def predict(path: str, rows: Any) -> Any:
    """Predictions of the model in this file for these rows, as lists. Raises what reading it as XGBoost raised."""
    model, wrap = _open(path)
    return model.predict(wrap(rows)).tolist()


def _open(path: str) -> Any:
    """The model, and what its rows must be wrapped in. Read once, and again when the file changes."""
    key = (path, os.stat(path).st_mtime)
    if key not in _models:
        _models.clear()
        _models[key] = _read(path)
    return _models[key]


def _read(path: str) -> Any:
    try:
        return _joblib().load(path), _as_it_is
    except Exception as error:  # noqa: BLE001
        # An XGBoost file is no pickle, and reading it as one may raise anything. Only trying tells the two apart.
        reason = "".join(traceback.format_exception_only(type(error), error)).strip()
    import numpy
    import xgboost

    try:
        return xgboost.Booster(model_file=path), lambda rows: xgboost.DMatrix(numpy.asarray(rows))
    except Exception as error:
        raise ValueError(
            "{} is neither a scikit-learn model (joblib: {}) nor an XGBoost one ({}).".format(path, reason, error)
        ) from error


def _joblib() -> Any:
    """joblib, which scikit-learn before 0.21 carries inside."""
    try:
        return importlib.import_module("joblib")
    except ImportError:
        return importlib.import_module("sklearn.externals.joblib")


def _as_it_is(rows: Any) -> Any:
    return rows


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


def mend_names() -> None:
    """Lets code written for old scikit-learn import joblib as it used to."""
    if not any(isinstance(finder, MovedNames) for finder in sys.meta_path):
        sys.meta_path.append(MovedNames())
