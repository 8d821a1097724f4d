import os

import pytest

from maquette.drivers.stores.memory import MemoryStore
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import Stopped
from maquette.runs import copying
from maquette.runs.copying import Progress, copy_folder, copy_objects, human_size


@pytest.fixture
def told():
    return []


@pytest.fixture
def progress(told):
    return Progress("data_url", told.append)


def test_a_folder_is_copied_with_modes_and_links_as_what_they_point_to(tmp_path, progress):
    source = tmp_path / "source"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "deep" / "er" / "x").write_bytes(b"12345")
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o755)
    (source / "link").symlink_to("deep/er/x")
    (source / ".git").mkdir()
    (source / ".git" / "config").touch()
    copy_folder(source, tmp_path / "target", progress, frozenset({".git"}))
    assert (tmp_path / "target" / "deep" / "er" / "x").read_bytes() == b"12345"
    assert os.access(tmp_path / "target" / "run.sh", os.X_OK)
    assert not (tmp_path / "target" / "link").is_symlink()
    assert not (tmp_path / "target" / ".git").exists()
    assert progress.summary() == "3 files, 20 B"


def test_a_folder_that_links_to_itself_is_copied_once(tmp_path, progress):
    source = tmp_path / "source"
    source.mkdir()
    (source / "x").touch()
    (source / "again").symlink_to(source)
    copy_folder(source, tmp_path / "target", progress)
    assert progress.files == 1


def test_a_large_file_tells_how_far_it_is_and_can_be_left_in_the_middle(tmp_path, told, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "weights").write_bytes(bytes(100))
    monkeypatch.setattr(copying, "PIECE_BYTES", 30)
    monkeypatch.setattr(copying, "TELL_EVERY_SECONDS", -1.0)
    copy_folder(source, tmp_path / "whole", Progress("the package", told.append))
    assert "copying the package: 1 file, 60 B so far" in told
    assert (tmp_path / "whole" / "weights").stat().st_size == 100
    progress = Progress("the package", told.append, lambda: progress.size >= 60)
    with pytest.raises(Stopped):
        copy_folder(source, tmp_path / "half", progress)
    assert (tmp_path / "half" / "weights").stat().st_size == 90


def test_a_long_copy_tells_how_far_it_is_and_a_short_one_does_not(told, progress, monkeypatch):
    progress.add(10)
    assert told == []
    monkeypatch.setattr(copying.time, "monotonic", lambda: progress.next + 1)
    progress.add(1_500_000)
    assert told == ["copying data_url: 2 files, 1.5 MB so far"]


def test_what_would_fill_the_disk_is_refused_before_it_begins(tmp_path, progress, monkeypatch):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "x").write_bytes(b"x" * 100)
    monkeypatch.setattr(copying, "KEEP_FREE_BYTES", 1 << 62)
    with pytest.raises(Unavailable, match="Copying data_url needs 100 B"):
        copy_folder(tmp_path / "source", tmp_path / "target", progress)
    assert list((tmp_path / "target").iterdir()) == []


def test_objects_become_files_and_names_that_no_file_can_have_are_told(tmp_path, progress):
    store = MemoryStore()
    store.make_bucket("pets")
    for key in ("in/cat/1.jpg", "in/dog/", "in/../out", "in//x", "in/cat", "other/x"):
        store.put("pets", key, [key.encode()])
    left_out = copy_objects(store, "pets", "in/", tmp_path / "target", progress)
    assert (tmp_path / "target" / "dog").is_dir()
    assert not (tmp_path / "out").exists()
    assert set(left_out) >= {"in/../out", "in//x"}
    # `cat` and `cat/1.jpg` cannot both be files: whichever came first is there, the other is told
    assert len(set(left_out) & {"in/cat", "in/cat/1.jpg"}) == 1


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (2.5e9, "2.5 GB"), (3e13, "30.0 TB")]
)
def test_sizes_are_told_as_people_read_them(size, text):
    assert human_size(size) == text
