"""A SavedModel served in this process, as TensorFlow Serving would run it: a session fed by the signature's keys.

One way for every TensorFlow from 1.13 on, and for the SavedModels of both generations: `tf.compat.v1` loads them into
a session of its own graph. Loading is thread-safe, and so is running.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from maquette_sdk.serve.output import say

DEFAULT_SIGNATURE = "serving_default"
PICTURE_SIDE = 224
LONGEST_REASON = 200
INTERNAL = ("__saved_model_init_op", "__saved_model_train_op")

Fields = Dict[str, Tuple[str, Any]]
"""Of each key: the tensor's name in the graph, and its DType."""


class Signature(NamedTuple):
    """What one signature takes and gives."""

    inputs: Fields
    outputs: Fields


# ── which model ──────────────────────────────────────────────────────────────────────────────────

_served_path: Optional[str] = None
_models: Dict[str, SavedModel] = {}
_lock = threading.Lock()


def serve(path: str) -> None:
    """Names the folder of the package that this process serves."""
    global _served_path
    _served_path = path


def choose_path(path: Any) -> str:
    """The folder to load: the service's own `model_path` if it holds a SavedModel, else the package's folder."""
    if isinstance(path, (str, os.PathLike)) and find_file(os.fspath(path)):
        return os.fspath(path)
    return _served_path or str(path)


