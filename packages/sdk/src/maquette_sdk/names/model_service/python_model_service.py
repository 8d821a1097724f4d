"""The base class of XGBoost and scikit-learn services."""

from __future__ import annotations

import collections
import json
from typing import Any

from maquette_sdk.serve.frameworks.learners import open_model, predict
from model_service import log
from model_service.model_service import SingleNodeService

logger = log.getLogger(__name__)

__all__ = ["SingleNodeService", "XgSklServingBaseService", "log", "logger", "predict"]


class XgSklServingBaseService(SingleNodeService):
    """A service of an XGBoost or scikit-learn model. Built with the path of the model file alone.

    `_preprocess` gets the raw body of the request, bytes, and makes rows of `{"data": {"req_data": [{…}]}}`;
    `_inference` predicts with the model; `_postprocess` makes `[{"predictresult": value}, …]`. What it returns
    is sent as `{"data": {"resp_data": …}}`.
    """

    def __init__(self, model_path: str) -> None:
        super().__init__(model_path=model_path)

    def _preprocess(self, data: Any) -> Any:
        request = json.loads(data, object_pairs_hook=collections.OrderedDict)
        return [list(row.values()) for row in request["data"]["req_data"]]

    def _inference(self, data: Any) -> Any:
        return predict(self.model_path, data)

    def _maquette_warm_up(self) -> None:
        """Reads the model before the first request where it is certain that requests need it."""
        kind, base = type(self), XgSklServingBaseService
        if kind._inference is base._inference and kind.inference is SingleNodeService.inference:
            open_model(self.model_path)

    def _postprocess(self, data: Any) -> Any:
        return [{"predictresult": value} for value in data]
