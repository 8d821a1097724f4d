"""XGBoost and scikit-learn packages on the engine `xgboost` (`engine_python(name)` gives its Python's path)."""

from __future__ import annotations

import subprocess

import pytest

ENGINES = pytest.mark.parametrize(
    "engine",
    [
        pytest.param("xgboost", marks=pytest.mark.engine("xgboost")),
        pytest.param(
            "XGBoost-0.80-Sklearn-0.18.1-python3.6",
            marks=[pytest.mark.engine("XGBoost-0.80-Sklearn-0.18.1-python3.6"), pytest.mark.every_engine],
        ),
    ],
)

SKLEARN = """
import sys
from sklearn.tree import DecisionTreeClassifier
try:
    import joblib
except ImportError:
    from sklearn.externals import joblib
joblib.dump(DecisionTreeClassifier().fit([[0, 0], [1, 1], [5, 5]], [KINDS]), sys.argv[1])
"""

XGBOOST = """
import sys
import numpy, xgboost
rows = numpy.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0], [6.0, 6.0]] * 5)
data = xgboost.DMatrix(rows, label=rows[:, 0])
xgboost.train({"eta": 1.0, "max_depth": 3, "lambda": 0, "base_score": 0.5}, data, 20).save_model(sys.argv[1])
"""


@pytest.fixture
def train(engine_python, mind):
    """Trains a model with the engine and puts it into the package; gives the engine's Python and the file's path."""

    def run(engine, script, name="model.m"):
        python = str(engine_python(engine))
        path = str(mind / "model" / name)
        subprocess.run([python, "-W", "ignore", "-c", script, path], check=True, stderr=subprocess.PIPE)
        return python, path

    return run


def rows(*values):
    return {"data": {"req_data": [{"a": a, "b": b} for a, b in values]}}


def results(*values):
    return {"data": {"resp_data": [{"predictresult": value} for value in values]}}


@ENGINES
def test_a_scikit_learn_model_needs_no_code(serve, train, engine):
    python, path = train(engine, SKLEARN.replace("KINDS", "7, 8, 9"))
    instance = serve({}, "Scikit_Learn", python, model_path=path)
    assert instance.json({**rows((0, 0), (5, 5)), "meta": {"id": 1}}) == (200, {**results(7, 9), "meta": {"id": 1}})
    assert instance.json({"data": {}})[1]["erno"] == "PY.0105"


@ENGINES
def test_an_xgboost_model_needs_no_code(serve, train, engine):
    python, path = train(engine, XGBOOST)
    instance = serve({}, "XGBoost", python, model_path=path)
    status, answer = instance.json(rows((5.1, 5.1), (0, 0)))
    assert status == 200, answer
    assert [round(one["predictresult"]) for one in answer["data"]["resp_data"]] == [5, 0]


@ENGINES
def test_a_replaced_model_file_is_read_again(serve, train, engine):
    python, path = train(engine, SKLEARN.replace("KINDS", "7, 8, 9"))
    instance = serve({}, "Scikit_Learn", python, model_path=path)
    assert instance.json(rows((0, 0))) == (200, results(7))
    train(engine, SKLEARN.replace("KINDS", "1, 2, 3"))
    assert instance.json(rows((0, 0))) == (200, results(1))


@ENGINES
def test_code_for_old_scikit_learn_finds_joblib_where_it_was(serve, train, engine):
    python, path = train(engine, SKLEARN.replace("KINDS", "'ja', 'nein', 'doch'"))
    code = """
# coding:utf-8
import collections
import json
from sklearn.externals import joblib
import sklearn.externals.joblib as again
from model_service.python_model_service import XgSklServingBaseService

class user_Service(XgSklServingBaseService):
    def _preprocess(self, data):
        request = json.loads(data, object_pairs_hook=collections.OrderedDict)
        return [[each[key] for key in each] for each in request["data"]["req_data"]]

    def _inference(self, data):
        assert joblib is again and joblib.__name__.endswith("joblib")
        return joblib.load(self.model_path).predict(data).tolist()
"""
    assert serve(code, "Scikit_Learn", python, model_path=path).json(rows((1, 1))) == (200, results("nein"))


@ENGINES
def test_a_file_that_is_no_model_is_named(serve, engine_python, mind, engine):
    path = str(mind / "model" / "odd.m")
    instance = serve({"odd.m": "no model"}, "XGBoost", engine_python(engine), model_path=path)
    status, answer = instance.json(rows((1, 1)))
    assert (status, answer["erno"]) == (500, "PY.0105")
    assert "odd.m is neither a scikit-learn model" in answer["error_info"]


@ENGINES
def test_the_model_is_read_before_the_first_request(serve, train, engine):
    python, path = train(engine, SKLEARN.replace("KINDS", "7, 8, 9"))
    code = (
        "import sys\nfrom model_service.python_model_service import XgSklServingBaseService\n"
        "class Service(XgSklServingBaseService):\n"
        "    def _preprocess(self, data):\n"
        "        self.there = 'sklearn.tree' in sys.modules\n        return [[0, 0]]\n"
        "    def _postprocess(self, data):\n        return self.there\n"
    )
    instance = serve(code, "Scikit_Learn", python, model_path=path)
    assert instance.json(rows((0, 0))) == (200, {"data": {"resp_data": True}})
