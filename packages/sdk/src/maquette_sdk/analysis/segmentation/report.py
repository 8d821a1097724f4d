"""The report on a segmentation: its sections, and one record for each picture."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import numpy as np

from .. import charts
from ..advice import overview
from ..arithmetic import mean, ratio
from ..records import features_of
from ..sensitivity import section
from ..texts import Text
from . import advice, sensitivity
from .figures import PerClass, per_class
from .samples import Samples


def report(samples: Samples, features: Dict[str, Any]) -> Dict[str, Any]:
    matrix = samples.matrix
    figures = per_class(matrix.diagonal(), matrix.sum(1), matrix.sum(0))
    findings = advice.findings(samples, figures)
    precision = {
        "count": _count(samples),
        "comprehensive_precision": _comprehensive(samples, figures),
        "cm": charts.confusion_table(samples.classes.names, matrix, PIXELS),
        "diagnosis": findings,
    }
    shown = np.flatnonzero(matrix.sum(0) + matrix.sum(1))
    by_feature, weak = section([(features, sensitivity.subject(samples, shown))])
    if by_feature:
        by_feature["diagnosis"] = weak
    common = {"pa": _overall(samples, figures), "diagnosis": overview(findings + weak)}
    return {"common": common, "precision_performance": precision, "feature_sensitivity": by_feature}


PIXELS = Text(
    "Pixels. Rows are predicted classes, columns actual ones; the diagonal holds what is right.",
    "像素数。行为预测类别，列为实际类别，对角线上为预测正确的像素数。",
)


def _overall(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    value = {
        Text("Pixel accuracy", "像素准确率"): samples.matrix.diagonal().sum() / samples.matrix.sum(),
        Text("Mean pixel accuracy", "平均像素准确率"): mean(np.where(samples.matrix.sum(0), figures.recall, np.nan)),
        "mIoU": mean(figures.iou),
        Text("Mean Dice", "平均 Dice 系数"): mean(figures.dice),
    }
    return charts.operation(
        Text("Pixel accuracy", "像素准确率"),
        Text(
            "Pixel accuracy: share of all pixels that are right. Mean pixel accuracy: the same by true class. "
            "mIoU and mean Dice: over the classes that occur or are predicted, from all pixels together.",
            "像素准确率：预测正确的像素占全部像素的比例。平均像素准确率：按实际类别计算后取平均。"
            "mIoU 与平均 Dice 系数：由全部像素统计，对出现过或被预测过的类别取平均。",
        ),
        value={name: charts.rounded(figure) for name, figure in value.items()},
    )


def _count(samples: Samples) -> Dict[str, Any]:
    pixels = samples.matrix.sum(0)
    value = {
        Text("Total images", "图片总数"): len(samples),
        Text("Total pixels", "像素总数"): int(pixels.sum()),
        Text("Total classes", "类别总数"): len(samples.classes),
    }
    bars = charts.shares(samples.classes.names, pixels.tolist())
    return charts.operation(
        Text("Category distribution", "类别分布"),
        Text("How many pixels of each class there are.", "各类别的像素数量。"),
        value=value,
        bar_chart={Text("Category distribution", "类别分布"): bars},
    )


def _comprehensive(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    rows = {
        "IoU": figures.iou,
        "Dice": figures.dice,
        Text("Precision", "精确率"): figures.precision,
        Text("Recall", "召回率"): figures.recall,
    }
    cells = [[charts.rounded(mean(row))] + [charts.rounded(value) for value in row] for row in rows.values()]
    title = Text("Precision-related Metrics", "精度相关指标")
    return charts.operation(
        Text("IoU and Dice", "IoU 与 Dice 系数"),
        Text(
            "IoU: pixels that are rightly predicted as a class, divided by those that are predicted or labelled so. "
            "Dice: twice the former, divided by the sum of both. A class that neither occurs nor is predicted has "
            "no figures.",
            "IoU：某类别预测正确的像素数，除以预测或标注为该类别的像素总数。"
            "Dice 系数：预测正确像素数的两倍，除以预测像素数与标注像素数之和。既未出现也未被预测的类别没有指标。",
        ),
        table={title: charts.table(charts.LABELS, list(rows), [charts.MACRO] + samples.classes.names, cells)},
    )


def records(samples: Samples, places: List[str], features: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """`all_samples.json`: the classes that are labelled and predicted in each picture, and how well they fit."""
    names = samples.classes.names
    accuracy = ratio(samples.right.sum(1), samples.truth.sum(1), np.nan)
    miou = mean(per_class(samples.right, samples.predicted, samples.truth).iou, 1)
    for one in range(len(samples)):
        yield {
            "labels": [{"name": names[kind]} for kind in np.flatnonzero(samples.truth[one])],
            "predict_labels": [{"name": names[kind]} for kind in np.flatnonzero(samples.predicted[one])],
            "score": "1.0",
            "pixel_accuracy": charts.rounded(accuracy[one]),
            "miou": charts.rounded(miou[one]),
            "obs_path": places[one] if places else "",
            "feature": features_of(features, one),
        }
