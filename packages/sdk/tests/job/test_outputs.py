"""Copying outputs: whole files, no secrets, and a word about what is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from maquette_sdk.job import outputs
from maquette_sdk.job.outputs import Output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def output(source: Path, target: Path) -> Output:
    return Output(str(source), str(target), "/outputs/train_url_0")


def tree(path: Path) -> dict[str, str]:
    return {str(file.relative_to(path)): file.read_text() for file in path.rglob("*") if file.is_file()}


def test_new_and_changed_files_are_copied_and_others_left(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a" / "target"
    (source / "deep" / "empty").mkdir(parents=True)
    (source / "model").write_text("one")
    (source / "deep" / "log").write_text("log")
    copying = output(source, target)
    assert copying.copy() == (2, [], None)
    assert tree(target) == {"model": "one", "deep/log": "log"}
    assert (target / "deep" / "empty").is_dir()
    assert copying.copy().copied == 0
    (source / "model").write_text("two!")
    assert copying.copy().copied == 1
    assert tree(target)["model"] == "two!"


def test_a_change_that_keeps_the_size_is_seen(source: Path, tmp_path: Path) -> None:
    (source / "model").write_text("one")
    copying = output(source, tmp_path / "target")
    copying.copy()
    (source / "model").write_text("two")
    copying.copy()
    assert tree(tmp_path / "target") == {"model": "two"}


def test_what_another_supervisor_copied_is_not_copied_again(source: Path, tmp_path: Path) -> None:
    (source / "model").write_text("one")
    output(source, tmp_path / "target").copy()
    assert output(source, tmp_path / "target").copy().copied == 0


def test_a_target_that_keeps_times_coarsely_is_not_copied_to_for_ever(source: Path, tmp_path: Path) -> None:
    (source / "model").write_text("one")
    copying = output(source, tmp_path / "target")
    copying.copy()
    os.utime(tmp_path / "target" / "model", (1_000_000_000, 1_000_000_000))
    assert copying.copy().copied == 0


def test_files_deleted_in_the_source_stay_in_the_target(source: Path, tmp_path: Path) -> None:
    (source / "checkpoint").write_text("1")
    copying = output(source, tmp_path / "target")
    copying.copy()
    (source / "checkpoint").unlink()
    copying.copy()
    assert tree(tmp_path / "target") == {"checkpoint": "1"}


def test_time_and_execution_rights_are_kept_and_setuid_is_not(source: Path, tmp_path: Path) -> None:
    tool = source / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o4755)
    os.utime(tool, (1_600_000_000, 1_600_000_000))
    output(source, tmp_path / "target").copy()
    found = (tmp_path / "target" / "tool").stat()
    assert (oct(found.st_mode & 0o7777), found.st_mtime) == ("0o755", 1_600_000_000)


def test_links_inside_are_copied_as_content_and_others_left_out_once(source: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (source / "steps" / "10").mkdir(parents=True)
    (source / "steps" / "10" / "model").write_text("ten")
    (source / "latest").symlink_to("steps/10")
    (source / "best").symlink_to("latest/model")
    (source / "seen").symlink_to("/outputs/train_url_0/steps/10/model")
    (source / "steps" / "up").symlink_to("../steps/10/model")
    (source / "out").symlink_to(tmp_path / "secret")
    (source / "climb").symlink_to("../secret")
    (source / "sneaky").symlink_to("steps/../../secret")
    (source / "dangling").symlink_to("nothing")
    (source / "self").symlink_to("self")
    copying = output(source, tmp_path / "target")
    result = copying.copy()
    assert tree(tmp_path / "target") == dict.fromkeys(
        ["best", "latest/model", "seen", "steps/10/model", "steps/up"], "ten"
    )
    assert sorted(result.remarks) == [
        f"Output /outputs/train_url_0: the link '{name}' is left out: it points outside the output."
        for name in ("climb", "out", "self", "sneaky")
    ]
    assert copying.copy().remarks == []


def test_links_that_lead_in_circles_are_left_out(source: Path, tmp_path: Path) -> None:
    (source / "a").mkdir()
    (source / "b").mkdir()
    (source / "a" / "to-b").symlink_to("../b")
    (source / "b" / "to-a").symlink_to("../a")
    (source / "a" / "up").symlink_to("..")
    (source / "a" / "file").write_text("1")
    result = output(source, tmp_path / "target").copy()
    assert result.problem is None
    assert any("leads into itself" in remark for remark in result.remarks)
    assert "a/file" in tree(tmp_path / "target")


def test_pipes_and_sockets_are_left_out(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "pipe")
    result = output(source, tmp_path / "target").copy()
    assert result.remarks == ["Output /outputs/train_url_0: 'pipe' is left out: it is no file, folder or link."]


def test_a_path_swapped_for_a_link_while_it_is_copied_gives_nothing_away(source: Path, tmp_path: Path) -> None:
    """The run may change its folder at any moment, also between a look at a path and its opening."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    harmless = source / "harmless"
    harmless.mkdir()
    (harmless / "key").write_text("harmless")
    (source / "file").write_text("harmless")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            os.symlink(secret, source / "new")
            os.rename(harmless, source / "aside")
            os.rename(source / "new", source / "harmless")
            os.unlink(source / "harmless")
            os.rename(source / "aside", source / "harmless")
            os.symlink(secret / "key", source / "newfile")
            os.rename(source / "newfile", source / "file")
            (source / "plain").write_text("harmless")
            os.rename(source / "plain", source / "file")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for count in range(300):
            target = tmp_path / f"target{count}"
            output(source, target).copy()
            assert "secret" not in tree(target).values()
            shutil.rmtree(target)
    finally:
        over.set()
        swapping.join()


