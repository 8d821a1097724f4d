"""A script for Ascend cards runs on what is here, and the log says so."""

from __future__ import annotations

import pytest

MINDSPORE = {
    "mindspore/__init__.py": "from mindspore import context\nfrom mindspore.context import set_context\n",
    "mindspore/context.py": (
        "calls = []\ndef set_context(**options):\n    calls.append(options)\nset_auto_parallel_context = set_context\n"
    ),
    "mindspore/communication/__init__.py": "from mindspore.communication.management import init\n",
    "mindspore/communication/management.py": (
        "calls = []\ndef init(backend_name=None):\n    calls.append(backend_name)\n"
        "def get_rank(group='world'):\n    raise RuntimeError('not inited')\nget_group_size = release = get_rank\n"
    ),
    "mindspore/nn/__init__.py": "",
    "mindspore/nn/wrap/__init__.py": "",
    "mindspore/nn/wrap/grad_reducer.py": (
        "class Cell: pass\nclass DistributedGradReducer(Cell):\n"
        "    def __init__(self, parameters, mean=None, degree=None): pass\n"
        "    def construct(self, grads): return 'reduced'\n"
    ),
    "mindspore/nn/loss/__init__.py": "from mindspore.nn.loss.loss import SoftmaxCrossEntropyWithLogits\n",
    "mindspore/nn/loss/loss.py": (
        "class SoftmaxCrossEntropyWithLogits:\n"
        "    def __init__(self, sparse=False, reduction='none'): self.taken = sparse, reduction\n"
    ),
    "mindspore/ops/__init__.py": "",
    "mindspore/ops/composite/__init__.py": "from mindspore.ops.composite.base import GradOperation\n",
    "mindspore/ops/composite/base.py": (
        "class GradOperation:\n"
        "    def __init__(self, get_all=False, get_by_list=False): self.taken = get_all, get_by_list\n"
    ),
    "mindspore/dataset/__init__.py": "",
    "mindspore/dataset/transforms/__init__.py": "",
    "mindspore/dataset/vision/__init__.py": "Inter = 'how to resize'\n",
    "mindspore/dataset/vision/c_transforms.py": "class Resize: pass\n",
    "mindspore/train/__init__.py": "",
    "mindspore/train/model.py": (
        "class Model:\n    def __init__(self, network, amp_level='O0', **more):\n"
        "        self.level, self.more = amp_level, more\n"
        "class Scale:\n    def __init__(self, drops): self.drops = drops\n"
        "    def get_drop_overflow_update(self): return self.drops\n"
    ),
}


@pytest.fixture
def script(run, modules):
    """What a script prints with a stand-in for MindSpore that notes how it is called."""
    folder = modules(MINDSPORE)
    return lambda code, **more: run(
        "-c", code, check=0, PYTHONPATH=f"{run.variables['PYTHONPATH']}:{folder}", **more
    ).stdout.splitlines()


SHOW = "\nfrom mindspore import context; print(context.calls)"


def test_ascend_becomes_the_cpu_with_a_line_in_the_log(script):
    code = "from mindspore import context\ncontext.set_context(mode=0, device_target='Ascend', device_id=3)"
    said = script(code + SHOW)
    assert "[Maquette] There are no Ascend cards here: device_target='Ascend' runs on the CPU." in said
    assert "[Maquette] device_id=3 is ignored on the CPU." in said
    assert said[-1] == "[{'mode': 0, 'device_target': 'CPU'}]"


def test_every_name_of_the_function_is_redirected(script):
    said = script("import mindspore\nmindspore.set_context(device_target='Ascend')" + SHOW)
    assert said[-1] == "[{'device_target': 'CPU'}]"


def test_a_gpu_that_is_not_here_becomes_the_cpu(script):
    said = script("import mindspore\nmindspore.context.set_context(device_target='GPU')" + SHOW)
    assert said[-1] == "[{'device_target': 'CPU'}]"


def test_the_same_line_is_said_once(script):
    said = script("import mindspore as m\nfor _ in 'ab': m.context.set_context(device_target='Ascend')")
    assert len([line for line in said if "no Ascend cards" in line]) == 1


def test_a_script_that_asks_for_the_cpu_is_left_alone(script):
    said = script("import mindspore\nmindspore.context.set_context(device_target='CPU', mode=1)" + SHOW)
    assert said == ["[{'device_target': 'CPU', 'mode': 1}]"]


def test_a_rank_table_is_ignored(script):
    said = script("import os, mindspore; print('RANK_TABLE_FILE' in os.environ)", RANK_TABLE_FILE="/nowhere.json")
    assert said[-1] == "False"
    assert "RANK_TABLE_FILE describes Ascend cards and is ignored" in said[0]


def test_init_for_one_process_does_nothing(script):
    code = "from mindspore.communication import init, management\ninit('hccl'); init(); print(management.calls)"
    assert script(code)[-1] == "[]"


def test_after_an_init_that_did_nothing_the_group_has_one_process(script):
    code = "from mindspore.communication.management import init, get_rank, get_group_size, release\ninit()\n"
    assert script(code + "print(get_rank(), get_group_size(group='hccl_world_group'), release())")[-1] == "0 1 None"


def test_who_asks_for_a_rank_without_init_hears_the_frameworks_error(script):
    code = "from mindspore.communication.management import get_rank\n"
    code += "try:\n    get_rank()\nexcept RuntimeError as error: print(error)"
    assert script(code)[-1] == "not inited"


