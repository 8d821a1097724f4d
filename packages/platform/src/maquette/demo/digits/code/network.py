"""The network, and how it wants its images: shared by training and service."""

import numpy as np
from torch import nn

SIZE = 32


def read_image(image):
    """A PIL image as float32 (3, SIZE, SIZE) between 0 and 1."""
    pixels = np.asarray(image.convert("RGB").resize((SIZE, SIZE)), dtype=np.float32) / 255
    return pixels.transpose(2, 0, 1)


def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)
    )


class SmallNet(nn.Module):
    """Three convolutions and a linear layer: (n, 3, 32, 32) to class scores (n, classes)."""

    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(block(3, 16), block(16, 32), block(32, 64))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(64 * 4 * 4, classes))

    def forward(self, images):
        return self.head(self.features(images))
