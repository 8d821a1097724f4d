"""Writes the full YOLOv3 for 80 classes: `yolov3.cfg`, and `yolov3.weights` with random numbers.

It shows that a network of this size is converted, and how fast it is. Trained weights of YOLOv3 go with this .cfg too.
"""

import argparse
from pathlib import Path

import numpy as np
from darknet import count_numbers, read_cfg, write_weights

ANCHORS = "10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326"
CLASSES = 80
LEAKY = "activation=leaky\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train_url", required=True)
    parser.add_argument("--size", type=int, default=416, help="width and height of the network's picture")
    options = parser.parse_known_args()[0]
    folder = Path(options.train_url)
    (folder / "yolov3.cfg").write_text(cfg(options.size))
    (folder / "yolov3.names").write_text("".join(f"class {number}\n" for number in range(CLASSES)))
    network = read_cfg(folder / "yolov3.cfg")
    write_weights(folder / "yolov3.weights", network, random_array(network, np.random.RandomState(0)))
    print(f"{count_numbers(network):,} numbers")


def cfg(size):
    return "\n".join([f"[net]\nwidth={size}\nheight={size}\nchannels=3\n", *darknet53(), *heads()])


def darknet53():
    """The backbone: after each halving of the picture, so many residual blocks."""
    yield convolution(32, 3)
    for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        yield convolution(filters, 3, stride=2)
        for _ in range(blocks):
            yield convolution(filters // 2, 1)
            yield convolution(filters, 3)
            yield "[shortcut]\nfrom=-3\nactivation=linear\n"


def heads():
    """Three scales; the second and third also see the backbone's layers 61 and 36."""
    for filters, mask, backbone in ((512, "6,7,8", None), (256, "3,4,5", 61), (128, "0,1,2", 36)):
        if backbone:
            yield "[route]\nlayers=-4\n"
            yield convolution(filters, 1)
            yield "[upsample]\nstride=2\n"
            yield f"[route]\nlayers=-1,{backbone}\n"
        for _ in range(3):
            yield convolution(filters, 1)
            yield convolution(2 * filters, 3)
        yield f"[convolutional]\nsize=1\nstride=1\npad=1\nfilters={3 * (5 + CLASSES)}\nactivation=linear\n"
        yield f"[yolo]\nmask={mask}\nanchors={ANCHORS}\nclasses={CLASSES}\nnum=9\n"


def convolution(filters, size, stride=1):
    return f"[convolutional]\nbatch_normalize=1\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\n" + LEAKY


def random_array(network, chance):
    """Values with which the numbers grow neither too large nor too small on their way through all the layers."""
    following = [layer.kind for layer in network.layers[1:]]

    def array(index, name, shape):
        if name == "kernel":
            gain = 1 if following[index] == "convolutional" else 0.3
            return chance.normal(0, gain * np.sqrt(2 / np.prod(shape[1:])), shape)
        if name in ("scale", "variance"):
            return chance.uniform(0.6, 1.1, shape)
        return chance.normal(0, 0.1, shape)

    return array


if __name__ == "__main__":
    main()
