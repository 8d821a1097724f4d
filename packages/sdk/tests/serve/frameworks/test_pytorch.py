"""PyTorch services as people write them, on the engine `pytorch` (`engine_python(name)` gives its Python's path)."""

from __future__ import annotations

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
