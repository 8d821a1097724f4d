"""Figures of a segmentation, from counts of pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arithmetic import ratio


class PerClass(NamedTuple):
    """One value per class, NaN where the class neither occurs nor is predicted."""

    iou: Any
    dice: Any
    precision: Any
    recall: Any


def per_class(right: Any, predicted: Any, truth: Any) -> PerClass:
    known = np.where(predicted + truth > 0, 1.0, np.nan)
    return PerClass(
        ratio(right, predicted + truth - right) * known,
        ratio(2.0 * right, predicted + truth) * known,
        ratio(right, predicted) * known,
        ratio(right, truth) * known,
    )
