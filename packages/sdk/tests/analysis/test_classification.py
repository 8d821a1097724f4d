"""Reports on classifiers: figures by hand, figures of scikit-learn, and what scripts really hand over."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maquette_sdk.analysis.wrong_input import WrongInput

TASK = "image_classification"
NAMES = {"0": "cat", "1": "dog", "2": "fox"}

# True:      cat cat cat cat dog dog dog fox fox fox
# Predicted: cat cat cat dog dog dog fox fox fox cat
LABELS = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
PREDICTED = [0, 0, 0, 1, 1, 1, 2, 2, 2, 0]


def cells(analysis: Any, operation: str) -> Any:
    (table,) = analysis.en["precision_performance"][operation]["table"].values()
    return table["cell_value"]


def scores_of(predicted: Any, classes: int, confidence: float = 0.6) -> Any:
    rest = (1 - confidence) / (classes - 1)
    return np.where(np.arange(classes) == np.asarray(predicted)[:, None], confidence, rest)


@pytest.mark.parametrize(
    "given", [PREDICTED, np.array(PREDICTED), scores_of(PREDICTED, 3), scores_of(PREDICTED, 3).tolist()]
)
def test_figures_are_those_computed_by_hand(analyse: Any, given: Any) -> None:
    found = analyse(TASK, given, LABELS, label_map_dict=NAMES)
    assert found.en["common"]["acc"]["value"] == {"Accuracy": 0.7}
    assert cells(found, "cm") == [[3, 0, 1], [1, 2, 0], [0, 1, 2]]  # rows predicted, columns actual
    precision, recall, f1 = cells(found, "comprehensive_precision")
    assert precision == [0.69444, 0.75, 0.66667, 0.66667]
    assert recall == [0.69444, 0.75, 0.66667, 0.66667]
    assert f1 == [0.69444, 0.75, 0.66667, 0.66667]


def test_the_sections_have_the_shape_that_modelarts_writes(analyse: Any, pictures: Any) -> None:
    found = analyse(TASK, scores_of(PREDICTED, 3), LABELS, pictures(range(0, 200, 20)), NAMES)
    assert list(found.en) == [
        "common", "precision_performance", "feature_sensitivity", "computational_performance", "abstract_feature",
        "adversary",
    ]  # fmt: skip
    assert found.en["computational_performance"] == found.en["abstract_feature"] == found.en["adversary"] == {}
    precision = found.en["precision_performance"]
    assert precision["count"]["value"] == {"Total images": 10, "Total classes": 3}
    assert precision["count"]["bar_chart"] == {
        "Category distribution": {"label": ["cat", "dog", "fox"], "value": [4, 3, 3]}
    }
    table = precision["comprehensive_precision"]["table"]["Precision-related Metrics"]
    assert table["top_left_cell"] == "Metrics\\Labels"
    assert table["row_labels"] == ["Precision", "Recall", "F1 Score"]
    assert table["col_labels"] == ["Macro average", "cat", "dog", "fox"]
    matrix = precision["cm"]["table"]["Confusion Matrix"]
    assert (matrix["top_left_cell"], matrix["row_labels"]) == ("Predictions\\Labels", ["cat", "dog", "fox"])
    assert set(precision["diagnosis"][0]) == {"diagnosis", "suggestion", "link", "link_text", "level"}
    brightness = found.en["feature_sensitivity"]["image_brightness"]
    assert set(brightness["line_chart"]) == {"acc_line_chart", "feature_line_chart", "f1_line_chart"}
    for chart in brightness["line_chart"].values():
        assert set(chart) == {"name", "x_axis_name", "y_axis_name", "x_axis_range", "y_axis_range", "curve"}
        assert len(chart["x_axis_range"]) == len(chart["y_axis_range"]) == 11
        assert all(len(curve) == 10 for curve in chart["curve"].values())


def test_both_languages_hold_the_same_figures(analyse: Any, pictures: Any) -> None:
    def figures(value: Any) -> Any:
        if isinstance(value, dict):
            return [figures(one) for one in value.values()]
        if isinstance(value, list):
            return [figures(one) for one in value]
        return None if isinstance(value, str) else value

    found = analyse(TASK, scores_of(PREDICTED, 3), LABELS, pictures(range(0, 200, 20)), NAMES)
    assert figures(found.en) == figures(found.zh)
    assert found.zh["common"]["acc"]["value"] == {"准确率": 0.7}
    texts = json.dumps(found.en, ensure_ascii=False)
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in texts)


def test_samples_and_arrays_have_the_keys_that_modelarts_writes(analyse: Any, pictures: Any) -> None:
    paths = pictures([100] * 10)
    found = analyse(TASK, scores_of(PREDICTED, 3), np.array(LABELS), paths, NAMES)
    assert found.samples[3] == {
        "labels": [{"name": "cat"}],
        "predict_labels": [{"name": "dog"}],
        "score": "0.6",
        "obs_path": paths[3],
        "feature": {
            "image_brightness": 100.0, "ambiguity": 0.0, "image_resolution": 192.0, "image_aspect_ratio": 1.33333,
            "image_saturation": 0.0, "image_colorfulness": 0.0,
        },
    }  # fmt: skip
    arrays = found.arrays
    assert set(arrays) == {"np_pred_list", "np_label_list", "np_name_list", "np_metric", "np_label_map_dict"}
    assert arrays["np_pred_list"].dtype == arrays["np_label_list"].dtype == np.float32
    assert arrays["np_pred_list"].shape == (10, 3) and arrays["np_label_list"].tolist() == LABELS
    assert arrays["np_name_list"].tolist() == paths
    assert arrays["np_metric"].shape == arrays["np_label_map_dict"].shape == (1,)
    assert json.loads(arrays["np_label_map_dict"][0]) == NAMES


def test_a_script_that_maps_samples_instead_of_classes_gets_its_report(analyse: Any, caplog: Any) -> None:
    """As a real script did: class numbers in place of confidences, and a label map with an entry per sample."""
    labels = np.array([0] * 30 + [1] * 40 + [4] * 30)
    predicted = labels.copy()
    predicted[::10] = 2
    mapped = json.dumps({index: int(label) for index, label in enumerate(labels)})
    found = analyse(TASK, predicted, labels, label_map_dict=mapped)
    assert "label_map_dict has an entry for each of the 100 samples" in caplog.text
    assert '{"0": "cat", "1": "dog"}' in caplog.text
    assert "pred_list holds class numbers without confidences" in caplog.text
    assert found.en["common"]["acc"]["value"] == {"Accuracy": 0.9}
    assert found.en["precision_performance"]["count"]["value"] == {
        "Total images": 100, "Total classes": 4, "Entries of label_map_dict": 100,
    }  # fmt: skip
    assert found.en["precision_performance"]["ROC"] == {}
    assert found.samples[1] == {
        "labels": [{"name": "0"}], "predict_labels": [{"name": "0"}], "score": "1.0", "obs_path": "", "feature": {},
    }  # fmt: skip
    assert found.arrays["np_pred_list"].shape == (100,)


def test_a_map_that_names_the_class_of_each_sample_names_the_classes(analyse: Any, caplog: Any) -> None:
    labels = [0, 0, 1, 1, 2]
    found = analyse(TASK, labels, labels, label_map_dict=dict(enumerate(["cat", "cat", "dog", "dog", "fox"])))
    assert found.samples[2]["labels"] == [{"name": "dog"}]
    assert "named 'cat', 'dog', 'fox'" in caplog.text


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("", ["0", "1", "2"]),
        (None, ["0", "1", "2"]),
        ({}, ["0", "1", "2"]),
        ({0: "cat"}, ["cat", "1", "2"]),
        ({"0": "cat", "1": "dog", "2": "fox"}, ["cat", "dog", "fox"]),
        ('{"0": "cat", "1": "dog", "2": "fox", "7": "yak"}', ["cat", "dog", "fox", "yak"]),
        (["cat", "dog", "fox"], ["cat", "dog", "fox"]),
        ({"cat": 0, "dog": 1, "fox": 2}, ["cat", "dog", "fox"]),
        ({"0": "猫", "1": "狗"}, ["猫", "狗", "2"]),
        ({"0": "cat", "1": "cat"}, ["cat (0)", "cat (1)", "2"]),
    ],
)
def test_label_maps_come_in_many_forms(analyse: Any, given: Any, named: Any) -> None:
    found = analyse(TASK, PREDICTED, LABELS, label_map_dict=given)
    assert found.en["precision_performance"]["count"]["bar_chart"]["Category distribution"]["label"] == named


@pytest.mark.parametrize(
    ("predictions", "labels"),
    [
        ([[1], [0], [1]], [1, 0, 0]),
        (np.array([[2.0, -1.0], [-3.0, 3.0], [0.2, 0.1]])[:, ::-1], [1, 0, 0]),
        ([0.9, 0.2, 0.7], [1, 0, 0]),
        ([[0.9], [0.2], [0.7]], np.array([[1], [0], [0]])),
        (["dog", "cat", "dog"], ["dog", "cat", "cat"]),
        ([1, 0, 1], [[0, 1], [1, 0], [1, 0]]),
        ([np.array([0.1, 0.9]), np.array([0.9, 0.1]), np.array([0.3, 0.7])], [np.int64(1), np.int64(0), 0.0]),
    ],
)
def test_other_forms_of_the_same_predictions_are_understood(analyse: Any, predictions: Any, labels: Any) -> None:
    found = analyse(TASK, predictions, labels, label_map_dict={"0": "cat", "1": "dog"})
    assert cells(found, "cm") == [[1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("predictions", "labels", "told"),
    [
        ([[0.5, 0.5], [0.2, 0.3, 0.5]], [0, 1], r"pred_list\[1\] has 3 and pred_list\[0\] has 2 values"),
        ([[0.5, 0.5], [np.nan, 0.5]], [0, 1], r"pred_list\[1\] holds NaN or infinity \(1 samples do\)"),
        ([[0.5, 0.5], [0.1, 0.9]], [0, 0.5], r"label_list\[1\] is 0.5, which is no class number"),
        ([[0.5, 0.5], [0.1, 0.9]], ["cat", "cow"], r"label_list\[1\] is 'cow', which is neither"),
        ([0, 1], [[0, 1, 1], [1, 0, 0]], r"label_list has the shape \(2, 3\).*multi_label_classification"),
        (np.zeros((2, 4, 4)), [0, 1], r"pred_list has the shape \(2, 4, 4\)"),
        ([1.5, 2.5], [1, 2], r"pred_list\[0\] is 1.5, which is no class number"),
    ],
)
def test_lists_that_cannot_be_meant_are_named(
    analyse: Any, tmp_path: Path, predictions: Any, labels: Any, told: str
) -> None:
    with pytest.raises(WrongInput, match=told):
        analyse(TASK, predictions, labels, label_map_dict={"0": "cat", "1": "dog"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "cat,dog", '{"cat": "a", "dog": "b"}', "3"])
def test_a_label_map_that_is_none_is_refused(analyse: Any, text: str) -> None:
    with pytest.raises(WrongInput, match="label_map_dict"):
        analyse(TASK, PREDICTED, LABELS, label_map_dict=text)


def test_labels_that_begin_with_one_are_told(analyse: Any, caplog: Any) -> None:
    analyse(TASK, scores_of(PREDICTED, 3), [label + 1 for label in LABELS])
    assert "class 3, which can never be predicted. Do the classes begin with 1?" in caplog.text


def test_raw_outputs_of_a_network_become_confidences(analyse: Any) -> None:
    raw = np.log(scores_of(PREDICTED, 3)) * 1.0 + 7
    assert analyse(TASK, raw, LABELS).samples[0]["score"] == "0.6"


def test_wrong_predictions_are_listed_the_surest_first(analyse: Any, pictures: Any) -> None:
    scores = scores_of(PREDICTED, 3)
    scores[6] = [0.05, 0.05, 0.9]
    paths = pictures([50] * 10)
    (first, *others) = analyse(TASK, scores, LABELS, paths, NAMES).en["precision_performance"][
        "get_negative_samples_cls"
    ]["get_negative_samples_cls"]
    assert first == {
        "labels": [{"name": "dog", "type": 0, "property": {}}],
        "predict_labels": [{"name": "fox", "type": 0, "property": {}}],
        "score": "0.9",
        "data_info": paths[6],
    }
    assert [one["data_info"] for one in others] == [paths[3], paths[9]]


def test_very_many_classes_are_shown_in_part(analyse: Any, caplog: Any) -> None:
    labels = np.append(np.arange(1500), [7] * 10)
    found = analyse(TASK, labels, labels)
    names = found.en["precision_performance"]["cm"]["table"]["Confusion Matrix"]["row_labels"]
    assert len(names) == 1001 and "7" in names and names[-1] == "Others"
    assert np.array(cells(found, "cm")).sum() == 1510
    assert "show the 1000 most frequent" in caplog.text


# ── advice ───────────────────────────────────────────────────────────────────────────────────────


def test_a_model_that_always_says_the_same_is_called_no_better(analyse: Any) -> None:
    found = analyse(TASK, [0] * 100, [0] * 70 + [1] * 30, label_map_dict=NAMES)
    assert found.findings()[:2] == [
        "Accuracy is 0.700; always answering 'cat' would reach 0.700.",
        "Not one sample of dog is recognised.",
    ]
    assert [one["level"] for one in found.en["common"]["diagnosis"][:2]] == [1, 1]


def test_confused_pairs_are_named_with_their_counts(analyse: Any) -> None:
    labels = [0] * 50 + [1] * 50
    predicted = [0] * 50 + [0] * 20 + [1] * 30
    assert (
        "20 of 50 samples of 'dog' are taken for 'cat'."
        in analyse(TASK, predicted, labels, label_map_dict=NAMES).findings()
    )


def test_a_good_model_gets_no_invented_trouble(analyse: Any) -> None:
    labels = np.arange(200) % 2
    found = analyse(TASK, scores_of(labels, 2, 0.97), labels, label_map_dict={"0": "cat", "1": "dog"})
    assert [one["level"] for one in found.en["common"]["diagnosis"]] == [3]


def test_confidence_beyond_accuracy_is_told(analyse: Any) -> None:
    labels = np.arange(200) % 2
    predicted = np.where(np.arange(200) < 60, 1 - labels, labels)
    found = analyse(TASK, scores_of(predicted, 2, 0.99), labels)
    assert "The model is surer than it is right: mean confidence 0.990, accuracy 0.700." in found.findings()
    assert "60 of 60 mistakes are made with a confidence of 0.95 or more." in found.findings()


def test_rare_and_uneven_classes_are_told(analyse: Any) -> None:
    labels = [0] * 100 + [1] * 4
    found = analyse(TASK, labels, labels, label_map_dict={"0": "cat", "1": "dog"}).findings()
    assert "Fewer than 10 samples: dog. Their figures say little." in found
    assert "The classes are uneven: 'cat' has 25.0 times as many samples as 'dog'." in found


def test_dark_pictures_that_do_worse_are_told(analyse: Any, pictures: Any) -> None:
    brightness = np.linspace(10, 240, 60)
    labels = np.arange(60) % 2
    predicted = np.where(brightness < 80, 1 - labels, labels)
    found = analyse(TASK, predicted, labels, pictures(brightness))
    weak = found.en["feature_sensitivity"]["diagnosis"][0]
    assert weak["diagnosis"].startswith("Brightness below ") and "accuracy 0.0" in weak["diagnosis"]
    assert "dark ones" in weak["suggestion"] and weak["level"] == 2
    assert found.zh["feature_sensitivity"]["diagnosis"][0]["diagnosis"].startswith("亮度小于 ")
    curve = found.en["feature_sensitivity"]["image_brightness"]["line_chart"]["acc_line_chart"]["curve"]["Accuracy"]
    assert [y for _, y in curve][:2] == [0.0, 0.0] and [y for _, y in curve][-5:] == [1.0] * 5


# ── scikit-learn ─────────────────────────────────────────────────────────────────────────────────

SKLEARN = """
import json, sys
import numpy
from sklearn import metrics
with numpy.load(sys.argv[1]) as data:
    truth, scores = data["truth"], data["scores"]
