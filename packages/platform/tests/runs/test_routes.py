"""Runs by HTTP: how one stands, its log in every way, what it used, and the machine."""

from __future__ import annotations

import json
import time

import pytest
from sqlalchemy import update

from maquette.kernel.identity import Role
from maquette.runs import actions
from maquette.runs.domain import Level, time_split
from maquette.runs.queue import place_of
from maquette.runs.table import runs

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOG = "epoch 1\nepoch 2\n猫\n".encode() + b"\xff\xfe binary\n"


@pytest.fixture
def run(written):
    return written(LOG, b"epoch 3\n", state="failed", name="cats-V0001", details={})


def test_a_run_is_told_with_the_time_that_each_part_of_its_way_took(run, caller, memory_floor):
    at = run.created_at
    moments = dict(zip(("queued", "preparing", "environment", "started", "process_ended", "ended"),
                       (at, at + 1, at + 3, at + 6, at + 16, at + 20), strict=True))  # fmt: skip
    with memory_floor.ctx.database.write() as rows:
        rows.execute(update(runs).where(runs.c.id == run.id).values(moments=moments, code=1, cause="exit"))
    told = caller("GET", f"/runs/{run.id}").json()
    assert told["split"] == {"queue": 1, "environment": 2, "copy_in": 3, "run": 10, "copy_out": 4}
    assert (told["state"], told["code"], told["cause"], told["log_bytes"]) == ("failed", 1, "exit", len(LOG) + 8)
    assert told["needs"] == {"cores": 1, "memory_bytes": 1 << 30, "gpus": 0}


@pytest.mark.parametrize(
    ("moments", "split"),
    [
        ({"queued": 10}, (5, 0, 0, 0, 0)),
        ({"queued": 10, "preparing": 12}, (2, 3, 0, 0, 0)),
        ({"queued": 10, "preparing": 11, "started": 13}, (1, 2, 0, 2, 0)),
        ({"queued": 10, "preparing": 11, "ended": 13}, (1, 2, 0, 0, 0)),
        ({"queued": 10, "ended": 13}, (3, 0, 0, 0, 0)),
        ({"queued": 10, "preparing": 9}, (0, 6, 0, 0, 0)),
    ],
)
def test_a_part_that_the_run_never_came_to_took_no_time(moments, split):
    assert tuple(time_split(moments, 15).values()) == split


@ONCE
@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("", LOG + b"epoch 3\n"), ("start=8", LOG[8:] + b"epoch 3\n"), ("start=8&end=15", b"epoch 2"),
        ("tail=8", b"epoch 3\n"), ("tail=0", b""), ("start=900", b""), ("start=0&end=900", LOG + b"epoch 3\n"),
    ],
)  # fmt: skip
def test_the_log_is_told_byte_for_byte(run, caller, query, data):
    answer = caller("GET", f"/runs/{run.id}/log?{query}")
    assert answer.content == data
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in answer.headers


def test_a_download_has_the_name_of_the_run(written, caller):
    run = written(b"a\n", name='猫 "x"\r\n..V1')
    answer = caller("GET", f"/runs/{run.id}/log?download=true")
    assert answer.headers["content-disposition"] == 'attachment; filename="___x___..V1.log"'
    assert answer.content == b"a\n"


