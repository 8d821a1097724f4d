"""How a picture becomes the network's input: the same in training, in evaluation and in the service."""

import struct

import numpy as np
from PIL import Image, ImageOps
from torchvision import transforms

SIZE = 128
# What the pretrained weights were trained with.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# 16-bit pictures, whose values Pillow would cut off at 255.
DEEP = ("I", "I;16", "I;16L", "I;16B")
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error, Image.DecompressionBombError)

to_input = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)])


def read_picture(file, name=None):
    """The picture in a file, upright, in colour, transparent parts white. Raises ValueError that says what is wrong."""
    try:
        picture = ImageOps.exif_transpose(Image.open(file))
    except UNREADABLE as error:
        reason = "its format is not known" if "cannot identify" in str(error) else str(error).rstrip(".")
        raise ValueError(f"{name or file} cannot be read as a picture: {reason}.") from error
    if picture.mode in DEEP:
        picture = Image.fromarray(np.clip(np.asarray(picture) / 257.0, 0, 255).astype("uint8"))
    if "A" in picture.mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def whole(picture):
    """The picture's middle as the network's input: seven eighths of the shorter side, at SIZE."""
    return to_input(ImageOps.fit(picture, (SIZE, SIZE), Image.BICUBIC, 1 / 16))


varied = transforms.Compose(
    [
        transforms.RandomResizedCrop(SIZE, scale=(0.3, 1)),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(0.3, 0.3, 0.3),
        to_input,
    ]
)
