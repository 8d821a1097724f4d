"""Environments on disk: ready or not, shared or own bytes, in use or not."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from maquette.drivers.engines import folders
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import Stopped

from .conftest import running


def environment(path, ready=True):
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "python").symlink_to(sys.executable)
    if ready:
        folders.write_record(path, {"engine": "toy-1.0", "size": 5})
    return path


def test_a_folder_without_its_marker_is_unfinished(tmp_path):
    assert folders.read_record(environment(tmp_path / "a", ready=False)) is None
    assert folders.read_record(environment(tmp_path / "b"))["engine"] == "toy-1.0"


def test_an_environment_whose_interpreter_is_gone_is_unfinished(tmp_path):
    path = environment(tmp_path / "a")
    (path / "bin" / "python").unlink()
    (path / "bin" / "python").symlink_to(tmp_path / "gone")
    assert folders.read_record(path) is None


def test_a_half_written_marker_is_none(tmp_path):
    path = environment(tmp_path / "a")
    (path / ".maquette" / "ready.json").write_text('{"engine": ')
    assert folders.read_record(path) is None


def test_the_bytes_that_others_share_are_not_freed(tmp_path):
    path = environment(tmp_path / "a")
    (path / "own").write_bytes(b"x" * 50_000)
    (tmp_path / "cached").write_bytes(b"y" * 90_000)
    os.link(tmp_path / "cached", path / "shared")
    size, freed = folders.disk_use(path)
    assert size - freed >= 90_000
    assert freed >= 50_000


def test_an_environment_that_is_removed_while_all_are_listed_is_none(tmp_path, monkeypatch):
    paths = {name: environment(tmp_path / name) for name in ("a", "b", "c")}

    def removes_one(known):
        folders.remove(paths["b"])
        return set()

    monkeypatch.setattr(folders, "paths_in_use", removes_one)
    for measure in (True, False):
        assert [folder.name for folder in folders.list_folders(tmp_path, measure)] == ["a", "c"]
        environment(paths["b"])
    assert folders.disk_use(tmp_path / "gone") == (0, 0)


def test_an_environment_of_a_running_process_is_in_use(tmp_path):
    path = environment(tmp_path / "a")
    other = environment(tmp_path / "b")
    with running(path / "bin" / "python"):
        assert folders.paths_in_use([path, other]) == {path}
    assert folders.paths_in_use([path]) == set()


def row(ready=True, age=0.0, in_use=False):
    return folders.Folder("a", None, ready, {}, time.time() - age * 86400, in_use=in_use)


@pytest.mark.parametrize(
    ("folder", "goes"),
    [
        (row(age=1), False),
        (row(age=40), True),
        (row(age=40, in_use=True), False),
        (row(ready=False), True),
        (row(ready=False, in_use=True), False),
    ],
)
def test_what_is_unfinished_or_long_unused_may_go(folder, goes):
    assert folders.unused(folder, days=30) is goes


def test_a_second_asker_is_told_that_it_waits(tmp_path):
    told = []
    with folders.locked(tmp_path, "toy", told.append):
        assert folders.is_locked(tmp_path, "toy")
        code = (
            "import sys; from pathlib import Path; from maquette.drivers.engines import folders\n"
            "with folders.locked(Path(sys.argv[1]), 'toy', lambda line: print(line, flush=True)):\n"
            "    print('in', flush=True)"
        )
        waiting = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert "is being made by another command" in waiting.stdout.readline()
    assert waiting.stdout.readline() == "in\n"
    assert waiting.wait() == 0
    waiting.stdout.close()
    assert told == []
    assert not folders.is_locked(tmp_path, "toy")


def test_who_waits_may_leave(tmp_path):
    with folders.locked(tmp_path, "toy", print):
        told = []
        with pytest.raises(Stopped), folders.locked(tmp_path, "toy", told.append, stopped=lambda: bool(told)):
            raise AssertionError("it must not come here")


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="MAQUETTE_HOME"), folders.locked(tmp_path / "file", "toy", print):
        raise AssertionError("it must not come here")


def test_a_spoilt_list_of_own_interpreters_is_named(tmp_path):
    (tmp_path / "own.json").write_text("{")
    with pytest.raises(Unavailable, match="add your engines again"):
        folders.read_own(tmp_path)
