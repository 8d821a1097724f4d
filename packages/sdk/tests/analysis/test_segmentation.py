"""Reports on segmentation: figures by hand, figures of scikit-learn, and what scripts really hand over."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maquette_sdk.analysis.wrong_input import WrongInput

TASK = "image_segmentation"
NAMES = {"0": "sky", "1": "sea"}
TRUE = [[0, 0, 0, 0], [1, 1, 1, 1]]
FOUND = [[0, 0, 0, 1], [1, 1, 0, 0]]


def table(analysis: Any, operation: str) -> Any:
    (found,) = analysis.en["precision_performance"][operation]["table"].values()
    return found


@pytest.mark.parametrize(
    ("found", "true"),
    [
        (FOUND, TRUE),
        (np.array(FOUND), np.array(TRUE)),
        (np.array(FOUND, np.uint8), np.array(TRUE, float)),
        (np.array(FOUND)[:, :, None], np.array(TRUE)[None]),
        (np.array(FOUND, bool), TRUE),
    ],
)
def test_figures_are_those_computed_by_hand(analyse: Any, found: Any, true: Any) -> None:
    report = analyse(TASK, [found], [true], label_map_dict=NAMES)
    assert table(report, "cm")["cell_value"] == [[3, 2], [1, 2]]  # rows predicted, columns actual
    assert report.en["common"]["pa"]["value"] == {
        "Pixel accuracy": 0.625, "Mean pixel accuracy": 0.625, "mIoU": 0.45, "Mean Dice": pytest.approx(0.61905),
    }  # fmt: skip
    cells = table(report, "comprehensive_precision")
    assert cells["row_labels"] == ["IoU", "Dice", "Precision", "Recall"]
    assert cells["col_labels"] == ["Macro average", "sky", "sea"]
    assert cells["cell_value"] == [
        [0.45, 0.5, 0.4], [0.61905, 0.66667, 0.57143], [0.63333, 0.6, 0.66667], [0.625, 0.75, 0.5],
    ]  # fmt: skip


def test_pictures_of_different_sizes_count_by_their_pixels(analyse: Any) -> None:
    report = analyse(TASK, [FOUND, [[1]]], [TRUE, [[1]]], label_map_dict=NAMES)
    assert report.en["common"]["pa"]["value"]["Pixel accuracy"] == pytest.approx(6 / 9, abs=1e-5)
    assert report.en["precision_performance"]["count"]["value"] == {
        "Total images": 2, "Total pixels": 9, "Total classes": 2,
    }  # fmt: skip
    assert report.samples[0] == {
        "labels": [{"name": "sky"}, {"name": "sea"}], "predict_labels": [{"name": "sky"}, {"name": "sea"}],
        "score": "1.0", "pixel_accuracy": 0.625, "miou": 0.45, "obs_path": "", "feature": {},
    }  # fmt: skip
    assert report.samples[1]["miou"] == 1.0


@pytest.mark.parametrize("void", [255, -1])
def test_void_pixels_are_left_out(analyse: Any, void: int) -> None:
    true = np.array(TRUE)
    true[0, 3] = true[1, 2] = void
    report = analyse(TASK, [FOUND], [true], label_map_dict=NAMES)
    assert table(report, "cm")["cell_value"] == [[3, 1], [0, 2]]
    assert report.en["precision_performance"]["count"]["value"]["Total pixels"] == 6


def test_a_void_number_that_is_predicted_is_no_class_either(analyse: Any) -> None:
    found = np.array(FOUND)
    found[0, 0] = 255
    true = np.array(TRUE)
    true[1, 3] = 255
    report = analyse(TASK, [found], [true], label_map_dict=NAMES)
    assert table(report, "cm")["row_labels"] == ["sky", "sea"]
    # The true 'sky' pixel that was predicted as void stands in no cell.
    assert table(report, "cm")["cell_value"] == [[2, 1], [1, 2]]


def test_class_255_counts_where_the_label_map_names_it(analyse: Any) -> None:
    report = analyse(TASK, [np.array(TRUE) * 255], [np.array(TRUE) * 255], label_map_dict={"0": "sky", "255": "sea"})
    assert table(report, "cm")["cell_value"] == [[4, 0], [0, 4]]


@pytest.mark.parametrize(
    ("found", "true", "told"),
    [
        ([FOUND, [[0, 1]]], [TRUE, [[0], [1]]], r"pred_list\[1\] has the shape \(1, 2\) and label_list\[1\] \(2, 1\)"),
        ([np.zeros((2, 4, 21))], [TRUE], r"pred_list\[0\] has the shape \(2, 4, 21\).*argmax"),
        ([[0, 1]], [TRUE], r"pred_list\[0\] has the shape \(2,\)"),
        ([np.array(FOUND) * 0.5], [TRUE], r"pred_list\[0\] holds values that are no class numbers"),
        ([np.arange(10000).reshape(100, 100)], [np.zeros((100, 100))], "10000 different numbers"),
    ],
)
def test_masks_that_cannot_be_meant_are_named(analyse: Any, tmp_path: Path, found: Any, true: Any, told: str) -> None:
    with pytest.raises(WrongInput, match=told):
        analyse(TASK, found, true)
    assert list(tmp_path.iterdir()) == []


def test_masks_are_kept_in_one_row_with_their_shapes(analyse: Any) -> None:
    report = analyse(TASK, [FOUND, [[1]]], [TRUE, [[1]]])
    arrays = report.arrays
    assert arrays["np_pred_list"].tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 1]
    assert arrays["np_label_list"].dtype == np.uint8
    assert arrays["np_shape_list"].tolist() == [[2, 4], [1, 1]]


def test_a_model_that_paints_everything_alike_is_told(analyse: Any) -> None:
    true = np.zeros((10, 10), int)
    true[:3] = 1
    report = analyse(TASK, [np.zeros((10, 10), int)], [true], label_map_dict=NAMES)
    assert report.findings()[:2] == [
        "100.0% of the pixels are predicted as 'sky', which makes up 70.0%.",
        "Not one pixel of sea is recognised.",
    ]
    assert "100.0% of the pixels of 'sea' are taken for 'sky'." in report.findings()


def test_dark_pictures_that_do_worse_are_told(analyse: Any, pictures: Any) -> None:
    brightness = np.linspace(10, 240, 60)
    masks = [np.array(TRUE)] * 60
    found = [1 - mask if light < 80 else mask for mask, light in zip(masks, brightness, strict=True)]
    report = analyse(TASK, found, masks, pictures(brightness), NAMES)
    weak = report.en["feature_sensitivity"]["diagnosis"][0]["diagnosis"]
    assert weak.startswith("Brightness below ") and "mean IoU 0.0" in weak and weak.endswith("against 1.000 elsewhere.")
    charts = report.en["feature_sensitivity"]["image_brightness"]["line_chart"]
    assert set(charts) == {"miou_line_chart", "iou_line_chart", "feature_line_chart"}
    assert charts["iou_line_chart"]["curve"]["sea"][0][1] == 0.0


SKLEARN = """
import json, sys
import numpy
from sklearn import metrics
with numpy.load(sys.argv[1]) as data:
    truth, found = data["truth"].ravel(), data["found"].ravel()
