"""Files are taken from a folder that somebody hostile may change at any moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maquette.drivers.stores.staged import Staging
from maquette.kernel.errors import BadInput


def test_a_file_exchanged_for_a_link_at_the_last_moment_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("secret")
    staged, target = tmp_path / "staged", tmp_path / "target"
    staged.write_text("mine")
    rename = os.rename

    def exchange(source: str, target: str, *, src_dir_fd: int) -> None:
        staged.unlink()
        staged.symlink_to(tmp_path / "secret")
        rename(source, target, src_dir_fd=src_dir_fd)

    monkeypatch.setattr(os, "rename", exchange)
    with Staging() as staging, pytest.raises(BadInput):
        staging.take(staged, str(target))
    assert not os.path.lexists(target) and (tmp_path / "secret").read_text() == "secret"


def test_a_folder_once_opened_is_not_looked_up_again(tmp_path: Path) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"
    for path in (folder, other):
        path.mkdir()
        for name in ("1", "2"):
            (path / name).write_text(f"{path.name} {name}")
    with Staging() as staging:
        staging.take(folder / "1", str(tmp_path / "first"))
        folder.rename(tmp_path / "moved")
        folder.symlink_to(other)
        staging.take(folder / "2", str(tmp_path / "second"))
    assert (tmp_path / "second").read_text() == "folder 2"
    assert (other / "2").exists()


def test_the_file_is_moved_and_made_plain(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.write_text("x")
    staged.chmod(0o6755)
    inode = staged.stat().st_ino
    with Staging() as staging:
        staging.take(staged, str(tmp_path / "target"))
    status = (tmp_path / "target").stat()
    assert (status.st_ino, status.st_mode & 0o7777) == (inode, 0o644)
