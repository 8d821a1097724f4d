"""An ONNX network that tells what a picture shows."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

INPUT, OUTPUT = "x", "prob"
SIDE = 227
MEAN = np.array([104, 117, 123], np.float32)  # of blue, green, red: SqueezeNet comes from Caffe


class Classifier:
    """Takes networks from `x`, n×3×227×227 in blue, green, red, to `prob`, one number per class."""

    def __init__(self, path, labels):
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no {Path(path).name} in {Path(path).parent}. Put the network there.")
        session_options = onnxruntime.SessionOptions()
        session_options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))  # 0: all processors
        try:
            self.session = onnxruntime.InferenceSession(str(path), session_options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a dozen of its own, without a common class
            raise ValueError(f"{Path(path).name} is no ONNX network that can be loaded: {error}") from error
        inputs, outputs = shapes(self.session.get_inputs()), shapes(self.session.get_outputs())
        if list(inputs) != [INPUT] or inputs[INPUT][1:] != [3, SIDE, SIDE] or OUTPUT not in outputs:
            raise ValueError(
                f"{Path(path).name} is another network. It goes from {described(inputs)} to {described(outputs)}; "
                f"this package needs the input '{INPUT}' n×3×{SIDE}×{SIDE} and the output '{OUTPUT}'."
            )
        if outputs[OUTPUT][1] != len(labels):
            raise ValueError(f"{Path(path).name} knows {outputs[OUTPUT][1]} classes, classes.txt names {len(labels)}.")
        self.labels = labels

    def probabilities(self, picture):
        """The network's own answer, one number per class."""
        pixels = np.asarray(picture.resize((SIDE, SIDE), Image.BILINEAR), np.float32)
        planes = np.ascontiguousarray((pixels[:, :, ::-1] - MEAN).transpose(2, 0, 1))
        return self.session.run([OUTPUT], {INPUT: planes[np.newaxis]})[0].ravel()

    def best(self, picture, count):
        """The most likely classes: [label, probability] each, the likeliest first."""
        probabilities = self.probabilities(picture)
        order = np.argsort(-probabilities, kind="stable")[:count]
        return [[self.labels[index], round(float(probabilities[index]), 6)] for index in order]


def read_labels(path):
    """The labels in a file with one a line, in the network's order, after ImageNet's own number: `n02123045 tabby`."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 1)[-1] for line in lines if line.strip()]


def shapes(tensors):
    return {tensor.name: tensor.shape for tensor in tensors}


def described(tensors):
    return ", ".join(f"'{name}' {'×'.join(map(str, shape))}" for name, shape in tensors.items())
