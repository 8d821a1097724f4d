"""Calls that share one `_inference`: each gets what it would have got alone."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maquette_sdk.serve import protocol

ROUND = 8


@pytest.fixture
def make(monkeypatch, tmp_path):
    """`make(service)` gives the service in an instance's hands, without the instance."""
    monkeypatch.syspath_prepend(protocol.__file__.replace("serve/protocol.py", "names"))
    made = []

    def make_one(service: Any) -> Served:
        made.append(Served(service, str(tmp_path / f"{len(made)}.sock")))
        return made[-1]

    yield make_one
    for served in made:
        served.close()
    from model_service.model_service import stage_times

    stage_times.at_once = True  # as outside an instance
    stage_times.clear()


class Served:
    """A service behind a door: `ask` puts calls into the queue and answers them all."""

    def __init__(self, service: Any, path: str) -> None:
        from maquette_sdk.serve.batching import Rounds, most_together
        from maquette_sdk.serve.door import Door
        from maquette_sdk.serve.service import Handler

        self.door = Door(path, 10_000, lambda frame: None)
        self.note = Path(path + protocol.NOTE)
        self.rounds = Rounds(self.door, Handler(service, False, "/nowhere"), most_together(service))
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.calls: list[Any] = []

    def ask(self, *data: Any, **named: Any) -> list[protocol.Frame]:
        """The answers to these requests, which have all come before the first is begun."""
        first = len(self.pairs)
        for one in data:
            self.put(one, **named)
        self.work()
        return [self.hear(theirs) for _ours, theirs in self.pairs[first:]]

    def put(self, data: Any, id: str | None = None, most: int | None = None, deadline: float = 60) -> socket.socket:
        from maquette_sdk.serve.door import Call, Line
        from maquette_sdk.serve.service import Request

        ours, theirs = socket.socketpair()
        self.pairs.append((ours, theirs))
        self.calls.append(Call(Line(ours), id or str(len(self.pairs)), deadline, time.monotonic(), Request(data), most))
        assert self.door.calls.add(self.calls[-1])
        return theirs

    def work(self) -> None:
        while (call := self.door.calls.take_soon()) is not None:
            self.rounds.answer(call)

    def hear(self, theirs: socket.socket) -> protocol.Frame:
        theirs.settimeout(10)
        frame = next(protocol.frames(theirs))
        return protocol.Frame(frame.header, body=json.loads(frame.body))

    def learn(self, data: Any, rounds: int = 300) -> None:
        """Until calls like this one are done together, eight at a time."""
        for _ in range(rounds):
            if max(frame.header["together"] for frame in self.ask(*[data] * ROUND)) == ROUND:
                return
        raise AssertionError("they are not done together")

    def close(self) -> None:
        for pair in self.pairs:
            for one in pair:
                one.close()
        self.door._listening.close()


def rows(*values: float, width: int = 2) -> dict[str, Any]:
    return {"rows": [[value] * width for value in values]}


def answer_of(frame: protocol.Frame) -> Any:
    assert frame.header["status"] == 200, frame
    return frame.body


def single(data: dict[str, Any]) -> Any:
    """What the plain network makes of a request."""
    return {"sums": [sum(row) * 2 + 1 for row in data["rows"]]}


@pytest.fixture
def network(make):
    """The class of a service whose `_inference` takes as long for many rows as for one."""
    from model_service.model_service import SingleNodeService

    class Network(SingleNodeService):
        maquette_batch_size = 16

        def _preprocess(self, data):
            return {"x": numpy.array(data["rows"], data.get("type", "float32"))}

        def _inference(self, data):
            time.sleep(0.002)
            if (data["x"] < 0).any():
                raise ValueError("poison")
            return {"sums": data["x"].sum(1) * 2 + 1}

        def _postprocess(self, data):
            return {"sums": data["sums"].tolist()}

    return Network


# ── together and alone are the same ──────────────────────────────────────────────────────────────


def test_calls_that_come_together_are_done_together_and_each_gets_its_own(make, network):
    served = make(network())
    served.learn(rows(1))
    asked = [rows(number, *[number] * (number % 3)) for number in range(20)]
    answers = served.ask(*asked)
    assert [answer_of(frame) for frame in answers] == [single(one) for one in asked]
    assert max(frame.header["together"] for frame in answers) >= ROUND
    assert [int(frame.header["id"]) for frame in answers] == sorted(int(frame.header["id"]) for frame in answers)


REQUESTS = st.lists(
    st.builds(
        dict,
        rows=st.integers(1, 3).flatmap(
            lambda width: st.lists(st.lists(st.integers(-1, 9), min_size=width, max_size=width), min_size=1, max_size=3)
        ),
        type=st.sampled_from(["float32", "float64", "int64"]),
    ),
    max_size=24,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(REQUESTS, min_size=1, max_size=3))
