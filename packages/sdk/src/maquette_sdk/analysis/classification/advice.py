"""What the figures of a classifier advise; every finding follows from counts that the report shows."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import numpy as np

from ..advice import NOTABLE, SERIOUS, WELL, few, finding, is_weak, uneven
from ..texts import Text, listing
from .figures import PerClass, accuracy
from .samples import Samples

OVERCONFIDENT = 0.1
SURE = 0.95


def findings(samples: Samples, figures: PerClass, matrix: Any) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    for look in LOOKS:
        found.extend(look(samples, figures, matrix))
    found.extend(few(samples.classes.names, figures.truth))
    found.extend(uneven(samples.classes.names, figures.truth))
    if not is_weak(found):
        found.append(_well(samples, figures))
    return found


def _no_better_than_one_answer(samples: Samples, figures: PerClass, matrix: Any) -> Iterator[Dict[str, Any]]:
    """The accuracy is within what chance makes of always answering the most frequent class."""
    reached, share = accuracy(samples.truth, samples.predicted), figures.truth.max() / len(samples)
    occurring = np.count_nonzero(figures.truth)
    if occurring > 1 and reached <= share + 2 * np.sqrt(share * (1 - share) / len(samples)):
        yield finding(
            SERIOUS,
            Text(
                "Accuracy is {reached:.3f}; always answering '{name}' would reach {share:.3f}.",
                "准确率为 {reached:.3f}；若始终预测为“{name}”，准确率即可达到 {share:.3f}。",
            ).filled(reached=reached, share=share, name=samples.classes.names[int(figures.truth.argmax())]),
            Text(
                "The model has not learnt to tell the classes apart. Check that the loss falls, the learning rate, "
                "and that training and evaluation prepare pictures and number classes alike.",
                "模型没有学会区分各类别。请检查损失是否下降、学习率是否合适，以及训练和评估的图片预处理与类别编号是否一致。",
            ),
        )


def _never_predicted(samples: Samples, figures: PerClass, matrix: Any) -> Iterator[Dict[str, Any]]:
    lost = np.flatnonzero((figures.truth > 0) & (figures.right == 0))
    if len(lost):
        yield finding(
            SERIOUS,
            Text(
                "Not one sample of {names} is recognised.",
                "{names} 的样本没有一个被正确识别。",
            ).filled(names=listing([samples.classes.names[one] for one in lost])),
            Text(
                "Check that training has these classes under the same numbers, and with enough samples.",
                "请检查训练集中是否有这些类别、编号是否一致，以及样本是否足够。",
            ),
        )


def _confused(samples: Samples, figures: PerClass, matrix: Any) -> Iterator[Dict[str, Any]]:
    """The pairs that are mistaken most often: at least 3 samples, and a tenth of the class."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=int))
    for position in np.argsort(-wrong, axis=None, kind="mergesort")[:3]:
        predicted, true = divmod(int(position), len(matrix))
        count, of = int(wrong[predicted, true]), int(matrix[:, true].sum())
        if count < 3 or count < 0.1 * of:
            continue
        names = samples.classes.names
        yield finding(
            NOTABLE,
            Text(
                "{count} of {of} samples of '{true}' are taken for '{predicted}'.",
                "“{true}”的 {of} 个样本中有 {count} 个被误判为“{predicted}”。",
            ).filled(count=count, of=of, true=names[true], predicted=names[predicted]),
            Text(
                "Add samples in which these two differ, and look at their labels for mistakes.",
                "请补充能体现这两类差异的样本，并检查它们的标注是否有误。",
            ),
        )


def _overconfident(samples: Samples, figures: PerClass, matrix: Any) -> Iterator[Dict[str, Any]]:
    if samples.scores is None:
        return
    mean, reached = float(samples.confidence.mean()), accuracy(samples.truth, samples.predicted)
    if mean - reached >= OVERCONFIDENT:
        yield finding(
            NOTABLE,
            Text(
                "The model is surer than it is right: mean confidence {mean:.3f}, accuracy {reached:.3f}.",
                "模型过于自信：平均置信度为 {mean:.3f}，准确率为 {reached:.3f}。",
            ).filled(mean=mean, reached=reached),
            Text(
                "Train for fewer epochs, with more augmentation, weight decay or label smoothing; "
                "set thresholds of a service by these data and not by the confidence alone.",
                "请减少训练轮数，或加强数据增强、权重衰减、标签平滑；服务的阈值请依据评估数据设定，而不要只看置信度。",
            ),
        )


def _sure_and_wrong(samples: Samples, figures: PerClass, matrix: Any) -> Iterator[Dict[str, Any]]:
    if samples.scores is None:
        return
    wrong = samples.truth != samples.predicted
    count = int((wrong & (samples.confidence >= SURE)).sum())
    if count:
        yield finding(
            WELL,
            Text(
                "{count} of {wrong} mistakes are made with a confidence of {sure} or more.",
                "{wrong} 个误判样本中有 {count} 个的置信度不低于 {sure}。",
            ).filled(count=count, wrong=int(wrong.sum()), sure=SURE),
            Text(
                "Look at them first: wrong labels are often among them. get_negative_samples_cls lists them.",
                "请优先查看这些样本，其中常有标注错误；可在 get_negative_samples_cls 中找到。",
            ),
        )


LOOKS = (_no_better_than_one_answer, _never_predicted, _confused, _overconfident, _sure_and_wrong)


def _well(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    present = np.flatnonzero(figures.truth)
    worst = present[figures.recall[present].argmin()]
    return finding(
        WELL,
        Text(
            "Accuracy is {reached:.3f}; the lowest recall of a class is {recall:.3f} ('{name}').",
            "准确率为 {reached:.3f}；召回率最低的类别为“{name}”，其召回率为 {recall:.3f}。",
        ).filled(
            reached=accuracy(samples.truth, samples.predicted),
            recall=figures.recall[worst],
            name=samples.classes.names[worst],
        ),
        Text("No class stands out as weak.", "没有明显薄弱的类别。"),
    )
