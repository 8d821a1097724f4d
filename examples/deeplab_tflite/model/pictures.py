"""Reads the fields of a request. Whatever is wrong with one is a RequestError, in words for whoever sent it."""

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 25 * 1000 * 1000
LONGEST_SIDE = 65500  # of a JPEG
Image.MAX_IMAGE_PIXELS = None  # instead of Pillow's own limit, which only warns


class RequestError(Exception):
    """What is wrong with a request."""


def read_picture(data, field):
    """The one picture in this field: upright, in RGB."""
    files = data.get(field) if isinstance(data, dict) else None
    if not files:
        raise RequestError(f"There is no '{field}'. Send one picture as the file '{field}' of a form.")
    if not isinstance(files, dict):
        raise RequestError(f"'{field}' is text. Send the picture itself, as a file of the form.")
    if len(files) > 1:
        raise RequestError(f"'{field}' holds {len(files)} pictures ({', '.join(files)}). Send one at a time.")
    name, file = next(iter(files.items()))
    try:
        return to_rgb(open_picture(name, file))
    except RequestError:
        raise
    except UnidentifiedImageError as error:
        raise RequestError(f"'{name}' is no picture, or of a kind that is not known here.") from error
    except Exception as error:  # Pillow's readers raise whatever their format's code runs into
        raise RequestError(f"'{name}' cannot be read as a picture: {error or type(error).__name__}.") from error


def open_picture(name, file):
    if not file.getbuffer().nbytes:
        raise RequestError(f"'{name}' is empty.")
    picture = Image.open(file)
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise RequestError(
            f"'{name}' has {width} × {height} pixels. "
            f"At most {MOST_PIXELS // 1000000} million are taken, {LONGEST_SIDE} at a side."
        )
    picture.load()
    return picture


def to_rgb(picture):
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at 255
        picture = Image.fromarray(np.clip(np.asarray(picture) / 257, 0, 255).astype(np.uint8))
    if "A" in picture.mode or "transparency" in picture.info:  # what is transparent is seen on white
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def read_number(data, field, low, high, default):
    """The number in this field, within its limits; forms carry it as text."""
    value = data.get(field, "")
    if value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not low <= number <= high:
        raise RequestError(f"'{field}' is {shown(value)}. It takes a number from {low} to {high}.")
    return number


def read_choice(data, field, choices, default):
    """The text in this field, which must be one of these."""
    value = data.get(field, "")
    if value == "":
        return default
    if value not in choices:
        raise RequestError(f"'{field}' is {shown(value)}. It takes {' or '.join(choices)}.")
    return value


def shown(value):
    return f"'{value}'" if isinstance(value, str) else "a file"
