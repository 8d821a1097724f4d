"""The base class of TensorFlow services."""

from __future__ import annotations

from typing import Any, Tuple

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
    works as long as it overrides `_inference`. Requests that come at the same time go through the model together, where
    that is quicker and gives the same. A class that overrides `__init__` need not call this one.

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
        model, signature = self._maquette_model()
        return {key: array.tolist() for key, array in model.run(data, signature).items()}

    def _maquette_model(self) -> Tuple[Any, Any]:
        """The SavedModel, and the name of the signature where somebody has chosen one."""
        model = tensorflow.open_model(tensorflow.choose_path(getattr(self, "model_path", None)))
        return model, getattr(getattr(self, "model", None), "chosen_signature", None)

    def _maquette_warm_up(self) -> None:
        """Loads the model before the first request where it is certain that requests need it, and tries it."""
        if self._maquette_shares() and type(self).inference is SingleNodeService.inference:
            model, signature = self._maquette_model()
            model.try_out(signature)

    def _maquette_shares(self) -> bool:
        """Whether what several requests have become may go through `_inference` as one."""
        return type(self)._inference is OWN_INFERENCE

    def _maquette_arrays(self, data: Any) -> Tuple[Any, Any]:
        """What `_inference` takes, and what two requests must have in common besides their shape."""
        model, signature = self._maquette_model()
        name, arrays = model.arrays(data, signature)
        return arrays, (model.path, name)

    def _maquette_why_alone(self, mark: Any) -> str:
        if not self._maquette_shares():
            return ""
        path, name = mark
        return str(tensorflow.open_model(path).why_alone(name))


OWN_INFERENCE = TfServingBaseService._inference
