"""The MXNet service of packages that bring no code of their own."""

from __future__ import annotations

from typing import Any, List

from mms.model_service.mxnet_model_service import MXNetBaseService
from mms.utils.mxnet import image, ndarray


class MXNetVisionService(MXNetBaseService):
    """Resizes each picture to its input's shape and answers with the five likeliest labels."""

    def _preprocess(self, data: List[Any]) -> List[Any]:
        pictures = []
        for index, content in enumerate(data):
            height, width = self.signature["inputs"][index]["data_shape"][2:]
            picture = image.resize(image.read(content), width, height)
            pictures.append(image.transform_shape(picture).astype("float32"))
        return pictures

    def _postprocess(self, data: List[Any]) -> Any:
        if not hasattr(self, "labels"):
            self.labels = [str(number) for number in range(data[0].shape[1])]
        return [ndarray.top_probability(array, self.labels, top=5) for array in data]
