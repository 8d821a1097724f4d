"""Cats and dogs: the archive, a small training in TensorFlow 1, and the package over HTTP."""

import io
import json
import re
import subprocess
import sys
import tarfile
import textwrap

import numpy as np
import pytest
from PIL import Image, ImageOps

ENGINE = "TF-1.13.1-python3.6"
COMPAT = ("--engine", "tensorflow", "--env", "MAQUETTE_TF_COMPAT=1", "--env", "TF_USE_LEGACY_KERAS=1")
SMALL = ("--size=32", "--batch_size=8")
CHANNELS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024)


@pytest.fixture(scope="module")
def folder(example):
    """A copy of the example, with 40 drawn pictures in `data`."""
    folder = example("cats_and_dogs")
    make_data(folder, "--output", "data", "--drawn", "20")
    return folder


@pytest.fixture(scope="module")
def train(command, folder):
    """`train(engine options, *parameters)` is the finished job of the old dialect; its output is in `out`."""

    def call(*parameters, data="data", output="out", engine=("--engine", ENGINE), boot="dog_and_cat_train.py", check=0):
        return command(
            "run", "train", "--boot", boot, *engine, "--dialect", "v1", "--data", data, "--output", output,
            "--", *parameters, cwd=folder, check=check,
        )  # fmt: skip

    return call


@pytest.fixture(scope="module")
def trained(train, folder):
    """(log, output folder) of a VGG16 that has learnt the drawn pictures; the output holds the whole package."""
    done = train(*SMALL, "--max_epochs=6")
    output = folder / "out" / "V0001"
    add_service(folder, output)
    return done.stdout, output


@pytest.fixture(scope="module")
def service(served, trained):
    return served(trained[1])


def make_data(folder, *arguments, check=True):
    command = [sys.executable, "make_data.py", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=check)


def add_service(folder, output):
    for file in (folder / "infer").iterdir():
        (output / "model" / file.name).write_bytes(file.read_bytes())


def pictures(archive, part):
    """[(class, content)] of a part of the archive."""
    with tarfile.open(archive) as tar:
        entries = [entry for entry in tar if entry.name.startswith(part + "/")]
        return [(entry.name.split("/")[1], tar.extractfile(entry).read()) for entry in entries]


def encoded(picture, format="PNG", **options):
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def refused(sentence):
    """The body of a request that was not answered."""
    return {"erno": "MR.0101", "msg": sentence, "words_result": {}}


def scores(service, content):
    """{class: score} of a picture, after a look at the answer's form."""
    status, answer = service.form([("images", content)])
    assert status == 200 and set(answer) == {"predicted_label", "scores"}, answer
    assert answer["predicted_label"] == answer["scores"][0][0]
    assert answer["scores"] == sorted(answer["scores"], key=lambda score: -score[1])
    return dict(answer["scores"])


# ── the archive ──────────────────────────────────────────────────────────────────────────────────


def test_a_folder_of_pictures_is_split_by_class_and_always_in_the_same_way(folder, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "photos" / name / f"{name}.{number}.jpg").write_bytes(b"%d" % number)
    parts = []
    for output in (tmp_path / "one", tmp_path / "two"):
        make_data(folder, tmp_path / "photos", "--output", output)
        with tarfile.open(output / "dog_and_cat_40.tar.gz") as tar:
            parts.append(sorted(tar.getnames()))
    assert parts[0] == parts[1]
    names = [name.split("/") for name in parts[0]]
    assert len({file for _, _, file in names}) == 40
    for kind in ("cat", "dog"):
        sizes = [sum(name[:2] == [part, kind] for name in names) for part in ("train", "val", "test")]
        assert sizes == [14, 2, 4]


def test_too_few_pictures_are_refused(folder, tmp_path):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    done = make_data(folder, tmp_path / "photos", "--output", tmp_path / "out", check=False)
    assert done.returncode == 1
    assert "of ten pictures are needed" in done.stderr and "0 cat" in done.stderr


