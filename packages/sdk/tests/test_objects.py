"""The layout of a bucket's folder: which file holds which object, and in what order objects are told."""

from __future__ import annotations

import hashlib
import os
import time
from itertools import islice
from pathlib import Path
from typing import Tuple

import pytest

from maquette_sdk import objects

FAITHFUL = ["a", "a/b", "é/ü.txt", "图片/猫 1.jpg", "a b", "A", ".hidden", "x" * 255, "a:b", "100%", "..."]
ODD = [
    *("a/", "/a", "a//b", "..", "a/../b", ".", "./a", "a/.", ".maquette", ".maquette/keys/x", "a/.maquette-x/b"),
    *("x" * 256, "é" * 128, "a\nb", "a\0b", "a\x7f", "a\x85b", "/", "//"),
]


def put(root: Path, key: str, data: bytes = b"x") -> str:
    source = root / ".maquette-half"
    source.write_bytes(data)
    return objects.install(str(root), str(source), key)


def keys(root: Path, *arguments: str) -> list[str]:
    return [entry.key for entry in objects.scan(str(root), *arguments)]


@pytest.mark.parametrize("key", FAITHFUL)
def test_a_faithful_key_is_the_file_of_its_path(tmp_path: Path, key: str) -> None:
    assert objects.is_faithful(key)
    assert put(tmp_path, key) == str(tmp_path / key) == objects.find(str(tmp_path), key)


@pytest.mark.parametrize("key", ODD)
def test_any_other_key_lies_under_its_hash_with_its_text_beside_it(tmp_path: Path, key: str) -> None:
    assert not objects.is_faithful(key)
    file = tmp_path / ".maquette" / "keys" / hashlib.sha256(key.encode()).hexdigest()
    assert put(tmp_path, key) == str(file) == objects.find(str(tmp_path), key)
    assert file.with_suffix(".key").read_bytes() == key.encode()
    assert keys(tmp_path) == [key]
    assert objects.remove(str(tmp_path), key)
    assert keys(tmp_path) == [] and os.listdir(file.parent) == []


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a"), ("a/b/c", "a"), ("a", "a/b/c/d")])
def test_a_key_that_finds_a_file_on_its_way_or_a_folder_in_its_place_is_odd(
    tmp_path: Path, first: str, second: str
) -> None:
    put(tmp_path, first, b"1")
    put(tmp_path, second, b"2")
    assert objects.find(str(tmp_path), first) == str(tmp_path / first)
    assert "/.maquette/keys/" in (objects.find(str(tmp_path), second) or "")
    assert keys(tmp_path) == sorted([first, second])
    put(tmp_path, second, b"again")
    assert Path(objects.find(str(tmp_path), second) or "").read_bytes() == b"again"
    objects.remove(str(tmp_path), first)
    assert keys(tmp_path) == [second]


def test_a_file_dropped_beside_an_odd_object_of_its_key_stands_before_it(tmp_path: Path) -> None:
    put(tmp_path, "a/b")
    put(tmp_path, "a", b"odd")
    objects.remove(str(tmp_path), "a/b")
    (tmp_path / "a").write_bytes(b"dropped")
    assert objects.find(str(tmp_path), "a") == objects.place(str(tmp_path), "a") == str(tmp_path / "a")
    assert keys(tmp_path) == ["a"]
    assert objects.remove(str(tmp_path), "a")
    assert objects.find(str(tmp_path), "a") is None


@pytest.mark.parametrize("key", ["", "x" * 1025, "é" * 513, "\ud800"])
def test_a_key_that_no_store_can_hold_is_refused_in_a_sentence(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=r"\bkey\b.*\.$"):
        objects.place(str(tmp_path), key)


def test_a_key_of_1024_bytes_is_held(tmp_path: Path) -> None:
    for key in ("x" * 1024, "/".join(["ab"] * 341) + "/", "é/" * 341 + "z"):
        put(tmp_path, key)
        assert objects.find(str(tmp_path), key)
    assert len(keys(tmp_path)) == 3


TREE = ["a", "a-", "a.txt", "a/", "a/b", "a/b/c", "a0", "b//c", "b/c", "dir/", "z/é", "z/𝒳", "\U0001f600", "\uffee"]
LISTINGS = [
    # (prefix, delimiter, after) → what is told; a common prefix is told with a star
    (("", "", ""), sorted(TREE)),
    (("", "/", ""), ["a", "a-", "a.txt", "a/*", "a0", "b/*", "dir/*", "z/*", "\uffee", "\U0001f600"]),
    (("a", "/", ""), ["a", "a-", "a.txt", "a/*", "a0"]),
    (("a/", "/", ""), ["a/", "a/b", "a/b/*"]),
    (("a/b", "", ""), ["a/b", "a/b/c"]),
    (("b/", "/", ""), ["b//*", "b/c"]),
    (("b//", "/", ""), ["b//c"]),
    (("nothing/", "/", ""), []),
    (("../", "/", ""), []),
    (("", "", "a/b"), ["a/b/c", "a0", "b//c", "b/c", "dir/", "z/é", "z/𝒳", "\uffee", "\U0001f600"]),
    (("", "/", "a/"), ["a0", "b/*", "dir/*", "z/*", "\uffee", "\U0001f600"]),
    (("", "/", "a/b"), ["a/*", "a0", "b/*", "dir/*", "z/*", "\uffee", "\U0001f600"]),
    (("", "/", "a/b/c"), ["a0", "b/*", "dir/*", "z/*", "\uffee", "\U0001f600"]),
    (("", "", "zz"), ["\uffee", "\U0001f600"]),
    (("", "b", ""), ["a", "a-", "a.txt", "a/", "a/b*", "a0", "b*", "dir/", "z/é", "z/𝒳", "\uffee", "\U0001f600"]),
    (("a", "-", ""), ["a", "a-*", "a.txt", "a/", "a/b", "a/b/c", "a0"]),
]


