"""The networks. Each takes pictures as they are, from 0 to 255; its layer `logits` gives a number for each class."""

from pathlib import Path

import numpy as np
import tensorflow as tf

keras = tf.keras
layers = keras.layers


class WrongWeights(Exception):
    """The weights are missing, or those of another network."""


def vgg16(size, classes, _):
    """VGG16 without weights: everything is learnt from these pictures."""
    images, scaled = inputs(size)
    body = keras.applications.VGG16(weights=None, include_top=False, input_tensor=scaled)
    x = layers.Flatten()(body.output)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return finished(images, x, classes)


def mobilenet(size, classes, folder):
    """MobileNet with weights that know much already: only the last layer is learnt."""
    keras.backend.set_learning_phase(0)  # batch normalisation keeps the statistics that come with the weights
    images, scaled = inputs(size)
    whole = keras.applications.MobileNet(weights=None, include_top=False, input_tensor=scaled)
    body = keras.models.Model(images, whole.get_layer("conv_pw_12_relu").output)
    for layer in body.layers:
        layer.trainable = False
    set_weights(body, weights_file(folder))
    x = layers.GlobalAveragePooling2D()(body.output)
    return finished(images, x, classes)


def inputs(size):
    images = layers.Input((size, size, 3), name="images")
    return images, layers.Lambda(lambda pixels: pixels / 127.5 - 1)(images)


def finished(images, x, classes):
    x = layers.Dense(classes, name="logits")(x)
    return keras.models.Model(images, layers.Activation("softmax")(x))


NETWORKS = {"vgg16": (vgg16, 128), "mobilenet": (mobilenet, 224)}


def weights_file(folder):
    found = list(Path(folder).glob("mobilenet*.npz"))
    if len(found) != 1:
        files = ", ".join(sorted(path.name for path in Path(folder).glob("*.*")))
        raise WrongWeights(f"mobilenet needs its weights: one mobilenet….npz in data_url. It holds: {files}")
    return found[0]


def set_weights(network, path):
    """Takes all weights from a file of arrays that are named like `conv1/kernel`."""
    with np.load(path) as file:
        arrays = dict(file)
    problems = []
    for weight in network.weights:
        name, shape = key(weight), tuple(weight.shape.as_list())
        if name not in arrays:
            problems.append(f"{name} is missing")
        elif arrays[name].shape != shape:
            problems.append(f"{name} is {arrays[name].shape} instead of {shape}")
    if problems:
        raise WrongWeights(f"{path.name} does not hold MobileNet's weights: {'; '.join(problems)}")
    keras.backend.batch_set_value([(weight, arrays[key(weight)]) for weight in network.weights])


def key(weight):
    return weight.name.split(":")[0]
