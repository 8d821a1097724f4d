"""From the network's numbers to objects: those it is sure of, and each of them once."""

import numpy as np


def find_objects(rows, conf_threshold, iou_threshold):
    """Classes, scores and boxes (x0, y0, x1, y1) of the objects in one picture, the surest first.

    `rows` is what the graph says of one picture: a box, objectness and the classes in each row.
    """
    scores = rows[:, 4:5] * rows[:, 5:]
    classes = scores.argmax(axis=1)
    scores = scores.max(axis=1)
    sure = np.flatnonzero(scores >= conf_threshold)
    sure = sure[np.argsort(-scores[sure], kind="stable")]
    kept = [sure[one] for one in suppress(rows[sure, :4], classes[sure], iou_threshold)]
    return classes[kept], scores[kept], rows[kept, :4]


def suppress(boxes, classes, iou_threshold):
    """Non-maximum suppression: which boxes stay when each removes those behind it that mean the same object."""
    kept = []
    left = np.arange(len(boxes))
    while len(left):
        first, others = left[0], left[1:]
        kept.append(first)
        same = (classes[others] == classes[first]) & (overlaps(boxes[first], boxes[others]) > iou_threshold)
        left = others[~same]
    return kept


def overlaps(box, others):
    """Intersection over union of one box with many."""
    corners = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = area(*corners)
    return shared / np.maximum(area(box[:2], box[2:]) + area(others[:, :2], others[:, 2:]) - shared, 1e-9)


def area(near, far):
    return np.prod(np.maximum(far - near, 0), axis=-1)
