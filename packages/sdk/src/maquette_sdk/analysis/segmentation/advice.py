"""What the figures of a segmentation advise."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import numpy as np

from ..advice import NOTABLE, SERIOUS, WELL, finding, is_weak
from ..arithmetic import mean
from ..texts import Text, listing
from .figures import PerClass
from .samples import Samples

FEW_PICTURES = 5


def findings(samples: Samples, figures: PerClass) -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = []
    for look in (_one_answer, _never_found, _confused, _weak, _few):
        found.extend(look(samples, figures))
    if not is_weak(found):
        found.append(_well(samples, figures))
    return found


def _one_answer(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    """Nearly everything is predicted as one class, and that class is not nearly everything."""
    total = samples.matrix.sum()
    predicted, truth = samples.matrix.sum(1) / total, samples.matrix.sum(0) / total
    most = int(predicted.argmax())
    if predicted[most] > 0.95 and truth[most] < 0.9:
        yield finding(
            SERIOUS,
            Text(
                "{share:.1%} of the pixels are predicted as '{name}', which makes up {truth:.1%}.",
                "{share:.1%} 的像素被预测为“{name}”，而其实际占比为 {truth:.1%}。",
            ).filled(share=predicted[most], truth=truth[most], name=samples.classes.names[most]),
            Text(
                "The model has not learnt the other classes. Weight the classes in the loss, train longer, and check "
                "that masks hold class numbers.",
                "模型没有学会其他类别。请在损失函数中对类别加权、延长训练，并检查掩码中是否为类别编号。",
            ),
        )


def _never_found(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    lost = np.flatnonzero((samples.matrix.sum(0) > 0) & (samples.matrix.diagonal() == 0))
    if len(lost):
        yield finding(
            SERIOUS,
            Text("Not one pixel of {names} is recognised.", "{names} 没有一个像素被正确识别。").filled(
                names=listing([samples.classes.names[one] for one in lost])
            ),
            Text(
                "Check that training has these classes under the same numbers; weight them in the loss.",
                "请检查训练集中是否有这些类别、编号是否一致，并在损失函数中对其加权。",
            ),
        )


def _confused(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    """The classes of which the largest share goes to one other class: a fifth or more."""
    truth = samples.matrix.sum(0)
    share = samples.matrix * (1 - np.eye(len(samples.matrix))) / np.maximum(truth, 1)
    for position in np.argsort(-share, axis=None, kind="mergesort")[:3]:
        predicted, true = divmod(int(position), len(share))
        if share[predicted, true] < 0.2:
            continue
        names = samples.classes.names
        yield finding(
            NOTABLE,
            Text(
                "{share:.1%} of the pixels of '{true}' are taken for '{predicted}'.",
                "“{true}”的像素中有 {share:.1%} 被误判为“{predicted}”。",
            ).filled(share=share[predicted, true], true=names[true], predicted=names[predicted]),
            Text(
                "Add pictures that show this class, look whether its masks are complete, or weight it in the loss.",
                "请补充包含该类别的图片，检查其掩码是否完整，或在损失函数中对其加权。",
            ),
        )


def _weak(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    average = mean(figures.iou)
    weak = np.flatnonzero((samples.matrix.sum(0) > 0) & (figures.iou < average - 0.2))
    if len(weak):
        weak = weak[np.argsort(figures.iou[weak], kind="mergesort")]
        yield finding(
            NOTABLE,
            Text(
                "Well below the mean IoU of {average:.3f}: {names}.",
                "以下类别的 IoU 明显低于平均值 {average:.3f}：{names}。",
            ).filled(average=average, names=listing([samples.classes.names[one] for one in weak])),
            Text(
                "Add pictures of these classes; small or thin objects need a higher resolution.",
                "请补充这些类别的图片；细小的目标需要更高的输入分辨率。",
            ),
        )


def _few(samples: Samples, figures: PerClass) -> Iterator[Dict[str, Any]]:
    pictures = (samples.truth > 0).sum(0)
    rare = np.flatnonzero((pictures > 0) & (pictures < FEW_PICTURES))
    if len(rare):
        yield finding(
            NOTABLE,
            Text(
                "In fewer than {least} pictures: {names}. Their figures say little.",
                "以下类别出现在不足 {least} 张图片中：{names}，其指标参考意义有限。",
            ).filled(least=FEW_PICTURES, names=listing([samples.classes.names[one] for one in rare])),
            Text("Add pictures of these classes to the evaluation set.", "请在评估集中补充这些类别的图片。"),
        )


def _well(samples: Samples, figures: PerClass) -> Dict[str, Any]:
    worst = int(np.nanargmin(figures.iou))
    return finding(
        WELL,
        Text(
            "mIoU is {average:.3f}; the lowest IoU of a class is {lowest:.3f} ('{name}').",
            "mIoU 为 {average:.3f}；IoU 最低的类别为“{name}”，其 IoU 为 {lowest:.3f}。",
        ).filled(average=mean(figures.iou), lowest=figures.iou[worst], name=samples.classes.names[worst]),
        Text("No class stands out as weak.", "没有明显薄弱的类别。"),
    )
