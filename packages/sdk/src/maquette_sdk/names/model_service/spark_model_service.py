"""The base class of Spark services."""

from __future__ import annotations

from maquette_sdk.serve.frameworks.spark import session
from model_service import log
from model_service.model_service import SingleNodeService

logger = log.getLogger(__name__)

__all__ = ["SingleNodeService", "SparkServingBaseService", "log", "logger"]


class SparkServingBaseService(SingleNodeService):
    """A service with a Spark session in `self.spark`. Built with the path of `spark_model` alone.

    `_preprocess` gets the raw body of the request, bytes; the stages are the subclass's. What `_postprocess` returns
    is sent as `{"data": {"resp_data": …}}`. Raises ImportError where pyspark or Java is missing.
    """

    def __init__(self, model_path: str) -> None:
        super().__init__(model_path=model_path)
        self.spark = session()
