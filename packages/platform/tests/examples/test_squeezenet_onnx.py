"""SqueezeNet in ONNX over HTTP: with the stand-in network, and with the real one where its weights are."""

import io
import os
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.engine("onnxruntime")
ENGINE = ("--engine", "onnxruntime")
DATA = os.environ.get("MAQUETTE_DATA")
LABELS = ["red", "green", "blue", "yellow", "black", "white"]  # of the stand-in network
RED = (200, 30, 30)


@pytest.fixture(scope="module")
def folder(example, command):
    """The example with its data and its package made."""
    folder = example("squeezenet_onnx")
    for script in ("make_data.py", "make_model.py"):
        command("run", ".", "--boot", script, *ENGINE, "--output", "output", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def service(served, folder):
    return served(folder / "output" / "model", *ENGINE)


def encoded(picture, format="PNG"):
    file = io.BytesIO()
    picture.save(file, format)
    return file.getvalue()


def plain(colour, mode="RGB"):
    return encoded(Image.new(mode, (40, 30), colour))


def address(service):
    return re.search(r"ready after .* at (http://\S+)", service.log).group(1).rstrip(";")


# ── the right answer ───────────────────────────────────────────────────────────────────────────


def test_the_package_is_sound(command, folder):
    assert "Sound." in command("check", "output/model", *ENGINE, cwd=folder).stdout


def test_the_likeliest_classes_come_first_five_unless_told(service):
    status, answer = service.form([("images", plain(RED))])
    assert (status, answer["predicted_label"]) == (200, "red")
    labels, scores = zip(*answer["scores"], strict=True)
    assert len(labels) == 5 and set(labels) < set(LABELS)
    assert labels[0] == "red" and list(scores) == sorted(scores, reverse=True)


@pytest.mark.parametrize("top_k", [1, 6])
def test_as_many_classes_come_as_are_asked_for(service, top_k):
    answer = service.form([("images", plain(RED))], top_k=str(top_k))[1]
    assert len(answer["scores"]) == top_k
    if top_k == len(LABELS):
        assert sum(score for _, score in answer["scores"]) == pytest.approx(1, abs=1e-5)


def test_the_service_answers_what_the_network_answers_when_asked_directly(command, folder, service):
    done = command(
        "run", ".", "--boot", "evaluate.py", *ENGINE, "--data", "output/data", "--output", "judged",
        "--", f"--address={address(service)}", cwd=folder,
    )  # fmt: skip
    assert "0 answers differ between the service and the network asked directly" in done.stdout
    assert "accuracy 1.0000, among the first five 1.0000" in done.stdout
    assert "metric.json: accuracy 1.0000" in done.stderr


# ── odd input ──────────────────────────────────────────────────────────────────────────────────


def test_a_picture_is_the_same_in_every_kind_of_file(service, odd_pictures):
    expected = dict(service.form([("images", odd_pictures["grey"])], top_k="6")[1]["scores"])
    for kind, content in odd_pictures.items():
        status, answer = service.form([("images", content)], top_k="6")
        assert status == 200, kind
        if kind in ("palette", "one pixel"):
            continue  # their colours are others
        assert dict(answer["scores"]) == pytest.approx(expected, abs=0.02), kind


def test_what_is_transparent_is_seen_on_white(service):
    assert service.form([("images", plain((*RED, 0), "RGBA"))])[1]["predicted_label"] == "white"


def test_an_upload_that_is_no_picture_is_answered_in_a_sentence(service, unreadable_pictures):
    for kind, content in unreadable_pictures.items():
        status, answer = service.form([("images", content, "cat.jpg")])
        assert (status, answer["erno"]) == (200, "MR.0101"), kind
        assert answer["msg"].startswith("'cat.jpg' "), kind
        assert "object at" not in answer["msg"], kind


def test_a_picture_that_would_not_fit_into_memory_is_refused_unread(service):
    status, answer = service.form([("images", encoded(Image.new("1", (5000, 6000))))])
    assert (status, answer["msg"]) == (200, "'picture.jpg' has 5000 × 6000 pixels. At most 25 million are taken.")


REQUESTS = {
    "no picture": ([], {"top_k": "1"}, "There is no 'images'. Send one picture"),
    "text instead of a picture": ([], {"images": "cat.jpg"}, "'images' is text. Send the picture itself"),
    "two pictures": ([("images", b"a", "a.jpg"), ("images", b"b", "b.jpg")], {}, "holds 2 pictures (a.jpg, b.jpg)"),
    "no class": (..., {"top_k": "0"}, "'top_k' is '0'. It takes a whole number from 1 to 6."),
    "more classes than there are": (..., {"top_k": "7"}, "'top_k' is '7'. It takes a whole number from 1 to 6."),
    "half a class": (..., {"top_k": "2.5"}, "'top_k' is '2.5'. It takes a whole number from 1 to 6."),
    "a word": (..., {"top_k": "all"}, "'top_k' is 'all'. It takes a whole number from 1 to 6."),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_answered_in_a_sentence(service, case):
    files, fields, sentence = REQUESTS[case]
    if files is ...:
        files = [("images", plain(RED))]
    status, answer = service.form(files, **fields)
    assert (status, answer["erno"]) == (200, "MR.0101")
    assert sentence in answer["msg"]


def test_json_is_answered_in_a_sentence(service):
    for value in ({"images": "aGVsbG8="}, ["aGVsbG8="]):
        status, answer = service.json(value)
        assert (status, answer["erno"]) == (200, "MR.0101")


# ── wrong weights ──────────────────────────────────────────────────────────────────────────────


def without_network(package):
    (package / "squeezenet.onnx").unlink()
    return "There is no squeezenet.onnx in /home/mind/model"


def text_as_network(package):
    (package / "squeezenet.onnx").write_text("this is no network\n" * 20)
    return "squeezenet.onnx is no ONNX network that can be loaded"


def network_with_other_names(package):
    """The package asks for an output that the network does not have."""
    classifier = package / "classifier.py"
    classifier.write_text(classifier.read_text().replace('"x", "prob"', '"x", "logits"'))
    return (
        "squeezenet.onnx is another network. It goes from 'x' n×3×227×227 to 'prob' n×6×1×1; "
        "this package needs the input 'x' n×3×227×227 and the output 'logits'."
    )


def labels_of_another_network(package):
    (package / "classes.txt").write_text("n1 red\nn2 green\n")
    return "squeezenet.onnx knows 6 classes, classes.txt names 2."


CHANGES = [without_network, text_as_network, network_with_other_names, labels_of_another_network]


@pytest.mark.parametrize("change", CHANGES)
def test_a_network_that_does_not_fit_is_told_at_the_start(command, folder, tmp_path, change):
    package = tmp_path / "model"
    shutil.copytree(folder / "output" / "model", package)
    sentence = change(package)
    done = command("serve", package, *ENGINE, "--port", "0", check=1)
    assert sentence in done.stderr


# ── other engines, real weights ────────────────────────────────────────────────────────────────


@pytest.mark.every_engine
def test_the_package_answers_on_the_engine_that_it_names(served, folder):
    service = served(folder / "output" / "model", seconds=600)
    assert service.form([("images", plain(RED))])[1]["predicted_label"] == "red"
    assert "PyTorch 1.8." in service.log


@pytest.mark.every_engine
@pytest.mark.skipif(not DATA, reason="MAQUETTE_DATA names no folder with the real network")
def test_the_real_network_knows_cats_and_dogs_over_http(command, served, example):
    folder = example("squeezenet_onnx")
    package = folder / "output" / "model"
    shutil.copytree(folder / "model", package)
    weights = Path(DATA) / "weights" / "squeezenet11_imagenet"
    shutil.copy(weights / "squeezenet11_imagenet.onnx", package / "squeezenet.onnx")
    shutil.copy(weights / "imagenet1000.txt", package / "classes.txt")
    done = command(
        "run", ".", "--boot", "evaluate.py", *ENGINE, "--data", Path(DATA) / "dogs_cats", "--output", "judged",
        "--", f"--address={address(served(package, *ENGINE))}", cwd=folder,
    )  # fmt: skip
    assert float(done.stdout.split("accuracy ")[1].split(",")[0]) > 0.7
    assert "0 answers differ" in done.stdout
