"""What is told of the environments on disk."""

import pytest

from maquette.drivers.engines.folders import list_folders, write_record
from maquette.training.engine_routes import apart


@pytest.fixture
def made(tmp_path):
    """`made(name, engine, packages, ready=True)` is an environment on disk."""

    def make(name, engine, *packages, ready=True):
        site = tmp_path / name / "lib" / "python3.11" / "site-packages"
        for package in packages:
            (site / f"{package}.dist-info").mkdir(parents=True)
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").touch()
        if ready:
            (tmp_path / name / ".maquette").mkdir()
            write_record(tmp_path / name, {"engine": engine, "python": "3.11.2", "size": 1})

    return make


def test_environments_of_one_engine_are_told_by_the_packages_that_not_all_of_them_have(made, tmp_path):
    made("torch-a", "torch", "torch-2.0", "numpy-1.26.4")
    made("torch-b", "torch", "torch-2.0", "numpy-2.0.0", "scikit_learn-1.5.0")
    made("torch-c", "torch", "torch-2.0", ready=False)
    made("sklearn-a", "sklearn", "scikit_learn-1.5.0", "joblib-1.4")
    assert apart(list_folders(tmp_path, measure=False)) == {
        "torch-a": ["numpy 1.26.4"],
        "torch-b": ["numpy 2.0.0", "scikit-learn 1.5.0"],
        "torch-c": [],
        "sklearn-a": [],
    }


def test_without_environments_nothing_is_told(tmp_path):
    assert apart(list_folders(tmp_path, measure=False)) == {}
