"""The network as a model package, written as one would for ModelArts; nothing in it knows of batches."""

import torch
from model_service.pytorch_model_service import PTServingBaseService
from resnet18 import label, make_network, read


class ResNet(PTServingBaseService):
    def __init__(self, model_name, model_path):
        self.model = make_network()

    def _preprocess(self, data):
        return {name: torch.stack([read(file.read()) for file in files.values()]) for name, files in data.items()}

    def _postprocess(self, data):
        return label(data["images"][0])
