from __future__ import annotations

import importlib
from typing import Any


def test_sorting_pictures_is_a_task_of_its_own(mox: Any) -> None:
    task_enum = importlib.import_module("moxing.framework.common.task_enum")
    asked = ("image_classification", "multi_label_classification", task_enum.OBJECT_DETECTION, None)
    assert [task_enum.is_task_imgcls(task) for task in asked] == [True, True, False, False]