# ── the training ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.engine(ENGINE)
def test_the_log_the_metric_and_the_package_say_the_same(trained, folder):
    log, output = trained
    accuracy = json.loads((output / "metric.json").read_text())["total_metric"]["total_metric_values"]["accuracy"]
    assert f"test accuracy: {accuracy:.4f}" in log
    assert accuracy >= 0.75
    assert len(re.findall(r"^Epoch \d/6\n.*val_loss: ", log, re.MULTILINE)) == 6
    about = json.loads((output / "model" / "network.json").read_text())
    assert about == {"network": "vgg16", "size": 32, "classes": ["cat", "dog"]}


@pytest.mark.engine(ENGINE)
def test_events_and_signature_are_what_their_readers_expect(trained, engine_python):
    code = """
        import glob, json, sys
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2
        tags = {}
        for event in tf.train.summary_iterator(glob.glob(sys.argv[1] + "/events.*")[0]):
            for value in event.summary.value:
                tags.setdefault(value.tag, []).append(event.step)
        model = saved_model_pb2.SavedModel()
        model.ParseFromString(open(sys.argv[1] + "/model/saved_model.pb", "rb").read())
        signatures = {name: [sorted(one.inputs), sorted(one.outputs)]
                      for name, one in model.meta_graphs[0].signature_def.items()}
        print(json.dumps([tags, signatures]))
    """
    command = [engine_python(ENGINE), "-W", "ignore", "-c", textwrap.dedent(code), str(trained[1])]
    tags, signatures = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert tags == {f"epoch_{name}": [0, 1, 2, 3, 4, 5] for name in ("loss", "acc", "val_loss", "val_acc")}
    assert signatures == {"segmentation": [["images"], ["logits"]]}


@pytest.mark.engine(ENGINE)
def test_training_stops_when_the_validation_loss_gets_no_better(train):
    log = train(*SMALL, "--learning_rate=0", "--patience=1", "--max_epochs=9", output="still").stdout
    assert "Epoch 2/9" in log and "Epoch 3/9" not in log
    assert "Epoch 00002: early stopping" in log


@pytest.fixture(scope="module")
def weights(folder):
    """A data folder with weights of MobileNet's shape beside the archive; gives the arrays."""
    dice = np.random.default_rng(0)
    arrays = {"conv1/kernel": dice.normal(0, 0.3, (3, 3, 3, 32))}
    norms = {"conv1_bn": 32}
    before = 32
    for number, channels in enumerate(CHANNELS, 1):
        arrays[f"conv_dw_{number}/depthwise_kernel"] = dice.normal(0, 0.5, (3, 3, before, 1))
        arrays[f"conv_pw_{number}/kernel"] = dice.normal(0, (2 / before) ** 0.5, (1, 1, before, channels))
        norms.update({f"conv_dw_{number}_bn": before, f"conv_pw_{number}_bn": channels})
        before = channels
    for name, channels in norms.items():
        for part, value in (("gamma", 1), ("beta", 0), ("moving_mean", 0), ("moving_variance", 1)):
            arrays[f"{name}/{part}"] = np.full(channels, value)
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    (folder / "with_weights").mkdir()
    archive = next((folder / "data").iterdir())
    (folder / "with_weights" / archive.name).write_bytes(archive.read_bytes())
    np.savez(folder / "with_weights" / "mobilenet_made.npz", **arrays)
    return arrays


@pytest.mark.engine(ENGINE)
def test_mobilenet_keeps_the_weights_it_was_given(train, weights, folder, engine_python, tmp_path):
    parameters = ("--network=mobilenet", *SMALL, "--learning_rate=0.01", "--max_epochs=1")
    train(*parameters, data="with_weights", output="mobilenet")
    code = """
        import sys
        import numpy as np
        import tensorflow as tf
        reader = tf.train.load_checkpoint(sys.argv[1])
        names = [name for name in reader.get_variable_to_shape_map() if name.startswith("conv")]
        np.savez(sys.argv[2], **{name: reader.get_tensor(name) for name in names})
    """
    variables = folder / "mobilenet" / "V0001" / "model" / "variables" / "variables"
    command = [engine_python(ENGINE), "-W", "ignore", "-c", textwrap.dedent(code), variables, tmp_path / "kept.npz"]
    subprocess.run(list(map(str, command)), capture_output=True, check=True)
    kept = dict(np.load(tmp_path / "kept.npz"))
    assert sorted(kept) == sorted(weights)
    assert all(np.array_equal(kept[name], weights[name]) for name in weights)


