"""Builds the TensorFlow graph of a darknet network, with its weights inside as constants: a frozen graph.

It takes `inputs`, pictures of values 0 to 255, and gives `output_boxes`: for each box x0, y0, x1, y1 in pixels of the
network's picture, then how sure it is that there is an object, then how sure it is of each class.
"""

import numpy as np
import tensorflow.compat.v1 as tf
from darknet import anchors, padding, pooling

ACTIVATIONS = {
    "linear": lambda x: x,
    "leaky": lambda x: tf.nn.leaky_relu(x, alpha=0.1),
    "logistic": tf.sigmoid,
    "mish": lambda x: x * tf.tanh(tf.nn.softplus(x)),
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "swish": lambda x: x * tf.sigmoid(x),
}


def frozen_graph(network, weights):
    """The GraphDef of a network."""
    with tf.Graph().as_default() as graph:
        pictures = tf.placeholder(tf.float32, [None, network.height, network.width, 3], "inputs")
        results = [pictures / 255.0]  # of the picture, then of each layer
        for index, layer in enumerate(network.layers):
            with tf.name_scope(f"layer_{index:03d}_{layer.kind}"):
                sources = [results[source + 1] for source in layer.sources]
                results.append(LAYERS[layer.kind](layer, sources, weights[index]))
        with tf.name_scope("boxes"):
            boxes = [decode(layer, results[layer.sources[0] + 1], network) for layer in network.heads]
        tf.identity(tf.concat(boxes, axis=1), "output_boxes")
        # Without the values that are defaults the file can be read by older TensorFlow, which does not know them all.
        return tf.train.export_meta_graph(graph=graph, clear_devices=True, strip_default_attrs=True).graph_def


def convolution(layer, sources, weights):
    """Batch normalisation is worked into the kernel and the bias, as it is only a factor and a sum."""
    # What is added to the variance differs between darknet's versions (1e-5, 1e-6); this is what OpenCV's reader adds.
    kernel, bias = weights["kernel"], weights["bias"]
    if "scale" in weights:
        factor = weights["scale"] / np.sqrt(weights["variance"] + 1e-6)
        kernel, bias = kernel * factor[:, None, None, None], bias - weights["mean"] * factor
    groups, stride = layer.count("groups", 1), layer.count("stride", 1)
    x = around(sources[0], padding(layer), padding(layer), 0.0)
    x = convolve(x, kernel.astype(np.float32), groups, [1, stride, stride, 1])
    return activate(layer, tf.nn.bias_add(x, bias.astype(np.float32)), "logistic")


def convolve(x, kernel, groups, strides):
    """`kernel` is [filter, channel, row, column]; TensorFlow wants [row, column, channel, filter]."""
    filters, channels, size, _ = kernel.shape
    if groups > 1 and channels == 1:
        each = kernel.reshape(groups, filters // groups, size, size).transpose(2, 3, 0, 1)
        return tf.nn.depthwise_conv2d(x, tf.constant(each), strides, "VALID")
    kernels = np.split(kernel.transpose(2, 3, 1, 0), groups, axis=3)
    inputs = tf.split(x, groups, axis=3) if groups > 1 else [x]
    return joined([tf.nn.conv2d(one, tf.constant(part), strides, "VALID") for one, part in zip(inputs, kernels)])


def maxpool(layer, sources, weights):
    size, stride, room = pooling(layer)
    x = around(sources[0], room // 2, room - room // 2, np.finfo(np.float32).min)
    return tf.nn.max_pool(x, [1, size, size, 1], [1, stride, stride, 1], "VALID")


def shortcut(layer, sources, weights):
    return activate(layer, tf.add_n(sources), "linear")


def route(layer, sources, weights):
    groups = layer.count("groups", 1)
    if groups > 1:
        sources = [tf.split(source, groups, axis=3)[layer.number("group_id", 0)] for source in sources]
    return joined(sources)


def upsample(layer, sources, weights):
    height, width, _ = layer.shape
    return tf.image.resize_nearest_neighbor(sources[0], [height, width]) * layer.decimal("scale", 1)


def unchanged(layer, sources, weights):
    return sources[0]


LAYERS = {
    "convolutional": convolution,
    "maxpool": maxpool,
    "shortcut": shortcut,
    "route": route,
    "upsample": upsample,
    "dropout": unchanged,  # it does something in training only
    "yolo": unchanged,  # read by `decode`
}


def decode(layer, x, network):
    """What the numbers of a [yolo] layer say: boxes by their corners, objectness, classes."""
    height, width, _ = layer.shape
    sizes = np.array(anchors(layer), np.float32)
    x = tf.reshape(x, [-1, height, width, len(sizes), 5 + layer.count("classes", 20)])
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    cells = np.stack([columns, rows], axis=2)[:, :, None, :].astype(np.float32)
    cell_size = np.array([network.width / width, network.height / height], np.float32)
    stretch = layer.decimal("scale_x_y", 1)
    centres = (tf.sigmoid(x[..., 0:2]) * stretch - (stretch - 1) / 2 + cells) * cell_size
    halves = tf.exp(x[..., 2:4]) * sizes / 2
    values = tf.concat([centres - halves, centres + halves, tf.sigmoid(x[..., 4:])], axis=4)
    return tf.reshape(values, [-1, height * width * len(sizes), 5 + layer.count("classes", 20)])


def activate(layer, x, default):
    name = layer.text("activation", default)
    if name not in ACTIVATIONS:
        raise layer.problem(f"activation={name} is not known; known are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name](x)


def around(x, before, after, value):
    """The picture with a margin: above and to the left `before`, below and to the right `after`."""
    if before == after == 0:
        return x
    return tf.pad(x, [[0, 0], [before, after], [before, after], [0, 0]], constant_values=value)


def joined(tensors):
    return tensors[0] if len(tensors) == 1 else tf.concat(tensors, axis=3)