predicted = scores.argmax(1)
classes = range(scores.shape[1])
print(json.dumps({
    "accuracy": metrics.accuracy_score(truth, predicted),
    "confusion": metrics.confusion_matrix(truth, predicted, labels=classes).tolist(),
    "by_class": [list(row) for row in metrics.precision_recall_fscore_support(truth, predicted, labels=classes)[:3]],
    "macro": list(metrics.precision_recall_fscore_support(truth, predicted, average="macro")[:3]),
    "auc": [metrics.roc_auc_score(truth == one, scores[:, one]) for one in classes],
    "ap": [metrics.average_precision_score(truth == one, scores[:, one]) for one in classes],
}))
"""


@pytest.mark.engine("sklearn")
def test_figures_are_those_of_scikit_learn(analyse: Any, engine_python: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 6, 700)
    scores = np.round(random.random((700, 6)) + np.eye(6)[truth] * 0.4, 2).astype(np.float32)  # with ties
    scores /= 2
    np.savez(tmp_path / "given.npz", truth=truth, scores=scores)
    told = subprocess.check_output(
        [str(engine_python("sklearn")), "-c", SKLEARN, str(tmp_path / "given.npz")], text=True
    )
    expected = json.loads(told)
    found = analyse(TASK, scores, truth)
    precision = found.en["precision_performance"]
    assert found.en["common"]["acc"]["value"]["Accuracy"] == pytest.approx(expected["accuracy"], abs=1e-5)
    assert np.array(cells(found, "cm")).T.tolist() == expected["confusion"]
    rows = cells(found, "comprehensive_precision")
    np.testing.assert_allclose([row[1:] for row in rows], expected["by_class"], atol=1e-5)
    np.testing.assert_allclose([row[0] for row in rows], expected["macro"], atol=1e-5)
    np.testing.assert_allclose(precision["ROC"]["table"]["AUC"]["cell_value"][0], expected["auc"], atol=1e-5)
    np.testing.assert_allclose(
        precision["pr"]["table"]["Average precision"]["cell_value"][0], expected["ap"], atol=1e-5
    )


def test_curves_are_short_and_reach_both_corners(analyse: Any) -> None:
    random = np.random.default_rng(4)
    truth = random.integers(0, 2, 5000)
    scores = random.random((5000, 2))
    curve = analyse(TASK, scores, truth).en["precision_performance"]["ROC"]["line_chart"]["roc_line_chart"]["curve"][
        "1"
    ]
    assert len(curve) == 101 and curve[0] == [0.0, 0.0] and curve[-1] == [1.0, 1.0]
    assert np.diff(np.array(curve), axis=0).min() >= 0


def test_nothing_is_logged_about_input_that_is_right(analyse: Any, pictures: Any, caplog: Any) -> None:
    caplog.set_level(logging.WARNING)
    analyse(TASK, scores_of(PREDICTED, 3), LABELS, pictures([50] * 10), NAMES)
    assert caplog.text == ""