@pytest.mark.parametrize(("arguments", "told"), LISTINGS)
def test_a_listing_is_in_the_order_of_utf8_bytes(
    tmp_path: Path, arguments: tuple[str, str, str], told: list[str]
) -> None:
    for key in TREE:
        put(tmp_path, key)
    found = list(objects.scan(str(tmp_path), *arguments))
    assert [entry.key + "*" * entry.is_prefix for entry in found] == told
    assert [entry.key.encode() for entry in found] == sorted(entry.key.encode() for entry in found)


def test_an_entry_tells_size_and_time_of_its_file(tmp_path: Path) -> None:
    path = put(tmp_path, "a/b", b"12345")
    os.utime(path, (1000, 2000))
    (entry,) = objects.scan(str(tmp_path))
    assert (entry.key, entry.path, entry.size, entry.modified, entry.is_prefix) == ("a/b", path, 5, 2000.0, False)


def test_folders_left_empty_go_with_their_last_object_and_a_marker_stays(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c")
    put(tmp_path, "a/b/")
    objects.remove(str(tmp_path), "a/b/c")
    assert not (tmp_path / "a").exists()
    assert keys(tmp_path) == ["a/b/"]


def test_a_folder_without_objects_is_no_prefix(tmp_path: Path) -> None:
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    assert list(objects.scan(str(tmp_path), "", "/")) == []


def test_what_is_ours_and_what_is_no_file_never_shows(tmp_path: Path) -> None:
    (tmp_path / ".maquette" / "half").mkdir(parents=True)
    (tmp_path / ".maquette" / "half" / "x").write_text("x")
    (tmp_path / ".maquette-123").write_text("x")
    (tmp_path / "line\nend").write_text("x")
    (tmp_path / "nowhere").symlink_to("does-not-exist")
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "pipe")
    with open(os.fsencode(tmp_path) + b"/latin-\xe9", "w"):
        pass
    assert list(objects.scan(str(tmp_path))) == []
    assert objects.find(str(tmp_path), "pipe") is None


def test_links_are_followed_and_a_circle_of_them_ends(tmp_path: Path) -> None:
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "root"
    elsewhere.mkdir()
    root.mkdir()
    (elsewhere / "x").write_text("12")
    (root / "there").symlink_to(elsewhere)
    (root / "up").symlink_to(root)
    assert [(entry.key, entry.size) for entry in objects.scan(str(root))] == [("there/x", 2)]
    assert not objects.remove(str(root), "there")
    assert (root / "there").is_symlink()


def test_paging_through_a_large_folder_sees_each_object_once_and_changes_at_once(tmp_path: Path) -> None:
    names = [f"f{number:05d}" for number in range(3000)]
    for name in names:
        (tmp_path / name).touch()
    os.utime(tmp_path, (time.time() - 60, time.time() - 60))  # a folder at rest is remembered
    seen: list[str] = []
    for _ in range(5):
        page = islice(objects.scan(str(tmp_path), after=seen[-1] if seen else ""), 700)
        seen += [entry.key for entry in page]
    assert seen == names
    (tmp_path / "f00000a").touch()
    (tmp_path / "f00001").unlink()
    assert keys(tmp_path)[:3] == ["f00000", "f00000a", "f00002"]


NAMES = {
    True: ["abc", "my-bucket", "a.b.c", "0ab", "a--b", "x" * 63],
    False: ["ab", "x" * 64, "Abc", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", "10.0.0.1", ".maq", "a/b", "abc\n"],
}


@pytest.mark.parametrize(("name", "right"), [(name, right) for right, names in NAMES.items() for name in names])
def test_bucket_names_follow_the_rules_of_s3_and_obs(name: str, right: bool) -> None:
    assert objects.is_bucket_name(name) is right


def owner_of(path: Path) -> Tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


@pytest.mark.parametrize("key", ["a", "d/b", "é/ü.txt"])
def test_a_file_is_renamed_into_a_folder_that_is_there_also_over_another(tmp_path: Path, key: str) -> None:
    put(tmp_path, key, b"old")
    source = tmp_path / ".maquette-half"
    source.write_bytes(b"new")
    assert objects.rename_into(str(tmp_path), str(source), key, owner_of(source))
    assert (tmp_path / key).read_bytes() == b"new" and keys(tmp_path) == [key]


@pytest.mark.parametrize("key", [*ODD, "a/b", "folder", "link", "no/folder", "odd"])
def test_where_anything_stands_in_the_way_of_a_rename_nothing_happens(tmp_path: Path, key: str) -> None:
    put(tmp_path, "a", b"a")
    put(tmp_path, "folder/x", b"x")
    (tmp_path / "odd").mkdir()
    put(tmp_path, "odd", b"odd")
    (tmp_path / "odd").rmdir()
    (tmp_path / "link").symlink_to("a")
    before = keys(tmp_path)
    source = tmp_path / ".maquette-half"
    source.write_bytes(b"new")
    assert not objects.rename_into(str(tmp_path), str(source), key, owner_of(source))
    assert source.read_bytes() == b"new" and keys(tmp_path) == before


def test_a_missing_source_or_bucket_is_an_error_and_makes_no_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        objects.install(str(tmp_path), str(tmp_path / "missing"), "a")
    (tmp_path / "source").touch()
    with pytest.raises(FileNotFoundError):
        objects.install(str(tmp_path / "no-bucket"), str(tmp_path / "source"), "a/b")
    assert not (tmp_path / "no-bucket").exists()
