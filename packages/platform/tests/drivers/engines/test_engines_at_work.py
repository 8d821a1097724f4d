"""Engines that are really installed do a small piece of work, in the surroundings that a run has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import maquette_sdk

STEPS = Path(__file__).parent / "steps"
SDK = Path(maquette_sdk.__file__).parent.parent

# (name, step, version that must have done it): the first of each framework in every test run, the others on demand.
ALWAYS = [
    ("pytorch", "pytorch", "2.13.0"),
    ("tensorflow", "tensorflow_2", "2.21.0"),
    ("TF-1.15-python3.7-aarch64", "tensorflow_1", "1.15.5"),
]
ON_DEMAND = [
    ("PyTorch-1.0.0-python3.6", "pytorch", "1.0.0"),
    ("pytorch-1.1.0", "pytorch", "1.1.0"),
    ("pytorch-1.2.0", "pytorch", "1.2.0"),
    ("PyTorch-1.3.0-python3.6", "pytorch", "1.3.0"),
    ("PyTorch-1.4.0-python3.6", "pytorch", "1.4.0"),
    ("pytorch-1.5", "pytorch", "1.5.1"),
    ("pytorch-1.6", "pytorch", "1.6.0"),
    ("pytorch-1.7", "pytorch", "1.7.1"),
    ("pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "pytorch", "1.8.0"),
    ("pytorch_1.10.2-cuda_10.2-py_3.7-ubuntu_18.04-x86_64", "pytorch", "1.10.2"),
    ("pytorch-1.13", "pytorch", "1.13.1"),
    ("TF-1.13.1-python3.6", "tensorflow_1", "1.13.1"),
    ("TensorFlow tf2.1-python3.7", "tensorflow_2", "2.1.4"),
    ("tensorflow-2.6", "tensorflow_2", "2.6.5"),
    ("tensorflow-2.11", "tensorflow_2", "2.11.0"),
    ("mindspore", "mindspore", "2.10.0"),
    ("mindspore_1.3.0-cann_5.0.2-py_3.7-euler_2.8.3-aarch64", "mindspore", "2.0.0"),
    ("MXNet-1.2.1-python3.6", "mxnet", "1.2.1"),
    ("mxnet", "mxnet", "1.9.1"),
    ("XGBoost-0.80-Sklearn-0.18.1-python3.6", "xgboost", "0.80"),
    ("xgboost", "xgboost", "3.2.0"),
    ("Scikit_Learn python3.6", "sklearn", "0.19.2"),
    ("sklearn", "sklearn", "1.9.1"),
    ("onnxruntime", "onnxruntime", "1.31.1"),
    ("onnxruntime-1.14.1", "onnxruntime", "1.14.1"),
    ("Spark_MLlib python3.6", "spark", "3.4.4"),
    ("ray", "ray", "2.60.0"),
]
CASES = [pytest.param(*case, marks=pytest.mark.engine(case[0]), id=case[0]) for case in ALWAYS]
CASES += [
    pytest.param(*case, marks=[pytest.mark.engine(case[0]), pytest.mark.every_engine], id=case[0]) for case in ON_DEMAND
]


def run_step(environment, step, folder, **more):
    """Runs a step as a run would, without a sandbox."""
    site = folder / "site"
    site.mkdir()
    variables = {
        **environment.environment,
        **environment.pip_environment,
        "PATH": f"{environment.python.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": f"{SDK}/maquette_sdk/job/startup:{site}",
        "MAQUETTE_SDK": str(SDK),
        "MAQUETTE_SITE": str(site),
        **more,
    }
    command = [str(environment.python), "-W", "ignore", str(STEPS / f"{step}_step.py")]
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.parametrize(("name", "step", "version"), CASES)
def test_an_engine_trains(name, step, version, engine_environment, tmp_path):
    said = run_step(engine_environment(name), step, tmp_path)
    assert f"version {version}" in said


@pytest.mark.engine("tensorflow")
def test_tensorflow_1_code_runs_on_tensorflow_2_through_the_layer(engine_environment, tmp_path, test_home):
    """The very script that TensorFlow 1.15 runs, with what the compat engine adds put into a site folder."""
    environment = engine_environment("tensorflow")
    from maquette_sdk.job.startup.packages import Uv

    more = tmp_path / "more"
    uv = Uv(os.environ.get("MAQUETTE_UV") or uv_binary(), str(environment.python), dict(os.environ))
    uv.pip("install", "--no-deps", "--target", str(more), "tf-slim")
    layer = {"MAQUETTE_TF_COMPAT": "1", "TF_USE_LEGACY_KERAS": "1"}
    path = f"{SDK}/maquette_sdk/job/startup:{more}"
    said = run_step(environment, "tensorflow_1", tmp_path, PYTHONPATH=path, **layer)
    assert "version 2.21.0 keras 2.21.0" in said


def uv_binary():
    import uv

    return uv.find_uv_bin()


@pytest.mark.engine("pytorch")
def test_a_second_environment_of_an_engine_shares_the_files_of_the_first(engine_environment, tmp_path, test_home):
    """Both are links into uv's cache, so it costs little time and disk."""
    from maquette import wiring
    from maquette.kernel.settings import Home, Settings

    engine_environment("pytorch")
    second = Home(tmp_path / "home") if os.stat(tmp_path).st_dev == os.stat(test_home).st_dev else Home(test_home / "2")
    engines = wiring.engines(Settings(second))
    environment = engines.prepare(engines.resolve("pytorch"), ("einops",))
    folder = environment.python.parent.parent
    shared = [path for path in (folder / "lib").rglob("*.so") if path.stat().st_nlink > 1]
    assert len(shared) > 100
