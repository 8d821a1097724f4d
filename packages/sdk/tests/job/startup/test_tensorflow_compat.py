"""TensorFlow 1 code on TensorFlow 2: the names, contrib and Keras, with a stand-in for TensorFlow."""

from __future__ import annotations

import pytest

TENSORFLOW = {
    "tensorflow/__init__.py": (
        "__version__ = '2.21.0'\nimport tensorflow.compat.v1 as _v1\nfrom tensorflow import compat\n"
        "Session = None\nonly_v2 = 2\n"
    ),
    "tensorflow/compat/__init__.py": "",
    "tensorflow/compat/v1.py": (
        "Session = 'a session'\nplaceholder = 'a placeholder'\noff = []\n"
        "def disable_v2_behavior():\n    off.append(1)\n"
    ),
    "tensorflow/python/__init__.py": "",
    "tensorflow/python/util/__init__.py": "",
    "tensorflow/python/util/deprecation.py": "_PRINT_DEPRECATION_WARNINGS = True\n",
    "tf_slim/__init__.py": "conv2d = 'slim conv'\n",
    "tf_slim/layers.py": "xavier_initializer = 'xavier'\n",
    "tf_keras/__init__.py": "__version__ = '2.21.0'\n",
    "tf_keras/layers.py": "Dense = 'dense 2'\n",
    "keras/__init__.py": "__version__ = '3.15.1'\n",
}


@pytest.fixture
def script(run, modules):
    folder = modules(TENSORFLOW)

    def call(code, **more):
        path = f"{run.variables['PYTHONPATH']}:{folder}"
        return run("-c", code, PYTHONPATH=path, **{"MAQUETTE_TF_COMPAT": "1", **more}).stdout.splitlines()

    return call


def test_tensorflow_has_the_names_of_version_1(script):
    said = script("import tensorflow as tf; print(tf.Session, tf.placeholder, tf.only_v2, tf.compat.v1.off)")
    assert said[0] == "[Maquette] TensorFlow 1 code on TensorFlow 2.21.0: graphs and sessions as in version 1."
    assert said[-1] == "a session a placeholder 2 [1]"


@pytest.mark.parametrize(
    "code",
    [
        "import tensorflow as tf; print(tf.contrib.slim.conv2d)",
        "import tensorflow.contrib.slim as slim; print(slim.conv2d)",
        "from tensorflow.contrib import slim; print(slim.conv2d)",
        "from tensorflow.contrib.slim import conv2d; print(conv2d)",
    ],
)
def test_slim_is_where_scripts_look_for_it(script, code):
    assert script(code)[-1] == "slim conv"


def test_the_initializers_of_contrib_are_there(script):
    assert script("import tensorflow as tf; print(tf.contrib.layers.xavier_initializer)")[-1] == "xavier"


@pytest.mark.parametrize("code", ["import tensorflow as tf; tf.contrib.rnn", "import tensorflow.contrib.rnn"])
def test_a_part_of_contrib_that_is_gone_says_so(script, code):
    said = script(code)[-1]
    assert "tf.contrib.rnn is not part of TensorFlow 2" in said
    assert "Choose an engine with TensorFlow 1" in said


def test_keras_is_keras_2(script):
    code = "import keras, tf_keras; from keras.layers import Dense; print(keras.__version__, Dense, keras is tf_keras)"
    assert script(code)[-1] == "2.21.0 dense 2 True"


def test_without_the_layer_nothing_is_changed(script):
    said = script("import tensorflow as tf, keras; print(tf.Session, keras.__version__)", MAQUETTE_TF_COMPAT=None)
    assert said == ["None 3.15.1"]
