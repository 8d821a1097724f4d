"""DeepLab in TFLite over HTTP: with the stand-in network, and with the real one where its weights are."""

import base64
import io
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.engine("tensorflow")
ENGINE = ("--engine", "tensorflow")
DATA = os.environ.get("MAQUETTE_DATA")
WEIGHTS = "weights/deeplabv3_mnv2_voc_tflite/deeplabv3_257_mv_gpu.tflite"
BOAT = (0, 0, 128)  # in VOC's colours, as is the bottle
BOTTLE = (128, 0, 128)


@pytest.fixture(scope="module")
def folder(example, command):
    """The example with its data and its package made."""
    folder = example("deeplab_tflite")
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


def two_halves():
    """A boat at the left, a bottle at the right, in the colours that the stand-in network knows."""
    picture = Image.new("RGB", (120, 60), BOAT)
    picture.paste(BOTTLE, (60, 0, 120, 60))
    return picture


def opened(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))


def address(service):
    return re.search(r"ready after .* at (http://\S+)", service.log).group(1).rstrip(";")


def shares(answer):
    return {found["name"]: found["share"] for found in answer["classes"]}


# ── the right answer ───────────────────────────────────────────────────────────────────────────


def test_the_package_is_sound(command, folder):
    assert "Sound." in command("check", "output/model", *ENGINE, cwd=folder).stdout


def test_the_mask_has_every_pixels_class_in_the_size_of_the_picture(service):
    status, answer = service.form([("image", encoded(two_halves()))])
    assert status == 200
    assert (answer["width"], answer["height"]) == (120, 60)
    assert [(found["index"], found["name"]) for found in answer["classes"][:2]] in (
        [(4, "boat"), (5, "bottle")],
        [(5, "bottle"), (4, "boat")],
    )
    assert sum(found["pixels"] for found in answer["classes"]) == 120 * 60
    mask = opened(answer["mask"])
    assert (mask.mode, mask.size) == ("P", (120, 60))
    values = np.asarray(mask)
    assert (values[:, :58] == 4).all() and (values[:, 62:] == 5).all()
    assert mask.convert("RGB").getpixel((0, 0)) == BOAT
    assert "predicted_image" not in answer


def test_the_picture_with_the_mask_over_it_comes_when_it_is_asked_for(service):
    picture = Image.new("RGB", (120, 60), (10, 20, 150))  # nearest to a boat's colour
    picture.paste((25, 25, 25), (60, 0, 120, 60))  # nearest to the background's
    status, answer = service.form([("image", encoded(picture))], mask="0", alpha="1")
    assert status == 200
    assert "mask" not in answer
    painted = opened(answer["predicted_image"])
    assert (painted.format, painted.size) == ("JPEG", (120, 60))
    assert np.abs(np.subtract(painted.getpixel((20, 30)), BOAT)).max() < 6
    assert np.abs(np.subtract(painted.getpixel((100, 30)), (25, 25, 25))).max() < 6


def test_the_service_finds_what_the_network_finds_when_asked_directly(command, folder, service):
    done = command(
        "run", ".", "--boot", "evaluate.py", *ENGINE, "--data", "output/data", "--output", "judged",
        "--", f"--address={address(service)}", cwd=folder,
    )  # fmt: skip
    assert "0 pixels differ between the service and the network asked directly" in done.stdout
    accuracy = float(done.stdout.split("pixel accuracy ")[1].split(",")[0])
    assert accuracy > 0.98
    assert f"metric.json: accuracy {accuracy:.4f}" in done.stderr


# ── odd input ──────────────────────────────────────────────────────────────────────────────────


def test_a_picture_is_the_same_in_every_kind_of_file(service, odd_pictures):
    expected = shares(service.form([("image", odd_pictures["grey"])])[1])
    for kind, content in odd_pictures.items():
        status, answer = service.form([("image", content)])
        assert status == 200, kind
        if kind == "one pixel":
            assert (answer["width"], answer["height"]) == (1, 1)
            continue
        assert (answer["width"], answer["height"]) == (48, 32), kind
        found = shares(answer)
        if kind == "palette":
            continue  # its colours were changed when it was made
        assert all(abs(found.get(name, 0) - share) < 0.04 for name, share in expected.items()), kind


def test_what_is_transparent_is_seen_on_white(service):
    clear = Image.new("RGBA", (20, 20), (*BOAT, 0))
    white = service.form([("image", encoded(Image.new("RGB", (20, 20), "white")))])[1]
    assert service.form([("image", encoded(clear))])[1]["classes"] == white["classes"]


