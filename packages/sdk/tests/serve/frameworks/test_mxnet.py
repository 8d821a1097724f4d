"""MXNet packages on the engine `mxnet` (`engine_python(name)` gives its Python's path)."""

from __future__ import annotations

import io
import json
import subprocess

import pytest
from PIL import Image

pytestmark = pytest.mark.engine("mxnet")

# A network that answers which of three colour channels is the strongest.
TRAIN = """
import sys
import mxnet as mx
data = mx.sym.var("data")
pooled = mx.sym.Pooling(data, global_pool=True, pool_type="avg", kernel=(1, 1))
full = mx.sym.FullyConnected(mx.sym.Flatten(pooled), num_hidden=3, no_bias=True, name="fc")
symbol = mx.sym.softmax(full, name="softmax")
weights = {"fc_weight": mx.nd.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])}
mx.model.save_checkpoint(sys.argv[1], int(sys.argv[2]), symbol, weights, {})
"""

LABELS = "red\ngreen\nblue\n"


@pytest.fixture
def train(engine_python, mind):
    def run(prefix="colours", epoch=0):
        python = str(engine_python("mxnet"))
        subprocess.run([python, "-W", "ignore", "-c", TRAIN, mind / "model" / prefix, str(epoch)], check=True)
        return python

    return run


def picture(colour):
    content = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(content, "png")
    return content.getvalue()


def test_a_package_without_code_tells_the_likeliest_labels_of_a_picture(serve, train):
    instance = serve({"synset.txt": LABELS}, "MXNet", train(), env={"input_data_shape": "0,3,16,16"})
    status, answer = instance.form(files=[("images", "a.png", picture((0, 255, 0)))])
    assert status == 200, instance.log
    assert answer[0][0]["class"] == "green"
    assert round(sum(one["probability"] for one in answer[0]), 3) == 1


OFFICIAL = """
import os
import mxnet as mx
from mms.model_service.mxnet_model_service import MXNetBaseService
from mms.utils.mxnet import image, ndarray
from mms.log import get_logger
from mms.metrics_manager import MetricsManager

logger = get_logger()

class MXNetVisionService(MXNetBaseService):
    def __init__(self, model_name, model_dir, manifest, gpu=None):
        self.model_name = model_name
        self.ctx = mx.cpu()
        self._signature = manifest["Model"]["Signature"]
        self._signature["inputs"] = [{"data_name": "images", "data_shape": (1, 3, 8, 8)}]
        parameters = manifest["Model"]["Parameters"]
        epoch = int(parameters[len(model_name) + 1:-len(".params")])
        symbol, arguments, auxiliaries = mx.model.load_checkpoint(
            "%s/%s" % (model_dir, manifest["Model"]["Symbol"][:-12]), epoch)
        again = mx.model.load_checkpoint(os.path.join(model_dir, self.model_name), epoch)
        self.mx_model = mx.mod.Module(context=self.ctx, symbol=symbol, data_names=["data"], label_names=None)
        self.mx_model.bind(for_training=False, data_shapes=[mx.io.DataDesc(name="data", shape=(1, 3, 8, 8))])
        self.mx_model.set_params(arguments, auxiliaries, allow_missing=True)
        self.labels = [0, 1, 2]
        assert MetricsManager.metrics == {}

    def _preprocess(self, data):
        pictures = []
        for index, content in enumerate(data):
            [h, w] = self.signature["inputs"][index]["data_shape"][2:]
            pictures.append(image.transform_shape(image.resize(image.read(content, flag=1), h, w)))
        return pictures

    def _postprocess(self, data):
        logger.info("answering")
        return [ndarray.top_probability(one, self.labels, top=1) for one in data]
"""


def test_a_class_that_builds_its_module_from_the_manifest(serve, train):
    instance = serve(OFFICIAL, "MXNet", train(epoch=7))
    status, answer = instance.form(files=[("images", "a.png", picture((0, 0, 255)))])
    assert (status, answer[0][0]["class"]) == (200, 2), instance.log
    assert "answering" in instance.log
    status, _answer = instance.form(files=[("images", "a.png", b"no picture")])
    assert status == 500
    status, _answer = instance.form(texts=[("a", "b"), ("c", "d")])
    assert status == 500
    assert "The request lacks 'images'. The model takes: images." in instance.log


def test_a_signature_file_says_that_the_inputs_are_arrays(serve, train):
    signature = {
        "input_type": "application/json",
        "inputs": [{"data_name": "data", "data_shape": [0, 3, 1, 1]}],
        "output_type": "application/json",
    }
    code = (
        "from mms.model_service.mxnet_model_service import MXNetBaseService\n"
        "class Service(MXNetBaseService):\n"
        "    def __init__(self, model_name, model_dir, manifest, gpu=None):\n"
        "        import json, os\n"
        "        with open(os.path.join(model_dir, manifest['Model']['Signature'])) as file:\n"
        "            assert json.load(file) == dict(manifest['Model']['Signature'])\n"
        "        super().__init__(model_name, model_dir, manifest, gpu)\n"
        "    def _postprocess(self, data):\n"
        "        return data[0].argmax(axis=1)\n"
    )
    files = {"customize_service.py": code, "signature.json": json.dumps(signature)}
    instance = serve(files, "MXNet", train())
    assert instance.form(texts=[("data", "[[[[0]], [[0]], [[9]]]]")]) == (200, [2.0])
    assert instance.json({"data": [[[[0]], [[8]], [[0]]]]}) == (200, [1.0])
    status, _answer = instance.json({"data": [[1, 2]]})
    assert status == 500
    assert "Input 'data' is (1, 2); the model takes [1, 3, 1, 1]." in instance.log
