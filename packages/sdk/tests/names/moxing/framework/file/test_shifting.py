from __future__ import annotations

import builtins
import glob
import io
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Iterator

import pytest

from maquette_sdk import objects

NAMES = Path(objects.__file__).parent / "names"
SPOTS = [
    (builtins, "open"),
    (io, "open"),
    *[(os, name) for name in ("listdir", "makedirs", "mkdir", "remove", "rename", "scandir", "stat", "walk")],
    *[(os.path, name) for name in ("exists", "getsize", "isdir", "isfile")],
    (glob, "glob"),
    *[(shutil, name) for name in ("copy", "copyfile", "copytree", "rmtree")],
]


@pytest.fixture
def shifted(mox: Any, buckets: Any) -> Iterator[Any]:
    mox.file.shift("os", "mox")
    yield buckets
    mox.file.shift("mox", "os")


def test_pythons_functions_take_urls(shifted: Any, tmp_path: Path) -> None:
    top = "s3://pets/top"
    os.makedirs(top + "/a/b")
    os.makedirs(top, exist_ok=False)
    os.mkdir(top + "/c")
    with open(top + "/a/x.txt", "w", encoding="utf-8") as f:
        f.write("zwölf")
    with open(top + "/a/x.txt") as f, io.open(top + "/a/x.txt", "rb") as g:
        assert (f.read(), g.read()) == ("zwölf", "zwölf".encode("utf-8"))
    assert os.listdir(top) == ["a", "c"]
    assert [os.path.exists(top + name) for name in ("", "/a", "/a/x.txt", "/none")] == [True, True, True, False]
    assert (os.path.isdir(top), os.path.isfile(top), os.path.isfile(top + "/a/x.txt")) == (True, False, True)
    assert (os.path.getsize(top + "/a/x.txt"), os.stat(top + "/a/x.txt").st_size) == (6, 6)
    with os.scandir(top) as entries:
        assert sorted(entry.name for entry in entries if entry.is_dir()) == ["a", "c"]
    assert [names for _, _, names in os.walk(top) if names] == [["x.txt"]]
    assert glob.glob(top + "/*/*.txt") == [top + "/a/x.txt"]
    assert shutil.copyfile(top + "/a/x.txt", top + "/y.txt") == top + "/y.txt"
    assert shutil.copy(src=top + "/y.txt", dst=str(tmp_path)) == str(tmp_path)
    assert (tmp_path / "y.txt").read_bytes() == "zwölf".encode("utf-8")
    os.rename(top + "/y.txt", top + "/z.txt")
    assert shutil.copytree(top, str(tmp_path / "tree")) == str(tmp_path / "tree")
    assert sorted(os.listdir(str(tmp_path / "tree"))) == ["a", "c", "z.txt"]
    shutil.copytree(str(tmp_path / "tree"), "obs://pets/again")
    os.remove(top + "/z.txt")
    shutil.rmtree("obs://pets/again", ignore_errors=True)
    assert [key for key in shifted.keys() if not key.endswith("/")] == ["top/a/x.txt"]  # noqa: SIM118


