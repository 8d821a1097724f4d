"""What models and services are described by: dictionaries in the words of the server's calls."""

from __future__ import annotations

import importlib
import json
from typing import Any, Dict

import pytest


@pytest.fixture
def config(names: None) -> Any:
    return importlib.import_module("modelarts.config.model_config")


@pytest.mark.parametrize(
    ("name", "said", "sent"),
    [
        (
            "ServiceConfig",
            {"model_id": "m", "weight": "70", "specification": "modelarts.vm.cpu.2u", "instance_count": 2},
            {"model_id": "m", "weight": "70", "specification": "modelarts.vm.cpu.2u", "instance_count": 2},
        ),
        ("ServiceConfig", {"model_id": "m"}, {"model_id": "m", "weight": 100, "instance_count": 1}),
        (
            "TransformerConfig",
            {"model_id": "m", "src_path": "/a/", "dest_path": "/b/", "mapping_rule": '{"type": "object"}'},
            {
                "model_id": "m", "instance_count": 1, "src_path": "/a/", "dest_path": "/b/", "req_uri": "/",
                "mapping_rule": {"type": "object"},
            },
        ),
        ("TransformerConfig", {"model_id": "m", "mapping_rule": ""}, {"model_id": "m", "instance_count": 1,
                                                                      "req_uri": "/"}),
        ("Params", {"param_name": "image", "param_type": "file", "min": 0},
         {"url": "/", "param_name": "image", "param_type": "file", "min": 0}),
        ("Dependencies", {}, {"installer": "pip", "packages": []}),
        ("Packages", {"package_name": "numpy", "package_version": "1.15.0", "restraint": "EXACT"},
         {"package_name": "numpy", "package_version": "1.15.0", "restraint": "EXACT"}),
    ],
)  # fmt: skip
def test_what_is_said_is_sent_and_nothing_else(
    config: Any, name: str, said: Dict[str, Any], sent: Dict[str, Any]
) -> None:
    made = getattr(config, name)(**said)
    assert made == sent == json.loads(json.dumps(made))


def test_entries_are_attributes_too(config: Any) -> None:
    made = config.ServiceConfig("m", envs={"A": "b"})
    made.weight = 30
    assert (made.model_id, made["weight"], made.envs, made.specification) == ("m", 30, {"A": "b"}, None)
    with pytest.raises(AttributeError):
        made.__wrapped__  # noqa: B018


def test_packages_nest_in_dependencies(config: Any) -> None:
    made = config.Dependencies("pip", [config.Packages("numpy"), {"package_name": "h5py"}])
    assert json.loads(json.dumps(made))["packages"] == [{"package_name": "numpy"}, {"package_name": "h5py"}]


@pytest.mark.parametrize(("name", "said"), [("ServiceConfig", {}), ("ServiceConfig", {"model_id": "m", "wait": 1}),
                                            ("Packages", {})])  # fmt: skip
def test_what_is_missing_or_unknown_is_told_at_once(config: Any, name: str, said: Dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        getattr(config, name)(**said)


def test_a_rule_that_is_no_json_is_told(config: Any) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        config.TransformerConfig("m", mapping_rule="{")
