"""`pip list`, `freeze`, `show`, `--version`, and what only the real pip can."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def toy(pip, wheels):
    wheels("toy", "1.0", requires=["more", "extra-thing; extra == 'x'"])
    wheels("more", "2.0")
    pip("install", "-q", "toy", check=0)


def test_packages_are_listed(toy, pip):
    assert [line.split() for line in pip("list", check=0).stdout.splitlines()[2:]] == [["more", "2.0"], ["toy", "1.0"]]


def test_packages_are_listed_as_json(toy, pip):
    listed = json.loads(pip("list", "--format=json", check=0).stdout)
    assert listed == [{"name": "more", "version": "2.0"}, {"name": "toy", "version": "1.0"}]


@pytest.mark.parametrize("arguments", [["freeze"], ["list", "--format", "freeze"]])
def test_packages_are_frozen(toy, pip, arguments):
    assert pip(*arguments, check=0).stdout.splitlines() == ["more==2.0", "toy==1.0"]


def test_a_script_may_freeze_too(toy, python):
    code = "from pip._internal.operations import freeze; print(list(freeze.freeze()))"
    assert python(code) == "['more==2.0', 'toy==1.0']"


def test_old_scripts_ask_for_the_installed_distributions(toy, python):
    code = (
        "from pip._internal.utils.misc import get_installed_distributions as g\n"
        "print([(d.key, d.project_name, d.version) for d in g()])"
    )
    assert python(code) == "[('more', 'more', '2.0'), ('toy', 'toy', '1.0')]"


def test_a_package_is_shown(toy, pip, run):
    lines = dict(line.split(": ", 1) for line in pip("show", "-f", "Toy", check=0).stdout.splitlines() if ": " in line)
    assert (lines["Name"], lines["Version"], lines["Summary"]) == ("toy", "1.0", "a toy")
    assert lines["Location"] == str(run.site)
    assert lines["Requires"] == "more"
    assert "Required-by: toy" in pip("show", "more", check=0).stdout


def test_a_package_that_is_not_there_is_not_shown(toy, pip):
    done = pip("show", "nothing")
    assert done.returncode == 1
    assert "Package(s) not found: nothing" in done.stdout


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version_looks_like_pips(pip, arguments):
    assert pip(*arguments, check=0).stdout.startswith("pip 24.0 from ")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"], ["install", "--help"]])
def test_help_says_what_this_pip_is(pip, arguments):
    assert "This is a run's pip" in pip(*arguments, check=0).stdout


def test_a_command_for_the_real_pip_says_when_it_cannot_be_fetched(pip, tmp_path):
    done = pip("download", "toy", TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert "ERROR" in done.stdout
