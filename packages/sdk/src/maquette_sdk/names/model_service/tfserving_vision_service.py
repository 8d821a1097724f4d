"""The TensorFlow service of packages that bring no code of their own."""

from __future__ import annotations

import importlib
from typing import Any

from model_service.tfserving_model_service import TfServingBaseService


class TfServingVisionService(TfServingBaseService):
    """Feeds every uploaded picture to the input of its field's name, as a batch of RGB arrays of float32.

    A field that is no upload goes to the model as it came, so that JSON bodies such as `{"images": [[...]]}` work.
    """

    def _preprocess(self, data: Any) -> Any:
        return {name: read_pictures(value) if isinstance(value, dict) else value for name, value in data.items()}

    def _maquette_warm_up(self) -> None:
        super()._maquette_warm_up()
        importlib.import_module("PIL.Image").preinit()  # what reads the usual formats


def read_pictures(files: Any) -> Any:
    """The uploads of one field as one array: pictures, height, width, 3."""
    import numpy
    from PIL import Image

    return numpy.stack([numpy.asarray(Image.open(file).convert("RGB"), dtype=numpy.float32) for file in files.values()])
