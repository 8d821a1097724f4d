"""Whose fault it was when an instance has died, also in several calls at once, and how many calls one holds."""

from __future__ import annotations

import asyncio

import pytest

from maquette.services.bodies import Body
from maquette.services.domain import CRASHED, NOT_RUNNING, CallLimits
from maquette.services.line import NOTE, Call, Line, Link
from maquette_sdk.serve.protocol import Frame, FrameReader, answer_frame


@pytest.fixture
def noting(tmp_path):
    """A link to an instance that notes its calls, and the note."""
    note = tmp_path / ("i.sock" + NOTE)
    note.write_bytes(bytes(64))
    return Link(str(tmp_path / "i.sock")), note


def write(note, *calls):
    note.write_bytes("\n".join(call.id for call in calls).encode().ljust(4096, b"\0"))


async def until(so):
    """Lets the loop go on until it is so."""
    async with asyncio.timeout(60):
        while not so():
            await asyncio.sleep(0)


async def come_to_rest():
    """What was closed is closed: connections of one machine need some turns of the loop for it, and no time."""
    for _ in range(100):
        await asyncio.sleep(0)


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
        assert link.died_in() == ([], False)
        write(note, calls[place])
        assert link.died_in() == ([calls[place]], True)
        note.write_bytes(b"another gateway's call".ljust(64, b"\0"))
        assert link.died_in() == ([], True)
        write(note, *calls)
        assert link.died_in() == (calls, False)

    asyncio.run(look())


def test_an_instance_that_notes_nothing_gets_one_call_at_a_time_and_that_one_is_it(tmp_path):
    async def look():
        link = Link(str(tmp_path / "i.sock"))
        link.open()
        link.usual_seconds = 0.001
        (call,) = await calls_of(link, 1)
        assert not link.free
        assert link.died_in() == ([call], True)
        call.sent = False
        assert link.died_in() == ([], True)

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
        write(note, *([killer] if noted is None else []))
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
        await until(lambda: list(link.calls) == [first])
        link.calls[first].cancel()
        await until(lambda: not link.calls)
        second.answer.exception()
        server.close()
        await come_to_rest()

    asyncio.run(look())


# ── instances that do several calls together ───────────────────────────────────────────────────


@pytest.mark.parametrize(("asked", "room"), [(1, 1), (8, 8), (64, 64), (1000, 64)])
def test_an_instance_that_does_several_together_has_the_room_that_it_asks_for(noting, asked, room):
    link, _ = noting
    link.open()
    link.asked_room = asked
    assert link.room == room
    link.notes = False
    assert link.room == 1


def test_what_an_instance_asks_for_comes_with_its_answers(noting):
    async def look():
        link, _ = noting
        seen = []
        server = await asyncio.start_unix_server(answering(seen, together=3, room=6), link.path)
        line = Line(CallLimits())
        line.opened(link)
        link.usual_seconds = 9
        frame = await line.ask(Call({}, Body("none", ""), 5))
        assert (frame.header["together"], link.room, link.usual_seconds) == (3, 6, 9)
        assert "together" not in seen[0]
        line.most_together = 4
        await line.ask(Call({}, Body("none", ""), 5))
        suspect = Call({}, Body("none", ""), 5)
        suspect.suspect = True
        await line.ask(suspect)
        assert [header.get("together") for header in seen] == [None, 4, 1]
        link.close()
        server.close()
        await come_to_rest()

    asyncio.run(look())


def answering(seen, **more):
    """An instance that answers every call with this in its header."""

    async def serve(reader, writer):
        frames = FrameReader()
        while data := await reader.read(65536):
            for frame in frames.feed(data):
                seen.append(frame.header)
                writer.write(answer_frame(frame.header["id"], 200, "application/json", b"1", {}, **more))
        writer.close()

    return serve


def test_calls_that_an_instance_died_in_together_are_tried_again_each_alone_before_all_others(noting):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        link.asked_room = 8
        before, *together, behind = await calls_of(link, 5)
        before.answered(Frame({"kind": "answer", "status": 200}))
        line.waiting.append(late := Call({}, Body("none", ""), 1))
        write(note, *together)
        line.lost(link)
        assert list(line.waiting) == [*together, behind, late]
        assert [call.suspect for call in line.waiting] == [True, True, True, False, False]
        assert not any(call.over for call in line.waiting)

    asyncio.run(look())


def test_of_calls_that_were_together_only_the_one_that_kills_alone_is_answered_so(noting, tmp_path):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        harmless, deadly = await calls_of(link, 2)
        write(note, harmless, deadly)
        line.lost(link)
        again = Link(link.path)
        line.waiting.clear()
        again.open()
        again.took(deadly, asyncio.create_task(asyncio.sleep(0)))
        write(note, deadly)
        line.lost(again)
        assert deadly.answer.exception().refusal is CRASHED
        assert not harmless.over
        assert (line.unexplained, line.most_together) == (0, None)

    asyncio.run(look())


def test_a_call_of_which_the_client_has_gone_does_not_make_its_neighbour_the_killer(noting):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        neighbour, gone = await calls_of(link, 2)
        write(note, neighbour, gone)
        link.finished(gone)
        line.lost(link)
        assert list(line.waiting) == [neighbour]
        assert neighbour.suspect

    asyncio.run(look())


def test_an_instance_whose_note_is_gone_may_have_died_in_any_of_several(noting):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        line.opened(link)
        link.asked_room = 4
        calls = await calls_of(link, 3)
        calls[2].sent = False
        note.unlink()
        line.lost(link)
        assert [call.suspect for call in line.waiting] == [True, True, False]

    asyncio.run(look())


def test_instances_that_die_together_again_and_again_and_never_alone_are_given_fewer(noting):
    async def look():
        link, note = noting
        line = Line(CallLimits())
        found = []
        for _ in range(3):
            link = Link(link.path)
            line.opened(link)
            calls = await calls_of(link, 6)
            write(note, *calls)
            line.lost(link)
            found.append(line.most_together)
            line.waiting.clear()
        assert found == [None, 3, 3]

    asyncio.run(look())


def test_calls_of_an_instance_that_is_lost_after_its_service_has_ended_do_not_wait_for_another(noting):
    async def look():
        link, _ = noting
        line = Line(CallLimits())
        line.opened(link)
        calls = await calls_of(link, 2)
        line.leaving(link)
        line.give_up()
        line.lost(link)
        assert [call.answer.exception().refusal for call in calls] == [NOT_RUNNING, NOT_RUNNING]
        assert not line.waiting

    asyncio.run(look())
