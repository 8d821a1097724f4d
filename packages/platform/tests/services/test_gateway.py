"""The rules of the gateway, over HTTP, before real instances."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from maquette.services import gateway as gateways
from maquette.services.domain import CallLimits

ECHO = """
def tell(value):
    if isinstance(value, dict):
        return {name: tell(one) for name, one in value.items()}
    return value if isinstance(value, (str, int, float, list)) else len(value.read())
return tell(data)
"""
SLEEP = "time.sleep(float(data['sleep'])); return {'pid': os.getpid()}"
WAIT = """
while 'gate' in data and not os.path.exists(data['gate']):
    time.sleep(0.005)
"""
GATED = WAIT + "return {'pid': os.getpid()}"
COUNT = "open('count', 'a').write('x')" + WAIT + "return len(open('count').read())"


class Gate:
    """Calls with `held` stay in their instance until it is opened."""

    def __init__(self, path):
        self.path = str(path)
        self.held = {"gate": self.path}

    def open(self):
        Path(self.path).touch()


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path / "gate")


def error_code(answer):
    return answer.json.get("error_code") or answer.json.get("erno")


# ── what is asked and answered ─────────────────────────────────────────────────────────────────


def test_json_reaches_the_code_and_its_answer_comes_back(gateway):
    answer = gateway(ECHO).post_json({"text": "图", "number": 1})
    assert (answer.status, answer.json) == (200, {"text": "图", "number": 1})
    assert answer.headers["content-type"] == "application/json"


def test_a_form_gives_texts_as_texts_and_files_by_name_and_file_name(gateway):
    answer = gateway(ECHO).post(("mask", "1"), ("images", b"abc", "a.jpg", "image/jpeg"), ("images", b"defg", "图.jpg"))
    assert answer.json == {"mask": "1", "images": {"a.jpg": 3, "图.jpg": 4}}


def test_query_values_join_the_fields_and_the_first_of_a_name_counts(gateway):
    answer = gateway(ECHO).post_json({"a": 1}, path="/?b=2&b=3&c=%E5%9B%BE&d")
    assert answer.json == {"a": 1, "b": "2", "c": "图", "d": ""}


def test_a_large_file_arrives_whole(gateway):
    content = os.urandom(5_000_000)
    code = "import hashlib; return hashlib.sha256(data['f']['x.bin'].read()).hexdigest()"
    assert gateway(code).post(("f", content, "x.bin"), ("t", "1")).json == hashlib.sha256(content).hexdigest()


def test_the_stages_of_a_call_are_told(gateway):
    told = gateway("time.sleep(0.01); return 1").post_json({"a": 1}).headers["server-timing"]
    assert [one.split(";")[0] for one in told.split(", ")] == ["queued", "preprocess", "inference", "postprocess"]


def test_engines_that_read_the_body_themselves_get_it_whatever_its_header_says(gateway):
    code = """
from model_service.python_model_service import XgSklServingBaseService
class Service(XgSklServingBaseService):
    def _preprocess(self, data): return data
    def _inference(self, data): return len(data)
    def _postprocess(self, data): return data
