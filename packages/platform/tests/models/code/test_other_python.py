import dataclasses
import sys
from pathlib import Path

import pytest

from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.models.check import check
from maquette.models.code.other_python import parse_with


@pytest.fixture
def with_python(ctx):
    """A context whose engines run on this interpreter, whatever its version is called."""

    def make(version, python=sys.executable):
        machine = Machine({version: Path(python)}, (), frozenset())
        engines = UvEngines(ctx.settings.home, {"PATH": ""}, machine=machine)
        return dataclasses.replace(ctx, engines=engines)

    return make


@pytest.fixture
def stern_python(tmp_path):
    """An interpreter that finds an error in every file, as an old one finds in new code."""
    script = tmp_path / "stern"
    script.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "for path, name in json.load(sys.stdin):\n    print(json.dumps([name, 2, 7, 'invalid syntax']))\n"
    )
    script.chmod(0o755)
    return script


def test_files_are_parsed_and_never_run(tmp_path):
    (tmp_path / "good.py").write_text(f"open({str(tmp_path / 'witness')!r}, 'w')\n")
    (tmp_path / "bad.py").write_text("x = (\n")
    [refused] = parse_with(Path(sys.executable), tmp_path, ["good.py", "bad.py"])
    assert (refused.file, refused.line) == ("bad.py", 1)
    assert not (tmp_path / "witness").exists()


def test_an_interpreter_that_does_not_start_says_nothing(tmp_path):
    assert parse_with(tmp_path / "none", tmp_path, []) is None


def test_code_that_the_engines_python_refuses_is_an_error(with_python, make_package, stern_python):
    report = check(with_python((3, 7), stern_python), make_package())
    [error] = report.errors
    assert (error.code, error.file, error.line) == ("other-python-syntax", "customize_service.py", 2)
    assert "Python 3.7" in error.message


def test_code_newer_than_this_python_is_taken_on_the_word_of_the_engines(with_python, make_package, tmp_path):
    kind = tmp_path / "kind"
    kind.write_text("#!/bin/sh\ncat > /dev/null\n")
    kind.chmod(0o755)
    report = check(with_python((3, 13), kind), make_package("PyTorch", service="x = (\n"), engine="pytorch")
    assert report.sound
    assert "unread-source" in [finding.code for finding in report.findings]
