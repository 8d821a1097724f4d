from pathlib import PurePosixPath

import pytest

from maquette.kernel.errors import BadInput
from maquette.training.code import find_code, imported_modules, mentions_moxing, python_2_line, remarks, suggest_engine


@pytest.fixture
def folder(tmp_path):
    code = tmp_path / "Proj"
    (code / "tools").mkdir(parents=True)
    (code / "train.py").write_text("import os\n")
    (code / "tools" / "boot.py").write_text("import os\n")
    return code


@pytest.mark.parametrize("boot", ["train.py", "./train.py", "tools/boot.py", "tools/../train.py"])
def test_a_boot_file_is_named_from_its_folder(folder, boot):
    code = find_code(folder, boot)
    assert code.boot_path.resolve() == (folder / boot).resolve()
    assert code.name == "Proj"


def test_a_boot_file_may_be_named_from_where_the_user_stands(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert find_code(folder, "Proj/train.py").boot_file == PurePosixPath("train.py")


@pytest.mark.parametrize(
    ("boot", "words"),
    [
        ("missing.py", "Choose one with --boot: train.py"),
        ("notes.txt", "not a Python file"),
        ("../other.py", "outside"),
    ],
)
def test_a_boot_file_that_cannot_be_started_is_refused(folder, boot, words):
    (folder / "notes.txt").touch()
    (folder.parent / "other.py").touch()
    with pytest.raises(BadInput, match=words):
        find_code(folder, boot)


def test_a_missing_code_folder_is_named(tmp_path):
    with pytest.raises(BadInput, match="nowhere"):
        find_code(tmp_path / "nowhere", "train.py")


def test_moxing_is_found_in_a_module_of_the_code_folder(folder):
    code = find_code(folder, "train.py")
    assert not mentions_moxing(code)
    (folder / "tools" / "copy.py").write_text("import moxing as mox\n")
    assert mentions_moxing(code)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from moxing.framework import file", True),
        ("try:\n    import moxing as mox\nexcept ImportError:\n    mox = None", True),
        ("mox = __import__('moxing')", True),
        ("print 'python 2'\nimport moxing", True),
        ("from obs import ObsClient", True),
        ("import obs", False),
        ("# needs no moxing\nimport os", False),
    ],
)
def test_only_code_that_imports_moxing_or_the_obs_client_copes_with_addresses(folder, text, found):
    (folder / "train.py").write_text(text)
    assert mentions_moxing(find_code(folder, "train.py")) is found


def test_moxing_in_a_left_out_folder_does_not_count(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "x.py").write_text("import moxing\n")
    assert not mentions_moxing(find_code(folder, "train.py"))


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("import torch.nn as nn", "pytorch"),
        ("from torchvision import models", "pytorch"),
        ("import tensorflow as tf\ntf.flags.DEFINE_string('data_url', '', '')", "tf1"),
        ("import tensorflow as tf\nmodel = tf.keras.Sequential()", "tensorflow"),
        ("import tensorflow.compat.v1 as tf\ntf.placeholder(tf.float32)", "tensorflow"),
        ("from tensorflow.examples.tutorials.mnist import input_data\nimport tensorflow as tf", "tf1"),
        ("from keras.models import Sequential\nfrom keras.utils import np_utils", "tf1"),
        ("from keras.layers.core import Dense", "tf1"),
        ("from keras.models import Sequential", "tensorflow"),
        ("import mindspore.nn as nn", "mindspore"),
        ("import mindspore.dataset.vision.c_transforms as CV", "mindspore-2.0.0"),
        ("import mindspore.dataset as ds\nimport mindspore.dataset.transforms.py_transforms as P", "mindspore-2.0.0"),
        ("from mindspore import ms_function", "mindspore-2.0.0"),
        ("import pandas as pd\nimport pyspark", "spark"),
        ("import ray", "ray"),
        ("from sklearn import svm", "sklearn"),
        ("from sklearn import svm\nfrom sklearn.externals import joblib", "sklearn-0.22.1"),
        ("from sklearn.cross_validation import train_test_split", "sklearn-0.19.2"),
        ("import xgboost\nfrom sklearn import grid_search", "sklearn-0.19.2"),
        ("import mxnet as mx", "mxnet"),
        ("print 'hello'\nimport torch", "pytorch"),
        ("import json", None),
    ],
)
def test_the_engine_follows_the_framework_that_the_code_imports(folder, text, engine):
    (folder / "train.py").write_text(text)
    suggestion = suggest_engine(find_code(folder, "train.py"))
    assert (suggestion[0] if suggestion else None) == engine


def test_the_engine_may_come_from_a_module_the_boot_file_uses(folder):
    (folder / "network.py").write_text("import mindspore")
    name, why = suggest_engine(find_code(folder, "train.py"))
    assert (name, "network.py" in why) == ("mindspore", True)


@pytest.mark.parametrize(
    ("boot", "module", "engine"),
    [
        ("from sklearn import metrics\nimport torch", "", "pytorch"),
        ("from sklearn.externals import joblib\nimport tensorflow as tf\ntf.Session()", "", "tf1"),
        ("import xgboost\nimport mindspore", "", "mindspore"),
        ("import ray\nimport torch", "", "pytorch"),
        ("from sklearn import metrics", "import torch", "pytorch"),
        ("from sklearn import metrics", "import os", "sklearn"),
        ("import xgboost", "import torch", "sklearn"),
    ],
)
def test_what_every_engine_has_beside_its_framework_does_not_decide(folder, boot, module, engine):
    (folder / "train.py").write_text(boot)
    (folder / "network.py").write_text(module)
    assert suggest_engine(find_code(folder, "train.py"))[0] == engine


def test_an_old_name_in_a_module_decides_the_version_too(folder):
    (folder / "train.py").write_text("import mindspore as ms\nfrom tools import data\n")
    (folder / "tools" / "data.py").write_text("import mindspore.dataset.vision.c_transforms as CV\n")
    name, why = suggest_engine(find_code(folder, "train.py"))
    assert (name, "tools/data.py" in why) == ("mindspore-2.0.0", True)


def test_an_old_name_of_another_framework_does_not_decide(folder):
    (folder / "train.py").write_text("import torch\n")
    (folder / "tools" / "convert.py").write_text("import tensorflow as tf\ntf.Session()\n")
    assert suggest_engine(find_code(folder, "train.py"))[0] == "pytorch"


def test_imports_are_told_in_order_without_relative_ones():
    assert imported_modules("from . import a\nimport b.c, d\nfrom e.f import g") == ["b", "d", "e"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\nprint 'a'\n", 2),
        ("print('a')\n", None),
        ("def broken(:\n", None),
        ("try:\n  f()\nexcept E, e:\n  pass\n", 3),
    ],
)
def test_python_2_is_told_from_a_mere_mistake(folder, text, line):
    (folder / "train.py").write_text(text)
    assert python_2_line(find_code(folder, "train.py")) == line


def test_what_modelarts_would_refuse_is_remarked(folder):
    for number in range(1100):
        (folder / f"{number}.txt").touch()
    assert any("1024" in remark for remark in remarks(find_code(folder, "train.py")))
