"""What every MXNet service is: three stages over a list of contents, one for each input of the model."""

from __future__ import annotations

from typing import Any

from model_service.model_service import SingleNodeService as Stages
from model_service.model_service import load_service

__all__ = ["ModelService", "SingleNodeService", "load_service"]


class ModelService(Stages):
    """A service built with the model's name, its folder, the manifest and the number of a GPU."""

    def __init__(self, model_name: str, model_dir: str, manifest: Any, gpu: Any = None) -> None:
        super().__init__(model_name, model_dir)


class SingleNodeService(ModelService):
    """A service of one model; see `model_service.model_service.SingleNodeService` for its stages."""
