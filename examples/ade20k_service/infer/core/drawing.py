"""Classes as colours: over a picture, alone, and with a legend."""

import csv
from pathlib import Path

import cv2
import numpy as np

with Path(__file__).with_name("ade20k_classes.csv").open() as file:
    ROWS = list(csv.DictReader(file))
NAMES = [row["name"] for row in ROWS]
COLOURS = np.array([[row["red"], row["green"], row["blue"]] for row in ROWS], np.uint8)


def colour_classes(classes):
    """An RGB picture with the colour of every pixel's class."""
    return COLOURS[classes]


def blend(picture, classes, alpha):
    """The picture under its classes' colours; the larger alpha, the stronger the colours."""
    return cv2.addWeighted(colour_classes(classes), alpha, picture, 1 - alpha, 0)


def shares(classes):
    """(class, share of the picture) of every class in it, the largest first."""
    counts = np.bincount(classes.ravel(), minlength=len(NAMES))
    order = [number for number in np.argsort(-counts, kind="stable") if counts[number]]
    return [(number, counts[number] / classes.size) for number in order]


def draw_legend(picture, classes, most=8):
    """Writes the names and shares of the largest classes into the picture's upper left corner."""
    row = max(12, picture.shape[0] // 32)
    scale, margin = row / 32, row // 3
    lines = [(number, share) for number, share in shares(classes) if share >= 0.005][:most]
    words = [f"{NAMES[number]} {share:.0%}" for number, share in lines]
    width = max(cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0] for word in words)
    corner = picture[: row * len(lines) + 2 * margin, : width + row + 3 * margin]
    corner[:] = corner // 4  # dark, so that the words can be read
    for number, (class_, _) in enumerate(lines):
        top = margin + number * row
        colour = tuple(int(value) for value in COLOURS[class_])
        cv2.rectangle(picture, (margin, top + 2), (margin + row - 2, top + row - 2), colour, cv2.FILLED)
        place = (row + 2 * margin, top + row * 3 // 4)
        cv2.putText(picture, words[number], place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return picture
