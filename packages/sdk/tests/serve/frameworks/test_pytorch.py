"""PyTorch services as people write them, on the engine `pytorch` (`engine_python(name)` gives its Python's path)."""

from __future__ import annotations

import json
import random
import subprocess

import pytest

pytestmark = pytest.mark.engine("pytorch")

NET = """
import torch

class Net(torch.nn.Module):
    def __init__(self, classes=2):
        super().__init__()
        self.fc = torch.nn.Linear(3, classes, bias=False)

    def forward(self, x):
        return self.fc(x)
"""

WEIGHTS = """
import sys, torch
sys.path.insert(0, sys.argv[1])
from net import Net
net = Net()
torch.nn.init.ones_(net.fc.weight)
torch.save(net.state_dict(), sys.argv[1] + "/net.pth")
"""

SERVICE = """
import os
import torch
import model_service.log as log
from model_service.pytorch_model_service import PTServingBaseService
from net import Net

logger = log.getLogger(__name__)

class PTVisionService(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super(PTVisionService, self).__init__(model_name, model_path)
        self.model = Net()
        self.model.load_state_dict(torch.load(model_path, map_location="cpu"))
        self.model.eval()
        folder = os.path.dirname(os.path.realpath(self.model_path))
        with open(os.path.join(folder, "labels.txt")) as file:
            self.labels = file.read().split()
        logger.info("labels: %s", self.labels)

    def _preprocess(self, data):
        sizes = {name: [float(len(file.read())) for file in files.values()] for name, files in data.items()}
        return {name: torch.tensor([values]) for name, values in sizes.items()}
"""


@pytest.fixture
def python(engine_python, mind):
    """The engine's Python, with the network's file and its weights in the package."""
    (mind / "model" / "net.py").write_text(NET)
    (mind / "model" / "labels.txt").write_text("daisy rose")
    path = str(engine_python("pytorch"))
    subprocess.run([path, "-c", WEIGHTS, mind / "model"], check=True)
    return path


@pytest.fixture
def serve_net(serve, mind, python):
    return lambda code: serve(code, "PyTorch", python, model_path=str(mind / "model" / "net.pth"))


FILES = [("images", "a", b"1"), ("images", "b", b"22"), ("images", "c", b"333")]


def test_the_base_inference_runs_the_network_for_every_key(serve_net):
    instance = serve_net(SERVICE)
    assert instance.form(files=FILES) == (200, {"images": [[6.0, 6.0]]})
    assert instance.form(files=FILES[:1])[0] == 500
    assert instance.form(files=FILES) == (200, {"images": [[6.0, 6.0]]})
    assert "labels: ['daisy', 'rose']" in instance.log


def test_the_base_inference_keeps_nothing_for_training(serve_net):
    instance = serve_net(SERVICE + "    def _postprocess(self, data):\n        return data['images'].requires_grad\n")
    assert instance.form(files=FILES) == (200, False)


def test_tensors_and_their_scalars_are_answered_as_lists_and_numbers(serve_net):
    code = SERVICE + (
        "    def _inference(self, data):\n        return self.model(data['images'])[0]\n"
        "    def _postprocess(self, logits):\n"
        "        scores, index = logits.softmax(0).max(0)\n"
        "        return [{'label': self.labels[index], 'score': scores, 'index': index, 'bool': logits > 1}]\n"
    )
    expected = [{"label": "daisy", "score": 0.5, "index": 0, "bool": [True, True]}]
    assert serve_net(code).form(files=FILES) == (200, expected)


def test_an_own_inference_with_metrics_and_a_loader_thread(serve_net):
    code = SERVICE.replace(
        "        logger.info",
        "        self.metrics = {}\n        import threading; threading.Thread(target=self.load).start()\n"
        "        logger.info",
    ) + (
        "    def load(self):\n        self.loaded = Net(classes=5)\n"
        "    def inference(self, data):\n"
        "        data = self._preprocess(data)\n        data = self._inference(data)\n"
        "        data['latency_time'] = str(round(0.15, 1)) + ' ms'\n        return data\n"
    )
    assert serve_net(code).form(files=FILES) == (200, {"images": [[6.0, 6.0]], "latency_time": "0.1 ms"})


NUMPY = """
    def inference(self, data):
        import numpy
        return {
            "scalar": numpy.float32(0.5), "count": numpy.int64(3), "yes": numpy.bool_(True), "text": numpy.str_("中"),
            "array": numpy.arange(3), "nested": [numpy.array([[1.5]])], numpy.int64(7): numpy.float64(0.25),
            "nan": numpy.float32("nan"), "argmax": numpy.argmax([1, 3, 2]),
        }
"""


def test_numpy_values_are_answered_as_lists_and_numbers(serve_net):
    status, answer = serve_net(SERVICE + NUMPY).form(files=FILES)
    assert status == 200
    assert str(answer.pop("nan")) == "nan"
    assert answer == {
        "scalar": 0.5,
        "count": 3,
        "yes": True,
        "text": "中",
        "array": [0, 1, 2],
        "nested": [[[1.5]]],
        "7": 0.25,
        "argmax": 1,
    }


def test_a_checkpoint_that_holds_the_network_itself_is_loaded(serve_net):
    code = SERVICE + (
        "    def inference(self, data):\n"
        "        torch.save({'model': self.model}, 'whole.pth')\n"
        "        return type(torch.load('whole.pth')['model']).__name__\n"
    )
    assert serve_net(code).form(files=FILES) == (200, "Net")


def test_a_network_that_was_never_put_into_self_model_is_named(serve, python):
    instance = serve(
        "from model_service.pytorch_model_service import PTServingBaseService\n"
        "class Service(PTServingBaseService): pass\n",
        "PyTorch",
        python,
    )
    assert instance.json({"a": 1})[0] == 400
    assert "self.model is None" in instance.log


