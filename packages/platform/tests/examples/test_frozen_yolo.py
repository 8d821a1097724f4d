"""The frozen YOLOv3 over HTTP: on hand-made squares with both TensorFlows, and what a request may be."""

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

NEW, OLD = "tensorflow", "tf1.13"
PB = "frozen_darknet_yolov3_model.pb"


@pytest.fixture(scope="module")
def squares(example, command):
    """The example with its pictures and its package made."""
    folder = example("frozen_yolo")
    command("run", "code", "--boot", "make_data.py", "--engine", NEW, "--output", "squares", cwd=folder)
    command("run", "code", "--boot", "convert.py", "--engine", NEW, "--data", "squares", "--output", ".", cwd=folder)
    return folder


@pytest.fixture(scope="module", params=[pytest.param(one, marks=pytest.mark.engine(one)) for one in (NEW, OLD)])
def service(request, served, squares):
    return served(squares / "model", "--engine", request.param)


@pytest.fixture(scope="module")
def truth(squares):
    """By the name of a picture [class, ymin, xmin, ymax, xmax] of what was drawn."""
    return json.loads((squares / "squares" / "truth.json").read_text())


def picture_file(squares, name):
    return (squares / "squares" / "pictures" / name).read_bytes()


def overlap(one, other):
    """Intersection over union of two boxes of four numbers."""
    near, far = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = np.prod(np.maximum(far - near, 0))
    return shared / (np.prod(np.subtract(one[2:], one[:2])) + np.prod(np.subtract(other[2:], other[:2])) - shared)


def assert_found(answer, drawn, least=0.85):
    assert sorted(answer["detection_classes"]) == sorted(one[0] for one in drawn)
    found = list(zip(answer["detection_classes"], answer["detection_boxes"], strict=True))
    for name, *box in drawn:
        assert max(overlap(box, other) for kind, other in found if kind == name) > least, (name, box, found)
    assert all(0.9 < score <= 1 for score in answer["detection_scores"])


def test_every_square_is_found_where_it_was_drawn(service, squares, truth):
    for name, drawn in truth.items():
        status, answer = service.form([("images", picture_file(squares, name), name)])
        assert status == 200
        assert_found(answer, drawn)


@pytest.mark.engine(OLD)
def test_the_demo_draws_what_it_finds(command, squares, truth):
    inputs = ("--data", "squares/pictures", "--data", "model_url=model")
    command("run", "code", "--boot", "demo.py", "--engine", OLD, *inputs, "--output", "drawn", cwd=squares)
    found = json.loads((squares / "drawn" / "detections.json").read_text())
    for name, drawn in truth.items():
        turned = [np.array(one["box"])[[1, 0, 3, 2]] for one in found[name]]
        classes, scores = ([one[key] for one in found[name]] for key in ("class", "score"))
        assert_found({"detection_classes": classes, "detection_boxes": turned, "detection_scores": scores}, drawn)
        with (
            Image.open(squares / "drawn" / name) as after,
            Image.open(squares / "squares" / "pictures" / name) as before,
        ):
            changed = (np.asarray(after) != np.asarray(before)).any(axis=2)
        for _, top, left, bottom, right in drawn:
            assert changed[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3].sum() > bottom - top


def test_several_pictures_are_answered_together_in_their_order(service, squares, truth):
    names = sorted(truth, reverse=True)
    _, answer = service.form([("images", picture_file(squares, name), name) for name in names])
    assert answer["detection_images"] == [name for name in names for _ in truth[name]]
    start = 0
    for name in names:
        end = start + len(truth[name])
        assert_found({key: values[start:end] for key, values in answer.items()}, truth[name])
        start = end


@pytest.mark.parametrize("name", ["grey", "RGBA", "palette", "16-bit", "EXIF-rotated", "one pixel", "almost 12 MB"])
def test_an_odd_picture_is_a_picture(service, odd_pictures, name):
    nothing = {"detection_classes": [], "detection_boxes": [], "detection_scores": [], "detection_images": []}
    assert service.form([("images", odd_pictures[name])]) == (200, nothing)


