import random

import pytest
from PIL import Image

from maquette.demo.images import split_images, write_digits
from maquette.demo.verdict import judge
from maquette.kernel.errors import BadInput


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    assert write_digits(folder) == 1797
    return folder


def test_the_digits_are_pictures_that_others_can_read(digits):
    with Image.open(digits / "0" / "0000.png") as picture:
        assert (picture.size, picture.mode) == ((32, 32), "L")
        # the first sample is a zero: dark in the middle, bright on its ring
        assert picture.getpixel((16, 14)) < 20
        assert picture.getextrema()[1] > 200


def test_unseen_images_are_in_neither_folder_twice_and_lose_their_class_names(digits, tmp_path):
    split = split_images(digits, tmp_path / "given", tmp_path / "unseen")
    given = {path.read_bytes() for path in (tmp_path / "given").rglob("*.png")}
    unseen = list((tmp_path / "unseen").iterdir())
    assert split.given + len(split.unseen) == 1797
    assert len(split.unseen) == len(unseen) > 400
    originals = {path.read_bytes(): path.parent.name for path in digits.rglob("*.png")}
    for path in unseen:
        assert originals[path.read_bytes()] == split.unseen[path.name]
    assert len(given & {path.read_bytes() for path in unseen}) == 0


def test_a_folder_without_classes_is_refused(tmp_path):
    (tmp_path / "images" / "one").mkdir(parents=True)
    (tmp_path / "images" / "one" / "a.png").touch()
    with pytest.raises(BadInput, match="one sub-folder per class"):
        split_images(tmp_path / "images", tmp_path / "given", tmp_path / "unseen")


TRUTH = {f"{number}.png": str(number % 10) for number in range(400)}


def test_right_predictions_that_were_reported_rightly_pass():
    assert judge(TRUTH, TRUTH, 0.99).problems == ()


def test_predictions_from_shuffled_labels_fail():
    labels = list(TRUTH.values())
    random.Random(1).shuffle(labels)
    verdict = judge(TRUTH, dict(zip(TRUTH, labels, strict=True)), verdict_accuracy(labels))
    assert "below 0.95" in verdict.problems[0]


def verdict_accuracy(labels):
    return sum(a == b for a, b in zip(TRUTH.values(), labels, strict=True)) / len(labels)


def test_a_script_that_reports_more_than_is_true_fails():
    predictions = {**TRUTH, **{f"{number}.png": "wrong" for number in range(16)}}
    verdict = judge(TRUTH, predictions, 1.0)
    assert len(verdict.problems) == 1
    assert "more than 0.02 apart" in verdict.problems[0]


def test_a_missing_prediction_counts_as_wrong():
    assert judge(TRUTH, {}, 0.0).accuracy == 0.0
