"""Says what a picture shows, with the network that dog_and_cat_train.py left beside this file."""

import json
import os

import numpy as np
from model_service.tfserving_model_service import TfServingBaseService
from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000
TOO_LARGE = "{} has more than 50 million pixels."
UNREADABLE = (OSError, EOFError, RuntimeError, SyntaxError, TypeError, ValueError)  # what Pillow's decoders raise


class Refused(Exception):
    """The request cannot be answered; the text says why."""


class CatsAndDogsService(TfServingBaseService):
    def __init__(self, model_name, model_path):
        super().__init__(model_name, model_path)
        takes, gives = list(self.model.model_inputs), list(self.model.model_outputs)
        if (takes, gives) != (["images"], ["logits"]):
            raise ValueError(f"The SavedModel is not of dog_and_cat_train.py: it takes {takes} and gives {gives}.")
        with open(os.path.join(model_path, "network.json")) as file:
            about = json.load(file)
        self.classes, self.size = about["classes"], about["size"]

    def inference(self, data):
        """The three stages; a request that cannot be answered gets the reason, in the form of ModelArts' errors."""
        try:
            return super().inference(data)
        except Refused as reason:
            return {"erno": "MR.0101", "msg": str(reason), "words_result": {}}

    def _preprocess(self, data):
        name, file = the_file(data)
        picture = opened(name, file).resize((self.size, self.size), Image.BILINEAR)
        return {"images": np.asarray(picture, dtype=np.float32)[np.newaxis]}

    def _postprocess(self, data):
        logits = np.array(data["logits"][0])
        odds = np.exp(logits - logits.max())
        shares = (odds / odds.sum()).tolist()
        order = np.argsort(-odds)
        return {
            "predicted_label": self.classes[order[0]],
            "scores": [[self.classes[number], shares[number]] for number in order],
        }


def the_file(data):
    """Name and content of the only file in the form's field `images`."""
    files = data.get("images") if isinstance(data, dict) else None
    if files is None:
        raise Refused("The field 'images' is missing: send a form with one picture as a file.")
    if not isinstance(files, dict):
        raise Refused("The field 'images' is text: send the picture as a file.")
    if len(files) > 1:
        raise Refused(f"The field 'images' holds {len(files)} files: send one picture.")
    return next(iter(files.items()))


def opened(name, file):
    """The picture in a file, as people see it."""
    try:
        picture = Image.open(file)
    except Image.DecompressionBombError:
        raise Refused(TOO_LARGE.format(name)) from None
    except UNREADABLE:
        raise Refused(f"{name} is no picture that can be read, such as JPEG or PNG.") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused(TOO_LARGE.format(name))
    try:
        return upright(picture)
    except UNREADABLE as problem:
        raise Refused(f"{name} cannot be read: {problem}.") from problem


def upright(picture):
    """Turned as its EXIF data say, in 8 bits, on white where it is transparent."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits
        picture = Image.fromarray((np.asarray(picture) / 257).clip(0, 255).astype(np.uint8))
    if picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")
