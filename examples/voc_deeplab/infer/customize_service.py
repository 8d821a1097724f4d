"""The service: a picture in, the class of each of its pixels out."""

import log
import numpy as np
from drawing import NAMES, as_base64, paint_mask, paint_over
from mindspore import Tensor, context
from model_service.model_service import SingleNodeService
from pictures import RequestError, read_number, read_picture
from PIL import Image
from src.checkpoint import last_checkpoint, load_weights
from src.config import config
from src.data_set import filled_up, fitting_size, normalised
from src.deeplabv3 import deeplabv3_resnet50

logger = log.getLogger(__name__)


class DeepLabService(SingleNodeService):
    def __init__(self, model_name, model_path):
        super().__init__(model_name, model_path)
        context.set_context(mode=context.GRAPH_MODE, device_target="Ascend")
        path = last_checkpoint(model_path)
        self.net = deeplabv3_resnet50(
            config.num_classes, [1, 3, config.crop_size, config.crop_size], config.image_pyramid,
            config.infer_scale_sizes, config.atrous_rates, config.decoder_output_stride, config.output_stride,
        )  # fmt: skip
        load_weights(self.net, path)
        self.net.set_train(False)
        self.probabilities(Image.new("RGB", (1, 1)))  # the graph is compiled by the first call
        logger.info("loaded %s", path)

    def inference(self, data):
        """The three stages; a request that cannot be answered gets the reason, in the form of ModelArts' errors."""
        try:
            return super().inference(data)
        except RequestError as error:
            return {"erno": "MR.0101", "msg": str(error), "words_result": {}}

    def _preprocess(self, data):
        return read_picture(data, "image"), read_number(data, "alpha", 0, 1, default=0.5)

    def _inference(self, request):
        picture, alpha = request
        return picture, alpha, likeliest(self.probabilities(picture), picture.size)

    def _postprocess(self, result):
        picture, alpha, classes = result
        mask = paint_mask(classes)
        return {
            "classes": shares(classes),
            "mask": as_base64(mask, "PNG"),
            "predicted_image": as_base64(paint_over(picture, mask, alpha), "JPEG", quality=90),
        }

    def probabilities(self, picture):
        """[classes, h, w] of the whole picture, in the size in which the network saw it."""
        width, height = fitting_size(*picture.size)
        x = filled_up(normalised(np.asarray(picture.resize((width, height), Image.BILINEAR))), 0.0)
        return self.net(Tensor(x.transpose(2, 0, 1)[None])).asnumpy()[0, :, :height, :width]


def likeliest(probabilities, size):
    """The class of each pixel of a picture of this size. Classes are enlarged one by one: together they may be 2 GB."""
    best = np.zeros(size[::-1], np.float32)
    classes = np.zeros(size[::-1], np.uint8)
    for index, probability in enumerate(probabilities):
        enlarged = np.asarray(Image.fromarray(probability).resize(size, Image.BILINEAR))
        better = enlarged > best
        best[better] = enlarged[better]
        classes[better] = index
    return classes


def shares(classes):
    """How much of the picture each class covers, the largest first."""
    pixels = np.bincount(classes.ravel(), minlength=len(NAMES))
    found = sorted(np.flatnonzero(pixels), key=lambda index: -pixels[index])
    return [{"index": int(i), "name": NAMES[i], "share": round(pixels[i] / classes.size, 4)} for i in found]
