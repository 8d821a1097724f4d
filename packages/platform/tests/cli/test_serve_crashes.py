"""What calls cost each other when many wait: one kills the process, one forks, some clients hang up."""

from __future__ import annotations

import http.client
import json
import sys
import threading

import pytest

GATED = """
if "hold" in data["text"]:
    while not os.path.exists("/opt/maquette/socket/open"):
        time.sleep(0.002)
if "die" in data["text"]:
    {death}
return data["text"]
"""
DEATHS = {
    "os._exit": "os._exit(3)",
    "SIGKILL": "os.kill(os.getpid(), 9)",
    "a segmentation fault": "import ctypes; ctypes.string_at(0)",
    "abort": "os.abort()",
}
HELD = 4
"""Calls that a quick instance has: the one it is at, and those ahead of it."""

QUICK = """
from maquette.cli import main
from maquette.services import line

line.AHEAD_SECONDS = 1e6
main()
"""
"""The command, for which every instance is a quick one however busy this machine is."""


class Calls:
    """Calls under way at the same time, and the gate that the first of them waits for."""

    def __init__(self, served):
        self.served = served
        self.answers = {}
        self.threads = []

    def send(self, *texts):
        """Sends them one after another, so that the instance has them in this order."""
        for text in texts:
            held = min(self.at_the_instance() + 1, HELD)
            self.threads.append(threading.Thread(target=self.ask, args=(text,)))
            self.threads[-1].start()
            self.served.until(lambda held=held: self.at_the_instance() == held)

    def ask(self, text):
        self.answers[text] = self.served.post({"text": text})

    def at_the_instance(self):
        pong = self.served.ping()
        return pong["queued"] + pong["busy"]

    def let_go(self):
        """Opens the gate; the answers by text once all are there."""
        (self.served.socket().parent / "open").touch()
        for thread in self.threads:
            thread.join()
        return self.answers


@pytest.fixture
def calls(serve, package):
    """`calls(body)` serves a package whose instance holds calls ahead."""
    return lambda body: Calls(serve(package(body), command=(sys.executable, "-c", QUICK)).until_ready())


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS)
def test_of_calls_held_ahead_only_the_one_that_kills_the_process_gets_the_error(calls, death):
    asked = calls(GATED.format(death=death))
    asked.send("hold", "a", "die", "b", "c", "d")
    answers = asked.let_go()
    assert (answers["die"][0], answers["die"][1]["error_code"]) == (502, "ModelArts.4503")
    del answers["die"]
    assert answers == {text: (200, text) for text in ("hold", "a", "b", "c", "d")}


@pytest.mark.parametrize(
    "texts",
    [
        ("hold die", "a", "b", "c", "d"),
        ("hold", "a", "b", "die"),
        ("hold", "die 1", "die 2", "a", "b"),
        ("hold", "die 1", "die 2", "die 3", "die 4", "a"),
    ],
)
def test_it_may_be_the_first_or_the_last_or_more_than_one(calls, texts):
    asked = calls(GATED.format(death="os._exit(3)"))
    asked.send(*texts)
    statuses = {text: status for text, (status, _) in asked.let_go().items()}
    assert statuses == {text: 502 if "die" in text else 200 for text in texts}


def test_a_call_that_forks_before_it_kills_the_process_is_the_only_one_to_fail_too(calls):
    fork = "if os.fork() == 0: return 1\n    os.wait()\n    os._exit(3)"
    asked = calls(GATED.format(death=fork))
    asked.send("hold", "a", "die", "b", "c")
    statuses = {text: status for text, (status, _) in asked.let_go().items()}
    assert statuses == {"hold": 200, "a": 200, "die": 502, "b": 200, "c": 200}


def test_calls_held_ahead_are_dropped_when_their_clients_go(calls):
    asked = calls("open('seen', 'a').write(data['text'] + ' ')\n" + GATED.format(death="return open('seen').read()"))
    asked.send("hold")
    gone = [send_alone(asked.served.port, text) for text in ("gone1", "gone2")]
    asked.served.until(lambda: asked.at_the_instance() == 3)
    asked.send("stays")
    assert asked.at_the_instance() == HELD
    for connection in gone:
        connection.close()
    asked.served.until(lambda: asked.at_the_instance() == 2)
    assert asked.let_go() == {"hold": (200, "hold"), "stays": (200, "stays")}
    status, seen = asked.served.post({"text": "die"})
    assert (status, seen.split()[-3:]) == (200, ["hold", "stays", "die"])


def send_alone(port, text):
    """Sends a call whose answer nobody will wait for."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/", json.dumps({"text": text}), {"Content-Type": "application/json"})
    return connection
