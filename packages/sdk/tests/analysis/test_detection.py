"""Reports on detectors: COCO's figures, kinds of mistakes, and what scripts really hand over."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any, List, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from maquette_sdk.analysis.detection.figures import Chosen, best_confidence, false_detections, missed_detections
from maquette_sdk.analysis.detection.matching import THRESHOLDS, match
from maquette_sdk.analysis.detection.report import Report
from maquette_sdk.analysis.detection.samples import read
from maquette_sdk.analysis.wrong_input import WrongInput

TASK = "image_object_detection"
DATA = os.environ.get("MAQUETTE_DATA")


def made(seed: int, pictures: int, kinds: int, most: int, step: float) -> Tuple[List[Any], List[Any]]:
    """Predictions and labels on a grid of `step`: moved, mistaken and invented boxes, many with equal scores."""
    chance = random.Random(seed)

    def on_grid(value: float) -> float:
        return round(value / step) * step

    def anywhere() -> List[float]:
        top, left = on_grid(chance.uniform(0, 80)), on_grid(chance.uniform(0, 80))
        return [top, left, top + on_grid(chance.uniform(step, 40)), left + on_grid(chance.uniform(step, 40))]

    predictions, labels = [], []
    for _ in range(pictures):
        true = [anywhere() for _ in range(chance.randint(0, 6))]
        true_kinds = [chance.randrange(kinds) for _ in true]
        found: List[Any] = [[], [], []]
        for _ in range(chance.randint(0, most)):
            one = chance.randrange(len(true)) if true and chance.random() < 0.7 else None
            box = anywhere() if one is None else [side + on_grid(chance.uniform(-6, 6)) for side in true[one]]
            right = one is not None and chance.random() < 0.85
            kind = true_kinds[one] if right and one is not None else chance.randrange(kinds)
            if box[2] > box[0] and box[3] > box[1]:
                for part, value in zip(found, (box, kind, round(chance.random(), 2)), strict=True):
                    part.append(value)
        predictions.append(found if found[0] else [[[]], [], []])
        labels.append([true, true_kinds] if true else [[[]], []])
    return predictions, labels


# By pycocotools 2.0.11 and faster-coco-eval 1.8.0, which agree: mAP, mAP@0.5, mAP@0.75.
COCO = [
    ((1, 30, 3, 12, 1.0), [0.01797004, 0.05578349, 0.00835298]),
    ((2, 50, 5, 20, 0.01), [0.02212985, 0.08004371, 0.00087793]),
    ((3, 20, 1, 300, 2.0), [0.06654836, 0.20822036, 0.03508704]),
    ((4, 40, 8, 10, 5.0), [0.04830048, 0.13123911, 0.03332656]),
    ((5, 120, 20, 30, 0.5), [0.03733061, 0.10983917, 0.01021709]),
]


@pytest.mark.parametrize(("arguments", "expected"), COCO, ids=str)
def test_map_is_that_of_the_coco_evaluation(arguments: Any, expected: Any) -> None:
    report = Report(read(*made(*arguments), {}), None)
    ap = [np.nanmean(report.ap), np.nanmean(report.ap[0]), np.nanmean(report.ap[5])]
    np.testing.assert_allclose(ap, expected, atol=1e-8)


@pytest.mark.skipif(not DATA, reason="MAQUETTE_DATA names no folder with detections of real pictures")
def test_figures_of_a_real_detector_are_those_of_the_coco_evaluation(analyse: Any) -> None:
    folder = Path(str(DATA)) / "detection" / "indoor_map"
    names = sorted(path.stem for path in (folder / "ground_truth").iterdir())
    lines = {
        kind: [(folder / kind / (name + ".txt")).read_text().split("\n") for name in names]
        for kind in ("ground_truth", "detections")
    }
    kinds = sorted({line.split()[0] for files in lines.values() for file in files for line in file if line})

    def boxes(file: List[str], first: int) -> List[Any]:
        rows = [line.split() for line in file if line]
        corners = [[row[first + 1], row[first], row[first + 3], row[first + 2]] for row in rows]
        return [corners, [kinds.index(row[0]) for row in rows]]

    predictions = [[*boxes(file, 2), [float(line.split()[1]) for line in file if line]] for file in lines["detections"]]
    pictures = [str(folder / "images" / (name + ".jpg")) for name in names]
    labels = [boxes(file, 1) for file in lines["ground_truth"]]
    found = analyse(TASK, predictions, labels, pictures, dict(enumerate(kinds)))
    # By pycocotools 2.0.11 and faster-coco-eval 1.8.0, which agree.
    assert found.en["common"]["map"]["value"] == {"mAP@0.5:0.95": 0.15974, "mAP@0.5": 0.31686, "mAP@0.75": 0.13417}
    table = found.en["precision_performance"]["comprehensive_precision"]["table"]["Precision-related Metrics"]
    by_kind = dict(zip(table["col_labels"], table["cell_value"][table["row_labels"].index("AP@0.5")], strict=True))
    assert [by_kind[kind] for kind in ("bed", "chair", "sofa", "doll", "vase")] == pytest.approx(
        [0.981436, 0.563790, 0.861386, 0.0, 0.151815], abs=1e-5
    )
    assert len(found.en["feature_sensitivity"]) == 14


# ── matching, against the plain way to do it ─────────────────────────────────────────────────────


def overlap(one: Any, other: Any) -> float:
    shared = max(0.0, min(one[2], other[2]) - max(one[0], other[0])) * max(
        0.0, min(one[3], other[3]) - max(one[1], other[1])
    )
    both = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared
    return shared / both if both else 0.0


def plainly(found: Any, true: Any, threshold: float) -> List[int]:
    """One box after the other, the best first: the free true box of its class that it overlaps most."""
    taken, result = set(), [-1] * len(found.image)
    for one in sorted(range(len(found.image)), key=lambda index: -found.score[index]):
        best, whom = min(threshold, 1 - 1e-10), -1
        for other in range(len(true.image)):
            alike = (true.image[other], true.kind[other]) == (found.image[one], found.kind[one])
            if alike and other not in taken and overlap(found.box[one], true.box[other]) >= best:
                best, whom = overlap(found.box[one], true.box[other]), other
        result[one] = whom
        taken.add(whom)
        taken.discard(-1)
    return result


corner = some.integers(0, 6)
box = some.tuples(corner, corner, some.integers(1, 6), some.integers(1, 6)).map(
    lambda sides: [sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3]]
)
picture = some.tuples(
    some.lists(some.tuples(box, some.integers(0, 1), some.sampled_from([0.1, 0.5, 0.9])), max_size=6),
    some.lists(some.tuples(box, some.integers(0, 1)), min_size=1, max_size=5),
)


@settings(max_examples=150, deadline=None)
@given(some.lists(picture, min_size=1, max_size=3))
def test_boxes_are_matched_one_by_one_from_the_best(pictures: Any) -> None:
    predictions = [[[b for b, _, _ in p], [k for _, k, _ in p], [s for _, _, s in p]] for p, _ in pictures]
    labels = [[[b for b, _ in t], [k for _, k in t]] for _, t in pictures]
    samples = read(predictions, labels, {})
    matches = match(samples.found, samples.true)
    for row, threshold in enumerate(THRESHOLDS):
        assert matches.truth[row].tolist() == plainly(samples.found, samples.true, threshold)


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────

TRUE = [
    [[0, 0, 100, 100], [200, 200, 300, 300], [400, 400, 500, 500], [0, 300, 50, 350], [600, 600, 620, 620]],
    [0, 1, 0, 1, 0],
]
FOUND = [
    [
        [0, 0, 100, 100], [0, 0, 100, 95], [200, 200, 300, 300], [400, 400, 500, 440], [700, 0, 740, 40],
        [0, 300, 50, 320],
    ],
    [0, 0, 0, 0, 1, 0],
    [0.9, 0.8, 0.8, 0.8, 0.8, 0.8],
]  # fmt: skip


def test_each_wrong_and_each_missed_box_has_its_kind() -> None:
    samples = read([FOUND], [TRUE], {})
    right = match(samples.found, samples.true).right[0]
    everything = Chosen(0.0, np.ones(6, bool), right, np.array([True, False, False, False, False]))
    assert false_detections(samples, everything) == {
        "correct": 1, "class": 1, "location": 1, "duplicate": 1, "class_and_location": 1, "background": 1,
    }  # fmt: skip
    assert missed_detections(samples, everything) == {
        "found": 1, "class": 1, "location": 1, "class_and_location": 1, "background": 1,
    }  # fmt: skip


def test_the_best_confidence_is_where_f1_is_highest(analyse: Any) -> None:
    samples = read([FOUND], [TRUE], {})
    chosen = best_confidence(samples, match(samples.found, samples.true))
    assert (chosen.confidence, chosen.kept.sum(), chosen.found.tolist()) == (0.9, 1, [True] + [False] * 4)
    found = analyse(TASK, [FOUND], [TRUE])
    operation = found.en["precision_performance"]["f1_confidence"]
    assert operation["value"] == {"Best confidence": 0.9}
    curve = dict(map(tuple, operation["line_chart"]["f1_line_chart"]["curve"]["All classes"]))
    assert curve[0.9] == pytest.approx(2 * 1 / (1 + 5), abs=1e-5) and curve[0.8] == pytest.approx(2 / 11, abs=1e-5)


def test_the_report_shows_the_mistakes_as_pies(analyse: Any) -> None:
    predictions = [[FOUND[0], FOUND[1], [0.9] * 6]]
    found = analyse(TASK, predictions, [TRUE])
    pie = found.en["precision_performance"]["false_detection"]["pie_chart"]["False detections"]
    assert dict(zip(pie["label"], pie["value"], strict=True)) == {
        "Correct": 1, "Wrong class": 1, "Wrong location": 1, "Duplicate": 1, "Wrong class and location": 1,
        "Background": 1,
    }  # fmt: skip
    pie = found.zh["precision_performance"]["missed_detection"]["pie_chart"]["漏检分析"]
    assert pie["label"] == ["已检出", "类别错误", "位置错误", "类别和位置都错误", "未检测到"]
    assert pie["value"] == [1, 1, 1, 1, 1]


# ── input ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "entry",
    [
        [[[0, 0, 10, 10]], [0], [0.5]],
        [np.array([[0, 0, 10, 10]]), np.array([0]), np.array([0.5])],
        [np.array([["0", "0", "10", "10"]]), np.array([0]), np.array(["0.5"])],
        ([[0.0, 0.0, 10.0, 10.0]], ["cat"], [0.5]),
        [np.array([0.0, 0.0, 10.0, 10.0]), np.array([0.0]), np.array([0.5])],
    ],
)
def test_boxes_come_as_lists_arrays_and_texts(analyse: Any, entry: Any) -> None:
    found = analyse(TASK, [entry, [[[]], [], []], []], [[[[0, 0, 10, 10]], [0]]] * 3, label_map_dict={"0": "cat"})
    assert found.en["common"]["map"]["value"]["mAP@0.5"] == pytest.approx(34 / 101, abs=1e-5)
    assert [one["score"] for one in found.samples] == ["0.5", "0.0", "0.0"]
    assert found.samples[0]["predict_labels"] == [
        {
            "name": "cat",
            "property": {"@modelarts:shape": "bndbox", "@modelarts:feature": [[0.0, 0.0], [10.0, 10.0]]},
            "score": "0.5",
        }
    ]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ([[[0, 0, 9, 9]], [0]], r"pred_list\[0\] is not of the form .*n scores"),
        ([[[0, 0, 9, 9]], [0], [0.5, 0.6]], r"pred_list\[0\] has 4 coordinates, 1 classes and 2 scores"),
        ([[[0, 0, 9]], [0], [0.5]], r"pred_list\[0\] has 3 coordinates"),
        ([[[0, 0, 9, float("nan")]], [0], [0.5]], r"pred_list\[0\] has boxes or scores with NaN"),
        ([[["a", 0, 9, 9]], [0], [0.5]], r"pred_list\[0\] has boxes or scores that are no numbers"),
        ({"boxes": [], "labels": [], "scores": []}, r"pred_list\[0\] is not of the form"),
        (7, r"pred_list\[0\] is not of the form"),
    ],
)
def test_entries_that_cannot_be_meant_are_named(analyse: Any, tmp_path: Path, entry: Any, told: str) -> None:
    with pytest.raises(WrongInput, match=told):
        analyse(TASK, [entry], [[[[0, 0, 9, 9]], [0]]])
    assert list(tmp_path.iterdir()) == []


def test_labels_without_a_single_box_are_refused(analyse: Any) -> None:
    with pytest.raises(WrongInput, match="label_list has no boxes at all"):
        analyse(TASK, [[[[0, 0, 9, 9]], [0], [0.5]]], [[[[]], []]])


def test_a_detector_that_finds_nothing_has_its_report(analyse: Any) -> None:
    found = analyse(TASK, [[[[]], [], []]] * 2, [[[[0, 0, 9, 9]], [0]]] * 2, label_map_dict={"0": "cat", "1": "dog"})
    assert found.en["common"]["map"]["value"]["mAP@0.5"] == 0.0
    assert found.findings()[0] == "mAP@0.5 is 0.000: hardly a box is right."
    assert found.en["precision_performance"]["missed_detection"]["pie_chart"]["Missed detections"]["value"] == [
        0, 0, 0, 0, 2,
    ]  # fmt: skip


def test_boxes_with_x_first_are_told(analyse: Any, pictures: Any, caplog: Any) -> None:
    paths = pictures([100] * 3, size=(200, 50))
    labels = [[[[120, 10, 180, 40]], [0]]] * 3  # xmin, ymin, xmax, ymax
    analyse(TASK, [[*one, [0.9]] for one in labels], labels, paths)
    assert "3 of 3 boxes of label_list leave their pictures, and would not if x came first" in caplog.text


def test_boxes_with_their_end_before_their_beginning_are_told(analyse: Any, caplog: Any) -> None:
    found = analyse(TASK, [[[[9, 9, 0, 0]], [0], [0.9]]], [[[[0, 0, 9, 9]], [0]]])
    assert "pred_list has 1 boxes (the first in entry 0) whose end lies before their beginning" in caplog.text
    assert found.en["common"]["map"]["value"]["mAP@0.5"] == 0.0


def test_arrays_keep_a_row_per_box(analyse: Any) -> None:
    found = analyse(TASK, [[[[]], [], []], FOUND], [TRUE, TRUE], label_map_dict={"0": "cat", "1": "dog"})
    arrays = found.arrays
    assert arrays["np_pred_list"].shape == (6, 7) and arrays["np_label_list"].shape == (10, 6)
    np.testing.assert_allclose(arrays["np_pred_list"][0], [1, 0, 0, 100, 100, 0, 0.9])
    assert arrays["np_label_list"].dtype == np.float32


# ── features of boxes ────────────────────────────────────────────────────────────────────────────


def test_boxes_have_their_size_shape_place_overlap_and_light(tmp_path: Path) -> None:
    from maquette_sdk.analysis.detection.boxes import box_features, picture_features
    from maquette_sdk.analysis.detection.samples import by_image
    from maquette_sdk.analysis.pictures import measure

    grey = np.full((100, 200), 50, np.uint8)
    grey[:50, :50] = 200
    Image.fromarray(grey).save(tmp_path / "a.png")
    for scale in (np.ones(4), np.array([100.0, 200.0, 100.0, 200.0])):  # pixels, and shares of the picture
        boxes = np.array([[0, 0, 50, 50], [0, 0, 100, 200], [40, 80, 60, 120]]) / scale
        samples = read([[[[]], [], []]], [[boxes, [0, 0, 0]]], {})
        measured = measure([str(tmp_path / "a.png")], by_image(samples.true, 1), samples.shares)
        found = box_features(samples, measured)
        np.testing.assert_allclose(found["box_area_ratio"], [0.125, 1, 0.04])
        np.testing.assert_allclose(found["box_aspect_ratio"], [1, 2, 2])
        np.testing.assert_allclose(found["box_marginalization"], [(0.25**2 + 0.375**2) ** 0.5 / 0.5**0.5, 0, 0])
        np.testing.assert_allclose(found["box_overlap"], [1, 0.125, 1])
        np.testing.assert_allclose(found["box_brightness"], [200, 50 + 150 / 8, 50])
        assert found["box_ambiguity"][0] == 0 and found["box_ambiguity"][1] > 0
        assert picture_features(samples, measured)["box_count"].tolist() == [3]


def test_small_boxes_that_are_missed_are_told(analyse: Any) -> None:
    sizes = np.linspace(0.02, 0.5, 80)
    labels = [[[[0, 0, size, size]], [0]] for size in sizes]
    predictions = [[*label, [0.9]] if size > 0.2 else [[[]], [], []] for label, size in zip(labels, sizes, strict=True)]
    found = analyse(TASK, predictions, labels)
    told = [one for one in found.findings("feature_sensitivity") if one.startswith("Area of boxes below")]
    assert told == ["Area of boxes below 0.05032: recall 0.118 on 34 boxes, against 1.000 elsewhere."]
    charts = found.en["feature_sensitivity"]["box_area_ratio"]["line_chart"]
    assert set(charts) == {"recall_line_chart", "class_recall_line_chart", "feature_line_chart"}
    assert charts["recall_line_chart"]["curve"]["Recall"][-1][1] == 1.0


def test_map_by_ranges_of_pictures_is_that_of_these_pictures_alone(analyse: Any, pictures: Any) -> None:
    predictions, labels = made(7, 40, 3, 12, 1.0)
    labels[0] = [[[0, 0, 9, 9]], [0]]
    brightness = [20] * 20 + [220] * 20
    found = analyse(TASK, predictions, labels, pictures(brightness))
    curve = found.en["feature_sensitivity"]["image_brightness"]["line_chart"]["map_line_chart"]["curve"]["mAP@0.5"]
    assert [y is None for _, y in curve] == [False] + [True] * 8 + [False]
    for ends, part in ((curve[0], slice(0, 20)), (curve[-1], slice(20, 40))):
        alone = Report(read(predictions[part], labels[part], {}), None)
        assert ends[1] == pytest.approx(np.nanmean(alone.ap[0]), abs=1e-5)