# ── requests that share the network ──────────────────────────────────────────────────────────────

CONVOLUTIONS = """
import threading, time
import torch
from model_service.pytorch_model_service import PTServingBaseService

class Convolutions(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.last = torch.nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, pictures):
        time.sleep(0.005)
        if bool((pictures < 0).any()):
            raise ValueError("poison")
        maps = self.last(torch.relu(self.norm(self.first(pictures))))
        return maps, {"scores": maps.mean((2, 3)), "boxes": [one.flatten() for one in maps]}

class Service(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.model = Convolutions().eval()

    def _preprocess(self, data):
        return {data.get("key", "pictures"): torch.tensor(data["pictures"], dtype=torch.float32)}

    def _postprocess(self, data):
        assert threading.current_thread() is threading.main_thread()
        ((maps, more),) = data.values()
        sums = maps.view(len(maps), -1).sum(1)
        return [list(data), sums.tolist(), more["scores"].tolist(), [len(one) for one in more["boxes"]]]
"""


def picture(value, rows=1, side=4, **more):
    return {"pictures": [[[[value + row] * side] * side] * 3 for row in range(rows)], **more}


def test_whatever_comes_together_is_answered_as_alone(serve, python):
    alone = serve(CONVOLUTIONS, "PyTorch", python, env={"MAQUETTE_BATCH_SIZE": "1"})
    together = serve(CONVOLUTIONS, "PyTorch", python)
    together.until_together(picture(1))
    choice = random.Random(0)
    shared = 0
    for _ in range(12):
        values = [
            picture(choice.choice([-9, 0.5, 1, 2, 3]), choice.choice([1, 1, 2]), choice.choice([4, 4, 5]), **more)
            for more in choice.choices([{}, {}, {"key": "others"}], k=16)
        ]
        expected = [json.loads(frame.body) for frame in alone.together(values)]
        answers = together.together(values)
        for frame, one in zip(answers, expected, strict=True):
            assert json.loads(frame.body) == (one if isinstance(one, dict) else approximately(one))
        assert [frame.header["id"] for frame in answers] == [str(place) for place in range(16)]
        shared = max(shared, *(frame.header["together"] for frame in answers))
    assert shared > 4
    assert alone.ping()["room"] == 1 < together.ping()["room"]
    assert "one at a time" not in together.log
    assert together.log.count("ValueError: poison") == alone.log.count("ValueError: poison")


def approximately(answer):
    keys, sums, scores, lengths = answer
    return [keys, pytest.approx(sums, rel=1e-4), [pytest.approx(one, rel=1e-4) for one in scores], lengths]


DOUBLING = """
import time
import torch
from model_service.pytorch_model_service import PTServingBaseService

class Service(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.model = lambda values: (time.sleep(0.005), values * 2)[1]

    def _preprocess(self, data):
        return {"values": torch.ones((1, 8), dtype=getattr(torch, data["type"]))}

    def _postprocess(self, data):
        return [str(data["values"].dtype), data["values"].sum().item()]
"""


def test_tensors_of_different_types_are_not_mixed(serve, python):
    instance = serve(DOUBLING, "PyTorch", python)
    kinds = ["float32", "float64", "int64", "float16"]
    for kind in kinds:
        instance.until_together({"type": kind}, 4)
    answers = instance.together([{"type": kind} for kind in kinds * 4])
    assert [json.loads(frame.body) for frame in answers] == [[f"torch.{kind}", 16] for kind in kinds * 4]
    assert max(frame.header["together"] for frame in answers) > 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Convolutions().eval()", "Convolutions()"), "its BatchNorm2d is in training mode; call self.model.eval()"),
        (("return maps, {", "return maps.mean(), {"), "for 1 rows the model gives an array of the shape ()"),
        (
            ("torch.relu(self.norm(self.first(pictures)))", "torch.softmax(self.first(pictures), 0)"),
            "together they give something else than alone",
        ),
    ],
)
def test_a_network_whose_rows_depend_on_each_other_is_left_alone(serve, python, change, said):
    code = CONVOLUTIONS.replace(*change).replace("maps.view(len(maps), -1).sum(1)", "maps.sum()[None]")
    code = code.replace("self.model = ", "torch.manual_seed(0); self.model = ")
    instance = serve(code, "PyTorch", python)
    first = json.loads(instance.together([picture(2)])[0].body)
    for _ in range(6):
        for frame in instance.together([picture(2), picture(1)] * 8):
            if frame.header["id"] in ("0", "2", "14") and "BatchNorm" not in said:
                assert json.loads(frame.body) == [first[0], pytest.approx(first[1], rel=1e-4), *first[2:]]
            assert frame.header["status"] == 200
    assert {frame.header["together"] for frame in instance.together([picture(2)] * 16)} == {1}
    assert instance.log.count(said) == 1


def test_a_class_with_an_inference_of_its_own_says_how_many_may_share_it(serve, python):
    own = "    def _inference(self, data):\n        return {key: self.model(value) for key, value in data.items()}\n"
    plain = serve(CONVOLUTIONS + own, "PyTorch", python)
    values = [picture(number) for number in range(16)]
    for _ in range(4):
        expected = plain.together(values)
    assert {frame.header.get("together", 1) for frame in expected} == {1}
    opted = serve(CONVOLUTIONS + own + "    maquette_batch_size = 4\n", "PyTorch", python)
    opted.until_together(picture(1), 4)
    for frame, other in zip(opted.together(values), expected, strict=True):
        assert json.loads(frame.body) == approximately(json.loads(other.body))
        assert frame.header["together"] <= 4
