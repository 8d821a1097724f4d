from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_write_replaces_and_append_adds(mox: Any, buckets: Any, tmp_path: Path) -> None:
    for url in ("obs://pets/dir/x.txt", str(tmp_path / "x.txt")):
        mox.file.write(url, "Hello World!")
        mox.file.append(url, "\nend ä")
        assert mox.file.read(url) == "Hello World!\nend ä"
        mox.file.write(url, b"\x00\xff", binary=True)
        mox.file.append(url, b"\x01", binary=True)
        assert mox.file.read(url, binary=True) == b"\x00\xff\x01"
    mox.file.append("obs://pets/new.txt", "made")
    assert buckets.get("new.txt") == "made"


def test_bytes_are_written_whether_or_not_binary_is_said(mox: Any, buckets: Any) -> None:
    mox.file.write("obs://pets/x", b"bytes")
    mox.file.append("obs://pets/x", "text", binary=True)
    assert buckets.get("x") == "bytestext"


def test_append_remote_adds_one_object_to_another(mox: Any, buckets: Any) -> None:
    one, other = buckets.put("one", "1"), buckets.put("other", "2")
    mox.file.append_remote(one, other)
    mox.file.append_remote(other, "s3://pets/new/third")
    assert (buckets.get("one"), buckets.get("other"), buckets.get("new/third")) == ("1", "21", "21")


def test_make_dirs_makes_a_directory_that_is_there(mox: Any, buckets: Any, tmp_path: Path) -> None:
    for top in ("s3://pets/out/", str(tmp_path) + "/out/"):
        mox.file.make_dirs(top + "a/b")
        mox.file.make_dirs(top + "a/b/")
        assert mox.file.is_directory(top + "a/b")
        assert mox.file.is_directory(top + "a")
        assert mox.file.list_directory(top, recursive=True) == ["a", "a/b"]
    assert buckets.keys() == ["out/a/b/"]
    mox.file.make_dirs("obs://pets/")
    mox.file.make_dirs("obs://frozen")
    assert buckets.keys("frozen") == []


def test_mk_dir_needs_the_directory_above(mox: Any, buckets: Any, tmp_path: Path) -> None:
    mox.file.mk_dir("obs://pets/a")
    mox.file.mk_dir("obs://pets/a/b")
    assert mox.file.is_directory("obs://pets/a/b")
    with pytest.raises(OSError, match="obs://pets/none does not exist, so 'leaf' cannot be made in it"):
        mox.file.mk_dir("obs://pets/none/leaf")
    mox.file.mk_dir(tmp_path / "a")
    with pytest.raises(OSError):
        mox.file.mk_dir(tmp_path / "none" / "leaf")


@pytest.mark.parametrize(
    "path, recursive, left",
    [
        ("dir/file", False, ["dir/deep/x"]),
        ("dir/file", True, ["dir/deep/x"]),
        ("dir/file/", False, ["dir/deep/x", "dir/file"]),
        ("dir/file/", True, ["dir/deep/x", "dir/file"]),
        ("dir", True, []),
        ("dir/", True, []),
        ("dir", False, ["dir/deep/x", "dir/file"]),
        ("dir/", False, ["dir/deep/x", "dir/file"]),
    ],
)
def test_the_table_of_remove(mox: Any, buckets: Any, tmp_path: Path, path: str, recursive: bool, left: Any) -> None:
    for key in ("dir/file", "dir/deep/x"):
        buckets.put(key, "x")
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_text("x")
    mox.file.remove("obs://pets/" + path, recursive=recursive)
    assert buckets.keys() == left
    mox.file.remove(str(tmp_path) + "/" + path, recursive)
    found = [found.relative_to(tmp_path) for found in (tmp_path / "dir").rglob("*") if found.is_file()]
    assert sorted(map(str, found)) == left


def test_removing_what_is_not_there_is_no_error_in_a_bucket(mox: Any, buckets: Any, tmp_path: Path) -> None:
    mox.file.remove("obs://pets/none")
    mox.file.remove("obs://pets/none", recursive=True)
    with pytest.raises(FileNotFoundError):
        mox.file.remove(tmp_path / "none")


def test_a_removed_directory_takes_its_marks_with_it(mox: Any, buckets: Any) -> None:
    mox.file.make_dirs("obs://pets/a/b")
    buckets.put("ab", "stays")
    mox.file.remove("obs://pets/a", recursive=True)
    assert buckets.keys() == ["ab"]


WAYS = [
    ("obs://pets/", "s3://pets/moved/"),
    ("obs://pets/", "LOCAL/moved/"),
    ("LOCAL/", "obs://pets/"),
    ("LOCAL/", "LOCAL/moved/"),
]


@pytest.mark.parametrize("source, target", WAYS)
def test_rename_moves_files_and_directories_everywhere(
    mox: Any, buckets: Any, tmp_path: Path, source: str, target: str
) -> None:
    source, target = source.replace("LOCAL", str(tmp_path)), target.replace("LOCAL", str(tmp_path))
    mox.file.make_dirs(source + "dir")
    mox.file.write(source + "file", "1")
    mox.file.write(source + "dir/a", "2")
    mox.file.make_dirs(source + "dir/deep")
    mox.file.write(source + "dir/deep/b", "3")
    mox.file.rename(source + "file", target + "new file")
    mox.file.rename(source + "dir", target + "new/dir")
    assert not mox.file.exists(source + "file") and not mox.file.exists(source + "dir")
    assert [mox.file.read(target + name) for name in ("new file", "new/dir/a", "new/dir/deep/b")] == ["1", "2", "3"]


def test_an_empty_directory_can_be_moved(mox: Any, buckets: Any, tmp_path: Path) -> None:
    mox.file.make_dirs("obs://pets/empty")
    mox.file.rename("obs://pets/empty", "obs://pets/moved")
    assert buckets.keys() == ["moved/"]
    mox.file.rename("obs://pets/moved", str(tmp_path / "here"))
    assert (tmp_path / "here").is_dir() and buckets.keys() == []


def test_moving_onto_itself_changes_nothing(mox: Any, buckets: Any) -> None:
    buckets.put("dir/x", "x")
    mox.file.rename("obs://pets/dir/x", "s3://pets/dir/x")
    mox.file.rename("obs://pets/dir", "s3://pets/dir/")
    assert buckets.get("dir/x") == "x"


def test_what_cannot_be_moved_is_still_there(mox: Any, run: Any, tmp_path: Path) -> None:
    run.put("dir/x", "x")
    run.put("y", "y", "frozen")
    with pytest.raises(OSError, match="cannot be moved into itself"):
        mox.file.rename("obs://pets/dir", "obs://pets/dir/inner")
    with pytest.raises(PermissionError, match="can only be read"):
        mox.file.rename("obs://frozen/y", str(tmp_path / "y"))
    with pytest.raises(PermissionError, match="can only be read"):
        mox.file.remove("obs://frozen/y")
    for missing in ("obs://pets/none", str(tmp_path / "none")):
        with pytest.raises(FileNotFoundError):
            mox.file.rename(missing, "obs://pets/new")
    assert (run.keys(), run.keys("frozen"), list(tmp_path.glob("y"))) == (["dir/x"], ["y"], [])


def test_set_auth_takes_anything_and_keeps_nothing(mox: Any, buckets: Any) -> None:
    buckets.put("x", "x")
    mox.file.set_auth("AK", "SK", "obs.example.com", is_secure=False, retry=2, timeout_config={"getObject": 1})
    mox.file.set_auth(negotiation=False)
    assert mox.file.read("obs://pets/x") == "x"
