import dataclasses
import sys
from pathlib import Path

import pytest

from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.models.check import check


def packages(*entries):
    names = ("package_name", "package_version", "restraint")
    return {"dependencies": [{"installer": "pip", "packages": [dict(zip(names, entry)) for entry in entries]}]}  # noqa: B905


def codes(report):
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    ("kind", "runtime", "engine"),
    [
        ("TensorFlow", "tf2.1-python3.7", "tensorflow-2.1."),
        ("TensorFlow", "tf1.13-python3.6-gpu", "tensorflow-1.13."),
        ("TensorFlow", "python2.7", "tensorflow-1."),
        ("TensorFlow", "tensorflow_1.15.0-cann_6.3.0-py_3.7-euler_2.8.3-aarch64", "tensorflow-1.15.0"),
        ("PyTorch", "python3.6", "pytorch-1.0."),
        ("PyTorch", "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "pytorch-1.8.0"),
        ("PyTorch", "pytorch1.5-python3.7", "pytorch-1.5."),
        ("MindSpore", "mindspore_1.10.0-cann_6.0.1-py_3.7-euler_2.8.3-aarch64", "mindspore-2.0.0"),
        ("MindSpore", "ms1.3.0-python3.7-c78", "mindspore-"),
        ("XGBoost", "python3.6", "xgboost-0.80"),
        ("Spark_MLlib", "python3.6", "spark-3.4.4"),
    ],
)
def test_a_runtime_is_answered_by_an_engine(ctx, make_package, kind, runtime, engine):
    report = check(ctx, make_package(kind, change={"runtime": runtime}))
    assert report.engine.engine.startswith(engine)
    assert report.sound


def test_tensorflow_1_on_a_machine_without_python_3_7_is_told_as_a_compatibility(ctx, make_package):
    machine = Machine({(3, 11): Path("/nowhere/python3.11")}, (), frozenset())
    later = dataclasses.replace(ctx, engines=UvEngines(ctx.settings.home, {"PATH": ""}, machine=machine))
    report = check(later, make_package("TensorFlow", change={"runtime": "tf1.13-python3.6-cpu"}))
    assert "engine-compat" in codes(report)
    assert report.sound


def test_a_machine_that_lacks_what_an_engine_needs_is_an_error_with_the_reason(ctx, make_package):
    bare = Machine({(3, 11): Path("/nowhere/python3.11")}, (), frozenset())
    without_java = dataclasses.replace(ctx, engines=UvEngines(ctx.settings.home, {"PATH": ""}, machine=bare))
    [error] = check(without_java, make_package("Spark_MLlib")).errors
    assert error.code == "engine-refused"
    assert "java" in error.message


@pytest.mark.parametrize(
    ("entry", "engine"),
    [
        (("torch", "1.7.1", "EXACT"), "pytorch-1.7.1"),
        (("torch", "1.8.0", "ATLEAST"), "pytorch-1.8.0"),
        (("/home/mind/model/torch-1.3.1+cu100-cp36-cp36m-linux_x86_64.whl",), "pytorch-1.3.1"),
        (("torch", "0.9", "ATLEAST"), "pytorch-1.0.0"),
        (("torch", "1.0.0", "EXACT"), "pytorch-1.0.0"),
        (("torch",), "pytorch-1.0.0"),
        (("torchvision", "0.8.2", "EXACT"), "pytorch-1.0.0"),
    ],
)
def test_a_declared_framework_says_more_than_a_bare_runtime(ctx, make_package, entry, engine):
    report = check(ctx, make_package(change={"runtime": "python3.6", **packages(entry)}))
    assert report.engine.engine == engine
    assert ("engine-by-dependency" in codes(report)) == (engine != "pytorch-1.0.0")


def test_a_declared_release_candidate_is_answered_by_its_release(ctx, make_package):
    change = {"model_type": "TensorFlow", "runtime": "python3.6", **packages(("tensorflow", "2.0.0rc1", "ATLEAST"))}
    engine = check(ctx, make_package(change=change)).engine
    assert (engine.engine, engine.match) == ("tensorflow-2.0.0", "exact")


def test_the_users_own_engine_is_not_changed_by_a_dependency(ctx, make_package):
    change = packages(("torch", "1.7.1", "EXACT"))
    assert check(ctx, make_package(change=change), engine="pytorch-1.4.0").engine.engine == "pytorch-1.4.0"


def test_the_users_own_python_is_taken_as_it_is(ctx, make_package):
    report = check(ctx, make_package(), python=Path(sys.executable))
    assert report.engine.match == "own"
    assert report.sound
    assert "undeclared-import" not in codes(report)
