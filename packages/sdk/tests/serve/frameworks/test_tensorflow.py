"""SavedModels of both TensorFlow generations, served in the instance's own process.

Each test runs on the engines named here; `engine_python(name)` gives the path of an engine's Python. Models are saved
by the engine that serves them.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess

import pytest
from PIL import Image


def on(name: str, *marks: pytest.MarkDecorator):
    return pytest.param(name, marks=[pytest.mark.engine(name), *marks])


LATER = pytest.mark.every_engine
BOTH_GENERATIONS = pytest.mark.parametrize(
    "engine", [on("tensorflow"), on("TF-1.13.1-python3.6"), on("tensorflow_1.15", LATER)]
)
ENGINES = pytest.mark.parametrize(
    "engine", [on("tensorflow"), on("TF-1.13.1-python3.6", LATER), on("tensorflow_1.15", LATER)]
)
CURRENT = pytest.mark.parametrize("engine", [on("tensorflow")])

HEAD = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow
tf = tensorflow.compat.v1
path = sys.argv[1]
graph = tf.Graph()
"""

# One graph, saved as TensorFlow 1 code saves it, once for each set of signatures.
GRAPHS = (
    HEAD
    + """
with graph.as_default(), tf.Session(graph=graph) as session:
    images = tf.placeholder(tf.float32, [None, 4], name="images")
    scale = tf.placeholder_with_default(tf.constant(1.0), [], name="scale")
    weights = tf.get_variable("weights", initializer=[[1.0], [2.0], [3.0], [4.0]])
    logits = tf.matmul(images, weights) * scale
    raw = tf.placeholder(tf.uint8, [None, None, 3], name="raw")
    mean = tf.reduce_mean(tf.cast(raw, tf.float32))
    words = tf.placeholder(tf.string, [None], name="words")
    pictures = tf.placeholder(tf.float32, [None, None, None, 3])

    def fields(tensors):
        return {key: tf.saved_model.utils.build_tensor_info(tensor) for key, tensor in tensors.items()}

    def signature(inputs, outputs):
        return tf.saved_model.signature_def_utils.build_signature_def(fields(inputs), fields(outputs), "predict")

    session.run(tf.global_variables_initializer())
    rows = signature({"images": images}, {"logits": logits})
    texts = signature({"words": words}, {"joined": tf.string_join([words, words])})
    models = {
        "odd": {"predict_images": rows},
        "several": {"other": texts, "serving_default": rows},
        "undecided": {"a": texts, "b": rows},
        "two": {"s": signature({"images": images, "scale": scale}, {"logits": logits})},
        "rank3": {"s": signature({"raw": raw}, {"mean": mean})},
        "fetch": {"s": signature({"images": images}, {"images": images})},
        "texts": {"s": texts},
        "pictures": {"s": signature({"images": pictures}, {"mean": tf.reduce_mean(pictures, [1, 2])})},
        "none": {},
    }
    for name, signatures in models.items():
        builder = tf.saved_model.builder.SavedModelBuilder(os.path.join(path, name))
        builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
        builder.save()
"""
)


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    """Folders with models, by Python and script: saving one takes longer than anything else here."""
    made = {}

    def save(python, script):
        if (python, script) not in made:
            target = tmp_path_factory.mktemp("saved") / "model"
            done = subprocess.run([python, "-c", script, target], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-3000:]
            made[python, script] = target
        return made[python, script]

    return save


@pytest.fixture
def make(engine_python, mind, saved):
    """Puts into the package what a script, run with the engine's Python, saves at `sys.argv[1]`, or a part of it."""

    def run(engine: str, script: str = GRAPHS, part: str = "") -> str:
        python = str(engine_python(engine))
        shutil.copytree(saved(python, script) / part, mind / "model", dirs_exist_ok=True)
        return python

    return run


def service(body: str = "    pass\n", head: str = "") -> str:
    return (
        "from model_service.tfserving_model_service import TfServingBaseService\n"
        f"{head}\nclass Service(TfServingBaseService):\n{body}"
    )


# Feeds what the request says to the model that it names.
CHOOSING = service(
    """
    def _inference(self, data):
        self.model_path = "model/1/" + data["model"]
        return super(Service, self)._inference(data["feed"])
"""
)

