"""Makes a model package out of a darknet network: its .cfg and .weights become a frozen TensorFlow graph.

As a training job: --data_url is the folder with the .cfg, the .weights and the .names, --train_url gets `model/`.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from darknet import count_numbers, pick, read_cfg, read_weights
from graph import frozen_graph
from model.frozen_graph import FrozenGraph

PACKAGE = Path(__file__).resolve().parent / "model"


def main():
    options = read_options()
    data = Path(options.data_url)
    cfg = pick(data, options.cfg, ".cfg")
    weights = pick(data, options.weights or cfg.with_suffix(".weights").name, ".weights")
    names = pick(data, options.class_names, ".names")

    network = read_cfg(cfg)
    package = Path(options.train_url) / "model"
    package.mkdir(parents=True, exist_ok=True)
    for source in [*PACKAGE.glob("*.py"), PACKAGE / "config.json"]:
        shutil.copyfile(str(source), str(package / source.name))
    shutil.copyfile(str(names), str(package / "class_names.txt"))
    file = package / options.frozen_model
    file.write_bytes(frozen_graph(network, read_weights(weights, network)).SerializeToString())
    report(network, file)


def report(network, file):
    """Runs the graph once as it was written, and says what it is."""
    convolutions = sum(layer.kind == "convolutional" for layer in network.layers)
    print(f"{convolutions} convolutions with {count_numbers(network):,} numbers")
    graph = FrozenGraph(file)
    rows = graph.run(np.zeros((1, graph.height, graph.width, 3)))
    print(
        f"{file.name}: {graph.width} x {graph.height} pixels in, {rows.shape[1]} boxes and {graph.classes} classes out"
    )


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data_url", required=True, help="folder with .cfg, .weights and .names")
    parser.add_argument("--train_url", required=True, help="folder that gets the package")
    parser.add_argument("--cfg", help="name of the .cfg, if there are several")
    parser.add_argument("--weights", help="name of the .weights, if it is not that of the .cfg")
    parser.add_argument("--class_names", help="name of the .names, if there are several")
    parser.add_argument("--frozen_model", default="frozen_darknet_yolov3_model.pb", help="name of the .pb to write")
    return parser.parse_known_args()[0]


if __name__ == "__main__":
    main()
