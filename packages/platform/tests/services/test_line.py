"""Whose fault it was when an instance has died, and how many calls one holds."""

from __future__ import annotations

import asyncio

import pytest

from maquette.services.bodies import Body
from maquette.services.domain import CRASHED, CallLimits
from maquette.services.line import NOTE, Call, Line, Link


@pytest.fixture
def noting(tmp_path):
    """A link to an instance that notes its calls, and the note."""
    note = tmp_path / ("i.sock" + NOTE)
    note.write_bytes(bytes(64))
    return Link(str(tmp_path / "i.sock")), note


async def calls_of(link, count):
    """So many calls that the instance has been sent."""
    calls = [Call({}, Body("none", ""), 1) for _ in range(count)]
    for call in calls:
        call.sent = True
        link.took(call, asyncio.create_task(asyncio.sleep(0)))
    return calls


@pytest.mark.parametrize("place", [0, 1])
def test_the_call_that_the_instance_noted_is_the_one_that_it_died_in(noting, place):
    async def look():
        link, note = noting
        link.open()
        calls = await calls_of(link, 2)
        assert link.culprit() is None
        note.write_bytes(calls[place].id.encode().ljust(64, b"\0"))
        assert link.culprit() is calls[place]
        note.write_bytes(b"another gateway's call".ljust(64, b"\0"))
        assert link.culprit() is None

    asyncio.run(look())


def test_an_instance_that_notes_nothing_gets_one_call_at_a_time_and_that_one_is_it(tmp_path):
    async def look():
        link = Link(str(tmp_path / "i.sock"))
        link.open()
        link.usual_seconds = 0.001
        (call,) = await calls_of(link, 1)
        assert not link.free
        assert link.culprit() is call
        call.sent = False
        assert link.culprit() is None

    asyncio.run(look())


def test_an_instance_whose_note_is_gone_has_died_in_the_first_of_its_calls(noting):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        first, second = await calls_of(link, 2)
        note.unlink()
        line.lost(link)
        assert first.answer.exception().refusal is CRASHED
        assert list(line.waiting) == [second]

    asyncio.run(look())


@pytest.mark.parametrize(
    ("usual_seconds", "room"), [(0.0001, 4), (0.001, 4), (0.004, 3), (0.009, 2), (0.02, 1), (9, 1)]
)
def test_the_quicker_an_instance_the_more_calls_it_holds_ahead(noting, usual_seconds, room):
    link, _ = noting
    link.open()
    link.usual_seconds = usual_seconds
    assert link.room == room


@pytest.mark.parametrize(("noted", "tries", "waits"), [(b"", 2, True), (b"", 3, False), (None, 9, True)])
def test_who_waited_behind_a_killer_is_asked_again_and_who_was_lost_for_no_reason_three_times(
    noting, noted, tries, waits
):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        killer, behind = await calls_of(link, 2)
        behind.tries = tries
        note.write_bytes((killer.id.encode() if noted is None else noted).ljust(64, b"\0"))
        line.lost(link)
        assert (behind in line.waiting) == waits
        assert waits or behind.answer.exception().refusal is CRASHED
        if killer.over:
            assert killer.answer.exception().refusal is CRASHED

    asyncio.run(look())


def test_a_call_that_is_given_up_before_it_was_sent_gives_its_place_back(noting):
    async def look():
        link, _ = noting
        server = await asyncio.get_running_loop().create_unix_server(asyncio.Protocol, link.path)
        line = Line(CallLimits())
        link.usual_seconds = 0.001
        line.opened(link)
        first, second = Call({}, Body("none", ""), 1), Call({}, Body("none", ""), 1)
        line.enter(first)
        line.enter(second)
        assert list(link.calls) == [first, second]
        line.abandon(second)
        await asyncio.sleep(0.01)
        assert list(link.calls) == [first]
        link.calls[first].cancel()
        await asyncio.sleep(0.01)
        assert not link.calls
        second.answer.exception()
        server.close()
        await asyncio.sleep(0.01)

    asyncio.run(look())
