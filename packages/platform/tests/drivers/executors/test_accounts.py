"""User ids for runs of root."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maquette.drivers.executors import accounts
from maquette.kernel.errors import Unavailable


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(accounts, "FOLDERS", (str(tmp_path),))
    return tmp_path


def test_each_living_run_has_a_number_of_its_own(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "mapped_range", lambda: (2_000_000, 3))
    taken = [accounts.take() for _ in range(3)]
    assert {uid for uid, _ in taken} == {2_000_000, 2_000_001, 2_000_002}
    with pytest.raises(Unavailable, match="too many runs"):
        accounts.take()
    uid, descriptor = taken[1]
    os.close(descriptor)
    again, other = accounts.take()
    assert again == uid
    for descriptor in (taken[0][1], taken[2][1], other):
        os.close(descriptor)


def test_a_number_passes_on_to_a_child_and_is_free_when_that_has_ended(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "mapped_range", lambda: (2_000_000, 1))
    _, descriptor = accounts.take()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor])
    os.close(descriptor)
    with pytest.raises(Unavailable):
        accounts.take()
    child.communicate(b"\n")
    os.close(accounts.take()[1])


def test_a_number_that_a_process_still_has_is_not_given_out(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "mapped_range", lambda: (os.getuid(), 1))
    with pytest.raises(Unavailable):
        accounts.take()


def test_numbers_fit_a_tar_header_and_belong_to_nobody() -> None:
    for first, count in accounts.RANGES:
        assert first > 60_000
        assert first + count < 1 << 21


def test_a_register_that_cannot_be_kept_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(accounts, "FOLDERS", (str(tmp_path / "file"),))
    with pytest.raises(Unavailable, match="cannot be kept"):
        accounts.open_register()
