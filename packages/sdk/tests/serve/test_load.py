"""Which files a package's code finds, which of its classes serves, and what that class is built with."""

from __future__ import annotations

import importlib
import threading

import pytest

BASE = "from model_service.pytorch_model_service import PTServingBaseService\n"
ANSWER = "    def inference(self, data):\n        return {}\n"


@pytest.fixture
def load(monkeypatch):
    """The module itself, where the names that only instances have can be found."""
    import maquette_sdk

    monkeypatch.syspath_prepend(maquette_sdk.__path__[0] + "/names")
    yield importlib.import_module("maquette_sdk.serve.load")


def answering(expression: str, head: str = "") -> str:
    return BASE + head + "class Service(PTServingBaseService):\n" + ANSWER.format(expression)


# ── files ────────────────────────────────────────────────────────────────────────────────────────

UNET = "from .layers import LAYERS\nclass UNet:\n    layers = LAYERS\n"

IMPORTS = [
    ("a file beside it", "from unet import UNet\n", {"unet.py": "class UNet: layers = 3\n"}, "UNet.layers", 3),
    ("relative", "from .unet import UNet\n", {"unet.py": UNET, "layers.py": "LAYERS = 4\n"}, "UNet.layers", 4),
    (
        "relative to a folder",
        "from .net.unet import UNet\n",
        {"net/__init__.py": "", "net/unet.py": UNET, "net/layers.py": "LAYERS = 5\n"},
        "UNet.layers",
        5,
    ),
    ("the module itself, relative", "from . import config\n", {"config.py": "size = 6\n"}, "config.size", 6),
    ("model.… of itself", "from model.efnet import net\n", {"efnet/net.py": "size = 7\n"}, "net.size", 7),
    (
        "model.… with a package's __init__",
        "from model.efnet import net\n",
        {"__init__.py": "", "efnet/net.py": "size = 8\n"},
        "net.size",
        8,
    ),
    ("own module model", "import model\n", {"model.py": "class Net: size = 9\n"}, "model.Net.size", 9),
    ("own folder model", "from model.net import size\n", {"model/net.py": "size = 10\n"}, "size", 10),
    (
        "own folder model beside model.…",
        "from model.net import size\nfrom model.outer import more\n",
        {"model/net.py": "size = 1\n", "outer.py": "more = 10\n"},
        "size + more",
        11,
    ),
    (
        "own module log",
        "import log\n",
        {"log.py": "def getLogger(name): return 'own ' + name\n"},
        "log.getLogger('x')",
        "own x",
    ),
    (
        "own package utils",
        "from utils.tools import scale\n",
        {"utils/__init__.py": "", "utils/tools.py": "scale = 12\n"},
        "scale",
        12,
    ),
    (
        "own module service, load and main",
        "import service, load, main\n",
        {"service.py": "a = 6\n", "load.py": "a = 6\n", "main.py": "a = 1\n"},
        "service.a + load.a + main.a",
        13,
    ),
    ("own module protocol", "from protocol import *\n", {"protocol.py": "size = 14\n"}, "size", 14),
    (
        "a copy of model_service",
        "from model_service.extra import size\n",
        {
            "model_service/__init__.py": "",
            "model_service/extra.py": "size = 15\n",
            "model_service/pytorch_model_service.py": "class PTServingBaseService: pass\n",
        },
        "size",
        15,
    ),
    (
        "a folder it puts on the path",
        "import os, sys\n"
        "sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))\n"
        "import deep\n",
        {"lib/deep.py": "size = 16\n"},
        "deep.size",
        16,
    ),
    (
        "a data file beside it",
        "import os\n",
        {"a.txt": "17"},
        "int(open(os.path.join(os.path.dirname(os.path.realpath(__file__)), 'a.txt')).read())",
        17,
    ),
    ("a data file below model/1", "", {"a.txt": "18"}, "int(open('model/1/a.txt').read())", 18),
    ("a data file below model", "", {"a.txt": "19"}, "int(open('model/a.txt').read())", 19),
    (
        "a data file beside model_path",
        "import os\n",
        {"a.txt": "20"},
        "int(open(os.path.join(os.path.dirname(os.path.realpath(self.model_path)), 'a.txt')).read())",
        20,
    ),
    (
        "text in its own encoding",
        "from words import word\n",
        {"words.py": "# -*- coding: gbk -*-\nword = '中文'\n".encode("gbk")},
        "word",
        "中文",
    ),
    (
        "names",
        "",
        {},
        "[__name__, Service.__module__, __import__('customize_service').Service is Service]",
        ["customize_service", "customize_service", True],
    ),
]


