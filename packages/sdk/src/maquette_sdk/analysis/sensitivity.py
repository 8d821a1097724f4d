"""The section `feature_sensitivity`: how well a model does by ranges of each feature, and what that advises."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import numpy as np

from .advice import NOTABLE, WELL, finding
from .charts import SHARE, line_chart, operation, points, rounded, up_to
from .features import FEATURES, Feature
from .intervals import Intervals, Weakness, weakness
from .texts import Text, listing

DESCRIPTION = Text(
    "{meaning} The range is cut into ten equal intervals; a gap stands where an interval has nothing to measure.",
    "{meaning}取值范围等分为十个区间；没有样本可供统计的区间处曲线断开。",
)
SHARE_AXIS = Text("Value", "指标值")


class Subject(NamedTuple):
    """Whose quality is looked at: pictures or boxes, each with a figure between 0 and 1."""

    items: Text
    measure: Text
    quality: Any
    charts: Callable[[Intervals, "Axis"], Dict[str, Any]]


class Axis(NamedTuple):
    """The feature along which charts are drawn."""

    feature: Feature
    intervals: Intervals

    def chart(self, name: Text, curves: Dict[Any, Any], y: Text = SHARE_AXIS, y_range: Any = SHARE) -> Dict[str, Any]:
        x_range = [rounded(edge) for edge in self.intervals.edges]
        return line_chart(name, self.feature.title, y, curves, x_range, y_range)

    def curve(self, values: Any) -> Any:
        return points(self.intervals.centres, values)


def section(parts: List[Tuple[Dict[str, Any], Subject]]) -> Tuple[Dict[str, Any], List[Dict[str, Any]]]:
    """Operations by feature, and the findings; each part has its features and whose they are."""
    operations, findings, steady = {}, [], []
    for features, subject in parts:
        for name, values in features.items():
            if not np.isfinite(values).any():
                continue
            axis = Axis(FEATURES[name], Intervals(values))
            operations[name] = _operation(axis, subject)
            weak = weakness(axis.intervals, subject.quality)
            if weak:
                findings.append(_found(axis.feature, subject, weak))
            else:
                steady.append(axis.feature.title)
    if operations and steady:
        findings.append(_steady(steady))
    return operations, findings


def _operation(axis: Axis, subject: Subject) -> Dict[str, Any]:
    counts = axis.intervals.counts()
    number = SAMPLES if subject.items is PICTURES else Text("Number of boxes", "目标框数量")
    charts = subject.charts(axis.intervals, axis)
    charts["feature_line_chart"] = axis.chart(
        Text("{title}: distribution", "{title}分布").filled(title=axis.feature.title),
        {number: [[rounded(x), int(count)] for x, count in zip(axis.intervals.centres, counts)]},
        number,
        up_to(counts.max()),
    )
    description = DESCRIPTION.filled(meaning=axis.feature.meaning)
    return operation(axis.feature.title, description, line_chart=charts)


PICTURES = Text("pictures", "张图片")
SAMPLES = Text("Number of samples", "样本数量")
BOXES = Text("boxes", "个目标框")

_BELOW = Text("below", "小于")
_ABOVE = Text("from", "不小于")


def _found(feature: Feature, subject: Subject, weak: Weakness) -> Dict[str, Any]:
    diagnosis = Text(
        "{title} {side} {edge:.4g}: {measure} {quality:.3f} on {samples} {items}, against {elsewhere:.3f} elsewhere.",
        "{title}{side} {edge:.4g} 的 {samples} {items}上{measure}为 {quality:.3f}，其余为 {elsewhere:.3f}。",
    ).filled(
        title=feature.title,
        side=_BELOW if weak.below else _ABOVE,
        measure=subject.measure,
        items=subject.items,
        **weak._asdict(),
    )
    return finding(NOTABLE, diagnosis, feature.low if weak.below else feature.high)


def _steady(titles: List[Text]) -> Dict[str, Any]:
    listed = Text(listing([one.en for one in titles], 20).en, listing([one.zh for one in titles], 20).zh)
    return finding(
        WELL,
        Text("No clear dependence on: {listed}.", "未发现对以下特征的明显敏感：{listed}。").filled(listed=listed),
        Text("Nothing needs to be done about these.", "无需处理。"),
    )
