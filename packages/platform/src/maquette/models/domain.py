"""A model package as values: its configuration, its files, and what each model type asks of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

HOME = "/home/mind"
FOLDER = f"{HOME}/model"
VERSIONED_FOLDER = f"{FOLDER}/1"
SERVICE_FILE = "customize_service.py"
CONFIG_FILE = "config.json"
JSON = "application/json"
FORM = "multipart/form-data"


# ── model types ──────────────────────────────────────────────────────────────────────────────────


class Given(StrEnum):
    """What a service is given as `model_path`."""

    VERSIONED = "versioned"  # the folder, as TensorFlow Serving has it: /home/mind/model/1
    FOLDER = "folder"  # the folder: /home/mind/model
    WEIGHTS = "weights"  # the weight file


@dataclass(frozen=True)
class ModelType:
    """One `model_type` of config.json: what its services derive from and what its packages hold."""

    name: str
    bases: tuple[str, ...]
    base_import: str
    given: Given
    weights: tuple[str, ...] = ()
    needs_service: bool = False
    json_only: bool = False
    constructor: tuple[str, ...] = ("model_name", "model_path")


_PYTHON_SERVICE = ("XgSklServingBaseService",)
_PYTHON_IMPORT = "from model_service.python_model_service import XgSklServingBaseService"

MODEL_TYPES: Mapping[str, ModelType] = {
    kind.name: kind
    for kind in (
        ModelType(
            "TensorFlow",
            ("TfServingBaseService", "TfServingVisionService"),
            "from model_service.tfserving_model_service import TfServingBaseService",
            Given.VERSIONED,
        ),
        ModelType(
            "PyTorch",
            ("PTServingBaseService", "PTServingVisionService"),
            "from model_service.pytorch_model_service import PTServingBaseService",
            Given.WEIGHTS,
            weights=(".pth", ".pt", ".pkl"),
            needs_service=True,
        ),
        ModelType(
            "MindSpore",
            ("SingleNodeService",),
            "from model_service.model_service import SingleNodeService",
            Given.VERSIONED,
            needs_service=True,
        ),
        ModelType(
            "MXNet",
            ("MXNetBaseService",),
            "from mms.model_service.mxnet_model_service import MXNetBaseService",
            Given.FOLDER,
            constructor=("model_name", "model_dir", "manifest", "gpu"),
        ),
        ModelType(
            "XGBoost", _PYTHON_SERVICE, _PYTHON_IMPORT, Given.WEIGHTS,
            weights=(".m",), json_only=True, constructor=("model_path",),
        ),
        ModelType(
            "Scikit_Learn", _PYTHON_SERVICE, _PYTHON_IMPORT, Given.WEIGHTS,
            weights=(".m",), json_only=True, constructor=("model_path",),
        ),
        ModelType(
            "Spark_MLlib",
            ("SparkServingBaseService",),
            "from model_service.spark_model_service import SparkServingBaseService",
            Given.WEIGHTS,
            needs_service=True,
            json_only=True,
            constructor=("model_path",),
        ),
        ModelType(
            "Caffe",
            ("CaffeBaseService",),
            "from model_service.caffe_model_service import CaffeBaseService",
            Given.FOLDER,
        ),
        ModelType("Image", (), "", Given.FOLDER),
    )
}  # fmt: skip

GENERAL_BASES = ("SingleNodeService", "ModelService")
"""Bases of every engine's services; MindSpore services derive from them directly."""


def model_type_of_base(base: str) -> str | None:
    """The model type a service class tells by its base, where that is beyond doubt."""
    kinds = [kind.name for kind in MODEL_TYPES.values() if base in kind.bases]
    return kinds[0] if kinds else None


# ── config.json ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Body:
    """A request or response as declared: its content type and the JSON schema of its data."""

    content_type: str = JSON
    schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fields(self) -> Mapping[str, str]:
        """Field names with their types, in the declared order; files have the type `file`."""
        properties = self.schema.get("properties")
        if not isinstance(properties, Mapping):
            return {}
        return {
            str(name): str(of.get("type", "")) if isinstance(of, Mapping) else "" for name, of in properties.items()
        }


@dataclass(frozen=True)
class Api:
    """One entry of `apis`. The response's schema is for people and forms; it never alters an answer."""

    url: str = "/"
    method: str = "post"
    protocol: str = "https"
    request: Body = Body()
    response: Body = Body()


@dataclass(frozen=True)
class Requirement:
    """One package of `dependencies`. `restraint` is EXACT, ATLEAST, ATMOST or empty."""

    name: str
    version: str = ""
    restraint: str = ""

    @property
    def is_file(self) -> bool:
        """A file of the package, as wheels that travel with it are."""
        local = self.name.endswith((".whl", ".tar.gz", ".zip")) or self.name.startswith(("./", "/"))
        return local and "://" not in self.name

    @property
    def line(self) -> str:
        """As pip takes it: `numpy==1.17.0`."""
        operator = {"EXACT": "==", "ATLEAST": ">=", "ATMOST": "<="}.get(self.restraint, "")
        return f"{self.name}{operator}{self.version}" if operator and self.version else self.name


@dataclass(frozen=True)
class Dependency:
    """One entry of `dependencies`; entries are installed in list order."""

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Health:
    url: str = "/health"
    protocol: str = "http"
    initial_delay_seconds: float = 12
    timeout_seconds: float = 5


