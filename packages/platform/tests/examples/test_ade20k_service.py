"""The scene service of ADE20K: its network and weights file, the package over HTTP, the scripts and the notebook."""

import base64
import csv
import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from PIL import Image

CURRENT = "tensorflow"
ERA = "TF-2.1.0-python3.6"
QUIET = ("--env", "TF_NUM_INTRAOP_THREADS=2", "--env", "TF_NUM_INTEROP_THREADS=1", "--env", "TF_CPP_MIN_LOG_LEVEL=3")
SMALL = ("--env", "INPUT_SIZE=192", "--timeout", "120")
WEIGHTS = "deeplabv3_xception65_ade20k.h5"
ENGINES = [
    pytest.param(CURRENT, marks=[pytest.mark.engine(CURRENT), pytest.mark.every_engine]),
    pytest.param(ERA, marks=[pytest.mark.engine(ERA), pytest.mark.every_engine]),
]


@pytest.fixture(scope="module")
def run(command):
    """`run(folder, boot, *options)` is a finished job's output, by default on the current engine."""

    def call(folder, boot, *options, engine=CURRENT, parameters=()):
        return command("run", folder, "--boot", boot, "--engine", engine, *QUIET, *options, "--", *parameters).stdout

    return call


@pytest.fixture(scope="module")
def folder(example):
    return example("ade20k_service")


@pytest.fixture(scope="module")
def weights(folder, run):
    """The folder with random weights, a scene and its classes."""
    run(folder / "train", "random_weights.py", "--output", folder / "dataset")
    return folder / "dataset"


@pytest.fixture(scope="module")
def package(folder, weights, run):
    """The package as the README makes it, with restraints that any engine can meet."""
    run(folder / "train", "saved_model.py", "--dialect", "v1", "--output", folder / "made")
    return assemble(folder, weights, folder / "made" / "V0001" / "model")


def assemble(folder, weights, package, restraint="ATLEAST"):
    shutil.copytree(folder / "infer", package, dirs_exist_ok=True)
    os.link(weights / WEIGHTS, package / WEIGHTS)  # a copy would take its 166 MB again
    config = (package / "config.json").read_text()
    (package / "config.json").write_text(config.replace("EXACT", restraint))
    return package


@pytest.fixture(scope="module")
def service(served, package):
    return served(package, "--engine", CURRENT, *QUIET, *SMALL)


