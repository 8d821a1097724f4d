"""Calls that real instances do together: what the gateway holds ahead, and who is lost when one dies in the middle."""

from __future__ import annotations

import os

from maquette.services.work import ask
from maquette_sdk.serve.protocol import NOTE

TOGETHER = """
import os, time
import numpy
from model_service.model_service import SingleNodeService

class Service(SingleNodeService):
    maquette_batch_size = 8

    def _preprocess(self, data):
        while "gate" in data and not os.path.exists(data["gate"]):
            time.sleep(0.005)
        return numpy.array([data["number"]])

    def _inference(self, numbers):
        time.sleep(0.02)
        if -1 in numbers or (-2 in numbers and len(numbers) > 1):
            os.kill(os.getpid(), 9)
        self.together = len(numbers)
        return numbers * 2

    def _postprocess(self, doubled):
        return [int(doubled[0]) // 2, self.together]
"""


def ask_all(service, numbers):
    return service.together(*posts(service, [{"number": number} for number in numbers]))


def learned(service, links):
    """Asks until so many instances do eight calls together."""

    def has_learned():
        ask_all(service, range(1, 1 + 12 * links))
        return service.in_loop(lambda: all(link.asked_room >= 16 for link in service.line.links))

    service.until(has_learned)


def noted(instance):
    with open(instance.socket + NOTE, "rb") as file:
        return file.read().rstrip(b"\0").decode().split()


def test_calls_that_wait_are_done_together_and_each_gets_its_own_answer(gateway, tmp_path):
    service = gateway(TOGETHER)
    answers = ask_behind_a_gate(service, 1, range(1, 16), tmp_path / "gate")
    assert [answer.json[0] for answer in answers] == list(range(1, 16))
    assert 1 < max(answer.json[1] for answer in answers) <= 8


def ask_behind_a_gate(service, links, numbers, gate):
    """The answers to calls that have all reached an instance while each instance is at one that waits for the gate."""
    learned(service, links)

    def open_gate():
        service.until(lambda: sum(ask(one.socket).get("queued", 0) for one in service.instances) == len(numbers))
        gate.touch()

    def ask_them():
        service.until(lambda: all(ask(one.socket).get("busy") for one in service.instances))
        *answers, _ = service.together(*posts(service, [{"number": number} for number in numbers]), open_gate)
        return answers

    gated = posts(service, [{"number": 100 + place, "gate": str(gate)} for place in range(links)])
    return service.together(*gated, ask_them)[-1]


def posts(service, bodies):
    return [lambda body=body: service.post_json(body) for body in bodies]


def test_of_calls_in_which_an_instance_died_only_the_one_that_kills_alone_is_lost(gateway, tmp_path):
    service = gateway(TOGETHER, instances=3)
    numbers = [*range(1, 9), -1, *range(9, 21)]
    answers = ask_behind_a_gate(service, 3, numbers, tmp_path / "gate")
    assert [answer.status for answer in answers] == [502 if number == -1 else 200 for number in numbers]
    assert [answer.json[0] for answer in answers if answer.status == 200] == [one for one in numbers if one > 0]
    dead = [instance for instance in service.instances if instance.process.poll() is not None]
    assert sorted(len(noted(instance)) for instance in dead) == [1, 8]
    assert service.in_loop(lambda: service.line.unexplained) == 0


def test_a_call_that_kills_only_in_company_is_answered_alone(gateway, tmp_path):
    service = gateway(TOGETHER, instances=2)
    numbers = [*range(1, 6), -2, *range(6, 14)]
    answers = ask_behind_a_gate(service, 2, numbers, tmp_path / "gate")
    assert [answer.json[0] for answer in answers] == numbers
    assert service.in_loop(lambda: (service.line.unexplained, service.line.most_together)) == (1, None)


def test_an_instance_that_does_one_at_a_time_says_so_and_holds_as_few_as_ever(gateway):
    service = gateway(TOGETHER.replace("maquette_batch_size = 8", ""))
    answers = ask_all(service, range(1, 30))
    assert [answer.json for answer in answers] == [[number, 1] for number in range(1, 30)]
    assert service.in_loop(lambda: service.line.links[0].room) == 1
    assert os.path.exists(service.instances[0].socket + NOTE)
