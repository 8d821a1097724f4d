"""Reads pictures as people see them, and fits them into the network's own size."""

import numpy as np
from PIL import Image, ImageOps

GREY = (128, 128, 128)


def read_picture(file):
    """The picture in a file: upright, in colour. Raises ValueError with half a sentence if it cannot be read."""
    try:
        picture = Image.open(file)
    except Exception as error:
        known = "cannot identify" in str(error)
        raise ValueError("is no picture of a known kind" if known else f"cannot be opened: {error}") from error
    try:
        picture.load()
        return in_colour(ImageOps.exif_transpose(picture))
    except Exception as error:
        raise ValueError(f"is damaged or cut off: {error}") from error


def in_colour(picture):
    """Pillow cuts 16-bit grey off at 255 instead of scaling it, so that is done here."""
    if picture.mode.startswith("I"):
        picture = Image.fromarray((np.asarray(picture) // 257).clip(0, 255).astype(np.uint8))
    return picture.convert("RGB")


def letter_box(picture, width, height):
    """The whole picture, as large as it goes, in the middle of a grey one of this size."""
    left, top, inner_width, inner_height = letter_box_place(picture.size, width, height)
    boxed = Image.new("RGB", (width, height), GREY)
    boxed.paste(picture.resize((inner_width, inner_height), Image.BILINEAR), (left, top))
    return np.asarray(boxed)


def letter_box_place(size, width, height):
    """Where a picture of this size lies in the letter box: left, top, width, height."""
    scale = min(width / size[0], height / size[1])
    inner_width, inner_height = (max(1, round(side * scale)) for side in size)
    return (width - inner_width) // 2, (height - inner_height) // 2, inner_width, inner_height


def out_of_letter_box(boxes, size, width, height):
    """Boxes (x0, y0, x1, y1) in the letter box as boxes in the picture of this size, none beyond its edges."""
    left, top, inner_width, inner_height = letter_box_place(size, width, height)
    scale = np.divide(size, [inner_width, inner_height])
    return ((boxes - [left, top, left, top]) * np.tile(scale, 2)).clip(0, np.tile(size, 2))
