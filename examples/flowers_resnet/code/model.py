"""ResNet34. Its weights have torchvision's names and shapes, so that files of either fit the other."""

import pickle

import torch
from torch import nn

BLOCKS = (3, 4, 6, 3)
WIDTHS = (64, 128, 256, 512)
# Files written before PyTorch 0.4.1 do not have these counters, and nothing is computed from them here.
COUNTER = "num_batches_tracked"


class Block(nn.Module):
    """Two 3x3 convolutions, to which their input is added."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or channels != width:
            self.downsample = nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet34(nn.Module):
    """Pictures (n, 3, height, width) in, one score for each class (n, classes) out."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages()
        self.fc = nn.Linear(WIDTHS[-1], classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(module, Block):
                nn.init.zeros_(module.bn2.weight)  # each block begins as its shortcut: learns faster from scratch

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


def stages():
    """The four groups of blocks; each but the first halves the picture."""
    channels = WIDTHS[0]
    for number, (blocks, width) in enumerate(zip(BLOCKS, WIDTHS)):
        first = Block(channels, width, stride=1 if number == 0 else 2)
        yield nn.Sequential(first, *(Block(width, width, stride=1) for _ in range(blocks - 1)))
        channels = width


def load_weights(network, path, leave_out=()):
    """Fills the network from a file of weights, but for the keys in `leave_out`. Says which keys do not fit."""
    weights = read_weights(path)
    wrong = list(differences(weights, network.state_dict(), leave_out))
    if wrong:
        raise ValueError("{} holds the weights of another network. Keys {}.".format(path, "; ".join(wrong)))
    network.load_state_dict({key: weights[key] for key in weights if key not in leave_out}, strict=False)


def read_weights(path):
    """The tensors of a file by their names."""
    try:
        weights = torch.load(str(path), map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError, ImportError, AttributeError) as error:
        raise ValueError(f"{path} is no file of weights, or not all of it is there: {error}") from error
    if isinstance(weights, dict) and all(isinstance(value, torch.Tensor) for value in weights.values()):
        return weights
    raise ValueError(f"{path} holds no weights by name. Save network.state_dict(), not the network.")


def differences(weights, own, leave_out):
    """What keeps weights from fitting: a sentence's part for keys missing, keys unknown, and other shapes."""
    wanted = {key for key in own if key not in leave_out and not key.endswith(COUNTER)}
    found = wanted & set(weights)
    for what, keys in (
        ("missing", wanted - found),
        ("unknown", set(weights) - set(own)),
        ("of another shape", {key for key in found if weights[key].shape != own[key].shape}),
    ):
        if keys:
            names = sorted(keys)[:4] + ["and more"] * (len(keys) > 4)
            yield "{} ({}): {}".format(what, len(keys), ", ".join(names))
