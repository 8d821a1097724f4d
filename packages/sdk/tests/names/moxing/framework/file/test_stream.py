from __future__ import annotations

import io
import json
import logging
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from maquette_sdk import objects

NAMES = Path(objects.__file__).parent / "names"


@pytest.mark.parametrize("mode", ["r", "rb", "br", "r+", "rb+", "br+", "a+", "ab+", "ba+"])
def test_reading_modes_give_text_or_bytes(mox: Any, buckets: Any, mode: str) -> None:
    url = buckets.put("notes.txt", "one\nzwei ä\n")
    with mox.file.File(url, mode) as f:
        f.seek(0)
        assert f.read() == (b"one\nzwei \xc3\xa4\n" if "b" in mode else "one\nzwei ä\n")
        assert (f.mode, f.name, f.readable(), f.seekable(), f.isatty()) == (mode, url, True, True, False)
        assert f.writable() == ("+" in mode)
        assert f.size() == 12
    assert f.closed


def test_lines_come_as_from_any_file(mox: Any, buckets: Any) -> None:
    url = buckets.put("notes.txt", "one\ntwo\nthree")
    with mox.file.File(url) as f:
        assert f.readline() == "one\n"
        assert f.readlines() == ["two\n", "three"]
    with mox.file.File(url, "rb") as f:
        assert list(f) == [b"one\n", b"two\n", b"three"]
    with mox.file.File(url) as f:
        assert next(f) == "one\n"
        assert f.next() == "two\n"
    with mox.file.File(url) as f:
        assert (f.read(3), f.tell(), f.read(n=1), f.read(None)) == ("one", 3, "\n", "two\nthree")
        assert f.seek(0) == 0
        assert f.read(-1) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "mode, before, after",
    [
        ("w", None, "new"),
        ("w", "a long old text", "new"),
        ("bw", "a long old text", "new"),
        ("a", None, "new"),
        ("a", "old ", "old new"),
        ("ab", "old ", "old new"),
        ("a+", "old ", "old new"),
        ("w+", "old", "new"),
        ("r+", "old text", "new text"),
        ("rb+", "old text", "new text"),
        ("x", None, "new"),
    ],
)
def test_writing_modes_leave_what_python_leaves(mox: Any, buckets: Any, mode: str, before: Any, after: str) -> None:
    if before is not None:
        buckets.put("dir/x.txt", before)
    with mox.file.File("s3://pets/dir/x.txt", mode) as f:
        f.write(b"new" if "b" in mode else "new")
    assert buckets.get("dir/x.txt") == after


def test_an_object_appears_whole_when_its_file_is_closed(mox: Any, buckets: Any) -> None:
    buckets.put("x.txt", "old")
    f = mox.file.File("obs://pets/x.txt", "w")
    f.write("new")
    assert buckets.get("x.txt") == "old"
    f.close()
    f.close()
    assert buckets.get("x.txt") == "new"
    with pytest.raises(ValueError, match="closed file"):
        f.write("more")


def test_flush_shows_what_was_written_so_far(mox: Any, buckets: Any) -> None:
    with mox.file.File("obs://pets/train.log", "w") as f:
        for number in range(3):
            f.write("epoch {}\n".format(number))
            f.flush()
            f.flush()
            assert buckets.get("train.log").count("epoch") == number + 1
    assert buckets.get("train.log") == "epoch 0\nepoch 1\nepoch 2\n"


def test_large_files_are_not_shown_again_at_every_flush(mox: Any, run: Any) -> None:
    with mox.file.File("obs://pets/train.log", "wb") as f:
        f.write(b"x" * (1 << 20 | 1))
        f.flush()
        f.write(b"y")
        f.flush()
        assert len(run.calls) == 1
    assert len(run.calls) == 2
    assert run.get("train.log").endswith("xy")


