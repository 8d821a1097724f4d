"""Reads and writes weights in the layout of the published file: HDF5 with a group for each layer, as Keras 2 did."""

from pathlib import Path

import h5py
import numpy as np

FILE_NAME = "deeplabv3_xception65_ade20k.h5"
TOLD = 5  # differences of a kind that an error names


class WrongWeights(ValueError):
    """The file is missing, damaged, or holds the weights of another network."""


def load_weights(network, path):
    """Gives the network the weights of the file; otherwise raises WrongWeights and leaves the network as it was."""
    found = read_weights(Path(path))
    wanted = {layer.name: layer for layer in network.layers if layer.weights}
    adopt_odd_name(found, wanted)
    told = differences(found, wanted)
    if told:
        raise WrongWeights(f"'{path}' holds the weights of another network. {' '.join(told)}")
    for name, layer in wanted.items():
        layer.set_weights(found[name])


def read_weights(path):
    """Arrays by layer name."""
    if not path.is_file():
        raise WrongWeights(f"The weights file '{path}' is missing.")
    try:
        with h5py.File(str(path), "r") as file:
            root = file.get("model_weights", file)  # where a file holds the whole model
            if "layer_names" not in root.attrs:
                raise WrongWeights(f"'{path}' is not in the layout of Keras 2: it names no layers.")
            layers = {text(name): arrays(root[text(name)]) for name in root.attrs["layer_names"]}
    except (OSError, KeyError) as error:
        raise WrongWeights(f"'{path}' is no whole HDF5 file: {error}") from error
    return {name: values for name, values in layers.items() if values}


def arrays(group):
    return [np.asarray(group[text(name)]) for name in group.attrs["weight_names"]]


def text(name):
    return name.decode() if isinstance(name, bytes) else str(name)


def adopt_odd_name(found, wanted):
    """One layer under another name is taken for its shapes: tools name the last layer differently."""
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    if len(missing) == len(unknown) == 1 and shapes(found[unknown[0]]) == shapes(wanted[missing[0]].get_weights()):
        found[missing[0]] = found.pop(unknown[0])


def differences(found, wanted):
    """A sentence for each kind of difference."""
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    odd = []
    for name, layer in wanted.items():
        here, there = shapes(layer.get_weights()), shapes(found.get(name, []))
        if name in found and here != there:
            odd.append(f"{name} {there} instead of {here}")
    kinds = {"Missing layers": missing, "Unknown layers": unknown, "Other shapes": odd}
    return [f"{kind}: {listed(names)}." for kind, names in kinds.items() if names]


def shapes(values):
    return [value.shape for value in values]


def listed(names):
    rest = len(names) - TOLD
    return ", ".join(names[:TOLD]) + (f" and {rest} more" if rest > 0 else "")


def save_weights(network, path):
    """Writes the network's weights in the published layout, whichever Keras runs."""
    with h5py.File(str(path), "w") as file:
        file.attrs["layer_names"] = np.array([layer.name for layer in network.layers], "S")
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.2.4-tf"
        for layer in network.layers:
            names = weight_names(layer)
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = np.array(names, "S")
            for number, value in enumerate(layer.get_weights()):
                group.create_dataset(names[number], data=value)


def weight_names(layer):
    kinds = ["kernel", "bias"]
    if layer.name.endswith("_BN"):
        kinds = ["gamma", "beta", "moving_mean", "moving_variance"]
    if layer.name.endswith("_depthwise"):
        kinds = ["depthwise_kernel"]
    return [f"{layer.name}/{kind}:0" for kind in kinds[: len(layer.get_weights())]]
