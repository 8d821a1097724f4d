"""The name under which ModelArts keeps its default PyTorch service."""

from __future__ import annotations

from model_service.pytorch_model_service import PTServingBaseService


class PTServingVisionService(PTServingBaseService):
    """A PyTorch service that adds nothing to its base."""
