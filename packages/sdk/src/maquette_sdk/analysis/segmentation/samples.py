"""Reads what a script hands over for segmentation, mask by mask, and keeps only counts of pixels."""

from __future__ import annotations

import logging
from typing import Any, Dict, Iterator, List

import numpy as np

from ..classes import Classes, read_label_map
from ..files import Rows
from ..wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")

VOID = 255
"""Pixels that are labelled so belong to no class, as in VOC, unless label_map_dict names the number."""

MOST_CLASSES = 2000


class Samples:
    """Counts of pixels: `matrix` by predicted (row) and true (column) class, the others by picture and class."""

    def __init__(self, pred_list: Any, label_list: Any, label_map: Dict[int, str]) -> None:
        self.masks = (pred_list, label_list)
        self.named = len(label_map)
        self.shapes = _shapes(pred_list, label_list)
        self.predicted_numbers = _numbers(pred_list, "pred_list")
        self.true_numbers = _numbers(label_list, "label_list")
        void = [number for number in self.true_numbers if (number < 0 or number == VOID) and number not in label_map]
        if void:
            logger.info("Pixels labelled %s are left out: they are no class in label_map_dict.", void)
        kept = [number for number in self.predicted_numbers + self.true_numbers if number not in void]
        self.classes = Classes(kept, label_map)
        if len(self.classes) > MOST_CLASSES:
            raise WrongInput(
                "The masks hold {} different numbers. Give class numbers by pixel, not colours, "
                "instances or scores.".format(len(self.classes))
            )
        self._count(void)

    def __len__(self) -> int:
        return len(self.shapes)

    def _count(self, void: List[int]) -> None:
        count = len(self.classes)
        self.matrix = np.zeros((count, count), np.int64)
        self.right, self.predicted, self.truth = (np.zeros((len(self), count), np.int32) for _ in range(3))
        places = np.append(self.classes.numbers, void).astype(int)
        order = np.argsort(places)
        positions = np.append(np.arange(count), [count] * len(void))[order]
        look = _Lookup(places[order], positions)
        for index in range(len(self)):
            # Void pixels fall into a last column (or row, where they are predicted), which is cut off.
            joint = look(mask(self.masks[0][index])) * (count + 1) + look(mask(self.masks[1][index]))
            table = np.bincount(joint, minlength=(count + 1) ** 2).reshape(count + 1, count + 1)
            self.matrix += table[:count, :count]
            self.right[index] = table.diagonal()[:count]
            self.predicted[index] = table[:, :count].sum(1)[:count]
            self.truth[index] = table[:, :count].sum(0)

    def arrays(self) -> Dict[str, Any]:
        """`tmp_model_analysis.npz`: the masks in one row, and the shape of each."""
        length = int(self.shapes.prod(1).sum())
        numbers = self.predicted_numbers + self.true_numbers
        dtype = np.uint8 if min(numbers) >= 0 and max(numbers) < 256 else np.int32
        predicted, true = ((mask(one) for one in masks) for masks in self.masks)
        return {
            "np_pred_list": Rows(predicted, dtype, length),
            "np_label_list": Rows(true, dtype, length),
            "np_shape_list": self.shapes.astype(np.int32),
        }


class _Lookup:
    """Class positions of the numbers in a mask: by a table where the numbers are small, else by search."""

    def __init__(self, numbers: Any, positions: Any) -> None:
        self.numbers, self.positions = numbers, positions
        self.table = None
        if numbers[0] >= 0 and numbers[-1] < 65536:
            self.table = np.zeros(int(numbers[-1]) + 1, np.int64)
            self.table[numbers] = positions

    def __call__(self, values: Any) -> Any:
        return self.positions[np.searchsorted(self.numbers, values)] if self.table is None else self.table[values]


def read(pred_list: Any, label_list: Any, label_map_dict: Any) -> Samples:
    return Samples(pred_list, label_list, read_label_map(label_map_dict))


def mask(given: Any) -> Any:
    """The class numbers of a mask in one row."""
    values = np.asarray(given).ravel()
    return values if values.dtype.kind in "ui" else values.astype(np.int64)


def _shapes(pred_list: Any, label_list: Any) -> Any:
    """Height and width of each picture; a prediction and its label must agree."""
    shapes = []
    for index in range(len(label_list)):
        predicted, true = (
            _shape(one[index], field, index) for one, field in ((pred_list, "pred_list"), (label_list, "label_list"))
        )
        if predicted != true:
            raise WrongInput(
                "pred_list[{0}] has the shape {1} and label_list[{0}] {2}. Scale the prediction to the size of its "
                "label (nearest neighbour).".format(index, predicted, true)
            )
        shapes.append(true)
    return np.array(shapes)


def _shape(given: Any, field: str, index: int) -> Any:
    shape = tuple(side for side in np.shape(given) if side != 1) if np.ndim(given) > 2 else np.shape(given)
    if len(shape) != 2:
        raise WrongInput(
            "{}[{}] has the shape {}; give height x width class numbers (the argmax of the scores).".format(
                field, index, np.shape(given)
            )
        )
    return shape


def _numbers(masks: Any, field: str) -> List[int]:
    """The numbers that occur in any of the masks."""
    found: Dict[int, None] = {}
    for index, given in enumerate(masks):
        values = np.asarray(given).ravel()
        if values.dtype.kind not in "bui" and not _whole(values):
            raise WrongInput(
                "{}[{}] holds values that are no class numbers. Give the argmax of the scores.".format(field, index)
            )
        found.update(dict.fromkeys(_occurring(mask(values))))
    return sorted(found)


def _whole(values: Any) -> bool:
    return values.dtype.kind == "f" and bool((values == np.floor(values)).all())


def _occurring(values: Any) -> Iterator[int]:
    if not len(values):
        return iter(())
    if values.min() >= 0 and values.max() < 65536:
        return iter(np.flatnonzero(np.bincount(values)).tolist())
    return iter(np.unique(values).tolist())
