"""Giving folders to a run's user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maquette_sdk.job.ownership import User, give, is_closed, unreachable

STRANGER = User(2_050_000, 2_050_000)


@pytest.fixture(autouse=True)
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")


def test_all_in_a_folder_is_given_and_links_are_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    outside.touch()
    (folder / "link").symlink_to(outside)
    (folder / "deep" / "up").symlink_to(tmp_path)
    assert give(str(folder), STRANGER) == 0
    assert {os.lstat(path).st_uid for path in (folder, *folder.rglob("*"))} == {STRANGER.uid}
    assert outside.stat().st_uid == 0
    assert tmp_path.stat().st_uid == 0


def test_a_single_file_is_given(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    give(str(tmp_path / "file"), STRANGER)
    assert (tmp_path / "file").stat().st_uid == STRANGER.uid


def test_files_with_a_second_name_are_left_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "cache").touch()
    os.link(tmp_path / "cache", folder / "linked")
    assert give(str(folder), STRANGER) == 1
    assert (tmp_path / "cache").stat().st_uid == 0


def test_what_a_user_cannot_reach_is_found_out_by_trying(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inner").mkdir(parents=True)
    closed.chmod(0o700)
    assert unreachable(STRANGER, ["/usr", "/usr/bin/env"], ["/tmp"]) is None
    assert unreachable(STRANGER, ["/usr", str(closed / "inner")], []) == str(closed / "inner")
    assert unreachable(STRANGER, [], [str(closed)]) == str(closed)
    assert unreachable(STRANGER, ["/etc/shadow"], []) == "/etc/shadow"


def test_folders_open_to_their_owner_only_are_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    assert is_closed(str(tmp_path), STRANGER)
    tmp_path.chmod(0o755)
    assert not is_closed(str(tmp_path), STRANGER)
    tmp_path.chmod(0o700)
    os.chown(tmp_path, STRANGER.uid, STRANGER.gid)
    assert not is_closed(str(tmp_path), STRANGER)
