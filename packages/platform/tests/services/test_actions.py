"""From a package to the folder of an instance."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from maquette import wiring
from maquette.kernel.ports import Stopped
from maquette.kernel.settings import Home, Settings
from maquette.models.domain import Config, Package
from maquette.runs.folder import RunFolder
from maquette.services.actions import Recipe, discard, fill, prepare


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


READ = "import os; print(sum(os.stat('/home/mind/model/' + name).st_size for name in ('net.ckpt', '1/net.ckpt')))"


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


def test_the_weights_of_a_frozen_package_are_shown_and_not_copied(ctx, recipe, tmp_path):
    run, socket_folder = RunFolder("r", ctx.settings.home.runs / "r"), tmp_path / "s"
    socket_folder.mkdir()
    process = fill(ctx, recipe, run, socket_folder, told, lambda: False, frozen=True)
    assert [path.name for path in run.inside("/home/mind/model").iterdir() if path.is_file()] == [
        "customize_service.py"
    ]
    shown = next(place for place in process.places if place.target == "/home/mind/model/net.ckpt")
    assert (shown.source, shown.writable) == (recipe.package.folder / "net.ckpt", False)
    process = replace(process, command=(sys.executable, "-c", READ), environment={"PATH": "/usr/bin:/bin"})
    ctx.executor.start(process)
    while (ended := ctx.executor.exit(process.folder)) is None:
        time.sleep(0.02)
    assert ended.code == 0, run.log.read_text()
    assert run.log.read_text().splitlines()[-1] == str(60 << 20)
