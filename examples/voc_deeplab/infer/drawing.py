"""Classes in VOC's names and colours, and pictures in the answer."""

import base64
import io

import numpy as np
from PIL import Image

NAMES = [
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
]  # fmt: skip


def colour(index):
    """VOC's colour of a class: its three lowest bits are the highest of red, green and blue, and so on."""
    parts = [0, 0, 0]
    for bit in range(24):
        parts[bit % 3] |= (index >> bit & 1) << 7 - bit // 3
    return parts


def paint_mask(classes):
    """A picture with a class number in each pixel, shown in VOC's colours."""
    mask = Image.fromarray(classes.astype(np.uint8))
    mask.putpalette([part for index in range(256) for part in colour(index)])
    return mask


def paint_over(picture, mask, alpha):
    """The picture with the mask's colours laid over everything but the background."""
    things = Image.fromarray(np.where(np.asarray(mask) > 0, round(255 * alpha), 0).astype(np.uint8))
    return Image.composite(mask.convert("RGB"), picture, things)


def as_base64(picture, format, **options):
    file = io.BytesIO()
    picture.save(file, format, **options)
    return base64.b64encode(file.getvalue()).decode()
