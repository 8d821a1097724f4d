"""When a trial is given up before its end: the median rule, as Vizier and Ray Tune have it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from maquette.training.search.domain import Search, Trial, TrialState, best_report


def hopeless(search: Search, trial: Trial, others: Sequence[Trial]) -> bool:
    """Whether the best that a running trial has printed is worse than the median of what the ended ones had printed,
    on average, by the same number of reports.

    Only when the search asks for it, after `grace_period` reports, and held against `min_samples_required` trials.
    """
    count = len(trial.reports)
    if not search.stops_early or trial.state is not TrialState.RUNNING or count < int(search.setting("grace_period")):
        return False
    averages = (average(other.reports[:count]) for other in others if comparable(other, count))
    means = [mean for mean in averages if mean is not None]
    if len(means) < int(search.setting("min_samples_required")):
        return False
    best = best_report(trial.reports, search.goal)
    return best is None or search.goal.better(median(means), best)


def comparable(other: Trial, count: int) -> bool:
    return other.state in (TrialState.SUCCEEDED, TrialState.STOPPED) and len(other.reports) >= count


def average(reports: Sequence[float]) -> float | None:
    figures = [report for report in reports if math.isfinite(report)]
    return fmean(figures) if figures else None
