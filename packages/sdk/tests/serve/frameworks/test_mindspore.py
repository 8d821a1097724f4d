"""MindSpore services on the engine `mindspore` (`engine_python(name)` gives its Python's path)."""

from __future__ import annotations

import pytest

SERVICE = """
import logging
import threading
import mindspore
import numpy
from mindspore import Tensor, context, load_checkpoint, load_param_into_net, nn
from model_service.model_service import SingleNodeService

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)
context.set_context(mode=context.GRAPH_MODE, device_target="CPU")

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 2, weight_init="ones", has_bias=False)

    def construct(self, x):
        return self.dense(x)

class net_service(SingleNodeService):
    def __init__(self, model_name, model_path):
        self.model_name = model_name
        self.model_path = model_path
        self.network = None
        self.thread = threading.Thread(target=self.load_model)
        self.thread.start()

    def load_model(self):
        network = Net()
        mindspore.save_checkpoint(network, self.model_path + "/net.ckpt")
        load_param_into_net(network, load_checkpoint(self.model_path + "/net.ckpt"))
        self.network = network
        logger.info("network loaded")

    def _preprocess(self, data):
        self.thread.join()
        return Tensor(numpy.asarray(data["x"], numpy.float32))

    def _inference(self, data):
        return self.network(data)

    def _postprocess(self, data):
        return {"logits": data, "first": data[0][0]}
"""


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=[pytest.mark.engine(name), pytest.mark.every_engine])
        for name in ("mindspore", "mindspore_2.0.0")
    ],
)
def test_a_network_loaded_in_the_background_answers_with_tensors(serve, engine_python, engine):
    instance = serve(SERVICE, "MindSpore", engine_python(engine))
    assert instance.json({"x": [[1, 2, 3]]}) == (200, {"logits": [[6.0, 6.0]], "first": 6.0})
    assert "network loaded" in instance.log
