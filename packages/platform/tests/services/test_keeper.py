"""When an instance is replaced, and how soon after others that died."""

from __future__ import annotations

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maquette import wiring
from maquette.kernel.ports import Cause, Exit
from maquette.kernel.settings import Home, Settings
from maquette.models.domain import Config, Package
from maquette.services.actions import Recipe
from maquette.services.bodies import Body
from maquette.services.domain import CallLimits
from maquette.services.instances import Instance
from maquette.services.keeper import BROKEN_SECONDS, LONGEST_PAUSE, Keeper, longer
from maquette.services.lifeline import Lifeline
from maquette.services.line import Call, Line


def quiet(*told):
    """Nobody looks."""


@pytest.fixture
def keeper(tmp_path):
    ctx = wiring.context(Settings(Home(tmp_path / "home")))
    package = Package(tmp_path, Config(), "MindSpore", "customize_service.py", "/home/mind/model/1")
    recipe = Recipe(package, ctx.engines.own(Path(sys.executable)), limits=CallLimits(seconds=10.0, patience=2.0))
    return Keeper(ctx, Line(recipe.limits), recipe, 2, Lifeline(-1), quiet, lambda number: quiet)


@pytest.fixture
def instance(keeper):
    """An instance that was never started."""
    return Instance(keeper.ctx, keeper.recipe, ThreadPoolExecutor(1), Lifeline(-1), quiet, quiet)


def test_an_instance_that_lives_is_left_alone(keeper, instance):
    assert keeper.reason_to_replace(instance) == ""


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (Exit(3, Cause.EXIT, ""), "it exited with code 3"),
        (Exit(139, Cause.SIGNAL, "It was killed by SIGSEGV."), "It was killed by SIGSEGV"),
        (Exit(137, Cause.MEMORY, ""), "memory, code 137"),
    ],
)
def test_one_that_has_ended_is_replaced_and_its_end_told(keeper, instance, ended, told):
    async def look():
        instance.ended = asyncio.get_running_loop().create_future()
        assert keeper.reason_to_replace(instance) == ""
        instance.ended.set_result(ended)
        assert keeper.reason_to_replace(instance) == f"an instance has ended: {told}; another one is started"

    asyncio.run(look())


@pytest.mark.parametrize(("seconds", "replaced"), [(19.0, False), (21.0, True)])
def test_one_whose_call_runs_twice_its_time_is_replaced(keeper, instance, seconds, replaced):
    async def look():
        call = Call({}, Body("none", ""), 10.0)
        instance.link.took(call, asyncio.create_task(asyncio.sleep(0)))
        instance.link.first_since = time.monotonic() - seconds
        assert ("more than 20 s" in keeper.reason_to_replace(instance)) == replaced

    asyncio.run(look())


@pytest.mark.parametrize(("seconds", "replaced"), [(BROKEN_SECONDS - 1, False), (BROKEN_SECONDS + 1, True)])
def test_one_that_has_closed_its_connection_and_lives_on_is_replaced(keeper, instance, seconds, replaced):
    instance.link.close()
    instance.link.closed_at -= seconds
    assert ("closed its connection" in keeper.reason_to_replace(instance)) == replaced


def test_the_pause_after_one_that_never_answered_grows_to_half_a_minute():
    pauses = [0.0]
    for _ in range(9):
        pauses.append(longer(pauses[-1]))
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_all_are_ready_when_each_place_has_had_an_instance(keeper):
    keeper.announce(1)
    keeper.announce(1)
    assert keeper.ready.is_set()
    assert not keeper.complete.is_set()
    keeper.announce(2)
    assert keeper.complete.is_set()
