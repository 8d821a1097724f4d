"""What every service is: three stages, run one after another for each request.

    from model_service.model_service import SingleNodeService

    class Doubling(SingleNodeService):
        def __init__(self, model_name, model_path):
            self.factor = 2

        def _preprocess(self, data):      # what came in: a dict of texts and files, or the decoded JSON
            return data["numbers"]

        def _inference(self, data):       # what _preprocess returned
            return [self.factor * number for number in data]

        def _postprocess(self, data):     # what _inference returned; the answer, as JSON
            return {"doubled": data}

The class is built once, with `(model_name, model_path)`, and then called for one request at a time, always in the
same thread. A `KeyError` or `TypeError` is answered with 400, any other exception with 500.
"""

from __future__ import annotations

import importlib.util
import os
import time
import traceback
from types import ModuleType
from typing import Any, Dict, Optional

from model_service import log

logger = log.getLogger(__name__)


class StageTimes(Dict[str, float]):
    """Milliseconds of each stage of the last call that went through `SingleNodeService.inference`."""

    at_once = True
    """Whether the log line is written before the call returns; an instance writes it when the answer is sent."""

    def log(self) -> None:
        """Writes the times as one line."""
        logger.info(
            "preprocess time: %.3fms infer time: %.3fms postprocess time: %.3fms latency: %.3fms",
            self["preprocess"],
            self["inference"],
            self["postprocess"],
            self["preprocess"] + self["inference"] + self["postprocess"],
        )


stage_times = StageTimes()


class ModelService:
    """A service in its barest form: it answers `inference(data)`.

    Takes the name and the path of the model, or nothing; subclasses that skip their own parent call it with both.
    """

    def __init__(self, model_name: Any = None, model_path: Any = None) -> None:
        self.model_name = model_name
        self.model_path = model_path
        self.ctx = None

    def inference(self, data: Any) -> Any:
        """The answer to one request."""
        return data

    def ping(self) -> None:
        """Asked for a sign of life."""

    def signature(self) -> None:
        """What the model takes and gives, where the class knows it."""


class SingleNodeService(ModelService):
    """A service of one model: `_preprocess`, `_inference` and `_postprocess`, each fed what the one before returned.

    Override the stages you need; each returns its argument unless overridden. See the head of this file for an example.
    """

    def inference(self, data: Any) -> Any:
        """Runs the three stages and logs how long each took."""
        start = time.perf_counter()
        data = self._preprocess(data)
        preprocessed = time.perf_counter()
        data = self._inference(data)
        inferred = time.perf_counter()
        data = self._postprocess(data)
        end = time.perf_counter()
        stage_times["preprocess"] = (preprocessed - start) * 1000
        stage_times["inference"] = (inferred - preprocessed) * 1000
        stage_times["postprocess"] = (end - inferred) * 1000
        if stage_times.at_once:
            stage_times.log()
        return data

    def _preprocess(self, data: Any) -> Any:
        """Turns what came in into what the model takes."""
        return data

    def _inference(self, data: Any) -> Any:
        """Runs the model."""
        return data

    def _postprocess(self, data: Any) -> Any:
        """Turns what the model gave into the answer."""
        return data


def load_service(path: str, name: Optional[str] = None) -> ModuleType:
    """The module in the file at `path`, called `name` or after its file. Raises Exception, naming the file."""
    try:
        spec = importlib.util.spec_from_file_location(name or os.path.splitext(os.path.basename(path))[0], path)
        if spec is None or spec.loader is None:
            raise ImportError("{} is no Python file.".format(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except Exception as error:
        traceback.print_exc()
        raise Exception("Incorrect or missing service file: {}".format(path)) from error


def get_tf_server_stub() -> Any:
    """A stand-in for the connection to a TensorFlow server: `stub.Predict(request, seconds)` runs the package's
    SavedModel in this process."""
    from maquette_sdk.serve.frameworks.tensorflow import Stub

    return Stub()
