"""DeepLabV3: what ResNet50 sees, looked at from several distances, becomes a class for every pixel."""

import mindspore.nn as nn
import mindspore.ops as ops

from .resnet import ResNet50, batch_norm, convolution

DEPTH = 256
EARLY_DEPTH, DECODER_DEPTH = 48, 128
ATROUS_RATES = {8: (12, 24, 36), 16: (6, 12, 18)}


def deeplabv3_resnet50(
    num_classes, feature_shape, image_pyramid, infer_scale_sizes, atrous_rates=None, decoder_output_stride=None,
    output_stride=16, fine_tune_batch_norm=False,
):  # fmt: skip
    """The network for batches of `feature_shape`, [N, C, H, W]."""
    return DeepLabV3(
        num_classes, tuple(feature_shape[2:]), tuple(image_pyramid or [1.0]), tuple(infer_scale_sizes or [1.0]),
        tuple(atrous_rates or ATROUS_RATES[output_stride]), decoder_output_stride, output_stride, fine_tune_batch_norm,
    )  # fmt: skip


class DeepLabV3(nn.Cell):
    """In training the logits at each scale of the image pyramid; else probabilities, the mean over `infer_scale_sizes`.

    Both are [N, classes, H, W], as large as the picture.
    """

    def __init__(
        self, num_classes, size, image_pyramid, infer_scale_sizes, atrous_rates, decoder_output_stride, output_stride,
        fine_tune_batch_norm,
    ):  # fmt: skip
        super().__init__()
        self.size = size
        self.image_pyramid = image_pyramid
        self.infer_scale_sizes = infer_scale_sizes
        self.decoder_output_stride = decoder_output_stride
        self.resnet = ResNet50(output_stride, fine_tune_batch_norm)
        self.aspp = ASPP(2048, atrous_rates, fine_tune_batch_norm)
        if decoder_output_stride:
            self.decoder = Decoder(fine_tune_batch_norm)
        self.classify = convolution(DECODER_DEPTH if decoder_output_stride else DEPTH, num_classes, has_bias=True)

    def construct(self, x):
        if self.training:
            logits = ()
            for scale in self.image_pyramid:
                logits += (self.logits_at(x, scale),)
            return logits
        total = 0.0
        for scale in self.infer_scale_sizes:
            total += ops.softmax(self.logits_at(x, scale), 1)
        return total / len(self.infer_scale_sizes)

    def logits_at(self, x, scale):
        size = scaled(self.size, scale)
        early, features = self.resnet(resized(x, size))
        features = self.aspp(features)
        if self.decoder_output_stride:
            features = self.decoder(features, early, scaled(size, 1.0 / self.decoder_output_stride))
        return resized(self.classify(features), self.size)


class ASPP(nn.Cell):
    """Atrous spatial pyramid pooling: each place, its surroundings at several distances, and the whole picture."""

    def __init__(self, inputs, atrous_rates, fine_tune_batch_norm):
        super().__init__()
        self.near = Branch(inputs, DEPTH, 1, 1, fine_tune_batch_norm)
        self.around = nn.CellList([Branch(inputs, DEPTH, 3, rate, fine_tune_batch_norm) for rate in atrous_rates])
        self.whole = Branch(inputs, DEPTH, 1, 1, fine_tune_batch_norm)
        self.join = Branch(DEPTH * (2 + len(atrous_rates)), DEPTH, 1, 1, fine_tune_batch_norm)

    def construct(self, x):
        branches = (self.near(x),)
        for branch in self.around:
            branches += (branch(x),)
        whole = self.whole(x.mean((2, 3), keep_dims=True))
        branches += (ops.broadcast_to(whole, branches[0].shape),)
        return self.join(ops.concat(branches, 1))


class Decoder(nn.Cell):
    """Sharper borders with the help of the early features, which are finer."""

    def __init__(self, fine_tune_batch_norm):
        super().__init__()
        self.early = Branch(256, EARLY_DEPTH, 1, 1, fine_tune_batch_norm)
        self.join = Branch(DEPTH + EARLY_DEPTH, DECODER_DEPTH, 3, 1, fine_tune_batch_norm)
        self.refine = Branch(DECODER_DEPTH, DECODER_DEPTH, 3, 1, fine_tune_batch_norm)

    def construct(self, features, early, size):
        early = resized(self.early(early), size)
        return self.refine(self.join(ops.concat((resized(features, size), early), 1)))


class Branch(nn.Cell):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inputs, outputs, kernel_size, dilation, fine_tune_batch_norm):
        super().__init__()
        self.conv = convolution(inputs, outputs, kernel_size, 1, dilation)
        self.bn = batch_norm(outputs, fine_tune_batch_norm)
        self.relu = nn.ReLU()

    def construct(self, x):
        return self.relu(self.bn(self.conv(x)))


def scaled(size, scale):
    """(height, width) at another scale, so that corners stay on corners."""
    return tuple([int((length - 1) * scale + 1) for length in size])


def resized(x, size):
    if x.shape[2:] == size:
        return x
    return ops.interpolate(x, size=size, mode="bilinear", align_corners=True)
