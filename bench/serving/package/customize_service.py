"""The handler of the serving benchmark as a model package."""

import numpy as np
from model_service.model_service import SingleNodeService
from PIL import Image


class Mean(SingleNodeService):
    def __init__(self, model_name, model_path):
        pass

    def _preprocess(self, data):
        (content,) = data["images"].values()
        return np.asarray(Image.open(content).convert("RGB"))

    def _inference(self, data):
        return {"mean": float(data.mean())}

    def _postprocess(self, data):
        return data
