"""Segments the scene of a picture and answers with the picture in its classes' colours."""

import os
from pathlib import Path

from core.drawing import blend, colour_classes
from core.network import INPUT_SIZE
from core.picture import UnreadablePicture, as_data_url, read_picture
from core.segmenter import Segmenter
from core.weights import FILE_NAME
from model_service.tfserving_model_service import TfServingBaseService


class BadRequest(ValueError):
    """What the client sent cannot be answered; the text is for the client."""


class Ade20kService(TfServingBaseService):
    segmenter = None  # made by the first request, then kept
    count = 0

    def inference(self, data):
        """The three stages; a request that cannot be answered gets the reason, in the form of ModelArts' errors."""
        try:
            return super().inference(data)
        except BadRequest as error:
            print("refused:", error)
            return {"erno": "MR.0101", "msg": str(error), "words_result": {}}

    def _preprocess(self, data):
        request = read_request(data)
        if self.segmenter is None:
            self.segmenter = Segmenter(weights_path(), int(os.environ.get("INPUT_SIZE", INPUT_SIZE)))
        return request

    def _inference(self, data):
        return dict(data, classes=self.segmenter.classes_of(data["picture"]))

    def _postprocess(self, data):
        self.count += 1
        print("predictions:", self.count)
        if data["show_mask"]:
            answer = as_data_url(blend(data["picture"], data["classes"], data["mask_alpha"]), "jpeg")
        else:  # JPEG would mix the colours
            answer = as_data_url(colour_classes(data["classes"]), "png")
        return {"predicted_image": answer, "recognizer_data": {}}


def weights_path():
    """Where ModelArts puts the package, seen from the working folder; elsewhere beside this file."""
    path = Path("model", "1", FILE_NAME)
    return path if path.is_file() else Path(__file__).resolve().with_name(FILE_NAME)


def read_request(data):
    """The picture and the options of a request; text parts of a form are strings."""
    if not isinstance(data, dict) or "image" not in data:
        raise BadRequest("The field 'image' is missing: send a form with the picture as a file.")
    files = data["image"]
    if not isinstance(files, dict):
        raise BadRequest("The field 'image' is no file: send a form with the picture as a file.")
    if len(files) != 1:
        raise BadRequest(f"The field 'image' holds {len(files)} files: send one picture.")
    options = {
        "show_mask": number(data, "show_mask", 1, lambda value: value in (0, 1), "0 or 1"),
        "mask_alpha": number(data, "mask_alpha", 0.5, lambda value: 0.1 <= value <= 0.9, "a number from 0.1 to 0.9"),
    }
    try:
        return dict(options, picture=read_picture(next(iter(files.values()))))
    except UnreadablePicture as error:
        raise BadRequest(f"The file of the field 'image' {error}.") from error


def number(data, field, default, allowed, meaning):
    try:
        value = float(data.get(field, default))
    except (TypeError, ValueError):
        value = float("nan")
    if not allowed(value):
        raise BadRequest(f"The field '{field}' must be {meaning}, not {data[field]!r}.")
    return value