@pytest.fixture(scope="module")
def table(folder):
    """[(name, colour)] of the 151 classes."""
    with (folder / "infer" / "core" / "ade20k_classes.csv").open() as file:
        return [(row["name"], (int(row["red"]), int(row["green"]), int(row["blue"]))) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def scene(weights):
    """(file, picture, classes) of a drawn scene that the weights were not fitted to."""
    return (weights / "scene.jpg").read_bytes(), pixels(weights / "scene.jpg"), pixels(weights / "scene_classes.png")


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def answered(service, file, **fields):
    """(kind, RGB array) of the answer to a picture that must be answered."""
    status, answer = service.form([("image", file)], **fields)
    assert status == 200 and set(answer) == {"predicted_image", "recognizer_data"}, answer
    assert answer["recognizer_data"] == {}
    head, content = answer["predicted_image"].split(",")
    return head, np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"))


def colours(classes, table):
    return np.array([colour for _, colour in table])[classes]


# ── the network and its weights file ─────────────────────────────────────────────────────────────

PROBE = """
    import argparse, json, os, shutil
    import cv2, h5py, numpy as np
    from core.network import build_network
    from core.weights import WrongWeights, load_weights

    PARSER = argparse.ArgumentParser()
    PARSER.add_argument("--data_url")
    PARSER.add_argument("--train_url")
    ARGS = PARSER.parse_args()
    WEIGHTS = ARGS.data_url + "deeplabv3_xception65_ade20k.h5"

    def file(name, content):
        with open(name, "wb") as target:
            target.write(content)
        return name

    def changed(name, change):
        shutil.copy(WEIGHTS, name)
        with h5py.File(name, "r+") as target:
            change(target)
        return name

    def shrink_last(target):
        del target["logits_semantic/logits_semantic/kernel:0"]
        target["logits_semantic/logits_semantic/kernel:0"] = np.zeros((1, 1, 256, 21), "f4")

    def rename(old, new):
        def change(target):
            target.move(old, new)
            names = list(target.attrs["layer_names"])
            target.attrs["layer_names"] = [new.encode() if name == old.encode() else name for name in names]
        return change

    def whole_model(name):
        with h5py.File(WEIGHTS, "r") as source, h5py.File(name, "w") as target:
            source.copy("/", target, "model_weights")
        return name

    def other_network(name):
        with h5py.File(name, "w") as target:
            target.attrs["layer_names"] = [b"dense"]
            target.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0"]
            target["dense/dense/kernel:0"] = np.zeros((3, 3))
        return name

    def keras_3(name):
        with h5py.File(name, "w") as target:
            target["layers/dense/vars/0"] = np.zeros((3, 3))
        return name

    network = build_network()
    CASES = {
        "the layout itself": lambda: WEIGHTS,
        "inside a whole model": lambda: whole_model("whole.h5"),
        "another name of the last layer": lambda: changed("a.h5", rename("logits_semantic", "custom_logits_semantic")),
        "missing": lambda: "nowhere.h5",
        "text": lambda: file("text.h5", b"not found"),
        "half": lambda: file("half.h5", open(WEIGHTS, "rb").read(1000000)),
        "the layout of Keras 3": lambda: keras_3("keras3.h5"),
        "another network": lambda: other_network(ARGS.train_url + "other.h5"),
        "21 classes": lambda: changed("b.h5", shrink_last),
        "another name and shape": lambda: changed("c.h5", rename("aspp0", "aspp9")),
    }
    said = {}
    for case, make in CASES.items():
        try:
            load_weights(network, make())
            said[case] = "accepted"
        except WrongWeights as error:
            said[case] = str(error)

    with h5py.File(WEIGHTS, "r") as source:
        stored = []
        source.visititems(lambda name, item: stored.append(name) if isinstance(item, h5py.Dataset) else None)
        order = [name.decode() for name in source.attrs["layer_names"]]
    layers = {layer.name: layer for layer in network.layers}
    rates = {name: layers[name].dilation_rate[0] for name in layers if hasattr(layers[name], "dilation_rate")}
    print("FOUND", json.dumps({
        "said": said, "rates": rates, "output": list(network.output_shape), "parameters": network.count_params(),
        "shapes": {name: [list(value.shape) for value in layer.get_weights()] for name, layer in layers.items()},
        "epsilons": {name: round(layer.epsilon, 6) for name, layer in layers.items() if name.endswith("_BN")},
        "stored": stored, "order": [name for name in order if layers[name].weights],
    }))

    writer = cv2.VideoWriter("clip.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 12.5, (96, 64))
    for number in range(7):
        writer.write(np.full((64, 96, 3), 40 + 20 * number, np.uint8))
    writer.release()
    shutil.copy("clip.mp4", ARGS.train_url)
"""


@pytest.fixture(scope="module")
def probed(folder, weights, run):
    """(what the network's code says of itself, the folder with a clip and the weights of another network)"""
    (folder / "train" / "probe.py").write_text(textwrap.dedent(PROBE))
    log = run(folder / "train", "probe.py", "--data", weights, "--output", folder / "probed")
    return json.loads(next(line[6:] for line in log.splitlines() if line.startswith("FOUND "))), folder / "probed"


@pytest.fixture(scope="module")
def found(probed):
    return probed[0]


@pytest.mark.engine(CURRENT)
def test_the_network_has_the_size_of_the_published_one(found):
    assert found["parameters"] == 41_291_623
    assert found["output"] == [None, 512, 512, 151]
    assert sum(bool(shapes) for shapes in found["shapes"].values()) == 293


SHAPES = {
    "entry_flow_conv1_1": [[3, 3, 3, 32]],
    "entry_flow_conv1_1_BN": [[32]] * 4,
    "entry_flow_block1_shortcut": [[1, 1, 64, 128]],
    "entry_flow_block3_separable_conv3_pointwise": [[1, 1, 728, 728]],
    "middle_flow_unit_16_separable_conv3_depthwise": [[3, 3, 728, 1]],
    "exit_flow_block1_shortcut_BN": [[1024]] * 4,
    "exit_flow_block2_separable_conv3_pointwise": [[1, 1, 1536, 2048]],
    "image_pooling": [[1, 1, 2048, 256]],
    "aspp3_depthwise": [[3, 3, 2048, 1]],
    "concat_projection": [[1, 1, 1280, 256]],
    "feature_projection0": [[1, 1, 256, 48]],
    "decoder_conv0_depthwise": [[3, 3, 304, 1]],
    "logits_semantic": [[1, 1, 256, 151], [151]],
}


@pytest.mark.engine(CURRENT)
def test_layers_are_named_and_shaped_as_in_the_published_file(found):
    assert {name: found["shapes"].get(name) for name in SHAPES} == SHAPES


@pytest.mark.engine(CURRENT)
def test_the_output_stride_is_8_by_the_published_rates(found):
    rates = {
        "entry_flow_block3_separable_conv1_depthwise": 1, "middle_flow_unit_1_separable_conv1_depthwise": 2,
        "exit_flow_block1_separable_conv1_depthwise": 2, "exit_flow_block2_separable_conv3_depthwise": 4,
        "aspp1_depthwise": 12, "aspp2_depthwise": 24, "aspp3_depthwise": 36, "decoder_conv0_depthwise": 1,
    }  # fmt: skip
    assert {name: found["rates"][name] for name in rates} == rates
    head = ("image_pooling", "aspp", "concat", "feature_projection", "decoder")
    assert found["epsilons"] == {name: 1e-5 if name.startswith(head) else 1e-3 for name in found["epsilons"]}


@pytest.mark.engine(CURRENT)
def test_the_file_holds_layers_as_keras_2_wrote_them(found):
    assert len(found["stored"]) == sum(map(len, found["shapes"].values())) == 732
    for name in (
        "entry_flow_conv1_1/entry_flow_conv1_1/kernel:0",
        "aspp1_depthwise/aspp1_depthwise/depthwise_kernel:0",
        "aspp1_depthwise_BN/aspp1_depthwise_BN/moving_variance:0",
        "logits_semantic/logits_semantic/bias:0",
    ):
        assert name in found["stored"]
    # Keras 2 itself reads the layers in the file's order, whatever their names.
    assert found["order"][:3] == ["entry_flow_conv1_1", "entry_flow_conv1_1_BN", "entry_flow_conv1_2"]
    assert found["order"][-1] == "logits_semantic"


SAID = {
    "the layout itself": "accepted",
    "inside a whole model": "accepted",
    "another name of the last layer": "accepted",
    "missing": "The weights file 'nowhere.h5' is missing.",
    "text": "'text.h5' is no whole HDF5 file: ",
    "half": "'half.h5' is no whole HDF5 file: ",
    "the layout of Keras 3": "'keras3.h5' is not in the layout of Keras 2: it names no layers.",
    "another network": " holds the weights of another network. Missing layers: entry_flow_conv1_1, "
    "entry_flow_conv1_1_BN, entry_flow_conv1_2, entry_flow_conv1_2_BN, "
    "entry_flow_block1_separable_conv1_depthwise and 288 more. Unknown layers: dense.",
    "21 classes": "Other shapes: logits_semantic [(1, 1, 256, 21), (151,)] instead of [(1, 1, 256, 151), (151,)].",
    "another name and shape": "accepted",
}


@pytest.mark.engine(CURRENT)
@pytest.mark.parametrize("case", SAID)
def test_weights_that_do_not_fit_are_told_by_their_layers(found, case):
    assert SAID[case] in found["said"][case]


# ── the package over HTTP ────────────────────────────────────────────────────────────────────────


@pytest.mark.engine(CURRENT)
def test_the_package_is_sound(command, package):
    assert "Sound." in command("check", package.parent).stdout


@pytest.mark.engine(CURRENT)
def test_every_pixel_gets_the_colour_of_its_class(service, scene, table):
    file, picture, classes = scene
    head, mask = answered(service, file, show_mask="0")
    assert head == "data:image/png;base64" and mask.shape == picture.shape
    right = (mask == colours(classes, table)).all(axis=2)
    assert right.mean() > 0.85
    for name in ("sky", "building", "road", "grass", "tree", "car"):
        here = classes == [one for one, _ in table].index(name)
        assert right[here].mean() > 0.5, name


@pytest.mark.engine(CURRENT)
@pytest.mark.parametrize("fields", [{}, {"show_mask": "1", "mask_alpha": "0.5"}, {"mask_alpha": "0.9"}])
def test_the_colours_lie_over_the_picture_as_strongly_as_asked(service, scene, fields):
    file, picture, _ = scene
    _, mask = answered(service, file, show_mask="0")
    head, blended = answered(service, file, **fields)
    alpha = float(fields.get("mask_alpha", 0.5))
    assert head == "data:image/jpeg;base64"
    assert np.abs(blended - (mask * alpha + picture * (1 - alpha))).mean() < 6


@pytest.mark.engine(CURRENT)
def test_a_picture_on_end_is_segmented_like_one_that_lies(service, scene, table):
    _, picture, classes = scene
    file = io.BytesIO()
    Image.fromarray(picture).rotate(90, expand=True).save(file, "PNG")
    _, mask = answered(service, file.getvalue(), show_mask="0")
    assert (mask == colours(np.rot90(classes), table)).all(axis=2).mean() > 0.85


@pytest.mark.engine(CURRENT)
def test_odd_pictures_are_answered_upright_and_in_their_size(service, odd_pictures):
    check_odd_pictures(service, odd_pictures)


def check_odd_pictures(service, odd_pictures):
    for name, content in odd_pictures.items():
        _, mask = answered(service, content, show_mask="0")
        assert mask.shape == ((1, 1, 3) if name == "one pixel" else (32, 48, 3)), name


@pytest.mark.engine(CURRENT)
def test_alpha_depth_and_turn_do_not_change_what_is_seen(service, scene):
    check_sameness(service, scene)


def check_sameness(service, scene):
    picture = Image.fromarray(scene[1]).resize((64, 48))
    grey = picture.convert("L")
    turned = Image.Exif()
    turned[0x0112] = 6
    deep = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    alike = {
        "RGBA": (picture, picture.convert("RGBA"), {}),
        "16 bits": (grey, deep, {}),
        "turned": (picture, picture.rotate(90, expand=True), {"exif": turned}),
    }
    for name, (plain, odd, options) in alike.items():
        masks = []
        for image, how in ((plain, {}), (odd, options)):
            file = io.BytesIO()
            image.save(file, "PNG", **how)
            masks.append(answered(service, file.getvalue(), show_mask="0")[1])
        assert np.array_equal(*masks), name


@pytest.mark.engine(CURRENT)
def test_what_is_no_picture_is_told_in_a_sentence(service, unreadable_pictures):
    check_unreadable_pictures(service, unreadable_pictures)


def check_unreadable_pictures(service, unreadable_pictures):
    said = {name: refused(service, [("image", content)]) for name, content in unreadable_pictures.items()}
    assert said["truncated"].startswith("The file of the field 'image' is a damaged picture: ")
    for name in ("text", "empty"):
        assert said[name] == (
            "The file of the field 'image' is no picture of a kind that can be read, or far too large."
        )


@pytest.mark.engine(CURRENT)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(service):
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    said = refused(service, [("image", file.getvalue())])
    assert said == "The file of the field 'image' is a picture of more than 50 million pixels."


def refused(service, files, **fields):
    status, answer = service.form(files, **fields)
    assert (status, set(answer), answer["erno"]) == (200, {"erno", "msg", "words_result"}, "MR.0101")
    return answer["msg"]


MISSING = "The field 'image' is missing: send a form with the picture as a file."
NO_FILE = "The field 'image' is no file: send a form with the picture as a file."
REQUESTS = {
    "another field": ([("picture", b"x")], {}, MISSING),
    "no file": ([], {"show_mask": "1"}, MISSING),
    "text instead of a file": ([], {"image": "cat.jpg"}, NO_FILE),
    "two pictures": (
        [("image", b"x", "a.jpg"), ("image", b"x", "b.jpg")], {},
        "The field 'image' holds 2 files: send one picture.",
    ),
    "mask_alpha above": (
        [("image", b"x")], {"mask_alpha": "5"}, "The field 'mask_alpha' must be a number from 0.1 to 0.9, not '5'."
    ),
    "mask_alpha below": ([("image", b"x")], {"mask_alpha": "0"}, "from 0.1 to 0.9, not '0'."),
    "mask_alpha a word": ([("image", b"x")], {"mask_alpha": "half"}, "from 0.1 to 0.9, not 'half'."),
    "mask_alpha no number": ([("image", b"x")], {"mask_alpha": "nan"}, "from 0.1 to 0.9, not 'nan'."),
    "show_mask above": ([("image", b"x")], {"show_mask": "2"}, "The field 'show_mask' must be 0 or 1, not '2'."),
    "show_mask a word": ([("image", b"x")], {"show_mask": "yes"}, "The field 'show_mask' must be 0 or 1, not 'yes'."),
    "show_mask empty": ([("image", b"x")], {"show_mask": ""}, "The field 'show_mask' must be 0 or 1, not ''."),
}  # fmt: skip


@pytest.mark.engine(CURRENT)
@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_answered_in_a_sentence(service, case):
    files, fields, sentence = REQUESTS[case]
    assert sentence in refused(service, files, **fields)


@pytest.mark.engine(CURRENT)
@pytest.mark.parametrize("body", [["a"], {"image": "cat.jpg"}, "cat.jpg"])
def test_json_is_answered_in_a_sentence(service, body):
    status, answer = service.json(body)
    assert status == 200 and answer["msg"] in (MISSING, NO_FILE)


@pytest.mark.engine(CURRENT)
def test_weights_of_another_network_are_the_services_fault_and_its_log_names_the_layers(
    served, package, probed, scene, tmp_path
):
    shutil.copytree(package, tmp_path / "model", ignore=shutil.ignore_patterns("*.h5"))
    shutil.copy(probed[1] / "other.h5", tmp_path / "model" / WEIGHTS)
    service = served(tmp_path, "--engine", CURRENT, *QUIET, *SMALL)
    status, answer = service.form([("image", scene[0])])
    assert (status, answer["erno"]) == (500, "MR.0105")
    deadline = time.monotonic() + 120
    while "Unknown layers: dense." not in service.log:  # it comes a moment after the answer
        assert time.monotonic() < deadline, service.log
        time.sleep(0.05)
    assert f"'model/1/{WEIGHTS}' holds the weights of another network. Missing layers: entry_flow_" in service.log


# ── the scripts beside the package ───────────────────────────────────────────────────────────────

CELLS = """
    import argparse, json, os, sys
    import matplotlib
    matplotlib.use("Agg")
    PARSER = argparse.ArgumentParser()
    for name in ("model", "image", "video", "train_url"):
        PARSER.add_argument("--" + name)
    ARGS = PARSER.parse_args()
    os.environ.update(MODEL=ARGS.model, IMAGE=ARGS.image, VIDEO=ARGS.video, INPUT_SIZE="128")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.ipynb")) as file:
        cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        lines = [line for line in cell["source"] if not line.startswith("%")]
        exec("".join(lines), globals())
        if "figure" in globals():
            figure.savefig(os.path.join(ARGS.train_url, "figure.png"))
"""


@pytest.mark.engine(CURRENT)
def test_the_notebook_runs_from_top_to_bottom(folder, package, weights, probed, run):
    (folder / "notebook" / "cells.py").write_text(textwrap.dedent(CELLS))
    options = ("--data", f"model={package}", "--data", f"image={weights / 'scene.jpg'}")
    clip = ("--data", f"video={probed[1] / 'clip.mp4'}", "--output", folder / "cells")
    log = run(folder / "notebook", "cells.py", *options, *clip)
    assert "41,291,623 weights" in log and "%  sky" in log and "7 frames" in log
    with Image.open(folder / "cells" / "figure.png") as figure:
        assert figure.width > 1000


def test_a_notebook_is_kept_without_results(folder):
    cells = json.loads((folder / "notebook" / "run.ipynb").read_text())["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_the_table_has_the_classes_and_colours_of_ade20k(table):
    assert len(table) == 151
    assert table[0] == ("background", (0, 0, 0))
    assert table[3] == ("sky", (6, 230, 230))
    assert table[21] == ("car", (0, 102, 200))
    assert table[150] == ("flag", (92, 0, 255))
    shared = [name for name, colour in table if [one for _, one in table].count(colour) > 1]
    assert shared == ["road", "skyscraper"]


class Publisher(http.server.BaseHTTPRequestHandler):
    content = b"\x89HDF\r\n\x1a\n" + bytes(5000)

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>" if "page" in self.path else self.content)

    def log_message(self, *arguments):
        """Nothing: the test's own output is enough."""


@pytest.fixture
def publisher():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


SUM = hashlib.sha256(Publisher.content).hexdigest()


@pytest.mark.parametrize(
    ("path", "options", "code", "said"),
    [
        ("w.h5", (), 0, f"SHA-256 {SUM}, compared with nothing"),
        ("w.h5", ("--sha256", SUM.upper()), 0, f"SHA-256 {SUM}\n"),
        ("w.h5", ("--sha256", "0" * 64), 1, f"The file is another one: its SHA-256 is {SUM}, not {'0' * 64}."),
        ("page", (), 1, "gave is no HDF5 file."),
    ],
)
def test_fetched_weights_are_kept_only_if_they_are_what_was_asked_for(
    publisher, folder, tmp_path, path, options, code, said
):
    command = [sys.executable, folder / "get_weights.py", tmp_path / "new", "--url", f"{publisher}/{path}", *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    assert [file.name for file in (tmp_path / "new").iterdir()] == ([WEIGHTS] if code == 0 else [])


# ── every engine ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module", params=ENGINES)
def walked(request, folder, run, served, tmp_path_factory):
    """(log of both jobs, service) of the README's walk on one engine, with the pins of config.json as they are."""
    engine, made = request.param, tmp_path_factory.mktemp("walk")
    log = run(folder / "train", "random_weights.py", "--output", made / "data", engine=engine)
    log += run(folder / "train", "saved_model.py", "--dialect=v1", "--output", made / "model", engine=engine)
    package = assemble(folder, made / "data", made / "model" / "V0001" / "model", "EXACT")
    return log, served(package.parent, "--engine", engine, *QUIET, *SMALL, seconds=600)


def test_the_seeds_walk_leads_to_the_right_answer(walked, scene, table):
    log, service = walked
    assert "41291623 random weights" in log and "the SavedModel is empty and has no signature" in log
    _, mask = answered(service, scene[0], show_mask="0")
    assert (mask == colours(scene[2], table)).all(axis=2).mean() > 0.85


def test_pictures_are_read_alike_on_every_engine(walked, scene, odd_pictures, unreadable_pictures):
    check_odd_pictures(walked[1], odd_pictures)
    check_sameness(walked[1], scene)
    check_unreadable_pictures(walked[1], unreadable_pictures)


@pytest.mark.parametrize("engine", ENGINES)
def test_with_weights_the_saved_model_is_the_network(engine, folder, weights, run, engine_python, tmp_path):
    log = run(folder / "train", "saved_model.py", "--data", weights, "--output", tmp_path / "made", engine=engine)
    assert "The SavedModel is the network with the weights given." in log
    code = """
        import sys
        import cv2, numpy as np
        import tensorflow as tf
        sys.path.append(sys.argv[2])
        from core.segmenter import Segmenter, prepare
        picture = cv2.imread(sys.argv[4])[:, :, ::-1]
        model = tf.saved_model.load(sys.argv[1])  # kept: its variables go with it
        signature = model.signatures["serving_default"]
        pictures = np.stack([prepare(picture, 512)[0], prepare(picture[::-1], 512)[0]])
        classes = signature(images=tf.constant(pictures))["classes"].numpy()
        alone = Segmenter(sys.argv[3]).best_classes(tf.constant(pictures[:1])).numpy()
        assert classes.shape == (2, 512, 512) and (classes[0] == alone[0]).mean() > 0.999
    """
    arguments = [tmp_path / "made" / "model", folder / "infer", weights / WEIGHTS, weights / "scene.jpg"]
    command = [engine_python(engine), "-c", textwrap.dedent(code), *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


FFMPEG = """\
#!/bin/sh
echo "$@" > "$(dirname "$0")/arguments"
for last; do :; done
echo joined > "$last"
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_video_keeps_its_frames_rate_and_sound(engine, folder, package, probed, run, tmp_path):
    clip = ("--data", f"model={package}", "--data", f"video={probed[1] / 'clip.mp4'}")
    small = ("--input_size=64", "--every=3")
    log = run(
        folder / "notebook", "detect_video.py", *clip, "--output", f"out={tmp_path}",
        engine=engine, parameters=(*small, "--ffmpeg=nowhere"),
    )  # fmt: skip
    assert "'nowhere' is not installed: the video has no sound." in log
    assert "7 frames of 96x64 at 12.5 a second" in log
    assert "7/7" in log  # the progress bar
    assert b"ftyp" in (tmp_path / "clip.mp4").read_bytes()[:12]

    program = folder / "notebook" / "ffmpeg"
    program.write_text(FFMPEG)
    program.chmod(0o755)
    inside = "--ffmpeg=/home/work/user-job-dir/notebook/ffmpeg"
    log = run(
        folder / "notebook", "detect_video.py", *clip, "--output", f"out={tmp_path}",
        engine=engine, parameters=(*small, inside),
    )  # fmt: skip
    assert "no sound" not in log
    assert (tmp_path / "clip.mp4").read_text() == "joined\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_picture_is_drawn_with_a_legend_and_told_in_words(engine, folder, package, weights, run, tmp_path):
    options = ("--data", f"model={package}", "--data", f"image={weights / 'scene.jpg'}", "--output", f"out={tmp_path}")
    log = run(folder / "notebook", "detect_image.py", *options, engine=engine, parameters=("--input_size=192",))
    assert "%  sky" in log and "%  car" in log
    drawn, picture = (pixels(path / "scene.jpg").astype(int) for path in (tmp_path, weights))
    assert drawn.shape == picture.shape
    assert drawn[:8, 60:90].mean() < picture[:8, 60:90].mean() / 2  # behind the legend


@pytest.mark.parametrize("engine", ENGINES)
def test_the_notebook_runs_in_a_real_kernel(engine, folder, package, weights, probed, run, tmp_path):
    shutil.copytree(folder / "notebook", tmp_path / "notebook")
    (tmp_path / "notebook" / "pip-requirements.txt").write_text("ipykernel\nnbclient\n")
    code = """
        import argparse, os
        import nbformat
        from nbclient import NotebookClient
        PARSER = argparse.ArgumentParser()
        for name in ("model", "image", "video", "out"):
            PARSER.add_argument("--" + name)
        ARGS = PARSER.parse_args()
        os.environ.update(MODEL=ARGS.model, IMAGE=ARGS.image, VIDEO=ARGS.video, INPUT_SIZE="128")
        notebook = nbformat.read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.ipynb"), as_version=4)
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
        nbformat.write(notebook, os.path.join(ARGS.out, "run.ipynb"))
    """
    (tmp_path / "notebook" / "execute.py").write_text(textwrap.dedent(code))
    options = ("--data", f"model={package}", "--data", f"image={weights / 'scene.jpg'}")
    clip = ("--data", f"video={probed[1] / 'clip.mp4'}", "--output", f"out={tmp_path / 'out'}")
    run(tmp_path / "notebook", "execute.py", *options, *clip, engine=engine)
    outputs = [
        output
        for cell in json.loads((tmp_path / "out" / "run.ipynb").read_text())["cells"]
        for output in cell.get("outputs", [])
    ]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert not any(output["output_type"] == "error" for output in outputs)
