"""What a report advises: findings from its figures, each with a suggestion and a level."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import numpy as np

from .texts import Text, listing

SERIOUS, NOTABLE, WELL = 1, 2, 3
"""Level 1: mend this first. Level 2: worth work. Level 3: for information."""

MOST_IN_OVERVIEW = 5
FEW = 10
UNEVEN = 5.0


def finding(level: int, diagnosis: Text, suggestion: Text) -> Dict[str, Any]:
    return {"diagnosis": diagnosis, "suggestion": suggestion, "link": "", "link_text": "", "level": level}


def by_level(findings: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    return sorted(findings, key=lambda one: int(one["level"]))


def overview(findings: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The most important ones; what is merely well is left out where something is not."""
    ordered = by_level(findings)
    wanting = [one for one in ordered if one["level"] != WELL]
    return (wanting or ordered)[:MOST_IN_OVERVIEW]


def is_weak(findings: List[Dict[str, Any]]) -> bool:
    return any(one["level"] != WELL for one in findings)


def few(names: Any, counts: Any) -> Iterator[Dict[str, Any]]:
    """Classes with so few samples (or boxes) that their figures are chance."""
    rare = np.flatnonzero((counts > 0) & (counts < FEW))
    if len(rare):
        yield finding(
            NOTABLE,
            Text(
                "Fewer than {least} samples: {names}. Their figures say little.",
                "以下类别的样本少于 {least} 个：{names}，其指标参考意义有限。",
            ).filled(least=FEW, names=listing([names[one] for one in rare])),
            Text("Add samples of these classes to the evaluation set.", "请在评估集中补充这些类别的样本。"),
        )


def uneven(names: Any, counts: Any) -> Iterator[Dict[str, Any]]:
    present = np.flatnonzero(counts)
    most, least = int(present[counts[present].argmax()]), int(present[counts[present].argmin()])
    times = counts[most] / counts[least]
    if times >= UNEVEN:
        yield finding(
            NOTABLE,
            Text(
                "The classes are uneven: '{most}' has {times:.1f} times as many samples as '{least}'.",
                "类别分布不均衡：“{most}”的样本数是“{least}”的 {times:.1f} 倍。",
            ).filled(most=names[most], least=names[least], times=times),
            Text(
                "If training is as uneven, add samples of the rare classes or weight them in the loss; "
                "judge by the averages over classes rather than by one figure over all samples.",
                "如果训练集同样不均衡，请补充稀少类别的样本或在损失函数中加权；评价时请看各类别的平均值，而不要只看总体指标。",
            ),
        )