def test_whatever_comes_in_whatever_order_is_answered_as_if_it_had_come_alone(make, network, lists):
    served = make(network())
    served.learn(rows(1))
    for requests in lists:
        for asked, frame in zip(requests, served.ask(*requests), strict=True):
            if any(value < 0 for row in asked["rows"] for value in row):
                assert frame.header["status"] == 500
            else:
                assert answer_of(frame) == single(asked)


def test_shapes_types_and_keys_are_never_mixed(make, network):
    seen = []

    class Keys(network):
        def _preprocess(self, data):
            made = super()._preprocess(data)
            return {data.get("key", "x"): made["x"], "same": made["x"]}

        def _inference(self, data):
            time.sleep(0.002)
            seen.append({name: (len(array), array.shape[1:], str(array.dtype)) for name, array in data.items()})
            return {"sums": data["same"].sum(1) * 2 + 1}

    served = make(Keys())
    kinds = [rows(1), rows(1, width=3), {**rows(1), "type": "float64"}, {**rows(1), "key": "y"}]
    for kind in kinds:
        served.learn(kind)
    seen.clear()
    asked = kinds * 4
    assert [answer_of(frame) for frame in served.ask(*asked)] == [single(one) for one in asked]
    assert sum(next(iter(one.values()))[0] for one in seen) >= 16
    assert len(seen) < 16
    assert {tuple(one) for one in seen} == {("x", "same"), ("y", "same")}


# ── what goes wrong goes wrong alone ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_poisoned_request_fails_and_those_beside_it_do_not(make, network, place, capsys):
    served = make(network())
    served.learn(rows(1))
    asked = [rows(number) for number in range(1, 1 + ROUND)]
    asked[place] = rows(-1)
    answers = served.ask(*asked)
    assert [frame.header["status"] for frame in answers] == [500 if one == rows(-1) else 200 for one in asked]
    assert [frame.body for frame in answers if frame.header["status"] == 200] == [
        single(one) for one in asked if one != rows(-1)
    ]
    assert capsys.readouterr().out.count("Algorithm crashed!") == 1
    assert max(frame.header["together"] for frame in served.ask(*[rows(1)] * ROUND)) == ROUND


def test_requests_that_fail_before_or_after_the_model_fail_alone(make, network):
    class Fussy(network):
        def _preprocess(self, data):
            return super()._preprocess({"rows": data["rows"]} if "early" not in data else {})

        def _postprocess(self, data):
            return super()._postprocess(data) if data["sums"][0] != 21 else 1 / 0

    served = make(Fussy())
    served.learn(rows(1))
    answers = served.ask(rows(1), {"early": 1}, rows(5), rows(3))
    assert [frame.header["status"] for frame in answers] == [200, 400, 500, 200]
    assert [answers[place].body for place in (0, 3)] == [single(rows(1)), single(rows(3))]
    pong = served.door._pong()
    assert pong["failed"] == 2 and not pong["busy"]


def test_a_model_that_fails_only_together_is_left_alone_and_says_so_once(make, network, capsys):
    class OneOnly(network):
        def _inference(self, data):
            if len(data["x"]) > 1:
                raise RuntimeError("one at a time, please")
            return super()._inference(data)

    served = make(OneOnly())
    for _ in range(12):
        assert [answer_of(frame) for frame in served.ask(*[rows(1)] * ROUND)] == [single(rows(1))] * ROUND
    said = "Requests of one shape are answered one at a time: together they fail (RuntimeError: one at a time, please)."
    assert capsys.readouterr().out.count(said) == 1
    assert served.door.state.room == 1


def test_a_model_that_fails_for_too_many_is_given_fewer(make, network, capsys):
    class Small(network):
        def _inference(self, data):
            if len(data["x"]) > 5:
                raise MemoryError
            return super()._inference(data)

    served = make(Small())
    answers = [frame for _ in range(30) for frame in served.ask(*[rows(1)] * ROUND)]
    assert {frame.header["status"] for frame in answers} == {200}
    assert max(frame.header["together"] for frame in answers) == 4
    assert "one at a time" not in capsys.readouterr().out


NO_ROWS = [
    ("a number", lambda x: float(x.sum()), "for 1 rows the model gives a float"),
    ("one row for all", lambda x: x.sum(0), "for 1 rows the model gives an array of the shape (2,)"),
    ("one result whatever comes", lambda x: x[:1].sum(1), "for several calls at a time an array of the shape (1,)"),
    ("the mean of all taken off", lambda x: x - x.mean(), "together they give something else than alone"),
    ("the first one's", lambda x: x[:1].repeat(len(x), 0), "together they give something else than alone"),
]


