"""Model packages made for a test: a sound one of each model type, and what a test changes in it."""

import dataclasses
import json
from pathlib import Path

import pytest

from maquette import wiring
from maquette.drivers.engines.environments import UvEngines
from maquette.drivers.engines.resolution import Machine
from maquette.kernel.settings import Home, Settings

APIS = [
    {
        "protocol": "https",
        "url": "/",
        "method": "post",
        "request": {
            "Content-type": "multipart/form-data",
            "data": {"type": "object", "properties": {"images": {"type": "file"}}},
        },
        "response": {"Content-type": "application/json", "data": {"type": "object", "properties": {}}},
    }
]
ROWS = [
    {
        "url": "/",
        "method": "post",
        "request": {
            "Content-type": "application/json",
            "data": {"type": "object", "properties": {"data": {"type": "object"}}},
        },
    }
]
CONFIG = {
    "model_algorithm": "image_classification",
    "model_type": "PyTorch",
    "runtime": "pytorch1.4-python3.7",
    "apis": APIS,
}

PYTORCH = """import torch
from model_service.pytorch_model_service import PTServingBaseService


class Service(PTServingBaseService):
    def __init__(self, model_name, model_path):
        super().__init__(model_name, model_path)
        self.model = torch.load(model_path)

    def _preprocess(self, data):
        return {name: file for files in data.values() for name, file in files.items()}
"""
TENSORFLOW = """from model_service.tfserving_model_service import TfServingBaseService


class Service(TfServingBaseService):
    def _preprocess(self, data):
        return {key: list(files.values()) for key, files in data.items()}
"""
MINDSPORE = """import mindspore
from model_service.model_service import SingleNodeService


class Service(SingleNodeService):
    def __init__(self, model_name, model_path):
        self.network = mindspore.load_checkpoint(model_path + "/net.ckpt")
"""
MXNET = """from mms.model_service.mxnet_model_service import MXNetBaseService


class Service(MXNetBaseService):
    def _postprocess(self, data):
        return {"scores": data}
"""
LEARNER = """import json
from model_service.python_model_service import XgSklServingBaseService


class Service(XgSklServingBaseService):
    def _preprocess(self, data):
        return [list(row.values()) for row in json.loads(data)["data"]["req_data"]]
"""
SPARK = """from model_service.spark_model_service import SparkServingBaseService


class Service(SparkServingBaseService):
    def _inference(self, data):
        return data
"""
SAVED_MODEL = {
    "saved_model.pb": b"\x08\x01\x12 VarHandleOp RestoreV2",
    "variables/variables.index": b"index",
    "variables/variables.data-00000-of-00001": b"data",
}
WHOLE = {
    # model type -> (its config, its service, its files)
    "PyTorch": (CONFIG, PYTORCH, {"best.pth": b"weights"}),
    "TensorFlow": ({**CONFIG, "model_type": "TensorFlow", "runtime": "tf2.1-python3.7"}, TENSORFLOW, SAVED_MODEL),
    "MindSpore": (
        {**CONFIG, "model_type": "MindSpore", "runtime": "mindspore_2.0.0-cpu-py_3.7-ubuntu_18.04-x86_64"},
        MINDSPORE,
        {"net.ckpt": b"weights"},
    ),
    "MXNet": (
        {**CONFIG, "model_type": "MXNet", "runtime": "python3.7"},
        MXNET,
        {"mnist-symbol.json": b"{}", "mnist-0000.params": b"weights"},
    ),
    "XGBoost": ({**CONFIG, "model_type": "XGBoost", "runtime": "python3.6", "apis": ROWS}, LEARNER, {"x.m": b"model"}),
    "Scikit_Learn": (
        {**CONFIG, "model_type": "Scikit_Learn", "runtime": "python3.6", "apis": ROWS},
        LEARNER,
        {"x.m": b"model"},
    ),
    "Spark_MLlib": (
        {**CONFIG, "model_type": "Spark_MLlib", "runtime": "python3.6", "apis": ROWS},
        SPARK,
        {"spark_model/metadata/part-00000": b"{}"},
    ),
}  # fmt: skip


@dataclasses.dataclass
class Maker:
    """Writes packages below one folder. `config` and `service` are text, bytes, or None for none at all."""

    root: Path

    def __call__(self, kind="PyTorch", *, config=..., service=..., files=None, without=(), change=None, name="package"):
        whole_config, whole_service, whole_files = WHOLE[kind]
        folder = self.root / name / "model"
        folder.mkdir(parents=True)
        if config is ...:
            config = {**whole_config, **(change or {})}
        contents = {**whole_files, **(files or {})}
        as_text = isinstance(config, dict | list)
        contents["config.json"] = json.dumps(config, ensure_ascii=False, indent=2) if as_text else config
        contents["customize_service.py"] = whole_service if service is ... else service
        for path, content in contents.items():
            if path in without or content is None:
                continue
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder.parent


@pytest.fixture
def make_package(tmp_path):
    return Maker(tmp_path)


@pytest.fixture
def ctx(tmp_path):
    """A context whose machine has Python 3.7, 3.11 and java, though none of them can be started."""
    whole = wiring.context(Settings(Home(tmp_path / "home")))
    pythons = {(3, minor): Path(f"/nowhere/python3.{minor}") for minor in (7, 11)}
    machine = Machine(pythons, (), frozenset({"java"}))
    return dataclasses.replace(whole, engines=UvEngines(whole.settings.home, {"PATH": ""}, machine=machine))


@pytest.fixture
def codes(ctx, make_package):
    """The codes of what a check finds in a package made so."""
    from maquette.models.check import check

    return lambda *args, **kwargs: [finding.code for finding in check(ctx, make_package(*args, **kwargs)).findings]