FED = [
    ("odd", {"images": [[1, 0, 0, 1]]}, {"logits": [[5.0]]}),
    ("several", {"images": [[1, 1, 1, 1], [0, 0, 0, 0.5]]}, {"logits": [[10.0], [2.0]]}),
    ("undecided", {"images": [[1, 0, 0, 1]]}, {"logits": [[5.0]]}),
    ("two", {"images": [["1", "0", "0", "1"]], "scale": 2}, {"logits": [[10.0]]}),
    ("two", {"images": [[1, 0, 0, 1]], "scale": "0.5"}, {"logits": [[2.5]]}),
    ("rank3", {"raw": [[[1, 2, 3], [4, 5, 6]]]}, {"mean": 3.5}),
    ("fetch", {"images": [[1, 2, 3, 4]]}, {"images": [[1, 2, 3, 4]]}),
    ("odd", [[1, 0, 0, 1]], {"logits": [[5.0]]}),
]

MISFED = [
    ("odd", {"pictures": [[1, 0, 0, 1]]}, "Signature 'predict_images' takes images; _preprocess gave pictures."),
    ("two", {"images": [[1, 0, 0, 1]]}, "takes images, scale; _preprocess gave images."),
    ("two", [1], "takes images, scale; _preprocess gave list."),
    ("odd", {"images": [["a", "b", "c", "d"]]}, "Input 'images' cannot be made an array of float32"),
    ("odd", {"images": [[1, 2], [3]]}, "Input 'images' cannot be made an array of float32"),
    ("odd", {"images": [[1, 2]]}, "Algorithm crashed!"),
    ("undecided", {"neither": 1}, "several signatures (a, b) and none is called serving_default"),
    ("none", {"images": [[1]]}, "has no signature to call"),
]


@BOTH_GENERATIONS
def test_a_signature_is_fed_by_its_keys_and_gives_lists(serve, make, engine):
    instance = serve(CHOOSING, "TensorFlow", make(engine))
    for model, feed, expected in FED:
        assert instance.json({"model": model, "feed": feed}) == (200, expected), (model, instance.log)


@ENGINES
def test_what_does_not_fit_the_signature_is_an_error_that_says_so(serve, make, engine):
    instance = serve(CHOOSING, "TensorFlow", make(engine))
    for model, feed, told in MISFED:
        known = len(instance.log)
        assert instance.json({"model": model, "feed": feed})[0] == 500
        assert told in instance.log[known:]
    assert instance.json({"model": "odd", "feed": {"images": [[1, 0, 0, 1]]}})[0] == 200


@ENGINES
def test_arrays_of_texts_go_in_and_lists_of_bytes_come_out(serve, make, engine):
    body = """
    def _preprocess(self, data):
        return {"words": numpy.array(["ab", "c中"])}
    def _postprocess(self, data):
        return [type(data["joined"]).__name__] + [word.decode() for word in data["joined"]]
"""
    instance = serve(service(body, "import numpy"), "TensorFlow", make(engine, part="texts"))
    assert instance.json([1]) == (200, ["list", "abab", "c中c中"])


@BOTH_GENERATIONS
def test_the_model_tells_its_inputs_outputs_and_signature(serve, make, mind, engine):
    body = """
    def __init__(self, name, path):
        super(Service, self).__init__(name, path)
        inputs = [[key, dtype.name] for key, dtype in self.model.model_inputs.items()]
        outputs = [[key, dtype.name] for key, dtype in self.model.model_outputs.items()]
        self.told = [self.model.model_name, self.model.model_path, self.model.model_signature, inputs, outputs]
    def inference(self, data):
        return self.told
"""
    told = ["serve", str(mind / "model" / "1"), "predict_images", [["images", "float32"]], [["logits", "float32"]]]
    assert serve(service(body), "TensorFlow", make(engine, part="odd")).json([1]) == (200, told)


@BOTH_GENERATIONS
def test_a_class_with_a_graph_of_its_own_and_no_super_may_use_the_base_inference(serve, make, engine):
    head = "import tensorflow\ntf = tensorflow.compat.v1\n"
    body = """
    def __init__(self, name, path):
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.x = tf.placeholder(tf.float32, [])
            self.y = self.x * 2
        self.session = tf.Session(graph=self.graph)
    def _preprocess(self, data):
        value = self.session.run(self.y, {self.x: 0.5})
        return {"images": [[value, 0, 0, value]]}
"""
    instance = serve(service(body, head), "TensorFlow", make(engine, part="odd"))
    assert instance.json([1]) == (200, {"logits": [[5.0]]})


