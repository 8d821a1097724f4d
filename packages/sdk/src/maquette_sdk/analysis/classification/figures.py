"""Figures of a classifier: counts by class, precision, recall, F1, ROC and PR curves."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import numpy as np

from ..arithmetic import ratio

MOST_POINTS = 101
"""A curve shows at most so many points; areas are computed from all of them."""


class PerClass(NamedTuple):
    """One value per class; precision, recall and F1 are 0 where nothing was predicted or nothing is true."""

    truth: Any
    predicted: Any
    right: Any
    precision: Any
    recall: Any
    f1: Any


def per_class(truth: Any, predicted: Any, count: int) -> PerClass:
    true_count = np.bincount(truth, minlength=count)
    predicted_count = np.bincount(predicted, minlength=count)
    right = np.bincount(truth[truth == predicted], minlength=count)
    return PerClass(
        true_count,
        predicted_count,
        right,
        ratio(right, predicted_count),
        ratio(right, true_count),
        ratio(2.0 * right, true_count + predicted_count),
    )


def confusion(truth: Any, predicted: Any, count: int) -> Any:
    """How often each class was predicted (row) for each true class (column)."""
    return np.bincount(predicted * count + truth, minlength=count * count).reshape(count, count)


def accuracy(truth: Any, predicted: Any) -> float:
    return float((truth == predicted).mean())


class Curve(NamedTuple):
    """`x` and `y` with few points, and the exact area (ROC: AUC; PR: average precision)."""

    x: Any
    y: Any
    area: float


def ranked(positive: Any, scores: Any) -> Any:
    """How many positives and negatives lie at or above each distinct score, from the highest one down."""
    order = np.argsort(-scores, kind="mergesort")
    ordered = scores[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    found = np.cumsum(positive[order])[last]
    return found, last + 1 - found


def roc(positive: Any, scores: Any) -> Optional[Curve]:
    """None where a class has only positives or only negatives."""
    found, false = ranked(positive, scores)
    if found[-1] == 0 or false[-1] == 0:
        return None
    y = np.append(0, found) / found[-1]
    x = np.append(0, false) / false[-1]
    area = float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum() / 2)
    kept = thinned(len(x))
    return Curve(x[kept], y[kept], area)


def precision_recall(positive: Any, scores: Any) -> Optional[Curve]:
    """Recall and precision at each score, and the average precision; None where nothing is positive."""
    found, false = ranked(positive, scores)
    if found[-1] == 0:
        return None
    recall, precision = found / found[-1], found / (found + false)
    area = float((np.diff(np.append(0, recall)) * precision).sum())
    kept = thinned(len(recall))
    return Curve(recall[kept], precision[kept], area)


def thinned(count: int) -> Any:
    """Positions of at most MOST_POINTS points, the ends among them."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
