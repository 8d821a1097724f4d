"""A TFLite network that gives every pixel of a picture its class."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image


class Segmenter:
    """Takes networks from a picture 1×H×W×3, in -1 to 1, to scores 1×h×w×classes, both float32."""

    def __init__(self, path, classes):
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no {Path(path).name} in {Path(path).parent}. Put the network there.")
        try:
            self.interpreter = tf.lite.Interpreter(model_path=str(path))
            self.interpreter.allocate_tensors()
        except ValueError as error:
            raise ValueError(f"{Path(path).name} is no TFLite network that can be loaded: {error}") from error
        inputs, outputs = self.interpreter.get_input_details(), self.interpreter.get_output_details()
        if not (fits(inputs, channels=3) and fits(outputs, channels=classes)):
            raise ValueError(
                f"{Path(path).name} is another network. It goes from {described(inputs)} to {described(outputs)}; "
                f"this package needs one input 1×H×W×3 and one output 1×h×w×{classes}, both float32."
            )
        self.input, self.output = inputs[0], outputs[0]

    def scores(self, picture):
        """The network's own answer, h×w×classes."""
        height, width = self.input["shape"][1:3]
        pixels = np.asarray(picture.resize((int(width), int(height)), Image.BICUBIC), np.float32)
        self.interpreter.set_tensor(self.input["index"], pixels[np.newaxis] / 127.5 - 1)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output["index"])[0]

    def segment(self, picture):
        """The class of each pixel, uint8, in the picture's size.

        The scores are brought to that size rather than the classes, so that outlines are smooth; and one class at a
        time, because all classes of a large picture at once are gigabytes.
        """
        scores = self.scores(picture)
        best = np.full((picture.height, picture.width), -np.inf, np.float32)
        classes = np.zeros(best.shape, np.uint8)
        for index in range(scores.shape[2]):
            plane = np.asarray(Image.fromarray(scores[:, :, index]).resize(picture.size, Image.BILINEAR))
            classes[plane > best] = index
            np.maximum(best, plane, out=best)
        return classes


def fits(tensors, channels):
    if len(tensors) != 1:
        return False
    shape = tensors[0]["shape"]
    return len(shape) == 4 and shape[0] == 1 and shape[3] == channels and tensors[0]["dtype"] == np.float32


def described(tensors):
    return ", ".join(
        f"'{tensor['name']}' {'×'.join(map(str, tensor['shape']))} {np.dtype(tensor['dtype']).name}"
        for tensor in tensors
    )
