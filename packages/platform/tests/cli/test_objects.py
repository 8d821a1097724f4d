"""`maquette mb · ls · cp · rm` as a person types them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from maquette.cli import main, transfers
from maquette.drivers.stores.local import LocalStore


@dataclass
class Said:
    code: int
    out: str
    err: str


Maquette = Callable[..., Said]


@pytest.fixture
def maquette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Maquette:
    """Runs the command on a home of the test's own."""
    monkeypatch.setenv("MAQUETTE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["maquette", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Said(int(left.value.code or 0), out, err)

    return run


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    made = LocalStore(tmp_path / "home" / "buckets")
    made.make_bucket("pets")
    return made


def keys(store: LocalStore, bucket: str = "pets") -> list[str]:
    return [info.key for info in store.list(bucket).objects]


def test_a_bucket_is_made_and_listed(maquette: Maquette, tmp_path: Path) -> None:
    assert maquette("ls") == Said(0, "", "")
    assert maquette("mb", "obs://pets") == Said(0, "", "")
    assert maquette("mb", "s3://more.pets/").code == 0
    assert maquette("ls").out == "obs://more.pets\nobs://pets\n"
    assert json.loads(maquette("ls", "--json").out)[1] == {"bucket": "pets", "address": "obs://pets"}
    assert maquette("ls", "--home", str(tmp_path / "other")).out == ""
    assert maquette("mb", "obs://pets") == Said(
        1, "", "maquette: Bucket 'pets' exists already. Use it, or choose another name.\n"
    )


MISTYPED = [
    (("mb", "pets"), "'pets' is not an address. Write obs://BUCKET or obs://BUCKET/KEY."),
    (("mb", "obs:/pets"), "Did you mean obs://pets?"),
    (("mb", "obs:pets"), "Did you mean obs://pets?"),
    (("mb", "obs//pets"), "Did you mean obs://pets?"),
    (("mb", "obs://Pets"), "'Pets' is not 3 to 63 lower-case letters"),
    (("mb", "obs:///x"), "names no bucket"),
    (("mb", "obs://pets/x"), "is more than a bucket. Write obs://pets."),
    (("ls", "s3:/pets/x"), "Did you mean obs://pets/x?"),
    (("cp", "a", "b"), "Neither side is in a bucket"),
    (("cp", "a", "obs:/pets"), "Did you mean obs://pets?"),
    (("rm", "pets/x"), "is not an address"),
]


@pytest.mark.parametrize(("words", "told"), MISTYPED)
def test_what_is_mistyped_is_told_with_what_is_right(maquette: Maquette, words: tuple[str, ...], told: str) -> None:
    said = maquette(*words)
    assert (said.code, said.out) == (2, "") and told in said.err


MISSING = [
    (("ls", "obs://pets/nope"), 1, "Bucket 'pets' has nothing at 'nope'. List it with `maquette ls obs://pets`."),
    (("ls", "obs://nope-1"), 1, "Make it with `maquette mb obs://nope-1`"),
    (("cp", "obs://pets/nope", "x"), 1, "has nothing at 'nope'"),
    (("cp", "-r", "obs://pets/nope", "x"), 1, "has nothing at 'nope'"),
    (("cp", "obs://pets/train", "x"), 2, "obs://pets/train is a folder. Copy all of it with -r."),
    (("cp", "obs://pets", "x"), 2, "obs://pets/ is a folder. Copy all of it with -r."),
    (("cp", "nope", "obs://pets/"), 2, "There is no file 'nope'."),
    (("cp", ".", "obs://pets/"), 2, "'.' is a folder. Copy what is in it with -r."),
    (("cp", "obs://pets/train/1", "obs://pets/train/1"), 2, "would be copied onto itself"),
    (("cp", "obs://pets/train/1", "/proc/nope/x"), 1, "cannot be copied"),
    (("rm", "obs://pets/nope"), 1, "has nothing at 'nope'"),
    (("rm", "obs://pets/train"), 2, "is a folder. Remove all of it with -r."),
    (("rm", "-r", "obs://pets/nope"), 1, "has nothing at 'nope'"),
    (("rm", "obs://pets"), 1, "Empty it with `maquette rm -r obs://pets/`"),
]


@pytest.mark.parametrize(("words", "code", "told"), MISSING)
def test_what_is_not_there_is_told_in_a_sentence(
    maquette: Maquette, store: LocalStore, words: tuple[str, ...], code: int, told: str
) -> None:
    store.put("pets", "train/1", [b"1"])
    said = maquette(*words)
    assert (said.code, said.out) == (code, "") and told in said.err
    assert keys(store) == ["train/1"]


def test_a_folder_is_listed_level_by_level_or_whole(maquette: Maquette, store: LocalStore) -> None:
    for key in ("train/1.jpg", "train/sub/2.jpg", "train/", "train.txt", "line\nend"):
        store.put("pets", key, [b"12345"])
    top = maquette("ls", "obs://pets").out.splitlines()
    assert [line.split()[-1] for line in top] == [r"line\nend", "train.txt", "train/"]
    lines = maquette("ls", "s3://pets/train").out.splitlines()
    assert [line.split()[-1] for line in lines] == ["train/", "train/1.jpg", "train/sub/"]
    assert lines[1].split()[1] == "5"
    found = json.loads(maquette("ls", "obs://pets/train", "--recursive", "--json").out)
    assert [line["key"] for line in found] == ["train/", "train/1.jpg", "train/sub/2.jpg"]
    assert set(found[0]) == {"key", "size", "modified", "etag"}
    assert len(maquette("ls", "obs://pets/train.txt").out.splitlines()) == 1


def test_files_go_into_a_bucket_with_their_kind(maquette: Maquette, store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"jpg")
    assert maquette("cp", "cat.jpg", "obs://pets").code == 0
    assert maquette("cp", "cat.jpg", "obs://pets/train/").code == 0
    assert maquette("cp", "cat.jpg", "s3://pets/other name").code == 0
    assert keys(store) == ["cat.jpg", "other name", "train/cat.jpg"]
    assert store.head("pets", "cat.jpg").content_type == "image/jpeg"


def test_a_folder_goes_into_a_bucket_links_followed(maquette: Maquette, store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "1").write_text("1")
    (tmp_path / "data" / "sub" / "2").write_text("2")
    (tmp_path / "data" / "again").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "data" / "1")
    said = maquette("cp", "-r", "data", "obs://pets/in")
    assert (said.code, said.err) == (0, "copied 3 files, 3 B\n")
    assert keys(store) == ["in/1", "in/linked", "in/sub/2"]