@pytest.mark.parametrize(
    ("head", "files", "expression", "value"), [case[1:] for case in IMPORTS], ids=[case[0] for case in IMPORTS]
)
def test_the_code_finds(serve, mind, head, files, expression, value):
    code = answering(expression, head)
    instance = serve({"customize_service.py": code, **files}, model_path=str(mind / "model" / "net.pth"))
    assert instance.json([1]) == (200, value)


# ── the class ────────────────────────────────────────────────────────────────────────────────────

TWO = BASE + "class First(PTServingBaseService):\n" + ANSWER.format("'first'")

DECORATOR = """
import functools
def wrap(cls):
    @functools.wraps(cls, updated=())
    def make(*arguments):
        return cls(*arguments)
    return make
"""

CLASSES = [
    ("any name", BASE + "class 服务(PTServingBaseService):\n" + ANSWER.format("'any'"), {}, "any"),
    ("the last of two", TWO + "class Second(PTServingBaseService):\n" + ANSWER.format("'second'"), {}, "second"),
    (
        "the subclass of two",
        BASE
        + "class Common(PTServingBaseService): pass\nclass Mine(Common):\n"
        + ANSWER.format("'mine'")
        + "Common.other = 1\n",
        {},
        "mine",
    ),
    (
        "the subclass even when it stands first",
        TWO + "Kept = First\nclass Second(First):\n" + ANSWER.format("'second'") + "First = Kept\n",
        {},
        "second",
    ),
    (
        "not an imported base of its own",
        "from common import *\nclass Mine(Common): pass\n",
        {"common.py": BASE + "class Common(PTServingBaseService):\n" + ANSWER.format("type(self).__name__")},
        "Mine",
    ),
    (
        "the only one that it imports",
        "from services import Mine\n",
        {"services.py": BASE + "class Mine(PTServingBaseService):\n" + ANSWER.format("'imported'")},
        "imported",
    ),
    (
        "none of hundreds of others",
        "from many import *\n" + TWO,
        {"many.py": "".join(f"class C{n}: pass\n" for n in range(500))},
        "first",
    ),
    (
        "one behind a decorator",
        BASE + DECORATOR + "@wrap\nclass Mine(PTServingBaseService):\n" + ANSWER.format("'wrapped'"),
        {},
        "wrapped",
    ),
    (
        "one of another engine's base",
        "from model_service.caffe_model_service import CaffeBaseService\n"
        "class Mine(CaffeBaseService):\n    def __init__(self, name, path): pass\n" + ANSWER.format("'keras'"),
        {},
        "keras",
    ),
]


@pytest.mark.parametrize(("code", "files", "value"), [case[1:] for case in CLASSES], ids=[case[0] for case in CLASSES])
def test_the_class_that_serves_is(serve, code, files, value):
    assert serve({"customize_service.py": code, **files}).json([1]) == (200, value)


def test_several_imported_services_and_none_of_its_own_are_refused(start):
    services = BASE + "class One(PTServingBaseService): pass\nclass Two(PTServingBaseService): pass\n"
    error = start({"customize_service.py": "from services import *\n", "services.py": services}).failure()
    assert "several services (One, Two)" in error


# ── what it is built with ────────────────────────────────────────────────────────────────────────