def test_an_upload_that_is_no_picture_is_answered_in_a_sentence(service, unreadable_pictures):
    for kind, content in unreadable_pictures.items():
        status, answer = service.form([("image", content, "cat.jpg")])
        assert (status, answer["erno"]) == (200, "MR.0101"), kind
        assert answer["msg"].startswith("'cat.jpg' "), kind
        assert "object at" not in answer["msg"], kind
    assert "'cat.jpg' is empty." in service.form([("image", b"", "cat.jpg")])[1]["msg"]


@pytest.mark.parametrize("size", [(5000, 6000), (70000, 1)])
def test_a_picture_that_is_too_large_is_refused_unread(service, size):
    status, answer = service.form([("image", encoded(Image.new("1", size)))], alpha="0.5")
    assert status == 200
    assert answer["msg"] == (
        f"'picture.jpg' has {size[0]} × {size[1]} pixels. At most 25 million are taken, 65500 at a side."
    )


REQUESTS = {
    "no picture": ([], {"mask": "1"}, "There is no 'image'. Send one picture"),
    "text instead of a picture": ([], {"image": "cat.jpg"}, "'image' is text. Send the picture itself"),
    "two pictures": ([("image", b"a", "a.jpg"), ("image", b"b", "b.jpg")], {}, "holds 2 pictures (a.jpg, b.jpg)"),
    "alpha above 1": (..., {"alpha": "5"}, "'alpha' is '5'. It takes a number from 0 to 1."),
    "alpha is no number": (..., {"alpha": "nan"}, "'alpha' is 'nan'. It takes a number from 0 to 1."),
    "mask neither 0 nor 1": (..., {"mask": "maybe"}, "'mask' is 'maybe'. It takes 0 or 1."),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_answered_in_a_sentence(service, case):
    files, fields, sentence = REQUESTS[case]
    if files is ...:
        files = [("image", encoded(two_halves()))]
    status, answer = service.form(files, **fields)
    assert (status, answer["erno"]) == (200, "MR.0101")
    assert sentence in answer["msg"]


def test_empty_fields_of_a_form_mean_the_default(service):
    answer = service.form([("image", encoded(two_halves()))], mask="", alpha="")[1]
    assert "mask" in answer and "predicted_image" not in answer


def test_json_is_answered_in_a_sentence(service):
    for value in ({"image": "aGVsbG8="}, ["aGVsbG8="]):
        status, answer = service.json(value)
        assert (status, answer["erno"]) == (200, "MR.0101")


# ── wrong weights ──────────────────────────────────────────────────────────────────────────────


def without_network(package):
    (package / "deeplab.tflite").unlink()
    return "There is no deeplab.tflite in /home/mind/model"


def text_as_network(package):
    (package / "deeplab.tflite").write_text("version https://example.org\n" * 20)
    return "deeplab.tflite is no TFLite network that can be loaded"


def network_of_other_classes(package):
    """The package knows a class fewer than the network."""
    voc = package / "voc.py"
    voc.write_text(voc.read_text().replace(', "tvmonitor"', ""))
    return "1×257×257×21 float32; this package needs one input 1×H×W×3 and one output 1×h×w×20, both float32."


@pytest.mark.parametrize("change", [without_network, text_as_network, network_of_other_classes])
def test_a_network_that_does_not_fit_is_told_at_the_start(command, folder, tmp_path, change):
    package = tmp_path / "model"
    shutil.copytree(folder / "output" / "model", package)
    sentence = change(package)
    done = command("serve", package, *ENGINE, "--port", "0", check=1)
    assert sentence in done.stderr


# ── other engines, real weights ────────────────────────────────────────────────────────────────


@pytest.mark.every_engine
def test_the_package_answers_on_the_engine_that_it_names(served, folder):
    service = served(folder / "output" / "model")
    answer = service.form([("image", encoded(two_halves()))])[1]
    assert {"boat", "bottle"} <= set(shares(answer))
    assert "TensorFlow 2.1." in service.log


@pytest.mark.every_engine
@pytest.mark.skipif(not DATA, reason="MAQUETTE_DATA names no folder with the real network")
def test_the_real_network_reaches_its_figure_on_voc_over_http(command, served, example):
    folder = example("deeplab_tflite")
    shutil.copytree(folder / "model", folder / "output" / "model")
    shutil.copy(Path(DATA) / WEIGHTS, folder / "output" / "model" / "deeplab.tflite")
    service = served(folder / "output" / "model", *ENGINE)
    done = command(
        "run", ".", "--boot", "evaluate.py", *ENGINE, "--data", Path(DATA) / "voc2012", "--output", "judged",
        "--", f"--address={address(service)}", cwd=folder,
    )  # fmt: skip
    assert float(done.stdout.split("mIoU ")[1].split()[0]) > 0.45
    assert "0 pixels differ" in done.stdout
