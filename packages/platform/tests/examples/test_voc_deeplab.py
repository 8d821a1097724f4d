"""The MindSpore example: DeepLabV3 trained on a few drawn pictures, its parts, and the service made from it."""

import base64
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.engine("mindspore")

# As small as it goes: at 33 pixels the last features are 3 x 3.
SMALL = {
    "CROP_SIZE": 33, "BATCH_SIZE": 4, "EPOCH_NUM": 2, "PER_PRINT_TIMES": 2, "SAVE_CHECKPOINT_STEPS": 2,
    "INFER_SCALE_SIZES": [0.75, 1.0],
}  # fmt: skip
OPTIONS = [option for name, value in SMALL.items() for option in ("--env", f"DEEPLAB_{name}={json.dumps(value)}")]
FIGURE = r"mIoU (\d\.\d{4}), mean IoU of batches \d\.\d{4}"


@pytest.fixture(scope="module")
def folder(example, command):
    """The example with a drawn data set in output/data."""
    folder = example("voc_deeplab")
    command(
        "run", "deeplabv3", "--boot", "make_data.py", "--engine", "mindspore", "--output", "output/data",
        "--", "--train=12", "--val=3", cwd=folder,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def train(folder, command):
    """`train(output, …)` trains as the README does, and gives the log and the folder of results."""

    def call(output, *options, engine="mindspore", check=0, parameters=()):
        done = command(
            "run", "deeplabv3", "--boot", "main.py", "--engine", engine, "--dialect", "v1", "--data", "output/data",
            "--output", f"output/{output}", *OPTIONS, *options, "--", *parameters, cwd=folder, check=check,
        )  # fmt: skip
        return done.stdout + done.stderr, folder / "output" / output / "V0001"

    return call


@pytest.fixture(scope="module")
def trained(train):
    return train("trained")


@pytest.fixture(scope="module")
def package(folder, trained):
    _, output = trained
    shutil.copytree(folder / "infer", output / "model", dirs_exist_ok=True)
    return output


@pytest.fixture(scope="module")
def service(served, package):
    return served(package)


def test_a_line_for_each_loss_and_each_epoch_and_the_loss_falls(trained):
    log, _ = trained
    losses = [float(loss) for loss in re.findall(r"^epoch: \d+, step: \d+, outputs are (\S+)$", log, re.MULTILINE)]
    assert re.findall(r"^epoch: (\d+), step: (\d+),", log, re.MULTILINE) == [("1", "2"), ("2", "1"), ("2", "3")]
    assert len(re.findall(r"^Epoch time: \d+\.\d{3}, per step time: \d+\.\d{3}$", log, re.MULTILINE)) == 2
    assert losses[-1] < losses[0]


def test_checkpoints_every_few_steps_and_only_the_last_ones_kept(trained):
    _, output = trained
    names = sorted(path.name for path in (output / "ckpt").glob("*.ckpt"))
    assert names == ["checkpoint_deeplabv3-2_1.ckpt", "checkpoint_deeplabv3-2_3.ckpt"]


def test_the_figures_before_and_after_are_printed_and_kept(trained):
    log, output = trained
    values = json.loads((output / "metric.json").read_text())["total_metric"]["total_metric_values"]
    before, after = re.findall(FIGURE, log)
    assert [float(before), float(after)] == pytest.approx([values["mIoU before training"], values["mIoU"]], abs=1e-4)
    assert values["mean IoU of batches"] > 0


def test_surplus_arguments_are_fatal(train):
    log, _ = train("surplus", check=2, parameters=["--epochs=3"])
    assert "unrecognized arguments: --epochs=3" in log


def test_the_package_is_sound(package, command):
    assert "Sound." in command("check", package).stdout


def test_every_pixel_gets_a_class(service):
    status, answer = service.form([("image", encoded(Image.linear_gradient("L").resize((50, 40))))], alpha="0.5")
    mask = Image.open(io.BytesIO(base64.b64decode(answer["mask"])))
    painted = Image.open(io.BytesIO(base64.b64decode(answer["predicted_image"])))
    shares = {entry["index"]: entry["share"] for entry in answer["classes"]}
    found = np.bincount(np.asarray(mask).ravel(), minlength=21) / (50 * 40)
    assert (status, mask.mode, mask.size, painted.size) == (200, "P", (50, 40), (50, 40))
    assert shares == pytest.approx({index: share for index, share in enumerate(found) if share}, abs=1e-4)
    assert mask.getpalette()[:9] == [0, 0, 0, 128, 0, 0, 0, 128, 0]
    assert {entry["name"] for entry in answer["classes"]} <= NAMES


NAMES = {
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
}  # fmt: skip


def test_alpha_0_leaves_the_picture_as_it_was(service):
    picture = Image.new("RGB", (40, 30), (200, 90, 30))
    _, answer = service.form([("image", encoded(picture))], alpha="0")
    painted = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["predicted_image"]))), int)
    assert np.abs(painted - np.asarray(picture, int)).max() <= 3