def test_a_logging_handler_can_write_to_a_bucket(mox: Any, buckets: Any) -> None:
    logger = logging.getLogger("test_a_logging_handler")
    handler = logging.StreamHandler(mox.file.File("s3://pets/logs/train.log", "w"))
    logger.addHandler(handler)
    logger.warning("hello")
    assert buckets.get("logs/train.log") == "hello\n"
    handler.stream.close()


def test_what_was_written_before_an_exception_is_kept_as_in_a_local_file(mox: Any, buckets: Any) -> None:
    with pytest.raises(KeyError), mox.file.File("obs://pets/x.txt", "w") as f:
        f.write("half")
        raise KeyError
    assert buckets.get("x.txt") == "half"


def test_opening_to_change_and_only_reading_changes_nothing(mox: Any, run: Any) -> None:
    run.put("x.txt", "old", "frozen")
    for mode in ("r+", "rb+", "a+"):
        with mox.file.File("obs://frozen/x.txt", mode) as f:
            f.seek(0)
            assert f.read() in ("old", b"old")
    assert run.calls == []


def test_an_open_file_reads_on_while_the_object_is_replaced(mox: Any, buckets: Any) -> None:
    buckets.put("x.txt", "old")
    with mox.file.File("obs://pets/x.txt") as f:
        mox.file.write("obs://pets/x.txt", "new")
        assert f.read() == "old"


def test_reading_and_writing_take_turns(mox: Any, buckets: Any) -> None:
    buckets.put("x.bin", "0123456789")
    with mox.file.File("obs://pets/x.bin", "rb+") as f:
        assert f.read(4) == b"0123"
        f.seek(4)
        f.write(b"--")
        assert f.read(2) == b"67"
        f.truncate(8)
        assert f.size() == 8
    assert buckets.get("x.bin") == "0123--67"


def test_a_forgotten_file_is_closed_with_its_last_reference(mox: Any, buckets: Any) -> None:
    mox.file.File("obs://pets/x.txt", "w").write("kept")
    assert buckets.get("x.txt") == "kept"


def test_a_file_still_open_at_the_end_of_a_script_is_kept(buckets: Any) -> None:
    script = "import moxing as mox; f = mox.file.File('s3://pets/x', 'w'); f.write('kept'); keep = [f]; keep += [keep]"
    path = os.pathsep.join([str(NAMES.parent.parent), str(NAMES)])
    subprocess.run([sys.executable, "-c", script], check=True, env=dict(os.environ, PYTHONPATH=path))
    assert buckets.get("x") == "kept"


def test_a_forked_child_does_not_write_its_parents_file(mox: Any, buckets: Any) -> None:
    f = mox.file.File("obs://pets/x.txt", "w", buffering=1)
    child = os.fork()
    if child == 0:
        f.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert buckets.get("x.txt") is None
    f.write("parent")
    f.close()
    assert buckets.get("x.txt") == "parent"


def test_libraries_take_it_for_a_file(mox: Any, buckets: Any) -> None:
    with mox.file.File("obs://pets/x.zip", "wb") as f, zipfile.ZipFile(f, "w") as archive:
        archive.writestr("a", "b")
    with mox.file.File("obs://pets/x.zip", "rb") as f:
        assert isinstance(f, io.BufferedIOBase) and isinstance(f, io.IOBase) and isinstance(f, mox.file.File)
        assert zipfile.ZipFile(f).read("a") == b"b"
    with mox.file.File("obs://pets/x.json", "w") as f:
        assert isinstance(f, io.TextIOBase) and not isinstance(f, io.BufferedIOBase)
        json.dump([1], f)
    with mox.file.File("obs://pets/x.json") as f:
        assert json.load(f) == [1]
    with mox.file.File("obs://pets/x.pickle", "wb") as f:
        pickle.dump({"a": 1}, f)
    with mox.file.File("obs://pets/x.pickle", "rb") as f:
        assert pickle.load(f) == {"a": 1}
        assert os.fstat(f.fileno()).st_size == f.size()


