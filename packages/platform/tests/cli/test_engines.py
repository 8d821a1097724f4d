"""`maquette engines` as a person types it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def answer(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def own_python(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "mine")], check=True)
    return tmp_path / "mine" / "bin" / "python"


def test_the_list_shows_each_engine_with_its_python_and_size(maquette):
    done = maquette("engines", "list", check=0)
    line = next(line for line in done.stdout.splitlines() if line.startswith("pytorch-2.13.0"))
    assert "to fetch" in line or "no Python for it" in line


def test_the_list_as_json_has_the_same(maquette):
    listed = answer(maquette("engines", "list", "--brief", "--json"))
    assert set(listed) == {"engines", "own", "environments"}
    current = next(engine for engine in listed["engines"] if engine["engine"] == "pytorch-2.13.0")
    assert current["ready"] == []
    assert current["download_mb"] > 0


def test_every_printed_name_is_shown_with_what_it_means_and_why(maquette):
    names = answer(maquette("engines", "list", "--json"))["names"]
    assert len(names) >= 70
    assert all(name["match"] in ("exact", "near", "compat", "refused") and name["reason"] for name in names)
    text = maquette("engines", "list", check=0).stdout
    line = next(line for line in text.splitlines() if line.startswith("TF-1.8.0-python2.7 "))
    assert "refused" in line
    assert "ask for 'TF-1.8.0-python3.6'" in line


def test_an_own_interpreter_is_added_listed_and_forgotten(maquette, own_python):
    done = maquette("engines", "add", "mine", "--python", own_python.parent.parent, check=0)
    assert "Your own Python" in done.stderr
    assert answer(maquette("engines", "list", "--json"))["own"] == [{"name": "mine", "python": str(own_python)}]
    assert str(own_python) in maquette("engines", "list", check=0).stdout
    assert maquette("engines", "prepare", "mine", check=0).stdout.strip() == str(own_python)
    assert "the interpreter stays" in maquette("engines", "remove", "mine", check=0).stderr
    assert own_python.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("prepare", "pytroch"), 1, "Near names: pytorch"),
        (("prepare", "TF-1.8.0-python2.7"), 1, "Python 2 is not offered"),
        (("prepare", "Caffe-1.0.0-python3.6"), 1, "convert it to ONNX"),
        (("add", "mine", "--python", "/nowhere/python"), 1, "There is no file '/nowhere/python'"),
        (("add", "pytorch", "--python", sys.executable), 1, "already means an engine"),
        (("add", "mine"), 2, "--python"),
        (("remove", "nothing"), 1, "no environment"),
        (("prune", "--unused", "-1"), 2, "--unused"),
    ],
)
def test_a_mistake_gets_one_sentence_and_an_exit_code(maquette, arguments, code, words):
    done = maquette("engines", *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_prune_lists_sizes_first_and_a_dry_run_removes_nothing(maquette, home):
    half = home / "engines" / "toy-1.0-py3.11-0123456789"
    half.mkdir(parents=True)
    (half / "file").write_bytes(b"x" * 2_000_000)
    done = maquette("engines", "prune", "--dry-run", check=0)
    assert "unfinished" in done.stdout
    assert "2 MB" in done.stdout
    assert "would free 2 MB" in done.stderr
    assert half.exists()
    assert "1 removed" in maquette("engines", "prune", check=0).stderr
    assert not half.exists()


def test_prune_with_nothing_to_do_says_so(maquette):
    assert "Nothing to remove" in maquette("engines", "prune", check=0).stderr
    assert answer(maquette("engines", "prune", "--json")) == []


@pytest.mark.engine("pytorch")
def test_a_ready_engine_is_listed_with_its_size(maquette, engine_environment, test_home):
    environment = engine_environment("pytorch")
    listed = answer(maquette("engines", "list", "--json", "--home", test_home))
    assert "2.13.0" in next(one for one in listed["engines"] if one["engine"] == "pytorch-2.13.0")["ready"]
    folder = next(one for one in listed["environments"] if one["name"] == environment.python.parent.parent.name)
    assert folder["ready"]
    assert folder["size"] > 500_000_000
    assert "ready (2.13.0)" in maquette("engines", "list", "--home", test_home, check=0).stdout


@pytest.mark.engine("pytorch")
def test_preparing_what_is_ready_gives_its_interpreter(maquette, engine_environment, test_home):
    done = maquette("engines", "prepare", "torch", "--home", test_home, check=0)
    assert done.stdout.strip() == str(engine_environment("pytorch").python)
    assert "torch (exact): PyTorch 2.13.0" in done.stderr
    found = answer(maquette("engines", "prepare", "pytorch", "--json", "--home", test_home))
    assert found["engine"] == "pytorch-2.13.0"
    assert found["path"] == str(engine_environment("pytorch").python)