REQUESTS = """
import collections, types
from tensorflow.core.framework.tensor_pb2 import TensorProto

class PredictRequest:
    def __init__(self):
        self.model_spec = types.SimpleNamespace(name="", signature_name="")
        self.inputs = collections.defaultdict(TensorProto)

class PredictResponse:
    def __init__(self):
        self.outputs = collections.defaultdict(TensorProto)
"""


@ENGINES
def test_a_class_that_talks_to_a_tensorflow_server_gets_its_answers_from_the_package(serve, make, engine):
    head = """
import numpy
import tensorflow as tf
from model_service.model_service import get_tf_server_stub
from tensorflow_serving.apis import predict_pb2
"""
    body = """
    def __init__(self, model_name, model_path):
        self.stub = get_tf_server_stub()
    def _inference(self, data):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "serve"
        request.model_spec.signature_name = data["signature"]
        request.inputs["images"].CopyFrom(tf.compat.v1.make_tensor_proto(numpy.array(data["images"], numpy.float32)))
        response = self.stub.Predict(request, 60.0)
        later = self.stub.Predict.future(request, 60.0).result()
        assert later.outputs["logits"] == response.outputs["logits"]
        return {key: tf.make_ndarray(response.outputs[key]).tolist() for key in response.outputs}
"""
    files = {"tensorflow_serving/apis/predict_pb2.py": REQUESTS, "customize_service.py": service(body, head)}
    instance = serve(files, "TensorFlow", make(engine, part="odd"))
    images = [[1, 0, 0, 1]]
    assert instance.json({"images": images, "signature": "predict_images"}) == (200, {"logits": [[5.0]]})
    assert instance.json({"images": images, "signature": "other"})[0] == 500
    assert "has no signature 'other'. It has: predict_images." in instance.log


@ENGINES
def test_the_model_is_loaded_before_the_first_request(serve, make, engine):
    instance = serve(service(), "TensorFlow", make(engine, part="odd"))
    first = instance.frame("json", [_body(b'{"images": [[1, 0, 0, 1]]}')]).header
    assert first["status"] == 200
    assert first["times"]["handler"] < 500


@ENGINES
def test_a_package_without_a_saved_model_starts_and_says_what_is_missing_when_asked(serve, engine_python, engine):
    instance = serve(service(), "TensorFlow", engine_python(engine))
    assert "The model was not loaded ahead of the first request: " in instance.log

    known = len(instance.log)
    assert instance.json({"images": [[1]]})[0] == 500
    assert "has no saved_model.pb. Put the SavedModel there" in instance.log[known:]


COUNTS_RUNS = service(
    "    def _postprocess(self, data):\n        return len(runs)\n",
    head="from maquette_sdk.serve.frameworks.tensorflow import SavedModel\nruns, run = [], SavedModel.run\n"
    "SavedModel.run = lambda self, *given: runs.append(given) or run(self, *given)",
)


@BOTH_GENERATIONS
@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("odd", {"images": [[1, 0, 0, 1]]}),
        ("two", {"images": [[1, 0, 0, 1]], "scale": 2}),
        ("rank3", {"raw": [[[1, 2, 3]]]}),
        ("pictures", {"images": [[[[1, 2, 3]]]]}),
        ("texts", {"words": ["a"]}),
    ],
)
def test_a_model_is_tried_before_the_first_request_which_need_not_wait_for_that(serve, make, engine, model, data):
    instance = serve(COUNTS_RUNS, "TensorFlow", make(engine, part=model))
    assert instance.json(data) == (200, 2)
    assert "not tried" not in instance.log


@CURRENT
def test_a_model_that_cannot_be_tried_is_told_and_serves(serve, make, engine):
    instance = serve({}, "TensorFlow", make(engine, part="undecided"))
    assert "not tried ahead of the first request, which may take longer: The SavedModel in" in instance.log
    assert instance.json({"images": [[1, 0, 0, 1]]}) == (200, {"logits": [[5.0]]})


def _body(content: bytes):
    from maquette_sdk.serve.protocol import part

    return part("", content)


# ── packages without code ────────────────────────────────────────────────────────────────────────


def png(colour):
    content = io.BytesIO()
    Image.new("RGBA", (5, 4), colour).save(content, "png")
    return content.getvalue()