def test_what_a_library_writes_past_the_file_object_is_kept(mox: Any, buckets: Any) -> None:
    buckets.put("old.bin", "old text")
    for url, mode in (("obs://pets/new.bin", "wb"), ("obs://pets/old.bin", "rb+")):
        with mox.file.File(url, mode) as f:
            f.write(b"one ")
            f.flush()
            os.write(f.fileno(), b"two ")
            f.flush()
            os.write(f.fileno(), b"three")
        assert mox.file.read(url) == "one two three"


def test_a_number_asked_for_while_reading_changes_nothing(mox: Any, run: Any) -> None:
    run.put("x.txt", "text", "frozen")
    for mode in ("rb", "rb+"):
        with mox.file.File("obs://frozen/x.txt", mode) as f:
            assert os.fstat(f.fileno()).st_size == 4
            assert os.pread(f.fileno(), 4, 0) == b"text"
    assert run.calls == []


def test_local_paths_are_opened_as_python_opens_them(mox: Any, buckets: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    with mox.file.File(path, "w") as f:
        f.write("one")
    with mox.file.File(str(path), "ba+") as f:
        f.write(b" two")
        f.seek(0)
        assert (f.read(), f.size(), f.mode) == (b"one two", 7, "ba+")
    with pytest.raises(FileNotFoundError):
        mox.file.File(tmp_path / "none")


@pytest.mark.parametrize("url", ["obs://pets/none.txt", "s3://pets/dir/none.txt", "obs://pets/x.txt/y"])
def test_a_missing_object_says_where_to_look(mox: Any, buckets: Any, url: str) -> None:
    buckets.put("x.txt", "x")
    with pytest.raises(FileNotFoundError, match=r"has no object '.*'\. List it with `maquette ls obs://pets/"):
        mox.file.File(url)
    with pytest.raises(mox.file.MoxFileNotExistsException) as caught:
        mox.file.File(url, "r+")
    assert (caught.value.errno, caught.value.resp.status, caught.value.resp.errorCode) == (2, 404, "NoSuchKey")
    assert isinstance(caught.value, mox.file.MoxFileRespException)


@pytest.mark.parametrize("url", ["obs://share-course/x", "s3://share-course/x"])
@pytest.mark.parametrize("mode", ["r", "w", "a", "r+"])
def test_a_missing_bucket_names_the_command_that_makes_it(mox: Any, buckets: Any, url: str, mode: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        mox.file.File(url, mode)
    assert str(caught.value) == (
        "Bucket 'share-course' does not exist here. Make it with `maquette mb obs://share-course`, "
        "or let a folder stand for it: `maquette run … --bucket share-course=DIR`."
    )


def test_a_directory_is_no_file(mox: Any, buckets: Any) -> None:
    buckets.put("dir/x.txt", "x")
    for url, mode in [("obs://pets/dir", "r"), ("obs://pets/dir/", "w"), ("obs://pets", "r"), ("obs://pets/", "w")]:
        with pytest.raises(IsADirectoryError, match="is a directory"):
            mox.file.File(url, mode)


def test_a_read_only_bucket_says_so_before_anything_is_written(mox: Any, run: Any) -> None:
    run.put("x.txt", "old", "frozen")
    for mode in ("w", "r+", "a"):
        told = pytest.raises(PermissionError, match=r"'frozen' can only be read here, so 'x\.txt' was not written")
        with told, mox.file.File("obs://frozen/x.txt", mode) as f:
            f.write("new")
    with pytest.raises(mox.file.MoxFileRespException):
        mox.file.write("obs://frozen/y.txt", "new")
    assert run.keys("frozen") == ["x.txt"]


@pytest.mark.parametrize("mode", ["", "rw", "q", "wa", "U"])
def test_an_unknown_mode_is_named(mox: Any, buckets: Any, mode: str) -> None:
    with pytest.raises(ValueError, match="'{}' is no mode".format(mode)):
        mox.file.File("obs://pets/x", mode)


def test_x_does_not_overwrite(mox: Any, buckets: Any) -> None:
    buckets.put("x.txt", "old")
    with pytest.raises(FileExistsError):
        mox.file.File("obs://pets/x.txt", "x")
