"""mAP and F1 of a detector by features of pictures, and recall by features of boxes."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from ..arithmetic import mean, ratio
from ..intervals import COUNT, Intervals
from ..sensitivity import BOXES, PICTURES, Axis, Subject
from ..texts import Text
from .figures import Chosen, by_class, precisions
from .matching import Matches
from .samples import Samples

MAP = Text("mAP@0.5", "mAP@0.5")
RECALL = Text("Recall", "召回率")
F1 = Text("F1", "F1 值")


def pictures(samples: Samples, matches: Matches, chosen: Chosen, shown: Any) -> Subject:
    """Each picture's F1 tells where the detector is weak; the charts show mAP and F1 by class."""
    order, first = by_class(samples.found), Matches(matches.truth[:1], matches.counted)

    def charts(intervals: Intervals, axis: Axis) -> Dict[str, Any]:
        title = axis.feature.title
        map_by_interval = [
            mean(precisions(samples, first, order, intervals.which == one).mean(1))
            if np.isin(one, intervals.which[samples.true.image])
            else np.nan
            for one in range(COUNT)
        ]
        f1 = _f1(intervals.which[samples.found.image], intervals.which[samples.true.image], samples, chosen)
        return {
            "map_line_chart": axis.chart(
                Text("{title}: mAP@0.5", "{title}与 mAP@0.5").filled(title=title),
                {MAP: axis.curve(map_by_interval)},
                MAP,
            ),
            "f1_line_chart": axis.chart(
                Text("{title}: F1 by class", "{title}与各类别 F1 值").filled(title=title),
                {samples.classes.names[one]: axis.curve(f1[:, one]) for one in shown},
                F1,
            ),
        }

    shown_boxes = np.bincount(samples.found.image[chosen.kept], minlength=samples.pictures)
    true_boxes = np.bincount(samples.true.image, minlength=samples.pictures)
    right = np.bincount(samples.found.image[chosen.right], minlength=samples.pictures)
    quality = ratio(2.0 * right, shown_boxes + true_boxes, np.nan)
    return Subject(PICTURES, Text("mean F1", "平均 F1 值"), quality, charts)


def _f1(of_found: Any, of_true: Any, samples: Samples, chosen: Chosen) -> Any:
    """F1 by interval (row) and class (column)."""
    kinds = len(samples.classes)

    def counted(interval: Any, kind: Any, which: Any) -> Any:
        which = which & (interval >= 0)
        return np.bincount(interval[which] * kinds + kind[which], minlength=COUNT * kinds).reshape(COUNT, kinds)

    right = counted(of_found, samples.found.kind, chosen.right)
    shown = counted(of_found, samples.found.kind, chosen.kept)
    true = counted(of_true, samples.true.kind, np.ones(len(of_true), bool))
    return ratio(2.0 * right, shown + true, np.nan)


def boxes(samples: Samples, chosen: Chosen, shown: Any) -> Subject:
    found = chosen.found.astype(float)

    def charts(intervals: Intervals, axis: Axis) -> Dict[str, Any]:
        title = axis.feature.title
        curves = {
            samples.classes.names[one]: axis.curve(intervals.means(np.where(samples.true.kind == one, found, np.nan)))
            for one in shown
        }
        return {
            "recall_line_chart": axis.chart(
                Text("{title}: recall", "{title}与召回率").filled(title=title),
                {RECALL: axis.curve(intervals.means(found))},
                RECALL,
            ),
            "class_recall_line_chart": axis.chart(
                Text("{title}: recall by class", "{title}与各类别召回率").filled(title=title), curves, RECALL
            ),
        }

    return Subject(BOXES, Text("recall", "召回率"), found, charts)
