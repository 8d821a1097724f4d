"""Accuracy and F1 of a classifier by ranges of a picture's features."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from ..arithmetic import ratio
from ..intervals import COUNT, Intervals
from ..sensitivity import PICTURES, Axis, Subject
from ..texts import Text
from .figures import per_class
from .samples import Samples

ACCURACY = Text("Accuracy", "准确率")


def subject(samples: Samples, shown: Any) -> Subject:
    right = (samples.truth == samples.predicted).astype(float)

    def charts(intervals: Intervals, axis: Axis) -> Dict[str, Any]:
        title = axis.feature.title
        f1 = f1_by_interval(samples, intervals)
        curves = {samples.classes.names[one]: axis.curve(f1[:, one]) for one in shown}
        return {
            "acc_line_chart": axis.chart(
                Text("{title}: accuracy", "{title}与准确率").filled(title=title),
                {ACCURACY: axis.curve(intervals.means(right))},
                ACCURACY,
            ),
            "f1_line_chart": axis.chart(
                Text("{title}: F1 by class", "{title}与各类别 F1 值").filled(title=title),
                curves,
                Text("F1", "F1 值"),
            ),
        }

    return Subject(PICTURES, Text("accuracy", "准确率"), right, charts)


def f1_by_interval(samples: Samples, intervals: Intervals) -> Any:
    """F1 of each class (column) in each interval (row), NaN where a class neither occurs nor is predicted."""
    rows = []
    for interval in range(COUNT):
        chosen = intervals.which == interval
        found = per_class(samples.truth[chosen], samples.predicted[chosen], len(samples.classes))
        rows.append(ratio(2.0 * found.right, found.truth + found.predicted, np.nan))
    return np.array(rows)