def test_a_source_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    problem = output(tmp_path / "link", tmp_path / "target").copy().problem
    assert problem is not None
    assert problem.startswith("Output /outputs/train_url_0 could not be read: ")


@pytest.mark.parametrize("blocked", ["model", "folder"])
def test_something_else_in_the_place_of_an_output_is_told(source: Path, tmp_path: Path, blocked: str) -> None:
    (source / "folder").mkdir()
    (source / "model").write_text("weights")
    target = tmp_path / "target"
    if blocked == "model":
        (target / "model").mkdir(parents=True)
    else:
        target.mkdir()
        (target / "folder").write_text("a file")
    problem = output(source, target).copy().problem
    assert problem is not None
    assert f"could not be copied to {target}: " in problem
    assert not list(target.glob(".maquette-*"))


def test_a_full_disk_is_told_and_leaves_nothing_half_written(source: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a small file system to fill")
    target = tmp_path / "target"
    target.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(target)], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        (source / "a-small").write_text("fits")
        (source / "b-large").write_bytes(b"x" * (1 << 20))
        copying = output(source, target)
        problem = copying.copy().problem
        assert problem is not None
        assert "No space left on device" in problem
        assert tree(target) == {"a-small": "fits"}
        (source / "b-large").write_bytes(b"y")
        assert copying.copy() == (1, [], None)
    finally:
        subprocess.run(["umount", str(target)], check=True)


def test_a_copying_process_answers_and_ends_with_its_supervisor(source: Path, tmp_path: Path) -> None:
    (source / "model").write_text("weights")
    copier = outputs.Copier([output(source, tmp_path / "target")], lambda: None)
    assert copier.results() is None
    copier.order()
    while (results := copier.results()) is None:
        pass
    assert results == [outputs.Result(1, [], None)]
    copier.close()
    assert os.waitpid(copier.pid, 0)[1] == 0


def test_a_copying_process_that_died_is_noticed(source: Path, tmp_path: Path) -> None:
    copier = outputs.Copier([output(source, tmp_path / "target")], lambda: None)
    os.kill(copier.pid, 9)
    os.waitpid(copier.pid, 0)
    with pytest.raises(EOFError):
        copier.results()
    copier.close()
