import json

import pytest

from maquette.kernel.errors import BadInput
from maquette.models.catalogue import Level
from maquette.models.check import check


@pytest.mark.parametrize(
    "kind", ["PyTorch", "TensorFlow", "MindSpore", "MXNet", "XGBoost", "Scikit_Learn", "Spark_MLlib"]
)
def test_a_sound_package_of_each_model_type_has_nothing_but_hints(ctx, make_package, kind):
    report = check(ctx, make_package(kind))
    assert report.sound
    assert [finding.message for finding in report.findings if finding.level is not Level.HINT] == []
    assert report.package.model_type == kind
    assert report.package.service_class == "Service"


@pytest.mark.parametrize(
    ("kind", "model_path"),
    [
        ("PyTorch", "/home/mind/model/best.pth"),
        ("TensorFlow", "/home/mind/model/1"),
        ("MindSpore", "/home/mind/model/1"),
        ("MXNet", "/home/mind/model"),
        ("XGBoost", "/home/mind/model/x.m"),
        ("Spark_MLlib", "/home/mind/model/spark_model"),
    ],
)
def test_a_service_is_given_the_path_that_its_engine_gives(ctx, make_package, kind, model_path):
    plan = check(ctx, make_package(kind)).package.plan("/opt/maquette/socket/i.sock")
    assert plan["model_path"] == model_path
    assert plan["package"] == "/home/mind/model"
    assert plan["service_file"] == "customize_service.py"
    assert plan["mode"] is None


@pytest.mark.parametrize("kind", ["TensorFlow", "MXNet", "XGBoost", "Scikit_Learn"])
def test_engines_with_a_service_of_their_own_need_no_code(ctx, make_package, kind):
    report = check(ctx, make_package(kind, service=None))
    assert report.sound
    assert report.package.service_file is None


@pytest.mark.parametrize("kind", ["PyTorch", "MindSpore", "Spark_MLlib"])
def test_the_other_engines_need_code(ctx, make_package, kind):
    assert "missing-service" in [error.code for error in check(ctx, make_package(kind, service=None)).errors]


def test_errors_come_first_and_the_report_counts_them(ctx, make_package):
    report = check(ctx, make_package(change={"model_type": "Pytorch"}, files={"best.pth": None}))
    levels = [finding.level for finding in report.findings]
    assert levels == sorted(levels, key=["error", "warning", "hint"].index)
    assert report.count(Level.ERROR) == len(report.errors) == 1
    assert not report.sound


def test_the_report_as_json_is_complete(ctx, make_package):
    report = check(ctx, make_package(change={"dependencies": [{"installer": "pip", "packages": ["numpy"]}]}))
    told = json.loads(json.dumps(report.as_json()))
    assert told["sound"] is True
    assert told["model_type"] == "PyTorch"
    assert told["engine"]["name"] == "pytorch-1.4.0"
    assert told["engine"]["python"] == "3.7"
    assert told["requirements"] == ["numpy"]
    assert told["counts"]["error"] == 0
    fields = ["level", "code", "message", "fix", "parameters", "file", "line", "column", "field", "repairable"]
    assert all(list(finding) == fields for finding in told["findings"])
    era = next(finding for finding in told["findings"] if finding["code"] == "dependency-era")
    assert era["parameters"]["names"] == "numpy"


def test_a_finding_is_told_with_what_its_sentences_are_made_of(ctx, make_package):
    """Parts of sentences too, so that they can be told in other languages."""
    report = check(ctx, make_package(change={"apis": [{"url": "/predict", "method": "post"}]}))
    told = json.loads(json.dumps(report.as_json()))
    url = next(finding for finding in told["findings"] if finding["code"] == "api-url")
    part = {"code": "checks.as_well", "message": "as well as here", "parameters": {}}
    assert url["parameters"] == {"url": "/predict", "here": part}


def test_an_engine_of_the_callers_own_choice_replaces_the_runtime(ctx, make_package):
    assert check(ctx, make_package(), engine="pytorch-1.8.0").engine.engine == "pytorch-1.8.0"
    with pytest.raises(BadInput, match="pytoch"):
        check(ctx, make_package(name="other"), engine="pytoch")


def test_a_folder_without_a_package_says_where_packages_lie(ctx, make_package):
    parent = make_package().parent
    with pytest.raises(BadInput, match="Packages lie in: package"):
        check(ctx, parent)


def test_nothing_of_a_package_is_run_or_written(ctx, make_package, tmp_path):
    witness = tmp_path / "witness"
    folder = make_package(service=f"open({str(witness)!r}, 'w')\nimport helper\n", files={"helper.py": "1 / 0\n"})
    before = sorted(folder.rglob("*"))
    check(ctx, folder)
    assert not witness.exists()
    assert sorted(folder.rglob("*")) == before


def test_what_is_told_of_a_dependency_stands_at_its_line(ctx, make_package):
    packages = [{"package_name": "numpy"}, {"package_name": "torch", "package_version": "1.8.0", "restraint": "EXACT"}]
    folder = make_package(change={"dependencies": [{"installer": "pip", "packages": packages}]})
    [told] = [finding for finding in check(ctx, folder).findings if finding.code == "engine-by-dependency"]
    lines = (folder / "model" / "config.json").read_text().splitlines()
    assert lines[told.line - 1][told.column - 1 :].startswith('"torch"')


def test_a_syntax_error_there_is_told_with_its_line(ctx, make_package):
    report = check(ctx, make_package(service="import os\n\ndef broken(:\n    pass\n"))
    [error] = report.errors
    assert (error.code, error.file, error.line) == ("syntax-error", "customize_service.py", 3)
