"""Trains a small network on a folder of images, one sub-folder per class, the ModelArts way.

    train.py --data_url=s3://bucket/images/ --train_url=s3://bucket/output/V0001/ [--epochs=15]

Leaves in train_url: `metric.json`, and `model/`, a package that is ready to deploy.
"""

import argparse
import json
import os
import random
import shutil

import moxing as mox
import numpy as np
import torch
from PIL import Image
from torch import nn

from network import SIZE, SmallNet, read_image

PACKAGE_FILES = ("customize_service.py", "network.py", "config.json")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data_url", required=True)
    parser.add_argument("--train_url", required=True)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_known_args()[0]


def read_folder(folder):
    """All images as an array (n, 3, SIZE, SIZE), their class numbers, and the class names."""
    classes = sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name)))
    images, labels = [], []
    for number, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(folder, name))):
            images.append(read_image(Image.open(os.path.join(folder, name, file))))
            labels.append(number)
    return torch.from_numpy(np.stack(images)), torch.tensor(labels), classes


def shifted(batch):
    """The batch moved by up to two pixels in each direction: the same digit, another picture."""
    down, right = random.randint(-2, 2), random.randint(-2, 2)
    return torch.roll(batch, (down, right), (2, 3))


def accuracy(net, images, labels):
    net.eval()
    with torch.no_grad():
        return (net(images).argmax(1) == labels).float().mean().item()


def main():
    arguments = parse_arguments()
    random.seed(arguments.seed)
    torch.manual_seed(arguments.seed)

    mox.file.copy_parallel(arguments.data_url, "/cache/data")
    images, labels, classes = read_folder("/cache/data")
    order = torch.randperm(len(images))
    held_out = len(images) // 5
    check, learn = order[:held_out], order[held_out:]
    print("%d images of %d classes, %d held out" % (len(images), len(classes), held_out))

    net = SmallNet(len(classes))
    optimizer = torch.optim.Adam(net.parameters(), arguments.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, arguments.epochs)
    for epoch in range(arguments.epochs):
        net.train()
        total = 0.0
        for batch in learn[torch.randperm(len(learn))].split(arguments.batch_size):
            loss = nn.functional.cross_entropy(net(shifted(images[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        schedule.step()
        print("epoch %d loss: %.4f" % (epoch + 1, total / len(learn)), flush=True)

    result = accuracy(net, images[check], labels[check])
    print("accuracy on held-out images: %.4f" % result)
    save("/cache/output", net, classes, result)
    mox.file.copy_parallel("/cache/output", arguments.train_url)


def save(folder, net, classes, result):
    """The figure for the job's page, and the package for the service."""
    package = os.path.join(folder, "model")
    os.makedirs(package, exist_ok=True)
    with open(os.path.join(folder, "metric.json"), "w") as file:
        json.dump({"total_metric": {"total_metric_values": {"accuracy": result}}}, file)
    torch.save(net.state_dict(), os.path.join(package, "digits.pth"))
    with open(os.path.join(package, "classes.json"), "w") as file:
        json.dump(classes, file)
    here = os.path.dirname(os.path.abspath(__file__))
    for name in PACKAGE_FILES:
        shutil.copy(os.path.join(here, name), package)


if __name__ == "__main__":
    main()
