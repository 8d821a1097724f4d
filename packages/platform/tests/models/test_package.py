import json
import os
from pathlib import Path

import pytest

from maquette.kernel.errors import BadInput
from maquette.models.check import check
from maquette.models.package import find_package

PT = """from model_service.pytorch_model_service import PTServingBaseService
class S(PTServingBaseService):
    def __init__(self, name, path):
        self.m = 1
    def _inference(self, data):
        return data
"""
GENERAL = PT.replace("pytorch_model_service", "model_service").replace("PTServingBase", "SingleNode")


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("names", "given", "found"),
    [
        (["model/config.json"], "", "model"),
        (["model/config.json"], "model", "model"),
        (["config.json", "customize_service.py"], "", ""),
        (["config.json", "customize_service.py", "model/net.py", "model/config.json"], "", ""),
        (["config.json", "saved_model.pb", "model/x.pth"], "", ""),
        (["config.json", "model/config.json", "model/customize_service.py"], "", "model"),
        (["README.md", "model/customize_service.py"], "", "model"),
        (["saved_model.pb"], "", ""),
        (["best.pth"], "", ""),
    ],
)
def test_a_package_is_the_model_folder_or_its_parent(tmp_path, names, given, found):
    write(tmp_path, *names)
    assert find_package(tmp_path / given) == (tmp_path / found).resolve()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nowhere", "does not exist"),
        ("config.json", "is a file"),
        ("model.zip", "Unpack it"),
        ("empty", "holds no model package"),
    ],
)
def test_what_is_no_package_is_a_slip_of_the_caller(tmp_path, given, words):
    write(tmp_path, "config.json", "model.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=words):
        find_package(tmp_path / given)


def test_two_configurations_are_told_with_the_one_that_counts(ctx, make_package):
    parent = make_package()
    (parent / "config.json").write_text(json.dumps({"model_type": "TensorFlow"}))
    report = check(ctx, parent)
    assert report.package.model_type == "PyTorch"
    assert "several-configs" in [finding.code for finding in report.findings]


def test_links_that_leave_the_package_are_refused_and_others_are_not(ctx, make_package, tmp_path):
    parent = make_package()
    (tmp_path / "secret").write_text("x")
    os.symlink(tmp_path / "secret", parent / "model" / "outside.txt")
    os.symlink("best.pth", parent / "model" / "inside.bin")
    [error] = check(ctx, parent).errors
    assert (error.code, error.file) == ("link-outside", "outside.txt")


def test_what_tools_leave_behind_is_not_looked_at(ctx, make_package):
    files = {".git/objects/a b.pth": b"", "__pycache__/x.pyc": b"", ".ipynb_checkpoints/c.pth": b""}
    report = check(ctx, make_package(files=files))
    assert report.sound
    assert report.package.model_path == "/home/mind/model/best.pth"


@pytest.mark.parametrize(
    ("files", "service", "model_type"),
    [
        ({"saved_model.pb": b"m"}, None, "TensorFlow"),
        ({"mnist-symbol.json": b"{}", "mnist-0000.params": b"p"}, None, "MXNet"),
        ({"iris.m": b"m"}, None, "Scikit_Learn"),
        ({"net.ckpt": b"w", "best.pth": None}, None, None),
        ({}, PT, "PyTorch"),
        ({"saved_model.pb": b"m"}, PT, "PyTorch"),
        ({}, GENERAL, "MindSpore"),
        ({}, "import torch\n" + GENERAL, "PyTorch"),
    ],
)
def test_without_a_configuration_code_and_files_tell_the_engine(ctx, make_package, files, service, model_type):
    base = {"best.pth": None} if service is None else {}
    report = check(ctx, make_package(config=None, service=service, files={**base, **files}))
    assert (report.package.model_type if report.package else None) == model_type
    if model_type:
        assert report.package.mode == "undefined"
        assert "missing-config" in [finding.code for finding in report.findings]


def test_a_package_without_configuration_runs_on_todays_engine(ctx, make_package):
    report = check(ctx, make_package(config=None))
    assert report.asked == "PyTorch"
    assert report.engine.engine == "pytorch-2.13.0"


@pytest.mark.parametrize("name", ["Config.json", "confg.json", "config.JSON"])
def test_a_configuration_under_another_name_is_pointed_out(ctx, make_package, name):
    found = check(ctx, make_package(config=None, files={name: "{}"})).findings
    told = [finding for finding in found if finding.code == "misnamed-file"]
    assert [finding.file for finding in told] == [name]


def test_the_class_of_another_file_is_told_by_its_own_file(ctx, make_package):
    files = {"serving.py": PT.replace("def __init__(self, name, path)", "def __init__(self)")}
    [error] = check(ctx, make_package(service="from serving import S\n", files=files)).errors
    assert (error.code, error.file, error.line) == ("constructor-arguments", "serving.py", 3)


def test_a_broken_module_of_the_package_is_told_with_its_own_line(ctx, make_package):
    files = {"utils/__init__.py": "", "utils/boxes.py": "x = 1\nprint 'hello'\n"}
    [error] = check(ctx, make_package(service="from utils import boxes\n" + PT, files=files)).errors
    assert (error.code, error.file, error.line) == ("python2-code", "utils/boxes.py", 2)


def test_several_imported_services_are_no_choice(ctx, make_package):
    files = {"a.py": PT.replace("class S(", "class A("), "b.py": PT.replace("class S(", "class B(")}
    [error] = check(ctx, make_package(service="from a import A\nfrom b import B\n", files=files)).errors
    assert error.code == "no-service-class"
    assert "A, B" in error.message


def test_stages_outside_of_a_class_are_told_with_their_line(ctx, make_package):
    [error] = check(
        ctx, make_package(service="import json\n\n\ndef _preprocess(self, data):\n    return data\n")
    ).errors
    assert (error.code, error.line) == ("no-service-class", 4)
    assert "_preprocess is a function outside of any class" in error.message


def test_a_name_that_leads_in_circles_ends(ctx, make_package):
    circle = "from c import *\nclass T(T):\n    pass\n"
    files = {"a.py": "from b import S\n", "b.py": "from a import S\n", "c.py": circle}
    report = check(ctx, make_package(service="from a import S\nfrom c import *\nclass X(S):\n    pass\n", files=files))
    assert [error.code for error in report.errors] == ["no-service-class"]


def test_the_package_is_told_relative_to_the_folder_that_is_given(ctx, make_package, monkeypatch):
    parent = make_package()
    monkeypatch.chdir(parent)
    assert check(ctx, Path("model")).folder == check(ctx, Path(".")).folder == (parent / "model").resolve()