def test_objects_come_out_of_a_bucket_as_files(maquette: Maquette, store: LocalStore, tmp_path: Path) -> None:
    store.put("pets", "train/1.jpg", [b"one"])
    store.put("pets", "train/sub/2.jpg", [b"two"])
    store.put("pets", "train/", [])
    store.put("pets", "train/empty/", [])
    (tmp_path / "there").mkdir()
    assert maquette("cp", "obs://pets/train/1.jpg", "there").code == 0
    assert maquette("cp", "obs://pets/train/1.jpg", "new/").code == 0
    assert maquette("cp", "obs://pets/train/1.jpg", "renamed").code == 0
    assert maquette("cp", "-r", "obs://pets/train", "all").code == 0
    read = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in files(tmp_path)}
    assert read == {
        "there/1.jpg": b"one",
        "new/1.jpg": b"one",
        "renamed": b"one",
        "all/1.jpg": b"one",
        "all/sub/2.jpg": b"two",
    }
    assert (tmp_path / "all" / "empty").is_dir()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "home" not in path.parts[len(folder.parts) :]]


def test_a_key_never_leads_out_of_the_target(maquette: Maquette, store: LocalStore, tmp_path: Path) -> None:
    odd = ["in/../../escaped", "in//x", "in/..", "in/a", "in/a/b", "in/line\nend", "in/" + "x" * 300]
    for key in [*odd, "in/good"]:
        store.put("pets", key, [b"x"])
    said = maquette("cp", "-r", "obs://pets/in/", "deep/out")
    assert said.code == 2 and "6 of 8 objects have keys that no file here can be named after" in said.err
    assert r"left out: in/line\nend" in said.err
    assert sorted(path.relative_to(tmp_path).as_posix() for path in files(tmp_path)) == ["deep/out/a", "deep/out/good"]
    assert maquette("cp", "obs://pets/in/line\nend", "line").code == 0


def test_objects_are_copied_from_bucket_to_bucket_and_below_themselves(maquette: Maquette, store: LocalStore) -> None:
    store.make_bucket("other")
    store.put("pets", "a/1", [b"1"], metadata={"x": "1"})
    store.put("pets", "a/b//2", [b"2"])
    assert maquette("cp", "obs://pets/a/1", "obs://other").code == 0
    assert maquette("cp", "-r", "obs://pets/a", "s3://other/copied").code == 0
    assert maquette("cp", "-r", "obs://pets/a", "obs://pets/a/inside").code == 0
    assert keys(store, "other") == ["1", "copied/1", "copied/b//2"]
    assert keys(store) == ["a/1", "a/b//2", "a/inside/1", "a/inside/b//2"]
    assert store.head("other", "1").metadata == {"x": "1"}


def test_removing_takes_what_is_named_and_no_more(maquette: Maquette, store: LocalStore) -> None:
    for key in ("train", "train/1", "train/2", "train2", "other//x"):
        store.put("pets", key, [])
    assert maquette("rm", "obs://pets/train/1").code == 0
    assert keys(store) == ["other//x", "train", "train/2", "train2"]
    assert maquette("rm", "-r", "obs://pets/train").err == "removed 2 files\n"
    assert keys(store) == ["other//x", "train2"]
    assert maquette("rm", "-r", "obs://pets/").code == 0
    assert keys(store) == [] and store.has_bucket("pets")
    assert maquette("rm", "-r", "obs://pets/").code == 0
    store.put("pets", "x", [])
    assert maquette("rm", "-r", "obs://pets").code == 0
    assert not store.has_bucket("pets")


def test_a_long_copy_tells_how_far_it_is(
    maquette: Maquette, store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "TELL_EVERY_SECONDS", 0)
    with open(tmp_path / "big", "wb") as file:
        os.truncate(file.fileno(), 3 << 20)
    said = maquette("cp", "big", "obs://pets")
    lines = [line.strip() for line in said.err.splitlines()]
    assert lines[0] == "0 files, 1.0 MB so far" and lines[-1] == "copied 1 file, 3.1 MB"
    assert maquette("cp", "big", "obs://pets/").out == ""


def test_a_copy_broken_off_leaves_no_half_file(
    maquette: Maquette, store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("pets", "x", [b"x" * (2 << 20)])
    (tmp_path / "x").write_text("old")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfers.Progress, "add", broken)
    said = maquette("cp", "obs://pets/x", "x")
    assert said.code == 1 and "'x' cannot be copied: No space left on device." in said.err
    assert (tmp_path / "x").read_text() == "old"
    assert [path.name for path in files(tmp_path)] == ["x"]
