from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List

import pytest

from maquette_sdk import objects

NAMES = Path(objects.__file__).parent / "names"
TREE = {"a.txt": "1", "dir/b.txt": "2", "dir/deep/c.txt": "3"}


def fill(folder: Path, tree: Dict[str, str] = TREE) -> str:
    for name, data in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(data)
    return str(folder)


def told(folder: Path) -> Dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


# ── copy ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "source, target, lands",
    [
        ("obs://pets/a.txt", "obs://pets/new/b.txt", "obs://pets/new/b.txt"),
        ("obs://pets/a.txt", "obs://pets/dir/", "obs://pets/dir/a.txt"),
        ("obs://pets/a.txt", "obs://pets/dir", "obs://pets/dir/a.txt"),
        ("s3://pets/a.txt", "LOCAL/new/b.txt", "LOCAL/new/b.txt"),
        ("s3://pets/a.txt", "LOCAL/new/", "LOCAL/new/a.txt"),
        ("s3://pets/a.txt", "LOCAL", "LOCAL/a.txt"),
        ("LOCAL/tree/a.txt", "s3://pets", "s3://pets/a.txt"),
        ("LOCAL/tree/a.txt", "s3://pets/out/V0001/", "s3://pets/out/V0001/a.txt"),
        ("LOCAL/tree/a.txt", "s3://pets/x", "s3://pets/x"),
        ("LOCAL/tree/a.txt", "LOCAL/new/b.txt", "LOCAL/new/b.txt"),
    ],
)
@pytest.mark.parametrize("call", ["copy", "copy_parallel"])
def test_a_file_is_copied_everywhere(
    mox: Any, buckets: Any, tmp_path: Path, call: str, source: str, target: str, lands: str
) -> None:
    buckets.put("a.txt", "1")
    buckets.put("dir/b.txt", "2")
    fill(tmp_path / "here" / "tree")
    paths = [path.replace("LOCAL", str(tmp_path / "here")) for path in (source, target, lands)]
    getattr(mox.file, call)(src_url=paths[0], dst_url=paths[1])
    assert mox.file.read(paths[2]) == "1"


