"""The small files of a run's folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from maquette_sdk.job import folder


def test_a_file_is_written_whole_and_read_back(tmp_path: Path) -> None:
    folder.write_json(str(tmp_path), "exit.json", {"message": "数据"}, mode=0o600, durable=True)
    assert folder.read_json(str(tmp_path), "exit.json") == {"message": "数据"}
    assert os.listdir(tmp_path) == ["exit.json"]
    assert stat.S_IMODE((tmp_path / "exit.json").stat().st_mode) == 0o600


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert folder.read_json(str(tmp_path), "exit.json") is None


def test_a_lock_is_held_once_and_ends_with_its_descriptor(tmp_path: Path) -> None:
    held = folder.lock(str(tmp_path))
    assert held is not None
    assert folder.lock(str(tmp_path)) is None
    assert folder.lock(str(tmp_path), shared=True) is None
    os.close(held)
    first, second = folder.lock(str(tmp_path), shared=True), folder.lock(str(tmp_path), shared=True)
    assert first is not None
    assert second is not None
    os.close(first)
    os.close(second)
