"""Makes a small network that stands in for SqueezeNet: the class whose colour is nearest to the picture's mean."""

import argparse
import shutil
from pathlib import Path

import numpy as np
from make_data import COLOURS
from model.classifier import INPUT, MEAN, OUTPUT, SIDE
from onnx import TensorProto, checker, helper, numpy_helper

parser = argparse.ArgumentParser()
parser.add_argument("--train_url")
options, _ = parser.parse_known_args()

# |pixel - colour|² is smallest where 2 pixel·colour - |colour|² is largest: a convolution of 1×1. The factor makes
# the softmax sure of itself.
colours = np.array(list(COLOURS.values()), np.float32)[:, ::-1] - MEAN
weights = {
    "kernel": 2 * colours[:, :, np.newaxis, np.newaxis] / 10000,
    "bias": -(colours**2).sum(axis=1) / 10000,
}
graph = helper.make_graph(
    [
        helper.make_node("GlobalAveragePool", [INPUT], ["mean"]),
        helper.make_node("Conv", ["mean", "kernel", "bias"], ["nearness"]),
        helper.make_node("Softmax", ["nearness"], [OUTPUT], axis=1),
    ],
    "colours",
    [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
    [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", len(COLOURS), 1, 1])],
    [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
)
network = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
checker.check_model(network)

package = Path(options.train_url) / "model"
shutil.copytree(str(Path(__file__).parent / "model"), str(package), ignore=shutil.ignore_patterns("__pycache__"))
(package / "squeezenet.onnx").write_bytes(network.SerializeToString())
(package / "classes.txt").write_text("".join(f"{number:09} {name}\n" for number, name in enumerate(COLOURS)))
print("The package is in model/ of the output.")
