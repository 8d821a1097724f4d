"""Sends folders of pictures to the service, counts the right answers; asks the network directly too, and compares."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import requests
from model.classifier import Classifier, read_labels
from model.pictures import to_rgb
from PIL import Image

KINDS = {"cat": slice(281, 286), "dog": slice(151, 269)}  # ImageNet knows kinds of cats and dogs

parser = argparse.ArgumentParser()
parser.add_argument("--data_url", type=Path, help="a folder of pictures for each class")
parser.add_argument("--train_url", type=Path, help="takes metric.json")
parser.add_argument("--address", help="of the service")
parser.add_argument("--package", type=Path, default=Path(__file__).parent / "output/model")
options, _ = parser.parse_known_args()

session = requests.Session()
labels = read_labels(options.package / "classes.txt")
classifier = Classifier(options.package / "squeezenet.onnx", labels)


def ask_service(file):
    answer = session.post(options.address, files={"images": (file.name, file.read_bytes())}, timeout=60).json()
    if "scores" not in answer:
        raise SystemExit(f"{file.name}: {answer}")
    return answer["scores"]


def ask_network(file):
    """The same by the same steps, without a service."""
    return classifier.best(to_rgb(Image.open(file)), min(5, len(labels)))


def timed(question, files):
    """The answers for all files, and the median of the milliseconds that each took."""
    answers, milliseconds = [], []
    for file in files:
        began = time.perf_counter()
        answers.append(question(file))
        milliseconds.append((time.perf_counter() - began) * 1000)
    return answers, np.median(milliseconds)


def right_labels(folder):
    """The labels that are right for a picture in a folder of this name."""
    return {folder} if folder in labels else set(labels[KINDS[folder]])


files = sorted(file for file in options.data_url.glob("*/*") if file.is_file())
answers, over_http = timed(ask_service, files)
same, direct = timed(ask_network, files)  # afterwards: the threads of the two would hinder one another

folders = np.array([file.parent.name for file in files])
right = [[label in right_labels(folder) for label, _ in answer] for folder, answer in zip(folders, answers)]
first, among_five = np.array([row[0] for row in right]), np.array([any(row) for row in right])
for folder in np.unique(folders):
    here = folders == folder
    print(
        f"{folder:10} {here.sum():4} pictures, {first[here].mean():.3f} first, {among_five[here].mean():.3f} among five"
    )
print(f"accuracy {first.mean():.4f}, among the first five {among_five.mean():.4f}")
print(f"{len(files)} pictures: {over_http:.1f} ms each over HTTP, {direct:.1f} ms without it")
unequal = sum(one != other for one, other in zip(answers, same))
print(f"{unequal} answers differ between the service and the network asked directly")
metric = {"total_metric": {"total_metric_values": {"accuracy": first.mean(), "top_5": among_five.mean()}}}
(options.train_url / "metric.json").write_text(json.dumps(metric))
