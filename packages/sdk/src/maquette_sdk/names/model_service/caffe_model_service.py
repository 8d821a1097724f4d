"""The base class of Caffe services."""

from __future__ import annotations

from typing import Any

from maquette_sdk.serve.frameworks.caffe import load_net
from model_service import log
from model_service.model_service import SingleNodeService

logger = log.getLogger(__name__)

__all__ = ["CaffeBaseService", "SingleNodeService", "log", "logger"]


class CaffeBaseService(SingleNodeService):
    """A service with the package's network in `self.net`. Built with the model's name and the package's folder.

    Fill `self.net.blobs["data"].data[...]` in `_preprocess`; `_inference` runs the network and returns its output blobs
    by name. Raises ImportError where the Caffe library is missing.
    """

    def __init__(self, model_name: str, model_path: str) -> None:
        super().__init__(model_name, model_path)
        self.net: Any = load_net(model_path)

    def _inference(self, data: Any) -> Any:
        return self.net.forward()