"""
    learner = gateway(code, model_type="XGBoost", raw=True)
    body = '{"data": {"req_data": []}}'
    curl_without_header = {"Content-Type": "application/x-www-form-urlencoded"}
    assert learner.ask(body=body, headers=curl_without_header).json == {"data": {"resp_data": len(body)}}
    refused = learner.post(("a", "1"))
    assert (refused.status, error_code(refused)) == (500, "PY.0101")


def test_errors_of_the_code_come_back_as_they_are(gateway):
    service = gateway("return data['missing']")
    assert (service.post_json({"a": 1}).status, error_code(service.post_json({"a": 1}))) == (400, "MR.0105")


def test_connections_to_an_instance_are_used_again(gateway):
    service = gateway("return 1")
    for _ in range(20):
        service.post_json({"a": 1})
    assert service.in_loop(lambda: [len(link.idle) for link in service.line.links]) == [1]


# ── what is no prediction ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/unknown", 404, "APIG.0101"),
        ("POST", "/predict/", 404, "APIG.0101"),
        ("GET", "/", 405, "APIG.0101"),
        ("PUT", "/", 405, "APIG.0101"),
        ("DELETE", "/predict", 405, "APIG.0101"),
        ("POST", "/health", 405, "APIG.0101"),
    ],
)
def test_other_paths_and_methods_are_refused_in_the_gateways_words(gateway, method, path, status, code):
    answer = gateway("return 1", paths=["/predict"]).ask(method, path)
    assert (answer.status, error_code(answer)) == (status, code)


def test_predictions_are_taken_on_the_declared_path_and_on_the_root(gateway):
    service = gateway("return 1", paths=["/predictions/poetry"])
    assert [service.post_json({"a": 1}, path=path).status for path in ("/", "/predictions/poetry")] == [200, 200]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"", None),
        (b"{", "application/json"),
        (b"{}", "application/json"),
        (b"anything", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nhalf", "multipart/form-data; boundary=x"),
        (b"--x--", "multipart/form-data"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ],
)
def test_what_cannot_be_read_is_refused_as_modelarts_does(gateway, body, content_type):
    answer = gateway("return 1").ask(body=body, headers={"Content-Type": content_type} if content_type else {})
    assert (answer.status, error_code(answer)) == (400, "MR.0101")


def test_health_tells_whether_calls_are_taken(gateway):
    service = gateway("return 1")
    assert (service.ask("GET", "/health").status, service.ask("GET", "/health").json) == (200, {"status": "OK"})
    service.in_loop(lambda: service.line.leaving(service.line.links[0]))
    assert (service.ask("GET", "/health").status, service.ask("GET", "/health").json) == (503, {"status": "NOT READY"})


# ── limits ─────────────────────────────────────────────────────────────────────────────────────


def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_not(gateway):
    service = gateway("return 1", limits=CallLimits(body_bytes=1000))
    text = '"' + "a" * 998 + '"'
    assert service.post_json(text).status == 200
    refused = service.post_json(text + " ")
    assert (refused.status, refused.json) == (413, {"error_code": "APIG.0201", "error_msg": "Request entity too large"})


def test_a_body_that_does_not_tell_its_size_is_measured_while_it_comes(gateway):
    service = gateway("return 1", limits=CallLimits(body_bytes=1000))
    chunks = (b"x" * 100 for _ in range(20))
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    assert service.ask(body=chunks, headers=headers).status == 413


def test_a_client_that_sends_far_too_much_still_reads_why_it_was_refused(gateway):
    service = gateway("return 1", limits=CallLimits(body_bytes=1000))
    assert service.post(("f", bytes(30_000_000), "f")).status == 413


def test_a_call_over_its_time_is_told_so_and_the_next_ones_are_answered(gateway, gate):
    service = gateway(GATED, limits=CallLimits(seconds=0.4))
    late = service.post_json(gate.held)
    assert (late.status, error_code(late)) == (504, "ModelArts.4503")
    gate.open()
    service.until(lambda: service.post_json({"a": 1}).status == 200)


def test_a_body_that_comes_too_slowly_is_refused(gateway):
    service = gateway("return 1", limits=CallLimits(seconds=0.3))
    with socket.create_connection(("127.0.0.1", service.port)) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        answer = b"".join(iter(lambda: slow.recv(10_000), b""))
    assert b"408" in answer.splitlines()[0]
    assert b"APIG.0201" in answer


def test_when_too_many_wait_the_next_is_refused_at_once(gateway, gate):
    service = gateway(GATED, limits=CallLimits(queue=2))
    refused = []

    def call():
        answer = service.post_json(gate.held)
        if answer.status == 429:
            refused.append(answer)
        return answer

    def open_gate():
        service.until(lambda: len(refused) == 2)
        gate.open()

    *answers, _ = service.together(*[call] * 5, open_gate)
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 429, 429]
    assert {error_code(answer) for answer in answers if answer.status == 429} == {"ModelArts.4206"}


def test_the_bodies_of_all_calls_together_have_a_limit_too(gateway, gate):
    service = gateway(GATED, limits=CallLimits(held_bytes=2_500_000))
    content = ("f", bytes(1_000_000), "f")

    def call_and_open():
        service.until(lambda: (service.held(), service.waiting()) == (1, 1))
        answer = service.post(content)
        gate.open()
        return answer

    answers = service.together(*[lambda: service.post(("gate", gate.path), content)] * 2, call_and_open)
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert service.post(content).status == 200


def test_the_time_in_which_a_body_arrives_is_not_taken_from_the_call(gateway):
    """Either is less than the limit, and both together more."""
    service = gateway(SLEEP, limits=CallLimits(seconds=6))
    body = b'{"sleep": 3.1}'
    with socket.create_connection(("127.0.0.1", service.port)) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n")
        slow.sendall(b"Content-Length: %d\r\n\r\n" % len(body))
        time.sleep(3.1)
        slow.sendall(body)
        assert slow.recv(10_000).startswith(b"HTTP/1.1 200")


def test_when_no_instance_will_come_calls_are_refused_at_once(gateway):
    service = gateway("return 1", instances=0)
    service.in_loop(service.line.give_up)
    answer = service.post_json({"a": 1})
    assert (answer.status, error_code(answer)) == (503, "ModelArts.4302")


def test_what_is_refused_is_told_once_and_then_by_its_number(gateway, monkeypatch):
    told = []
    service = gateway("return 1", limits=CallLimits(body_bytes=100), tell=told.append)
    for _ in range(3):
        service.post_json("a" * 101)
    service.ask(body=b"x", headers={"Content-Type": "multipart/form-data"})
    assert told == [
        "a call was refused with 413 APIG.0201 Request entity too large",
        "a call was refused with 400 MR.0101: its form cannot be read",
    ]
    monkeypatch.setattr(gateways, "TELL_SECONDS", 0.0)
    service.post_json("a" * 101)
    assert told[2:] == ["a call was refused with 413 APIG.0201 Request entity too large, as were 2 before it"]


# ── several instances, and their end ───────────────────────────────────────────────────────────


def test_calls_at_the_same_time_go_to_different_instances(gateway, gate):
    service = gateway(GATED, instances=2)

    def open_gate():
        service.until(lambda: service.held() == 2)
        gate.open()

    one, other, _ = service.together(*[lambda: service.post_json(gate.held)] * 2, open_gate)
    assert one.json["pid"] != other.json["pid"]


def test_a_slow_call_does_not_hold_up_others_while_an_instance_is_free(gateway, gate):
    service = gateway(GATED, instances=2)
    service.together(*[lambda: service.post_json({"a": 1})] * 8)

    def quick_ones():
        service.until(lambda: service.held() == 1)
        answers = service.together(*[lambda: service.post_json({"a": 1})] * 3)
        gate.open()
        return answers

    slow, quick = service.together(lambda: service.post_json(gate.held), quick_ones)
    assert slow.status == 200
    assert [answer.status for answer in quick] == [200] * 3


def test_the_call_that_kills_its_instance_gets_the_error_and_only_that_one(gateway):
    service = gateway("time.sleep(0.05); os.kill(os.getpid(), 9) if 'die' in data else None; return 1", instances=2)
    calls = [lambda: service.post_json({"a": 1})] * 4
    answers = service.together(*calls, lambda: service.post_json({"die": 1}), *calls)
    assert [answer.status for answer in answers] == [200] * 4 + [502] + [200] * 4
    assert error_code(answers[4]) == "ModelArts.4503"


def test_an_instance_that_died_unasked_costs_no_call(gateway):
    service = gateway(SLEEP, instances=2)
    service.together(*[lambda: service.post_json({"sleep": 0.05})] * 4)
    dead = service.instances[0].process
    dead.kill()
    dead.wait()
    answers = service.together(*[lambda: service.post_json({"sleep": 0.05})] * 4)
    assert [answer.status for answer in answers] == [200] * 4


# ── clients that go ────────────────────────────────────────────────────────────────────────────


def send(service, body):
    """A call whose answer nobody has read yet."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    connection.request("POST", "/", body, {"Content-Type": "application/json"})
    return connection


