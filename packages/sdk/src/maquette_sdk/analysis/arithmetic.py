"""Divisions and means where there may be nothing to divide by."""

from __future__ import annotations

from typing import Any

import numpy as np


def ratio(part: Any, whole: Any, otherwise: float = 0.0) -> Any:
    """part / whole, element by element; `otherwise` where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, otherwise), where=whole != 0)


def mean(values: Any, axis: Any = None) -> Any:
    """The mean of what is known, a number or along an axis; NaN where nothing is."""
    known = np.isfinite(values)
    means = ratio(np.where(known, values, 0).sum(axis), known.sum(axis), np.nan)
    return float(means) if axis is None else means
