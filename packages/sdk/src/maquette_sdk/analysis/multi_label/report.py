"""The report on a classifier that gives several classes: its sections, and one record for each picture."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import numpy as np

from .. import charts
from ..advice import NOTABLE, SERIOUS, WELL, few, finding, is_weak, overview, uneven
from ..arithmetic import ratio
from ..classification.curves import Ranked, pr_operation, roc_operation
from ..classification.figures import PerClass
from ..intervals import COUNT, Intervals
from ..records import features_of, score_text
from ..sensitivity import PICTURES, Axis, Subject, section
from ..texts import Text, listing
from .samples import THRESHOLD, Samples

ACCURACY = Text("Accuracy", "准确率")


def per_class(truth: Any, predicted: Any) -> PerClass:
    counts = truth.sum(0), predicted.sum(0), (truth & predicted).sum(0)
    true, shown, right = counts
    return PerClass(true, shown, right, ratio(right, shown), ratio(right, true), ratio(2.0 * right, true + shown))


def report(samples: Samples, features: Dict[str, Any]) -> Dict[str, Any]:
    figures = per_class(samples.truth, samples.predicted)
    exact = (samples.truth == samples.predicted).all(1)
    ranked = [] if samples.scores is None else [_one(samples, one) for one in range(len(samples.classes))]
    roc = roc_operation(ranked)
    findings = list(_findings(samples, figures, exact, roc))
    precision = {
        "count": _count(samples, figures),
        "comprehensive_precision": _comprehensive(samples, figures),
        "ROC": roc,
        "pr": pr_operation(ranked),
        "diagnosis": findings,
    }
    by_feature, weak = section([(features, _subject(samples, exact))])
    if by_feature:
        by_feature["diagnosis"] = weak
    common = {"acc": _accuracy(samples, exact), "diagnosis": overview(findings + weak)}
    return {"common": common, "precision_performance": precision, "feature_sensitivity": by_feature}


def _one(samples: Samples, one: int) -> Ranked:
    scores: Any = samples.scores
    return samples.classes.names[one], lambda: (samples.truth[:, one], scores[:, one])


def _accuracy(samples: Samples, exact: Any) -> Dict[str, Any]:
    by_label = float((samples.truth == samples.predicted).mean())
    return charts.operation(
        ACCURACY,
        Text(
            "Accuracy: share of the pictures with all classes right. By class: share of all answers yes or no.",
            "准确率：全部类别都预测正确的图片占比。逐类别准确率：所有“是/否”判断中正确的比例。",
        ),
        value={
            ACCURACY: charts.rounded(exact.mean()),
            Text("Accuracy by class", "逐类别准确率"): charts.rounded(by_label),
        },
    )


def _count(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    bars = charts.shares(samples.classes.names, figures.truth.tolist())
    return charts.operation(
        Text("Category distribution", "类别分布"),
        Text("How many pictures of each class there are.", "各类别的图片数量。"),
        value={
            Text("Total images", "图片总数"): len(samples),
            Text("Total classes", "类别总数"): len(samples.classes),
        },
        bar_chart={Text("Category distribution", "类别分布"): bars},
    )


def _comprehensive(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    occurring = (figures.truth + figures.predicted) > 0
    cells = [
        [charts.rounded(values[occurring].mean())] + [charts.rounded(value) for value in values]
        for values in (figures.precision, figures.recall, figures.f1)
    ]
    rows = [Text("Precision", "精确率"), Text("Recall", "召回率"), Text("F1 Score", "F1 值")]
    title = Text("Precision-related Metrics", "精度相关指标")
    return charts.operation(
        Text("Precision, recall and F1", "精确率、召回率与 F1 值"),
        Text(
            "A class counts as predicted above a confidence of {threshold}.",
            "置信度大于 {threshold} 的类别视为预测结果。",
        ).filled(threshold=THRESHOLD),
        table={title: charts.table(charts.LABELS, rows, [charts.MACRO] + samples.classes.names, cells)},
    )


def _subject(samples: Samples, exact: Any) -> Subject:
    right = exact.astype(float)

    def charts_of(intervals: Intervals, axis: Axis) -> Dict[str, Any]:
        title = axis.feature.title
        rows = []
        for interval in range(COUNT):
            chosen = intervals.which == interval
            found = per_class(samples.truth[chosen], samples.predicted[chosen])
            rows.append(ratio(2.0 * found.right, found.truth + found.predicted, np.nan))
        f1 = np.array(rows)
        return {
            "acc_line_chart": axis.chart(
                Text("{title}: accuracy", "{title}与准确率").filled(title=title),
                {ACCURACY: axis.curve(intervals.means(right))},
                ACCURACY,
            ),
            "f1_line_chart": axis.chart(
                Text("{title}: F1 by class", "{title}与各类别 F1 值").filled(title=title),
                {name: axis.curve(f1[:, one]) for one, name in enumerate(samples.classes.names)},
                Text("F1", "F1 值"),
            ),
        }

    return Subject(PICTURES, Text("accuracy", "准确率"), right, charts_of)


def _findings(samples: Samples, figures: PerClass, exact: Any, roc: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    found = [*_by_chance(roc), *_never_found(samples, figures), *_weak(samples, figures)]
    found += few(samples.classes.names, figures.truth)
    if figures.truth.any():
        found += uneven(samples.classes.names, figures.truth)
    yield from found
    if not is_weak(found):
        yield finding(
            WELL,
            Text(
                "All classes are right on {share:.1%} of the pictures.", "{share:.1%} 的图片全部类别预测正确。"
            ).filled(share=float(exact.mean())),
            Text("No class stands out as weak.", "没有明显薄弱的类别。"),
        )


def _by_chance(roc: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    if roc and roc["value"][charts.MACRO] < 0.6:
        yield finding(
            SERIOUS,
            Text(
                "The mean AUC is {auc:.3f}: the confidences hardly tell the classes apart (0.5 is chance).",
                "平均 AUC 为 {auc:.3f}，置信度几乎不能区分各类别（随机猜测为 0.5）。",
            ).filled(auc=roc["value"][charts.MACRO]),
            Text(
                "Check that the loss falls, the learning rate, and that predictions and labels order classes alike.",
                "请检查损失是否下降、学习率是否合适，以及预测与标注的类别顺序是否一致。",
            ),
        )


def _never_found(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    lost = np.flatnonzero((figures.truth > 0) & (figures.right == 0))
    if len(lost):
        yield finding(
            SERIOUS,
            Text("Not one picture of {names} is recognised.", "{names} 的图片没有一张被正确识别。").filled(
                names=listing([samples.classes.names[one] for one in lost])
            ),
            Text(
                "Weight rare classes in the loss, or lower the threshold of these classes.",
                "请在损失函数中对稀少类别加权，或降低这些类别的阈值。",
            ),
        )


def _weak(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    present = figures.truth > 0
    average = float(figures.f1[present].mean()) if present.any() else 0.0
    weak = np.flatnonzero(present & (figures.right > 0) & (figures.f1 < average - 0.2))
    if len(weak):
        yield finding(
            NOTABLE,
            Text(
                "Well below the mean F1 of {average:.3f}: {names}.",
                "以下类别的 F1 值明显低于平均值 {average:.3f}：{names}。",
            ).filled(average=average, names=listing([samples.classes.names[one] for one in weak])),
            Text(
                "Add pictures of these classes, and look whether their labels are complete.",
                "请补充这些类别的图片，并检查它们的标注是否完整。",
            ),
        )


def records(samples: Samples, places: List[str], features: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """`all_samples.json`: the true and the predicted classes of each picture, these with their confidences."""
    names = samples.classes.names
    for one in range(len(samples)):
        shown = np.flatnonzero(samples.predicted[one])
        scores = np.ones(len(names)) if samples.scores is None else samples.scores[one]
        yield {
            "labels": [{"name": names[kind]} for kind in np.flatnonzero(samples.truth[one])],
            "predict_labels": [{"name": names[kind], "score": score_text(scores[kind])} for kind in shown],
            "score": score_text(scores[shown].max() if len(shown) else 0.0),
            "obs_path": places[one] if places else "",
            "feature": features_of(features, one),
        }
