"""ROC and PR curves of each class against all others."""

from __future__ import annotations

from typing import Any, Callable, Dict, Sequence, Tuple

import numpy as np

from .. import charts
from ..texts import Text
from .figures import precision_recall, roc

Ranked = Tuple[str, Callable[[], Tuple[Any, Any]]]
"""A class's name, and a call that gives which samples are of it and their scores; made one at a time."""


def roc_operation(ranked: Sequence[Ranked]) -> Dict[str, Any]:
    """Empty without scores, and where no class has both positive and negative samples."""
    return _operation(
        ranked, roc, "roc_line_chart", "AUC",
        (Text("ROC curve", "ROC 曲线"), Text("False positive rate", "假正率"), Text("True positive rate", "真正率")),
        Text(
            "Each class against all others, at every threshold of confidence. "
            "AUC: area under the curve, 0.5 by chance.",
            "在各置信度阈值下，每个类别相对其余类别的表现。AUC 为曲线下面积，随机猜测为 0.5。",
        ),
    )  # fmt: skip


def pr_operation(ranked: Sequence[Ranked]) -> Dict[str, Any]:
    return _operation(
        ranked, precision_recall, "pr_line_chart", Text("Average precision", "平均精确率"),
        (Text("PR curve", "PR 曲线"), Text("Recall", "召回率"), Text("Precision", "精确率")),
        Text(
            "Each class against all others, at every threshold of confidence.",
            "在各置信度阈值下，每个类别的精确率与召回率。",
        ),
    )  # fmt: skip


def _operation(
    ranked: Sequence[Ranked], draw: Any, chart: str, area: Any, told: Tuple[Text, Text, Text], description: Text
) -> Dict[str, Any]:
    curves, areas = {}, {}
    for name, of in ranked:
        curve = draw(*of())
        if curve:
            curves[name] = charts.points(curve.x, curve.y)
            areas[name] = curve.area
    if not curves:
        return {}
    cells = [[charts.rounded(one) for one in areas.values()]]
    return charts.operation(
        told[0],
        description,
        value={charts.MACRO: charts.rounded(np.mean(list(areas.values())))},
        table={area: charts.table(charts.LABELS, [area], list(areas), cells)},
        line_chart={chart: charts.line_chart(*told, curves)},
    )
