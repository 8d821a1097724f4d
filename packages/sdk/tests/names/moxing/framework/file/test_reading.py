from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

TREE = {
    "dir/file1": "x",
    "dir/dir0/file00": "yy",
    "dir/dir0/deep/z.txt": "zzz",
    "dirt.txt": "beside",
    "dir/.hidden": "",
}


@pytest.fixture
def tree(buckets: Any) -> Any:
    for key, data in TREE.items():
        buckets.put(key, data)
    return buckets


@pytest.fixture
def local(tmp_path: Path) -> Path:
    for key, data in TREE.items():
        path = tmp_path / "local" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data)
    return tmp_path / "local"


@pytest.mark.parametrize(
    "url, there, directory",
    [
        ("obs://pets/dir/file1", True, False),
        ("s3://pets/dir/file1", True, False),
        ("obs://pets/dir/file1/", False, False),
        ("obs://pets/dir", True, True),
        ("s3://pets/dir/", True, True),
        ("obs://pets/dir/dir0//", True, True),
        ("obs://pets/di", False, False),
        ("obs://pets/dir/none", False, False),
        ("obs://pets/none/", False, False),
        ("obs://pets", True, True),
        ("s3://pets/", True, True),
        ("obs://frozen/", True, True),
    ],
)
def test_a_directory_is_what_keys_begin_with(mox: Any, tree: Any, url: str, there: bool, directory: bool) -> None:
    assert mox.file.exists(url) is there
    assert mox.file.is_directory(url) is directory
    assert mox.file.isdir(url) is directory


def test_an_odd_key_makes_a_directory_too(mox: Any, tree: Any) -> None:
    tree.put("odd/../x", "1")
    tree.put("marked/", "")
    assert mox.file.is_directory("obs://pets/odd")
    assert mox.file.is_directory("obs://pets/marked")
    assert mox.file.list_directory("obs://pets/marked") == []
    assert mox.file.read("obs://pets/odd/../x") == "1"


@pytest.mark.parametrize("ask", ["exists", "is_directory", "list_directory", "stat", "get_size", "read", "scan_dir"])
def test_every_question_about_an_unknown_bucket_names_it(mox: Any, tree: Any, ask: str) -> None:
    with pytest.raises(mox.file.MoxFileNotExistsException, match="`maquette mb obs://nope`"):
        getattr(mox.file, ask)("s3://nope/x")


def test_a_url_without_a_bucket_says_so(mox: Any, tree: Any) -> None:
    with pytest.raises(FileNotFoundError, match="names no bucket"):
        mox.file.exists("obs://")


@pytest.mark.parametrize("end", ["", "/"])
def test_directories_are_listed_by_relative_names(mox: Any, tree: Any, end: str) -> None:
    url = "obs://pets/dir" + end
    assert mox.file.list_directory(url) == [".hidden", "dir0", "file1"]
    everything = [".hidden", "dir0", "dir0/deep", "dir0/deep/z.txt", "dir0/file00", "file1"]
    assert mox.file.list_directory(url, recursive=True) == everything
    folders = ["dir0", "dir0/deep"]
    assert mox.file.list_directory(url, True, skip_file=True) == folders
    assert mox.file.list_directory(url, True, skip_dir=True) == [name for name in everything if name not in folders]
    assert mox.file.list_directory(url, remove_sep=False) == [".hidden", "dir0/", "file1"]


def test_a_bucket_is_listed_like_a_directory(mox: Any, tree: Any) -> None:
    assert mox.file.list_directory("s3://pets") == ["dir", "dirt.txt"]
    assert mox.file.list_directory("obs://frozen/") == []


@pytest.mark.parametrize("url", ["obs://pets/none", "obs://pets/dir/file1/", "obs://pets/dir/none/"])
def test_listing_what_is_no_directory_is_an_error(mox: Any, tree: Any, url: str) -> None:
    with pytest.raises(mox.file.MoxFileNotExistsException, match="has nothing under"):
        mox.file.list_directory(url)
    with pytest.raises(NotADirectoryError):
        mox.file.list_directory("obs://pets/dir/file1")


def test_local_directories_are_listed_the_same_way(mox: Any, tree: Any, local: Path) -> None:
    for recursive in (False, True):
        assert mox.file.list_directory(local / "dir", recursive) == mox.file.list_directory("obs://pets/dir", recursive)
    with pytest.raises(FileNotFoundError):
        mox.file.list_directory(str(local / "none"))


def test_a_directory_has_no_size_unless_asked_for_all_of_it(mox: Any, tree: Any, local: Path) -> None:
    assert mox.file.get_size("obs://pets/dir/dir0/file00") == 2
    assert mox.file.get_size("obs://pets/dir") == 0
    assert mox.file.get_size("obs://pets/dir/", recursive=True) == 6
    assert mox.file.get_size(str(local / "dir")) == 6
    assert mox.file.get_size(str(local / "dir" / "file1")) == 1
    with pytest.raises(FileNotFoundError):
        mox.file.get_size("obs://pets/none", recursive=True)


