from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import pytest

from maquette_sdk import objects

NAMES = Path(objects.__file__).parent / "names"


def script(text: str, **environment: Optional[str]) -> "subprocess.CompletedProcess[str]":
    """Runs a script as a run does, with the names last on its path."""
    path = os.pathsep.join([str(NAMES.parent.parent), str(NAMES)])
    env = {**os.environ, "PYTHONPATH": path, "MOX_SILENT_MODE": "", **environment}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        env={name: value for name, value in env.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def test_importing_it_tells_the_version_and_lets_the_script_log(home: Any) -> None:
    told = script("import logging, moxing as mox; logging.info('mine'); print(mox.__version__)")
    assert told.stderr.splitlines() == ["INFO:root:Using MoXing-v2.1.0 (Maquette)", "INFO:root:mine"]
    assert told.stdout == "2.1.0\n"
    assert script("import moxing", MOX_SILENT_MODE="1").stderr == ""


def test_processes_that_a_script_starts_do_not_tell_it_again(home: Any) -> None:
    text = (
        "import multiprocessing, sys\n"
        "def work(): import moxing\n"
        "if __name__ == '__main__':\n"
        "    p = multiprocessing.get_context('fork').Process(target=work); p.start(); p.join()\n"
    )
    assert script(text).stderr == ""


def test_a_script_can_set_up_its_own_logging(home: Any) -> None:
    told = script(
        "import logging, moxing\nfrom moxing.framework.util import runtime\n"
        "runtime.reset_logger(level=logging.WARNING); logging.info('not this')\n"
        "runtime.clear_logger_handlers(); logging.basicConfig(format='%(message)s!'); logging.warning('but this')\n"
    )
    assert told.stderr.splitlines()[1:] == ["but this!"]


IMPORTS = [
    "import moxing as mox; f = mox.file",
    "import moxing; f = moxing.file",
    "import moxing; f = moxing.framework.file",
    "import moxing.framework.file as f",
    "from moxing.framework import file as f",
    "from moxing.framework.file import file_io as f",
    "import moxing.tensorflow as mox; f = mox.file",
    "import moxing.pytorch as mox; f = mox.file",
    "import moxing.mxnet as mox; f = mox.file",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_file_operations_work_under_every_name(home: Any, line: str) -> None:
    told = script(
        line + "\nf.write('obs://pets/x', 'kept'); f.copy('s3://pets/x', 's3://pets/y'); print(f.read('s3://pets/y'))"
    )
    assert (told.returncode, told.stdout) == (0, "kept\n"), told.stderr


def test_the_settings_of_file_io_can_be_set(home: Any) -> None:
    told = script(
        "from moxing.framework.file import file_io\nfrom moxing.framework.file.file_io import os, make_dirs\n"
        "file_io.NUMBER_OF_PROCESSES = 10; file_io._NUMBER_OF_PROCESSES = 1; file_io._LARGE_FILE_TASK_NUM = 1\n"
        "assert file_io._LARGE_FILE_METHOD == 1\nimport moxing as mox; mox.file.write('obs://pets/x', 'x')"
    )
    assert told.returncode == 0, told.stderr


HELPERS = [
    "import moxing.tensorflow as mox; mox.run(model_fn=None)",
    "import moxing.tensorflow as mox; mox.ModelSpec",
    "from moxing.tensorflow import get_flag",
    "from moxing.tensorflow.optimizer import learning_rate_scheduler",
    "import moxing.tensorflow.executor.ops_adapter as ops_adapter",
    "import moxing as mox; mox.run()",
    "import moxing.pytorch as mox; mox.get_flag('num_gpus')",
    "from moxing.pytorch.executor.enumerate import *",
    "import moxing.mxnet as mox; mox.get_hyper_parameter('data_url')",
    "from moxing.mxnet.symbols.classification.vgg import get_symbol",
]


@pytest.mark.parametrize("line", HELPERS)
def test_training_helpers_say_what_they_were_and_what_to_use(home: Any, line: str) -> None:
    told = script("try:\n    {}\nexcept ImportError as error: print(error)".format(line))
    assert "was one of MoXing's training helpers" in told.stdout, told.stderr
    assert "Train with " in told.stdout and "keep mox.file for files, which works" in told.stdout


def test_names_that_moxing_never_had_are_just_not_there(home: Any) -> None:
    told = script("import moxing as m\nprint(hasattr(m, 'nonsense'), hasattr(m.file, 'no'))\nimport moxing.nonsense")
    assert told.stdout == "False False\n"
    assert "No module named 'moxing.nonsense'" in told.stderr


def test_the_cache_of_tensorflow_is_no_more_than_a_name(home: Any) -> None:
    assert script("import moxing.tensorflow as mox; mox.cache()").returncode == 0


ABSL = """
import sys, types
flags = types.ModuleType('absl.flags')
class Values(dict): pass
flags.FLAGS = Values(task_index='the script defined it')
def define(name, default, meaning, allow_override=False): flags.FLAGS[name] = (default, allow_override)
flags.DEFINE_integer = flags.DEFINE_string = define
absl = types.ModuleType('absl'); absl.flags = flags; absl.__path__ = []
absl.__spec__ = __import__('importlib.machinery').machinery.ModuleSpec('absl', None)
sys.modules['absl'] = absl; sys.modules['absl.flags'] = flags
import moxing.tensorflow
print(sorted(flags.FLAGS.items(), key=str))
"""


def test_moxing_tensorflow_brings_the_flags_of_a_job(home: Any) -> None:
    told = script(ABSL)
    assert "('num_gpus', (1, True))" in told.stdout, told.stderr
    assert "('task_index', 'the script defined it')" in told.stdout


def test_a_users_own_module_stands_before_ours(home: Any, tmp_path: Path) -> None:
    (tmp_path / "log.py").write_text("mine = True")
    path = os.pathsep.join([str(tmp_path), str(NAMES.parent.parent), str(NAMES)])
    assert script("import log; print(log.mine)", PYTHONPATH=path).stdout == "True\n"
