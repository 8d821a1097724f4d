"""MindSpore scripts written for Ascend cards: their device becomes the one that is here, with a line in the log."""

from __future__ import annotations

import functools
import os
import sys
from types import ModuleType
from typing import Any, Callable

TOLD: set[str] = set()  # each line once per process
CLUSTER_VARIABLES = ("RANK_TABLE_FILE", "MINDSPORE_HCCL_CONFIG_PATH")
ONE_PROCESS = {
    "get_rank": 0, "get_local_rank": 0, "get_group_size": 1, "get_local_rank_size": 1,
    "get_world_rank_from_group_rank": 0, "get_group_rank_from_world_rank": 0, "release": None,
}  # fmt: skip
"""What is asked of a group that has one process, and the answers."""
OF_SEVERAL_PROCESSES = ("parameter_broadcast", "enable_parallel_optimizer", "full_batch")
"""What training dies of where the parallel mode is left out."""
OF_THE_FIRST_RELEASES = ("enable_task_sink", "enable_loop_sink", "enable_mem_reuse", "enable_ir_fusion")
"""Settings of 0.x that are always on since, and that `set_context` refuses."""
RENAMED = {"mirror_mean": "gradients_mean", "cast_before_mirror": "gradient_fp32_sync"}
ASCEND_ONLY = ("device_id", "enable_hccl", "variable_memory_max_size", "ascend_config", "max_device_memory")


def redirect_context(context: ModuleType) -> None:
    """After `mindspore.context`: `device_target="Ascend"` means the GPU or CPU of this machine."""
    for name in CLUSTER_VARIABLES:
        if os.environ.pop(name, None):
            tell("{} describes Ascend cards and is ignored.".format(name))
    original = getattr(context, "set_context", None)
    if original is not None:
        context.set_context = redirected(original)  # type: ignore[attr-defined]
    parallel = getattr(context, "set_auto_parallel_context", None)
    if parallel is not None:
        context.set_auto_parallel_context = alone_in_parallel(parallel)  # type: ignore[attr-defined]


