"""Reads what a request holds. A RequestError says in a sentence what is wrong with it."""

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 25 * 1000 * 1000
Image.MAX_IMAGE_PIXELS = None  # MOST_PIXELS is stricter than Pillow's own limit, which first only warns


class RequestError(Exception):
    pass


def read_picture(data, field):
    """The one picture in this field, upright, in RGB."""
    files = data.get(field) if isinstance(data, dict) else None
    if not files:
        raise RequestError("There is no '%s'. Send one picture as the file '%s' of a form." % (field, field))
    if not isinstance(files, dict):
        raise RequestError("'%s' is text. Send the picture itself, as a file of a form." % field)
    if len(files) > 1:
        raise RequestError("'%s' holds %d pictures. Send one at a time." % (field, len(files)))
    name, file = next(iter(files.items()))
    try:
        return in_rgb(opened(name, file))
    except RequestError:
        raise
    except UnidentifiedImageError as error:
        raise RequestError("'%s' is not a picture, or of a kind that is not known here." % name) from error
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise RequestError("'%s' cannot be read as a picture: %s." % (name, reason)) from error


def opened(name, file):
    if not file.getbuffer().nbytes:
        raise RequestError("'%s' is empty." % name)
    picture = Image.open(file)
    if picture.width * picture.height > MOST_PIXELS:
        size = "%d × %d" % picture.size
        raise RequestError("'%s' has %s pixels; at most %d million are read." % (name, size, MOST_PIXELS // 1000000))
    picture.load()
    return picture


def in_rgb(picture):
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at 255
        picture = Image.fromarray((np.asarray(picture) / 257.0).clip(0, 255).astype(np.uint8))
    if "A" in picture.mode or "transparency" in picture.info:  # what is transparent is white
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def read_number(data, field, low, high, default):
    """The number in this field, which a form carries as text."""
    value = data.get(field, "")
    if value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not low <= number <= high:
        shown = "a file" if isinstance(value, dict) else "'%s'" % value
        raise RequestError("'%s' is %s. It takes a number from %s to %s." % (field, shown, low, high))
    return number
