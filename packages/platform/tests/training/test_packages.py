"""Packages by what installers leave beside them."""

from pathlib import Path

import pytest

from maquette.kernel.ports import Environment, Match, Resolution
from maquette.training.packages import in_folder, listed, of_engine, read_listed


def install(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)


def test_wheels_eggs_and_nothing_else_are_packages(tmp_path):
    install(
        tmp_path,
        "typing_extensions-4.9.0.dist-info",
        "Pillow-10.0.1.dist-info",
        "old-0.1-py3.7.egg-info",
        "numpy",
        "x.libs",
    )
    (tmp_path / "six.py").touch()
    assert in_folder(tmp_path) == {"typing-extensions": "4.9.0", "pillow": "10.0.1", "old": "0.1"}
    assert in_folder(tmp_path / "missing") == {}


def test_the_list_is_by_name_and_reads_back():
    packages = {"zlib": "1", "attrs": "2!1.0+cpu"}
    assert listed(packages) == ["attrs==2!1.0+cpu", "zlib==1"]
    assert read_listed(listed(packages)) == packages


@pytest.mark.parametrize(("match", "names"), [(Match.EXACT, {"torch"}), (Match.OWN, {"torch", "beside"})])
def test_an_interpreter_of_ones_own_sees_more_than_its_own_folder(tmp_path, match, names):
    install(tmp_path / "env/lib/python3.11/site-packages", "torch-2.0.dist-info")
    install(tmp_path / "base/lib/python3.11/site-packages", "beside-1.dist-info", "torch-1.0.dist-info")
    environment = Environment(
        Resolution("x", match, ""), tmp_path / "env/bin/python", (tmp_path / "env", tmp_path / "base", Path("/nowhere"))
    )
    found = of_engine(environment)
    assert set(found) == names
    assert found["torch"] == "2.0"