@BOTH_GENERATIONS
def test_a_package_without_code_feeds_uploads_as_a_batch_of_pictures(serve, make, engine):
    instance = serve({}, "TensorFlow", make(engine, part="pictures"), mode="image-processing")
    files = [("images", "a.png", png((1, 2, 3, 255))), ("images", "b.png", png((4, 5, 6, 9)))]
    assert instance.form(files=files) == (200, {"mean": [[1, 2, 3], [4, 5, 6]]})
    assert instance.json({"images": [[[[7, 8, 9]]]]}) == (200, {"mean": [[7, 8, 9]]})
    assert instance.form(files=[("images", "a.png", b"no picture")])[0] == 500


@ENGINES
def test_a_package_without_code_predicts_from_rows(serve, make, engine):
    instance = serve({}, "TensorFlow", make(engine, part="odd"), mode="predict-analysis")
    rows = [{"images": [1, 0, 0, 1]}, {"images": [0, 1, 0, 0], "more": 1}]
    expected = {"data": {"resp_data": [{"logits": [5.0]}, {"logits": [2.0]}]}}
    assert instance.json({"data": {"req_data": rows}}) == (200, expected)
    assert instance.json({"data": {}})[0] == 400


# ── other ways to save and to load ───────────────────────────────────────────────────────────────

KERAS = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, tensorflow, tf_keras

def network(library):
    return library.Sequential([
        library.layers.Input((4,), name="images"),
        library.layers.BatchNormalization(),
        library.layers.Dense(2, kernel_initializer="ones"),
    ])

class Double(tensorflow.Module):
    @tensorflow.function(input_signature=[tensorflow.TensorSpec([None], tensorflow.float32, name="x")])
    def double(self, x):
        return {"dense_1": 2 * x}

def at(name):
    return os.path.join(sys.argv[1], name)

network(keras).export(at("keras3"), verbose=False)
tensorflow.saved_model.save(network(tf_keras), at("keras2"))
tensorflow.saved_model.save(tensorflow.Module(), at("empty"))
network(tf_keras).save(at("empty/net.h5"))
module = Double()
tensorflow.saved_model.save(module, at("double"), signatures={"oddly": module.double})
"""


@CURRENT
def test_keras_models_of_today_and_of_keras_2_are_served(serve, make, engine):
    instance = serve(CHOOSING, "TensorFlow", make(engine, KERAS))
    for model in ("keras3", "keras2"):
        status, answer = instance.json({"model": model, "feed": [[1, 1, 1, 1]]})
        assert status == 200, instance.log
        assert [round(value, 1) for value in next(iter(answer.values()))[0]] == [4.0, 4.0]


@CURRENT
def test_an_empty_keras_model_beside_an_h5_serves_a_class_without_constructor(serve, make, engine):
    body = """
    network = None
    def _preprocess(self, data):
        if Service.network is None:
            Service.network = tf_keras.models.load_model("model/1/net.h5", compile=False)
        return data
    def _inference(self, data):
        return data
    def _postprocess(self, data):
        total = self.network.predict([[1, 2, 3, 4]], verbose=0).round()
        return {"sum": total, "mask": data["show_mask"], "files": list(data["image"])}
"""
    instance = serve(service(body, "import tf_keras"), "TensorFlow", make(engine, KERAS, "empty"))
    answer = instance.form(texts=[("show_mask", "1")], files=[("image", "a.jpg", b"x")])
    assert answer == (200, {"sum": [[10.0, 10.0]], "mask": "1", "files": ["a.jpg"]})


@CURRENT
def test_a_loader_thread_of_its_own_and_eager_tensors_work(serve, make, engine):
    body = """
    def __init__(self, model_name, model_path):
        self.model_path = model_path
        self.thread = threading.Thread(target=self.load)
        self.thread.start()
    def load(self):
        self.predict = list(tf.saved_model.load(self.model_path).signatures.values())[0]
    def _preprocess(self, data):
        self.thread.join()
        return tf.constant(data["x"], tf.float32)
    def _inference(self, data):
        own = self.predict(data)["dense_1"]
        return {"own": own, "base": super()._inference({"x": data}), "scalar": own[0]}
"""
    head = "import threading\nimport tensorflow as tf"
    instance = serve(service(body, head), "TensorFlow", make(engine, KERAS, "double"))
    expected = {"own": [2.0, 4.0], "base": {"dense_1": [2.0, 4.0]}, "scalar": 2.0}
    assert instance.json({"x": [1, 2]}) == (200, expected)


FROZEN = (
    HEAD
    + """
