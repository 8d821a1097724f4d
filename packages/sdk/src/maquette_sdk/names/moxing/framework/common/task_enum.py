"""Names of the tasks that a data set or a model is for."""

from __future__ import annotations

from typing import Any

IMAGE_CLASSIFICATION = "image_classification"
MULTI_LABEL_CLASSIFICATION = "multi_label_classification"
OBJECT_DETECTION = "object_detection"


def is_task_imgcls(task_type: Any) -> bool:
    """Whether the task sorts pictures into classes, one or several each."""
    return task_type in (IMAGE_CLASSIFICATION, MULTI_LABEL_CLASSIFICATION)
