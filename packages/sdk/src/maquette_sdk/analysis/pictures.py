"""Measures pictures one after another: brightness, clarity, size, shape and colours, also inside boxes.

Only figures are kept, so memory does not grow with the number of pictures. Pictures are opened by Pillow, or by
OpenCV where that is what the engine has.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

logger = logging.getLogger("deep_moxing")

FEATURES = (
    "image_brightness", "ambiguity", "image_resolution", "image_aspect_ratio", "image_saturation", "image_colorfulness",
)  # fmt: skip
BOX_FEATURES = ("box_brightness", "box_ambiguity")

MOST_PIXELS_A_SIDE = 1024
"""A larger JPEG is decoded at a half, a quarter or an eighth of its size: four to sixty times faster."""

AT_ONCE = 512
"""So many pictures are handed to the threads at a time."""


class Measured:
    """`features`: values by name, one for each picture, NaN where it could not be opened. `sizes`: (height, width)."""

    def __init__(self, count: int) -> None:
        self.features: Dict[str, Any] = {name: np.full(count, np.nan) for name in FEATURES}
        self.sizes = np.full((count, 2), np.nan)
        self.boxes: List[Any] = [None] * count
        self.opened = np.zeros(count, bool)


def measure(names: Sequence[Any], boxes: Optional[Sequence[Any]] = None, shares: bool = False) -> Optional[Measured]:
    """Features of the pictures and, given boxes (ymin, xmin, ymax, xmax), of those; None where none can be opened.

    `shares`: boxes lie between 0 and 1.
    """
    read = _reader()
    if not len(names) or read is None:
        logger.warning(
            "Sensitivity to pictures is not analysed: %s.",
            "name_list is empty" if read else "the engine has neither Pillow nor OpenCV to open pictures with",
        )
        return None
    measured, failed = Measured(len(names)), []
    places = [place_of(name) for name in names]
    for index, found in enumerate(_all(read, places, boxes, shares)):
        if isinstance(found, Exception):
            failed.append((places[index], found))
            continue
        values, measured.sizes[index], measured.boxes[index] = found
        measured.opened[index] = True
        for name, value in zip(FEATURES, values):
            measured.features[name][index] = value
    _tell_failed(failed, len(names))
    return measured if measured.opened.any() else None


def place_of(name: Any) -> str:
    """The path of a picture, also where a script left torchvision's (path, class) in its list."""
    if isinstance(name, (tuple, list)) and len(name):
        name = name[0]
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _tell_failed(failed: List[Tuple[str, Exception]], count: int) -> None:
    if not failed:
        return
    place, error = failed[0]
    logger.warning(
        "%s: %d of %d pictures could not be opened. The first is %s (%s: %s).",
        "Sensitivity to pictures is not analysed" if len(failed) == count else "Sensitivity leaves pictures out",
        len(failed), count, place, type(error).__name__, error,
    )  # fmt: skip


def _all(
    read: Callable[[str], Any], places: Sequence[str], boxes: Optional[Sequence[Any]], shares: bool
) -> Iterator[Any]:
    """What was found in each picture, in their order: features, size and box features, or the error."""

    def look(index: int) -> Any:
        try:
            return _look(read(places[index]), None if boxes is None else boxes[index], shares)
        except Exception as error:  # noqa: BLE001  damaged files raise almost anything; the caller counts and tells them
            return error

    with ThreadPoolExecutor(_threads()) as threads:
        for start in range(0, len(places), AT_ONCE):
            for found in threads.map(look, range(start, min(start + AT_ONCE, len(places)))):
                yield found


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


def _look(picture: Tuple[Any, Any, int, int], boxes: Any, shares: bool) -> Any:
    """Features of a picture (grey values, colours at fewer pixels, true height and width) and of boxes in it."""
    grey, colours, height, width = picture
    edges = laplacian(grey)
    values = (
        grey.mean(), variance(edges), height * width, width / height, saturation(colours), colorfulness(colours),
    )  # fmt: skip
    if boxes is None:
        return values, (height, width), None
    scale = np.array(grey.shape * 2) / (1.0 if shares else np.array([height, width] * 2))
    inside = np.array([_look_at_box(grey, edges, box) for box in boxes * scale])
    return values, (height, width), inside


