"""The digits online: a picture in, its class and the scores out."""

import json
import os

import log
import numpy as np
import torch
from model_service.pytorch_model_service import PTServingBaseService
from PIL import Image

from network import SmallNet, read_image

logger = log.getLogger(__name__)


class DigitsService(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super().__init__(model_name, model_path)
        folder = os.path.dirname(os.path.realpath(model_path))
        with open(os.path.join(folder, "classes.json")) as file:
            self.classes = json.load(file)
        self.model = SmallNet(len(self.classes))
        self.model.load_state_dict(torch.load(model_path, map_location="cpu"))
        self.model.eval()
        logger.info("%d classes", len(self.classes))

    def _preprocess(self, data):
        images = [read_image(Image.open(file)) for files in data.values() for file in files.values()]
        return torch.from_numpy(np.stack(images))

    def _inference(self, data):
        with torch.no_grad():
            return torch.softmax(self.model(data), 1)

    def _postprocess(self, data):
        scores = data[0].tolist()
        best = sorted(zip(self.classes, scores), key=lambda pair: -pair[1])
        return {"predicted_label": best[0][0], "scores": [[name, "%.4f" % score] for name, score in best[:5]]}
