"""What only a store of folders does: files of the owner's own, aliases, links, disks that are full."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from maquette.drivers.stores import records
from maquette.drivers.stores.local import Alias, LocalStore
from maquette.kernel.errors import BadInput, Conflict, NotFound, Refused, Unavailable

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    made = LocalStore(tmp_path / "buckets")
    made.make_bucket("pets")
    return made


@pytest.fixture
def folder(store: LocalStore, tmp_path: Path) -> Path:
    return tmp_path / "buckets" / "pets"


def keys(store: LocalStore, bucket: str = "pets") -> list[str]:
    return [info.key for info in store.list(bucket).objects]


def halves(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.name.startswith(".maquette-"))


def test_a_plain_key_is_a_file_that_people_find_and_may_read(store: LocalStore, folder: Path) -> None:
    store.put("pets", "train/cat 1.jpg", [b"x"])
    assert (folder / "train" / "cat 1.jpg").read_bytes() == b"x"
    assert (folder / "train" / "cat 1.jpg").stat().st_mode & 0o777 == 0o644


def test_a_file_dropped_into_the_folder_is_an_object_with_an_etag_that_is_no_md5(
    store: LocalStore, folder: Path
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "x.txt").write_bytes(b"dropped")
    info = store.head("pets", "sub/x.txt")
    assert info.size == 7 and info.etag.endswith("-0") and len(info.etag) == 34
    assert store.list("pets").objects == (info,)


def edited(path: Path) -> None:
    path.write_bytes(b"edited")


def replaced(path: Path) -> None:
    other = path.with_name("other")
    shutil.copy2(path, other)
    other.rename(path)


def touched(path: Path) -> None:
    os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [edited, replaced, touched])
def test_a_change_behind_our_back_changes_the_etag_and_drops_what_was_known(
    store: LocalStore, folder: Path, change: object
) -> None:
    before = store.put("pets", "a", [b"object"], "text/plain", {"color": "red"})
    assert callable(change)
    change(folder / "a")
    after = store.head("pets", "a")
    assert after.etag != before.etag and after.etag.endswith("-0")
    assert (after.content_type, after.metadata) == ("binary/octet-stream", {})
    again = store.copy(("pets", "a"), ("pets", "b"))
    assert again.etag.endswith("-0")


def without_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that has no extended attributes."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    for name in ("setxattr", "getxattr", "removexattr"):
        monkeypatch.setattr(os, name, refuse)


def test_without_extended_attributes_the_record_is_a_small_file(
    store: LocalStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_attributes(monkeypatch)
    for key in ("a/b", "odd//key"):
        told = store.put("pets", key, [b"x"], "text/plain", {"color": "red"})
        assert store.head("pets", key) == told and told.metadata == {"color": "red"}
        assert told in store.list("pets").objects
    assert len(list((folder / ".maquette" / "etags").iterdir())) == 2
    (folder / "a" / "b").write_bytes(b"edited")
    assert store.head("pets", "a/b").etag.endswith("-0")
    store.delete("pets", "a/b")
    store.delete("pets", "odd//key")
    assert list((folder / ".maquette" / "etags").iterdir()) == []


def test_metadata_too_large_for_an_attribute_is_kept_all_the_same(store: LocalStore) -> None:
    metadata = {f"key-{number}": "x" * 200 for number in range(60)}
    told = store.put("pets", "a", [b"x"], metadata=metadata)
    assert store.head("pets", "a") == told and told.metadata == metadata
    store.put("pets", "a", [b"x"])
    assert store.head("pets", "a").metadata == {}


def test_of_a_file_dropped_in_things_may_be_said_where_there_are_attributes_or_not(
    store: LocalStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (folder / name).write_bytes(b"dropped")
        before = store.head("pets", name)
        store.describe("pets", name, lambda known: {**known, "tags:": "x=1"})
        store.describe("pets", name, lambda known: {**known, "more": "2"})
        assert store.head("pets", name) == replace(before, metadata={"tags:": "x=1", "more": "2"})
        without_attributes(monkeypatch)


def test_a_bucket_that_is_removed_while_an_object_comes_is_told_as_missing(store: LocalStore, folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one"
        store.remove_bucket("pets")
        yield b"two"

    with pytest.raises(NotFound, match="Bucket 'pets' does not exist"):
        store.put("pets", "deep/a", chunks())
    assert not folder.exists()


def test_a_record_that_a_run_forged_on_its_file_is_not_believed(store: LocalStore, tmp_path: Path) -> None:
    staged = tmp_path / "x"
    staged.write_bytes(b"x")
    records.write(str(tmp_path), "x", str(staged), staged.stat(), records.Record("0" * 32, "text/html", {"a": "b"}))
    store.commit("pets", [(staged, "x")])
    info = store.head("pets", "x")
    assert info.etag.endswith("-0") and info.metadata == {} and info.content_type == "binary/octet-stream"


def test_a_commit_stops_at_the_first_file_that_cannot_be_taken_and_names_it(store: LocalStore, tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    for name in ("1", "3"):
        (staging / name).write_text(name)
    (staging / "2").symlink_to("1")
    with pytest.raises(BadInput, match="'2' is not a regular file"):
        store.commit("pets", [(staging / name, f"out/{name}") for name in ("1", "2", "3")])
    assert keys(store) == ["out/1"]
    assert (staging / "3").exists()


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs a second file system")
def test_files_on_another_disk_are_copied_in_and_still_appear_whole(store: LocalStore, folder: Path) -> None:
    other = Path("/dev/shm") / f"maquette-test-{os.getpid()}"
    other.mkdir()
    try:
        if other.stat().st_dev == folder.stat().st_dev:
            pytest.skip("/dev/shm is on the same file system")
        (other / "x").write_bytes(b"far")
        store.commit("pets", [(other / "x", "a/x")])
        assert (folder / "a" / "x").read_bytes() == b"far" and not (other / "x").exists()
        # A folder of the bucket may itself be a link to another disk.
        (folder / "far").symlink_to(other)
        told = store.put("pets", "far/y", [b"y"], metadata={"k": "v"})
        assert (other / "y").read_bytes() == b"y" and store.head("pets", "far/y") == told
        store.copy(("pets", "a/x"), ("pets", "far/z"))
        assert keys(store) == ["a/x", "far/y", "far/z"] and halves(other) == halves(folder) == []
    finally:
        shutil.rmtree(other)


class TestAliases:
    @pytest.fixture
    def course(self, tmp_path: Path) -> Path:
        course = tmp_path / "course"
        (course / "data").mkdir(parents=True)
        (course / "data" / "1.jpg").write_bytes(b"jpg")
        (course / "linked").symlink_to(course / "data")
        return course

    def test_a_folder_stands_for_a_bucket_and_is_left_as_it_is(self, tmp_path: Path, course: Path) -> None:
        store = LocalStore(tmp_path / "none", {"share-course": Alias(course)})
        assert list(store.buckets()) == ["share-course"] and store.has_bucket("share-course")
        assert keys(store, "share-course") == ["data/1.jpg", "linked/1.jpg"]
        _, file = store.open("share-course", "linked/1.jpg")
        with file:
            assert file.read() == b"jpg"
        for call in (
            lambda: store.put("share-course", "x", []),
            lambda: store.delete("share-course", "data/1.jpg"),
            lambda: store.commit("share-course", []),
            lambda: store.copy(("share-course", "data/1.jpg"), ("share-course", "x")),
        ):
            with pytest.raises(Refused, match="to be read only"):
                call()
        assert sorted(os.listdir(course)) == ["data", "linked"]

    def test_a_writable_one_takes_objects(self, tmp_path: Path, course: Path) -> None:
        store = LocalStore(tmp_path / "none", {"share-course": Alias(course, writable=True)})
        store.put("share-course", "data/2.jpg", [b"2"])
        assert (course / "data" / "2.jpg").read_bytes() == b"2"
        store.delete("share-course", "data/2.jpg")
        assert keys(store, "share-course") == ["data/1.jpg", "linked/1.jpg"]

    def test_it_hides_a_bucket_of_its_name_and_is_not_removed(self, store: LocalStore, course: Path) -> None:
        hiding = LocalStore(store._root, {"pets": Alias(course, writable=True)})
        assert keys(hiding) == ["data/1.jpg", "linked/1.jpg"]
        with pytest.raises(Conflict):
            hiding.make_bucket("pets")
        with pytest.raises(Refused, match="Remove the folder itself"):
            hiding.remove_bucket("pets")

    def test_a_missing_folder_and_a_bad_name_are_told_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="is not a folder"):
            LocalStore(tmp_path, {"share-course": Alias(tmp_path / "missing")})
        with pytest.raises(BadInput, match="cannot be a bucket's name"):
            LocalStore(tmp_path, {"Share_Course": Alias(tmp_path)})


def test_a_bucket_that_gets_an_object_while_it_is_removed_stays(
    store: LocalStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def rename_late(source: str, target: str) -> None:
        (folder / "late").touch()
        monkeypatch.setattr(os, "rename", rename)
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_late)
    with pytest.raises(Conflict):
        store.remove_bucket("pets")
    assert keys(store) == ["late"]


WRITER = """
import sys, time
from dataclasses import replace
from pathlib import Path
from maquette.drivers.stores.local import LocalStore
def chunks():
    yield b"x" * 100_000
    print("half", flush=True)
    time.sleep(60)
