"""Pictures as NDArrays of height, width and channels."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any


def read(buf: Any, flag: int = 1, to_rgb: bool = True, out: Any = None) -> Any:
    """The picture in these bytes; `flag` 0 gives one channel of grey."""
    from mxnet import image

    return image.imdecode(buf, flag=flag, to_rgb=to_rgb, out=out)


def write(img_arr: Any, flag: int = 1, format: str = "jpeg", dim_order: str = "CHW") -> bytes:
    """The picture as base64; `flag` 0 means one channel of grey."""
    from PIL import Image

    if dim_order not in ("CHW", "HWC"):
        raise ValueError("dim_order is '{}'. Give CHW or HWC.".format(dim_order))
    array = img_arr.transpose((1, 2, 0)) if dim_order == "CHW" else img_arr
    pixels = array.asnumpy().astype("uint8")
    picture = Image.fromarray(pixels if flag else pixels.reshape(pixels.shape[:2]))
    content = BytesIO()
    picture.save(content, format=format)
    return base64.b64encode(content.getvalue())


def resize(src: Any, new_width: int, new_height: int, interp: int = 2) -> Any:
    """The picture in another size."""
    from mxnet import image

    return image.imresize(src, new_width, new_height, interp)


def transform_shape(img_arr: Any, dim_order: str = "NCHW") -> Any:
    """The picture as a batch of one, `NCHW` or `NHWC`."""
    if dim_order not in ("NCHW", "NHWC"):
        raise ValueError("dim_order is '{}'. Give NCHW or NHWC.".format(dim_order))
    array = img_arr.transpose((2, 0, 1)) if dim_order == "NCHW" else img_arr
    return array.expand_dims(axis=0)


def fixed_crop(src: Any, x0: int, y0: int, w: int, h: int, size: Any = None, interp: int = 2) -> Any:
    """A part of the picture, resized to `size` (width, height) where given."""
    from mxnet import image

    return image.fixed_crop(src, x0, y0, w, h, size, interp)


def color_normalize(src: Any, mean: Any, std: Any = None) -> Any:
    """The picture less its mean, divided by its deviation."""
    from mxnet import image

    return image.color_normalize(src.astype("float32"), mean, std)
