import json

import pytest

from maquette.models.config.reading import read_config


def read(*packages, installer="pip"):
    entry = {"installer": installer, "packages": list(packages)}
    return read_config(json.dumps({"model_type": "PyTorch", "dependencies": [entry]}).encode())


def package(name, version=None, restraint=None):
    members = {"package_name": name, "package_version": version, "restraint": restraint}
    return {key: value for key, value in members.items() if value is not None}


@pytest.mark.parametrize(
    ("written", "line", "codes"),
    [
        (package("numpy"), "numpy", []),
        (package("numpy", "", ""), "numpy", []),
        (package("numpy", "1.17.0", "EXACT"), "numpy==1.17.0", []),
        (package("numpy", "1.17.0", "ATLEAST"), "numpy>=1.17.0", []),
        (package("numpy", "1.17.0", "ATMOST"), "numpy<=1.17.0", []),
        (package("torch", "1.8.*", "EXACT"), "torch==1.8.*", []),
        (package("numpy", "2.0.0rc1", "ATLEAST"), "numpy>=2.0.0rc1", []),
        (package("numpy", "1.17.0", "exact"), "numpy==1.17.0", ["dependency-restraint"]),
        (package("numpy", "1.17.0", ">="), "numpy>=1.17.0", ["dependency-restraint"]),
        (package("numpy", "1.17.0", "AT_LEAST"), "numpy>=1.17.0", ["dependency-restraint"]),
        (package("numpy", "1.17.0"), "numpy==1.17.0", ["dependency-restraint"]),
        (package("numpy", None, "EXACT"), "numpy", ["dependency-restraint"]),
        (package("numpy", "latest", "EXACT"), "numpy", ["dependency-restraint"]),
        (package("numpy", "latest"), "numpy", ["dependency-restraint"]),
        (package("numpy", ">=1.14"), "numpy>=1.14", ["dependency-restraint"]),
        (package("numpy", ">= 1.14", ""), "numpy>=1.14", ["dependency-restraint"]),
        (package("numpy", "==1.14.*"), "numpy==1.14.*", ["dependency-restraint"]),
        (package("numpy", "<=1.14", "ATMOST"), "numpy<=1.14", ["dependency-restraint"]),
        (package("sklearn", ">=0.20", "EXACT"), "scikit-learn>=0.20", ["dependency-restraint", "dependency-name"]),
        (package("numpy", ">=latest"), "numpy", ["dependency-restraint"]),
        (package("numpy", "~=1.14"), "numpy", ["dependency-restraint"]),
        (package("numpy", ">=1.14,<2"), "numpy", ["dependency-restraint"]),
        (package("numpy", 1.17, "EXACT"), "numpy==1.17", ["field-type"]),
        (package("numpy==1.17.0"), "numpy==1.17.0", ["dependency-name"]),
        ("tqdm", "tqdm", ["field-type"]),
        (package("sklearn", "0.22.2", "EXACT"), "scikit-learn==0.22.2", ["dependency-name"]),
        (package("PIL"), "Pillow", ["dependency-name"]),
        (package("./tool-1.0-py3-none-any.whl"), "./tool-1.0-py3-none-any.whl", []),
        (package("json"), None, ["dependency-name"]),
        (package(""), None, ["dependency-ignored"]),
        (package("scikit learn"), None, ["dependency-ignored"]),
        (package("--index-url https://example.com"), None, ["dependency-ignored"]),
        (package("-r requirements.txt"), None, ["dependency-ignored"]),
        (package("numpy\n--pre"), None, ["dependency-ignored"]),
        (package("git+https://example.com/tool.git"), "git+https://example.com/tool.git", []),
        (package("numpy<1.20,!=1.19.3"), "numpy<1.20,!=1.19.3", []),
        (package("uvicorn[standard]"), "uvicorn[standard]", []),
        ({"package_version": "1.0"}, None, ["dependency-ignored"]),
        (3, None, ["dependency-ignored"]),
    ],
)
def test_a_package_becomes_what_pip_takes(written, line, codes):
    reading = read(written)
    assert [requirement.line for requirement in reading.config.requirements] == ([line] if line else [])
    told = [finding for finding in reading.findings if finding.field.startswith("dependencies[0].packages[0]")]
    assert [finding.code for finding in told] == codes


def test_another_installer_installs_nothing():
    reading = read(package("numpy"), installer="conda")
    assert reading.config.requirements == ()
    assert "dependency-ignored" in [finding.code for finding in reading.findings]


@pytest.mark.parametrize(
    "dependencies",
    [
        {"installer": "pip", "packages": [package("numpy")]},
        [{"packages": [package("numpy")]}],
        [{"installer": "PIP", "packages": package("numpy")}],
        [package("numpy")],
        ["numpy"],
        [{"installer": "pip", "package": [package("numpy")]}],
    ],
)
def test_dependencies_are_read_in_every_shape_that_people_give_them(dependencies):
    reading = read_config(json.dumps({"model_type": "PyTorch", "dependencies": dependencies}).encode())
    assert [requirement.line for requirement in reading.config.requirements] == ["numpy"]


def test_a_misspelt_package_name_is_mended_with_certainty():
    assert '"package_name": "opencv-python-headless"' in read(package("cv2")).mended


@pytest.mark.parametrize("restraint", [None, "", "ATLEAST"])
def test_a_version_that_carries_its_restraint_is_taken_apart_with_certainty(restraint):
    reading = read(package("numpy", ">=1.14", restraint))
    mended = json.loads(reading.mended)["dependencies"][0]["packages"]
    assert mended == [{"package_name": "numpy", "package_version": "1.14", "restraint": "ATLEAST"}]
    assert [finding.fix for finding in reading.findings if finding.code == "dependency-restraint"] == [
        'Write "package_version": "1.14", "restraint": "ATLEAST".'
    ]


def test_a_version_whose_operator_contradicts_the_restraint_is_left_to_its_author():
    reading = read(package("numpy", ">=1.14", "EXACT"))
    assert [finding.repairable for finding in reading.findings if finding.code == "dependency-restraint"] == [False]
