"""YOLOv3 as a service: pictures in, the objects in them out."""

import os
from pathlib import Path

import numpy as np
from boxes import find_objects
from frozen_graph import FrozenGraph
from model_service.tfserving_model_service import TfServingBaseService
from pictures import letter_box, out_of_letter_box, read_picture

HERE = Path(os.path.abspath(__file__)).parent
MOST_PICTURES = 32


class YoloService(TfServingBaseService):
    """What was a flag of demo.py is a variable that is given when the service is deployed."""

    def __init__(self, model_name, model_path):
        self.conf_threshold = share("CONF_THRESHOLD", "0.5")
        self.iou_threshold = share("IOU_THRESHOLD", "0.4")
        self.graph = FrozenGraph(HERE / os.environ.get("FROZEN_MODEL", "frozen_darknet_yolov3_model.pb"))
        self.names = self.graph.read_names(HERE / os.environ.get("CLASS_NAMES", "class_names.txt"))
        self.graph.run(np.zeros((1, self.graph.height, self.graph.width, 3)))  # the first run is slow

    def inference(self, data):
        """The three stages; a request that cannot be answered gets the reason in the form of ModelArts' errors."""
        try:
            return super().inference(data)
        except BadRequest as problem:
            return {"erno": "MR.0101", "msg": str(problem), "words_result": {}}

    def _preprocess(self, data):
        """(file name, size, letter-boxed picture) of every file of the form."""
        fields = [field for field in data.values() if isinstance(field, dict)] if isinstance(data, dict) else []
        files = [(name, file) for field in fields for name, file in field.items() if hasattr(file, "read")]
        if not files:
            raise BadRequest("There is no picture in the request. Send a form with a file in the field 'images'.")
        if len(files) > MOST_PICTURES:
            raise BadRequest(f"There are {len(files)} pictures in the request, {MOST_PICTURES} are the most.")
        return [(name, *self._read(name, file)) for name, file in files]

    def _read(self, name, file):
        try:
            picture = read_picture(file)
        except ValueError as problem:
            raise BadRequest(f"The file '{name}' {problem}.") from problem
        return picture.size, letter_box(picture, self.graph.width, self.graph.height)

    def _inference(self, data):
        """(file name, size, rows of the graph) of every picture; they are run together."""
        rows = self.graph.run(np.stack([boxed for _, _, boxed in data]))
        return [(name, size, rows[index]) for index, (name, size, _) in enumerate(data)]

    def _postprocess(self, data):
        """The lists that config.json declares: one entry for each object, picture after picture."""
        answer = {"detection_classes": [], "detection_boxes": [], "detection_scores": [], "detection_images": []}
        for name, size, rows in data:
            classes, scores, boxes = find_objects(rows, self.conf_threshold, self.iou_threshold)
            boxes = out_of_letter_box(boxes, size, self.graph.width, self.graph.height)
            for one, score, (left, top, right, bottom) in zip(classes, scores.tolist(), boxes.round(2).tolist()):
                if left == right or top == bottom:
                    continue  # it lies in the margin of the letter box
                answer["detection_classes"].append(self.names[one])
                answer["detection_boxes"].append([top, left, bottom, right])
                answer["detection_scores"].append(round(score, 4))
                answer["detection_images"].append(name)
        return answer


class BadRequest(Exception):
    """The text says what is wrong with a request."""


def share(name, default):
    """A number from 0 to 1 out of the environment."""
    value = os.environ.get(name, default)
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is '{value}'. It must be a number from 0 to 1.")
    return number
