"""Names of engines are read by structure."""

from __future__ import annotations

import pytest

from maquette.drivers.engines.catalogue import read_catalogue, read_known_names
from maquette.drivers.engines.names import dotted, read_name
from maquette.kernel.errors import NotFound

WORDS = read_catalogue().words

# name: (framework, version, Python, accelerator, launchers)
CASES = {
    "TF-1.13.1-python3.6": ("tensorflow", "1.13.1", "3.6", "", ()),
    "TF-1.13.1-python3.6-v2": ("tensorflow", "1.13.1", "3.6", "", ()),
    "TF-1.15-python3.7-aarch64": ("tensorflow", "1.15", "3.7", "", ()),
    "PyTorch-1.0.0-python2.7": ("pytorch", "1.0.0", "2.7", "", ()),
    "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64": ("pytorch", "1.8.0", "3.7", "gpu", ()),
    "pytorch_1.10.2-cuda_10.2-py_3.7-ubuntu_18.04-x86_64": ("pytorch", "1.10.2", "3.7", "gpu", ()),
    "mindspore_1.3.0-cann_5.0.2-py_3.7-euler_2.8.3-aarch64": ("mindspore", "1.3.0", "3.7", "ascend", ()),
    "MindSpore-1.1.1-c76-tr5-python3.7-euleros2.8-aarch64": ("mindspore", "1.1.1", "3.7", "ascend", ()),
    "mindspore_1.3.0-cuda_10.1-py_3.7-ubuntu_1804-x86_64": ("mindspore", "1.3.0", "3.7", "gpu", ()),
    "horovod_0.20.0-tensorflow_2.1.0-cuda_10.1-py_3.7": ("tensorflow", "2.1.0", "3.7", "gpu", ("horovod",)),
    "0.16.2-TF-1.13.1-python3.6": ("tensorflow", "1.13.1", "3.6", "", ("horovod",)),
    "KF-0.2.2-TF-1.13.1-python3.6": ("tensorflow", "1.13.1", "3.6", "", ("kf",)),
    "XGBoost-0.80-Sklearn-0.18.1-python3.6": ("xgboost", "0.80", "3.6", "", ()),
    "pytorch-cp36-1.3.0": ("pytorch", "1.3.0", "3.6", "", ()),
    "pytorch-cp310-2.1.0": ("pytorch", "2.1.0", "3.10", "", ()),
    "TensorFlow tf1.13-python3.6-gpu": ("tensorflow", "1.13", "3.6", "gpu", ()),
    "PyTorch pytorch1.4-python3.7": ("pytorch", "1.4", "3.7", "", ()),
    "Scikit_Learn python3.6": ("sklearn", "", "3.6", "", ()),
    "scikit-learn 1.0.2": ("sklearn", "1.0.2", "", "", ()),
    "Spark_MLlib python3.6": ("spark", "", "3.6", "", ()),
    "tensorflow-gpu==1.14.0": ("tensorflow", "1.14.0", "", "gpu", ()),
    "torch": ("pytorch", "", "", "", ()),
    "tf1": ("tensorflow", "1", "", "", ()),
    "pytorch:1.8": ("pytorch", "1.8", "", "", ()),
    "ONNX Runtime 1.31.1": ("onnxruntime", "1.31.1", "", "", ()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_name_is_taken_apart(name):
    asked = read_name(name, WORDS)
    assert (asked.framework, asked.version, asked.python, asked.accelerator, asked.launchers) == CASES[name]


@pytest.mark.parametrize(("number", "meant"), [("36", "3.6"), ("310", "3.10"), ("3.7.10", "3.7"), ("3", "3")])
def test_a_python_number_without_a_dot_is_understood(number, meant):
    assert dotted(number) == meant


@pytest.mark.parametrize("name", ["TensorFlow python3.6", "PyTorch python3.7"])
def test_a_bare_python_after_a_model_type_is_a_runtime(name):
    assert read_name(name, WORDS).runtime


@pytest.mark.parametrize("name", ["TensorFlow tf1.13-python3.6-cpu", "PyTorch-1.0.0-python3.6", "pytorch"])
def test_a_name_with_a_version_or_without_a_python_is_no_runtime(name):
    assert not read_name(name, WORDS).runtime


@pytest.mark.parametrize(
    ("name", "near"), [("pytroch", "pytorch"), ("tensorfow", "tensorflow"), ("mindspor_2.0", "mindspore")]
)
def test_an_unknown_name_lists_near_names(name, near):
    known = [one for names in read_known_names().values() for one in names]
    with pytest.raises(NotFound, match="Near names") as error:
        read_name(name, WORDS, known)
    assert near in error.value.message


@pytest.mark.parametrize("name", ["", "---", "1.2.3", "gpu", "x86_64"])
def test_a_name_without_a_framework_is_not_guessed(name):
    with pytest.raises(NotFound):
        read_name(name, WORDS)