@ONCE
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/log?start=-1", "start"), ("/log?start=x", "start"), ("/log?tail=1&start=1", "tail"),
        ("/log?start=5&end=2", "end"), ("/log?end=99999999999999999999", "end"), ("/log/lines?lines=10001", "lines"),
        ("/log/lines?order=up", "order"), ("/log/search", "text"), ("/log/search?text=", "text"),
        ("/log/search?text=a%0Ab", "text"), ("/log/search?text=a&limit=0", "limit"), ("/events?after=x", "after"),
        ("/log/stream?start=x", "start"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_field(run, caller, path, field):
    answer = caller("GET", f"/runs/{run.id}{path}")
    assert (answer.status_code, answer.json()["parameters"]["field"]) == (400, field)


@ONCE
@pytest.mark.parametrize("id", ["x", "..", "ab%2F..%2Fcd"])
@pytest.mark.parametrize("path", ["", "/log", "/log/lines", "/log/stream", "/usage", "/events"])
def test_a_run_that_is_not_there_is_said_to_be_missing(run, caller, id, path):
    assert caller("GET", f"/runs/{id}{path}").status_code == 404


def test_lines_and_search_by_http(run, caller):
    lines = caller("GET", f"/runs/{run.id}/log/lines?lines=2").json()
    assert lines == {"text": "\ufffd\ufffd binary\nepoch 3\n", "first_line": 4, "last_line": 5}
    assert caller("GET", f"/runs/{run.id}/log/lines?base_line=1&lines=1&order=asc").json()["text"] == "epoch 2\n"
    found = caller("GET", f"/runs/{run.id}/log/search?text=Epoch&limit=2").json()
    assert found == {"lines": [{"line": 1, "text": "epoch 1"}, {"line": 2, "text": "epoch 2"}], "next_line": 5}


def test_a_member_stops_a_run_and_a_viewer_does_not(memory_floor, caller):
    id = memory_floor.submit()[0]
    assert caller("POST", f"/runs/{id}/stop", Role.VIEWER, json={}).status_code == 403
    answer = caller("POST", f"/runs/{id}/stop", Role.MEMBER, json={"now": True})
    assert (answer.json()["state"], answer.json()["wish"]) == ("stopped", "kill")
    assert caller("POST", f"/runs/{id}/stop").json()["state"] == "stopped"
    assert caller("POST", f"/runs/{id}/stop", json={"now": "perhaps"}).status_code == 400


@pytest.mark.parametrize("number", [(1 << 31) - 1, 1 << 31, (1 << 53) - 1])
def test_a_number_that_is_too_large_for_a_column_is_no_failure_of_the_server(run, caller, number):
    for path in (f"/runs/{run.id}/events?after={number}", f"/audit?before={number}"):
        answer = caller("GET", path)
        assert answer.status_code in (200, 400), answer.text
        assert answer.status_code == 200 or "larger than any" in answer.json()["error_msg"]


def test_events_are_told_from_the_last_one_known(run, caller, memory_floor):
    with memory_floor.ctx.database.write() as rows:
        actions.note(memory_floor.ctx, rows, run.id, 1, Level.WARNING, "hangs", "It hangs.", seconds=60)
    first, second = caller("GET", f"/runs/{run.id}/events").json()
    assert (first["code"], second["code"], second["parameters"]) == ("queued", "hangs", {"seconds": 60})
    assert caller("GET", f"/runs/{run.id}/events?after={first['number']}").json() == [second]


def test_the_machine_is_told_with_what_is_held_and_what_waits(memory_floor, caller):
    ids = memory_floor.submit(cores=3, gpus=1) + memory_floor.submit(name="board", served=True)
    memory_floor.submit(cores=4, name="waits")
    place = caller("GET", "/machine").json()
    assert (place["queue"], place["running"], place["held"]["cores"]) == (3, 0, 0)
    with memory_floor.ctx.database.write() as rows:
        here = {"state": "running", "place": place_of(memory_floor.ctx)}
        rows.execute(update(runs).where(runs.c.id.in_(ids)).values(here))
    place = caller("GET", "/machine", Role.VIEWER).json()
    assert place["capacity"] == {"cores": 4, "memory_bytes": 16 << 30, "gpus": 2}
    assert (place["held"], place["left"]["cores"], place["left"]["gpus"]) == (
        {"cores": 3, "memory_bytes": 1 << 30, "gpus": 1}, 1, 1,
    )  # fmt: skip
    assert (place["running"], place["served"], place["queue"]) == (1, 1, 1)
    assert [(one["turn"], one["name"], one["needs"]["cores"]) for one in place["waiting"]] == [(1, "waits", 4)]


def test_administrators_are_told_what_takes_how_much_of_the_disk(memory_floor, caller):
    home = memory_floor.ctx.settings.home
    for path, size in ((home.buckets / "pets" / "cat.jpg", 200_000), (home.runs / "x" / "log", 50_000)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([1]) * size)
    told = looked_through(caller)
    rooms = {(room["kind"], room["name"]): room for room in told["rooms"]}
    assert rooms["bucket", "pets"]["bytes"] >= 200_000 > rooms["runs", ""]["bytes"] >= 50_000
    assert (rooms["bucket", "pets"]["files"], told["at"]) == (1, memory_floor.ctx.clock())
    (home.buckets / "pets" / "dog.jpg").write_bytes(b"dog")
    assert caller("GET", "/machine/rooms").json() == told  # some minutes old at most
    memory_floor.clock.pass_seconds(301)
    meanwhile = caller("GET", "/machine/rooms").json()
    assert (meanwhile["at"], meanwhile["rooms"]) == (
        told["at"],
        told["rooms"],
    )  # what is known meanwhile
    again = looked_through(caller)
    assert [room["files"] for room in again["rooms"] if room["name"] == "pets"] == [2]


def looked_through(caller):
    deadline = time.monotonic() + 60
    while (told := caller("GET", "/machine/rooms").json())["going"]:
        assert time.monotonic() < deadline, told
    return told


def test_nobody_else_is_told_what_lies_in_the_home(memory_floor, caller):
    assert caller("GET", "/machine/rooms", Role.VIEWER).status_code == 403


# ── usage ────────────────────────────────────────────────────────────────────────────────────────


def sample(at, **values):
    line = {"time": at, "cpu_seconds": at, "cpu_percent": 50.0, "memory_bytes": 100, "processes": 2, "threads": 4,
            "read_bytes": 0, "write_bytes": 0}  # fmt: skip
    return json.dumps({**line, **values}) + "\n"


def keep_samples(memory_floor, run, tries, text):
    actions.folder_of(memory_floor.ctx, run.id, tries).path.joinpath("usage.jsonl").write_text(text)


def test_usage_of_all_tries_is_thinned_and_keeps_what_was_the_most(run, caller, memory_floor):
    samples = [sample(n, memory_bytes=9000 if n == 777 else 100, write_bytes=n * 10) for n in range(1, 2001)]
    keep_samples(memory_floor, run, 1, "".join(samples))
    keep_samples(memory_floor, run, 2, sample(3000, cpu_seconds=7) + '{"time": 3001, "cpu_sec')
    told = caller("GET", f"/runs/{run.id}/usage").json()
    assert 300 < len(told["points"]) <= 500
    assert (told["cpu_seconds"], told["peak_memory_bytes"]) == (2007, 9000)
    assert max(point["memory_bytes"] for point in told["points"]) == 9000
    assert told["points"][-1]["at"] == 3000
    assert told["points"][5]["write_bytes_per_second"] == 10


def test_only_the_runs_own_gpus_are_told(written, caller, memory_floor):
    run = written(b"x")
    gpus = [{"index": n, "percent": 10 * n, "memory_bytes": n, "memory_total_bytes": 80} for n in range(3)]
    keep_samples(memory_floor, run, 1, sample(1, gpus=gpus) + sample(2, gpus=gpus[:2]))
    with memory_floor.ctx.database.write() as rows:
        rows.execute(update(runs).where(runs.c.id == run.id).values(gpu_ids=[2]))
    (one, two) = caller("GET", f"/runs/{run.id}/usage").json()["points"]
    assert one["gpus"] == [{"index": 2, "percent": 20.0, "memory_bytes": 2, "memory_total_bytes": 80}]
    assert two["gpus"][0]["percent"] == 0.0


def test_a_run_without_samples_has_used_nothing_yet(run, caller):
    assert caller("GET", f"/runs/{run.id}/usage").json() == {"points": [], "cpu_seconds": 0, "peak_memory_bytes": 0}


def test_a_counter_that_falls_when_a_process_ends_is_no_negative_rate(run, caller, memory_floor):
    keep_samples(memory_floor, run, 1, sample(1, read_bytes=100) + sample(2, read_bytes=5) + sample(2, read_bytes=9))
    points = caller("GET", f"/runs/{run.id}/usage").json()["points"]
    assert [point["read_bytes_per_second"] for point in points] == [0, 0, 0]
