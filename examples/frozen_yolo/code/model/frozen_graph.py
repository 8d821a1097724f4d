"""A frozen YOLOv3 graph, ready to run: `inputs` takes pictures of values 0 to 255, `output_boxes` gives the boxes."""

import numpy as np
import tensorflow.compat.v1 as tf

NAMES = ["inputs", "output_boxes"]
AT_ONCE = 8


class FrozenGraph:
    """`width` and `height` of the pictures that it takes, its number of `classes`, and what it does."""

    def __init__(self, file):
        # TensorFlow's rewriting of the graph would keep copies of all weights, 2.4 GB of them for YOLOv3, and is no
        # faster on a CPU. On a GPU it is worth its memory.
        config = tf.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        self.session = tf.Session(graph=load(file), config=config)
        self.inputs, self.boxes = (self.session.graph.get_tensor_by_name(name + ":0") for name in NAMES)
        self.at_once, self.height, self.width, _ = self.inputs.shape.as_list()
        self.classes = self.boxes.shape.as_list()[2] - 5

    def run(self, pictures):
        """The rows of each picture. A large batch goes in parts; a graph that was frozen for one picture takes one."""
        step = self.at_once or AT_ONCE
        batches = (pictures[start : start + step] for start in range(0, len(pictures), step))
        return np.concatenate([self.session.run(self.boxes, {self.inputs: batch}) for batch in batches])

    def read_names(self, file):
        """The names of its classes, from a file with one in each line."""
        names = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if len(names) != self.classes:
            raise ValueError(f"{file.name} has {len(names)} names, but the network has {self.classes} classes.")
        return names


def load(file):
    """The graph in a .pb, whose path is given."""
    if not file.is_file():
        there = ", ".join(sorted(one.name for one in file.parent.glob("*.pb"))) or "none"
        raise FileNotFoundError(f"There is no {file.name} in the package. The .pb files in it: {there}.")
    definition = tf.GraphDef()
    try:
        definition.ParseFromString(file.read_bytes())
    except Exception as error:
        raise ValueError(f"{file.name} is no frozen graph, or it is cut off: {error}.") from error
    missing = [name for name in NAMES if name not in {node.name for node in definition.node}]
    if missing:
        raise ValueError(f"{file.name} is of another network: it has no {' and no '.join(missing)}. {ends(definition)}")
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    return graph


def ends(definition):
    """What goes into a graph and what comes out of it, in a sentence."""
    read = {source.split(":")[0].lstrip("^") for node in definition.node for source in node.input}
    into = [node.name for node in definition.node if node.op == "Placeholder"]
    out = [node.name for node in definition.node if node.name not in read and node.op not in ("Placeholder", "Const")]
    return f"It takes {', '.join(into[:5]) or 'nothing'} and gives {', '.join(out[:5]) or 'nothing'}."
