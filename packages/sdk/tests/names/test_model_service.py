"""The base classes outside an instance: what a notebook or a test of a service's author sees."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("names")

IMPORTS = [
    ("model_service.model_service", "ModelService SingleNodeService load_service get_tf_server_stub"),
    ("model_service.tfserving_model_service", "TfServingBaseService get_tf_server_stub"),
    ("model_service.tfserving_vision_service", "TfServingVisionService"),
    ("model_service.pytorch_model_service", "PTServingBaseService"),
    ("model_service.pytorch_vision_service", "PTServingVisionService"),
    ("model_service.python_model_service", "XgSklServingBaseService"),
    ("model_service.spark_model_service", "SparkServingBaseService"),
    ("model_service.caffe_model_service", "CaffeBaseService"),
    ("model_service.log", "getLogger"),
    ("model_service", "SingleNodeService load_service log"),
]


@pytest.mark.parametrize(("module", "listed"), IMPORTS)
def test_the_names_are_there(module, listed):
    found = importlib.import_module(module)
    for name in listed.split():
        assert hasattr(found, name)


def test_no_name_brings_a_framework():
    modules = ", ".join(module for module, _listed in IMPORTS)
    frameworks = {"tensorflow", "torch", "numpy", "pyspark", "caffe", "mxnet", "xgboost", "asyncio"}
    code = f"import sys; sys.path += {sys.path!r}; import {modules}; print(sorted({frameworks!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("module", "name", "arguments", "attributes"),
    [
        ("tfserving_model_service", "TfServingBaseService", ("n", "/p"), {"model_name": "n", "model_path": "/p"}),
        (
            "pytorch_model_service",
            "PTServingBaseService",
            ("n", "/p"),
            {"model_name": "n", "model_path": "/p", "model": None},
        ),
        ("python_model_service", "XgSklServingBaseService", ("/p",), {"model_path": "/p"}),
        ("model_service", "SingleNodeService", ("n", "/p"), {"model_name": "n", "model_path": "/p", "ctx": None}),
        ("model_service", "SingleNodeService", (), {"ctx": None}),
    ],
)
def test_constructors_set_what_services_read(module, name, arguments, attributes):
    made = getattr(importlib.import_module("model_service." + module), name)(*arguments)
    for attribute, value in attributes.items():
        assert getattr(made, attribute) == value
    assert made.ping() is None
    assert made.signature() is None


def test_the_tensorflow_model_is_described_before_anything_is_loaded():
    from model_service.tfserving_model_service import TfServingBaseService

    made = TfServingBaseService("serve", "/nowhere")
    assert (made.model.model_name, made.model.model_path) == ("serve", "/nowhere")
    made.model.model_signature = "mine"
    assert made.model.model_signature == "mine"
    assert hasattr(made.stub, "Predict")


def test_a_service_runs_its_stages_and_logs_their_times(caplog):
    from model_service.model_service import SingleNodeService

    class Doubling(SingleNodeService):
        def _preprocess(self, data):
            return data["numbers"]

        def _inference(self, data):
            return [2 * number for number in data]

        def _postprocess(self, data):
            return {"doubled": data}

    with caplog.at_level(logging.INFO):
        assert Doubling("name", "path").inference({"numbers": [1, 2]}) == {"doubled": [2, 4]}
    for text in ("preprocess time: ", "infer time: ", "postprocess time: ", "latency: ", "ms"):
        assert text in caplog.text


def test_the_stages_of_the_machine_learning_base_speak_its_envelope():
    from model_service.python_model_service import XgSklServingBaseService

    made = XgSklServingBaseService("/x.m")
    assert made._preprocess(b'{"data": {"req_data": [{"b": 1, "a": 2}, {"a": 3}]}}') == [[1, 2], [3]]
    assert made._postprocess([7, 8]) == [{"predictresult": 7}, {"predictresult": 8}]


def test_the_pytorch_base_runs_the_model_for_each_key():
    from model_service.pytorch_model_service import PTServingBaseService

    made = PTServingBaseService("n", "p")
    with pytest.raises(TypeError, match=r"self\.model is None"):
        made._inference({"a": 1})
    made.model = str
    assert made._inference({"a": 1, "b": 2}) == {"a": "1", "b": "2"}


def test_load_service_gives_a_module_by_path(tmp_path):
    from model_service.model_service import load_service

    path = tmp_path / "customize_service.py"
    path.write_text("value = __name__")
    assert load_service(str(path)).value == "customize_service"
    assert load_service(str(path), "mine").value == "mine"
    path.write_text("1 / 0")
    with pytest.raises(Exception, match=r"Incorrect or missing service file: .*customize_service\.py"):
        load_service(str(path))
    with pytest.raises(Exception, match="Incorrect or missing service file"):
        load_service(str(tmp_path / "missing.py"))


def test_a_logger_writes_from_info_on_to_standard_output(capsys, monkeypatch):
    from model_service import log

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    log.getLogger("mine").info("informed %s", 1)
    log.getLogger("mine").debug("not this")
    log.getLogger("other").info("and once")
    assert [line.split(" ", 2)[2] for line in capsys.readouterr().out.splitlines()] == [
        "INFO mine: informed 1",
        "INFO other: and once",
    ]


def test_ascends_own_service_is_refused_with_what_to_use():
    with pytest.raises(ImportError, match="SingleNodeService"):
        importlib.import_module("model_service.hiai_model_service")