@pytest.mark.parametrize(("work", "why"), [case[1:] for case in NO_ROWS], ids=[case[0] for case in NO_ROWS])
def test_a_model_whose_answer_is_not_made_of_rows_is_left_alone(make, network, capsys, work, why):
    class Odd(network):
        def _inference(self, data):
            time.sleep(0.002)
            return work(data["x"])

        def _postprocess(self, data):
            return data

    served = make(Odd())
    for _ in range(12):
        asked = [{"rows": [[number, number + 1]]} for number in range(ROUND)]
        expected = [
            json.loads(json.dumps(numpy.asarray(work(numpy.array(one["rows"], "f4"))).tolist())) for one in asked
        ]
        assert [answer_of(frame) for frame in served.ask(*asked)] == expected
    assert capsys.readouterr().out.count(why) == 1


def test_values_that_are_no_arrays_go_through_one_at_a_time(make, network, capsys):
    class Lists(network):
        def _preprocess(self, data):
            return data["rows"]

        def _inference(self, data):
            return {"sums": numpy.array([sum(row) * 2 + 1 for row in data])}

    served = make(Lists())
    for _ in range(5):
        answers = served.ask(*[rows(number) for number in range(ROUND)])
        assert [answer_of(frame) for frame in answers] == [single(rows(number)) for number in range(ROUND)]
        assert {frame.header["together"] for frame in answers} == {1}
    assert capsys.readouterr().out.count("with a first axis of one length, such as this list.") == 1


# ── what a package keeps between its stages ──────────────────────────────────────────────────────


def in_an_attribute(self, size=None):
    if size is not None:
        self.size = size
    return self.size


def in_a_dict(self, size=None):
    if size is not None:
        self.sizes["now"] = size
    return self.sizes["now"]


def in_a_list(self, size=None):
    if size is not None:
        self.seen.append(size)
    return self.seen[-1]


@pytest.mark.parametrize("keep", [in_an_attribute, in_a_dict, in_a_list])
def test_what_preprocess_keeps_is_there_for_the_postprocess_of_the_same_request(make, network, keep):
    class Keeping(network):
        def __init__(self):
            self.sizes, self.seen = {}, []

        def _preprocess(self, data):
            keep(self, data["rows"][0][0])
            return super()._preprocess(data)

        def _postprocess(self, data):
            return [keep(self), *data["sums"].tolist()]

    served = make(Keeping())
    served.learn(rows(1))
    asked = [rows(number) for number in range(20)]
    answers = served.ask(*asked)
    assert [answer_of(frame) for frame in answers] == [[number, number * 4 + 1] for number in range(20)]
    assert max(frame.header["together"] for frame in answers) >= ROUND


def test_a_package_whose_postprocess_keeps_something_is_served_one_request_at_a_time(make, network, capsys):
    class Counting(network):
        count = 0

        def _postprocess(self, data):
            self.count += 1
            return self.count

    served = make(Counting())
    answers = [answer_of(frame) for _ in range(3) for frame in served.ask(*[rows(1)] * ROUND)]
    assert answers == list(range(1, 1 + 3 * ROUND))
    assert served.rounds.off
    assert capsys.readouterr().out.count("one at a time: _postprocess changes self.count, which") == 1


def test_what_is_loaded_once_by_the_first_request_is_no_reason(make, network):
    class Lazy(network):
        labels = None

        def _postprocess(self, data):
            if self.labels is None:
                self.labels = ["a", "b"]
            return super()._postprocess(data)

    make(Lazy()).learn(rows(1))


def test_a_package_that_uses_one_array_for_all_requests_is_served_one_at_a_time(make, network, capsys):
    class Frugal(network):
        def __init__(self):
            self.buffer = numpy.zeros((1, 2), "float32")

        def _preprocess(self, data):
            self.buffer[:] = data["rows"]
            return {"x": self.buffer}

    served = make(Frugal())
    for _ in range(6):
        asked = [rows(number) for number in range(ROUND)]
        assert [answer_of(frame) for frame in served.ask(*asked)] == [single(one) for one in asked]
    assert capsys.readouterr().out.count("_preprocess returns an array that it uses again") == 1


# ── who may share, and how many ──────────────────────────────────────────────────────────────────


