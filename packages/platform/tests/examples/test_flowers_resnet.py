"""`examples/flowers_resnet`: made data, a short training, the evaluation, and the package over HTTP."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

PARTS = ["train", "val"]
KINDS = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]
SHORT = ["--epochs=5", "--batch_size=8"]
NO_PICTURE = {
    "erno": "MR.0101",
    "msg": "There is no picture in the request. Send it as a file of a form, in the field 'images'.",
    "words_result": {},
}

pytestmark = pytest.mark.engine("pytorch")


def make_data(folder, *arguments):
    return subprocess.run(
        [sys.executable, folder / "make_data.py", *map(str, arguments)], capture_output=True, text=True
    )


def run(command, folder, *parameters, boot="train.py", engine="pytorch", **options):
    """A job with the folder `bucket` as the script's bucket; outputs lie in `train` and `eval`."""
    (folder / "bucket").mkdir(exist_ok=True)
    return command(
        "run", "code", "--boot", boot, "--engine", engine, "--bucket", "flowers-resnet=bucket", "--output", "train",
        "--output", "eval_url=eval", "--env", "OMP_NUM_THREADS=2", "--arguments-2022", "--", *parameters,
        cwd=folder, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(example, command):
    """The example's folder after a short training on drawn flowers, and the finished command."""
    folder = example("flowers_resnet")
    made = make_data(folder, folder / "bucket" / "data_set", "--each=12")
    assert made.returncode == 0, made.stderr
    done = run(command, folder, *SHORT)
    for file in (folder / "infer").iterdir():
        shutil.copy(file, folder / "bucket" / "model")
    return folder, done


@pytest.fixture(scope="module")
def service(trained, served):
    folder, _ = trained
    return served(folder / "bucket" / "model", "--engine", "pytorch")


@pytest.fixture(scope="module")
def probed(example, command, odd_pictures):
    """What a script beside the example's code prints about network, weights and pictures."""
    folder = example("flowers_resnet")
    (folder / "code" / "probe.py").write_text(PROBE)
    for name, content in odd_pictures.items():
        (folder / "code" / f"{name}.picture").write_bytes(content)
    return run(command, folder, boot="probe.py").stdout


def pictures_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def validation_pictures(folder):
    """(kind, content) of every picture of val/."""
    return [(path.parent.name, path.read_bytes()) for path in sorted((folder / "bucket/data_set/val").glob("*/*"))]


def evaluation(folder, name):
    report = json.loads((folder / "bucket/out" / name / "model_analysis_results.json").read_text())
    return report["en-us"], json.loads((folder / "bucket/out" / name / "all_samples.json").read_text())


def accuracy_of(report):
    return report["common"]["acc"]["value"]["Accuracy"]


def is_answer(answer):
    """Whether it holds a confidence for each kind, the highest first."""
    scores = list(answer.values())
    return sorted(answer) == KINDS and scores == sorted(scores, reverse=True) and abs(sum(scores) - 1) < 0.001


# ── the data ─────────────────────────────────────────────────────────────────────────────────────


def test_the_same_flowers_are_drawn_and_split_every_time(example, tmp_path):
    folder = example("flowers_resnet")
    for name in ("first", "second"):
        assert make_data(folder, tmp_path / name, "--each=4").returncode == 0
    first = pictures_of(tmp_path / "first")
    assert first == pictures_of(tmp_path / "second")
    assert len(set(first.values())) == len(first) == 20
    with Image.open(tmp_path / "first" / next(iter(first))) as picture:
        assert picture.size == (96, 96)


def test_photos_are_split_by_their_content_so_that_no_copy_is_on_both_sides(example, tmp_path):
    folder, photos = example("flowers_resnet"), tmp_path / "photos" / "daisy"
    photos.mkdir(parents=True)
    for number in range(40):
        (photos / f"{number}.JPG").write_bytes(b"photo %d" % (number // 2))
    (photos / "notes.txt").write_text("no photo")
    done = make_data(folder, tmp_path / "out", "--flowers", tmp_path / "photos")
    assert done.stdout == "daisy train 15 val 5\n"
    contents = list(pictures_of(tmp_path / "out").values())
    assert sorted(contents) == sorted(b"photo %d" % number for number in range(20))


def test_a_folder_that_has_pictures_already_is_not_split_into_again(example, tmp_path):
    folder = example("flowers_resnet")
    assert make_data(folder, tmp_path / "out", "--each=1").returncode == 0
    again = make_data(folder, tmp_path / "out", "--each=1")
    assert again.returncode == 1
    assert "is not empty: remove it, or name another folder." in again.stderr


# ── the training ─────────────────────────────────────────────────────────────────────────────────


def test_the_training_leaves_the_package_and_the_evaluation_in_the_bucket(trained):
    folder, done = trained
    assert "starts from scratch on cpu" in done.stdout
    names = {path.name for path in (folder / "bucket/model").iterdir()}
    assert names >= {"resnet34.pth", "class_indices.json", "model.py", "pictures.py"}
    indices = json.loads((folder / "bucket/model/class_indices.json").read_text())
    assert indices == dict(zip("01234", KINDS, strict=True))
    for place in (folder / "eval", folder / "bucket/out"):
        for name in PARTS:
            files = {path.name for path in (place / name).iterdir()}
            assert files == {"model_analysis_results.json", "all_samples.json", "tmp_model_analysis.npz"}


def test_the_evaluation_knows_five_classes_and_the_accuracy_of_the_log(trained):
    folder, done = trained
    for name, pictures in (("train", 45), ("val", 15)):
        report, samples = evaluation(folder, name)
        count = report["precision_performance"]["count"]["value"]
        assert list(count.values()) == [pictures, 5]
        accuracy = float(re.search(rf"{name}: \d+ of {pictures} right, accuracy (\S+)", done.stdout)[1])
        assert accuracy_of(report) == pytest.approx(accuracy, abs=1e-4)
        assert accuracy > 0.6
        assert report["precision_performance"]["ROC"] != {}, "without confidences there is no ROC"
        assert len(samples) == pictures
        assert samples[0]["obs_path"].endswith(f"flowers-resnet/data_set/{name}/daisy/{first_name(folder, name)}")


def first_name(folder, name):
    return sorted(path.name for path in (folder / "bucket/data_set" / name / "daisy").iterdir())[0]


def test_without_the_bucket_the_log_says_how_to_make_it(example, command):
    folder = example("flowers_resnet")
    done = command("run", "code", "--boot", "train.py", "--engine", "pytorch", cwd=folder, check=None)
    assert done.returncode == 1
    assert "maquette mb obs://flowers-resnet" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("val", "data_set/val is not there: obs://flowers-resnet/data_set must hold train/ and val/"),
        ("val/tulips", "but val/ ['daisy', 'dandelion', 'roses', 'sunflowers']"),
    ],
)
def test_a_data_set_that_is_not_whole_is_told_before_training(trained, command, tmp_path, missing, sentence):
    folder, _ = trained
    shutil.copytree(folder / "code", tmp_path / "code")
    shutil.copytree(folder / "bucket/data_set", tmp_path / "bucket/data_set")
    shutil.rmtree(tmp_path / "bucket/data_set" / missing)
    done = run(command, tmp_path, check=1)
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout


# ── the network and its weights ──────────────────────────────────────────────────────────────────


PROBE = """
import os
import numpy as np, torch, torchvision
from PIL import Image
from model import ResNet34, load_weights
from pictures import read_picture, whole

own, theirs = ResNet34(1000).eval(), torchvision.models.resnet34().eval()
theirs.load_state_dict(own.state_dict())
pictures = torch.rand(2, 3, 96, 96)
print("same names", list(own.state_dict()) == list(theirs.state_dict()))
print("same results", torch.allclose(own(pictures), theirs(pictures), atol=1e-5))

weights, probe = theirs.state_dict(), "layer4.2.conv2.weight"
files = {
    "old": {key: weights[key] for key in weights if not key.endswith("num_batches_tracked")},
    "parallel": {"module." + key: weights[key] for key in weights},
    "smaller": torchvision.models.resnet18().state_dict(),
    "checkpoint": {"state_dict": weights, "epoch": 3},
    "object": theirs,
}
for name, content in files.items():
    torch.save(content, name + ".pth")
old = open("old.pth", "rb").read()
open("cut.pth", "wb").write(old[: len(old) // 2])
open("page.pth", "wb").write(b"<!DOCTYPE html><html><body>Not found</body></html>")
for name, left_out in [*((name, ("fc.weight", "fc.bias")) for name in [*files, "cut", "page"]), ("old", ())]:
    network = ResNet34(5)
    try:
        load_weights(network, name + ".pth", left_out)
        print(name, "fits", torch.equal(network.state_dict()[probe], weights[probe]))
    except ValueError as error:
        print(error)

Image.new("RGBA", (9, 9), (200, 0, 0, 0)).save("code/clear.picture", "PNG")
for name in sorted(os.listdir("code")):
    if name.endswith(".picture"):
        picture = read_picture("code/" + name)
        corner = int(np.asarray(picture)[-1, -1].mean())
        print("{}: {} {} {} {}".format(name[:-8], picture.mode, picture.size, corner, tuple(whole(picture).shape)))
"""


def test_names_and_results_of_the_network_are_those_of_torchvision(probed):
    assert "same names True" in probed
    assert "same results True" in probed


@pytest.mark.parametrize(
    "sentence",
    [
        "old fits True",
        "parallel.pth holds the weights of another network. Keys missing (180): bn1.bias, ",
        "; unknown (218): module.bn1.bias, ",
        "smaller.pth holds the weights of another network. Keys missing (80): layer1.2.bn1.bias, ",
        "checkpoint.pth holds no weights by name. Save network.state_dict(), not the network.",
        "object.pth holds no weights by name. Save network.state_dict(), not the network.",
        "cut.pth is no file of weights, or not all of it is there: ",
        "page.pth is no file of weights, or not all of it is there: ",
        "old.pth holds the weights of another network. Keys of another shape (2): fc.bias, fc.weight.",
    ],
)
def test_weights_fit_or_it_is_told_which_keys_do_not(probed, sentence):
    assert sentence in probed


def test_pictures_are_read_upright_in_their_full_range_and_on_white(probed):
    corners = dict(re.findall(r"^(.*): RGB \(48, 32\) (\d+) \(3, 128, 128\)$", probed, re.MULTILINE))
    assert sorted(corners) == ["16-bit", "EXIF-rotated", "RGBA", "almost 12 MB", "grey", "palette"]
    corners.pop("palette")  # its 216 colours are too few to compare
    assert all(abs(int(corner) - int(corners["grey"])) <= 3 for corner in corners.values()), corners
    assert "one pixel: RGB (1, 1) " in probed
    assert "clear: RGB (9, 9) 255 " in probed


# ── the service ──────────────────────────────────────────────────────────────────────────────────


def test_the_package_is_sound(trained, command):
    folder, _ = trained
    verdict = json.loads(command("check", folder / "bucket" / "model", "--json").stdout)
    assert verdict["sound"]
    assert verdict["service_class"] == "FlowersService"
    assert {finding["level"] for finding in verdict["findings"]} <= {"hint"}


def test_the_service_answers_as_the_evaluation_does(trained, service):
    folder, _ = trained
    _, samples = evaluation(folder, "val")
    predicted = [sample["predict_labels"][0]["name"] for sample in samples]
    answers = [service.form([("images", content)]) for _, content in validation_pictures(folder)]
    assert {status for status, _ in answers} == {200}
    assert all(len(answer) == 1 and is_answer(answer[0]) for _, answer in answers)
    assert [next(iter(answer[0])) for _, answer in answers] == predicted


def test_several_pictures_get_as_many_answers_in_their_order(trained, service):
    pictures = [content for _, content in validation_pictures(trained[0])]
    alone = [service.form([("images", content)])[1][0] for content in pictures[::5]]
    together = service.form([("images", content, f"{n}.png") for n, content in enumerate(pictures[::5])])
    assert together == (200, alone)


def test_odd_pictures_are_answered(service, odd_pictures):
    for name, content in odd_pictures.items():
        status, answer = service.form([("images", content)])
        assert status == 200 and is_answer(answer[0]), (name, answer)


def test_what_is_no_picture_is_told_and_its_neighbours_are_answered(trained, service, unreadable_pictures):
    _, picture = validation_pictures(trained[0])[0]
    for name, content in unreadable_pictures.items():
        files = [("images", content, f"{name}.jpg"), ("images", picture, "good.png")]
        status, (bad, good) = service.form(files)
        assert status == 200
        assert bad == {"erno": "MR.0101", "msg": bad["msg"], "words_result": {}}
        assert bad["msg"].startswith(f"{name}.jpg cannot be read as a picture: ") and "0x" not in bad["msg"]
        assert is_answer(good)


@pytest.mark.parametrize("fields", [{"images": "a text"}, {"threshold": "5"}])
def test_a_form_without_a_file_is_told(service, fields):
    assert service.form(**fields) == (200, NO_PICTURE)


@pytest.mark.parametrize("value", [{"images": "a text"}, ["a text"]])
def test_json_is_told_to_be_a_form(service, value):
    assert service.json(value) == (200, NO_PICTURE)


def test_an_empty_request_and_one_over_12_mb_are_refused(service, odd_pictures):
    status, answer = service.form()
    assert (status, answer["erno"]) == (400, "MR.0101")
    status, answer = service.form([("images", odd_pictures["almost 12 MB"] + bytes(1 << 17))])
    assert (status, answer["error_code"]) == (413, "APIG.0201")


def test_a_package_without_weights_is_not_sound(trained, command, tmp_path):
    shutil.copytree(trained[0] / "bucket/model", tmp_path / "model")
    (tmp_path / "model/resnet34.pth").unlink()
    verdict = json.loads(command("check", tmp_path / "model", "--json", check=1).stdout)
    assert "missing-weights" in {finding["code"] for finding in verdict["findings"]}


def test_a_package_with_weights_of_another_network_names_the_keys_and_ends(trained, command, tmp_path):
    shutil.copytree(trained[0] / "bucket/model", tmp_path / "model")
    (tmp_path / "model/class_indices.json").write_text('{"0": "cat", "1": "dog"}')
    done = command("serve", tmp_path / "model", "--engine", "pytorch", "--port", "0", check=1)
    assert "Keys of another shape (2): fc.bias, fc.weight." in done.stdout + done.stderr


# ── other engines ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.every_engine
@pytest.mark.engine("PyTorch-1.4.0-python3.6")
def test_weights_of_the_current_engine_are_served_by_the_one_that_config_json_names(trained, service, served):
    old = served(trained[0] / "bucket" / "model")
    assert "PyTorch 1.4.0" in old.log
    for _, content in validation_pictures(trained[0])[::3]:
        [new_answer], [old_answer] = (which.form([("images", content)])[1] for which in (service, old))
        assert old_answer == pytest.approx(new_answer, abs=0.01)


@pytest.mark.every_engine
@pytest.mark.engine("PyTorch-1.4.0-python3.6")
@pytest.mark.engine("pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64")
@pytest.mark.parametrize("engine", ["PyTorch-1.4.0-python3.6", "pytorch_1.8.0-cuda_10.2-py_3.7-ubuntu_18.04-x86_64"])
def test_older_engines_train_and_evaluate_too(trained, command, tmp_path, engine):
    shutil.copytree(trained[0] / "code", tmp_path / "code")
    shutil.copytree(trained[0] / "bucket/data_set", tmp_path / "bucket/data_set")
    run(command, tmp_path, *SHORT, engine=engine)
    report, _ = evaluation(tmp_path, "val")
    assert accuracy_of(report) > 0.6


@pytest.mark.every_engine
def test_pretrained_weights_of_the_data_set_are_the_start(trained, command, tmp_path):
    folder, _ = trained
    shutil.copytree(folder / "code", tmp_path / "code")
    shutil.copytree(folder / "bucket/data_set", tmp_path / "bucket/data_set")
    shutil.copy(folder / "bucket/model/resnet34.pth", tmp_path / "bucket/data_set/resnet34-pre.pth")
    done = run(command, tmp_path, "--epochs=1", "--learning_rate=0.001")
    assert re.search(r"starts from \S*resnet34-pre.pth on cpu", done.stdout)
    assert first_loss(done) < first_loss(trained[1])


def first_loss(done):
    return float(re.search(r"epoch 1: loss (\S+)", done.stdout)[1])
