"""Tells the class of every pixel of a picture."""

import cv2
import numpy as np
import tensorflow as tf

from .network import INPUT_SIZE, build_network
from .weights import load_weights


class Segmenter:
    """The network with its weights. It sees a square of `size`: half of that takes a quarter of the time."""

    def __init__(self, weights, size=INPUT_SIZE):
        self.size = size
        self.network = build_network(size)
        load_weights(self.network, weights)
        self.best_classes = tf.function(self.run_network)

    def run_network(self, pictures):
        return tf.argmax(self.network(pictures, training=False), axis=-1, output_type=tf.int32)

    def classes_of(self, picture):
        """The class, 0 to 150, of every pixel of an RGB picture [height, width, 3]."""
        prepared, (height, width) = prepare(picture, self.size)
        classes = self.best_classes(tf.constant(prepared[np.newaxis]))[0].numpy()
        inside = classes[:height, :width].astype(np.uint8)
        return cv2.resize(inside, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def prepare(picture, size):
    """The picture as the network sees it, and its height and width in there.

    The longer side is scaled to `size`, the rest of the square is mean grey, and values are between -1 and 1.
    """
    scale = size / max(picture.shape[:2])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, (width, height), interpolation=method)
    prepared = np.zeros((size, size, 3), np.float32)
    prepared[:height, :width] = scaled / 127.5 - 1
    return prepared, (height, width)
