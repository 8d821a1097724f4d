"""Modules are mended when they are imported, and only then."""

from __future__ import annotations

MEND = {
    "torchvision/__init__.py": "from torchvision import extension\n",
    "torchvision/extension.py": "print('loaded'); asked = []\ndef _has_ops():\n    asked.append(1); return True\n",
}


def with_modules(run, folder):
    return f"{run.variables['PYTHONPATH']}:{folder}"


def test_a_module_is_mended_after_it_was_imported(python, run, modules):
    path = with_modules(run, modules(MEND))
    code = "import torchvision; e = torchvision.extension; print(len(e.asked), type(e.__loader__).__name__)"
    assert python(code, PYTHONPATH=path).split() == ["loaded", "1", "SourceFileLoader"]


def test_asking_whether_a_module_exists_mends_nothing_and_spoils_nothing(python, run, modules):
    path = with_modules(run, modules(MEND))
    code = (
        "import importlib.util as u; print(u.find_spec('torchvision.extension') is not None)\n"
        "import torchvision; print(len(torchvision.extension.asked))"
    )
    assert python(code, PYTHONPATH=path).split()[-1] == "1"


def test_a_module_that_is_not_there_is_missing_as_ever(run):
    done = run("-c", "import torchvision.extension")
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'torchvision'" in done.stdout


def test_a_missing_module_of_ascend_is_explained_after_the_traceback(run):
    done = run("-c", "import torch_npu")
    assert done.returncode == 1
    assert "No module named 'torch_npu'" in done.stdout
    assert "[Maquette] torch_npu drives Ascend cards" in done.stdout.splitlines()[-1]


def test_what_no_engine_has_is_told_with_what_does_the_same(run):
    assert "[Maquette] NVIDIA's apex is built against CUDA" in run("-c", "from apex import amp").stdout
    assert "[Maquette] Horovod is not part of the engines." in run("-c", "import horovod.torch as hvd").stdout


def test_scripts_that_try_and_go_on_are_not_disturbed(run):
    done = run("-c", "try:\n    import acl\nexcept ImportError:\n    print('without')", check=0)
    assert done.stdout == "without\n"


def test_any_other_error_is_shown_as_ever(run):
    done = run("-c", "raise ValueError('mine')")
    assert done.stdout.splitlines()[-1] == "ValueError: mine"
