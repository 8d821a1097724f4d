"""What every name that ModelArts prints means on different machines. Nothing is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.drivers.engines.catalogue import read_catalogue, read_known_names
from maquette.drivers.engines.names import read_name
from maquette.drivers.engines.resolution import Machine, resolve
from maquette.kernel.ports import Match

CATALOGUE = read_catalogue()
NAMES = [name for names in read_known_names().values() for name in names]


def machine(*minors, fetchable=(), java=True):
    pythons = {(3, minor): Path(f"/pythons/3.{minor}") for minor in minors}
    programs = frozenset(["java"] if java else [])
    return Machine(pythons, tuple((3, minor) for minor in fetchable), programs)


MACHINES = {
    "3.7 to 3.13": machine(7, 8, 9, 10, 11, 12, 13),
    "3.11": machine(11),
    "3.7 and 3.11": machine(7, 11),
    "3.11, 3.8 and later fetchable": machine(11, fetchable=range(8, 15)),
}


def meaning(name, where="3.7 to 3.13"):
    there = where if isinstance(where, Machine) else MACHINES[where]
    return resolve(read_name(name, CATALOGUE.words), CATALOGUE, there)


PYTHON_2 = "refused: Python 2"
CAFFE = "refused: Caffe"
# name: (with every Python, with 3.11 only)
EVERYWHERE = {
    "TF-1.4.0-python2.7": (PYTHON_2, PYTHON_2),
    "TF-1.4.0-python3.6": ("near tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TF-1.8.0-python2.7": (PYTHON_2, PYTHON_2),
    "TF-1.8.0-python3.6": ("near tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TF-1.13.1-python2.7": (PYTHON_2, PYTHON_2),
    "TF-1.13.1-python3.6": ("exact tensorflow-1.13.1", "compat tensorflow-2.21.0"),
    "TF-1.13.1-python3.6-v2": ("exact tensorflow-1.13.1", "compat tensorflow-2.21.0"),
    "TF-1.15-python3.7-aarch64": ("exact tensorflow-1.15.5", "compat tensorflow-2.21.0"),
    "TF-2.1.0-python3.6": ("exact tensorflow-2.1.0", "near tensorflow-2.12.1"),
    "PyTorch-1.0.0-python2.7": (PYTHON_2, PYTHON_2),
    "PyTorch-1.0.0-python3.6": ("exact pytorch-1.0.0", "near pytorch-2.0.1"),
    "PyTorch-1.3.0-python2.7": (PYTHON_2, PYTHON_2),
    "PyTorch-1.3.0-python3.6": ("exact pytorch-1.3.0", "near pytorch-2.0.1"),
    "PyTorch-1.4.0-python3.6": ("exact pytorch-1.4.0", "near pytorch-2.0.1"),
    "PyTorch-1.4.0-python3.6-v2": ("exact pytorch-1.4.0", "near pytorch-2.0.1"),
    "MXNet-1.2.1-python2.7": (PYTHON_2, PYTHON_2),
    "MXNet-1.2.1-python3.6": ("exact mxnet-1.2.1", "refused: MXNet needs a Python"),
    "Caffe-1.0.0-python2.7": (CAFFE, CAFFE),
    "Caffe-1.0.0-python3.6": (CAFFE, CAFFE),
    "Spark-2.3.2-python2.7": (PYTHON_2, PYTHON_2),
    "Spark-2.3.2-python3.6": ("near spark-3.4.4", "near spark-3.4.4"),
    "XGBoost-0.80-Sklearn-0.18.1-python2.7": (PYTHON_2, PYTHON_2),
    "XGBoost-0.80-Sklearn-0.18.1-python3.6": ("exact xgboost-0.80", "near xgboost-3.2.0"),
    "KF-0.2.2-TF-1.13.1-python3.6": ("near tensorflow-1.13.1", "compat tensorflow-2.21.0"),
    "Horovod-0.16.2-TF-1.13.1-python3.6": ("near tensorflow-1.13.1", "compat tensorflow-2.21.0"),
    "0.16.2-TF-1.13.1-python3.6": ("near tensorflow-1.13.1", "compat tensorflow-2.21.0"),
    "Mindspore-1.1.1-python3.7-aarch64": ("near mindspore-2.0.0", "near mindspore-2.7.1"),
    "tensorflow_2.1.0-cuda_10.1-py_3.7-ubuntu_18.04-x86_64": ("exact tensorflow-2.1.0", "near tensorflow-2.12.1"),
    "tensorflow_1.15-cann_5.0.2-py_3.7-euler_2.8.3-aarch64": ("exact tensorflow-1.15.5", "compat tensorflow-2.21.0"),
    "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64": ("exact pytorch-1.8.0", "near pytorch-2.0.1"),
    "mindspore_1.3.0-cann_5.0.2-py_3.7-euler_2.8.3-aarch64": ("near mindspore-2.0.0", "near mindspore-2.7.1"),
    "mindspore_1.3.0-cuda_10.1-py_3.7-ubuntu_1804-x86_64": ("near mindspore-2.0.0", "near mindspore-2.7.1"),
    "horovod_0.20.0-tensorflow_2.1.0-cuda_10.1-py_3.7-ubuntu_18.04-x86_64": (
        "near tensorflow-2.1.0", "near tensorflow-2.12.1"
    ),
    "horovod_0.22.1-pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64": ("near pytorch-1.8.0", "near pytorch-2.0.1"),
    "pytorch-cp36-1.3.0": ("exact pytorch-1.3.0", "near pytorch-2.0.1"),
    "caffe-1.0.0-python2.7": (CAFFE, CAFFE),
    "TensorFlow python2.7": (PYTHON_2, PYTHON_2),
    "TensorFlow python3.6": ("near tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TensorFlow tf1.13-python2.7-cpu": (PYTHON_2, PYTHON_2),
    "TensorFlow tf1.13-python2.7-gpu": (PYTHON_2, PYTHON_2),
    "TensorFlow tf1.13-python3.6-cpu": ("exact tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TensorFlow tf1.13-python3.6-gpu": ("exact tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TensorFlow tf1.13-python3.7-cpu": ("exact tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TensorFlow tf1.13-python3.7-gpu": ("exact tensorflow-1.13.2", "compat tensorflow-2.21.0"),
    "TensorFlow tf2.1-python3.7": ("exact tensorflow-2.1.4", "near tensorflow-2.12.1"),
    "MXNet python2.7": (PYTHON_2, PYTHON_2),
    "MXNet python3.6": ("exact mxnet-1.2.1", "refused: MXNet needs a Python"),
    "MXNet python3.7": ("exact mxnet-1.2.1", "refused: MXNet needs a Python"),
    "Caffe python2.7": (CAFFE, CAFFE),
    "Caffe python3.6": (CAFFE, CAFFE),
    "Caffe python3.7": (CAFFE, CAFFE),
    "Caffe python2.7-cpu": (CAFFE, CAFFE),
    "Caffe python3.6-gpu": (CAFFE, CAFFE),
    "Spark_MLlib python2.7": (PYTHON_2, PYTHON_2),
    "Spark_MLlib python3.6": ("near spark-3.4.4", "near spark-3.4.4"),
    "Scikit_Learn python2.7": (PYTHON_2, PYTHON_2),
    "Scikit_Learn python3.6": ("near sklearn-0.19.2", "near sklearn-1.9.1"),
    "XGBoost python2.7": (PYTHON_2, PYTHON_2),
    "XGBoost python3.6": ("exact xgboost-0.80", "near xgboost-3.2.0"),
    "PyTorch python2.7": (PYTHON_2, PYTHON_2),
    "PyTorch python3.6": ("exact pytorch-1.0.0", "near pytorch-2.0.1"),
    "PyTorch python3.7": ("exact pytorch-1.0.0", "near pytorch-2.0.1"),
    "PyTorch pytorch1.4-python3.7": ("exact pytorch-1.4.0", "near pytorch-2.0.1"),
    "pytorch_1.11.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64": ("exact pytorch-1.11.0", "near pytorch-2.0.1"),
    "tensorflow_1.15.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64": ("exact tensorflow-1.15.0", "compat tensorflow-2.21.0"),
    "mindspore_2.0.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64": ("exact mindspore-2.0.0", "near mindspore-2.7.1"),
    "pytorch": ("exact pytorch-2.13.0", "exact pytorch-2.13.0"),
    "torch": ("exact pytorch-2.13.0", "exact pytorch-2.13.0"),
    "tensorflow": ("exact tensorflow-2.21.0", "exact tensorflow-2.21.0"),
    "tf1": ("exact tensorflow-1.15.5", "compat tensorflow-2.21.0"),
    "tf2": ("exact tensorflow-2.21.0", "exact tensorflow-2.21.0"),
    "mindspore": ("exact mindspore-2.10.0", "exact mindspore-2.10.0"),
    "mxnet": ("exact mxnet-1.9.1", "refused: MXNet needs a Python"),
    "xgboost": ("exact xgboost-3.2.0", "exact xgboost-3.2.0"),
    "sklearn": ("exact sklearn-1.9.1", "exact sklearn-1.9.1"),
    "onnxruntime": ("exact onnxruntime-1.31.1", "exact onnxruntime-1.31.1"),
}  # fmt: skip


def told(found):
    return f"refused: {found.reason}" if found.match is Match.REFUSED else f"{found.match} {found.engine}"


def test_the_table_covers_every_name_that_modelarts_prints():
    assert set(EVERYWHERE) == set(NAMES)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_a_name_means_this_with_every_python_and_with_one(name):
    every, only = EVERYWHERE[name]
    assert told(meaning(name)).startswith(every)
    assert told(meaning(name, "3.11")).startswith(only)


@pytest.mark.parametrize("name", NAMES)
def test_python_3_7_is_all_that_old_engines_need(name):
    assert told(meaning(name, "3.7 and 3.11")) == told(meaning(name))


@pytest.mark.parametrize("where", MACHINES)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_resolves_has_a_reason_packages_and_a_python_that_fits(name, where):
    found = meaning(name, where)
    assert found.reason.endswith(".")
    if found.match is Match.REFUSED:
        assert not found.packages
        return
    release = CATALOGUE.release(found.engine)
    minor = int(found.python_version.split(".")[1])
    assert (3, minor) in release.pythons
    assert found.packages
    assert found.python == MACHINES[where].pythons.get((3, minor))


# Names of the same shape that no list has.
UNLISTED = {
    "pytorch_1.10.2-cuda_10.2-py_3.7-ubuntu_18.04-x86_64": "exact pytorch-1.10.2",
    "pytorch_2.1.0-cuda_12.1-py_3.10-ubuntu_22.04-x86_64": "exact pytorch-2.1.0",
    "PyTorch-1.4.0-python3.6-v2": "exact pytorch-1.4.0",
    "torch==1.13": "exact pytorch-1.13.1",
    "PyTorch-2.99.0-python3.9": "near pytorch-2.13.0",
    "TF-2.3.2-python3.7": "exact tensorflow-2.3.2",
    "mindspore_1.7.0-cann_5.1.0-py_3.7-euler_2.8.3-aarch64": "near mindspore-2.0.0",
    "mindspore_2.2.0-cann_7.0.0-py_3.9-euler": "near mindspore-2.7.1",
    "MXNet-1.4.1-python3.6": "exact mxnet-1.4.1",
    "tf2-py3.7": "exact tensorflow-2.11.0",
}


@pytest.mark.parametrize("name", UNLISTED)
def test_an_unlisted_name_of_the_same_shape_resolves(name):
    assert told(meaning(name)) == UNLISTED[name]


def test_the_python_that_is_asked_for_is_taken_when_it_fits():
    assert meaning("pytorch_1.8.0-py_3.9").python_version == "3.9"
    assert meaning("pytorch_1.8.0-py_3.12").python_version == "3.9"
    assert meaning("PyTorch-1.8.0-python3.6").python_version == "3.7"


def test_a_python_that_can_be_fetched_makes_an_exact_answer():
    found = meaning("pytorch_1.8.0-py_3.8", "3.11, 3.8 and later fetchable")
    assert told(found) == "exact pytorch-1.8.0"
    assert found.python is None
    assert found.python_version == "3.8"
    assert "which uv fetches" in found.reason


def test_a_python_that_is_here_comes_before_one_that_must_be_fetched():
    assert meaning("pytorch", "3.11, 3.8 and later fetchable").python is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("om", "hold code for Ascend"),
        ("torch_npu", "drives Ascend cards"),
        ("ACL", "drives Ascend cards"),
        ("MindSpore-Lite", "not offered"),
        ("Image", "container image"),
        ("python3.6", "Put the model type before it"),
        ("Ascend-Powered-Engine", "names no framework"),
        ("TF-1.8.0-python2.7", "ask for 'TF-1.8.0-python3.6'"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(name, words):
    found = meaning(name)
    assert found.match is Match.REFUSED
    assert words in found.reason


def test_spark_needs_java():
    assert "needs java" in meaning("Spark-2.3.2-python3.6", machine(7, java=False)).reason


def test_no_python_at_all_is_said():
    found = meaning("pytorch", machine())
    assert found.match is Match.REFUSED
    assert "found here: none" in found.reason


def test_ascend_runs_on_the_frameworks_own_build_and_says_so():
    notes = meaning("mindspore_2.0.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64").notes
    assert any("no Ascend cards" in note for note in notes)


def test_a_launcher_that_is_missing_makes_the_answer_near_and_says_so():
    found = meaning("horovod_0.22.1-pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64")
    assert found.match is Match.NEAR
    assert any("Horovod itself is not installed" in note for note in found.notes)


def test_tensorflow_1_code_on_tensorflow_2_gets_its_layer():
    found = meaning("TF-1.13.1-python3.6", "3.11")
    assert found.environment["MAQUETTE_TF_COMPAT"] == "1"
    assert found.environment["TF_USE_LEGACY_KERAS"] == "1"
    assert "tf-slim" in found.packages
    assert any(package.startswith("tf_keras") for package in found.packages)


def test_the_layer_is_there_also_where_only_an_older_tensorflow_2_installs():
    found = meaning("TF-1.13.1-python3.6", machine(8))
    assert told(found) == "compat tensorflow-2.13.1"


# name, Pythons that are here: how the sentence starts
WHY_COMPAT = [
    ("TF-1.13.1-python3.6", (11,), "TensorFlow 1.13.1 needs Python 3.7, which is not here: its code runs on 2.21.0"),
    ("tf1", (8,), "TensorFlow 1 needs Python 3.7, which is not here: its code runs on 2.13.1"),
    (
        "TF-1.8.0-python3.6", (11,),
        "TensorFlow 1.8.0 is not offered and the releases nearest to it need Python 3.7, which is not here: its code",
    ),
    ("TF-2.0.0rc1-python3.7", (7, 11), "TensorFlow 2.0.0rc1 is not offered: its code"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "minors", "start"), WHY_COMPAT)
def test_the_layers_reason_is_true(name, minors, start):
    found = meaning(name, machine(*minors))
    assert found.match is Match.COMPAT
    assert found.reason.startswith(start)


def test_old_engines_have_an_era_and_current_ones_none():
    assert meaning("PyTorch-1.3.0-python3.6").era == "2020-01-01"
    assert meaning("pytorch").era is None
