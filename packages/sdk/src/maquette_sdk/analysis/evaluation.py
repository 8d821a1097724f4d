"""Analyses what a script hands to `analyse`, and writes the three files."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

import numpy as np

from . import files
from .classification import task as classification
from .detection import task as detection
from .multi_label import task as multi_label
from .pictures import place_of
from .segmentation import task as segmentation
from .texts import in_both_languages
from .wrong_input import WrongInput

logger = logging.getLogger("deep_moxing")

TASKS: Dict[str, Any] = {
    "image_classification": classification,
    "image_object_detection": detection,
    "image_segmentation": segmentation,
    "multi_label_classification": multi_label,
}
SECTIONS = (
    "common", "precision_performance", "feature_sensitivity", "computational_performance", "abstract_feature",
    "adversary",
)  # fmt: skip


class Given(NamedTuple):
    """The arguments of `analyse` that the three files are made of."""

    task_type: str
    pred_list: Any
    label_list: Any
    name_list: Any
    custom_metric: Any
    label_map_dict: Any


def analyse(given: Given, save_path: Any, op_list: Any) -> Dict[str, Any]:
    """Computes everything first and writes then, so that a mistake in the arguments leaves no files behind."""
    check(given)
    names = list(given.name_list)
    own, task = custom(given.custom_metric), TASKS[given.task_type]
    samples = task.read(given.pred_list, given.label_list, given.label_map_dict)
    sections, records = task.analyse(samples, names, in_buckets(names))
    sections["computational_performance"] = own
    report: Dict[str, Any] = in_both_languages({name: sections.get(name, {}) for name in SECTIONS})
    if op_list is not None and len(op_list):
        report = {language: only(sections, op_list) for language, sections in report.items()}
    text, arrays = files.as_json(report), {**samples.arrays(), **_common_arrays(given)}

    def write(folder: str) -> None:
        files.write_samples(folder, records)
        files.write_arrays(folder, arrays)
        files.write_results(folder, text)

    folder = save_into(save_path, write)
    logger.info("The analysis of %d samples lies in %s.", len(given.label_list), folder)
    return report


def save(given: Given, save_path: Any) -> str:
    """Writes only `tmp_model_analysis.npz`, from which an analysis can be made later."""
    check(given)
    samples = TASKS[given.task_type].read(given.pred_list, given.label_list, given.label_map_dict)
    arrays = {**samples.arrays(), **_common_arrays(given)}
    folder = save_into(save_path, lambda folder: files.write_arrays(folder, arrays))
    return folder.rstrip("/") + "/" + files.TEMPORARY


def check(given: Given) -> None:
    """The task and the lengths; what the lists hold is checked where it is read."""
    if given.task_type not in TASKS:
        raise WrongInput("task_type is {!r}. Give one of: {}.".format(given.task_type, ", ".join(TASKS)))
    for field in ("pred_list", "label_list", "name_list"):
        values = getattr(given, field)
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise WrongInput("{} is a {}; give a list or an array.".format(field, type(values).__name__))
    if not len(given.label_list):
        raise WrongInput("label_list is empty. Give the label of every sample that was predicted.")
    if len(given.pred_list) != len(given.label_list):
        raise WrongInput(
            "pred_list has {} entries and label_list {}. Give one prediction and one label for each sample, "
            "in the same order.".format(len(given.pred_list), len(given.label_list))
        )
    if len(given.name_list) not in (0, len(given.label_list)):
        raise WrongInput(
            "name_list has {} entries and label_list {}. Give the path of each sample's picture, in the same order, "
            "or an empty list.".format(len(given.name_list), len(given.label_list))
        )


def in_buckets(names: Sequence[Any]) -> List[str]:
    """Where the pictures are: their addresses in a bucket, if the job's input was copied from one."""
    copied = files.addresses()

    def address(place: str) -> str:
        for folder, url in copied.items():
            if place.startswith(folder):
                return url + place[len(folder) :]
        return place

    return [address(place_of(name)) for name in names]


def custom(given: Any) -> Dict[str, Any]:
    """Operations of the script's own, such as {'fps': {'value': {'fps': 12.3}}}."""
    if isinstance(given, (str, bytes)) and given:
        try:
            given = json.loads(given)
        except ValueError as error:
            raise WrongInput("custom_metric is a text that is not JSON ({}).".format(error)) from error
    if not given:
        return {}
    if not isinstance(given, dict):
        raise WrongInput(
            "custom_metric is a {}; give a dictionary such as {{'fps': {{'value': {{'fps': 12.3}}}}}}.".format(
                type(given).__name__
            )
        )
    plain: Dict[str, Any] = json.loads(json.dumps(given, default=_plain), parse_constant=lambda number: None)
    return {
        name: {"title": name, "description": "", **(one if isinstance(one, dict) else {"value": {name: one}})}
        for name, one in plain.items()
    }


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def only(sections: Dict[str, Any], names: Sequence[str]) -> Dict[str, Any]:
    """The sections with the wanted operations alone."""
    known = {name for section in sections.values() for name in section}
    unknown = [name for name in names if name not in known]
    if unknown:
        logger.warning("op_list names %s, which the report does not have. It has: %s.", unknown, sorted(known))
    return {key: {name: one for name, one in section.items() if name in names} for key, section in sections.items()}


def save_into(save_path: Any, write: Callable[[str], Any]) -> str:
    """Writes into a folder, which is made if need be, or into a directory of a bucket."""
    folder = os.fspath(save_path) if save_path else files.default_folder()
    if not folder.startswith(("obs:/", "s3:/")):
        os.makedirs(folder, exist_ok=True)
        write(folder)
        return folder
    from moxing.framework import file

    with tempfile.TemporaryDirectory() as local:
        write(local)
        file.copy_parallel(local, folder)
    return folder


def _common_arrays(given: Given) -> Dict[str, Any]:
    label_map = given.label_map_dict
    return {
        "np_name_list": np.array([place_of(name) for name in given.name_list], str),
        "np_metric": np.array([_json(given.custom_metric)]),
        "np_label_map_dict": np.array([_json(label_map)]),
    }


def _json(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value if isinstance(value, str) else json.dumps(value, default=_plain, ensure_ascii=False)
