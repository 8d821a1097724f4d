"""How well a model does by ranges of a feature: ten equal intervals, and whether one end is worse than the rest."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import numpy as np

COUNT = 10
LEAST_SAMPLES = 10
LEAST_DIFFERENCE = 0.05
LEAST_DEVIATIONS = 3.5
"""Chance alone reaches this in one of some 40 reports: 9 places to cut, in about 6 features."""


class Intervals:
    """`edges` of ten equal intervals over the values, and `which` each value lies in (-1 for NaN)."""

    def __init__(self, values: Any) -> None:
        known = np.isfinite(values)
        low, high = float(values[known].min()), float(values[known].max())
        if low == high:
            low, high = low - 0.5, high + 0.5
        self.edges = np.linspace(low, high, COUNT + 1)
        self.centres = (self.edges[1:] + self.edges[:-1]) / 2
        which = np.searchsorted(self.edges[1:-1], np.where(known, values, low), side="right")
        self.which = np.where(known, which, -1)

    def counts(self) -> Any:
        return np.bincount(self.which[self.which >= 0], minlength=COUNT)

    def means(self, quality: Any) -> Any:
        """The mean of `quality` in each interval, NaN where there is none."""
        known = (self.which >= 0) & np.isfinite(quality)
        sums = np.bincount(self.which[known], weights=quality[known], minlength=COUNT)
        counts = np.bincount(self.which[known], minlength=COUNT)
        return np.divide(sums, counts, out=np.full(COUNT, np.nan), where=counts > 0)


class Weakness(NamedTuple):
    """On one side of a value the model does worse than on the other."""

    below: bool
    edge: float
    samples: int
    quality: float
    elsewhere: float


def weakness(intervals: Intervals, quality: Any) -> Optional[Weakness]:
    """The clearest difference between the two sides of an edge; None where it may be chance, or is small."""
    known = (intervals.which >= 0) & np.isfinite(quality)
    which, quality = intervals.which[known], quality[known]
    best, found = LEAST_DEVIATIONS, None
    for cut in range(1, COUNT):
        low, high = quality[which < cut], quality[which >= cut]
        if min(len(low), len(high)) < LEAST_SAMPLES:
            continue
        difference = low.mean() - high.mean()
        deviations = abs(difference) / max(_deviation(low, high), 1e-12)
        if deviations <= best or abs(difference) < LEAST_DIFFERENCE:
            continue
        worse, better = (low, high) if difference < 0 else (high, low)
        best = deviations
        found = Weakness(
            bool(difference < 0), float(intervals.edges[cut]), len(worse), float(worse.mean()), float(better.mean())
        )
    return found


def _deviation(low: Any, high: Any) -> float:
    """Standard error of the difference of two means, as if both sides had the spread of all."""
    spread = np.concatenate([low, high]).std()
    return float(spread * np.sqrt(1 / len(low) + 1 / len(high)))