BUILT = [
    ("PyTorch", "pytorch_model_service import PTServingBaseService", "name, path", "[name, path]", ["serve", "/x/y"]),
    (
        "TensorFlow",
        "tfserving_model_service import TfServingBaseService",
        "name='', path='./p'",
        "[name, path]",
        ["serve", "/x/y"],
    ),
    (
        "MindSpore",
        "model_service import SingleNodeService",
        "model_name, model_path",
        "[model_name, model_path]",
        ["serve", "/x/y"],
    ),
    ("XGBoost", "python_model_service import XgSklServingBaseService", "path", "[path]", ["/x/y"]),
    (
        "Scikit_Learn",
        "python_model_service import XgSklServingBaseService",
        "path, name='n'",
        "[path, name]",
        ["/x/y", "n"],
    ),
    ("Spark_MLlib", "spark_model_service import SparkServingBaseService", "path", "[path]", ["/x/y"]),
    ("XGBoost", "python_model_service import XgSklServingBaseService", "name, path", "[name, path]", ["serve", "/x/y"]),
    ("PyTorch", "pytorch_model_service import PTServingBaseService", "path", "[path]", ["/x/y"]),
    (
        "PyTorch",
        "pytorch_model_service import PTServingBaseService",
        "*args, **kwargs",
        "[args, kwargs]",
        [["serve", "/x/y"], {}],
    ),
]


@pytest.mark.parametrize(("model_type", "base", "parameters", "kept", "value"), BUILT)
def test_it_is_built_once_with_the_arguments_of_its_engine(serve, model_type, base, parameters, kept, value):
    code = (
        f"from model_service.{base}\nclass Service({base.split()[-1]}):\n    count = 0\n"
        f"    def __init__(self, {parameters}):\n        Service.count += 1\n        self.kept = {kept}\n"
        "    def inference(self, data):\n        return [self.count, self.kept]\n"
    )
    instance = serve(code, model_type=model_type, model_path="/x/y")
    expected = [1, value]
    if model_type in ("XGBoost", "Scikit_Learn", "Spark_MLlib"):
        expected = {"data": {"resp_data": expected}}
    assert instance.json([1]) == (200, expected)


SUPERS = [
    ("none at all", "pass", "hasattr(self, 'model_path')", False),
    (
        "its base",
        "super().__init__(name, path)",
        "[self.model_name, self.model_path, self.model]",
        ["serve", "/x/y", None],
    ),
    ("its base by name", "super(Service, self).__init__(name, path)", "self.model_path", "/x/y"),
    (
        "its grandparent",
        "super(PTServingBaseService, self).__init__(name, path)",
        "[self.model_name, self.model_path]",
        ["serve", "/x/y"],
    ),
    ("its base by keyword", "super().__init__(model_name=name, model_path=path)", "self.model_path", "/x/y"),
]


@pytest.mark.parametrize(("call", "kept", "value"), [case[1:] for case in SUPERS], ids=[case[0] for case in SUPERS])
def test_the_constructor_may_call(serve, call, kept, value):
    instance = serve(
        BASE + f"class Service(PTServingBaseService):\n    def __init__(self, name, path):\n        {call}\n"
        f"        self.kept = {kept}\n    def _preprocess(self, data): return data\n"
        "    def _inference(self, data): return self.kept\n    def _postprocess(self, data): return data\n",
        model_path="/x/y",
    )
    assert instance.json([1]) == (200, value)


def test_the_stages_of_a_base_hand_on_what_they_get(serve):
    instance = serve("from model_service.model_service import SingleNodeService\nclass S(SingleNodeService): pass\n")
    assert instance.json({"a": 1}) == (200, {"a": 1})


def test_a_thread_of_the_constructor_that_never_ends_is_told_and_left_alone(load, monkeypatch, capfd):
    monkeypatch.setattr(load, "SAID_AFTER", 0.01)
    monkeypatch.setattr(load, "LOADING_SECONDS", 0.02)
    end, others = threading.Event(), frozenset(threading.enumerate())
    thread = threading.Thread(target=end.wait, name="watcher")
    thread.start()
    try:
        load.wait_for_loaders(others)
    finally:
        end.set()
        thread.join()
    told = capfd.readouterr().out
    assert "Waiting for the thread watcher" in told
    assert "Not waiting any longer" in told
