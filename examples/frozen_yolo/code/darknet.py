"""Darknet's two files: the .cfg, which lists a network's layers, and the .weights, which holds its numbers."""

from pathlib import Path

import numpy as np

# Options that change what a layer computes and that the converter does not have, with the value that changes nothing.
HARMLESS = {
    "antialiasing": "0",
    "binary": "0",
    "dilation": "1",
    "flipped": "0",
    "maxpool_depth": "0",
    "new_coords": "0",
    "reverse": "0",
    "stride_x": None,
    "stride_y": None,
    "weights_type": "none",
    "xnor": "0",
}


class DarknetError(ValueError):
    """The files are no network that can be converted; the text says where and why."""


class Layer:
    """A section of the .cfg. `sources`: the layers it reads, -1 is the picture; `shape`: height, width, channels."""

    def __init__(self, kind, line):
        self.kind = kind
        self.line = line
        self.options = {}
        self.sources = []
        self.shape = None

    def text(self, name, default):
        return self.options.get(name, default)

    def number(self, name, default=None):
        return int(self._read(name, default, int))

    def count(self, name, default=None):
        """A number of at least 1."""
        number = self.number(name, default)
        if number < 1:
            raise self.problem(f"{name} is {number}, which is less than 1")
        return number

    def decimal(self, name, default):
        return float(self._read(name, default, float))

    def numbers(self, name, default=""):
        """A list such as `mask = 0,1,2`."""
        try:
            values = [one for one in self.text(name, default).split(",") if one.strip()]
            return [float(one) if "." in one else int(one) for one in values]
        except ValueError:
            raise self.problem(f"{name} is '{self.options[name]}', which is no list of numbers") from None

    def problem(self, text):
        return DarknetError(f"line {self.line}, [{self.kind}]: {text}.")

    def _read(self, name, default, kind):
        value = self.options.get(name, default)
        if value is None:
            raise self.problem(f"{name} is missing")
        try:
            return kind(value)
        except ValueError:
            raise self.problem(f"{name} is '{value}', which is no number") from None


class Network:
    """The layers of a .cfg in their order, and the size of the picture that goes in."""

    def __init__(self, width, height, layers):
        self.width = width
        self.height = height
        self.layers = layers
        for index, layer in enumerate(layers):
            connect(layer, index, self)

    def shape(self, index):
        return (self.height, self.width, 3) if index < 0 else self.layers[index].shape

    @property
    def heads(self):
        return [layer for layer in self.layers if layer.kind == "yolo"]


def pick(folder, name, ending):
    """The file of this name; without a name the only one with this ending."""
    found = sorted(one.name for one in folder.glob("*" + ending))
    if name is None and len(found) == 1:
        return folder / found[0]
    if name in found:
        return folder / name
    wanted = f"no file '{name}'" if name else f"not exactly one {ending} file, so it must be named"
    raise DarknetError(f"There is {wanted}. The {ending} files in {folder}: {', '.join(found) or 'none'}.")


def read_cfg(path):
    """The Network that a .cfg describes."""
    sections = read_sections(Path(path).read_text(encoding="utf-8", errors="replace"))
    if not sections or sections[0].kind not in ("net", "network"):
        raise DarknetError(f"{Path(path).name} does not begin with [net]: it is no darknet .cfg.")
    net, layers = sections[0], sections[1:]
    if net.number("channels", 3) != 3:
        raise net.problem("channels is not 3: only networks for colour pictures are converted")
    network = Network(net.count("width"), net.count("height"), layers)
    if not network.heads:
        raise DarknetError(f"{Path(path).name} has no [yolo] layer, so it finds no objects.")
    if len({head.count("classes", 20) for head in network.heads}) > 1:
        raise DarknetError(f"The [yolo] layers of {Path(path).name} have different numbers of classes.")
    return network


def read_sections(text):
    layers = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].split(";")[0].strip()
        if line.startswith("["):
            layers.append(Layer(line.strip("[]").strip(), number))
        elif line:
            name, equals, value = line.partition("=")
            if not equals or not layers:
                raise DarknetError(f"line {number}: '{line}' is neither [section] nor name=value.")
            layers[-1].options[name.strip()] = value.strip()
    return layers


def connect(layer, index, network):
    """Finds out what a layer reads and how large its result is."""
    if layer.kind not in SHAPES:
        raise layer.problem(f"this kind of layer is not known; known are {', '.join(SHAPES)}")
    for name, harmless in HARMLESS.items():
        if layer.options.get(name, harmless) != harmless:
            raise layer.problem(f"{name}={layer.options[name]} is not known to the converter")
    layer.sources = [index - 1]
    if layer.kind in ("route", "shortcut"):
        layer.sources = named_sources(layer, index)
    layer.shape = SHAPES[layer.kind](layer, [network.shape(source) for source in layer.sources])


def named_sources(layer, index):
    """The layers that `layers=` or `from=` names: from the first one on, or, if negative, backwards from this one."""
    option = "layers" if layer.kind == "route" else "from"
    named = [one if one >= 0 else index + one for one in layer.numbers(option)]
    if not named:
        raise layer.problem(f"{option} is missing")
    if not all(0 <= one < index for one in named):
        raise layer.problem(f"{option}={layer.options[option]} names a layer that is not in front of it")
    return named if layer.kind == "route" else [index - 1, *named]


# ── how large the result of a layer is ───────────────────────────────────────────────────────────


def convolution_shape(layer, sources):
    height, width, channels = sources[0]
    size, stride, groups = layer.count("size", 1), layer.count("stride", 1), layer.count("groups", 1)
    filters = layer.count("filters", 1)
    if channels % groups or filters % groups:
        raise layer.problem(f"{channels} channels and {filters} filters cannot be shared out among {groups} groups")
    return (*slid(layer, height, width, 2 * padding(layer), size, stride), filters)