LocalStore(Path(sys.argv[1])).put("pets", "deep/a", chunks())
"""


def test_a_writer_killed_half_way_leaves_nothing_visible_and_nothing_for_long(
    store: LocalStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> subprocess.Popen[bytes]:
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder.parent)], stdout=subprocess.PIPE)
        assert writer.stdout and writer.stdout.readline() == b"half\n"
        writer.stdout.close()
        return writer

    killed, living = start(), start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert keys(store) == [] and len(halves(folder)) == 2
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 120)
    store.put("pets", "b", [b"x"])
    # The one at work holds its file locked, so only the dead one's is swept away.
    assert len(halves(folder)) == 1 and keys(store) == ["b"]
    living.kill()
    living.wait()
    LocalStore(folder.parent).put("pets", "c", [b"x"])
    assert halves(folder) == []


def test_a_bucket_that_is_removed_and_made_again_takes_objects_at_once(store: LocalStore, tmp_path: Path) -> None:
    staged = tmp_path / "x"
    for _ in range(2):
        store.put("pets", "a", [b"a"])
        store.delete("pets", "a")
        store.remove_bucket("pets")
        store.make_bucket("pets")
    staged.write_bytes(b"x")
    store.commit("pets", [(staged, "b")])
    assert keys(store) == ["b"]


def test_a_full_disk_is_told_and_keeps_what_was_there(small_disk: Callable[[str], Path], tmp_path: Path) -> None:
    root = small_disk("256k")
    store = LocalStore(root)
    store.make_bucket("pets")
    store.put("pets", "a", [b"old" * 1000])
    for key in ("a", "b/c"):
        with pytest.raises(Unavailable, match="No room left on the disk of bucket 'pets'"):
            store.put("pets", key, (b"x" * 65536 for _ in range(10)))
    store.put("pets", "big", [b"x" * 150_000])
    with pytest.raises(Unavailable):
        store.copy(("pets", "big"), ("pets", "big2"))
    staged = tmp_path / "staged"
    staged.write_bytes(b"x" * 300_000)
    with pytest.raises(Unavailable):
        store.commit("pets", [(staged, "d")])
    assert staged.exists()
    assert keys(store) == ["a", "big"] and halves(root) == []
    _, file = store.open("pets", "a")
    with file:
        assert file.read() == b"old" * 1000


@as_root
def test_what_root_writes_belongs_to_the_owner_of_the_bucket(store: LocalStore, folder: Path, tmp_path: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    store.put("pets", "a/b/c", [b"x"])
    store.put("pets", "odd//key", [b"x"])
    (tmp_path / "staged").write_bytes(b"x")
    (tmp_path / "staged").chmod(0o4777)
    store.commit("pets", [(tmp_path / "staged", "d/e")])
    store.copy(("pets", "a/b/c"), ("pets", "f"))
    made = list(folder.rglob("*"))
    assert {path.stat().st_uid for path in made} == {NOBODY} and len(made) > 8
    assert (folder / "d" / "e").stat().st_mode & 0o7777 == 0o644


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_folder_without_permission_is_told(store: LocalStore, folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    with pytest.raises(Refused, match="Change its permissions"):
        store.put("pets", "closed/x", [b"x"])


def test_listing_ten_thousand_objects_page_by_page_reads_no_contents_and_is_quick(
    store: LocalStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10_000):
        (folder / f"{number:05d}.jpg").touch()
    monkeypatch.setattr(LocalStore, "open", None)
    began, seen = time.thread_time(), 0
    for page in pages(store):
        seen += len(page)
    assert seen == 10_000
    assert time.thread_time() - began < 5  # 0.2 s; whatever else the machine does counts for nothing


def pages(store: LocalStore) -> Iterator[list[str]]:
    after: str | None = ""
    while after is not None:
        page = store.list("pets", after=after)
        yield [info.key for info in page.objects]
        after = page.next


def test_a_file_cut_short_while_it_is_copied_gives_what_is_there(store: LocalStore, folder: Path) -> None:
    (folder / "a").write_bytes(b"x" * 10)
    info, file = store.open("pets", "a")
    os.truncate(folder / "a", 4)
    with file:
        assert info.size == 10 and file.read() == b"xxxx"
    with pytest.raises(NotFound):
        store.head("pets", "b")
