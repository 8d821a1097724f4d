"""What all tests share: a home of their own, the command, and real engines prepared once in `.maquette-test`."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from maquette.kernel.ports import Environment, Match
from maquette.kernel.settings import Home, Settings

ROOT = Path(__file__).resolve().parent.parent
TEST_HOME = Path(os.environ.get("MAQUETTE_TEST_HOME") or ROOT / ".maquette-test")


class EngineMissing(Exception):
    """This machine cannot have the engine, say for want of its Python."""


@functools.cache
def prepared(name: str) -> Environment:
    from maquette import wiring  # tests of the SDK and of one driver need no other driver

    engines = wiring.engines(Settings(Home(TEST_HOME)))
    resolution = engines.resolve(name)
    if resolution.match not in (Match.EXACT, Match.NEAR):
        raise EngineMissing(f"{name}: {resolution.match}, {resolution.reason}")
    return engines.prepare(resolution, (), lambda line: None)


@pytest.fixture
def engine_environment():
    """The Environment of an engine by name; the test must carry `@pytest.mark.engine(name)`."""
    return prepared


@pytest.fixture
def engine_python():
    """The interpreter's path of an engine by name; the test must carry `@pytest.mark.engine(name)`."""
    return lambda name: prepared(name).python


@pytest.fixture
def test_home():
    """The lasting home in which test engines are kept."""
    return TEST_HOME


def pytest_runtest_setup(item):
    for mark in item.iter_markers("engine"):
        try:
            environment = prepared(mark.args[0])
        except EngineMissing as missing:
            item.user_properties.append(("engine", f"not exercised: {missing}"))
            pytest.skip(str(missing))
        found = environment.resolution
        item.user_properties.append(
            ("engine", f"exercised: {mark.args[0]} = {found.engine} on Python {found.python_version}")
        )


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    said = {value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "engine"}
    if said:
        terminalreporter.section("engines")
        for line in sorted(said):
            terminalreporter.write_line(line)


@pytest.fixture
def home(tmp_path):
    """A fresh Maquette home."""
    return tmp_path / "home"


@pytest.fixture
def maquette(home):
    """Runs the command as a user would: `maquette("run", …)` gives the finished process with text output."""

    def call(*arguments, env=None, timeout=300, check=None):
        environment = {**os.environ, "MAQUETTE_HOME": str(home), **(env or {})}
        done = subprocess.run(
            [str(Path(sys.executable).parent / "maquette"), *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    return call