def abandon(service, body):
    """Sends a call and hangs up."""
    connection = send(service, body)
    time.sleep(0.02)
    connection.close()


def test_a_call_whose_client_has_gone_is_dropped_before_it_begins(gateway, gate):
    service = gateway(COUNT)

    def hang_up():
        service.until(lambda: service.held() == 1)
        gone = [send(service, '{"a": 1}') for _ in range(3)]
        service.until(lambda: service.waiting() == 3)
        for connection in gone:
            connection.close()
        service.until(lambda: service.waiting() == 0)
        gate.open()

    first, _ = service.together(lambda: service.post_json(gate.held), hang_up)
    assert (first.json, service.post_json({"a": 1}).json) == (1, 2)


def test_a_storm_of_abandoned_calls_leaves_it_healthy(gateway):
    service = gateway(SLEEP)
    service.post_json({"sleep": 0})
    open_before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        service.together(*[lambda: abandon(service, '{"sleep": 0.05}')] * 20)
    service.until(lambda: (service.waiting(), service.held()) == (0, 0))
    assert service.post_json({"sleep": 0}).status == 200
    service.until(lambda: len(os.listdir("/proc/self/fd")) <= open_before + 2)


def test_a_client_that_goes_while_it_sends_leaves_nothing(gateway):
    service = gateway("return 1")
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\nContent-Type: multipart/form-data; boundary=x"
    part = b"--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", service.port)) as gone:
            gone.sendall(head + b"\r\n\r\n" + part + bytes(2_000_000))
    assert service.post_json({"a": 1}).status == 200
    service.until(lambda: not any("part" in link for link in open_files()))


def open_files():
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return found


def test_an_instance_that_is_stopped_is_waited_for_and_not_given_up(gateway):
    service = gateway("return 1")
    process = service.instances[0].process
    process.send_signal(signal.SIGSTOP)
    waiting, _ = service.together(
        lambda: service.post_json({"a": 1}), lambda: (time.sleep(0.2), process.send_signal(signal.SIGCONT))
    )
    assert waiting.status == 200
