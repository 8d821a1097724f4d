"""What is asked of uv, and what happens where it does not answer. A script stands where uv does."""

import pytest
import uv

from maquette.drivers.engines import installing
from maquette.drivers.engines.environments import UvEngines
from maquette.kernel.errors import Unavailable
from maquette.kernel.home import Home

MAY_FETCH = {"UV_PYTHON_DOWNLOADS": "automatic"}


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    def make(*lines):
        program = tmp_path / "uv"
        program.write_text("\n".join(["#!/bin/sh", *lines]))
        program.chmod(0o755)
        monkeypatch.setattr(uv, "find_uv_bin", lambda: str(program))

    return make


def test_which_pythons_can_be_fetched_is_asked_once(stand_in, tmp_path):
    stand_in(f"echo asked >> {tmp_path}/asked", "echo cpython-3.7.9-linux-x86_64-gnu")
    engines = UvEngines(Home(tmp_path / "home"), MAY_FETCH)
    assert {engines.fetchable, engines.fetchable} == {((3, 7),)}
    assert (tmp_path / "asked").read_text() == "asked\n"


def test_whoever_may_not_fetch_asks_nothing(stand_in, tmp_path):
    stand_in(f"touch {tmp_path}/asked")
    assert UvEngines(Home(tmp_path / "home"), {"UV_PYTHON_DOWNLOADS": "never"}).fetchable == ()
    assert not (tmp_path / "asked").exists()


def test_a_uv_that_does_not_answer_is_told_and_asked_again_later(stand_in, tmp_path, monkeypatch):
    stand_in("exec sleep 60")
    monkeypatch.setattr(installing, "LISTING_SECONDS", 0.2)
    engines = UvEngines(Home(tmp_path / "home"), MAY_FETCH)
    with pytest.raises(Unavailable, match="busy"):
        _ = engines.fetchable
    monkeypatch.setattr(installing, "LISTING_SECONDS", 60)
    stand_in("echo cpython-3.8.20-linux-x86_64-gnu")
    assert engines.fetchable == ((3, 8),)