def _look_at_box(grey: Any, edges: Any, box: Any) -> Tuple[float, float]:
    """Brightness and clarity inside a box."""
    top, left, bottom, right = box.round().astype(int)
    part = grey[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    inner = edges[max(top, 0) : max(bottom - 2, 0), max(left, 0) : max(right - 2, 0)]
    return (part.mean() if part.size else np.nan), (variance(inner) if inner.size else np.nan)


def laplacian(grey: Any) -> Any:
    """Second differences inside the picture: large where it is sharp. Nothing for one under 3 pixels a side."""
    if min(grey.shape) < 3:
        return np.zeros((0, 0), np.int16)
    values = grey.astype(np.int16)
    edges = values[:-2, 1:-1] + values[2:, 1:-1]
    edges += values[1:-1, :-2]
    edges += values[1:-1, 2:]
    edges -= 4 * values[1:-1, 1:-1]
    return edges


def variance(values: Any) -> float:
    """Row by row in short numbers, which is four times faster than numpy's own and as exact."""
    if not values.size:
        return 0.0
    rows = values.astype(np.float32)
    mean = values.sum(dtype=np.int64) / values.size
    return float(np.einsum("ij,ij->i", rows, rows).sum(dtype=np.float64) / values.size - mean * mean)


def saturation(colours: Any) -> float:
    """Mean saturation as in HSV, from 0 (grey) to 1."""
    red, green, blue = (colours[:, :, channel] for channel in range(3))
    most = np.maximum(np.maximum(red, green), blue).astype(np.float32)
    span = most - np.minimum(np.minimum(red, green), blue)
    return float(np.divide(span, most, out=np.zeros_like(most), where=most > 0).mean())


def colorfulness(colours: Any) -> float:
    """Hasler and Süsstrunk's measure: 0 for grey pictures, about 80 for very colourful ones."""
    red, green, blue = (colours[:, :, channel].astype(np.float32) for channel in range(3))
    first, second = red - green, (red + green) / 2 - blue
    spread = np.hypot(first.std(), second.std())
    return float(spread + 0.3 * np.hypot(first.mean(), second.mean()))


def _reader() -> Optional[Callable[[str], Any]]:
    for module, read in (("PIL.Image", _read_by_pillow), ("cv2", _read_by_opencv)):
        try:
            importlib.import_module(module)
        except ImportError:
            continue
        return read
    return None


def _read_by_pillow(place: str) -> Tuple[Any, Any, int, int]:
    from PIL import Image

    with Image.open(_file(place)) as picture:
        width, height = picture.size
        if max(width, height) > MOST_PIXELS_A_SIDE:
            picture.draft(None, (MOST_PIXELS_A_SIDE, MOST_PIXELS_A_SIDE))
        if picture.mode[0] in "IF":  # 16 and 32 bit: Pillow's conversion would cut off instead of scaling
            grey = _eight_bits(np.asarray(picture))
            return grey, np.stack([grey[::4, ::4]] * 3, 2), height, width
        colours = picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
        grey = np.asarray(colours if colours.mode == "L" else colours.convert("L"))
        few = np.asarray(colours.convert("RGB"))[::4, ::4]
        return grey, few, height, width


def _read_by_opencv(place: str) -> Tuple[Any, Any, int, int]:
    cv2: Any = importlib.import_module("cv2")
    data = np.frombuffer(_file(place).read(), np.uint8)
    colours = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if colours is None:
        raise OSError("no picture that OpenCV knows, or a damaged one")
    grey = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    return grey, colours[::4, ::4, ::-1], grey.shape[0], grey.shape[1]


def _eight_bits(values: Any) -> Any:
    values = values.astype(np.float32)
    most = 65535.0 if values.max() > 255 else 255.0
    return np.clip(values * (255 / most), 0, 255).astype(np.uint8)


def _file(place: str) -> Any:
    """The picture's bytes, also from a bucket."""
    if place.startswith(("obs:/", "s3:/")):
        from moxing.framework import file

        return io.BytesIO(file.read(place, binary=True))
    with open(place, "rb") as opened:
        return io.BytesIO(opened.read())
