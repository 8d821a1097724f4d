"""DeepLabV3 with an aligned Xception65, as published for ADE20K: output stride 8, ASPP 12/24/36, a small decoder.

Layers carry the names of the published weights file. Plain tf.keras: TensorFlow 2.1 as well as Keras 3.
"""

import tensorflow as tf

CLASSES = 151  # 0 is the background
INPUT_SIZE = 512

layers = tf.keras.layers


class Resize(layers.Layer):
    """Scales to `size` (height, width) with the corners aligned, as the weights were trained."""

    def __init__(self, size, **options):
        super().__init__(**options)
        self.size = tuple(size)

    def call(self, inputs):
        return tf.compat.v1.image.resize(inputs, self.size, align_corners=True)  # bilinear

    def get_config(self):
        return dict(super().get_config(), size=self.size)


def build_network(size=INPUT_SIZE):
    """Pictures [n, size, size, 3] between -1 and 1 become logits [n, size, size, 151]."""
    pictures = layers.Input((size, size, 3))
    features, low_level = xception65(pictures)
    quarter, eighth = low_level.shape[1:3], features.shape[1:3]

    x = spatial_pyramid(features, eighth)
    x = Resize(quarter)(x)
    low_level = normalised(convolution(48, "feature_projection0")(low_level), "feature_projection0", 1e-5)
    x = layers.Concatenate()([x, relu(low_level)])
    x = separable(x, 256, "decoder_conv0", relu_after=True, epsilon=1e-5)
    x = separable(x, 256, "decoder_conv1", relu_after=True, epsilon=1e-5)
    x = layers.Conv2D(CLASSES, 1, name="logits_semantic")(x)
    return tf.keras.Model(pictures, Resize((size, size))(x), name="deeplabv3_xception65")


def xception65(x):
    """The features of the last block, an eighth of the picture's size, and those of the second, a quarter."""
    x = convolution(32, "entry_flow_conv1_1", kernel=3, stride=2)(x)
    x = relu(normalised(x, "entry_flow_conv1_1"))
    x = convolution(64, "entry_flow_conv1_2", kernel=3)(x)
    x = relu(normalised(x, "entry_flow_conv1_2"))

    x, _ = block(x, [128, 128, 128], "entry_flow_block1", "convolution", stride=2)
    x, low_level = block(x, [256, 256, 256], "entry_flow_block2", "convolution", stride=2)
    x, _ = block(x, [728, 728, 728], "entry_flow_block3", "convolution")
    for number in range(1, 17):
        x, _ = block(x, [728, 728, 728], f"middle_flow_unit_{number}", "sum", rate=2)
    x, _ = block(x, [728, 1024, 1024], "exit_flow_block1", "convolution", rate=2)
    x, _ = block(x, [1536, 1536, 2048], "exit_flow_block2", "none", rate=4, relu_after=True)
    return x, low_level


def block(inputs, filters, name, shortcut, stride=1, rate=1, relu_after=False):
    """Three separable convolutions and a shortcut past them; also gives what the second of them made."""
    x = first = separable(inputs, filters[0], name + "_separable_conv1", 1, rate, relu_after)
    x = second = separable(first, filters[1], name + "_separable_conv2", 1, rate, relu_after)
    x = separable(x, filters[2], name + "_separable_conv3", stride, rate, relu_after)
    if shortcut == "convolution":
        past = convolution(filters[2], name + "_shortcut", stride=stride)(inputs)
        x = layers.Add()([x, normalised(past, name + "_shortcut")])
    if shortcut == "sum":
        x = layers.Add()([x, inputs])
    return x, second


def spatial_pyramid(features, size):
    """Looks at the features from five distances: the whole picture, one pixel, and at the rates 12, 24 and 36."""
    whole = layers.GlobalAveragePooling2D()(features)
    whole = layers.Reshape((1, 1, features.shape[-1]))(whole)
    whole = relu(normalised(convolution(256, "image_pooling")(whole), "image_pooling", 1e-5))
    branches = [Resize(size)(whole), relu(normalised(convolution(256, "aspp0")(features), "aspp0", 1e-5))]
    for number, rate in enumerate((12, 24, 36), 1):
        branches.append(separable(features, 256, f"aspp{number}", 1, rate, relu_after=True, epsilon=1e-5))

    x = layers.Concatenate()(branches)
    x = relu(normalised(convolution(256, "concat_projection")(x), "concat_projection", 1e-5))
    return layers.Dropout(0.1)(x)


def separable(x, filters, name, stride=1, rate=1, relu_after=False, epsilon=1e-3):
    """A 3x3 convolution of each channel, then a 1x1 across them; activated before both, or after each."""
    if not relu_after:
        x = relu(x)
    if stride > 1:  # padded alike on all sides, which "same" is not when it strides
        x = layers.ZeroPadding2D(rate)(x)
    padding = "valid" if stride > 1 else "same"
    x = layers.DepthwiseConv2D(
        3, strides=stride, dilation_rate=rate, padding=padding, use_bias=False, name=name + "_depthwise"
    )(x)
    x = normalised(x, name + "_depthwise", epsilon)
    if relu_after:
        x = relu(x)
    x = normalised(convolution(filters, name + "_pointwise")(x), name + "_pointwise", epsilon)
    return relu(x) if relu_after else x


def convolution(filters, name, kernel=1, stride=1):
    return layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, name=name)


def normalised(x, name, epsilon=1e-3):
    return layers.BatchNormalization(epsilon=epsilon, name=name + "_BN")(x)


def relu(x):
    return layers.Activation("relu")(x)
