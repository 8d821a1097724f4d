"""Turns a model package into a service: its folder onto the path, its code loaded, its class found and built."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import inspect
import json
import os
import sys
import threading
import time
import types
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from model_service.model_service import ModelService

from maquette_sdk.job.startup import moved_names
from maquette_sdk.serve.frameworks import mxnet, pytorch, tensorflow
from maquette_sdk.serve.output import say

PARENT = "customize_package"
"""The package under whose name the code's relative imports find the files beside it."""


class LoadError(Exception):
    """The package cannot be served; says what is missing and the fix."""


class Plan(NamedTuple):
    """What the platform decided about this instance."""

    package: str
    model_type: str
    model_name: str
    model_path: str
    service_file: Optional[str]
    socket: str
    queue: int = 64
    mode: Optional[str] = None

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.model_type.lower(), Kind())


class Kind(NamedTuple):
    """How services of one model type differ: the class that serves a package without code, or none; whether the code
    gets the body of a request as it came, and its answer is wrapped; whether it is built with the path alone."""

    default: Optional[Tuple[str, str]] = None
    raw_body: bool = False
    path_only: bool = False


LEARNERS = Kind(("model_service.python_model_service", "XgSklServingBaseService"), raw_body=True, path_only=True)

KINDS: Dict[str, Kind] = {
    "tensorflow": Kind(("model_service.tfserving_vision_service", "TfServingVisionService")),
    "pytorch": Kind(),
    "mxnet": Kind(("mms.model_service.mxnet_vision_service", "MXNetVisionService")),
    "caffe": Kind(("model_service.caffe_model_service", "CaffeBaseService")),
    "mindspore": Kind(),
    "xgboost": LEARNERS,
    "scikit_learn": LEARNERS,
    "spark_mllib": Kind(raw_body=True, path_only=True),
}

PREDICTIONS = Kind(("maquette_sdk.serve.frameworks.predictions", "PredictionService"))
"""A TensorFlow package without code whose template says that it predicts from rows of data."""


def read_plan(text: str) -> Plan:
    """The plan in this JSON; fields it does not know are passed over."""
    fields = json.loads(text)
    return Plan(**{name: fields[name] for name in Plan._fields if name in fields})


def load(plan: Plan) -> Any:
    """The service, built. Raises whatever the package's code raises, and LoadError."""
    prepare_path(plan.package)
    prepare_framework(plan)
    service_class = choose_class(plan)
    others = frozenset(threading.enumerate())
    service = build(service_class, plan)
    wait_for_loaders(others)
    warm_up(service)
    return service


def prepare_framework(plan: Plan) -> None:
    """What code of the model type's time expects of its framework. Imports none of them."""
    if plan.kind.raw_body:
        moved_names.offer()
    elif plan.model_type.lower() == "tensorflow":
        tensorflow.serve(plan.model_path)
    elif plan.model_type.lower() == "pytorch":
        pytorch.load_whole_networks()


LOADING_SECONDS = 60.0
"""How long a start waits for the threads in which constructors load their model; one that never ends is no loader."""


def wait_for_loaders(others: FrozenSet[threading.Thread]) -> None:
    """Waits for the threads that the constructor has started, all but these others: many load the model in one of
    them. A first call beside it finds no model, and MindSpore, which builds a network in both, stands still."""
    deadline = time.monotonic() + LOADING_SECONDS
    for thread in _loaders(others):
        thread.join(SAID_AFTER)
        if thread.is_alive():
            say("Waiting for the thread {}, which the service has started.".format(thread.name))
            thread.join(max(0.0, deadline - time.monotonic()))
    left = _loaders(others)
    if left:
        names = ", ".join(thread.name for thread in left)
        say("Not waiting any longer than {:.0f} s for {}: calls are answered now.".format(LOADING_SECONDS, names))


SAID_AFTER = 3.0


def _loaders(others: FrozenSet[threading.Thread]) -> List[threading.Thread]:
    """Threads that Python would wait for at its end, without the workers of pools: those wait for work."""
    started = [thread for thread in threading.enumerate() if thread not in others and not thread.daemon]
    return [thread for thread in started if not _is_of_a_pool(thread)]


def _is_of_a_pool(thread: threading.Thread) -> bool:
    module = getattr(getattr(thread, "_target", None), "__module__", None) or ""
    return str(module).startswith("concurrent.futures")


def warm_up(service: Any) -> None:
    """Lets our own base classes load now what the first request would wait for. What fails here may never be needed,
    so it is told and left to the request that needs it."""
    load_model = getattr(type(service), "_maquette_warm_up", None)
    if load_model is None:
        return
    try:
        load_model(service)
    except Exception as error:  # noqa: BLE001 - the message is logged, the start goes on
        say("The model was not loaded ahead of the first request: {}".format(error))


