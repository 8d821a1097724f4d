"""Spark packages: on the engine `spark` (`engine_python(name)` gives its Python's path), and without it."""

from __future__ import annotations

import pytest

SERVICE = """
import collections
import json
import model_service.log as log
from model_service.spark_model_service import SparkServingBaseService

logger = log.getLogger(__name__)

class user_Service(SparkServingBaseService):
    def _preprocess(self, data):
        logger.info("Begin to handle data from user data...")
        request = json.loads(data, object_pairs_hook=collections.OrderedDict)
        return self.spark.createDataFrame([list(row.values()) for row in request["data"]["req_data"]], ["a", "b"])

    def _inference(self, frame):
        return frame.selectExpr("a + b as total").collect()

    def _postprocess(self, rows):
        return [{"predictresult": row.total} for row in rows]
"""


@pytest.mark.engine("spark")
@pytest.mark.every_engine
def test_a_spark_service_has_a_session(serve, engine_python):
    instance = serve(SERVICE, "Spark_MLlib", engine_python("spark"))
    rows = {"data": {"req_data": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}}
    assert instance.json(rows) == (200, {"data": {"resp_data": [{"predictresult": 3}, {"predictresult": 7}]}})
    assert instance.json(b"no json")[1]["erno"] == "PY.0101"


def test_without_pyspark_the_start_says_what_to_add(start):
    error = start(SERVICE, "Spark_MLlib").failure()
    assert "SparkServingBaseService needs pyspark" in error
    assert "Add it to the dependencies of config.json" in error


def test_a_class_with_a_constructor_of_its_own_needs_no_pyspark(serve):
    code = (
        "from model_service.spark_model_service import SparkServingBaseService\n"
        "class Service(SparkServingBaseService):\n"
        "    def __init__(self, model_path): pass\n"
        "    def _inference(self, data): return data.decode()\n"
    )
    assert serve(code, "Spark_MLlib").json({"a": 1}) == (200, {"data": {"resp_data": '{"a": 1}'}})