@pytest.mark.parametrize(("size", "taken"), [("1", "stand_alone"), ("", "stand_alone"), ("2", "data_parallel")])
def test_one_process_has_no_parallel_mode(script, size, taken):
    code = (
        "from mindspore import context\ncontext.set_auto_parallel_context(parallel_mode='data_parallel', device_num=1)"
    )
    said = script(code + SHOW, RANK_SIZE=size)
    assert said[-1] == f"[{{'parallel_mode': '{taken}', 'device_num': 1}}]"
    told = "[Maquette] parallel_mode='data_parallel' is left out: this run has one process."
    assert (told in said) == (taken == "stand_alone")


@pytest.mark.parametrize("name", ["parameter_broadcast", "enable_parallel_optimizer", "full_batch"])
@pytest.mark.parametrize(("size", "taken"), [("1", False), ("2", True)])
def test_one_process_neither_broadcasts_nor_shares(script, name, size, taken):
    code = f"import mindspore\nmindspore.context.set_auto_parallel_context({name}=True, gradients_mean=True)"
    said = script(code + SHOW, RANK_SIZE=size)
    assert said[-1] == str([{name: taken, "gradients_mean": True}])
    assert (f"[Maquette] {name}=True is left out: this run has one process." in said) != taken


@pytest.mark.parametrize(("size", "given"), [("1", "grads"), ("2", "reduced")])
def test_gradients_of_one_process_are_handed_on_as_they_are(script, size, given):
    code = "from mindspore.nn.wrap.grad_reducer import DistributedGradReducer\n"
    said = script(code + "print(DistributedGradReducer([], True, 1).construct('grads'))", RANK_SIZE=size)
    assert said[-1] == given


def test_init_for_several_processes_is_the_frameworks_business(script):
    code = "from mindspore.communication.management import init, calls\ninit('nccl'); print(calls)"
    assert script(code, RANK_SIZE="2")[-1] == "['nccl']"


@pytest.mark.parametrize(("level", "taken"), [("O2", "O0"), ("auto", "O0"), ("O3", "O3"), ("O0", "O0")])
def test_mixed_precision_that_the_cpu_lacks_is_full_precision(script, level, taken):
    said = script(f"from mindspore.train.model import Model\nprint(Model(1, amp_level='{level}').level)")
    assert said[-1] == taken
    assert any("amp_level" in line for line in said) == (level != taken)


@pytest.mark.parametrize(("drops", "kept"), [(True, False), (False, True)])
def test_full_precision_needs_no_scale_that_follows_overflows(script, drops, kept):
    code = (
        f"from mindspore.train.model import Model, Scale\nprint(list(Model(1, loss_scale_manager=Scale({drops})).more))"
    )
    said = script(code)
    assert said[-1] == (str(["loss_scale_manager"]) if kept else "[]")
    assert any("loss_scale_manager is left out" in line for line in said) != kept


def test_settings_of_the_first_releases_are_left_out_and_renamed(script):
    code = (
        "from mindspore import context\n"
        "context.set_context(enable_task_sink=True, device_id=0)\ncontext.set_context(enable_loop_sink=True, mode=0)\n"
        "context.set_auto_parallel_context(mirror_mean=True, cast_before_mirror=False)"
    )
    assert script(code + SHOW)[-1] == str([{}, {"mode": 0}, {"gradients_mean": True, "gradient_fp32_sync": False}])


def test_graph_kernels_are_left_out_on_the_cpu(script):
    said = script("import mindspore\nmindspore.context.set_context(enable_graph_kernel=True)" + SHOW)
    assert said[-1] == "[{'enable_graph_kernel': False}]"
    assert "[Maquette] enable_graph_kernel=True is left out: its compiler is not there for the CPU." in said


@pytest.mark.parametrize(("written", "said"), [("False", "(True, 'mean')"), ("True", "is_grad")])
def test_a_loss_of_the_first_releases_may_say_what_it_is_anyway(script, written, said):
    code = (
        "from mindspore.nn.loss import SoftmaxCrossEntropyWithLogits as Loss\n"
        f"try: print(Loss(is_grad={written}, sparse=True, reduction='mean').taken)\n"
        "except TypeError as error: print(error)"
    )
    assert said in script(code)[-1]


@pytest.mark.parametrize(
    ("arguments", "taken"),
    [("'grad', get_by_list=True", "(False, True)"), ("'grad', True", "(True, False)"), ("True", "(True, False)")],
)
def test_a_gradient_of_the_first_releases_may_have_a_name(script, arguments, taken):
    code = f"from mindspore.ops import composite as C\nprint(C.GradOperation({arguments}).taken)"
    assert script(code)[-1] == taken


def test_transforms_of_pictures_are_found_where_the_first_releases_had_them_and_are_the_same(script):
    code = (
        "import mindspore.dataset.transforms.vision.c_transforms as old\n"
        "from mindspore.dataset.transforms.vision import Inter\n"
        "import mindspore.dataset.vision.c_transforms as new\nprint(old is new, Inter)"
    )
    assert script(code)[-1] == "True how to resize"


def test_transforms_that_a_release_has_no_more_are_missing_under_their_old_name_too(script):
    code = (
        "try: import mindspore.dataset.transforms.vision.py_transforms\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    assert "py_transforms" in script(code)[-1]