@pytest.mark.parametrize(
    "kind", ["grey", "RGBA", "palette", "16-bit", "EXIF-rotated", "one pixel", "almost 12 MB"]
)  # fmt: skip
def test_odd_pictures_are_read_upright(kind, service, odd_pictures):
    status, answer = service.form([("image", odd_pictures[kind])])
    size = (1, 1) if kind == "one pixel" else (48, 32)
    assert (status, Image.open(io.BytesIO(base64.b64decode(answer["mask"]))).size) == (200, size)


def test_one_picture_in_three_forms_gets_one_answer(service, odd_pictures):
    masks = {service.form([("image", odd_pictures[kind])])[1]["mask"] for kind in ("grey", "RGBA", "16-bit")}
    assert len(masks) == 1


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("truncated", "'picture.jpg' cannot be read as a picture: image file is truncated"),
        ("text", "'picture.jpg' is not a picture, or of a kind that is not known here."),
        ("empty", "'picture.jpg' is empty."),
    ],
)
def test_what_is_no_picture_is_told(kind, sentence, service, unreadable_pictures):
    status, answer = service.form([("image", unreadable_pictures[kind])])
    assert (status, answer["erno"]) == (200, "MR.0101")
    assert answer["msg"].startswith(sentence)


PICTURE = ("image", base64.b64decode("R0lGODlhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs="))


@pytest.mark.parametrize(
    ("files", "fields", "sentence"),
    [
        ([], {"alpha": "0.5"}, "There is no 'image'. Send one picture as the file 'image' of a form."),
        ([("picture", PICTURE[1])], {}, "There is no 'image'. Send one picture as the file 'image' of a form."),
        ([], {"image": "cat.jpg"}, "'image' is text. Send the picture itself, as a file of a form."),
        ([(*PICTURE, "a.gif"), (*PICTURE, "b.gif")], {}, "'image' holds 2 pictures. Send one at a time."),
        ([PICTURE], {"alpha": "5"}, "'alpha' is '5'. It takes a number from 0 to 1."),
        ([PICTURE], {"alpha": "nan"}, "'alpha' is 'nan'. It takes a number from 0 to 1."),
        ([PICTURE], {"alpha": "half"}, "'alpha' is 'half'. It takes a number from 0 to 1."),
        ([PICTURE, ("alpha", b"0.5")], {}, "'alpha' is a file. It takes a number from 0 to 1."),
    ],
)
def test_what_is_wrong_with_a_request_is_told(files, fields, sentence, service):
    status, answer = service.form(files, **fields)
    assert (status, answer) == (200, {"erno": "MR.0101", "msg": sentence, "words_result": {}})


def test_a_list_instead_of_a_form_is_told(service):
    _, answer = service.json(["cat.jpg"])
    assert answer["msg"] == "There is no 'image'. Send one picture as the file 'image' of a form."


def test_weights_of_another_network_stop_the_start_and_the_log_names_them(package, command):
    done = command("serve", package, "--port", "0", "--env", "DEEPLAB_NUM_CLASSES=3", check=1)
    assert "deeplabv3.ckpt' is of another network." in done.stdout + done.stderr
    assert "classify.weight is (21, 128, 1, 1) instead of (3, 128, 1, 1)" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def facts(example, command):
    """What voc_deeplab_parts.py finds, run beside the example's own modules."""
    folder = example("voc_deeplab")
    shutil.copy(Path(__file__).with_name("voc_deeplab_parts.py"), folder / "deeplabv3")
    command(
        "run", "deeplabv3", "--boot", "voc_deeplab_parts.py", "--engine", "mindspore", "--output", "output", cwd=folder
    )  # fmt: skip
    return json.loads((folder / "output" / "facts.json").read_text())


def test_the_mean_iou_is_that_of_one_histogram(facts):
    """Class 0: 4 of 5 + 1 pixels. Class 1: 2 of 3. Class 2 is predicted only where nothing is known."""
    assert facts["MiouPrecision"] == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_the_figure_of_batches_is_the_mean_of_each_class_in_each_batch(facts):
    assert facts["MiouOfBatches"] == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)


def test_the_metric_refuses_what_does_not_belong_together(facts):
    assert facts["refused"] == [
        "A prediction and a label are needed, but there are 1 inputs.",
        "The prediction has 4 classes instead of 3.",
    ]


def test_the_loss_is_that_of_the_hardest_known_pixels(facts):
    assert facts["loss"] == pytest.approx(facts["loss by hand"], rel=1e-4)
    assert facts["loss of two scales"] == pytest.approx(2 * facts["loss by hand"], rel=1e-4)
    assert facts["loss with light background"] == pytest.approx(facts["that by hand"], rel=1e-4)
    assert facts["loss of nothing"] == 0


