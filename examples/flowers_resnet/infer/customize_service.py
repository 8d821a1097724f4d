"""The service: pictures in, a list out, with the confidence in each kind of flower for every picture."""

import json
import os

import log
import torch
from model import ResNet34, load_weights
from model_service.pytorch_model_service import PTServingBaseService
from pictures import read_picture, whole

logger = log.getLogger(__name__)


class FlowersService(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super().__init__(model_name, model_path)
        folder = os.path.dirname(os.path.realpath(model_path))
        with open(os.path.join(folder, "class_indices.json"), encoding="utf-8") as file:
            class_indices = json.load(file)
        self.labels = [class_indices[str(index)] for index in range(len(class_indices))]
        self.model = ResNet34(len(self.labels))
        load_weights(self.model, model_path)
        self.model.eval()
        logger.info("tells apart: %s", ", ".join(self.labels))

    def inference(self, data):
        """The three stages; a request without pictures gets the reason, in the form of ModelArts' errors."""
        try:
            return super().inference(data)
        except NoPictures as reason:
            return refused(str(reason))

    def _preprocess(self, data):
        """The network's input for each picture, or a sentence that says what is wrong with it."""
        inputs = []
        for name, file in uploads(data):
            try:
                inputs.append(whole(read_picture(file, name)))
            except ValueError as error:
                logger.info("%s", error)
                inputs.append(str(error))
        if not inputs:
            raise NoPictures("There is no picture in the request. Send it as a file of a form, in the field 'images'.")
        return inputs

    def _inference(self, data):
        with torch.no_grad():
            return [x if isinstance(x, str) else torch.softmax(self.model(x[None])[0], 0).tolist() for x in data]

    def _postprocess(self, data):
        return [refused(scores) if isinstance(scores, str) else self.named(scores) for scores in data]

    def named(self, scores):
        """Confidences by label, the highest first."""
        pairs = sorted(zip(self.labels, scores), key=lambda pair: -pair[1])
        return {label: round(score, 4) for label, score in pairs}


class NoPictures(Exception):
    """There is nothing to look at; the text says so."""


def refused(reason):
    """What is answered in place of confidences, for a picture or for the whole request."""
    return {"erno": "MR.0101", "msg": reason, "words_result": {}}


def uploads(data):
    """(name, file) of every file of the form, whatever its field is called."""
    fields = data.values() if isinstance(data, dict) else []
    return [upload for field in fields if isinstance(field, dict) for upload in field.items()]
