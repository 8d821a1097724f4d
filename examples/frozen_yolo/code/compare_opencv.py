"""Holds what demo.py found against OpenCV's own reader of darknet files: same pictures, same letter box, same objects?

--data_url is the folder with .cfg and .weights, --pictures that of the pictures, --found what demo.py has
written. --train_url gets opencv.json, what OpenCV finds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from darknet import pick, read_cfg
from model.boxes import overlaps
from model.pictures import letter_box, out_of_letter_box, read_picture


def main():
    options = read_options()
    data = Path(options.data_url)
    cfg = pick(data, options.cfg, ".cfg")
    names = pick(data, options.class_names, ".names").read_text(encoding="utf-8").splitlines()
    network, opencv = read_cfg(cfg), OpenCV(cfg, pick(data, cfg.with_suffix(".weights").name, ".weights"))
    found = json.loads((Path(options.found) / "detections.json").read_text())
    told = {}
    for name in found:
        picture = read_picture(str(Path(options.pictures) / name))
        boxed = letter_box(picture, network.width, network.height)
        classes, scores, boxes = opencv.find_objects(boxed, options.conf_threshold, options.iou_threshold)
        boxes = out_of_letter_box(boxes, picture.size, network.width, network.height).round(4).tolist()
        told[name] = [
            {"class": names[one], "score": round(score, 5), "box": box}
            for one, score, box in zip(classes, scores.tolist(), boxes)
            if box[0] < box[2] and box[1] < box[3]
        ]
    (Path(options.train_url) / "opencv.json").write_text(json.dumps(told, indent=1))
    alike = [one for name in found for one in compare(name, found[name], told[name])]
    print(f"{cfg.name}: {len(alike)} objects of the same classes, least IoU {min(alike):.5f}")


def compare(name, ours, theirs):
    """For each object of OpenCV how far the one found here overlaps with it."""
    classes = [sorted(one["class"] for one in objects) for objects in (ours, theirs)]
    if classes[0] != classes[1]:
        sys.exit(f"{name}: demo.py found {classes[0]}, OpenCV {classes[1]}")
    boxes = {kind: np.array([one["box"] for one in ours if one["class"] == kind]) for kind in classes[0]}
    return [overlaps(np.array(one["box"]), boxes[one["class"]]).max() for one in theirs]


class OpenCV:
    """The network in OpenCV, without the suppression that its [yolo] layers do by themselves."""

    def __init__(self, cfg, weights):
        # OpenCV 5 has no such reader any more.
        subprocess.check_call([sys.executable, "-m", "pip", "install", "opencv-python-headless>=4.5,<5"])
        import cv2

        self.dnn = cv2.dnn
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as plain:
            plain.write(cfg.read_text().replace("[yolo]", "[yolo]\nnms_threshold=0"))
            plain.flush()
            self.net = cv2.dnn.readNetFromDarknet(plain.name, str(weights))

    def find_objects(self, boxed, conf_threshold, iou_threshold):
        """Classes, scores and boxes (x0, y0, x1, y1) in a letter-boxed picture."""
        self.net.setInput(self.dnn.blobFromImage(boxed, 1 / 255))
        rows = np.concatenate(self.net.forward(self.net.getUnconnectedOutLayersNames()))
        centres, sizes = np.split(rows[:, :4] * np.tile(boxed.shape[1::-1], 2), 2, axis=1)
        places = np.hstack([centres - sizes / 2, sizes])
        classes, scores = rows[:, 5:].argmax(axis=1), rows[:, 5:].max(axis=1)
        kept = []
        for one in np.unique(classes[scores >= conf_threshold]):
            mine = np.flatnonzero(classes == one)
            best = self.dnn.NMSBoxes(places[mine].tolist(), scores[mine], conf_threshold, iou_threshold)
            kept += mine[np.ravel(best)].tolist()
        return classes[kept], scores[kept], np.hstack([centres - sizes / 2, centres + sizes / 2])[kept]


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data_url", "pictures", "found", "train_url"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--cfg", help="name of the .cfg, if there are several")
    parser.add_argument("--class_names", help="name of the .names, if there are several")
    parser.add_argument("--conf_threshold", type=float, default=0.5)
    parser.add_argument("--iou_threshold", type=float, default=0.4)
    return parser.parse_known_args()[0]


if __name__ == "__main__":
    main()
