import json

import pytest

from maquette.kernel.ports import Match, Resolution
from maquette.models.check import check
from maquette.models.config.reading import read_config
from maquette.models.dependencies import judge_requirements, requirement_lines, wheel_trouble
from maquette.models.domain import Package

WHEEL = "pycocotools-2.0.2-cp36-cp36m-linux_x86_64.whl"
PURE = "tool_kit-1.5-py2.py3-none-any.whl"


def package(folder, *entries):
    names = ("package_name", "package_version", "restraint")
    packages = [dict(zip(names, entry)) for entry in entries]  # noqa: B905
    content = {"model_type": "PyTorch", "dependencies": [{"installer": "pip", "packages": packages}]}
    return Package(folder, read_config(json.dumps(content).encode()).config, "PyTorch", None, "")


def resolution(*packages, python="3.7", era="2020-03-01"):
    return Resolution("x", Match.EXACT, "", python_version=python, packages=packages, era=era)


@pytest.mark.parametrize(
    ("name", "python", "fits"),
    [
        (PURE, "3.7", True),
        (WHEEL, "3.6", True),
        (WHEEL, "3.7", False),
        ("a-1.0-cp36-abi3-manylinux2014_x86_64.whl", "3.7", True),
        ("a-1.0-cp38-abi3-manylinux2014_x86_64.whl", "3.7", False),
        ("a-1.0-py3-none-manylinux1_x86_64.whl", "3.11", True),
        ("a-1.0-cp37-cp37m-win_amd64.whl", "3.7", False),
        ("a-1.0-cp37-cp37m-macosx_10_9_x86_64.whl", "3.7", False),
        ("a-1.0-py37-none-any.whl", "3.7", True),
        ("no wheel.whl", "3.7", False),
        ("a-1.0.tar.gz", "3.7", True),
        (WHEEL, "", True),
    ],
)
def test_a_wheel_tells_by_its_name_where_it_goes(name, python, fits):
    assert (wheel_trouble(name, python) == "") == fits


def test_wheels_of_the_package_are_installed_where_they_fit(tmp_path):
    (tmp_path / PURE).write_bytes(b"wheel")
    (tmp_path / WHEEL).write_bytes(b"wheel")
    entries = ((f"/home/mind/model/{PURE}",), (f"/home/mind/model/1/{WHEEL}",), ("numpy", "1.19.1", "EXACT"))
    made = package(tmp_path, *entries)
    lines, said = requirement_lines(made, resolution(python="3.7"))
    assert lines == (str(tmp_path / PURE), "pycocotools==2.0.2", "numpy==1.19.1")
    assert [finding.code for finding in said] == ["dependency-wheel"]
    assert requirement_lines(made, resolution(python="3.6"))[1] == []


def test_a_wheel_that_is_not_there_gives_way_to_the_package_of_its_name(tmp_path):
    entries = (("torch-1.3.1+cu100-cp36-cp36m-linux_x86_64.whl",), ("kit-1.0.tar.gz",), ("what.zip",))
    lines, said = requirement_lines(package(tmp_path, *entries), resolution())
    assert lines == ("torch==1.3.1", "kit==1.0")
    assert [finding.code for finding in said] == ["dependency-wheel", "dependency-wheel", "dependency-file"]