@pytest.mark.engine(ENGINE)
def test_mobilenet_without_weights_ends_with_one_sentence(train):
    done = train("--network=mobilenet", "--epochs=3", output="refused", check=1)
    assert "passed over, not known: --epochs=3" in done.stdout
    assert "mobilenet needs its weights: one mobilenet….npz in data_url. It holds: dog_and_cat_40.tar.gz" in done.stdout
    assert "Traceback" not in done.stdout


REFUSALS = {
    "no archive": "data_url must hold one .tar.gz of pictures. It holds: nothing",
    "two archives": "data_url must hold one .tar.gz of pictures. It holds: a.tar.gz, b.tar.gz",
    "half an archive": "a.tar.gz cannot be unpacked: is it complete?",
    "another archive": "a.tar.gz must hold train/CLASS, val/CLASS and test/CLASS for two classes or more.",
    "a part without pictures": "The archive has no pictures in val/cat.",
    "weights of another network": "mobilenet_other.npz does not hold MobileNet's weights: conv1/kernel is (5, 5, 3, 8)"
    " instead of (3, 3, 3, 32); conv1_bn/gamma is missing",
    "no epochs": "flag --max_epochs=0: 0 is not a positive integer",
    "a learning rate below 0": "flag --learning_rate=-1: -1.0 is not a non-negative number",
    "an unknown network": "flag --network=resnet50: value should be one of <vgg16|mobilenet>",
}
PROBE = """
    import json, os, tarfile
    import numpy as np
    import dog_and_cat_train, networks, pictures
    from PIL import Image

    def folder(**files):
        path = "case%d" % len(os.listdir("."))
        os.mkdir(path)
        for name, content in files.items():
            with open(os.path.join(path, name + ".tar.gz"), "wb") as file:
                file.write(content)
        return path

    def archive(*names):
        with tarfile.open("made.tar.gz", "w:gz") as tar:
            for name in names:
                tar.addfile(tarfile.TarInfo(name))
        with open("made.tar.gz", "rb") as file:
            return file.read()

    def other_weights():
        path = folder()
        np.savez(os.path.join(path, "mobilenet_other.npz"), **{"conv1/kernel": np.zeros((5, 5, 3, 8))})
        networks.mobilenet(32, 2, path)

    def broken():
        path = folder()
        os.makedirs(os.path.join(path, "val", "cat"))
        Image.new("RGB", (9, 9)).save(os.path.join(path, "val", "cat", "good.png"))
        with open(os.path.join(path, "val", "cat", "broken.png"), "wb") as file:
            file.write(b"no picture")
        return pictures.read(path, "val", ["cat"], 32)[0].shape

    def flag(text):
        dog_and_cat_train.FLAGS(["train", text])

    CASES = {
        "no archive": lambda: pictures.unpack(folder()),
        "two archives": lambda: pictures.unpack(folder(a=b"", b=b"")),
        "half an archive": lambda: pictures.unpack(folder(a=archive("train/cat/a.jpg")[:30])),
        "another archive": lambda: pictures.unpack(folder(a=archive("cat/a.jpg", "dog/a.jpg"))),
        "a broken picture": broken,
        "a part without pictures": lambda: pictures.read(folder(), "val", ["cat", "dog"], 32),
        "weights of another network": other_weights,
        "no epochs": lambda: flag("--max_epochs=0"),
        "a learning rate below 0": lambda: flag("--learning_rate=-1"),
        "an unknown network": lambda: flag("--network=resnet50"),
    }
    os.makedirs("cases")
    os.chdir("cases")
    for name, case in CASES.items():
        try:
            said = str(case())
        except Exception as error:
            said = str(error)
        print("SAID", json.dumps([name, said]))
"""


