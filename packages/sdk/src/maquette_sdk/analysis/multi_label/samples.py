"""Reads what a script hands over for several classes per picture: scores by class, and the true classes."""

from __future__ import annotations

import logging
from typing import Any, Dict, Optional

import numpy as np

from ..classes import Classes, numbers_of, read_label_map
from ..wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")

THRESHOLD = 0.5


class Samples:
    """`truth` and `predicted` tell by picture (row) and class (column); `scores` are None for mere class numbers."""

    def __init__(self, classes: Classes, truth: Any, predicted: Any, scores: Optional[Any]) -> None:
        self.classes = classes
        self.truth = truth
        self.predicted = predicted
        self.scores = scores

    def __len__(self) -> int:
        return len(self.truth)

    def arrays(self) -> Dict[str, Any]:
        """`tmp_model_analysis.npz`: scores by class, or 0 and 1."""
        predicted = self.predicted if self.scores is None else self.scores
        return {"np_pred_list": predicted.astype(np.float32), "np_label_list": self.truth.astype(np.float32)}


class _Pairs:
    """Which picture has which class number."""

    def __init__(self, pictures: Any, numbers: Any) -> None:
        self.pictures, self.numbers = pictures, numbers

    def flags(self, pictures: int, classes: Classes) -> Any:
        flags = np.zeros((pictures, len(classes)), bool)
        flags[self.pictures, classes.positions(self.numbers)] = True
        return flags


def read(pred_list: Any, label_list: Any, label_map_dict: Any) -> Samples:
    label_map = read_label_map(label_map_dict)
    scores = _scores(pred_list)
    width = 0 if scores is None else scores.shape[1]
    predicted = (
        _pairs(pred_list, "pred_list", label_map, 0) if scores is None else _Pairs(*np.nonzero(scores > THRESHOLD))
    )
    true = _pairs(label_list, "label_list", label_map, width)
    classes = Classes(np.concatenate([np.arange(width), predicted.numbers, true.numbers]), label_map)
    count = len(label_list)
    wide = None
    if scores is not None:
        wide = np.zeros((count, len(classes)), np.float32)
        wide[:, classes.positions(np.arange(width))] = scores
    return Samples(classes, true.flags(count, classes), predicted.flags(count, classes), wide)


def _scores(pred_list: Any) -> Optional[Any]:
    """A confidence per class, or None where the predictions are lists of class numbers."""
    lengths = {np.size(row) for row in pred_list}
    if len(lengths) > 1:
        logger.warning("pred_list holds lists of classes without confidences: there is no ROC and no PR curve.")
        return None
    scores = np.array([np.asarray(row).ravel() for row in pred_list])
    if scores.dtype.kind in "bui" and not np.isin(scores, (0, 1)).all():
        return None
    if scores.dtype.kind not in "buif" or not scores.size:
        raise WrongInput("pred_list holds {} values; give a confidence for each class.".format(scores.dtype))
    if not np.isfinite(scores).all():
        raise WrongInput("pred_list holds NaN or infinity: the network gives no numbers there.")
    scores = scores.astype(np.float32)
    if scores.min() < 0 or scores.max() > 1.0001:
        logger.info("pred_list is not between 0 and 1; it is taken as raw output and put through the sigmoid.")
        scores = 1 / (1 + np.exp(-scores))
    return scores


def _pairs(rows: Any, field: str, label_map: Dict[int, str], width: int) -> _Pairs:
    """Of 0 and 1 for each class where the rows are as wide as the scores, else of lists of classes."""
    rows = [np.asarray(row).ravel() for row in rows]
    if width and all(len(row) == width and row.dtype.kind in "buif" for row in rows):
        table = np.array(rows)
        if np.isin(table, (0, 1)).all():
            return _Pairs(*np.nonzero(table))
    pictures = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    filled = [row for row in rows if len(row)]
    every = np.concatenate(filled) if filled else np.zeros(0, int)
    return _Pairs(pictures, numbers_of(every, field, label_map))
