"""What the figures of a detector advise."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple

import numpy as np

from ..advice import NOTABLE, SERIOUS, WELL, few, finding, is_weak, uneven
from ..arithmetic import mean
from ..texts import Text, listing
from .figures import Chosen
from .samples import Samples

POOR = 0.1


class Figures(NamedTuple):
    """All that the report shows: AP by threshold and class, counts of boxes, kinds of mistakes."""

    ap: Any
    truth: Any
    chosen: Chosen
    f1: float
    false: Dict[str, int]
    missed: Dict[str, int]


def findings(samples: Samples, figures: Figures) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    for look in (_poor, _loose, _false, _missed, _weak_classes):
        found.extend(look(samples, figures))
    found.extend(few(samples.classes.names, figures.truth))
    found.extend(uneven(samples.classes.names, figures.truth))
    found.append(_confidence(figures))
    if not is_weak(found):
        found.append(_well(figures))
    return found


def _poor(samples: Samples, figures: Figures) -> Iterator[Dict[str, Any]]:
    reached = mean(figures.ap[0])
    if reached < POOR:
        yield finding(
            SERIOUS,
            Text(
                "mAP@0.5 is {reached:.3f}: hardly a box is right.",
                "mAP@0.5 仅为 {reached:.3f}，几乎没有正确的检测框。",
            ).filled(reached=reached),
            Text(
                "Check that predictions and labels number classes alike, and that boxes are ymin, xmin, ymax, xmax "
                "in both and scaled back to the size of the picture.",
                "请检查预测与标注的类别编号是否一致，框的坐标是否都按 ymin、xmin、ymax、xmax 排列，"
                "以及预测框是否已还原到原图尺寸。",
            ),
        )


def _loose(samples: Samples, figures: Figures) -> Iterator[Dict[str, Any]]:
    """Objects are found, but their boxes do not fit well: AP falls by half between IoU 0.5 and 0.75."""
    at_half, at_three_quarters = mean(figures.ap[0]), mean(figures.ap[5])
    if at_half >= POOR and at_three_quarters < at_half / 2:
        yield finding(
            NOTABLE,
            Text(
                "Boxes fit loosely: mAP is {half:.3f} at IoU 0.5 and {quarters:.3f} at 0.75.",
                "检测框不够准确：IoU 为 0.5 时 mAP 为 {half:.3f}，IoU 为 0.75 时仅为 {quarters:.3f}。",
            ).filled(half=at_half, quarters=at_three_quarters),
            Text(
                "Train longer or with more weight on the loss of boxes, choose anchors that suit the objects' sizes, "
                "and look whether the labels themselves fit tightly.",
                "请延长训练或提高边框损失的权重，选用与目标尺寸相符的锚框，并检查标注框本身是否贴合目标。",
            ),
        )


_REMEDIES = {
    "class": Text(
        "Add samples of the classes that are taken for one another; look at their labels.",
        "请补充容易混淆的类别的样本，并检查它们的标注。",
    ),
    "location": Text(
        "Choose anchors that suit the objects' sizes, raise the resolution, give the loss of boxes more weight.",
        "请选用与目标尺寸相符的锚框，提高输入分辨率，或提高边框损失的权重。",
    ),
    "duplicate": Text(
        "Lower the IoU threshold of non-maximum suppression.",
        "请降低非极大值抑制（NMS）的 IoU 阈值。",
    ),
    "class_and_location": Text(
        "Look at these pictures: neither class nor place is learnt well there.",
        "请查看这些图片：模型对其中目标的类别和位置都没有学好。",
    ),
    "background": Text(
        "Look whether labels are missing in these pictures; add pictures like them to the training set.",
        "请检查这些图片是否漏标，并在训练集中补充类似的图片。",
    ),
}

KINDS = {
    "correct": Text("Correct", "正确"),
    "found": Text("Found", "已检出"),
    "class": Text("Wrong class", "类别错误"),
    "location": Text("Wrong location", "位置错误"),
    "duplicate": Text("Duplicate", "重复检测"),
    "class_and_location": Text("Wrong class and location", "类别和位置都错误"),
    "background": Text("Background", "背景误检"),
}
NOT_SEEN = Text("Nothing detected there", "未检测到")


def _false(samples: Samples, figures: Figures) -> Iterator[Dict[str, Any]]:
    total = sum(figures.false.values())
    wrong = {kind: count for kind, count in figures.false.items() if kind != "correct"}
    kind = max(wrong, key=lambda one: wrong[one])
    if wrong[kind] > 0.1 * total:
        yield finding(
            NOTABLE,
            Text(
                "Of {total} predicted boxes {wrong} are wrong, most often: {kind} ({count}).",
                "{total} 个检测框中有 {wrong} 个错误，最常见的是{kind}（{count} 个）。",
            ).filled(total=total, wrong=sum(wrong.values()), kind=KINDS[kind], count=wrong[kind]),
            _REMEDIES[kind],
        )


def _missed(samples: Samples, figures: Figures) -> Iterator[Dict[str, Any]]:
    total = sum(figures.missed.values())
    missed = {kind: count for kind, count in figures.missed.items() if kind != "found"}
    kind = max(missed, key=lambda one: missed[one])
    if missed[kind] > 0.1 * total:
        remedy = _REMEDIES[kind]
        if kind == "background":
            remedy = Text(
                "Add objects like them to the training set; see which ones they are under the sensitivity to boxes.",
                "请在训练集中补充这类目标；它们的特点可在目标框的敏感度分析中查看。",
            )
        yield finding(
            NOTABLE,
            Text(
                "Of {total} labelled boxes {missed} are missed, most often: {kind} ({count}).",
                "{total} 个标注框中有 {missed} 个漏检，最常见的是{kind}（{count} 个）。",
            ).filled(
                total=total,
                missed=sum(missed.values()),
                kind=NOT_SEEN if kind == "background" else KINDS[kind],
                count=missed[kind],
            ),
            remedy,
        )


def _weak_classes(samples: Samples, figures: Figures) -> Iterator[Dict[str, Any]]:
    ap = figures.ap[0]
    weak = np.flatnonzero(np.isfinite(ap) & (ap < mean(ap) - 0.2))
    if len(weak) and mean(ap) >= POOR:
        weak = weak[np.argsort(ap[weak], kind="mergesort")]
        yield finding(
            NOTABLE,
            Text(
                "Well below the mean of {mean:.3f} in AP@0.5: {names}.",
                "以下类别的 AP@0.5 明显低于平均值 {mean:.3f}：{names}。",
            ).filled(mean=mean(ap), names=listing([samples.classes.names[one] for one in weak])),
            Text("Add samples of these classes, and look at their labels.", "请补充这些类别的样本，并检查它们的标注。"),
        )


def _confidence(figures: Figures) -> Dict[str, Any]:
    return finding(
        WELL,
        Text(
            "F1 over all classes is highest, {f1:.3f}, at a confidence of {confidence:.3f}.",
            "置信度阈值为 {confidence:.3f} 时，全部类别的 F1 值最高，为 {f1:.3f}。",
        ).filled(f1=figures.f1, confidence=figures.chosen.confidence),
        Text("It is a good threshold to start a service with.", "部署服务时可以先采用这一阈值。"),
    )


def _well(figures: Figures) -> Dict[str, Any]:
    return finding(
        WELL,
        Text("mAP@0.5 is {reached:.3f}.", "mAP@0.5 为 {reached:.3f}。").filled(reached=mean(figures.ap[0])),
        Text("No class and no kind of mistake stands out.", "没有明显薄弱的类别，也没有突出的错误类型。"),
    )
