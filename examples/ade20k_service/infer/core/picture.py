"""Pictures from files and to text."""

import base64

import cv2
import numpy as np
from PIL import Image, ImageOps
from skimage import img_as_ubyte
from skimage.color import gray2rgb

MOST_PIXELS = 50000000


class UnreadablePicture(ValueError):
    """The file is no picture, a damaged one, or too large."""


def read_picture(file):
    """An RGB array [height, width, 3] of a file of any kind: grey, with alpha, 16 bits deep, turned by its EXIF."""
    try:
        picture = Image.open(file)
    except (OSError, Image.DecompressionBombError) as error:
        raise UnreadablePicture("is no picture of a kind that can be read, or far too large") from error
    if picture.width * picture.height > MOST_PIXELS:
        raise UnreadablePicture(f"is a picture of more than {MOST_PIXELS // 1000000} million pixels")
    try:
        picture = ImageOps.exif_transpose(picture)
        picture.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise UnreadablePicture(f"is a damaged picture: {error}") from error
    if picture.mode.startswith("I"):  # 16 bits, which Pillow's own conversion would cut off at 255
        deep = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
        return gray2rgb(img_as_ubyte(deep))
    return np.asarray(picture.convert("RGB"))


def as_data_url(picture, kind):
    """The picture as text that a browser shows: data:image/png;base64,…"""
    encoded = cv2.imencode(f".{kind}", picture[:, :, ::-1])[1]
    return f"data:image/{kind};base64," + base64.b64encode(encoded.tobytes()).decode()