def find_file(folder: str) -> Optional[str]:
    """The file that describes the SavedModel in a folder."""
    for name in ("saved_model.pb", "saved_model.pbtxt"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    return None


def open_model(path: str) -> SavedModel:
    """The SavedModel in this folder, loaded once. Raises ValueError where there is none."""
    path = os.path.realpath(path)
    with _lock:
        if path not in _models:
            _models[path] = SavedModel(path)
        return _models[path]


# ── running it ───────────────────────────────────────────────────────────────────────────────────


class SavedModel:
    """One loaded SavedModel."""

    def __init__(self, path: str) -> None:
        v1 = _v1()
        self.path = path
        graph, tags = _read_graph(path)
        self.signatures = _signatures(graph)
        config = v1.ConfigProto(allow_soft_placement=True)
        config.gpu_options.allow_growth = True
        self._graph = v1.Graph()
        with self._graph.as_default():
            self._session = v1.Session(graph=self._graph, config=config)
            v1.saved_model.loader.load(self._session, tags, path)

    def run(self, data: Any, signature: Optional[str] = None) -> Dict[str, Any]:
        """Feeds `{input key: value}`, cast to the signature's types; gives `{output key: array}`."""
        name, arrays = self.arrays(data, signature)
        inputs, outputs = self.signatures[name]
        feeds = {inputs[key][0]: array for key, array in arrays.items()}
        with self._graph.as_default():
            fetched = self._session.run({key: tensor for key, (tensor, _type) in outputs.items()}, feeds)
        return {key: _array(value) for key, value in fetched.items()}

    def arrays(self, data: Any, signature: Optional[str] = None) -> Tuple[str, Dict[str, Any]]:
        """The signature that is meant, and what it is fed: `{input key: array}`."""
        name = signature or choose_signature(self.signatures, data, self.path)
        if name not in self.signatures:
            raise ValueError("{} has no signature '{}'. It has: {}.".format(self.path, name, _names(self.signatures)))
        return name, _cast_all(data, self.signatures[name].inputs, name)

    def why_alone(self, signature: str) -> str:
        """What keeps requests from being fed together, in words; empty where every first axis is free."""
        inputs, outputs = self.signatures[signature]
        for key, (tensor, _type) in [*inputs.items(), *outputs.items()]:
            shape = self._graph.get_tensor_by_name(tensor).shape
            if shape.dims is not None and (not shape.dims or shape.as_list()[0] is not None):
                return "the first axis of '{}' is fixed in the model, {}".format(key, shape)
        return ""

    def try_out(self, signature: Optional[str] = None) -> None:
        """Runs it once with zeros, for TensorFlow prepares a graph while it runs it for the first time. A model that
        takes no zeros is left to its first request."""
        try:
            name = signature or choose_signature(self.signatures, None, self.path)
            self.run({key: self._zeros(*field) for key, field in self.signatures[name].inputs.items()}, name)
        except Exception as error:  # noqa: BLE001 - whatever the graph thinks of zeros, it is told and the start goes on
            why = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
            say("The model was not tried ahead of the first request, which may take longer: {}".format(why))

    def _zeros(self, tensor: str, dtype: Any) -> Any:
        """An array for an input; a picture where only the size of one is free."""
        import numpy

        shape = self._graph.get_tensor_by_name(tensor).shape
        sizes = shape.as_list() if shape.dims is not None else []
        whole = [size or (PICTURE_SIDE if place and len(sizes) == 4 else 1) for place, size in enumerate(sizes)]
        kind = numpy.dtype(dtype.as_numpy_dtype)
        return numpy.full(whole, b"", kind) if kind.hasobject else numpy.zeros(whole, kind)


def choose_signature(signatures: Dict[str, Signature], data: Any, path: str) -> str:
    """The only signature whatever its name; of several `serving_default`, else the only one that takes these keys."""
    if not signatures:
        raise ValueError(
            "The SavedModel in {} has no signature to call. Override _inference, or save it with one "
            "(signatures=…, signature_def_map=…).".format(path)
        )
    if len(signatures) == 1:
        return next(iter(signatures))
    if DEFAULT_SIGNATURE in signatures:
        return DEFAULT_SIGNATURE
    keys = set(data) if isinstance(data, dict) else set()
    fitting = [name for name, signature in signatures.items() if set(signature.inputs) == keys]
    if len(fitting) == 1:
        return fitting[0]
    raise ValueError(
        "The SavedModel in {} has several signatures ({}) and none is called {}. Name that one so when saving.".format(
            path, _names(signatures), DEFAULT_SIGNATURE
        )
    )


def _cast_all(data: Any, inputs: Fields, signature: str) -> Dict[str, Any]:
    if not isinstance(data, dict) and len(inputs) == 1:
        data = {next(iter(inputs)): data}
    if not isinstance(data, dict) or set(data) != set(inputs):
        given = _names(data) if isinstance(data, dict) else type(data).__name__
        raise ValueError(
            "Signature '{}' takes {}; _preprocess gave {}.".format(signature, _names(inputs) or "nothing", given)
        )
    return {key: _cast(value, inputs[key][1], key) for key, value in data.items()}


def _cast(value: Any, dtype: Any, key: str) -> Any:
    import numpy

    wanted = object if dtype.as_numpy_dtype is numpy.object_ else dtype.as_numpy_dtype
    try:
        return numpy.asarray(_array(value), dtype=wanted)
    except (TypeError, ValueError) as error:
        raise ValueError("Input '{}' cannot be made an array of {}: {}".format(key, dtype.name, error)) from error


def _array(value: Any) -> Any:
    """Eager tensors of both libraries become arrays; what TensorFlow returns for a scalar becomes one too."""
    import numpy

    if callable(getattr(value, "numpy", None)):
        value = value.numpy()
    return value if isinstance(value, numpy.ndarray) else numpy.asarray(value)


def _names(things: Any) -> str:
    return ", ".join(sorted(str(thing) for thing in things))


# ── reading what it says of itself ───────────────────────────────────────────────────────────────


class ModelDef:
    """What `self.model` of a service tells: names, inputs, outputs, signature. Read when first asked for."""

    def __init__(self, model_name: str, model_path: str) -> None:
        self.model_name = model_name
        self.model_path = model_path
        self.chosen_signature: Optional[str] = None

    @property
    def model_signature(self) -> str:
        """The name of the signature that requests go through; may be set."""
        return self.chosen_signature or choose_signature(self._signatures(), None, self.model_path)

    @model_signature.setter
    def model_signature(self, name: str) -> None:
        self.chosen_signature = name

    @property
    def model_inputs(self) -> Dict[str, Any]:
        """The DType of each input key."""
        return {key: dtype for key, (_tensor, dtype) in self._signatures()[self.model_signature].inputs.items()}

    @property
    def model_outputs(self) -> Dict[str, Any]:
        """The DType of each output key."""
        return {key: dtype for key, (_tensor, dtype) in self._signatures()[self.model_signature].outputs.items()}

    def _signatures(self) -> Dict[str, Signature]:
        return _signatures(_read_graph(choose_path(self.model_path))[0])


def _read_graph(path: str) -> Tuple[Any, List[str]]:
    """The graph that is meant for serving, and its tags."""
    from google.protobuf import text_format
    from tensorflow.core.protobuf import saved_model_pb2

    described = find_file(path)
    if described is None:
        raise ValueError("{} has no saved_model.pb. Put the SavedModel there, or override _inference.".format(path))
    model = saved_model_pb2.SavedModel()
    with open(described, "rb") as file:
        content = file.read()
    if described.endswith(".pbtxt"):
        text_format.Merge(content.decode("utf-8"), model)
    else:
        model.ParseFromString(content)
    graphs = [(graph, list(graph.meta_info_def.tags)) for graph in model.meta_graphs]
    if not graphs:
        raise ValueError("{} holds no graph.".format(described))
    return min(graphs, key=lambda found: (found[1] != ["serve"], "serve" not in found[1]))


def _signatures(graph: Any) -> Dict[str, Signature]:
    return {
        name: Signature(_fields(definition.inputs), _fields(definition.outputs))
        for name, definition in graph.signature_def.items()
        if name not in INTERNAL
    }


def _fields(tensors: Any) -> Fields:
    import tensorflow

    return {key: (info.name, tensorflow.as_dtype(info.dtype)) for key, info in tensors.items()}


def _v1() -> Any:
    import tensorflow

    return tensorflow.compat.v1


# ── the connection to a TensorFlow server ────────────────────────────────────────────────────────


class Stub:
    """Stands in for the gRPC stub of TensorFlow Serving: takes its requests, gives its responses."""

    def __init__(self) -> None:
        self.Predict = Predict()


class Predict:
    """`stub.Predict(request, seconds)` and `stub.Predict.future(request, seconds)`. The time is not limited."""

    def __call__(self, request: Any, timeout: Optional[float] = None, *rest: Any, **named: Any) -> Any:
        import tensorflow

        model = open_model(choose_path(_served_path))
        fed = {key: tensorflow.make_ndarray(request.inputs[key]) for key in request.inputs}
        # The module that defines the request, TensorFlow Serving's, defines the response too.
        response = sys.modules[type(request).__module__].PredictResponse()
        for key, array in model.run(fed, request.model_spec.signature_name or None).items():
            response.outputs[key].CopyFrom(_v1().make_tensor_proto(array))
        return response

    def future(self, request: Any, timeout: Optional[float] = None, *rest: Any, **named: Any) -> Any:
        """A `concurrent.futures.Future` that is done already."""
        from concurrent.futures import Future

        future: Future[Any] = Future()
        try:
            future.set_result(self(request, timeout))
        except Exception as error:  # noqa: BLE001 - it is told to whoever asks for the result
            future.set_exception(error)
        return future