print(json.dumps({
    "confusion": metrics.confusion_matrix(truth, found).tolist(),
    "pa": metrics.accuracy_score(truth, found),
    "mpa": metrics.balanced_accuracy_score(truth, found),
    "iou": metrics.jaccard_score(truth, found, average=None).tolist(),
    "dice": metrics.f1_score(truth, found, average=None).tolist(),
}))
"""


@pytest.mark.engine("sklearn")
def test_figures_are_those_of_scikit_learn(analyse: Any, engine_python: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 7, (30, 20, 25))
    found = np.where(random.random(truth.shape) < 0.7, truth, random.integers(0, 7, truth.shape))
    np.savez(tmp_path / "given.npz", truth=truth, found=found)
    told = subprocess.check_output(
        [str(engine_python("sklearn")), "-c", SKLEARN, str(tmp_path / "given.npz")], text=True
    )
    expected = json.loads(told)
    report = analyse(TASK, found, truth)
    iou, dice, _, _ = table(report, "comprehensive_precision")["cell_value"]
    assert np.array(table(report, "cm")["cell_value"]).T.tolist() == expected["confusion"]
    np.testing.assert_allclose(iou[1:], expected["iou"], atol=1e-5)
    np.testing.assert_allclose(dice[1:], expected["dice"], atol=1e-5)
    value = report.en["common"]["pa"]["value"]
    np.testing.assert_allclose(
        [value["Pixel accuracy"], value["Mean pixel accuracy"], value["mIoU"]],
        [expected["pa"], expected["mpa"], np.mean(expected["iou"])], atol=1e-5,
    )  # fmt: skip
