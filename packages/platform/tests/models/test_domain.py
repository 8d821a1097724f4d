from pathlib import Path

import pytest

from maquette.models.domain import Body, Config, Package, Requirement, engine_name, model_type_of_base, runtime_type


@pytest.mark.parametrize(
    ("model_type", "runtime", "asked"),
    [
        ("TensorFlow", "python3.6", "TensorFlow python3.6"),
        ("TensorFlow", "python2.7", "TensorFlow python3.6"),
        ("TensorFlow", "", "TensorFlow python3.6"),
        ("TensorFlow", "tf1.13-python2.7-gpu", "TensorFlow tf1.13-python3.6-gpu"),
        ("TensorFlow", "tf2.1-python3.7", "TensorFlow tf2.1-python3.7"),
        ("PyTorch", "pytorch1.4-python3.7", "PyTorch pytorch1.4-python3.7"),
        ("PyTorch", "tf2.1-python3.7", "PyTorch python3.6"),
        ("MindSpore", "", "MindSpore"),
        ("XGBoost", "python3.6", "XGBoost python3.6"),
    ],
)
def test_an_engine_is_asked_for_by_model_type_and_runtime(model_type, runtime, asked):
    assert engine_name(model_type, runtime) == asked


@pytest.mark.parametrize(
    ("runtime", "named"),
    [
        ("python3.6", None),
        ("tf1.13-python3.6-gpu", "TensorFlow"),
        ("tensorflow_2.1.0-cuda_10.1-py_3.7-ubuntu_18.04-x86_64", "TensorFlow"),
        ("pytorch1.4-python3.7", "PyTorch"),
        ("PyTorch-1.4.0-python3.6", "PyTorch"),
        ("ms1.3.0-python3.7-c78", "MindSpore"),
        ("mindspore_2.0.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64", "MindSpore"),
        ("ptolemy-1", None),
        ("", None),
    ],
)
def test_a_runtime_may_name_its_framework(runtime, named):
    assert runtime_type(runtime) == named


def test_a_base_class_tells_the_model_type():
    assert model_type_of_base("TfServingVisionService") == "TensorFlow"
    assert model_type_of_base("SingleNodeService") == "MindSpore"
    assert model_type_of_base("Base") is None


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("/home/mind/model/tool.whl", "tool.whl"),
        ("/home/mind/model/1/core/x.py", "core/x.py"),
        ("./tool.whl", "tool.whl"),
        ("tool.whl", "tool.whl"),
        ("/home/mind/model", ""),
        ("/home/mind/model/1", ""),
        ("/home/mind/model/10/x", "10/x"),
    ],
)
def test_a_path_that_the_service_sees_lies_in_the_package(name, inside):
    package = Package(Path("/p"), Config(), "PyTorch", None, "")
    assert package.here(name) == Path("/p") / inside


@pytest.mark.parametrize(
    ("name", "is_file"),
    [("numpy", False), ("/home/mind/model/a.whl", True), ("a-1.0.tar.gz", True), ("https://example.org/a.whl", False)],
)
def test_files_among_the_requirements_are_known(name, is_file):
    assert Requirement(name).is_file == is_file


@pytest.mark.parametrize("properties", [None, [], "x", {"a": None, "b": {"type": "file"}, "c": {}}])
def test_fields_of_a_body_are_told_however_sloppy_its_schema(properties):
    fields = Body(schema={"properties": properties}).fields
    assert fields == ({"a": "", "b": "file", "c": ""} if isinstance(properties, dict) else {})
