"""Writes weights for trying the example out: random ones in the layout of the published file, which tell colours apart.

A network of random weights shows noise. So a few channels are set by hand to carry the picture's colours past the deep
layers to the last one, and that is fitted to pictures whose classes are known: drawn scenes, or those of data_url.
"""

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf
from core.network import CLASSES, build_network
from core.segmenter import prepare
from core.weights import FILE_NAME, save_weights
from PIL import Image
from scenes import draw_scene

SIZE = 256  # of the pictures that the last layer is fitted to; the weights do not depend on it

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--data_url", default="", help="images/*.jpg and annotations/*.png; nothing: drawn scenes")
PARSER.add_argument("--train_url", default="cache/output")
PARSER.add_argument("--num_gpus", type=int, default=1)
PARSER.add_argument("--seed", type=int, default=0)
ARGS = PARSER.parse_args()


def carry_colours(network, random):
    """Lets channels 0 to 5, the bright and the dark part of red, green and blue, pass as they are."""
    split = np.concatenate([np.eye(3), -np.eye(3)], axis=1)
    carry(network, "entry_flow_conv1_1", split)
    carry(network, "entry_flow_conv1_2", np.eye(6))
    carry(network, "entry_flow_block1_shortcut", np.eye(6))
    gamma, *rest = network.get_layer("entry_flow_block1_separable_conv3_pointwise_BN").get_weights()
    gamma[:6] = 0  # nothing is added to what the shortcut carries
    network.get_layer("entry_flow_block1_separable_conv3_pointwise_BN").set_weights([gamma, *rest])
    for name in ("entry_flow_block2_separable_conv1", "entry_flow_block2_separable_conv2"):
        carry(network, name + "_depthwise", np.ones((6, 1)))
        carry(network, name + "_pointwise", np.eye(6))
    carry(network, "feature_projection0", np.eye(6))

    mixed = np.zeros((304, 256))  # 256 deep channels, then the 48 of feature_projection0
    mixed[256:262] = random.normal(0, 2, (6, 256))
    carry(network, "decoder_conv0_depthwise", np.ones((304, 1)))
    carry(network, "decoder_conv0_pointwise", mixed)
    gamma, _, mean, variance = network.get_layer("decoder_conv0_pointwise_BN").get_weights()
    network.get_layer("decoder_conv0_pointwise_BN").set_weights([gamma, random.normal(0, 1, 256), mean, variance])
    carry(network, "decoder_conv1_depthwise", np.ones((256, 1)))
    carry(network, "decoder_conv1_pointwise", np.eye(256))


def carry(network, name, matrix):
    """Makes the first channels of a convolution this mixture of the first ones that it gets, each pixel for itself."""
    layer = network.get_layer(name)
    (kernel,) = layer.get_weights()
    inputs, outputs = matrix.shape
    middle = kernel.shape[0] // 2
    if name.endswith("_depthwise"):
        kernel[:, :, :inputs] = 0
    else:
        kernel[..., :outputs] = 0
    kernel[middle, middle, :inputs, :outputs] = matrix
    layer.set_weights([kernel])


def fit_last_layer(network, scenes):
    """Least squares from the features in front of the last layer to the classes; those not seen stay low."""
    last = network.get_layer("logits_semantic")
    pictures = np.stack([prepare(picture, SIZE)[0] for picture, _ in scenes])
    features = tf.keras.Model(network.inputs, last.input).predict(pictures, verbose=0)
    classes = np.stack([on_grid(classes, features.shape[1]) for _, classes in scenes])
    known = classes > 0
    targets = np.eye(CLASSES)[classes[known]]
    solution = np.linalg.lstsq(np.insert(features[known], 0, 1, axis=1), targets, rcond=1e-4)[0]
    solution[0, ~targets.any(axis=0)] = -1
    last.set_weights([solution[np.newaxis, np.newaxis, 1:], solution[0]])


def on_grid(classes, size):
    """The classes where the network's features lie: size x size points over the padded square, 0 beside the picture."""
    points = (np.linspace(0, 1, size) * (max(classes.shape) - 1)).astype(int)
    rows, columns = (points[points < side] for side in classes.shape)
    grid = np.zeros((size, size), int)
    grid[: len(rows), : len(columns)] = classes[np.ix_(rows, columns)]
    return grid


def read_scenes(folder):
    """(picture, classes) of every picture that has its classes in a file beside it."""
    for image in sorted(Path(folder).glob("images/*.jpg")):
        classes = Path(folder, "annotations", image.stem + ".png")
        yield np.asarray(Image.open(image).convert("RGB")), np.asarray(Image.open(classes))


if __name__ == "__main__":
    tf.random.set_seed(ARGS.seed)
    random = np.random.RandomState(ARGS.seed)
    scenes = list(read_scenes(ARGS.data_url)) if ARGS.data_url else [draw_scene(random) for _ in range(4)]
    network = build_network(SIZE)
    carry_colours(network, random)
    fit_last_layer(network, scenes)

    output = Path(ARGS.train_url)
    output.mkdir(parents=True, exist_ok=True)
    save_weights(network, output / FILE_NAME)
    picture, classes = draw_scene(random)
    Image.fromarray(picture).save(output / "scene.jpg", quality=95)
    Image.fromarray(classes).save(output / "scene_classes.png")
    print(f"{network.count_params()} random weights and a scene to try them on are in {output}")
