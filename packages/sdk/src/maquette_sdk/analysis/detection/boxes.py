"""Features of true boxes: how many, how large, of what shape, how near the edge, how much they overlap."""

from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np

from ..arithmetic import ratio
from ..pictures import BOX_FEATURES, Measured
from .matching import area, intersection, pairs
from .samples import Boxes, Samples


def picture_features(samples: Samples, measured: Optional[Measured]) -> Dict[str, Any]:
    """What is known of each picture, the number of its boxes included."""
    counts = np.bincount(samples.true.image, minlength=samples.pictures).astype(float)
    return {**(measured.features if measured else {}), "box_count": counts}


def box_features(samples: Samples, measured: Optional[Measured]) -> Dict[str, Any]:
    """What is known of each true box; without its picture only its shape and overlap."""
    true = samples.true
    sizes = measured.sizes[true.image] if measured else np.full((len(true.image), 2), np.nan)
    scale, pixels = (np.ones_like(sizes), sizes) if samples.shares else (sizes, np.ones_like(sizes))
    height, width = ((true.box[:, 2:] - true.box[:, :2]) * pixels).T
    centre = (true.box[:, :2] + true.box[:, 2:]) / 2 / scale
    features = {
        "box_area_ratio": area(true.box) / scale.prod(1),
        "box_aspect_ratio": ratio(width, height, np.nan),
        "box_marginalization": np.sqrt(((centre - 0.5) ** 2).sum(1) / 0.5),
        "box_overlap": _overlap(true),
    }
    if measured:
        rows = [np.full((0, 2), np.nan)] + [
            found if found is not None and len(found) else np.full((expected, 2), np.nan)
            for found, expected in zip(measured.boxes, np.bincount(true.image, minlength=samples.pictures))
        ]
        features.update(zip(BOX_FEATURES, np.concatenate(rows).T))
    return features


def _overlap(true: Boxes) -> Any:
    """The largest share of each box that another one in its picture covers."""
    most = np.zeros(len(true.image))
    for left, right in pairs(true, true):
        left, right = left[left != right], right[left != right]
        if not len(left):
            continue
        covered = ratio(intersection(true.box[left], true.box[right]), area(true.box[left]))
        starts = np.flatnonzero(np.append(True, left[1:] != left[:-1]))
        most[left[starts]] = np.maximum.reduceat(covered, starts)
    return most