def test_local_paths_and_everything_else_stay_as_they_were(shifted: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("text")
    assert path.read_text() == "text" and path.exists() and path.stat().st_size == 4
    with open(path) as f:
        assert type(f) is io.TextIOWrapper and type(os.stat(path)) is os.stat_result
    number = os.open(str(path), os.O_RDONLY)
    assert os.stat(number).st_size == 4 and os.path.exists(number)
    with open(number, "rb", buffering=0, closefd=True) as f:
        assert f.read() == b"text"
    assert b"x.txt" in os.listdir(os.fsencode(str(tmp_path)))
    assert "x.txt" in os.listdir(path=str(tmp_path)) and os.listdir()
    with pytest.raises(FileNotFoundError), open(str(tmp_path / "none")):
        raise AssertionError
    with pytest.raises(FileExistsError):
        os.makedirs(str(tmp_path))
    with pytest.raises(TypeError):
        os.mkdir()  # type: ignore[call-arg]
    folder = os.open(str(tmp_path), os.O_RDONLY)
    os.mkdir("made", dir_fd=folder)
    os.close(folder)
    shutil.copytree(str(tmp_path), str(tmp_path) + "2", symlinks=True)
    shutil.copy2(str(path), str(tmp_path / "y.txt"), follow_symlinks=False)
    shutil.rmtree(str(tmp_path) + "2")
    assert {os.stat, os.mkdir, os.rename} <= os.supports_dir_fd and os.scandir in os.supports_fd


def test_paths_of_pathlib_are_urls_too(shifted: Any) -> None:
    shifted.put("dir/x.txt", "x")
    with open(Path("obs://pets/dir") / "x.txt") as f:
        assert f.read() == "x"
    assert os.path.exists(Path("obs://pets/dir"))


def test_an_unknown_bucket_is_a_no_and_a_warning(shifted: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert [os.path.exists("s3://nope/x"), os.path.isdir("s3://nope/"), os.path.isfile("s3://nope/x")] == [False] * 3
    assert caplog.text.count("`maquette mb obs://nope`") == 1
    with pytest.raises(FileNotFoundError, match="mb obs://nope"), open("s3://nope/x"):
        raise AssertionError


def test_shifting_twice_is_shifting_once_and_back_restores(mox: Any, buckets: Any) -> None:
    before = [getattr(owner, name) for owner, name in SPOTS]
    supports = set(os.supports_dir_fd)
    mox.file.shift("mox", "os")
    mox.file.shift("os", "mox")
    mox.file.shift("os", "mox")
    assert all(getattr(owner, name) is not old for (owner, name), old in zip(SPOTS, before))  # noqa: B905
    mox.file.shift("mox", "os")
    assert [getattr(owner, name) for owner, name in SPOTS] == before
    assert set(os.supports_dir_fd) == supports
    mox.file.shift("os", "mox")
    mox.file.shift("mox", "os")
    assert [getattr(owner, name) for owner, name in SPOTS] == before


def test_what_somebody_else_replaced_since_stays(mox: Any, buckets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mox.file.shift("os", "mox")
    theirs = shutil.copy
    monkeypatch.setattr(shutil, "copy", lambda *args: theirs(*args))
    mine = shutil.copy
    mox.file.shift("mox", "os")
    assert shutil.copy is mine


@pytest.mark.parametrize("pair", [("os", "os"), ("mox", "mox"), ("np", "mox"), ("mox", "torch")])
def test_an_unknown_shift_is_named(mox: Any, pair: Any) -> None:
    with pytest.raises(ValueError, match="is unknown"):
        mox.file.shift(*pair)


def test_tf_gfile_can_be_shifted(mox: Any, buckets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def original(*args: Any) -> Any:
        asked.append(args)
        return "tensorflow's"

    old = types.SimpleNamespace(Exists=original, GFile=original, MakeDirs=original, Copy=original, Remove=original)
    new = types.SimpleNamespace(exists=original, GFile=original, rmtree=original, listdir=original, rename=original)
    tensorflow = types.SimpleNamespace(gfile=old, io=types.SimpleNamespace(gfile=new))
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    mox.file.shift("tf", "mox")
    old.MakeDirs("s3://pets/out")
    with new.GFile("s3://pets/out/x", "w") as f:
        f.write("x")
    old.Copy("s3://pets/out/x", "s3://pets/out/y", True)
    assert new.listdir("s3://pets/out") == ["x", "y"]
    new.rename("s3://pets/out/y", "s3://pets/out/z")
    old.Remove("s3://pets/out/z")
    assert (old.Exists("s3://pets/out/z"), new.exists("s3://pets/out/x")) == (False, True)
    new.rmtree("s3://pets/out")
    assert not new.exists("s3://pets/out") and asked == []
    assert old.Exists("/local") == "tensorflow's"
    mox.file.shift("mox", "tf")
    assert old.Exists("s3://pets/out/x") == "tensorflow's"


def test_a_script_that_shifts_first_thing_runs(buckets: Any) -> None:
    buckets.put("data/train.csv", "a,b\n1,2\n")
    script = (
        "import moxing as mox\nmox.file.shift('os', 'mox')\n"
        "import csv, json, os, shutil, tempfile, zipfile, logging.handlers, unittest, multiprocessing.pool\n"
        "rows = list(csv.reader(open('s3://pets/data/train.csv')))\n"
        "os.path.exists('s3://pets/out') or os.makedirs('s3://pets/out')\n"
        "json.dump(rows, open('s3://pets/out/metric.json', 'w'))\n"
        "with tempfile.TemporaryDirectory() as d:\n"
        "    shutil.copytree('s3://pets/data', d + '/data'); print(os.listdir(d + '/data'))\n"
    )
    path = os.pathsep.join([str(NAMES.parent.parent), str(NAMES)])
    command = [sys.executable, "-W", "error", "-c", script]
    told = subprocess.run(command, check=True, env=dict(os.environ, PYTHONPATH=path), stdout=subprocess.PIPE)
    assert told.stdout == b"['train.csv']\n"
    assert buckets.get("out/metric.json") == '[["a", "b"], ["1", "2"]]'


def test_pathlib_works_when_it_is_first_imported_after_a_shift(mox: Any, tmp_path: Path) -> None:
    # Until Python 3.10 pathlib makes methods of the functions that it finds in os.
    script = """
import sys
sys.path[:0] = [{names!r}, {sdk!r}]
sys.modules.pop("pathlib", None)
import moxing as mox
mox.file.shift("os", "mox")
from pathlib import Path
folder = Path({folder!r})
(folder / "a" / "b").mkdir(parents=True)
(folder / "a" / "f").touch()
(folder / "a" / "f").rename(folder / "a" / "g")
print(sorted(path.name for path in (folder / "a").iterdir()), (folder / "a" / "g").stat().st_size)
"""
    text = script.format(names=str(NAMES), sdk=str(NAMES.parent.parent), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.stdout.decode().strip() == "['b', 'g'] 0", done.stderr.decode()
