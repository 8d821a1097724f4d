"""The network of the batching benchmark, as large as a ResNet18, and what is done before and after it.

All competitors run these functions, so that they differ in nothing but how they serve.
"""

import io

import numpy as np
import torch
from PIL import Image
from torch import nn

SIDE = 224
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)
STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))


class Block(nn.Module):
    def __init__(self, taken, given, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(taken, given, 3, stride, 1, bias=False), nn.BatchNorm2d(given), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(given, given, 3, 1, 1, bias=False), nn.BatchNorm2d(given))
        same = stride == 1 and taken == given
        self.beside = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(taken, given, 1, stride, bias=False), nn.BatchNorm2d(given))
        )

    def forward(self, pictures):
        return torch.relu(self.second(self.first(pictures)) + self.beside(pictures))


def make_network():
    """The network with weights by chance, the same each time."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for given, stride in STAGES:
        layers += [Block(width, given, stride), Block(given, given, 1)]
        width = given
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)).eval()


def read(content):
    """A picture as a tensor, without a batch axis."""
    return prepare(Image.open(io.BytesIO(content)))


def prepare(picture):
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    values = (np.asarray(small, dtype=np.float32) / 255 - MEAN) / DEVIATION
    return torch.from_numpy(values.transpose(2, 0, 1).copy())


def label(scores):
    best = int(scores.argmax())
    return {"label": best, "score": float(scores[best])}
