"""Sends a part of VOC to the service and judges its masks; asks the network directly too, and compares."""

import argparse
import base64
import io
import json
import time
from pathlib import Path

import numpy as np
import requests
from model.pictures import to_rgb
from model.segmenter import Segmenter
from model.voc import NAMES, VOID, paint_mask
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--data_url", type=Path, help="pictures and masks in VOC's layout")
parser.add_argument("--train_url", type=Path, help="takes metric.json")
parser.add_argument("--address", help="of the service")
parser.add_argument("--part", default="val", help="which list of ImageSets/Segmentation")
parser.add_argument("--network", type=Path, default=Path(__file__).parent / "output/model/deeplab.tflite")
options, _ = parser.parse_known_args()

session = requests.Session()


def ask_service(file):
    """The mask that the service finds."""
    answer = session.post(options.address, files={"image": (file.name, file.read_bytes())}, timeout=60).json()
    if "mask" not in answer:
        raise SystemExit(f"{file.name}: {answer}")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["mask"]))))


def ask_network(segmenter, file):
    """The same by the same steps, without a service: from the file to a PNG."""
    classes = segmenter.segment(to_rgb(Image.open(file)))
    paint_mask(classes).save(io.BytesIO(), "PNG")
    return classes


def timed(question, *arguments):
    began = time.perf_counter()
    return question(*arguments), (time.perf_counter() - began) * 1000


def count_pixels(truth, found):
    """How many pixels of each class (rows) were found to be of each class (columns)."""
    counted = truth != VOID
    pairs = truth[counted].astype(int) * len(NAMES) + found[counted]
    return np.bincount(pairs, minlength=len(NAMES) ** 2).reshape(len(NAMES), -1)


def report(histogram, pictures):
    """Accuracy and mean IoU from the histogram of all pictures; the mean is over the classes that the masks hold."""
    right = np.diag(histogram)
    iou = right / np.maximum(histogram.sum(axis=0) + histogram.sum(axis=1) - right, 1)
    for index in np.flatnonzero(pictures):
        print(f"{NAMES[index]:12} in {pictures[index]:3} pictures, IoU {iou[index]:.3f}")
    figures = {"accuracy": right.sum() / histogram.sum(), "miou": iou[pictures > 0].mean()}
    print("pixel accuracy {accuracy:.4f}, mIoU {miou:.4f}".format(**figures))
    often = pictures >= 5
    if 1 < often.sum() < (pictures > 0).sum():
        print(f"mIoU {iou[often].mean():.4f} over the {often.sum()} classes in 5 pictures or more")
    metric = {"total_metric": {"total_metric_values": figures}}
    (options.train_url / "metric.json").write_text(json.dumps(metric))


segmenter = Segmenter(options.network, len(NAMES))
histogram, pictures = np.zeros((len(NAMES), len(NAMES)), int), np.zeros(len(NAMES), int)
over_http, direct, unequal = [], [], 0
names = (options.data_url / f"ImageSets/Segmentation/{options.part}.txt").read_text().split()
for name in names:
    file = options.data_url / f"JPEGImages/{name}.jpg"
    truth = np.asarray(Image.open(options.data_url / f"SegmentationClass/{name}.png"))
    found, milliseconds = timed(ask_service, file)
    over_http.append(milliseconds)
    same, milliseconds = timed(ask_network, segmenter, file)
    direct.append(milliseconds)
    unequal += int((found != same).sum())
    histogram += count_pixels(truth, found)
    pictures[np.intersect1d(truth, np.arange(len(NAMES)))] += 1

report(histogram, pictures)
print(f"{len(names)} pictures: {np.median(over_http):.1f} ms each over HTTP, {np.median(direct):.1f} ms without it")
print(f"{unequal} pixels differ between the service and the network asked directly")