def redirected(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def set_context(*args: Any, **options: Any) -> Any:
        return original(*args, **at_home(options))

    # MindSpore marks functions with attributes that its checks look for; `wraps` copies them.
    return set_context


def alone_in_parallel(original: Callable[..., Any]) -> Callable[..., Any]:
    """A parallel mode puts operators into the network that ask Ascend's library even where one process is all there is:
    2.0 refuses them on the CPU, 2.10 dies of them."""

    @functools.wraps(original)
    def set_auto_parallel_context(**options: Any) -> Any:
        options = {RENAMED.get(name, name): value for name, value in options.items()}
        return original(**(alone(options) if has_one_process() else options))

    return set_auto_parallel_context


def alone(options: dict[str, Any]) -> dict[str, Any]:
    """The options without what asks for other processes."""
    mode = options.get("parallel_mode")
    if mode not in (None, "stand_alone"):
        tell("parallel_mode='{}' is left out: this run has one process.".format(mode))
        options = dict(options, parallel_mode="stand_alone")
    for name in OF_SEVERAL_PROCESSES:
        if options.get(name):
            tell("{}=True is left out: this run has one process.".format(name))
            options = dict(options, **{name: False})
    return options


def has_one_process() -> bool:
    return int(os.environ.get("RANK_SIZE", "1") or 1) <= 1


def at_home(options: dict[str, Any]) -> dict[str, Any]:
    """The options without what only Ascend has."""
    device = device_here()
    target = options.get("device_target")
    options = {name: value for name, value in options.items() if name not in OF_THE_FIRST_RELEASES}
    if target in ("Ascend", "Davinci"):
        tell("There are no Ascend cards here: device_target='{}' runs on the {}.".format(target, device))
        options = dict(options, device_target=device)
    elif target == "GPU" and device == "CPU":
        tell("There is no GPU in this run: device_target='GPU' runs on the CPU.")
        options = dict(options, device_target=device)
    if device == "CPU" and options.get("enable_graph_kernel"):
        tell("enable_graph_kernel=True is left out: its compiler is not there for the CPU.")
        options = dict(options, enable_graph_kernel=False)
    if device == "CPU" and "device_id" in options:
        tell("device_id={} is ignored on the CPU.".format(options["device_id"]))
    if device == "CPU" or target in ("Ascend", "Davinci"):
        options = {name: value for name, value in options.items() if name not in ASCEND_ONLY}
    return options


def forgive_init(management: ModuleType) -> None:
    """After `mindspore.communication.management`: `init()` for Ascend's library in a single process does nothing, and
    who asks afterwards is told of a group of one."""
    skipped: list[bool] = []
    for name, answer in ONE_PROCESS.items():
        if hasattr(management, name):
            setattr(management, name, answering(getattr(management, name), answer, skipped))
    original = getattr(management, "init", None)
    if original is None:
        return

    @functools.wraps(original)
    def init(backend_name: Any = None) -> Any:
        if not has_one_process():
            return original(backend_name)
        skipped.append(True)
        tell("communication.init({}) is skipped: this run has one process.".format(backend_name or ""))
        return None

    management.init = init  # type: ignore[attr-defined]


def answering(original: Callable[..., Any], answer: Any, skipped: list[bool]) -> Callable[..., Any]:
    @functools.wraps(original)
    def answered(*args: Any, **options: Any) -> Any:
        return answer if skipped else original(*args, **options)

    return answered


def reduce_alone(module: ModuleType) -> None:
    """After `mindspore.nn.wrap.grad_reducer`: gradients of one process are summed with nobody's."""
    if not has_one_process():
        return

    class DistributedGradReducer(module.Cell):  # type: ignore[name-defined, misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__()
            tell("DistributedGradReducer hands gradients on as they are: this run has one process.")

        def construct(self, grads):  # type: ignore[no-untyped-def]  # MindSpore compiles this text itself
            return grads

    module.DistributedGradReducer = DistributedGradReducer  # type: ignore[attr-defined]


def train_in_full_precision(model: ModuleType) -> None:
    """After `mindspore.train.model`: mixed precision needs a loss scale that the CPU cannot have."""
    original = model.Model.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **(options if device_here() == "GPU" else in_full_precision(options)))

    model.Model.__init__ = init


def in_full_precision(options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Model` that the CPU can follow."""
    level = options.get("amp_level")
    if level in ("O2", "auto"):
        tell("amp_level='{}' is for Ascend and GPUs: the CPU trains in full precision (O0).".format(level))
        options = dict(options, amp_level="O0")
    # Without dropped updates the optimizer divides by the same scale, so that one stays.
    manager = options.get("loss_scale_manager")
    if manager is not None and manager.get_drop_overflow_update():
        tell("loss_scale_manager is left out: in full precision, as the CPU trains, nothing overflows.")
        options = {name: value for name, value in options.items() if name != "loss_scale_manager"}
    return options


def take_old_losses(module: ModuleType) -> None:
    """After `mindspore.nn.loss.loss`: scripts of 0.x say `is_grad=False`, which is all there is since."""
    loss = module.SoftmaxCrossEntropyWithLogits
    original = loss.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:
        if options.get("is_grad") is False:
            del options["is_grad"]
        original(self, *args, **options)

    loss.__init__ = init


def take_old_gradients(module: ModuleType) -> None:
    """After `mindspore.ops.composite.base`: in 0.x the first argument of `GradOperation` was a name."""
    original = module.GradOperation.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **options: Any) -> None:
        named = bool(args) and isinstance(args[0], str)
        original(self, *(args[1:] if named else args), **options)

    module.GradOperation.__init__ = init


def device_here() -> str:
    return "GPU" if os.path.exists("/dev/nvidiactl") else "CPU"


def tell(line: str) -> None:
    if line not in TOLD:
        TOLD.add(line)
        sys.stderr.write("[Maquette] {}\n".format(line))
