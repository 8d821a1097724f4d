"""Figures of a detector: average precision as in COCO, F1 by confidence, and why boxes are wrong or missed."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Tuple

import numpy as np

from ..arithmetic import ratio
from .matching import Matches, iou, pairs
from .samples import Boxes, Samples

RECALLS = np.linspace(0, 1, 101)
CONFIDENCES = np.linspace(0, 1, 51)


def by_class(found: Boxes) -> Any:
    """The order of predicted boxes in which curves are drawn: by class, the best first."""
    return np.lexsort((-found.score, found.kind))


def precisions(samples: Samples, matches: Matches, order: Any, images: Any = None) -> Any:
    """Precision by threshold, recall (RECALLS) and class; NaN for classes without true boxes.

    `order` is that of `by_class`; `images` (a mask) restricts it to some pictures.
    """
    found, true = samples.found, samples.true
    used = matches.counted if images is None else matches.counted & images[found.image]
    wanted = np.bincount(true.kind if images is None else true.kind[images[true.image]], minlength=len(samples.classes))
    order = order[used[order]]
    right, kind = matches.right[:, order], found.kind[order]
    edges = np.searchsorted(kind, np.arange(len(samples.classes) + 1))
    reached = np.full((len(right), len(RECALLS), len(samples.classes)), np.nan)
    for one in np.flatnonzero(wanted):
        reached[:, :, one] = _interpolated(right[:, edges[one] : edges[one + 1]], wanted[one])
    return reached


def _interpolated(right: Any, wanted: int) -> Any:
    """The best precision at each recall or beyond it; 0 beyond the highest recall reached."""
    hits = np.cumsum(right, 1)
    recall = hits / wanted
    precision = hits / np.arange(1, right.shape[1] + 1)
    precision = np.maximum.accumulate(precision[:, ::-1], 1)[:, ::-1]
    result = np.zeros((len(right), len(RECALLS)))
    for row in range(len(right)):
        places = np.searchsorted(recall[row], RECALLS, side="left")
        inside = places < right.shape[1]
        result[row, inside] = precision[row, places[inside]]
    return result


class Chosen(NamedTuple):
    """The confidence with the highest F1 over all classes (IoU 0.5), and what holds there."""

    confidence: float
    kept: Any
    """Predicted boxes at or above it."""

    right: Any
    """Those of them that are right."""

    found: Any
    """True boxes that are found."""


def best_confidence(samples: Samples, matches: Matches) -> Chosen:
    counted, right = matches.counted, matches.right[0]
    order = np.argsort(-samples.found.score, kind="mergesort")
    order = order[counted[order]]
    score = samples.found.score[order]
    confidence = 0.0
    if len(order):
        last = np.append(score[1:] != score[:-1], True)
        f1 = 2.0 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + len(samples.true.image))
        confidence = float(score[np.argmax(np.where(last, f1, -1))])
    kept = counted & (samples.found.score >= confidence)
    found = np.zeros(len(samples.true.image), bool)
    found[matches.truth[0][kept & right]] = True
    return Chosen(confidence, kept, kept & right, found)


def f1_by_confidence(samples: Samples, matches: Matches) -> Tuple[Any, Any]:
    """F1 at each of CONFIDENCES, of all classes together and of each one (column)."""
    rows, total = [], []
    truth = np.bincount(samples.true.kind, minlength=len(samples.classes))
    for confidence in CONFIDENCES:
        kept = matches.counted & (samples.found.score >= confidence)
        shown = np.bincount(samples.found.kind[kept], minlength=len(samples.classes))
        right = np.bincount(samples.found.kind[kept & matches.right[0]], minlength=len(samples.classes))
        rows.append(ratio(2.0 * right, shown + truth, np.nan))
        total.append(2.0 * right.sum() / (shown.sum() + truth.sum()))
    return np.array(total), np.array(rows)


FALSE_KINDS = ("correct", "class", "location", "duplicate", "class_and_location", "background")
MISSED_KINDS = ("found", "class", "location", "class_and_location", "background")


def false_detections(samples: Samples, chosen: Chosen) -> Dict[str, int]:
    """Why predicted boxes at the chosen confidence are wrong."""
    kept = samples.found.chosen(chosen.kept)
    same, other = _overlaps(kept, samples.true)
    return _sorted_out(chosen.right[chosen.kept], same, other, FALSE_KINDS)


def missed_detections(samples: Samples, chosen: Chosen) -> Dict[str, int]:
    """What there is instead of a right box where a true box is missed."""
    same, other = _overlaps(samples.true, samples.found.chosen(chosen.kept))
    return _sorted_out(chosen.found, same, other, MISSED_KINDS)


def _sorted_out(right: Any, same: Any, other: Any, kinds: Tuple[str, ...]) -> Dict[str, int]:
    """Counts by kind; each box counts once, for the first kind that fits.

    A true box may be missed although a box of its class overlaps it by half, which another true box took; its
    detection lacks a place, so it counts as `location`.
    """
    rest = ~right
    found = {kinds[0]: int(right.sum())}
    rules = {
        "duplicate": same >= 0.5,
        "class": other > 0.5,
        "location": same >= 0.1,
        "class_and_location": other >= 0.1,
        "background": np.ones(len(right), bool),
    }
    for kind, fits in rules.items():
        if kind in kinds:
            found[kind] = int((rest & fits).sum())
            rest = rest & ~fits
    return {kind: found[kind] for kind in kinds}


def _overlaps(boxes: Boxes, others: Boxes) -> Tuple[Any, Any]:
    """For each box the highest IoU with a box of the same class, and with one of another class."""
    best = np.zeros((2, len(boxes.image)))
    for left, right in pairs(boxes, others):
        if not len(left):
            continue
        overlap = iou(boxes.box[left], others.box[right])
        same = boxes.kind[left] == others.kind[right]
        starts = np.flatnonzero(np.append(True, left[1:] != left[:-1]))
        best[0, left[starts]] = np.maximum.reduceat(np.where(same, overlap, 0), starts)
        best[1, left[starts]] = np.maximum.reduceat(np.where(same, 0, overlap), starts)
    return best[0], best[1]
