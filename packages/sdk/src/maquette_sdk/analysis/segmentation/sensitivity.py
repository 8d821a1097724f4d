"""IoU of a segmentation by ranges of a picture's features."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from ..arithmetic import mean
from ..intervals import COUNT, Intervals
from ..sensitivity import PICTURES, Axis, Subject
from ..texts import Text
from .figures import per_class
from .samples import Samples

MIOU = Text("mIoU", "mIoU")


def subject(samples: Samples, shown: Any) -> Subject:
    quality = mean(per_class(samples.right, samples.predicted, samples.truth).iou, 1)

    def charts(intervals: Intervals, axis: Axis) -> Dict[str, Any]:
        title = axis.feature.title
        iou = np.array([_iou(samples, intervals.which == one) for one in range(COUNT)])
        curves = {samples.classes.names[one]: axis.curve(iou[:, one]) for one in shown}
        return {
            "miou_line_chart": axis.chart(
                Text("{title}: mIoU", "{title}与 mIoU").filled(title=title), {MIOU: axis.curve(mean(iou, 1))}, MIOU
            ),
            "iou_line_chart": axis.chart(
                Text("{title}: IoU by class", "{title}与各类别 IoU").filled(title=title), curves, Text("IoU", "IoU")
            ),
        }

    return Subject(PICTURES, Text("mean IoU", "平均 IoU"), quality, charts)


def _iou(samples: Samples, chosen: Any) -> Any:
    """IoU by class over the pixels of some pictures."""
    counts = (one[chosen].sum(0, dtype=np.int64) for one in (samples.right, samples.predicted, samples.truth))
    return per_class(*counts).iou
