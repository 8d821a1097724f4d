"""Reads what a script hands over for a classifier: scores or class numbers, and the true classes."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from ..classes import Classes, numbers_of, read_label_map, without_samples
from ..wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")


class Samples:
    """`truth` and `predicted` are positions in `classes`; `scores` has a column per class, or is None."""

    def __init__(
        self, classes: Classes, truth: Any, predicted: Any, scores: Optional[Any], named: int, given: Dict[str, Any]
    ) -> None:
        self.classes = classes
        self.truth = truth
        self.predicted = predicted
        self.scores = scores
        self.named = named
        """How many entries label_map_dict had."""
        self.given = given

    def __len__(self) -> int:
        return len(self.truth)

    def arrays(self) -> Dict[str, Any]:
        """What `tmp_model_analysis.npz` keeps: numbers as they were given; names of classes stay texts."""
        return {
            name: array.astype(np.float32 if array.dtype.kind in "bufi" else str) for name, array in self.given.items()
        }

    @property
    def confidence(self) -> Any:
        """The score of the predicted class; 1 where no scores were given."""
        if self.scores is None:
            return np.ones(len(self))
        return self.scores[np.arange(len(self)), self.predicted]


def read(pred_list: Any, label_list: Any, label_map_dict: Any) -> Samples:
    """Predictions as vectors of confidences, or as class numbers; labels as class numbers."""
    given = read_label_map(label_map_dict)
    labels, predictions = table(label_list, "label_list"), table(pred_list, "pred_list")
    truth = _true_numbers(labels, given)
    predicted, scores = _predictions(predictions, truth, given)
    label_map = without_samples(given, truth)
    columns = np.arange(0 if scores is None else scores.shape[1])
    classes = Classes(np.concatenate([truth, predicted, columns]), label_map)
    if scores is not None:
        scores = _column_per_class(scores, classes)
    kept = {"np_pred_list": predictions, "np_label_list": labels}
    return Samples(classes, classes.positions(truth), classes.positions(predicted), scores, len(given), kept)


def _true_numbers(labels: Any, label_map: Dict[int, str]) -> Any:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 1:
        return numbers_of(labels, "label_list", label_map)
    if labels.ndim == 2 and labels.dtype.kind in "bufi" and _one_hot(labels):
        logger.info("label_list is one-hot; the column with the 1 is taken as the class.")
        return labels.argmax(1)
    raise WrongInput(
        "label_list has the shape {}; for image_classification it holds one class number per sample. "
        "Samples with several classes are analysed as multi_label_classification.".format(labels.shape)
    )


def _one_hot(labels: Any) -> bool:
    return bool(np.isin(labels, (0, 1)).all() and (labels.sum(1) == 1).all())


def _predictions(predictions: Any, truth: Any, label_map: Dict[int, str]) -> Tuple[Any, Optional[Any]]:
    """Class numbers, and scores by class number where there are any."""
    if predictions.ndim == 2 and predictions.shape[1] == 1:
        predictions = predictions[:, 0]
    if predictions.ndim == 1:
        return _without_scores(predictions, truth, label_map)
    if predictions.ndim != 2 or predictions.dtype.kind not in "buif":
        raise WrongInput(
            "pred_list has the shape {} and the type {}; for image_classification it holds a vector of confidences "
            "per sample, or a class number per sample.".format(predictions.shape, predictions.dtype)
        )
    return predictions.argmax(1), _probabilities(predictions)


def _without_scores(predictions: Any, truth: Any, label_map: Dict[int, str]) -> Tuple[Any, Optional[Any]]:
    if _confidences_of_one(predictions, truth):
        logger.info("pred_list holds one number between 0 and 1 per sample, taken as the confidence of class 1.")
        return (predictions > 0.5).astype(int), np.stack([1 - predictions, predictions], 1)
    logger.warning(
        "pred_list holds class numbers without confidences: there is no ROC, no PR curve and no advice on confidence. "
        "For these, give the vector of confidences of each sample (softmax)."
    )
    return numbers_of(predictions, "pred_list", label_map), None


def _confidences_of_one(predictions: Any, truth: Any) -> bool:
    """The output of a single sigmoid: between 0 and 1, not all whole, for classes 0 and 1."""
    if predictions.dtype.kind != "f" or (predictions == np.floor(predictions)).all():
        return False
    return bool(predictions.min() >= 0 and predictions.max() <= 1 and np.isin(truth, (0, 1)).all())


def _probabilities(scores: Any) -> Any:
    """Scores between 0 and 1; raw outputs of a network become such by softmax."""
    scores = scores if scores.dtype == np.float32 else scores.astype(np.float32)
    unfit = np.flatnonzero(~np.isfinite(scores).all(1))
    if len(unfit):
        raise WrongInput(
            "pred_list[{}] holds NaN or infinity ({} samples do): the network gives no numbers there. "
            "Look at its loss and its inputs.".format(unfit[0], len(unfit))
        )
    if scores.min() >= 0 and scores.max() <= 1.0001:
        return scores
    logger.info("pred_list is not between 0 and 1; it is taken as the raw output of a network and put through softmax.")
    raised = np.exp(scores - scores.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def _column_per_class(scores: Any, classes: Classes) -> Any:
    """Columns in the order of the classes; classes that the network has no output for get zeros."""
    beyond = [int(number) for number in classes.numbers if not 0 <= number < scores.shape[1]]
    if not beyond:
        return scores
    logger.warning(
        "pred_list has %d confidences per sample (classes 0 to %d), but label_list and label_map_dict also name "
        "class %d, which can never be predicted. Do the classes begin with 1?",
        scores.shape[1], scores.shape[1] - 1, beyond[-1],
    )  # fmt: skip
    wide = np.zeros((len(scores), len(classes)), scores.dtype)
    wide[:, classes.positions(np.arange(scores.shape[1]))] = scores
    return wide


def table(values: Any, field: str) -> Any:
    """An array of a list, also of one of arrays or tensors; rows of different lengths are an error."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values
    rows = [np.asarray(value) for value in values]
    shapes: List[Tuple[int, ...]] = [row.shape for row in rows]
    for index, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise WrongInput(
                "{0}[{1}] has {2} and {0}[0] has {3} values; every sample has the same number of them.".format(
                    field, index, _size(shape), _size(shapes[0])
                )
            )
    return np.stack(rows)


def _size(shape: Tuple[int, ...]) -> str:
    return "the shape {}".format(shape) if len(shape) > 1 else str(shape[0] if shape else 1)
