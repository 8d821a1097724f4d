"""Reports on classifiers that give a picture several classes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maquette_sdk.analysis.wrong_input import WrongInput

TASK = "multi_label_classification"
NAMES = {"0": "cat", "1": "dog", "2": "fox"}
SCORES = [[0.9, 0.8, 0.1], [0.2, 0.7, 0.3], [0.6, 0.1, 0.4], [0.1, 0.1, 0.1]]


def cells(analysis: Any) -> Any:
    (table,) = analysis.en["precision_performance"]["comprehensive_precision"]["table"].values()
    return table["cell_value"]


@pytest.mark.parametrize(
    "labels",
    [
        [[1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
        np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], bool),
        [[0, 1], [1], [2], []],
        [["cat", "dog"], ["dog"], ["fox"], []],
    ],
)
def test_figures_are_those_computed_by_hand(analyse: Any, labels: Any) -> None:
    found = analyse(TASK, SCORES, labels, label_map_dict=NAMES)
    assert found.en["common"]["acc"]["value"] == {
        "Accuracy": 0.75,
        "Accuracy by class": pytest.approx(10 / 12, abs=1e-5),
    }
    precision, recall, f1 = cells(found)
    assert precision[1:] == [0.5, 1.0, 0.0] and recall[1:] == [1.0, 1.0, 0.0] and f1[1:] == [0.66667, 1.0, 0.0]
    assert found.samples[0] == {
        "labels": [{"name": "cat"}, {"name": "dog"}],
        "predict_labels": [{"name": "cat", "score": "0.9"}, {"name": "dog", "score": "0.8"}],
        "score": "0.9", "obs_path": "", "feature": {},
    }  # fmt: skip
    assert found.arrays["np_pred_list"].shape == found.arrays["np_label_list"].shape == (4, 3)


def test_lists_of_classes_do_without_confidences(analyse: Any, caplog: Any) -> None:
    found = analyse(TASK, [[0, 1], [1], [0], []], [[0, 1], [1], [2], []], label_map_dict=NAMES)
    assert found.en["common"]["acc"]["value"]["Accuracy"] == 0.75
    assert found.en["precision_performance"]["ROC"] == {} and "no ROC" in caplog.text


def test_raw_outputs_go_through_the_sigmoid(analyse: Any) -> None:
    found = analyse(TASK, [[3.0, -3.0], [-3.0, 3.0]], [[1, 0], [0, 1]])
    assert found.en["common"]["acc"]["value"]["Accuracy"] == 1.0 and found.samples[0]["score"] == "0.95257"


def test_confidences_by_chance_and_lost_classes_are_told(analyse: Any) -> None:
    random = np.random.default_rng(0)
    labels = (random.random((200, 3)) < 0.5).astype(int)
    scores = random.random((200, 3))
    scores[:, 2] *= 0.4
    found = analyse(TASK, scores, labels, label_map_dict=NAMES)
    assert found.findings()[0].startswith("The mean AUC is 0.")
    assert "Not one picture of fox is recognised." in found.findings()


@pytest.mark.parametrize("scores", [[[float("nan"), 0.1]], [["a", "b"]]])
def test_scores_that_are_none_are_refused(analyse: Any, scores: Any) -> None:
    with pytest.raises(WrongInput, match="pred_list holds"):
        analyse(TASK, scores, [[1, 0]])


SKLEARN = """
import json, sys
import numpy
from sklearn import metrics
with numpy.load(sys.argv[1]) as data:
    truth, scores = data["truth"], data["scores"]
found = scores > 0.5
rows = metrics.precision_recall_fscore_support(truth, found, average=None)[:3]
print(json.dumps({
    "accuracy": metrics.accuracy_score(truth, found),
    "by_class": [row.tolist() for row in rows],
    "auc": metrics.roc_auc_score(truth, scores, average=None).tolist(),
    "ap": metrics.average_precision_score(truth, scores, average=None).tolist(),
}))
"""


@pytest.mark.engine("sklearn")
def test_figures_are_those_of_scikit_learn(analyse: Any, engine_python: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    truth = (random.random((300, 5)) < 0.3).astype(int)
    scores = np.round(truth * 0.3 + random.random((300, 5)) * 0.7, 2).astype(np.float32)
    np.savez(tmp_path / "given.npz", truth=truth, scores=scores)
    told = subprocess.check_output(
        [str(engine_python("sklearn")), "-c", SKLEARN, str(tmp_path / "given.npz")], text=True
    )
    expected = json.loads(told)
    found = analyse(TASK, scores, truth)
    precision = found.en["precision_performance"]
    assert found.en["common"]["acc"]["value"]["Accuracy"] == pytest.approx(expected["accuracy"], abs=1e-5)
    np.testing.assert_allclose([row[1:] for row in cells(found)], expected["by_class"], atol=1e-5)
    np.testing.assert_allclose(precision["ROC"]["table"]["AUC"]["cell_value"][0], expected["auc"], atol=1e-5)
    np.testing.assert_allclose(
        precision["pr"]["table"]["Average precision"]["cell_value"][0], expected["ap"], atol=1e-5
    )
