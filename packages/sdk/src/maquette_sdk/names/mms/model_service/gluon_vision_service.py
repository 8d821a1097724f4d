"""A Gluon network that classifies pictures."""

from __future__ import annotations

from typing import Any, List

from mms.model_service.mxnet_model_service import GluonImperativeBaseService
from mms.utils.mxnet import image, ndarray

MEAN = [0.485, 0.456, 0.406]
DEVIATION = [0.229, 0.224, 0.225]


class GluonVisionService(GluonImperativeBaseService):
    """Resizes and normalises each picture, and answers with the five likeliest labels."""

    def _preprocess(self, data: List[Any]) -> List[Any]:
        import mxnet

        pictures = []
        for index, content in enumerate(data):
            height, width = self.signature["inputs"][index]["data_shape"][2:]
            picture = image.resize(image.read(content), width, height).astype("float32") / 255
            picture = image.color_normalize(picture, mxnet.nd.array(MEAN), mxnet.nd.array(DEVIATION))
            pictures.append(image.transform_shape(picture))
        return pictures

    def _postprocess(self, data: Any) -> Any:
        return [ndarray.top_probability(data.softmax(), self.labels, top=5)]
