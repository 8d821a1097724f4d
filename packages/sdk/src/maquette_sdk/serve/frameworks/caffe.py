"""Reading a Caffe package."""

from __future__ import annotations

import os
from typing import Any, List


def load_net(folder: str) -> Any:
    """The network of the `.prototxt` and `.caffemodel` in a package's folder. Raises ImportError without Caffe."""
    try:
        import caffe
    except ImportError as error:
        raise ImportError(
            "CaffeBaseService needs the Caffe library (`import caffe`: {}), which cannot be installed with pip. "
            "Convert the model, or serve it with an interpreter that has Caffe (--python PATH).".format(error)
        ) from error
    return caffe.Net(_only(folder, ".prototxt"), _only(folder, ".caffemodel"), caffe.TEST)


def _only(folder: str, ending: str) -> str:
    found: List[str] = sorted(name for name in os.listdir(folder) if name.endswith(ending))
    if not found:
        raise FileNotFoundError("{} has no file that ends in {}.".format(folder, ending))
    deploy = [name for name in found if "deploy" in name]
    return os.path.join(folder, (deploy or found)[0])
