"""Finds the twenty things of PASCAL VOC in a picture, pixel by pixel, with a DeepLabV3 in TFLite."""

from pathlib import Path

import numpy as np
from drawing import as_base64, paint_over
from model_service.tfserving_model_service import TfServingBaseService
from pictures import RequestError, read_choice, read_number, read_picture
from segmenter import Segmenter
from voc import NAMES, paint_mask


class DeepLabService(TfServingBaseService):
    def __init__(self, model_name, model_path):
        self.model_name = model_name
        self.model_path = model_path
        self.segmenter = Segmenter(Path(model_path) / "deeplab.tflite", len(NAMES))

    def inference(self, data):
        """The three stages. What is wrong with a request is told in a sentence, under ModelArts' own code for it."""
        try:
            return super().inference(data)
        except RequestError as error:
            return {"erno": "MR.0101", "msg": str(error), "words_result": {}}

    def _preprocess(self, data):
        return {
            "picture": read_picture(data, "image"),
            "mask": read_choice(data, "mask", ("0", "1"), default="1"),
            "alpha": read_number(data, "alpha", 0, 1, default=0),
        }

    def _inference(self, request):
        return {**request, "classes": self.segmenter.segment(request["picture"])}

    def _postprocess(self, result):
        picture, classes = result["picture"], result["classes"]
        answer = {"width": picture.width, "height": picture.height, "classes": areas(classes)}
        mask = paint_mask(classes)
        if result["mask"] == "1":
            answer["mask"] = as_base64(mask, "PNG")
        if result["alpha"]:
            answer["predicted_image"] = as_base64(paint_over(picture, mask, result["alpha"]), "JPEG", quality=90)
        return answer


def areas(classes):
    """How much of the picture each class covers, the largest first."""
    pixels = np.bincount(classes.ravel(), minlength=len(NAMES))
    found = sorted(np.flatnonzero(pixels), key=lambda index: -pixels[index])
    return [
        {
            "index": int(index),
            "name": NAMES[index],
            "pixels": int(pixels[index]),
            "share": round(pixels[index] / classes.size, 4),
        }
        for index in found
    ]
