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
        ("# needs no moxing\nimport os", False),
    ],
)
def test_only_code_that_imports_moxing_copes_with_addresses(folder, text, found):
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
        ("import mindspore.nn as nn", "mindspore"),
        ("from sklearn import svm", "sklearn"),
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