def test_boxes_are_those_of_the_picture_as_people_see_it(service, squares, truth):
    name, drawn = next(iter(truth.items()))
    picture, file = Image.open(io.BytesIO(picture_file(squares, name))), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90° clockwise
    picture.rotate(90, expand=True).save(file, "JPEG", exif=exif, quality=95)
    _, answer = service.form([("images", file.getvalue())])
    assert_found(answer, drawn)
    wide = Image.new("RGB", (900, 300), "white")
    wide.paste("blue", (500, 100, 560, 180))
    file = io.BytesIO()
    wide.convert("RGBA").save(file, "PNG")
    _, answer = service.form([("images", file.getvalue())])
    assert_found(answer, [["blue", 100, 500, 180, 560]])


def assert_refused(answer, sentence):
    status, body = answer
    assert status == 200
    assert (body["erno"], body["words_result"]) == ("MR.0101", {})
    assert body["msg"].startswith(sentence), body
    assert body["msg"].endswith(".") and "\n" not in body["msg"] and "0x" not in body["msg"]


def test_what_is_no_picture_is_told_in_a_sentence(service, unreadable_pictures):
    for kind, sentence in (
        ("text", "The file 'a.jpg' is no picture of a known kind."),
        ("empty", "The file 'a.jpg' is no picture of a known kind."),
        ("truncated", "The file 'a.jpg' is damaged or cut off: "),
    ):
        assert_refused(service.form([("images", unreadable_pictures[kind], "a.jpg")]), sentence)


def test_one_bad_picture_among_good_ones_is_named(service, odd_pictures, unreadable_pictures):
    files = [("images", odd_pictures["grey"], "good.png"), ("images", unreadable_pictures["text"], "bad.png")]
    assert_refused(service.form(files), "The file 'bad.png' is no picture of a known kind.")


def test_a_request_without_a_picture_is_told_what_to_send(service):
    sentence = "There is no picture in the request. Send a form with a file in the field 'images'."
    assert_refused(service.form(images="this is text"), sentence)
    assert_refused(service.json({"images": {"a.jpg": "/etc/passwd"}}), sentence)
    assert_refused(service.json([1, 2]), sentence)


def test_too_many_pictures_are_refused_with_the_number_that_goes(service, odd_pictures):
    files = [("images", odd_pictures["one pixel"], f"{number}.png") for number in range(33)]
    assert service.form(files[:32])[0] == 200
    assert_refused(service.form(files), "There are 33 pictures in the request, 32 are the most.")


@pytest.mark.engine(OLD)
def test_thresholds_and_files_are_given_by_variables(served, squares, truth, tmp_path):
    package = shutil.copytree(squares / "model", tmp_path / "model")
    (package / PB).rename(package / "other.pb")
    (package / "class_names.txt").unlink()
    (package / "farben.txt").write_text("rot\ngrün\nblau\n", encoding="utf-8")
    variables = ("CLASS_NAMES=farben.txt", "FROZEN_MODEL=other.pb", "CONF_THRESHOLD=0.0001", "IOU_THRESHOLD=1")
    options = [word for variable in variables for word in ("--env", variable)]
    name, drawn = next(iter(truth.items()))
    _, answer = served(package, *options).form([("images", picture_file(squares, name), name)])
    german = {"red": "rot", "green": "grün", "blue": "blau"}
    assert set(answer["detection_classes"]) == {german[one[0]] for one in drawn}
    assert len(answer["detection_boxes"]) > len(drawn)
    assert 0.0001 <= min(answer["detection_scores"]) < 0.01


@pytest.mark.engine(OLD)
def test_a_package_without_its_graph_does_not_start_and_says_so(command, squares):
    done = command("serve", squares / "model", "--port", 0, "--env", "FROZEN_MODEL=absent.pb", check=1)
    assert done.stderr.rstrip().splitlines()[-1] == (
        f"FileNotFoundError: There is no absent.pb in the package. The .pb files in it: {PB}."
    )