def pooling_shape(layer, sources):
    height, width, channels = sources[0]
    size, stride, room = pooling(layer)
    return (*slid(layer, height, width, room, size, stride), channels)


def slid(layer, height, width, room, size, stride):
    """Height and width after a window of this size has slid over them, with so much room added."""
    if min(height, width) + room < size:
        raise layer.problem(f"a window of {size} does not fit into what is left of the picture, {width} x {height}")
    return (height + room - size) // stride + 1, (width + room - size) // stride + 1


def shortcut_shape(layer, sources):
    if len(set(sources)) > 1:
        raise layer.problem(f"it adds layers of different sizes, {' and '.join(map(str, sources))}")
    return sources[0]


def route_shape(layer, sources):
    if len({source[:2] for source in sources}) > 1:
        raise layer.problem(f"it joins layers of different sizes, {' and '.join(map(str, sources))}")
    groups, group = layer.count("groups", 1), layer.number("group_id", 0)
    if not 0 <= group < groups or any(source[2] % groups for source in sources):
        raise layer.problem(f"there is no part {group} of {groups} in {sources[0][2]} channels")
    return (*sources[0][:2], sum(source[2] // groups for source in sources))


def upsample_shape(layer, sources):
    height, width, channels = sources[0]
    stride = layer.count("stride", 2)
    return height * stride, width * stride, channels


def same_shape(layer, sources):
    return sources[0]


def yolo_shape(layer, sources):
    height, width, channels = sources[0]
    values = 5 + layer.count("classes", 20)
    if channels != len(anchors(layer)) * values:
        raise layer.problem(f"{len(anchors(layer))} anchors of {values} values do not go with {channels} channels")
    return height, width, channels


SHAPES = {
    "convolutional": convolution_shape,
    "maxpool": pooling_shape,
    "shortcut": shortcut_shape,
    "route": route_shape,
    "upsample": upsample_shape,
    "dropout": same_shape,
    "yolo": yolo_shape,
}


def padding(layer):
    """What a convolution adds at each side."""
    return layer.count("size", 1) // 2 if layer.number("pad", 0) else layer.number("padding", 0)


def pooling(layer):
    """Size, stride and, for both sides together, what is added."""
    stride = layer.count("stride", 1)
    size = layer.count("size", stride)
    return size, stride, layer.number("padding", size - 1)


def anchors(layer):
    """The (width, height) of the anchors that this head uses, in pixels of the network's picture."""
    values = layer.numbers("anchors")
    pairs = list(zip(values[::2], values[1::2]))
    chosen = layer.numbers("mask") or range(layer.number("num", 1))
    if not all(0 <= one < len(pairs) for one in chosen):
        raise layer.problem(f"mask names anchors that are not among the {len(pairs)} given")
    return [pairs[one] for one in chosen]


# ── weights ──────────────────────────────────────────────────────────────────────────────────────


def parts(layer, channels):
    """The arrays of a convolution in the order of the file: name and shape."""
    filters, size = layer.shape[2], layer.count("size", 1)
    names = ["bias", "scale", "mean", "variance"] if layer.number("batch_normalize", 0) else ["bias"]
    kernel = (filters, channels // layer.count("groups", 1), size, size)
    return [*((name, (filters,)) for name in names), ("kernel", kernel)]


def all_parts(network):
    """(index, name, shape) of every array of the network, in the order of the file."""
    for index, layer in enumerate(network.layers):
        if layer.kind == "convolutional":
            for name, shape in parts(layer, network.shape(layer.sources[0])[2]):
                yield index, name, shape


def count_numbers(network):
    """How many numbers the .weights of this network holds."""
    return sum(int(np.prod(shape)) for _, _, shape in all_parts(network))


def read_weights(path, network):
    """The arrays of each layer by name: `weights[index]["kernel"]`."""
    numbers = read_numbers(Path(path))
    needed = count_numbers(network)
    weights = [{} for _ in network.layers]
    position = 0
    for index, name, shape in all_parts(network):
        end = position + int(np.prod(shape))
        if end > len(numbers):
            where = f"layer {index} (line {network.layers[index].line} of the .cfg)"
            raise DarknetError(
                f"{Path(path).name} is of another network or cut off: it ends in the {name} of {where}. "
                f"It holds {len(numbers):,} numbers, the .cfg needs {needed:,}."
            )
        weights[index][name] = numbers[position:end].reshape(shape)
        position = end
    if position < len(numbers):
        raise DarknetError(
            f"{Path(path).name} is of another network: {len(numbers) - needed:,} numbers are left over after the last "
            f"layer. It holds {len(numbers):,}, the .cfg needs {needed:,}."
        )
    return weights


def read_numbers(path):
    content = path.read_bytes()
    if len(content) < 20:
        raise DarknetError(f"{path.name} has {len(content)} bytes: it is no darknet .weights.")
    major, minor = np.frombuffer(content, "<i4", 2)
    # The number of pictures seen in training is written with 8 bytes from version 0.2 on, with 4 before.
    start = 20 if major * 10 + minor >= 2 else 16
    return np.frombuffer(content[start : start + (len(content) - start) // 4 * 4], "<f4")


def write_weights(path, network, array):
    """A .weights for a network; `array(index, name, shape)` gives each of its arrays."""
    with Path(path).open("wb") as file:
        file.write(np.array([0, 2, 0, 0, 0], "<i4").tobytes())
        for part in all_parts(network):
            file.write(np.asarray(array(*part), "<f4").reshape(part[2]).tobytes())
