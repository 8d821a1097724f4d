"""XGBoost and scikit-learn models: reading the `.m` file."""

from __future__ import annotations

import importlib
import os
import traceback
from typing import Any, Dict, Tuple

_models: Dict[Tuple[str, float], Any] = {}


def predict(path: str, rows: Any) -> Any:
    """Predictions of the model in this file for these rows, as lists. Raises what reading it as XGBoost raised."""
    model, wrap = open_model(path)
    return model.predict(wrap(rows)).tolist()


def open_model(path: str) -> Any:
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
