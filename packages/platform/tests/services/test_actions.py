"""From a package to the folder of an instance."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from maquette import wiring
from maquette.kernel.settings import Home, Settings
from maquette.models.domain import Config, Package
from maquette.runs.copying import Stopped
from maquette.services.actions import Recipe, discard, prepare


@pytest.fixture
def ctx(tmp_path):
    return wiring.context(Settings(Home(tmp_path / "home")))


@pytest.fixture
def recipe(ctx, tmp_path):
    """A package of two files, on the interpreter of these tests."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "customize_service.py").write_text("pass\n")
    (folder / "net.ckpt").write_bytes(bytes(30 << 20))
    package = Package(folder, Config(), "MindSpore", "customize_service.py", "/home/mind/model/1")
    return Recipe(package, ctx.engines.own(Path(sys.executable)), {"GREETING": "hello", "MAQUETTE_PLAN": "mine"})


def told(line):
    """Nobody is there to be told."""


def test_an_instance_has_a_copy_of_the_package_and_a_plan_that_no_variable_replaces(ctx, recipe):
    prepared = prepare(ctx, recipe, told, lambda: False)
    copy = prepared.run.inside("/home/mind/model")
    assert (copy / "1" / "net.ckpt").stat().st_size == 30 << 20
    environment = prepared.process.environment
    assert environment["GREETING"] == "hello"
    assert json.loads(environment["MAQUETTE_PLAN"])["model_path"] == "/home/mind/model/1"
    discard(prepared)
    assert not prepared.run.path.exists()
    assert not prepared.socket_folder.exists()


def test_a_copy_that_nobody_wants_any_more_ends_in_the_middle_and_leaves_nothing(ctx, recipe):
    asked = []

    def stopped():
        asked.append(True)
        return len(asked) > 4

    with pytest.raises(Stopped):
        prepare(ctx, recipe, told, stopped)
    assert list(ctx.settings.home.runs.iterdir()) == []
    assert list((ctx.settings.home.runs.parent / "staging").iterdir()) == []