@pytest.fixture(scope="module")
def probed(train, folder):
    """The log of a run that asks the training code about each wrong input."""
    (folder / "train" / "probe.py").write_text(textwrap.dedent(PROBE))
    return train(boot="probe.py", output="probed").stdout


def said(log):
    return dict(json.loads(line[5:]) for line in log.splitlines() if line.startswith("SAID "))


@pytest.mark.engine(ENGINE)
@pytest.mark.parametrize("case", REFUSALS)
def test_wrong_input_is_refused_in_a_sentence(probed, case):
    assert said(probed)[case].startswith(REFUSALS[case])


@pytest.mark.engine(ENGINE)
def test_a_broken_picture_is_left_out_and_told(probed):
    assert said(probed)["a broken picture"] == "(1, 32, 32, 3)"
    assert re.search(r"^left out: .*/val/cat/broken.png: cannot identify image file", probed, re.MULTILINE)


# ── the service ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.engine(ENGINE)
def test_the_package_is_sound(command, trained):
    assert "Sound." in command("check", trained[1]).stdout


@pytest.mark.engine(ENGINE)
def test_the_service_is_right_as_often_as_the_training_said(service, trained, folder):
    test = pictures(next((folder / "data").iterdir()), "test")
    right = sum(max(answer, key=answer.get) == kind for kind, answer in ((k, scores(service, c)) for k, c in test))
    assert f"test accuracy: {right / len(test):.4f}" in trained[0]


@pytest.mark.engine(ENGINE)
def test_odd_pictures_are_answered(service, odd_pictures):
    for name, content in odd_pictures.items():
        answer = scores(service, content)
        assert set(answer) == {"cat", "dog"}, name
        assert sum(answer.values()) == pytest.approx(1), name


@pytest.fixture(scope="module")
def doubtful(service, folder):
    """A mixture of a cat and a dog that the network cannot decide on, so that the least change shows in its scores."""
    test = dict(pictures(next((folder / "data").iterdir()), "test"))
    cat, dog = (Image.open(io.BytesIO(test[name])) for name in ("cat", "dog"))
    least, most = 0.0, 1.0
    for _ in range(12):
        middle = (least + most) / 2
        picture = Image.blend(cat, dog, middle)
        score = scores(service, encoded(picture))["cat"]
        if 0.3 < score < 0.7:
            return picture
        least, most = (middle, most) if score > 0.5 else (least, middle)
    raise AssertionError(f"no mixture is in doubt: {score} at {middle}")


def turned(picture):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90° clockwise
    content = encoded(picture.rotate(90, expand=True), "JPEG", exif=exif)
    return Image.open(io.BytesIO(content)).rotate(-90, expand=True), content


def deep(picture):
    grey = ImageOps.grayscale(picture)
    return grey, encoded(grey.convert("I").point(lambda value: value * 257).convert("I;16"))


