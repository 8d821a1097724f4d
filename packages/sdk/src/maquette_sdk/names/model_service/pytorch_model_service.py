"""The base class of PyTorch services."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from maquette_sdk.serve.frameworks.pytorch import why_alone, without_gradients
from model_service import log
from model_service.model_service import SingleNodeService

logger = log.getLogger(__name__)

__all__ = ["PTServingBaseService", "SingleNodeService", "log", "logger"]


class PTServingBaseService(SingleNodeService):
    """A service whose subclass puts a network into `self.model`. Built with the model's name and its weight file.

    `_inference(data)` returns `{key: self.model(value)}` for every key of `data`; tensors of requests that come at the
    same time go through the network together, where that is quicker and gives the same. Other files of the package lie
    in `os.path.dirname(os.path.realpath(model_path))`.

        class Flowers(PTServingBaseService):
            def __init__(self, model_name, model_path):
                super().__init__(model_name, model_path)
                self.model = Net()
                self.model.load_state_dict(torch.load(model_path, map_location="cpu"))
                self.model.eval()
    """

    def __init__(self, model_name: str, model_path: Optional[str] = None) -> None:
        if model_path is None:
            # The oldest PyTorch services gave their base the path alone.
            model_name, model_path = "", model_name
        super().__init__(model_name, model_path)
        self.model: Any = None

    def _inference(self, data: Any) -> Any:
        if self.model is None:
            raise TypeError("self.model is None. Build the network in __init__ and put it into self.model.")
        with without_gradients():
            return {key: self.model(value) for key, value in data.items()}

    def _maquette_shares(self) -> bool:
        """Whether what several requests have become may go through `_inference` as one."""
        return type(self)._inference is OWN_INFERENCE

    def _maquette_arrays(self, data: Any) -> Tuple[Any, Any]:
        """What `_inference` takes, and what two requests must have in common besides their shape."""
        return dict(data.items()), (id(self.model), getattr(self.model, "training", None))

    def _maquette_why_alone(self, mark: Any) -> str:
        return why_alone(getattr(self, "model", None))


OWN_INFERENCE = PTServingBaseService._inference
