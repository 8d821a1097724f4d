"""Which predicted box is which true box, as the COCO evaluation does it, for whole data sets at once.

The predictions of a class in a picture take their turns by score. Each takes the free true box that it overlaps most
(IoU), if by at least a threshold. All first turns are computed together, then all second ones, and so on.
"""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple, Tuple

import numpy as np

from .samples import Boxes

THRESHOLDS = np.linspace(0.5, 0.95, 10)
MOST_A_CLASS = 100
"""COCO counts the best hundred boxes of a class in a picture."""

PAIRS_AT_ONCE = 1000000


class Matches(NamedTuple):
    """For each threshold (row) and predicted box (column): the index of the true box, -1 for none."""

    truth: Any
    counted: Any
    """Predicted boxes that take part: not beyond MOST_A_CLASS."""

    @property
    def right(self) -> Any:
        return self.truth >= 0


def match(found: Boxes, true: Boxes, thresholds: Any = THRESHOLDS) -> Matches:
    turns = _turns(found)
    counted = turns < MOST_A_CLASS
    truth = np.full((len(thresholds), len(found.image)), -1)
    free = np.ones((len(thresholds), len(true.image)), bool)
    for prediction, target in pairs(found, true):
        fits = (found.kind[prediction] == true.kind[target]) & counted[prediction]
        prediction, target = prediction[fits], target[fits]
        overlap = iou(found.box[prediction], true.box[target])
        near = overlap >= thresholds[0]
        _take_turns(turns, prediction[near], target[near], overlap[near], thresholds, truth, free)
    return Matches(truth, counted)


def _take_turns(turns: Any, prediction: Any, target: Any, overlap: Any, thresholds: Any, truth: Any, free: Any) -> None:
    """Fills `truth` for these pairs, turn by turn, and marks true boxes as taken."""
    order = np.lexsort((target, prediction, turns[prediction]))
    prediction, target, overlap = prediction[order], target[order], overlap[order]
    turn = turns[prediction]
    for begin, end in _runs(turn):
        who, whom, much = prediction[begin:end], target[begin:end], overlap[begin:end]
        starts = np.array([first for first, _ in _runs(who)])
        fits = free[:, whom] & (much >= np.minimum(thresholds, 1 - 1e-10)[:, None])
        value = np.where(fits, much, -1.0)
        best = np.repeat(np.maximum.reduceat(value, starts, 1), np.diff(np.append(starts, len(who))), axis=1)
        # Of equal overlaps the last one counts, as in COCO's own evaluation.
        place = np.maximum.reduceat(np.where(fits & (value == best), np.arange(len(who)), -1), starts, 1)
        rows, columns = np.nonzero(place >= 0)
        taken = whom[place[rows, columns]]
        truth[rows, who[starts[columns]]] = taken
        free[rows, taken] = False


def _runs(values: Any) -> Iterator[Tuple[int, int]]:
    """Begin and end of each stretch of equal values."""
    if not len(values):
        return iter(())
    edges = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return zip(edges.tolist(), np.append(edges[1:], len(values)).tolist())


def _turns(found: Boxes) -> Any:
    """The place of each predicted box among those of its class and picture, by score."""
    order = np.lexsort((-found.score, found.kind, found.image))
    image, kind = found.image[order], found.kind[order]
    first = np.append(True, (image[1:] != image[:-1]) | (kind[1:] != kind[:-1])) if len(order) else np.zeros(0, bool)
    starts = np.flatnonzero(first)
    turns = np.empty(len(order), int)
    turns[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return turns


def pairs(one: Boxes, other: Boxes) -> Iterator[Tuple[Any, Any]]:
    """Every box of `one` with every box of `other` in the same picture, some pictures at a time."""
    if not len(one.image) or not len(other.image):
        return
    count = int(max(one.image[-1], other.image[-1])) + 1
    of_one, of_other = (np.bincount(boxes.image, minlength=count) for boxes in (one, other))
    first_of_other = np.cumsum(of_other) - of_other
    starts_of_one = np.append(0, np.cumsum(of_one))
    block = np.cumsum(of_one * of_other) // PAIRS_AT_ONCE
    for begin, end in _runs(block):
        members = np.arange(starts_of_one[begin], starts_of_one[end])
        partners = of_other[one.image[members]]
        left = np.repeat(members, partners)
        within = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
        yield left, first_of_other[one.image[left]] + within


def iou(one: Any, other: Any) -> Any:
    """Intersection over union of boxes, row by row."""
    shared = intersection(one, other)
    union = area(one) + area(other) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def intersection(one: Any, other: Any) -> Any:
    height = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    width = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    return np.clip(height, 0, None) * np.clip(width, 0, None)


def area(box: Any) -> Any:
    return np.clip(box[:, 2] - box[:, 0], 0, None) * np.clip(box[:, 3] - box[:, 1], 0, None)