@pytest.mark.parametrize(
    ("entry", "brought", "relaxed"),
    [
        (("torch", "1.4.0", "EXACT"), "torch==1.4.0", False),
        (("torch", "1.5.0", "EXACT"), "torch==1.4.0", True),
        (("torch", "1.5.0", "ATLEAST"), "torch==1.4.0", True),
        (("torch", "1.2.0", "ATLEAST"), "torch==1.4.0", False),
        (("torch", "1.2.0", "ATMOST"), "torch==1.4.0", True),
        (("numpy", "1.17.0", "EXACT"), "numpy<1.17", True),
        (("numpy", "1.16.4", "EXACT"), "numpy<1.17", False),
        (("numpy", "1.18.0", "ATLEAST"), "numpy<1.17", True),
        (("numpy", "1.15.0", "ATLEAST"), "numpy<1.17", False),
        (("Pillow", "5.2.0", "EXACT"), "pillow", False),
        (("scikit_learn", "0.19.1", "EXACT"), "scikit-learn==0.22.1", True),
        (("torchvision", "0.5.0", "EXACT"), "torchvision==0.5.*", False),
        (("torchvision", "0.8.2", "EXACT"), "torchvision==0.5.*", True),
        (("torch", "1.4.0+cpu", "EXACT"), "torch==1.4.0", False),
        (("tqdm",), "tqdm==4", False),
        (("numpy", "1.18.0", "ATMOST"), "numpy>=1.26", True),
        (("numpy", "1.26", "ATMOST"), "numpy>=1.26", False),
        (("numpy", "1.26", "ATMOST"), "numpy>1.26", True),
        (("numpy", "1.18.0", "EXACT"), "numpy>=1.26", True),
        (("numpy<1.26",), "numpy>=1.26", True),
        (("numpy<1.26.1",), "numpy>=1.26", False),
        (("numpy!=1.16.4",), "numpy==1.16.4", True),
        (("numpy!=1.16.4",), "numpy<1.17", False),
        (("numpy!=1.26.0",), "numpy>=1.26,<1.27", False),
        (("numpy!=1.26.*",), "numpy>=1.26,<1.27", True),
        (("numpy>=1.17,<1.20",), "numpy>=1.20", True),
        (("numpy~=1.26.1",), "numpy<1.26", True),
        (("numpy===1.16",), "numpy<1.17", False),
        (("numpy===1.16",), "numpy>=1.17", True),
        (("numpy===sixteen",), "numpy>=1.17", True),
        (("numpy[extra]<1.17",), "numpy>=1.17", True),
        (("numpy", "2.0.0rc1", "ATLEAST"), "numpy<2", True),
        (("torch", "1.4.0+cpu", "ATMOST"), "torch==1.4.0", False),
        (("https://example.com/numpy-1.17.tar.gz",), "numpy<1.17", False),
        (("numpy", "1.15", "ATMOST"), "scipy>=1.26", False),
    ],
)
def test_pins_that_the_engine_rules_out_are_told(tmp_path, entry, brought, relaxed):
    found = list(judge_requirements(package(tmp_path, entry), resolution(brought, "six", era=None)))
    assert [finding.code for finding in found] == (["dependency-relaxed"] if relaxed else [])


def test_what_has_no_upper_version_obeys_the_engines_era(tmp_path):
    bounded = (("tqdm", "4.1", "EXACT"), ("six", "1.0", "ATMOST"), ("h5py<3",), ("wrapt~=1.2",))
    entries = (("pandas",), ("scipy", "1.0", "ATLEAST"), *bounded)
    [finding] = judge_requirements(package(tmp_path, *entries), resolution())
    assert "pandas, scipy>=1.0: " in finding.message
    assert "2020-03-01" in finding.message


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("import numpy, torch, torchvision, cv2, PIL, yaml, sklearn", ""),
        ("import os, json, http.client, __future__", ""),
        ("import log, moxing, metric", ""),
        ("import mmdet.apis\nimport dlib", "mmdet, dlib"),
        ("try:\n    import dlib\nexcept ImportError:\n    pass", ""),
        ("import skimage, tokenizers", "skimage, tokenizers"),
    ],
)
def test_imports_that_nothing_brings_are_pointed_out(ctx, make_package, line, missing):
    service = (
        f"{line}\nfrom model_service.pytorch_model_service import PTServingBaseService\n"
        "class S(PTServingBaseService):\n    pass\n"
    )
    found = [finding for finding in check(ctx, make_package(service=service)).findings if "import" in finding.code]
    assert [finding.words["names"] for finding in found] == ([missing] if missing else [])


def test_declared_packages_bring_the_modules_that_come_with_them(ctx, make_package):
    service = (
        "import transformers, tokenizers, skimage, mmcv\n"
        "from model_service.pytorch_model_service import PTServingBaseService\n"
        "class S(PTServingBaseService):\n    pass\n"
    )
    names = ["transformers", "scikit-image", "mmcv-full"]
    change = {"dependencies": [{"installer": "pip", "packages": [{"package_name": name} for name in names]}]}
    report = check(ctx, make_package(service=service, change=change))
    assert "undeclared-import" not in [finding.code for finding in report.findings]
