"""Interpreters are found wherever people keep them, and a bad one is named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from maquette.drivers.engines.interpreters import ask, find_interpreters, own_interpreter, search_folders
from maquette.kernel.errors import BadInput, MaquetteError, NotFound, Refused


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def pretend_python(path, version, **more):
    """A program that answers as a Python of that version would."""
    prefix = str(path.parent.parent)
    answer = {
        "version": version, "executable": str(path), "prefix": prefix, "base_prefix": prefix, "exec_prefix": prefix,
        "base": str(path), "paths": [], "user_site": "", **more,
    }  # fmt: skip
    return program(path, f"echo '{json.dumps(answer)}'\n")


def test_every_pyenv_version_is_found_though_its_shims_fail(tmp_path):
    pyenv = tmp_path / ".pyenv"
    shim = program(pyenv / "shims" / "python3.7", "echo 'pyenv: python3.7: command not found' >&2; exit 127\n")
    pretend_python(pyenv / "versions" / "3.7.16" / "bin" / "python", "3.7.16")
    pretend_python(pyenv / "versions" / "3.9.18" / "bin" / "python3.9", "3.9.18")
    found = find_interpreters({"HOME": str(tmp_path), "PATH": str(shim.parent)})
    assert found[(3, 7)].path == str(pyenv / "versions" / "3.7.16" / "bin" / "python")
    assert found[(3, 9)].version == "3.9.18"


def test_path_comes_before_pyenv_and_pyenv_before_the_system(tmp_path):
    chosen = pretend_python(tmp_path / "chosen" / "bin" / "python3", "3.8.1")
    pretend_python(tmp_path / ".pyenv" / "versions" / "3.8.18" / "bin" / "python", "3.8.18")
    variables = {"HOME": str(tmp_path), "PATH": f"/usr/bin:{chosen.parent}"}
    assert find_interpreters(variables)[(3, 8)].version == "3.8.1"
    folders = search_folders(variables)
    assert folders.index(chosen.parent) < folders.index(Path("/usr/bin"))


def test_uvs_own_are_found(tmp_path):
    pretend_python(tmp_path / ".local/share/uv/python/cpython-3.10.1-linux/bin/python3.10", "3.10.1")
    assert (3, 10) in find_interpreters({"HOME": str(tmp_path), "PATH": ""})


def test_an_environments_python_stands_for_the_one_behind_it():
    found = ask(sys.executable)
    assert Path(found.base).resolve() == Path(found.base)
    assert found.base_prefix == sys.base_prefix


def test_too_old_and_broken_ones_are_left_out(tmp_path):
    pretend_python(tmp_path / "bin" / "python3.6", "3.6.15")
    program(tmp_path / "bin" / "python3.8", "exit 1\n")
    program(tmp_path / "bin" / "python3-config", "echo no\n")
    assert find_interpreters({}, folders=[tmp_path / "bin", tmp_path / "nowhere"]) == {}


def test_an_answer_is_kept_until_the_interpreter_changes(tmp_path):
    path = pretend_python(tmp_path / "bin" / "python3.8", "3.8.1")
    cache = tmp_path / "home" / "interpreters.json"
    find_interpreters({}, cache, [path.parent])
    kept = json.loads(cache.read_text())
    only = next(iter(kept))
    kept[only]["version"] = "3.8.99"
    cache.write_text(json.dumps(kept))
    assert find_interpreters({}, cache, [path.parent])[(3, 8)].version == "3.8.99"
    pretend_python(path, "3.8.200")
    assert find_interpreters({}, cache, [path.parent])[(3, 8)].version == "3.8.200"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": {"version": 1}}'])
def test_a_spoilt_cache_is_no_harm(tmp_path, text):
    path = pretend_python(tmp_path / "bin" / "python3.8", "3.8.1")
    cache = tmp_path / "interpreters.json"
    cache.write_text(text)
    assert (3, 8) in find_interpreters({}, cache, [path.parent])


def test_the_folder_of_an_environment_is_enough():
    assert own_interpreter(Path(sys.prefix)).prefix == sys.prefix


def bad_paths(tmp_path):
    gone = tmp_path / "gone"
    gone.symlink_to(tmp_path / "nothing")
    text = tmp_path / "text"
    text.write_text("hello")
    return {
        "missing": (tmp_path / "missing", NotFound, "There is no file"),
        "a link to nothing": (gone, BadInput, "which is gone"),
        "no program": (text, BadInput, "is not a program"),
        "an empty folder": (tmp_path, NotFound, "There is no file"),
        "not a Python": (program(tmp_path / "ls", "echo hello; echo oops >&2\n"), BadInput, "oops"),
        "silent": (program(tmp_path / "silent", "exit 3\n"), BadInput, "it printed nothing"),
        "of another machine": (binary(tmp_path / "arm"), BadInput, "cannot be run as a Python"),
        "Python 2": (pretend_python(tmp_path / "two" / "python2", "2.7.18"), Refused, "is Python 2.7.18"),
        "Python 3.6": (pretend_python(tmp_path / "old" / "python3.6", "3.6.15"), Refused, "3.7 or newer"),
    }


def binary(path):
    path.write_bytes(b"\x7fELF" + bytes(60))
    path.chmod(0o755)
    return path


BAD = (
    "missing", "a link to nothing", "no program", "an empty folder", "not a Python", "silent", "of another machine",
    "Python 2", "Python 3.6",
)  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_path_that_is_no_use_gets_a_sentence(tmp_path, case):
    path, kind, words = bad_paths(tmp_path)[case]
    with pytest.raises(MaquetteError, match=words) as error:
        own_interpreter(path)
    assert isinstance(error.value, kind)
    assert str(path.name) in error.value.message


def test_a_real_python_2_is_named_as_such(tmp_path):
    found = subprocess.run(["bash", "-c", "ls ~/.pyenv/versions/2.7*/bin/python2.7 /usr/bin/python2.7 2>/dev/null"],
                           capture_output=True, text=True).stdout.split()  # fmt: skip
    if not found:
        pytest.skip("this machine has no Python 2 to try")
    with pytest.raises(Refused, match=r"is Python 2\.7"):
        own_interpreter(Path(found[0]))
