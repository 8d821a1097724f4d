"""`analyse`, `tmp_save` and `get_advanced_metric_info`: what evaluation scripts call."""

from __future__ import annotations

import logging
from typing import Any, Dict

logger = logging.getLogger("deep_moxing")


def analyse(
    task_type: str = "",
    pred_list: Any = (),
    label_list: Any = (),
    name_list: Any = (),
    custom_metric: Any = "",
    label_map_dict: Any = "",
    save_path: Any = "",
    op_list: Any = (),
    **options: Any,
) -> Dict[str, Any]:
    """Evaluates predictions, writes the report into `save_path` and returns it.

    `pred_list`, `label_list` and `name_list` have one entry for each picture, in the same order.
    image_classification: a vector of confidences (or a class number), and a class number.
    image_object_detection: [boxes, classes, scores] and [boxes, classes], boxes as ymin, xmin, ymax, xmax.
    image_segmentation: class numbers by pixel. multi_label_classification: confidences, and 0 or 1, by class.
    """
    from maquette_sdk.analysis import evaluation

    _not_known("analyse", options)
    names = () if name_list is None else name_list
    given = evaluation.Given(task_type, pred_list, label_list, names, custom_metric, label_map_dict)
    return evaluation.analyse(given, save_path, op_list)


def tmp_save(
    task_type: str = "",
    pred_list: Any = (),
    label_list: Any = (),
    name_list: Any = (),
    custom_metric: Any = "",
    label_map_dict: Any = "",
    save_path: Any = "",
    **options: Any,
) -> str:
    """Writes only `tmp_model_analysis.npz`, with what `analyse` takes, and returns its path."""
    from maquette_sdk.analysis import evaluation

    _not_known("tmp_save", options)
    names = () if name_list is None else name_list
    given = evaluation.Given(task_type, pred_list, label_list, names, custom_metric, label_map_dict)
    return evaluation.save(given, save_path)


def get_advanced_metric_info(
    task_type: str = "",
    sample_list: Any = (),
    gt_label_list: Any = (),
    label_map_dict: Any = "",
    file_name_list: Any = (),
    session: Any = None,
    model_name: str = "",
    input_tensor_name: str = "",
    output_tensor_name: str = "",
    save_path: Any = "",
    **options: Any,
) -> Dict[str, Any]:
    """Computes nothing, and says so in the log; the sections stay empty, as in a report where it was not called."""
    logger.warning(
        "get_advanced_metric_info: heat maps, abstract features and adversarial figures (PSNR, SSIM, ACAC, ACTC, MR, "
        "ALD) are not computed by Maquette. The report's sections 'abstract_feature' and 'adversary' stay empty."
    )
    return {}


def _not_known(call: str, options: Dict[str, Any]) -> None:
    if options:
        logger.warning("%s does not know %s; left aside.", call, ", ".join(sorted(options)))
