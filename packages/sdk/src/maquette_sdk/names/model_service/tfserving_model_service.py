"""The base class of TensorFlow services."""

from __future__ import annotations

from typing import Any

from maquette_sdk.serve.frameworks import tensorflow
from model_service import log
from model_service.model_service import SingleNodeService, get_tf_server_stub

logger = log.getLogger(__name__)

__all__ = ["SingleNodeService", "TfServingBaseService", "get_tf_server_stub", "log", "logger"]


class TfServingBaseService(SingleNodeService):
    """A service whose model is the SavedModel of its package. Built with the model's name and the package's folder.

    `_inference(data)` feeds `{input key: array or list}` to the model's signature, cast to the signature's types, and
    returns `{output key: nested list}`. With one signature its name does not matter; with several it is
    `serving_default`. The SavedModel is loaded when this `_inference` first needs it, so a package without one
    works as long as it overrides `_inference`. A class that overrides `__init__` need not call this one.

        class Digits(TfServingBaseService):
            def _preprocess(self, data):
                return {"images": [...]}

            def _postprocess(self, data):
                return {"label": data["logits"][0].index(max(data["logits"][0]))}

    Attributes: `model_name`, `model_path`, `model` (`model_inputs` and `model_outputs` by key, `model_signature`),
    `stub` (`stub.Predict(request, seconds)`).
    """

    def __init__(self, model_name: str, model_path: str) -> None:
        super().__init__(model_name, model_path)
        self.model: Any = tensorflow.ModelDef(model_name, model_path)
        self.stub = get_tf_server_stub()

    def _inference(self, data: Any) -> Any:
        path = tensorflow.choose_path(getattr(self, "model_path", None))
        signature = getattr(getattr(self, "model", None), "chosen_signature", None)
        return {key: array.tolist() for key, array in tensorflow.open_model(path).run(data, signature).items()}

    def _maquette_warm_up(self) -> None:
        """Loads the model before the first request where it is certain that requests need it, and tries it."""
        kind = type(self)
        if kind._inference is TfServingBaseService._inference and kind.inference is SingleNodeService.inference:
            signature = getattr(getattr(self, "model", None), "chosen_signature", None)
            tensorflow.open_model(tensorflow.choose_path(getattr(self, "model_path", None))).try_out(signature)
