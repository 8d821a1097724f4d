"""The classes of a report: their numbers, and the names that `label_map_dict` gives them."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Any, Dict, List, Sequence

import numpy as np

from .wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")


class Classes:
    """Class numbers in ascending order, and one name each; arrays of numbers become positions in that order."""

    def __init__(self, numbers: Any, label_map: Dict[int, str]) -> None:
        self.numbers = np.unique(np.concatenate([np.asarray(numbers, int).ravel(), np.array(list(label_map), int)]))
        self.names = _distinct(self.numbers.tolist(), label_map)

    def __len__(self) -> int:
        return len(self.names)

    def positions(self, numbers: Any) -> Any:
        return np.searchsorted(self.numbers, numbers)


def read_label_map(given: Any) -> Dict[int, str]:
    """Names by class number, of a dictionary, its JSON text, or a list of names; empty for nothing."""
    if isinstance(given, (str, bytes)):
        given = _parse(given) if given.strip() else {}
    if given is None:
        return {}
    if isinstance(given, (list, tuple, np.ndarray)):
        return {number: str(name) for number, name in enumerate(given)}
    if not isinstance(given, dict):
        raise WrongInput(
            "label_map_dict is a {}; give a dictionary of class numbers and names, "
            'such as {{"0": "cat", "1": "dog"}}, or its JSON text.'.format(type(given).__name__)
        )
    if given and not any(_is_number(key) for key in given) and all(_is_number(value) for value in given.values()):
        logger.warning("label_map_dict maps names to numbers; it is read the other way round.")
        given = {value: key for key, value in given.items()}
    odd = [key for key in given if not _is_number(key)]
    if odd:
        raise WrongInput(
            "label_map_dict has the key {!r}, which is no class number. "
            'Its keys are class numbers: {{"0": "cat", "1": "dog"}}.'.format(odd[0])
        )
    return {int(float(key)): str(name) for key, name in given.items()}


def names_by_sample(label_map: Dict[int, str], labels: Any) -> bool:
    """Whether the map tells the class of each sample instead of the name of each class."""
    numbers = labels.tolist()
    if len(label_map) != len(numbers) or sorted(label_map) != list(range(len(numbers))):
        return False
    names = [label_map[sample] for sample in range(len(numbers))]
    return len(set(names)) < len(names) and len(set(zip(numbers, names))) == len(set(numbers))


def without_samples(label_map: Dict[int, str], labels: Any) -> Dict[int, str]:
    """A map of classes; one that is keyed by sample is turned into one, and the log says so."""
    if not names_by_sample(label_map, labels):
        return label_map
    names = {number: label_map[sample] for sample, number in enumerate(labels.tolist())}
    logger.warning(
        "label_map_dict has an entry for each of the %d samples, which tells the sample's class. It should have one "
        'for each class: its number and its name, such as {"0": "cat", "1": "dog"}. The %d classes of label_list '
        "are reported, named %s.",
        len(label_map), len(names), ", ".join(repr(names[number]) for number in sorted(names)[:5]),
    )  # fmt: skip
    return names


def numbers_of(values: Any, field: str, label_map: Dict[int, str]) -> Any:
    """Class numbers of numbers, or of names that the map knows."""
    array = np.asarray(values)
    if array.dtype.kind in "bui":
        return array.astype(int)
    if array.dtype.kind == "f":
        return _whole(array, field)
    texts = [value.decode() if isinstance(value, bytes) else str(value) for value in array.ravel().tolist()]
    by_name = {name: number for number, name in label_map.items()}
    found: List[int] = []
    for index, text in enumerate(texts):
        if text not in by_name and not _is_number(text):
            raise WrongInput(
                "{}[{}] is {!r}, which is neither a class number nor a name in label_map_dict.".format(
                    field, index, text
                )
            )
        found.append(by_name[text] if text in by_name else int(float(text)))
    return np.array(found, int).reshape(array.shape)


def _whole(array: Any, field: str) -> Any:
    wrong = np.flatnonzero(~(array == np.floor(array)).ravel())
    if len(wrong):
        raise WrongInput(
            "{}[{}] is {}, which is no class number. Give whole numbers, as label_map_dict has them.".format(
                field, wrong[0], array.ravel()[wrong[0]]
            )
        )
    return array.astype(int)


def _parse(text: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise WrongInput(
            "label_map_dict is a text that is not JSON ({}). Give a dictionary, or json.dumps of one.".format(error)
        ) from error


def _is_number(value: Any) -> bool:
    try:
        return float(value) == int(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _distinct(numbers: Sequence[int], label_map: Dict[int, str]) -> List[str]:
    """Names; where several classes have the same one, each also shows its number."""
    names = [label_map.get(number, str(number)) for number in numbers]
    often = {name for name, count in Counter(names).items() if count > 1}
    if often:
        logger.warning(
            "label_map_dict gives the name %r to several classes; they are shown with their numbers.", min(often)
        )
    return ["{} ({})".format(name, number) if name in often else name for number, name in zip(numbers, names)]