def test_copying_into_the_working_directory(mox: Any, buckets: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    buckets.put("wine.data", "x")
    mox.file.copy_parallel("s3://pets/wine.data", "wine.data")
    assert (tmp_path / "wine.data").read_text() == "x"


def test_a_file_copied_onto_itself_stays(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("a.txt", "1")
    fill(tmp_path)
    mox.file.copy("obs://pets/a.txt", "s3://pets/a.txt")
    mox.file.copy("obs://pets/a.txt", "s3://pets/")
    mox.file.copy(tmp_path / "a.txt", str(tmp_path))
    assert (buckets.get("a.txt"), (tmp_path / "a.txt").read_text()) == ("1", "1")


def test_copy_takes_no_directory(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("dir/b.txt", "2")
    for source in ("obs://pets/dir", "obs://pets/dir/", str(tmp_path)):
        with pytest.raises(IsADirectoryError, match=r"Copy a directory with mox\.file\.copy_parallel"):
            mox.file.copy(source, "obs://pets/out")
    for source in ("obs://pets/none", str(tmp_path / "none")):
        with pytest.raises(FileNotFoundError):
            mox.file.copy(source, "obs://pets/out")
    with pytest.raises(FileNotFoundError, match="mb obs://nope"):
        mox.file.copy("obs://pets/dir/b.txt", "obs://nope/b.txt")


# ── copy_parallel ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("start", ["", "/"])
def test_a_directory_goes_up_and_down_and_across(mox: Any, buckets: Any, tmp_path: Path, start: str, end: str) -> None:
    source = fill(tmp_path / "from")
    mox.file.copy_parallel(source + start, "obs://pets/one" + end)
    mox.file.copy_parallel("s3://pets/one" + start, "s3://pets/two" + end)
    mox.file.copy_parallel("obs://pets/two" + start, str(tmp_path / "to" / "new") + end)
    mox.file.copy_parallel(str(tmp_path / "to" / "new") + start, str(tmp_path / "last") + end)
    assert told(tmp_path / "last") == TREE
    assert buckets.keys() == sorted(top + name for top in ("one/", "two/") for name in TREE)


def test_the_target_keeps_what_it_has(mox: Any, buckets: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from")
    fill(tmp_path / "to", {"kept": "k", "dir/b.txt": "an old and longer text"})
    buckets.put("kept", "k")
    buckets.put("dir/b.txt", "old")
    mox.file.copy_parallel(source, "obs://pets")
    mox.file.copy_parallel("obs://pets", tmp_path / "to")
    assert told(tmp_path / "to") == dict(TREE, kept="k")


def test_all_the_arguments_of_moxing_are_taken(mox: Any, buckets: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from")
    mox.file.copy_parallel(source, "obs://pets/x", None, 0, False, use_queue=True)
    mox.file.copy_parallel(source, "obs://pets/y", threads=32, is_processing=True)
    assert buckets.get("y/dir/deep/c.txt") == "3"


@pytest.mark.parametrize("source", ["obs://pets/from", "LOCAL"])
def test_a_file_list_names_what_is_copied(mox: Any, buckets: Any, tmp_path: Path, source: str) -> None:
    mox.file.copy_parallel(fill(tmp_path / "from"), "obs://pets/from")
    source = source.replace("LOCAL", str(tmp_path / "from"))
    mox.file.copy_parallel(source, str(tmp_path / "to"), file_list=["a.txt", "dir/deep"])
    mox.file.copy_parallel(source, "obs://pets/to", file_list=["dir/b.txt"])
    assert told(tmp_path / "to") == {"a.txt": "1", "dir/deep/c.txt": "3"}
    assert buckets.below("to/") == ["to/dir/b.txt"]
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        mox.file.copy_parallel(source, str(tmp_path / "to"), file_list=["none.txt"])


@pytest.mark.parametrize("source", ["obs://pets/none/", "obs://pets/empty", "LOCAL/none", "LOCAL"])
def test_an_empty_source_is_told_and_is_no_error(
    mox: Any, buckets: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    mox.file.make_dirs("obs://pets/empty")
    (tmp_path / "empty").mkdir()
    mox.file.copy_parallel(source.replace("LOCAL", str(tmp_path / "empty")), str(tmp_path / "to"))
    assert "No files to copy" in caplog.text
    assert (tmp_path / "to").is_dir()
    mox.file.copy_parallel(source.replace("LOCAL", str(tmp_path / "empty")), "obs://pets/to")
    assert not mox.file.exists("obs://pets/to")


def test_copying_onto_itself_or_into_itself_never_goes_round(mox: Any, buckets: Any, tmp_path: Path) -> None:
    here = fill(tmp_path / "here")
    mox.file.copy_parallel(here, here + "/")
    assert told(tmp_path / "here") == TREE
    mox.file.copy_parallel(here, here + "/inner")
    mox.file.copy_parallel(here, here + "/inner")
    assert told(tmp_path / "here" / "inner") == TREE
    mox.file.copy_parallel(here + "/inner", here)
    assert (tmp_path / "here" / "a.txt").read_text() == "1"

    mox.file.copy_parallel(here + "/inner", "obs://pets/top")
    mox.file.copy_parallel("obs://pets/top", "s3://pets/top/")
    mox.file.copy_parallel("obs://pets/top", "obs://pets/top/inner")
    mox.file.copy_parallel("obs://pets/top", "obs://pets/top/inner")
    assert buckets.keys() == sorted(["top/" + name for name in TREE] + ["top/inner/" + name for name in TREE])


def test_a_folder_that_holds_the_bucket_itself_goes_up_without_it(mox: Any, buckets: Any, tmp_path: Path) -> None:
    fill(tmp_path)
    buckets.put("x", "x")
    mox.file.copy_parallel(str(tmp_path), "obs://pets/up")
    assert [key for key in buckets.below("up/") if "pets" in key or "staging" in key] == []
    assert "up/dir/b.txt" in buckets.below("up/")


def test_a_bucket_and_its_own_folder_do_not_feed_each_other(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("a.txt", "1")
    folder = str(buckets.root / "pets")
    mox.file.copy_parallel(folder, "obs://pets/up")
    assert "up/a.txt" in buckets.below("") and buckets.below("up/up/") == []
    mox.file.copy_parallel("obs://pets", folder + "/down")
    assert "down/up/a.txt" in buckets.below("") and buckets.below("down/down/") == []


def test_empty_folders_are_kept_where_a_folder_can_keep_them(mox: Any, buckets: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from")
    (tmp_path / "from" / "empty" / "one").mkdir(parents=True)
    mox.file.copy_parallel(source, tmp_path / "to")
    assert (tmp_path / "to" / "empty" / "one").is_dir()
    mox.file.copy_parallel(source, "obs://pets/x")
    assert buckets.keys() == ["x/" + name for name in TREE]
    mox.file.make_dirs("obs://pets/x/marked")
    mox.file.copy_parallel("obs://pets/x", tmp_path / "back")
    assert (tmp_path / "back" / "marked").is_dir()


def test_odd_keys_come_down_or_say_why_not(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("ok/a", "file")
    buckets.put("clash/a", "file")
    buckets.put("clash/a/b", "below a file")
    mox.file.copy_parallel("obs://pets/clash", "obs://pets/copy")
    assert buckets.below("copy/") == ["copy/a", "copy/a/b"]
    with pytest.raises(mox.file.MoxFileNameDuplicateException, match="a file and a directory at once"):
        mox.file.copy_parallel("obs://pets/clash", tmp_path / "to")
    (tmp_path / "full" / "a").mkdir(parents=True)
    with pytest.raises(mox.file.MoxFileNameDuplicateException):
        mox.file.copy_parallel("obs://pets/ok", tmp_path / "full")
    with pytest.raises(mox.file.MoxFileNameDuplicateException):
        mox.file.copy_parallel("obs://pets/ok", fill(tmp_path / "file", {"x": ""}) + "/x")
    fill(tmp_path / "other", {"dir": "a file"})
    buckets.put("deep/dir/x", "x")
    with pytest.raises(mox.file.MoxFileNameDuplicateException):
        mox.file.copy_parallel("obs://pets/deep", tmp_path / "other")


def test_keys_never_lead_out_of_the_target(mox: Any, buckets: Any, tmp_path: Path) -> None:
    buckets.put("in/../../escaped", "x")
    buckets.put("in/ok", "ok")
    buckets.put("root//escaped", "x")
    with pytest.raises(ValueError, match="leads out of"):
        mox.file.copy_parallel("obs://pets/in", tmp_path / "a" / "b" / "c")
    mox.file.copy_parallel("obs://pets/root", tmp_path / "a")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("escaped")] == ["a/escaped"]


def test_links_are_followed_but_never_in_a_circle(
    mox: Any, buckets: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = tmp_path / "from"
    fill(source)
    (source / "round").symlink_to(source)
    (source / "linked.txt").symlink_to(source / "a.txt")
    (source / "nowhere").symlink_to(source / "none")
    os.mkfifo(str(source / "pipe"))
    mox.file.copy_parallel(str(source), "obs://pets/x")
    assert buckets.keys() == sorted(["x/" + name for name in TREE] + ["x/linked.txt"])
    assert "leads nowhere" in caplog.text and "no ordinary file" in caplog.text


def test_a_failed_upload_leaves_nothing_behind(mox: Any, run: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from", {"ok/{}".format(number): "x" for number in range(50)})
    fill(tmp_path / "from", {"x" * 200: "long"})
    with pytest.raises(OSError):
        mox.file.copy_parallel(source, "obs://nope/x")
    with pytest.raises(PermissionError, match="can only be read"):
        mox.file.copy_parallel(source, "obs://frozen/x")
    with pytest.raises(mox.file.MoxFileRespException):
        mox.file.copy_parallel(source, "obs://pets/" + "d/" * 511)  # keys that are too long
    assert run.keys("frozen") == [] and run.keys() == []  # and the fixture looks into the staging folder


def test_a_child_process_may_copy(mox: Any, run: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from")
    script = (
        "import moxing as mox, sys\nfrom multiprocessing import Pool, Process\n"
        "if __name__ == '__main__':\n"
        "    p = Process(target=mox.file.copy_parallel, args=(sys.argv[1], 'obs://pets/one')); p.start(); p.join()\n"
        "    with Pool(2) as pool: pool.starmap(mox.file.copy, [(sys.argv[1] + '/a.txt', 'obs://pets/two')])\n"
    )
    path = os.pathsep.join([str(NAMES.parent.parent), str(NAMES)])
    subprocess.run([sys.executable, "-c", script, source], check=True, env=dict(os.environ, PYTHONPATH=path))
    assert run.keys() == ["one/" + name for name in TREE] + ["two"]


# ── background_sync_copy ─────────────────────────────────────────────────────────────────────────


def test_a_folder_is_followed_until_the_script_ends(run: Any, tmp_path: Path) -> None:
    source = fill(tmp_path / "from")
    script = (
        "import moxing as mox, sys, time\n"
        "mox.file.background_sync_copy(sys.argv[1], 'obs://pets/out', seconds=0.05)\n"
        "while not mox.file.exists('obs://pets/out/a.txt'): time.sleep(0.01)\n"
        "mox.file.write(sys.argv[1] + '/last', 'written at the end')\n"
    )
    path = os.pathsep.join([str(NAMES.parent.parent), str(NAMES)])
    subprocess.run([sys.executable, "-c", script, source], check=True, env=dict(os.environ, PYTHONPATH=path))
    assert run.get("out/last") == "written at the end"
    committed = [key for call, body in run.calls for _, key in body["files"]]
    assert committed.count("out/a.txt") == 1, "what has not changed is not copied again"


def test_a_sync_that_fails_is_told_and_tried_again(
    mox: Any, buckets: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    ends: List[Any] = []
    monkeypatch.setattr("atexit.register", ends.append)
    fill(tmp_path / "from")
    mox.file.background_sync_copy(tmp_path / "from", "obs://later/out", seconds=0.01)
    deadline = time.monotonic() + 10
    while "waits for the next turn" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    ends[0]()
    assert "mb obs://later" in caplog.text


def test_it_says_how_far_it_is_when_it_takes_long(
    mox: Any, buckets: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    monkeypatch.setattr("moxing.framework.file.copier._PATIENCE_SECONDS", 0.001)
    caplog.set_level(logging.INFO)
    source = fill(tmp_path / "from", {"{}/{}".format(n % 20, n): "x" * 100 for n in range(2000)})
    mox.file.copy_parallel(source, tmp_path / "to")
    assert "files, 0 MB so far" in caplog.text and "Copied 2000 files" in caplog.text