with graph.as_default(), tf.Session(graph=graph) as session:
    x = tf.placeholder(tf.float32, [None], name="input")
    tf.identity(x * tf.get_variable("w", initializer=3.0), name="output")
    session.run(tf.global_variables_initializer())
    frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["output"])
os.makedirs(path)
with open(os.path.join(path, "frozen.pb"), "wb") as file:
    file.write(frozen.SerializeToString())
"""
)


@BOTH_GENERATIONS
def test_a_frozen_graph_named_by_an_environment_variable_serves(serve, make, engine):
    head = "import os\nimport tensorflow\ntf = tensorflow.compat.v1\n"
    body = """
    def __init__(self, model_name, model_path):
        definition = tf.GraphDef()
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.environ["frozen_model"]), "rb") as file:
            definition.ParseFromString(file.read())
        self.graph = tf.Graph()
        with self.graph.as_default():
            tf.import_graph_def(definition, name="")
        self.session = tf.Session(graph=self.graph)
    def _inference(self, data):
        return self.session.run("output:0", {"input:0": data["x"]})
"""
    instance = serve(service(body, head), "TensorFlow", make(engine, FROZEN), env={"frozen_model": "frozen.pb"})
    assert instance.json({"x": [1, 2]}) == (200, [3.0, 6.0])


# ── requests that share the model ────────────────────────────────────────────────────────────────

QUEUEING = service(
    """
    def _preprocess(self, data):
        time.sleep(0.003)
        assert threading.current_thread() is threading.main_thread()
        return data["feed"]
    def _postprocess(self, data):
        return {key: [one.decode() if isinstance(one, bytes) else one for one in rows] for key, rows in data.items()}
""",
    "import threading, time",
)


@BOTH_GENERATIONS
def test_rows_that_come_together_are_fed_together_and_each_request_gets_its_own(serve, make, engine):
    instance = serve(QUEUEING, "TensorFlow", make(engine, part="odd"))
    instance.until_together({"feed": {"images": [[1, 0, 0, 1]]}})
    values = [[[number, 0, 0, row] for row in range(1 + number % 3)] for number in range(20)]
    values[7] = [["a", "b", "c", "d"]]
    values[11] = [[1, 2]]
    answers = instance.together([{"feed": {"images": rows}} for rows in values])
    assert [frame.header["status"] for frame in answers] == [500 if place in (7, 11) else 200 for place in range(20)]
    for rows, frame in zip(values, answers, strict=True):
        if frame.header["status"] == 200:
            assert json.loads(frame.body) == {"logits": [[row[0] + 4.0 * row[3]] for row in rows]}
    assert max(frame.header["together"] for frame in answers) >= 8
    assert instance.log.count("Algorithm crashed!") == 2


@CURRENT
def test_texts_of_different_lengths_are_fed_together(serve, make, engine):
    instance = serve(QUEUEING, "TensorFlow", make(engine, part="texts"))
    instance.until_together({"feed": {"words": ["a"]}})
    words = ["x" * number + "中" for number in range(16)]
    answers = instance.together([{"feed": {"words": [word]}} for word in words])
    assert [json.loads(frame.body) for frame in answers] == [{"joined": [word * 2]} for word in words]
    assert max(frame.header["together"] for frame in answers) > 1


@pytest.mark.parametrize(
    ("part", "feed", "said"),
    [
        ("rank3", {"raw": [[[1, 2, 3], [4, 5, 6]]]}, "the first axis of 'mean' is fixed in the model, ()"),
        ("two", {"images": [[1, 0, 0, 1]], "scale": 2}, ""),
    ],
)
@CURRENT
def test_a_model_whose_first_axis_is_no_batch_is_fed_one_request_at_a_time(serve, make, engine, part, feed, said):
    code = QUEUEING.replace("return {key: [", "return data\n        return {key: [")
    instance = serve(code, "TensorFlow", make(engine, part=part))
    for _ in range(3):
        answers = instance.together([{"feed": feed}] * 16)
        assert {frame.header["status"] for frame in answers} == {200}
        assert {frame.header["together"] for frame in answers} == {1}
    assert instance.log.count("Requests of one shape are answered one at a time") == bool(said)
    assert said in instance.log