def test_a_class_with_an_inference_of_its_own_shares_only_if_it_says_so(make, network, monkeypatch, capsys):
    from maquette_sdk.serve.batching import VARIABLE, most_together

    class Own(network):
        maquette_batch_size = None

    class Whole(network):
        def inference(self, data):
            return 1

    patched = network()
    patched._inference = lambda data: data

    class Wrong(network):
        maquette_batch_size = "many"

    assert [most_together(one) for one in (network(), Own(), Whole(), patched, Wrong())] == [16, 1, 1, 1, 1]
    assert "maquette_batch_size is 'many' and not a number from 1 on; it is passed over." in capsys.readouterr().out
    for text, expected in (("1", 1), ("4", 4), ("100", 16), ("", 16), ("off", 16)):
        monkeypatch.setenv(VARIABLE, text)
        assert most_together(network()) == expected
    assert "MAQUETTE_BATCH_SIZE is 'off' and not a number" in capsys.readouterr().out


def test_no_more_share_than_the_class_allows(make, network):
    class Few(network):
        maquette_batch_size = 3

    served = make(Few())
    shared = [frame.header["together"] for _ in range(20) for frame in served.ask(*[rows(1)] * ROUND)]
    assert max(shared) == 3


def test_a_call_that_is_to_be_alone_is_alone(make, network):
    served = make(network())
    served.learn(rows(1))
    assert {frame.header["together"] for frame in served.ask(*[rows(1)] * ROUND, most=1)} == {1}
    assert max(frame.header["together"] for frame in served.ask(*[rows(1)] * ROUND, most=3)) == 3
    for place in range(ROUND):
        served.put(rows(place), most=1 if place == 4 else None)
    served.work()
    answers = [served.hear(theirs) for _ours, theirs in served.pairs[-ROUND:]]
    assert answers[4].header["together"] == 1
    assert [answer_of(frame) for frame in answers] == [single(rows(place)) for place in range(ROUND)]


def test_the_room_that_is_asked_for_is_a_batch_and_the_next(make, network):
    served = make(network())
    assert served.ask(rows(1))[0].header["room"] == 1
    served.learn(rows(1))
    assert served.door._pong()["room"] >= 2 * ROUND


def test_calls_that_are_late_or_given_up_are_not_begun(make, network):
    served = make(network())
    served.learn(rows(1))
    theirs = [served.put(rows(number), deadline=-1 if number == 2 else 60) for number in range(6)]
    for gone in (1, 4):
        served.door.calls.drop(served.calls[gone - 6])
    served.work()
    answers = [served.hear(theirs[place]) for place in (0, 2, 3, 5)]
    assert [frame.header["status"] for frame in answers] == [200, 504, 200, 200]
    assert not answers[1].header["began"]
    assert served.door.calls.waiting == 0


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def test_the_note_names_who_is_in_the_stage_that_runs(make, network):
    noted = []

    class Noting(network):
        def read(self):
            return served.note.read_bytes().rstrip(b"\0").decode().split("\n")

        def _preprocess(self, data):
            noted.append(("preprocess", self.read()))
            return super()._preprocess(data)

        def _inference(self, data):
            noted.append(("inference", self.read()))
            return super()._inference(data)

        def _postprocess(self, data):
            noted.append(("postprocess", self.read()))
            return super()._postprocess(data)

    served = make(Noting())
    served.learn(rows(1))
    noted.clear()
    for name in "abc":
        served.put(rows(1), id=name)
    served.work()
    assert noted == [
        *[("preprocess", [name]) for name in "abc"],
        ("inference", ["a", "b", "c"]),
        *[("postprocess", [name]) for name in "abc"],
    ]
    assert served.note.read_bytes() == bytes(protocol.NOTE_BYTES)


def test_the_times_are_those_of_each_call_and_the_models_are_those_of_all(make, network):
    class Slow(network):
        def _preprocess(self, data):
            time.sleep(data["rows"][0][0] / 1000)
            return super()._preprocess(data)

    served = make(Slow())
    served.learn(rows(0))
    times = [frame.header["times"] for frame in served.ask(rows(5), rows(20), rows(0))]
    assert all(set(one) == {"queued", "preprocess", "inference", "postprocess", "gathered", "handler"} for one in times)
    assert times[0]["preprocess"] >= 5 and times[1]["preprocess"] >= 20
    assert len({one["inference"] for one in times}) == 1
    assert times[0]["gathered"] >= times[1]["preprocess"]
    assert times[2]["queued"] - times[0]["queued"] >= 24
    for one in times:
        assert one["handler"] >= one["preprocess"] + one["inference"] + one["postprocess"]
    assert set(served.ask(rows(-1))[0].header["times"]) == {"queued", "handler"}


def test_a_child_that_the_code_forks_in_a_stage_answers_nobody(make, network):
    class Forking(network):
        def _preprocess(self, data):
            if data["rows"][0][0] == 7 and os.fork() != 0:
                os.wait()
            return super()._preprocess(data)

    served = make(Forking())
    served.learn(rows(1))
    asked = [rows(number) for number in range(5, 9)]
    assert [answer_of(frame) for frame in served.ask(*asked)] == [single(one) for one in asked]