def prepare_path(package: str) -> None:
    """The package's files are importable by their names and, from the folder above, as `model.…`.

    Our own base classes are loaded first, so that a copy of them in a package does not come between; what else such a
    folder holds is found behind them.
    """
    for name in ("model_service", "mms"):
        ours = importlib.import_module(name)
        copy = os.path.join(package, name)
        if os.path.isdir(copy):
            ours.__path__.append(copy)
    sys.path[:0] = [package] + ([os.path.dirname(package)] if os.path.basename(package) == "model" else [])


def choose_class(plan: Plan) -> type:
    """The class of the package's code, or the one that serves packages without code."""
    if plan.service_file is not None:
        return find_class(load_module(os.path.join(plan.package, plan.service_file)))
    kind = plan.kind
    if (plan.mode or "").replace("_", "-").startswith("predict") and plan.model_type.lower() == "tensorflow":
        kind = PREDICTIONS
    if kind.default is None:
        raise LoadError(
            "A {} package cannot be served without code. Add customize_service.py with a class that says how a "
            "request becomes an answer.".format(plan.model_type)
        )
    module, name = kind.default
    found: type = getattr(importlib.import_module(module), name)
    return found


def load_module(path: str) -> types.ModuleType:
    """Runs the file as the module of its name, in which `from .x import y` finds the file `x.py` beside it."""
    name = os.path.splitext(os.path.basename(path))[0]
    full_name = "{}.{}".format(PARENT, name)
    parent = types.ModuleType(PARENT)
    parent.__path__ = [os.path.dirname(path)]
    loader = importlib.machinery.SourceFileLoader(full_name, path)
    module = types.ModuleType(name)
    module.__file__ = path
    module.__package__ = PARENT
    module.__spec__ = importlib.util.spec_from_file_location(full_name, path, loader=loader)
    sys.modules.update({PARENT: parent, name: module, full_name: module})
    code: Any = loader.get_code(full_name)
    exec(code, module.__dict__)  # noqa: S102 - this is what an import does
    return module


def find_class(module: types.ModuleType) -> type:
    """The service class: the last one that the module itself defines, else the only one that it imports."""
    seen = list(dict.fromkeys(_unwrap(value) for value in vars(module).values() if _may_be_class(value)))
    services = [value for value in seen if isinstance(value, type) and issubclass(value, ModelService)]
    own = _leaves([service for service in services if service.__module__ == module.__name__])
    if own:
        return own[-1]
    imported = _leaves([service for service in services if service.__module__.split(".")[0] not in OURS])
    if len(imported) == 1:
        return imported[0]
    if imported:
        names = ", ".join(service.__name__ for service in imported)
        raise LoadError("{} imports several services ({}) and defines none.".format(module.__file__, names))
    raise LoadError(
        "{} has no service class. Define one that inherits from the base class of your engine, "
        "say `class Service(TfServingBaseService)`.".format(module.__file__)
    )


OURS = ("model_service", "mms", "maquette_sdk")


def _may_be_class(value: Any) -> bool:
    return isinstance(value, (type, types.FunctionType))


def _unwrap(value: Any) -> Any:
    """Decorators such as older `torch.no_grad()` put a function in the place of the class."""
    return getattr(value, "__wrapped__", value) if isinstance(value, types.FunctionType) else value


def _leaves(classes: List[type]) -> List[type]:
    """Those of which no other one is a subclass."""
    return [one for one in classes if not any(other is not one and issubclass(other, one) for other in classes)]


def build(service: type, plan: Plan) -> Any:
    """Constructs the class with the arguments of its engine, by position. A class that takes other arguments than its
    engine gives is built with those of the other engines, if they fit."""
    wanted = _arguments(plan)
    for arguments in (wanted, (plan.model_name, plan.model_path), (plan.model_path,)):
        if _fits(service, arguments):
            return service(*arguments)
    return service(*wanted)


def _arguments(plan: Plan) -> Tuple[Any, ...]:
    if plan.kind.path_only:
        return (plan.model_path,)
    if plan.model_type.lower() != "mxnet":
        return plan.model_name, plan.model_path
    manifest = mxnet.make_manifest(plan.model_path)
    return mxnet.model_name(manifest, plan.model_name), plan.model_path, manifest


def _fits(service: type, arguments: Tuple[Any, ...]) -> bool:
    try:
        inspect.signature(service).bind(*arguments)
    except TypeError:
        return False
    except ValueError:
        # A constructor written in C shows no signature.
        return True
    return True