def test_stat_tells_what_gfile_and_os_tell(mox: Any, tree: Any, local: Path) -> None:
    for found in (mox.file.stat("s3://pets/dir/dir0/file00"), mox.file.stat(local / "dir" / "dir0" / "file00")):
        assert (found.length, found.st_size, found.size, found.is_directory) == (2, 2, 2, False)
        assert abs(found.mtime_nsec / 1e9 - time.time()) < 60
        assert found.st_mtime == found.mtime_nsec / 1e9
    assert mox.file.stat("obs://pets/dir").is_directory is True
    assert mox.file.stat(local).is_directory is True
    with pytest.raises(mox.file.MoxFileNotExistsException):
        mox.file.stat("s3://pets/not_exists")


def test_scan_dir_gives_entries(mox: Any, tree: Any, local: Path) -> None:
    for folder in ("obs://pets/dir/", str(local / "dir")):
        found = {entry.name: (entry.path, entry.is_dir(), entry.is_file()) for entry in mox.file.scan_dir(folder)}
        assert found["file1"] == (os.path.join(folder, "file1"), False, True)
        assert found["dir0"] == (os.path.join(folder, "dir0"), True, False)
    with mox.file.scan_dir("obs://pets/dir") as entries:
        first = next(entry for entry in entries if entry.name == "file1")
    assert (first.stat().st_size, os.fspath(first), first.is_symlink()) == (1, "obs://pets/dir/file1", False)
    with pytest.raises(FileNotFoundError):
        mox.file.scan_dir("obs://pets/none")


def test_walk_goes_from_the_top_down(mox: Any, tree: Any, local: Path) -> None:
    walked = list(mox.file.walk("obs://pets/dir"))
    assert walked == [
        ("obs://pets/dir", ["dir0"], [".hidden", "file1"]),
        ("obs://pets/dir/dir0", ["deep"], ["file00"]),
        ("obs://pets/dir/dir0/deep", [], ["z.txt"]),
    ]
    assert [top for top, _, _ in mox.file.walk("s3://pets/")] == ["s3://pets/"] + [
        "s3://pets/" + name for name in ("dir", "dir/dir0", "dir/dir0/deep")
    ]
    assert list(mox.file.walk("obs://pets/none")) == []
    assert list(mox.file.walk(str(local))) == list(os.walk(str(local)))


def test_a_walk_leaves_out_what_the_caller_takes_away(mox: Any, tree: Any) -> None:
    seen = []
    for top, folders, _ in mox.file.walk("obs://pets/dir"):
        seen.append(top)
        folders.clear()
    assert seen == ["obs://pets/dir"]


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("obs://pets/dir/*", ["obs://pets/dir/dir0", "obs://pets/dir/file1"]),
        ("s3://pets/*.txt", ["s3://pets/dirt.txt"]),
        ("obs://pets/dir*/dir[0-9]/*", ["obs://pets/dir/dir0/deep", "obs://pets/dir/dir0/file00"]),
        ("obs://pets/dir/*/deep/z.txt", ["obs://pets/dir/dir0/deep/z.txt"]),
        ("obs://pets/dir/*/none", []),
        ("obs://pets/dir/.h*", ["obs://pets/dir/.hidden"]),
        ("obs://pets/none/*", []),
        ("obs://pets/dir/file1", ["obs://pets/dir/file1"]),
        ("obs://pets/dir/file2", []),
        ("obs://pets/dir/file?", ["obs://pets/dir/file1"]),
        ("obs://pets/*/", ["obs://pets/dir"]),
    ],
)
def test_glob_gives_urls(mox: Any, tree: Any, pattern: str, found: Any) -> None:
    assert mox.file.glob(pattern) == found


def test_glob_goes_deep_when_asked(mox: Any, tree: Any, local: Path) -> None:
    assert mox.file.glob("obs://pets/**/*.txt", recursive=True) == [
        "obs://pets/dir/dir0/deep/z.txt",
        "obs://pets/dirt.txt",
    ]
    assert mox.file.glob(str(local / "dir" / "file*")) == [str(local / "dir" / "file1")]


def test_read_gives_text_unless_bytes_are_asked_for(mox: Any, buckets: Any, tmp_path: Path) -> None:
    url = buckets.put("x.txt", "zwölf")
    assert mox.file.read(url) == "zwölf"
    assert mox.file.read(url, binary=True) == "zwölf".encode("utf-8")
    assert mox.file.read(url=url, client_id=None, exist_check=True) == "zwölf"
    (tmp_path / "x.txt").write_bytes(b"local")
    assert mox.file.read(tmp_path / "x.txt", binary=True) == b"local"
