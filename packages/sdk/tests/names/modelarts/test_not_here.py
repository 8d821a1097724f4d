from __future__ import annotations

import importlib
from typing import Any

import pytest

CLASSES = [
    ("modelarts.workflow", "Workflow"),
    ("modelarts.config.auth", "Keys"),
    ("modelarts.environment", "Environment"),
    ("modelarts.dataset.format.voc.pascal_voc", "PascalVoc"),
]


@pytest.mark.parametrize("module, name", CLASSES)
def test_the_rest_of_the_sdk_can_be_imported_and_refuses_to_be_used(names: None, module: str, name: str) -> None:
    cls = getattr(importlib.import_module(module), name)
    with pytest.raises(RuntimeError, match=r"{}\.{} is not offered here".format(module, name)):
        cls(1, model=2)
    with pytest.raises(RuntimeError, match=r"{}\.{}\.get_job_list .* which put models online".format(module, name)):
        cls.get_job_list(None)


def test_submodules_are_found_as_attributes(names: None) -> None:
    scope: Any = {}
    exec("from modelarts import config, dataset\nfrom modelarts.train_params import InputData, OutputData", scope)
    assert scope["dataset"].__name__ == "modelarts.dataset" and scope["InputData"].__name__ == "InputData"
    assert scope["config"].model_config.ServiceConfig.__name__ == "ServiceConfig"
    package = importlib.import_module("modelarts")
    assert not hasattr(package, "__wrapped__") and not hasattr(scope["config"], "_private")
    assert not hasattr(scope["InputData"], "__wrapped__")
