"""The pictures of the archive as arrays."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

UNREADABLE = (OSError, EOFError, RuntimeError, SyntaxError, TypeError, ValueError)  # what Pillow's decoders raise


class NoPictures(Exception):
    """The data is not as make_data.py packs it."""


def unpack(folder):
    """Unpacks the archive that lies in the folder; gives the names of its classes."""
    files = sorted(path.name for path in Path(folder).glob("*"))
    archives = [name for name in files if name.endswith(".tar.gz")]
    if len(archives) != 1:
        raise NoPictures(f"data_url must hold one .tar.gz of pictures. It holds: {', '.join(files) or 'nothing'}")
    if os.system(f"cd {folder}; tar -xzf '{archives[0]}'") != 0:
        raise NoPictures(f"{archives[0]} cannot be unpacked: is it complete?")
    classes = sorted(path.name for path in Path(folder, "train").glob("*"))
    if len(classes) < 2:
        raise NoPictures(f"{archives[0]} must hold train/CLASS, val/CLASS and test/CLASS for two classes or more.")
    return classes


def read(folder, part, classes, size):
    """All pictures of a part, `size` wide and high, as bytes, and the number of each one's class."""
    images, labels = [], []
    for number, name in enumerate(classes):
        for path in sorted(Path(folder, part, name).glob("*")):
            try:
                picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            except UNREADABLE as problem:
                print(f"left out: {path}: {problem}")
                continue
            images.append(np.asarray(picture.resize((size, size), Image.BILINEAR)))
            labels.append(number)
    if not images:
        raise NoPictures(f"The archive has no pictures in {part}/{classes[0]}.")
    print(f"{part}: {len(images)} pictures")
    return np.stack(images), np.array(labels)


def mirrored_too(part):
    images, labels = part
    return np.concatenate([images, images[:, :, ::-1]]), np.concatenate([labels, labels])
