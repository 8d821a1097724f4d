"""Darknet to a frozen graph: against plain NumPy, against OpenCV, and what is refused."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

NEW, OLD = "tensorflow", "tf1.13"
DATA = os.environ.get("MAQUETTE_DATA")
CODE = Path(__file__).resolve().parents[4] / "examples" / "frozen_yolo" / "code"
SDK = Path(__file__).resolve().parents[3] / "sdk" / "src"
PB = "frozen_darknet_yolov3_model.pb"
OPENCV = json.loads((Path(__file__).with_name("frozen_yolo") / "opencv.json").read_text())


# ── a darknet network in plain NumPy, which knows nothing of the example's code ──────────────────


class PlainNetwork:
    """Writes a .cfg and a .weights layer by layer, and computes what they mean as it goes."""

    def __init__(self, picture, seed=0):
        self.chance = np.random.default_rng(seed)
        self.height, self.width = picture.shape[:2]
        self.cfg = f"[net]\nwidth={self.width}\nheight={self.height}\nchannels=3 # colour\n"
        self.weights = [np.array([0, 2, 5], "<i4").tobytes(), np.array([7], "<i8").tobytes()]
        self.results = []
        self.boxes = []
        self.last = picture.transpose(2, 0, 1) / 255

    def add(self, kind, result, **options):
        self.cfg += f"\n[{kind}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        self.last = result
        self.results.append(result)

    def numbers(self, shape, low, high):
        values = self.chance.random(shape, "<f4") * np.float32(high - low) + np.float32(low)
        self.weights.append(values.tobytes())
        return values

    def convolution(self, filters, size=1, activation="linear", groups=1, normalize=False, gain=1, **options):
        if normalize:
            bias, scale, mean, variance = (
                self.numbers(filters, *limits) for limits in [(-1, 1), (0.5, 1.5), (-1, 1), (0.1, 2)]
            )
            options["batch_normalize"] = 1
        else:
            bias = self.numbers(filters, -1, 1)
        most = gain * np.sqrt(3 * groups / len(self.last)) / size
        kernel = self.numbers((filters, len(self.last) // groups, size, size), -most, most)
        room = size // 2 if options.get("pad") else options.get("padding", 0)
        result = slide(self.last, kernel, room, options.get("stride", 1), groups)
        if normalize:
            result = (result - mean[:, None, None]) / np.sqrt(variance + 1e-6)[:, None, None] * scale[:, None, None]
        result = ACTIVATIONS[activation](result + bias[:, None, None])
        self.add("convolutional", result, filters=filters, size=size, groups=groups, activation=activation, **options)

    def maxpool(self, size, stride):
        before, after = (size - 1) // 2, size - 1 - (size - 1) // 2
        x = np.pad(self.last, [(0, 0), (before, after), (before, after)], constant_values=-np.inf)
        height, width = ((side + size - 1 - size) // stride + 1 for side in self.last.shape[1:])
        windows = [
            x[:, row : row + stride * height : stride, column : column + stride * width : stride]
            for row in range(size)
            for column in range(size)
        ]
        self.add("maxpool", np.max([one[:, :height, :width] for one in windows], axis=0), size=size, stride=stride)

    def shortcut(self, *sources, activation="linear"):
        result = self.last + sum(self.results[one] for one in sources)
        self.add("shortcut", ACTIVATIONS[activation](result), **{"from": listed(sources)}, activation=activation)

    def route(self, *sources, groups=1, group_id=0):
        parts = [np.split(self.results[one], groups)[group_id] for one in sources]
        self.add("route", np.concatenate(parts), layers=listed(sources), groups=groups, group_id=group_id)

    def upsample(self, stride):
        self.add("upsample", self.last.repeat(stride, axis=1).repeat(stride, axis=2), stride=stride)

    def dropout(self):
        self.add("dropout", self.last, probability=0.5)

    def yolo(self, anchors, mask, classes, stretch):
        _, height, width = self.last.shape
        x = self.last.reshape(len(mask), 5 + classes, height, width)
        for row in range(height):
            for column in range(width):
                for number, chosen in enumerate(mask):
                    values = x[number, :, row, column]
                    centre = sigmoid(values[:2]) * stretch - (stretch - 1) / 2 + [column, row]
                    centre = centre * [self.width / width, self.height / height]
                    half = np.exp(values[2:4]) * anchors[chosen] / 2
                    self.boxes.append([*(centre - half), *(centre + half), *sigmoid(values[4:])])
        flat = ", ".join(f"{one[0]},{one[1]}" for one in anchors)
        self.add("yolo", self.last, mask=listed(mask), anchors=flat, classes=classes, num=9, scale_x_y=stretch)

    def write(self, folder):
        folder.mkdir(exist_ok=True)
        (folder / "made.cfg").write_text(self.cfg)
        (folder / "made.weights").write_bytes(b"".join(self.weights))
        (folder / "made.names").write_text("one\ntwo\n")
        return folder


def slide(x, kernel, room, stride, groups):
    """A convolution, one place of the kernel after the other."""
    filters, _, size, _ = kernel.shape
    x = np.pad(x, [(0, 0), (room, room), (room, room)])
    height, width = ((side - size) // stride + 1 for side in x.shape[1:])
    result = np.zeros((groups, filters // groups, height, width))
    for row in range(size):
        for column in range(size):
            seen = x[:, row : row + stride * height : stride, column : column + stride * width : stride]
            seen = seen[:, :height, :width].reshape(groups, -1, height, width)
            weights = kernel[:, :, row, column].reshape(groups, filters // groups, -1)
            result += np.einsum("gfc,gchw->gfhw", weights, seen)
    return result.reshape(filters, height, width)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def listed(numbers):
    return ",".join(map(str, numbers))


ACTIVATIONS = {
    "linear": lambda x: x,
    "leaky": lambda x: np.where(x > 0, x, 0.1 * x),
    "logistic": sigmoid,
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: x.clip(0, 6),
    "swish": lambda x: x * sigmoid(x),
}


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(1).integers(0, 256, (64, 96, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def plain(picture):
    """A network with every kind of layer, in the forms that the real ones have, and some that they have not."""
    net = PlainNetwork(picture)
    net.convolution(8, 3, "leaky", normalize=True, stride=2, pad=1)
    net.convolution(8, 3, "relu", groups=8, normalize=True, pad=1)
    net.convolution(16, 5, "relu6", groups=8, pad=1)
    net.convolution(8, 1, "mish", groups=4, normalize=True)
    net.dropout()
    net.shortcut(-4, activation="leaky")
    net.maxpool(2, 2)
    net.convolution(12, 4, "swish", stride=2, padding=1)
    net.maxpool(3, 1)
    net.route(-2)
    net.maxpool(2, 1)
    net.route(-1, 8, -4)
    net.convolution(16, 1, "logistic")
    net.shortcut(-1, -1)
    net.maxpool(3, 2)
    net.convolution(21)
    net.yolo([(10, 14), (23, 27), (37, 58), (81, 82)], [1, 2, 3], 2, 1)
    net.route(-4)
    net.upsample(2)
    net.route(-1, groups=2, group_id=1)
    net.route(-1, 6)
    net.convolution(7, 3, pad=1)
    net.yolo([(10, 14), (23, 27)], [0], 2, 1.1)
    return net


# ── the example's own code ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def python(engine_python):
    """`python(engine, script, …)` runs a script of the example, or a text, with an engine's interpreter."""

    def call(engine, script, *arguments, check=0):
        what = [str(CODE / script)] if script.endswith(".py") else ["-c", script]
        paths = [str(CODE), str(CODE / "model"), str(SDK), str(SDK / "maquette_sdk" / "names")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [str(engine_python(engine)), *what, *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert check is None or done.returncode == check, done.stdout + done.stderr
        return done

    return call


@pytest.fixture(scope="module")
def darknet():
    """The module that reads darknet's files; it needs no TensorFlow."""
    return module("darknet")


def module(name):
    spec = importlib.util.spec_from_file_location(name, CODE / f"{name}.py")
    sys.modules[name] = loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


ROWS = """
import sys, pathlib, numpy
from frozen_graph import FrozenGraph
numpy.save(sys.argv[3], FrozenGraph(pathlib.Path(sys.argv[1])).run(numpy.load(sys.argv[2])))
"""
both = pytest.mark.parametrize("engine", [pytest.param(one, marks=pytest.mark.engine(one)) for one in (NEW, OLD)])


@both
@pytest.mark.engine(OLD)
def test_a_converted_network_says_on_old_tensorflow_what_plain_numpy_says(engine, python, plain, picture, tmp_path):
    python(engine, "convert.py", "--data_url", plain.write(tmp_path / "net"), "--train_url", tmp_path)
    np.save(tmp_path / "in.npy", np.stack([picture] * 9))
    python(OLD, ROWS, tmp_path / "model" / PB, tmp_path / "in.npy", tmp_path / "out.npy")
    rows = np.load(tmp_path / "out.npy")
    assert rows.shape == (9, len(plain.boxes), 7)
    np.testing.assert_allclose(rows[0], plain.boxes, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(rows[8], plain.boxes, rtol=1e-4, atol=1e-4)


def test_yolov3_has_75_convolutions_and_its_known_number_of_parameters(darknet, tmp_path):
    (tmp_path / "yolov3.cfg").write_text(module("make_yolov3").cfg(416))
    network = darknet.read_cfg(tmp_path / "yolov3.cfg")
    assert sum(layer.kind == "convolutional" for layer in network.layers) == 75
    assert len(network.layers) == 107
    assert [head.shape for head in network.heads] == [(13, 13, 255), (26, 26, 255), (52, 52, 255)]
    assert darknet.count_numbers(network) == 62_001_757


def plain_yolov3(picture):
    """The full YOLOv3; its weights are such that numbers neither grow nor vanish."""
    net = PlainNetwork(picture)
    anchors = [(10, 13), (16, 30), (33, 23), (30, 61), (62, 45), (59, 119), (116, 90), (156, 198), (373, 326)]

    def convolution(filters, size, stride=1, gain=1.2):
        net.convolution(filters, size, "leaky", normalize=True, gain=gain, stride=stride, pad=1)

    convolution(32, 3)
    for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        convolution(filters, 3, 2)
        for _ in range(blocks):
            convolution(filters // 2, 1)
            convolution(filters, 3, gain=0.2)
            net.shortcut(-3)
    for filters, mask, early in ((512, [6, 7, 8], None), (256, [3, 4, 5], 61), (128, [0, 1, 2], 36)):
        if early:
            net.route(-4)
            convolution(filters, 1)
            net.upsample(2)
            net.route(-1, early)
        for _ in range(3):
            convolution(filters, 1)
            convolution(2 * filters, 3)
        net.convolution(255, 1, gain=0.5)
        net.yolo(anchors, mask, 80, 1)
    return net


@both
@pytest.mark.every_engine
def test_the_whole_yolov3_says_what_plain_numpy_says(engine, python, picture, tmp_path):
    net = plain_yolov3(picture)
    folder = net.write(tmp_path / "net")
    (folder / "made.names").write_text("class\n" * 80)
    done = python(engine, "convert.py", "--data_url", folder, "--train_url", tmp_path)
    assert "75 convolutions with 62,001,757 numbers" in done.stdout
    np.save(tmp_path / "in.npy", picture[None])
    python(engine, ROWS, tmp_path / "model" / PB, tmp_path / "in.npy", tmp_path / "out.npy")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy")[0], net.boxes, rtol=1e-3, atol=1e-3)


SMALL = """[net]
width=8
height=8
[convolutional]
batch_normalize=1
filters=16
size=3
pad=1
activation=leaky
[route]
layers=-1
[convolutional]
filters=14
activation=linear
[yolo]
anchors=1,2, 3,4
mask=0,1
classes=2
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[net]", "[network of mine]", "does not begin with [net]"),
        ("width=8", "width", "line 2: 'width' is neither [section] nor name=value."),
        ("width=8", "", "line 1, [net]: width is missing."),
        ("height=8", "height=8\nchannels=1", "[net]: channels is not 3"),
        ("[route]", "[lstm]", "line 10, [lstm]: this kind of layer is not known; known are convolutional, maxpool"),
        ("filters=16", "filters=many", "line 4, [convolutional]: filters is 'many', which is no number."),
        ("filters=16", "filters=16\ngroups=2", "3 channels and 16 filters cannot be shared out among 2 groups."),
        ("size=3", "stride=0", "line 4, [convolutional]: stride is 0, which is less than 1."),
        ("size=3\npad=1", "size=33", "a window of 33 does not fit"),
        ("size=3", "size=3\ndilation=2", "line 4, [convolutional]: dilation=2 is not known to the converter."),
        ("layers=-1", "layers=-1,7", "line 10, [route]: layers=-1,7 names a layer that is not in front of it."),
        ("layers=-1", "layers=x", "layers is 'x', which is no list of numbers."),
        ("filters=14", "filters=15", "[yolo]: 2 anchors of 7 values do not go with 15 channels."),
        ("mask=0,1", "mask=0,2", "mask names anchors that are not among the 2 given."),
        (SMALL[SMALL.index("[yolo]") :], "", "has no [yolo] layer"),
    ],
)
def test_a_cfg_that_is_not_understood_is_refused_with_line_and_reason(darknet, tmp_path, old, new, problem):
    (tmp_path / "small.cfg").write_text(SMALL)
    assert darknet.count_numbers(darknet.read_cfg(tmp_path / "small.cfg")) == 4 * 16 + 16 * 27 + 14 + 14 * 16
    assert old in SMALL
    (tmp_path / "small.cfg").write_text(SMALL.replace(old, new, 1))
    with pytest.raises(darknet.DarknetError) as refused:
        darknet.read_cfg(tmp_path / "small.cfg")
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        (733, "is of another network or cut off: it ends in the kernel of layer 2 (line 12 of the .cfg). "
              "It holds 733 numbers, the .cfg needs 734."),
        (40, "it ends in the mean of layer 0 (line 4 of the .cfg)"),
        (1734, "is of another network: 1,000 numbers are left over after the last layer."),
        (-5, "has 0 bytes: it is no darknet .weights."),
    ],
)  # fmt: skip
def test_weights_of_another_network_are_refused_with_the_layer_where_they_end(darknet, tmp_path, numbers, problem):
    (tmp_path / "small.cfg").write_text(SMALL)
    (tmp_path / "small.weights").write_bytes(
        bytes([0, 0, 0, 0, 2, *bytes(15)] + [0] * 4 * numbers)[: max(0, numbers * 4 + 20)]
    )
    with pytest.raises(darknet.DarknetError) as refused:
        darknet.read_weights(tmp_path / "small.weights", darknet.read_cfg(tmp_path / "small.cfg"))
    assert problem in str(refused.value)


FOR_ONE_PICTURE = """
import sys, pathlib, numpy, tensorflow.compat.v1 as tf
from frozen_graph import FrozenGraph
with tf.Graph().as_default() as graph:
    pictures = tf.placeholder(tf.float32, [1, 4, 6, 3], "inputs")
    tf.reshape(pictures[:, :, :2], [1, 4, 6], "output_boxes")
file = pathlib.Path(sys.argv[1])
file.write_bytes(graph.as_graph_def().SerializeToString())
taken = FrozenGraph(file)
pictures = numpy.random.rand(3, 4, 6, 3)
numpy.testing.assert_allclose(taken.run(pictures), pictures[:, :, :2].reshape(3, 4, 6), rtol=1e-6)
print(taken.width, taken.height, taken.classes)
"""


@pytest.mark.engine(OLD)
def test_a_graph_of_another_converter_that_takes_one_picture_at_a_time_is_run_so(python, tmp_path):
    assert python(OLD, FOR_ONE_PICTURE, tmp_path / "one.pb").stdout == "6 4 1\n"


# ── at the start of the service ──────────────────────────────────────────────────────────────────

STARTS = """
import json, os, sys
from pathlib import Path
import tensorflow.compat.v1 as tf
import customize_service

package = customize_service.HERE = Path(sys.argv[1])
(package / "cut.pb").write_bytes((package / "frozen_darknet_yolov3_model.pb").read_bytes()[:5000])
(package / "one.txt").write_text("one")
with tf.Graph().as_default() as graph:
    tf.identity(tf.placeholder(tf.float32, [1], "pictures"), "logits")
(package / "alien.pb").write_bytes(graph.as_graph_def().SerializeToString())
for variables in json.loads(sys.argv[2]):
    os.environ.update(variables)
    try:
        customize_service.YoloService("serve", str(package))
    except Exception as error:
        print(type(error).__name__, error)
    for name in variables:
        del os.environ[name]
"""
BAD_STARTS = {
    "ValueError CONF_THRESHOLD is 'high'. It must be a number from 0 to 1.": {"CONF_THRESHOLD": "high"},
    "ValueError IOU_THRESHOLD is '40'. It must be a number from 0 to 1.": {"IOU_THRESHOLD": "40"},
    "ValueError cut.pb is no frozen graph, or it is cut off: ": {"FROZEN_MODEL": "cut.pb"},
    "ValueError alien.pb is of another network: it has no inputs and no output_boxes. "
    "It takes pictures and gives logits.": {"FROZEN_MODEL": "alien.pb"},
    "ValueError one.txt has 1 names, but the network has 2 classes.": {"CLASS_NAMES": "one.txt"},
    "FileNotFoundError [Errno 2] No such file or directory: ": {"CLASS_NAMES": "absent.txt"},
}


@pytest.mark.engine(OLD)
def test_what_cannot_be_served_is_refused_at_the_start_with_the_reason(python, plain, tmp_path):
    python(OLD, "convert.py", "--data_url", plain.write(tmp_path / "net"), "--train_url", tmp_path)
    said = python(OLD, STARTS, tmp_path / "model", json.dumps(list(BAD_STARTS.values()))).stdout.splitlines()
    assert len(said) == len(BAD_STARTS)
    for line, wanted in zip(said, BAD_STARTS, strict=True):
        assert line.startswith(wanted)


# ── real networks ────────────────────────────────────────────────────────────────────────────────

NETWORKS = {
    "yolo-fastest-1.1": ("yolo_fastest_coco_darknet", "coco.names"),
    "yolo-fastest-1.1-xl": ("yolo_fastest_coco_darknet", "coco.names"),
    "MobileNetV2-YOLOv3-Nano-voc": ("mobilenetv2_yolov3_nano_darknet", "voc.names"),
    "MobileNetV2-YOLOv3-Nano-coco": ("mobilenetv2_yolov3_nano_darknet", "coco.names"),
}


@pytest.mark.skipif(not DATA, reason="MAQUETTE_DATA does not name a folder with real networks and pictures")
@pytest.mark.engine(OLD)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_real_network_finds_what_opencv_finds(python, served, name, tmp_path):
    """opencv.json is what compare_opencv.py wrote for each network; the example's README has the command."""
    folder, names = NETWORKS[name]
    arguments = ("--cfg", f"{name}.cfg", "--class_names", names)
    python(OLD, "convert.py", "--data_url", Path(DATA) / "weights" / folder, "--train_url", tmp_path, *arguments)
    service = served(tmp_path / "model")
    for picture, theirs in OPENCV[name].items():
        _, answer = service.form([("images", (Path(DATA) / "test_images" / picture).read_bytes())])
        assert sorted(answer["detection_classes"]) == sorted(one["class"] for one in theirs)
        found = list(zip(*(answer[f"detection_{values}"] for values in ("classes", "boxes", "scores")), strict=True))
        for one in theirs:
            box = np.array(one["box"])[[1, 0, 3, 2]]  # y first, as ModelArts has it
            alike, score = max((overlap(box, other), score) for kind, other, score in found if kind == one["class"])
            assert alike >= 0.99
            assert abs(score - one["score"]) < 1e-3


def overlap(one, other):
    """Intersection over union of two boxes."""
    near, far = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = np.prod(np.maximum(far - near, 0))
    return shared / (np.prod(np.subtract(one[2:], one[:2])) + np.prod(np.subtract(other[2:], other[:2])) - shared)
