"""ResNet50 as a backbone: its last stages look further instead of making the picture smaller."""

import mindspore.nn as nn

# Blocks of each stage, and their inner width.
STAGES = ((3, 64), (4, 128), (6, 256), (3, 512))
# Stride and dilation of each stage, by how much smaller than the picture the last features are.
STRIDES = {8: ((1, 1), (2, 1), (1, 2), (1, 4)), 16: ((1, 1), (2, 1), (2, 1), (1, 2))}
EXPANSION = 4
# Batch statistics are averaged over some ten steps, so that they are right after a short training too.
BATCH_NORM_MOMENTUM = 0.8


def convolution(inputs, outputs, kernel_size=1, stride=1, dilation=1, has_bias=False):
    """A convolution that changes the size by its stride alone."""
    return nn.Conv2d(
        inputs, outputs, kernel_size, stride, pad_mode="pad", padding=dilation * (kernel_size - 1) // 2,
        dilation=dilation, has_bias=has_bias, weight_init="HeNormal",
    )  # fmt: skip


def batch_norm(channels, fine_tune_batch_norm):
    """Without `fine_tune_batch_norm` the statistics of the checkpoint are used, and stay as they are."""
    use_batch_statistics = None if fine_tune_batch_norm else False  # None: of the batch in training, else the averages
    return nn.BatchNorm2d(channels, momentum=BATCH_NORM_MOMENTUM, use_batch_statistics=use_batch_statistics)


class Bottleneck(nn.Cell):
    def __init__(self, inputs, width, stride, dilation, fine_tune_batch_norm):
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = convolution(inputs, width)
        self.bn1 = batch_norm(width, fine_tune_batch_norm)
        self.conv2 = convolution(width, width, 3, stride, dilation)
        self.bn2 = batch_norm(width, fine_tune_batch_norm)
        self.conv3 = convolution(width, outputs)
        self.bn3 = batch_norm(outputs, fine_tune_batch_norm)
        self.relu = nn.ReLU()
        self.shortcut = nn.SequentialCell()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.SequentialCell(
                convolution(inputs, outputs, 1, stride), batch_norm(outputs, fine_tune_batch_norm)
            )

    def construct(self, x):
        kept = self.shortcut(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return self.relu(self.bn3(self.conv3(x)) + kept)


class ResNet50(nn.Cell):
    """Pictures in, features out: those of the first stage, a quarter of the picture's size, and those of the last.

    Every parameter has `layer` in its name. Fine-tuning freezes the backbone by that word.
    """

    def __init__(self, output_stride, fine_tune_batch_norm):
        super().__init__()
        self.layer0 = nn.SequentialCell(
            convolution(3, 64, 7, 2), batch_norm(64, fine_tune_batch_norm), nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2, pad_mode="same"),
        )  # fmt: skip
        inputs, stages = 64, []
        for (blocks, width), (stride, dilation) in zip(STAGES, STRIDES[output_stride]):
            cells = []
            for number in range(blocks):
                cells.append(Bottleneck(inputs, width, stride if number == 0 else 1, dilation, fine_tune_batch_norm))
                inputs = width * EXPANSION
            stages.append(nn.SequentialCell(*cells))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages

    def construct(self, x):
        early = self.layer1(self.layer0(x))
        return early, self.layer4(self.layer3(self.layer2(early)))