def test_training_gives_logits_for_each_scale_of_the_pyramid(facts):
    assert facts["logits"] == [[1, 21, 33, 33]] * 2


def test_inference_gives_probabilities_averaged_over_its_scales(facts):
    shape, off = facts["probabilities"]
    assert shape == [1, 21, 33, 33]
    assert off < 1e-5
    assert facts["scales"] < 1e-5


def test_fine_tuning_freezes_the_whole_backbone_and_nothing_else(facts):
    assert facts["trained"] == ["aspp", "classify", "decoder"]
    assert facts["frozen"] == ["layer0", "layer1", "layer2", "layer3", "layer4"]


def test_the_last_checkpoint_is_told_by_its_numbers(facts):
    assert facts["last"] == "ckpt/a-6_12.ckpt"


def test_a_checkpoint_that_does_not_fit_is_refused_with_the_names(facts):
    start = "Checkpoint 'ckpt/a-6_9.ckpt' is of another network."
    assert facts["wrong"] == [
        start + " Of another shape: weight is (3, 2) instead of (3, 4).",
        start + " Of another shape: weight is (3, 2) instead of (1, 1, 1, 1), bias is (3,) instead of (1,).",
        start + " Missing: mean, variance, gamma, beta. Not known: weight, bias.",
        "There is no checkpoint in 'empty': no file that ends in .ckpt.",
    ]


def test_pictures_and_masks_are_scaled_cropped_and_mirrored_alike(facts):
    agree, sizes, some_filled_up = facts["transform"]
    assert agree > 0.95
    assert sizes == [[40, 40, 3, 40, 40]]
    assert some_filled_up


def test_evaluation_takes_the_whole_picture_and_ignores_what_is_filled_up(facts):
    assert facts["evaluation"] == [40 * 25, 20 * 12, 0]


def test_masks_hold_class_numbers_with_or_without_a_palette(facts):
    assert facts["palette mask"] == [[50, 80, 3], 7]
    assert facts["coloured mask"] == "Mask one.png is of kind RGB. It must hold a class for every pixel."


@pytest.mark.every_engine
@pytest.mark.engine("mindspore_2.0.0")
def test_the_same_files_train_and_answer_on_the_mindspore_of_2023(train, folder, served):
    _, output = train("old", engine="mindspore_2.0.0")
    shutil.copytree(folder / "infer", output / "model", dirs_exist_ok=True)
    service = served(output, "--engine", "mindspore_2.0.0")
    status, answer = service.form([("image", encoded(Image.new("RGB", (20, 30))))])
    assert (status, sum(entry["share"] for entry in answer["classes"])) == (200, pytest.approx(1, abs=1e-3))


@pytest.mark.every_engine
def test_longer_training_finds_the_things_and_fine_tuning_keeps_the_backbone(train, folder, command):
    log, first = train("longer", "--env", "DEEPLAB_EPOCH_NUM=10")
    before, after = map(float, re.findall(FIGURE, log))
    assert after > before + 0.2
    log, second = train(
        "tuned", "--data", f"checkpoint_url={first / 'ckpt'}",
        "--env", "DEEPLAB_FINE_TUNE_BATCH_NORM=false",
    )  # fmt: skip
    assert "checkpoint_deeplabv3-10_3.ckpt; parameters named layer stay as they are" in log
    assert float(re.findall(FIGURE, log)[0]) == pytest.approx(after, abs=1e-4)
    changed = compared(command, folder, first, second)
    assert changed["layer"] == []
    assert "classify.weight" in changed["other"]


COMPARE = """
import argparse, json, os
from mindspore import load_checkpoint
parser = argparse.ArgumentParser()
for name in ("first", "second", "train_url"):
    parser.add_argument("--" + name)
options = parser.parse_args()
first, second = (load_checkpoint(os.path.join(folder, "deeplabv3.ckpt")) for folder in (options.first, options.second))
changed = [name for name in first if (first[name].asnumpy() != second[name].asnumpy()).any()]
by_kind = {"layer": [n for n in changed if "layer" in n], "other": [n for n in changed if "layer" not in n]}
json.dump(by_kind, open(os.path.join(options.train_url, "changed.json"), "w"))
"""


def compared(command, folder, first, second):
    """The names of the parameters that differ in two packages."""
    (folder / "compare").mkdir()
    (folder / "compare" / "compare.py").write_text(COMPARE)
    command(
        "run", "compare", "--boot", "compare.py", "--engine", "mindspore", "--output", "output/compare",
        "--data", f"first={first / 'model'}", "--data", f"second={second / 'model'}", cwd=folder,
    )  # fmt: skip
    return json.loads((folder / "output" / "compare" / "changed.json").read_text())


def encoded(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
