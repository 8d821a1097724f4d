from __future__ import annotations

import errno
import importlib
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def copier(mox: Any) -> Any:
    return importlib.import_module("moxing.framework.file.copier")


SIZES = [0, 1, 20000, (1 << 20) + 1]


@pytest.mark.parametrize("refused", [[], ["_copy_range"], ["_copy_range", "_send"]])
@pytest.mark.parametrize("size", SIZES)
def test_bytes_arrive_whatever_the_kernel_can_do(
    copier: Any, tmp_path: Path, monkeypatch: Any, refused: Any, size: int
) -> None:
    def refuse(*ends: int) -> int:
        raise OSError(errno.EXDEV, "not here")

    for name in refused:
        monkeypatch.setattr(copier, name, refuse)
    data = os.urandom(size)
    (tmp_path / "from").write_bytes(data)
    (tmp_path / "to").write_bytes(b"something longer" * 100)
    copier.copy_file(str(tmp_path / "from"), str(tmp_path / "to"))
    assert (tmp_path / "to").read_bytes() == data


def test_the_first_failure_stops_the_rest_and_is_raised(copier: Any, tmp_path: Path) -> None:
    (tmp_path / "from").write_bytes(b"x")
    good = [copier.Copy(str(tmp_path / "from"), str(tmp_path / str(number))) for number in range(1000)]
    bad = copier.Copy(str(tmp_path / "none"), str(tmp_path / "never"))
    with pytest.raises(FileNotFoundError) as caught:
        copier.copy_files([bad] + good)
    assert caught.value.filename == str(tmp_path / "none")


def test_a_full_disk_is_told_with_the_file(copier: Any, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    (tmp_path / "from").write_bytes(b"x" * 100)
    with pytest.raises(OSError) as caught:
        copier.copy_file(str(tmp_path / "from"), "/dev/full")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, "/dev/full")
