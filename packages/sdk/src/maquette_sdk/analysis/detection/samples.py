"""Reads what a script hands over for a detector: boxes, classes and scores of each picture, and the true boxes."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np

from ..classes import Classes, numbers_of, read_label_map
from ..wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")

FORMS = {
    "pred_list": "[boxes (n, 4) as ymin, xmin, ymax, xmax; n classes; n scores]",
    "label_list": "[boxes (n, 4) as ymin, xmin, ymax, xmax; n classes]",
}


class Boxes(NamedTuple):
    """Boxes of all pictures in one row. `box` is ymin, xmin, ymax, xmax; `kind` the position of the class."""

    image: Any
    box: Any
    kind: Any
    score: Any

    def chosen(self, which: Any) -> Boxes:
        return Boxes(*(values[which] for values in self))


class Samples(NamedTuple):
    classes: Classes
    pictures: int
    found: Boxes
    true: Boxes
    named: int

    @property
    def shares(self) -> bool:
        """Whether boxes lie between 0 and 1 instead of counting pixels."""
        return bool(self.true.box.max() <= 1.0)

    def arrays(self) -> Dict[str, Any]:
        """`tmp_model_analysis.npz`: a row per box, the picture's index first."""
        return {
            "np_pred_list": self._rows(self.found, self.found.score[:, None]),
            "np_label_list": self._rows(self.true, np.zeros((len(self.true.image), 0))),
        }

    def _rows(self, boxes: Boxes, scores: Any) -> Any:
        numbers = self.classes.numbers[boxes.kind]
        return np.hstack([boxes.image[:, None], boxes.box, numbers[:, None], scores]).astype(np.float32)


def read(pred_list: Any, label_list: Any, label_map_dict: Any) -> Samples:
    label_map = read_label_map(label_map_dict)
    found = _flat(pred_list, "pred_list", label_map)
    true = _flat(label_list, "label_list", label_map)
    classes = Classes(np.concatenate([found.kind, true.kind]), label_map)
    found, true = (one._replace(kind=classes.positions(one.kind)) for one in (found, true))
    if not len(true.image):
        raise WrongInput("label_list has no boxes at all; there is nothing to compare predictions with.")
    for boxes, field in ((found, "pred_list"), (true, "label_list")):
        _tell_inverted(boxes, field)
    return Samples(classes, len(label_list), found, true, len(label_map))


def _flat(entries: Any, field: str, label_map: Dict[int, str]) -> Boxes:
    """All boxes in one row, the best first within each picture."""
    parts = 3 if field == "pred_list" else 2
    images, boxes, kinds, scores = [], [], [], []
    for index, entry in enumerate(entries):
        box, kind, score = _one(entry, "{}[{}]".format(field, index), parts, FORMS[field])
        order = np.argsort(-score, kind="mergesort")
        images.append(np.full(len(box), index))
        boxes.append(box[order])
        scores.append(score[order])
        if len(kind):
            kinds.append(kind[order])
    every = np.concatenate(kinds) if kinds else np.zeros(0, int)
    return Boxes(
        np.concatenate(images), np.concatenate(boxes), numbers_of(every, field + " classes", label_map),
        np.concatenate(scores),
    )  # fmt: skip


def _one(entry: Any, place: str, parts: int, form: str) -> Tuple[Any, Any, Any]:
    if not isinstance(entry, (list, tuple, np.ndarray)) or 0 < len(entry) < parts:
        raise WrongInput("{} is not of the form {}.".format(place, form))
    if not len(entry):
        return np.zeros((0, 4)), np.zeros(0, int), np.zeros(0)
    box, kind = _numbers(entry[0], place), np.asarray(entry[1]).ravel()
    score = _numbers(entry[2], place).ravel() if parts == 3 else np.ones(len(kind))
    if box.size % 4 or not box.size // 4 == len(kind) == len(score):
        raise WrongInput(
            "{} has {} coordinates, {} classes and {} scores; its form is {}.".format(
                place, box.size, len(kind), len(score) if parts == 3 else "no", form
            )
        )
    return box.reshape(-1, 4), kind, score


def _numbers(values: Any, place: str) -> Any:
    try:
        numbers = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise WrongInput("{} has boxes or scores that are no numbers ({}).".format(place, error)) from error
    if not np.isfinite(numbers).all():
        raise WrongInput("{} has boxes or scores with NaN or infinity.".format(place))
    return numbers


def _tell_inverted(boxes: Boxes, field: str) -> None:
    inverted = (boxes.box[:, 2:] < boxes.box[:, :2]).any(1)
    if inverted.any():
        logger.warning(
            "%s has %d boxes (the first in entry %d) whose end lies before their beginning; they match nothing. "
            "Boxes are ymin, xmin, ymax, xmax.",
            field, inverted.sum(), boxes.image[inverted][0],
        )  # fmt: skip


def tell_if_x_comes_first(boxes: Boxes, sizes: Any) -> None:
    """Boxes that leave their pictures, and would not with x first."""
    size, corner = sizes[boxes.image], boxes.box[:, 2:]
    known = np.isfinite(size).all(1)
    size, corner = size[known], corner[known]
    outside = (corner > size + 1).any(1)
    turned = (corner <= size[:, ::-1] + 1).all(1)
    if outside.any() and outside.mean() > 0.05 and turned[outside].mean() > 0.9:
        logger.warning(
            "%d of %d boxes of label_list leave their pictures, and would not if x came first. "
            "Boxes are ymin, xmin, ymax, xmax.",
            outside.sum(), len(outside),
        )  # fmt: skip


def by_image(boxes: Boxes, count: int) -> List[Any]:
    """The boxes of each picture."""
    return np.split(boxes.box, np.searchsorted(boxes.image, np.arange(1, count)))
