"""The network served by BentoML, by itself and with its adaptive batching; `bentoml serve resnet_bentoml:Batched`."""

import bentoml
import torch
from PIL.Image import Image
from resnet18 import label, make_network, prepare

MOST = 8
SETTINGS = {
    "workers": 1,
    "traffic": {"timeout": 60},
    "logging": {"access": {"enabled": False}},
    "metrics": {"enabled": False},
}


@bentoml.service(**SETTINGS)
class Single:
    def __init__(self):
        self.network = make_network()

    @bentoml.api(route="/")
    @torch.inference_mode()
    def predict(self, images: Image) -> dict:
        return label(self.network(prepare(images).unsqueeze(0))[0])


@bentoml.service(**SETTINGS)
class Batched:
    def __init__(self):
        self.network = make_network()

    @bentoml.api(route="/", batchable=True, max_batch_size=MOST, max_latency_ms=10_000)
    def predict(self, images: list[Image]) -> list[dict]:
        with torch.inference_mode():
            scores = self.network(torch.stack([prepare(picture) for picture in images]))
        return [label(one) for one in scores]
