"""The report on a classifier: its sections, and one record for each sample."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterator, List

import numpy as np

from .. import charts
from ..advice import overview
from ..records import features_of, score_text
from ..sensitivity import section
from ..texts import Text
from . import advice, curves, sensitivity
from .figures import PerClass, accuracy, confusion, per_class
from .samples import Samples

logger = logging.getLogger("deep_moxing")

MOST_CLASSES = 1000
"""Tables and curves show at most so many classes; a table of all would not fit into memory, nor into a browser."""

MOST_NEGATIVES = 100
SAMPLES = Text(
    "Rows are predicted classes, columns actual ones; the diagonal holds what is right.",
    "行为预测类别，列为实际类别，对角线上为预测正确的样本数。",
)


def report(samples: Samples, places: List[str], features: Dict[str, Any]) -> Dict[str, Any]:
    """`common`, `precision_performance` and `feature_sensitivity`; `features` of the pictures may be empty."""
    figures = per_class(samples.truth, samples.predicted, len(samples.classes))
    shown = shown_classes(figures)
    matrix = _matrix(samples, shown)
    findings = advice.findings(samples, figures, matrix)
    names = [samples.classes.names[one] for one in shown]
    ranked = [] if samples.scores is None else [_one_against_all(samples, one) for one in shown]
    precision = {
        "count": _count(samples, figures, shown),
        "comprehensive_precision": _comprehensive(samples, figures, shown),
        "cm": charts.confusion_table(names, matrix, SAMPLES),
        "ROC": curves.roc_operation(ranked),
        "pr": curves.pr_operation(ranked),
        "get_negative_samples_cls": _negatives(samples, places),
        "diagnosis": findings,
    }
    by_feature, weak = section([(features, sensitivity.subject(samples, shown))])
    if by_feature:
        by_feature["diagnosis"] = weak
    common = {"acc": _accuracy(samples), "diagnosis": overview(findings + weak)}
    return {"common": common, "precision_performance": precision, "feature_sensitivity": by_feature}


def _one_against_all(samples: Samples, one: int) -> curves.Ranked:
    scores: Any = samples.scores
    return samples.classes.names[one], lambda: (samples.truth == one, scores[:, one])


def shown_classes(figures: PerClass) -> Any:
    """Positions of the classes in tables and curves: all, or the most frequent ones."""
    count = len(figures.truth)
    if count <= MOST_CLASSES:
        return np.arange(count)
    logger.warning("Of %d classes, tables and curves show the %d most frequent.", count, MOST_CLASSES)
    return np.sort(np.argsort(-(figures.truth + figures.predicted), kind="mergesort")[:MOST_CLASSES])


def _matrix(samples: Samples, shown: Any) -> Any:
    """The confusion of the shown classes; a last row and column stand for the others, where there are any."""
    count = len(shown) + (len(shown) < len(samples.classes))
    place = np.full(len(samples.classes), count - 1)
    place[shown] = np.arange(len(shown))
    return confusion(place[samples.truth], place[samples.predicted], count)


def _accuracy(samples: Samples) -> Dict[str, Any]:
    return charts.operation(
        Text("Accuracy", "准确率"),
        Text("Share of the samples that are predicted rightly.", "预测正确的样本占全部样本的比例。"),
        value={Text("Accuracy", "准确率"): charts.rounded(accuracy(samples.truth, samples.predicted))},
    )


def _count(samples: Samples, figures: PerClass, shown: Any) -> Dict[str, Any]:
    value = {Text("Total images", "图片总数"): len(samples), Text("Total classes", "类别总数"): len(samples.classes)}
    if samples.named > len(samples.classes):
        value[Text("Entries of label_map_dict", "label_map_dict 的条目数")] = samples.named
    names = [samples.classes.names[one] for one in shown]
    return charts.operation(
        Text("Category distribution", "类别分布"),
        Text("How many samples of each class there are.", "各类别的样本数量。"),
        value=value,
        bar_chart={Text("Category distribution", "类别分布"): charts.shares(names, figures.truth[shown].tolist())},
    )


def _comprehensive(samples: Samples, figures: PerClass, shown: Any) -> Dict[str, Any]:
    """The macro average is taken over the classes that occur, as labels or as predictions."""
    occurring = (figures.truth + figures.predicted) > 0
    rows = [
        [charts.rounded(values[occurring].mean())] + [charts.rounded(value) for value in values[shown]]
        for values in (figures.precision, figures.recall, figures.f1)
    ]
    names = [samples.classes.names[one] for one in shown]
    return charts.operation(
        Text("Precision, recall and F1", "精确率、召回率与 F1 值"),
        Text(
            "Precision: share of the predictions of a class that are right. Recall: share of its samples that are "
            "found. F1: their harmonic mean. All are 0 where nothing was predicted or nothing is true.",
            "精确率：预测为某类别的样本中预测正确的比例。召回率：某类别的样本中被正确预测的比例。"
            "F1 值：二者的调和平均。没有预测或没有样本时记为 0。",
        ),
        table={
            Text("Precision-related Metrics", "精度相关指标"): charts.table(
                charts.LABELS,
                [Text("Precision", "精确率"), Text("Recall", "召回率"), Text("F1 Score", "F1 值")],
                [charts.MACRO] + names,
                rows,
            )
        },
    )


def _negatives(samples: Samples, places: List[str]) -> Dict[str, Any]:
    wrong = np.flatnonzero(samples.truth != samples.predicted)
    surest = wrong[np.argsort(-samples.confidence[wrong], kind="mergesort")][:MOST_NEGATIVES]
    return charts.operation(
        Text("Wrong predictions", "预测错误的样本"),
        Text(
            "The {most} wrong predictions with the highest confidence.",
            "置信度最高的 {most} 个预测错误的样本。",
        ).filled(most=MOST_NEGATIVES),
        get_negative_samples_cls=[
            {
                "labels": [_label(samples, samples.truth[one])],
                "predict_labels": [_label(samples, samples.predicted[one])],
                "score": score_text(samples.confidence[one]),
                "data_info": places[one] if places else "",
            }
            for one in surest.tolist()
        ],
    )


def _label(samples: Samples, position: int) -> Dict[str, Any]:
    return {"name": samples.classes.names[position], "type": 0, "property": {}}


def records(samples: Samples, places: List[str], features: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """What `all_samples.json` says of each sample."""
    names, confidence = samples.classes.names, samples.confidence
    for one in range(len(samples)):
        yield {
            "labels": [{"name": names[samples.truth[one]]}],
            "predict_labels": [{"name": names[samples.predicted[one]]}],
            "score": score_text(confidence[one]),
            "obs_path": places[one] if places else "",
            "feature": features_of(features, one),
        }
