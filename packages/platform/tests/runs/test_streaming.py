"""A log followed by many while it is written: nothing is left out, nothing told twice, wherever one comes back."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from maquette.runs import actions, streaming
from maquette.runs.table import runs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # files are the same on both

LOG = "epoch 1\r\x1b[Kepoch 2\n猫🐈\n".encode() + b"\xff\xfe binary \x00\n"
PATIENCE_SECONDS = 120


def events_of(lines):
    """(name, id, content) of each event, from the lines of an answer."""
    name, id, data = "", None, None
    for line in lines:
        line = line.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("id: "):
            id = int(line[4:])
        elif line.startswith("data: "):
            data = json.loads(line[6:])
        elif not line and data is not None:
            yield name, id, data
            name, data = "", None


def text_of(events):
    return "".join(content.get("text", "") for _, _, content in events)


@pytest.fixture
def follow(live, memory_floor, owner):
    """`follow(id)`: the events of a run's log, as a client on the network reads them."""
    opened = []

    def start(id, position=None, query=""):
        address = urlsplit(live.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE_SECONDS)
        headers = {"X-Auth-Token": owner[1], **({} if position is None else {"Last-Event-ID": str(position)})}
        path = f"/maquette/{memory_floor.workspace_id}/runs/{id}/log/stream{query}"
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        opened.append((connection, answer))
        assert answer.status == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        return events_of(answer)

    yield start
    for connection, answer in opened:
        answer.close()
        connection.close()


def append(memory_floor, run, data, tries=1):
    folder = actions.folder_of(memory_floor.ctx, run.id, tries)
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.log.open("ab") as file:
        file.write(data)


def change(memory_floor, run, **values):
    with memory_floor.ctx.database.write() as rows:
        rows.execute(update(runs).where(runs.c.id == run.id).values(values))


def test_an_ended_log_is_told_whole_and_then_the_end(written, follow):
    run = written(LOG, state="succeeded")
    *pieces, end = follow(run.id)
    assert text_of(pieces) == LOG.decode("utf-8", "replace")
    assert end == ("end", len(LOG), {"state": "succeeded", "message": ""})


def test_who_comes_back_at_any_byte_gets_the_rest(written, memory_floor):
    run = written(LOG, b"second\n", state="failed")
    whole = LOG + b"second\n"

    async def rest(position):
        return b"".join([piece async for piece in streaming.stream(memory_floor.ctx, run, position)])

    for position in range(len(whole) + 1):
        events = list(events_of(asyncio.run(rest(position)).splitlines(keepends=True)))
        assert text_of(events) == whole[position:].decode("utf-8", "replace")
        assert events[-1][:2] == ("end", len(whole))


def test_each_id_is_where_the_text_so_far_ends(written, follow, monkeypatch):
    monkeypatch.setattr(streaming, "PIECE_BYTES", 5)
    run = written(LOG, state="succeeded")
    position = 0
    for name, id, content in follow(run.id):
        if name != "end":
            assert LOG[position:id].decode("utf-8", "replace") == content["text"]
            position = id
    assert position == len(LOG)


def test_a_character_that_is_half_written_waits_for_its_rest(written, follow, memory_floor):
    run, cat = written("猫".encode()[:2]), "猫".encode()
    events = follow(run.id)
    append(memory_floor, run, cat[2:] + b"\n")
    assert next(events)[1:] == (4, {"text": "猫\n"})
    append(memory_floor, run, cat[:1])
    change(memory_floor, run, state="failed")
    assert [content for _, _, content in events] == [{"text": "\ufffd"}, {"state": "failed", "message": ""}]


def test_the_next_try_is_followed_too(written, follow, memory_floor):
    run = written(b"one \xe7")
    events = follow(run.id)
    assert next(events)[2] == {"text": "one "}
    append(memory_floor, run, b"two\n", tries=2)
    change(memory_floor, run, tries=2)
    assert next(events)[2] == {"text": "\ufffd"}
    assert next(events)[1:] == (9, {"text": "two\n"})
    change(memory_floor, run, state="stopped")
    assert next(events)[0] == "end"


def test_only_the_last_bytes_when_asked(written, follow):
    run = written(b"0123456789", state="failed")
    assert text_of(follow(run.id, query="?tail=3")) == "789"
    assert text_of(follow(run.id, query="?start=6")) == "6789"
    assert text_of(follow(run.id, position=4, query="?tail=1")) == "456789"
    assert text_of(follow(run.id, position=400)) == ""


def test_a_run_that_is_removed_ends_its_stream(written, follow, memory_floor):
    run = written(b"one\n", state="failed")
    change(memory_floor, run, state="running")
    events = follow(run.id)
    assert next(events)[2] == {"text": "one\n"}
    change(memory_floor, run, state="failed", settled=True)
    actions.forget(memory_floor.ctx, memory_floor.workspace_id, [run.id])
    assert next(events)[0] == "end"


def test_a_stream_that_has_lasted_long_ends_without_an_end_and_loses_nothing(written, follow, monkeypatch):
    monkeypatch.setattr(streaming, "LONGEST_SECONDS", 0.5)
    run = written(b"one\n")
    events = list(follow(run.id))
    assert events == [("", 4, {"text": "one\n"})]


def test_many_follow_one_log_while_it_is_written(written, follow, memory_floor):
    run, got = written(b""), {}

    def read(number):
        got[number] = text_of(follow(run.id))

    readers = [threading.Thread(target=read, args=(number,)) for number in range(40)]
    for reader in readers:
        reader.start()
    lines = [f"line {n} 猫\n" for n in range(300)]
    for line in lines:
        append(memory_floor, run, line.encode())
        time.sleep(0.002)
    change(memory_floor, run, state="succeeded")
    for reader in readers:
        reader.join(PATIENCE_SECONDS)
    assert len(got) == 40
    assert set(got.values()) == {"".join(lines)}


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "9" * 30])
def test_a_last_event_id_that_is_no_position_is_refused(written, caller, position):
    answer = caller("GET", f"/runs/{written(LOG).id}/log/stream", headers={"last-event-id": position})
    assert answer.status_code == 400
