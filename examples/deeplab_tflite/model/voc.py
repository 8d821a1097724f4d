"""The classes of PASCAL VOC, and masks in its colours."""

from PIL import Image

NAMES = [
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
]  # fmt: skip
VOID = 255  # pixels at the rim of things, which do not count


def colour(index):
    """Red, green and blue take turns with the bits of the class number, from the lowest."""
    red, green, blue = 0, 0, 0
    for bit in (128, 64, 32, 16, 8, 4, 2, 1):
        red += bit * (index & 1)
        green += bit * (index >> 1 & 1)
        blue += bit * (index >> 2 & 1)
        index >>= 3
    return red, green, blue


COLOURS = [colour(index) for index in range(256)]


def paint_mask(classes):
    """A palette picture whose values are the classes and whose colours are VOC's."""
    mask = Image.fromarray(classes)
    mask.putpalette([part for colour in COLOURS for part in colour])
    return mask
