"""The report on a detector: its sections, and one record for each picture."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np

from .. import charts
from ..advice import overview
from ..arithmetic import mean, ratio
from ..pictures import Measured
from ..records import features_of
from ..sensitivity import section
from ..texts import Text
from . import advice, sensitivity
from .boxes import box_features, picture_features
from .figures import (
    CONFIDENCES,
    RECALLS,
    best_confidence,
    by_class,
    f1_by_confidence,
    false_detections,
    missed_detections,
    precisions,
)
from .matching import THRESHOLDS, Matches, match
from .samples import Boxes, Samples

MAP = Text("mAP", "mAP")
ALL = Text("All classes", "全部类别")


class Report:
    """Computes the figures once; `sections` and `records` tell them."""

    def __init__(self, samples: Samples, measured: Optional[Measured]) -> None:
        self.samples = samples
        self.matches: Matches = match(samples.found, samples.true)
        self.reached = precisions(samples, self.matches, by_class(samples.found))
        self.chosen = best_confidence(samples, self.matches)
        self.features = picture_features(samples, measured)
        self.of_boxes = box_features(samples, measured)
        kinds = len(samples.classes)
        self.truth = np.bincount(samples.true.kind, minlength=kinds)
        self.predicted = np.bincount(samples.found.kind[self.chosen.kept], minlength=kinds)
        self.right = np.bincount(samples.found.kind[self.chosen.right], minlength=kinds)
        self.ap = self.reached.mean(1)
        """By threshold (row) and class (column); NaN where a class has no true box."""

    def sections(self) -> Dict[str, Any]:
        total = self.truth.sum() + self.predicted.sum()
        figures = advice.Figures(
            self.ap, self.truth, self.chosen, float(2 * self.right.sum() / total),
            false_detections(self.samples, self.chosen), missed_detections(self.samples, self.chosen),
        )  # fmt: skip
        findings = advice.findings(self.samples, figures)
        precision = {
            "count": self._count(),
            "comprehensive_precision": self._comprehensive(),
            "pr": self._pr(),
            "map_iou": self._map_by_iou(),
            "f1_confidence": self._f1_by_confidence(),
            "false_detection": _pie(FALSE, figures.false, "background", advice.KINDS["background"]),
            "missed_detection": _pie(MISSED, figures.missed, "background", advice.NOT_SEEN),
            "diagnosis": findings,
        }
        by_feature, weak = self._sensitivity()
        common = {"map": self._map(), "diagnosis": overview(findings + weak)}
        return {"common": common, "precision_performance": precision, "feature_sensitivity": by_feature}

    def _sensitivity(self) -> Any:
        shown = np.flatnonzero(self.truth)
        by_feature, weak = section(
            [
                (self.features, sensitivity.pictures(self.samples, self.matches, self.chosen, shown)),
                (self.of_boxes, sensitivity.boxes(self.samples, self.chosen, shown)),
            ]
        )
        by_feature["diagnosis"] = weak
        return by_feature, weak

    def _map(self) -> Dict[str, Any]:
        return charts.operation(
            MAP,
            Text(
                "Mean over the classes of the average precision, as the COCO evaluation computes it.",
                "各类别平均精度的均值，按 COCO 的方法计算。",
            ),
            value={
                "mAP@0.5:0.95": charts.rounded(mean(self.ap)),
                "mAP@0.5": charts.rounded(mean(self.ap[0])),
                "mAP@0.75": charts.rounded(mean(self.ap[5])),
            },
        )

    def _count(self) -> Dict[str, Any]:
        value = {
            Text("Total images", "图片总数"): self.samples.pictures,
            Text("Total boxes", "目标框总数"): len(self.samples.true.image),
            Text("Total classes", "类别总数"): len(self.samples.classes),
        }
        bars = charts.shares(self.samples.classes.names, self.truth.tolist())
        return charts.operation(
            Text("Category distribution", "类别分布"),
            Text("How many labelled boxes of each class there are.", "各类别的标注框数量。"),
            value=value,
            bar_chart={Text("Category distribution", "类别分布"): bars},
        )

    def _comprehensive(self) -> Dict[str, Any]:
        unknown = np.where(self.truth > 0, 1, np.nan)
        precision = ratio(self.right, self.predicted) * unknown
        recall = ratio(self.right, self.truth) * unknown
        f1 = ratio(2.0 * self.right, self.truth + self.predicted) * unknown
        rows = {
            Text("Precision", "精确率"): precision,
            Text("Recall", "召回率"): recall,
            Text("F1 Score", "F1 值"): f1,
            "AP@0.5": self.ap[0],
            "AP@0.5:0.95": self.ap.mean(0),
        }
        cells = [[charts.rounded(mean(row))] + [charts.rounded(value) for value in row] for row in rows.values()]
        title = Text("Precision-related Metrics", "精度相关指标")
        return charts.operation(
            Text("Precision, recall and F1", "精确率、召回率与 F1 值"),
            Text(
                "At IoU 0.5 and confidence {confidence:.3f}, where F1 over all classes is highest. "
                "A class without labelled boxes has no figures.",
                "IoU 为 0.5、置信度阈值为 {confidence:.3f}（全部类别的 F1 值最高）时的指标。"
                "没有标注框的类别不计算指标。",
            ).filled(confidence=self.chosen.confidence),
            table={title: charts.table(charts.LABELS, list(rows), [charts.MACRO] + self.samples.classes.names, cells)},
        )

    def _pr(self) -> Dict[str, Any]:
        curves = {
            self.samples.classes.names[one]: charts.points(RECALLS, self.reached[0, :, one])
            for one in np.flatnonzero(self.truth)
        }
        chart = charts.line_chart(
            Text("PR curve", "PR 曲线"), Text("Recall", "召回率"), Text("Precision", "精确率"), curves
        )
        return charts.operation(
            Text("Precision and recall", "精确率与召回率"),
            Text(
                "At IoU 0.5: the best precision at each recall or beyond it.",
                "IoU 为 0.5 时，不低于各召回率处的最高精确率。",
            ),
            line_chart={"pr_line_chart": chart},
        )

    def _map_by_iou(self) -> Dict[str, Any]:
        curve = charts.points(THRESHOLDS, [mean(row) for row in self.ap])
        edges = [round(0.5 + 0.05 * step, 2) for step in range(11)]
        name = Text("mAP by IoU threshold", "不同 IoU 阈值下的 mAP")
        return charts.operation(
            name,
            Text("How mAP falls as boxes have to fit better.", "对检测框位置的要求提高时 mAP 的变化。"),
            line_chart={"map_line_chart": charts.line_chart(name, Text("IoU", "IoU"), MAP, {MAP: curve}, edges)},
        )

    def _f1_by_confidence(self) -> Dict[str, Any]:
        total, by_kind = f1_by_confidence(self.samples, self.matches)
        curves: Dict[Any, Any] = {ALL: charts.points(CONFIDENCES, total)}
        for one in np.flatnonzero(self.truth):
            curves[self.samples.classes.names[one]] = charts.points(CONFIDENCES, by_kind[:, one])
        name = Text("F1 by confidence", "不同置信度阈值下的 F1 值")
        chart = charts.line_chart(name, Text("Confidence", "置信度"), Text("F1", "F1 值"), curves)
        return charts.operation(
            name,
            Text("At IoU 0.5, for a threshold of confidence.", "IoU 为 0.5 时，F1 值随置信度阈值的变化。"),
            value={Text("Best confidence", "最佳置信度阈值"): charts.rounded(self.chosen.confidence)},
            line_chart={"f1_line_chart": chart},
        )

    def records(self, places: List[str]) -> Iterator[Dict[str, Any]]:
        """`all_samples.json`: predicted boxes at or above the best confidence."""
        names = self.samples.classes.names
        found = _by_picture(self.samples.found.chosen(self.chosen.kept), self.samples.pictures)
        true = _by_picture(self.samples.true, self.samples.pictures)
        for one, (predicted, labelled) in enumerate(zip(found, true)):
            yield {
                "labels": [_label(names, kind, box) for kind, box, score in labelled],
                "predict_labels": [{**_label(names, kind, box), "score": str(score)} for kind, box, score in predicted],
                "score": str(predicted[0][2]) if predicted else "0.0",
                "obs_path": places[one] if places else "",
                "feature": features_of(self.features, one),
            }


def _by_picture(boxes: Boxes, pictures: int) -> Iterator[List[Tuple[int, List[float], float]]]:
    """Class, corners and score of the boxes of each picture."""
    ends = np.searchsorted(boxes.image, np.arange(pictures + 1)).tolist()
    for picture in range(pictures):
        part = slice(*ends[picture : picture + 2])
        corners, scores = boxes.box[part].round(5).tolist(), boxes.score[part].round(5).tolist()
        yield list(zip(boxes.kind[part].tolist(), corners, scores))


def _label(names: List[str], kind: int, box: List[float]) -> Dict[str, Any]:
    top, left, bottom, right = box
    feature = [[left, top], [right, bottom]]
    return {"name": names[kind], "property": {"@modelarts:shape": "bndbox", "@modelarts:feature": feature}}


FALSE = (
    Text("False detections", "误检分析"),
    Text(
        "Predicted boxes at the best confidence. Wrong class: IoU over 0.5 with a box of another class. "
        "Wrong location: IoU 0.1 to 0.5 with one of the same class. Duplicate: another box took the object. "
        "Background: IoU below 0.1 with every box.",
        "最佳置信度阈值下的检测框。类别错误：与其他类别的标注框 IoU 大于 0.5。"
        "位置错误：与同类别标注框的 IoU 在 0.1 到 0.5 之间。"
        "重复检测：目标已被另一个框检出。背景误检：与任何标注框的 IoU 都小于 0.1。",
    ),
)
MISSED = (
    Text("Missed detections", "漏检分析"),
    Text(
        "Labelled boxes at the best confidence, and what was predicted instead where they are missed.",
        "最佳置信度阈值下标注框的检出情况，以及漏检处的预测结果。",
    ),
)


def _pie(told: Any, counts: Dict[str, int], last: str, last_name: Text) -> Dict[str, Any]:
    title, description = told
    names = [last_name if kind == last else advice.KINDS[kind] for kind in counts]
    return charts.operation(title, description, pie_chart={title: charts.shares(names, list(counts.values()))})