@dataclass(frozen=True)
class Config:
    """config.json as it is meant. Everything but `model_type` may be absent."""

    model_type: str = ""
    model_algorithm: str = ""
    runtime: str = ""
    apis: tuple[Api, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    health: Health | None = None
    swr_location: str = ""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        return tuple(requirement for entry in self.dependencies for requirement in entry.requirements)

    @property
    def api(self) -> Api:
        """The one api that a model served from a package has."""
        return self.apis[0] if self.apis else Api()


# ── the package ──────────────────────────────────────────────────────────────────────────────────


class Mode(StrEnum):
    """How a package without config.json takes requests (the built-in modes of a template import)."""

    IMAGE_PROCESSING = "image-processing"
    OBJECT_DETECTION = "object-detection"
    PREDICT_ANALYSIS = "predict-analysis"
    UNDEFINED = "undefined"


@dataclass(frozen=True)
class Package:
    """A model package: the `model/` folder as it lies here and as its service sees it.

    `model_type` is config.json's, or what the code and files tell. `model_path` is what the service is given.
    """

    folder: Path
    config: Config
    model_type: str
    service_file: str | None
    model_path: str
    mode: Mode | None = None
    service_class: str = ""

    @property
    def api(self) -> Api:
        """The declared api, or what the mode of a template import stands for."""
        if self.config.apis or self.mode is None:
            return self.config.api
        return MODE_APIS.get(self.mode, Api())

    @property
    def paths(self) -> tuple[str, ...]:
        """Where predictions are taken: the urls of the apis that are posted to."""
        posted = [api.url for api in self.config.apis if api.method.lower() == "post"] or [self.api.url]
        return tuple(dict.fromkeys("/" + url.lstrip("/") for url in posted))

    def plan(self, socket: str, queue: int = 64) -> dict[str, Any]:
        """What an instance is told (`Plan` of `maquette_sdk/serve/load.py`)."""
        return {
            "package": FOLDER,
            "model_type": self.model_type,
            "model_name": "serve",
            "model_path": self.model_path,
            "service_file": self.service_file,
            "socket": socket,
            "queue": queue,
            "mode": str(self.mode) if self.mode else None,
        }

    def here(self, name: str) -> Path:
        """Where a path that the service sees, or one relative to the package, lies on this machine."""
        inside = re.sub(rf"^({re.escape(VERSIONED_FOLDER)}|{re.escape(FOLDER)})(/|$)", "", name)
        return self.folder / inside.removeprefix("./").lstrip("/")


def _image_form(*outputs: str) -> Api:
    answer = {name: {"type": "array"} for name in outputs}
    return Api(
        request=Body(FORM, {"type": "object", "properties": {"images": {"type": "file"}}}),
        response=Body(JSON, {"type": "object", "properties": answer}),
    )


def _rows(name: str) -> Body:
    rows = {"type": "array", "items": {"type": "object"}}
    inner = {"type": "object", "properties": {name: rows}}
    return Body(JSON, {"type": "object", "properties": {"data": inner}})


MODE_APIS: Mapping[Mode, Api] = {
    Mode.IMAGE_PROCESSING: _image_form(),
    Mode.OBJECT_DETECTION: _image_form("detection_classes", "detection_boxes", "detection_scores"),
    Mode.PREDICT_ANALYSIS: Api(request=_rows("req_data"), response=_rows("resp_data")),
}


# ── engine names ─────────────────────────────────────────────────────────────────────────────────

NAMES_ITS_FRAMEWORK = re.compile(
    r"(?P<name>tensorflow|tf|pytorch|torch|pt|mindspore|ms|mxnet|caffe|xgboost|scikit[_-]?learn|sklearn|spark|horovod|kf)"
    r"[_-]?v?\d",
    re.IGNORECASE,
)
DISTRIBUTIONS = {
    # what pip calls an engine's framework
    "TensorFlow": ("tensorflow", "tensorflow-gpu", "tensorflow-cpu"),
    "PyTorch": ("torch",),
    "MindSpore": ("mindspore", "mindspore-gpu", "mindspore-ascend", "mindspore-cpu"),
    "MXNet": ("mxnet", "mxnet-cu90", "mxnet-cu100", "mxnet-cu101"),
    "XGBoost": ("xgboost", "xgboost-cpu"),
    "Scikit_Learn": ("scikit-learn",),
    "Spark_MLlib": ("pyspark",),
}
FRAMEWORK_TYPES = {
    "tensorflow": "TensorFlow", "tf": "TensorFlow", "pytorch": "PyTorch", "torch": "PyTorch", "pt": "PyTorch",
    "mindspore": "MindSpore", "ms": "MindSpore", "mxnet": "MXNet", "caffe": "Caffe", "xgboost": "XGBoost",
    "scikitlearn": "Scikit_Learn", "sklearn": "Scikit_Learn", "spark": "Spark_MLlib",
}  # fmt: skip
DEFAULT_PYTHON = "python3.6"


def runtime_type(runtime: str) -> str | None:
    """The model type that a runtime names itself: PyTorch for `pytorch1.4-python3.7`, None for `python3.6`."""
    found = NAMES_ITS_FRAMEWORK.match(runtime)
    return FRAMEWORK_TYPES.get(re.sub(r"[_-]", "", found.group("name").lower())) if found else None


def engine_name(model_type: str, runtime: str) -> str:
    """What to ask the engines for, like `TensorFlow python3.6` or `PyTorch pytorch1.4-python3.7`.

    Python 2 is asked for as its Python 3 twin: the versions of the framework are the same.
    """
    if not runtime:
        return model_type if model_type == "MindSpore" else f"{model_type} {DEFAULT_PYTHON}"
    named = runtime if runtime_type(runtime) in (None, model_type) else DEFAULT_PYTHON
    return f"{model_type} " + re.sub(r"(?i)python_?2(\.\d+)?", DEFAULT_PYTHON, named)
