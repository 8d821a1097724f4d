"""Says which of ImageNet's thousand classes a picture shows, with a SqueezeNet in ONNX."""

from pathlib import Path

from classifier import Classifier, read_labels
from model_service.pytorch_model_service import PTServingBaseService
from pictures import RequestError, read_integer, read_picture

HERE = Path(__file__).parent  # model_path is meant for a .pth file, which this package has not


class SqueezeNetService(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.model_name = model_name
        self.model_path = model_path
        self.classifier = Classifier(HERE / "squeezenet.onnx", read_labels(HERE / "classes.txt"))

    def inference(self, data):
        """The three stages. What is wrong with a request is told in a sentence, under ModelArts' own code for it."""
        try:
            return super().inference(data)
        except RequestError as error:
            return {"erno": "MR.0101", "msg": str(error), "words_result": {}}

    def _preprocess(self, data):
        classes = len(self.classifier.labels)
        return read_picture(data, "images"), read_integer(data, "top_k", 1, classes, default=min(5, classes))

    def _inference(self, request):
        picture, top_k = request
        return self.classifier.best(picture, top_k)

    def _postprocess(self, scores):
        return {"predicted_label": scores[0][0], "scores": scores}