def half_transparent(picture):
    half = Image.new("L", picture.size).point(lambda _: 255)
    half.paste(0, (0, 0, picture.width // 2, picture.height))
    odd = picture.convert("RGBA")
    odd.putalpha(half)
    return Image.composite(picture, Image.new("RGB", picture.size, "white"), half), encoded(odd)


def with_transparent_colour(picture):
    odd = picture.quantize(8)
    index = odd.getpixel((0, 0))
    seen = odd.convert("RGB")
    seen.paste("white", mask=Image.frombytes("L", odd.size, bytes(255 * (pixel == index) for pixel in odd.tobytes())))
    return seen, encoded(odd, transparency=index)


def animated(picture):
    return picture, encoded(picture, save_all=True, append_images=[picture.rotate(90)])


@pytest.mark.engine(ENGINE)
@pytest.mark.parametrize("kind", [turned, deep, half_transparent, with_transparent_colour, animated])
def test_a_picture_is_seen_as_people_see_it(service, doubtful, kind):
    seen, content = kind(doubtful)
    assert scores(service, content) == pytest.approx(scores(service, encoded(seen)), abs=0.005)


@pytest.mark.engine(ENGINE)
def test_unreadable_uploads_are_told_apart_in_a_sentence(service, unreadable_pictures):
    said = {name: service.form([("images", content)]) for name, content in unreadable_pictures.items()}
    assert {status for status, _ in said.values()} == {200}
    assert said["truncated"][1]["msg"].startswith("picture.jpg cannot be read: image file is truncated")
    for name in ("text", "empty"):
        assert said[name][1] == refused("picture.jpg is no picture that can be read, such as JPEG or PNG.")


@pytest.mark.engine(ENGINE)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(service):
    status, answer = service.form([("images", encoded(Image.new("1", (9000, 9000))))])
    assert (status, answer) == (200, refused("picture.jpg has more than 50 million pixels."))


MISSING = "The field 'images' is missing: send a form with one picture as a file."
REQUESTS = {
    "another field": ([("picture", b"x")], {}, MISSING),
    "no file": ([], {"size": "3"}, MISSING),
    "text instead of a file": ([], {"images": "cat.jpg"}, "The field 'images' is text: send the picture as a file."),
    "two pictures": ([("images", b"x", "a.jpg"), ("images", b"x", "b.jpg")], {}, "The field 'images' holds 2 files: "),
}


@pytest.mark.engine(ENGINE)
@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_answered_in_a_sentence(service, case):
    files, fields, sentence = REQUESTS[case]
    status, answer = service.form(files, **fields)
    assert (status, answer) == (200, refused(answer["msg"]))
    assert answer["msg"].startswith(sentence)


@pytest.mark.engine(ENGINE)
@pytest.mark.parametrize("body", [["a", "b"], {"images": "cat.jpg"}, "cat.jpg"])
def test_json_is_answered_in_a_sentence(service, body):
    status, answer = service.json(body)
    assert (status, answer) == (200, refused(answer["msg"]))
    assert answer["msg"].startswith("The field 'images' is ")


@pytest.mark.engine(ENGINE)
def test_a_package_without_its_variables_is_not_sound(command, trained, tmp_path):
    for file in (trained[1] / "model").iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert "missing-variables" in command("check", tmp_path, check=1).stdout


@pytest.mark.engine(ENGINE)
def test_the_saved_model_of_another_network_is_refused_with_its_keys(command, trained, tmp_path):
    for file in (trained[1] / "model").rglob("*"):
        if file.is_file():
            copy = tmp_path / file.relative_to(trained[1] / "model")
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(file.read_bytes())
    graph = tmp_path / "saved_model.pb"
    graph.write_bytes(graph.read_bytes().replace(b"logits", b"height"))
    done = command("serve", tmp_path, "--port", "0", check=1, timeout=600)
    assert "it takes ['images'] and gives ['height']" in done.stdout + done.stderr


# ── the current TensorFlow ───────────────────────────────────────────────────────────────────────


@pytest.mark.engine("tensorflow")
@pytest.mark.engine(ENGINE)
def test_the_current_engine_gives_the_same_scores(served, service, trained, folder):
    current = served(trained[1], "--engine", "tensorflow")
    for _, content in pictures(next((folder / "data").iterdir()), "test"):
        assert scores(current, content) == pytest.approx(scores(service, content), abs=0.02)


@pytest.mark.engine("tensorflow")
@pytest.mark.every_engine
def test_the_script_trains_on_the_current_engine_through_its_compatibility_layer(train, served, folder):
    done = train(*SMALL, "--max_epochs=6", engine=COMPAT, output="compat")
    output = folder / "compat" / "V0001"
    add_service(folder, output)
    service = served(output, "--engine", "tensorflow")
    test = pictures(next((folder / "data").iterdir()), "test")
    right = sum(max(answer, key=answer.get) == kind for kind, answer in ((k, scores(service, c)) for k, c in test))
    assert f"test accuracy: {right / len(test):.4f}" in done.stdout
    assert right >= 6
