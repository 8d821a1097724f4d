"""Mends torchvision where torch has no CUDA: its compiled operators then cannot be loaded.

The wheels of torchvision on PyPI are linked with CUDA. Beside a CPU build of torch their library does not load, and
importing torchvision fails at the first use of `torchvision::nms`. Here the operators that importing needs are
defined, `nms` gets an implementation in plain torch, and the picture functions of `torchvision.io` one in Pillow.
`roi_align` takes torchvision's own Python form, without the compiler it would start for it; the other operators keep
torchvision's error.
Nothing happens where torchvision could load its library.
"""

from __future__ import annotations

import io
from importlib import import_module
from types import ModuleType
from typing import Any

MODES = {0: None, 1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
ROIS_AT_ONCE = 64  # The Python form of roi_align holds every sampled point of these in memory.
DEFINED: list[Any] = []  # libraries: their operators live as long as they do


def define_operators(extension: ModuleType) -> None:
    """After `torchvision.extension`: define what it could not load."""
    if not lacks(extension, "_has_ops"):
        return
    Library = import_module("torch.library").Library

    library = Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", nms, "CPU")
    DEFINED.append(library)


def allow_nms(boxes: ModuleType) -> None:
    """After `torchvision.ops.boxes`: its check for the library would refuse our `nms`."""
    if DEFINED:
        boxes._assert_has_ops = lambda: None  # type: ignore[attr-defined]


def calm_roi_align(module: ModuleType) -> None:
    """After `torchvision.ops.roi_align`: run its Python form as it is; compiling it takes half a minute."""
    compiling = getattr(module, "_roi_align", None)
    plain = getattr(compiling, "__wrapped__", None)
    if not DEFINED or plain is None:
        return

    def roi_align(image: Any, rois: Any, *options: Any) -> Any:
        torch = import_module("torch")

        parts = [plain(image, part, *options) for part in rois.split(ROIS_AT_ONCE)]
        return torch.cat(parts)

    module._roi_align = roi_align  # type: ignore[attr-defined]
    module.is_compile_supported = lambda device: True  # type: ignore[attr-defined]


def define_image_operators(image: ModuleType) -> None:
    """After `torchvision.io.image`: read and write pictures with Pillow."""
    if not DEFINED or not lacks(image, "_has_image_ops"):
        return
    Library = import_module("torch.library").Library

    library = Library("image", "DEF")
    for schema, function in (
        ("read_file(str path) -> Tensor", read_file),
        ("write_file(str path, Tensor data) -> ()", write_file),
        ("decode_image(Tensor data, int mode, bool apply_exif) -> Tensor", decode),
        ("decode_jpeg(Tensor data, int mode, bool apply_exif) -> Tensor", decode),
        ("decode_png(Tensor data, int mode, bool apply_exif) -> Tensor", decode),
        ("decode_webp(Tensor data, int mode) -> Tensor", decode),
        ("encode_jpeg(Tensor image, int quality) -> Tensor", encode_jpeg),
        ("encode_png(Tensor image, int level) -> Tensor", encode_png),
    ):
        library.define(schema)
        library.impl(schema.split("(")[0], function, "CompositeExplicitAutograd")
    DEFINED.append(library)
    image._has_image_ops = lambda: True  # type: ignore[attr-defined]


def lacks(module: ModuleType, question: str) -> bool:
    """Old releases do not have the question; theirs load with the CUDA build of torch that they need."""
    ask = getattr(module, question, None)
    return ask is not None and not ask()


def nms(boxes: Any, scores: Any, threshold: float) -> Any:
    """Indices of the boxes kept, best score first; a box goes when it overlaps a better one by more than threshold."""
    torch = import_module("torch")

    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = scores.sort(descending=True, stable=True).indices
    kept = []
    while left.numel():
        best, left = left[0], left[1:]
        kept.append(best)
        low = torch.maximum(boxes[best, :2], boxes[left, :2])
        high = torch.minimum(boxes[best, 2:], boxes[left, 2:])
        overlap = (high - low).clamp(min=0).prod(dim=1)
        left = left[overlap / (areas[best] + areas[left] - overlap) <= threshold]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.int64)


def read_file(path: str) -> Any:
    with open(path, "rb") as file:
        return tensor_of_bytes(file.read())


def write_file(path: str, data: Any) -> None:
    with open(path, "wb") as file:
        file.write(data.numpy().tobytes())


def decode(data: Any, mode: int, apply_exif: bool = False) -> Any:
    """A picture's bytes as a uint8 tensor of (channels, height, width)."""
    numpy = import_module("numpy")
    torch = import_module("torch")
    from PIL import Image, ImageOps

    opened = Image.open(io.BytesIO(data.numpy().tobytes()))
    picture = ImageOps.exif_transpose(opened) if apply_exif else opened
    wanted = MODES[mode] or ("RGB" if picture.mode in ("P", "CMYK") else None)
    array = numpy.array(picture.convert(wanted) if wanted else picture)
    array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
    return torch.from_numpy(numpy.ascontiguousarray(array))


def encode_jpeg(image: Any, quality: int) -> Any:
    return encode(image, format="JPEG", quality=quality)


def encode_png(image: Any, level: int) -> Any:
    return encode(image, format="PNG", compress_level=level)


def encode(image: Any, **options: Any) -> Any:
    from PIL import Image

    array = image.numpy().transpose(1, 2, 0)
    buffer = io.BytesIO()
    Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).save(buffer, **options)
    return tensor_of_bytes(buffer.getvalue())


def tensor_of_bytes(data: bytes) -> Any:
    torch = import_module("torch")

    return torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8)
