"""Import hooks: `pip` is our front, and a few modules are mended the moment they have been imported.

A mend is named here and loaded only when its module is; a process that never imports torchvision, MindSpore or
TensorFlow pays one dictionary lookup per import. Kept short, see `sitecustomize.py`.
"""

import os
import sys

TYPE_CHECKING = False  # typing itself would take longer to import than all of this
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

MENDS = {
    "torchvision.extension": "torchvision_operators:define_operators",
    "torchvision.ops.boxes": "torchvision_operators:allow_nms",
    "torchvision.ops.roi_align": "torchvision_operators:calm_roi_align",
    "torchvision.io.image": "torchvision_operators:define_image_operators",
    "sklearn": "moved_names:offer",
    "setuptools.command.easy_install": "setup_scripts:develop_in_own_folder",
    "setuptools.command.install": "setup_scripts:install_in_own_folder",
    "torch.serialization": "torch_elsewhere:save_to_addresses",
    "torch.distributed.distributed_c10d": "torch_elsewhere:forgive_nccl",
    "mindspore": "moved_names:offer",
    "mindspore.context": "ascend:redirect_context",
    "mindspore.communication.management": "ascend:forgive_init",
    "mindspore.ops.composite.base": "ascend:take_old_gradients",
    "mindspore.nn.wrap.grad_reducer": "ascend:reduce_alone",
    "mindspore.nn.loss.loss": "ascend:take_old_losses",
    "mindspore.train.model": "ascend:train_in_full_precision",
}


def install(folder: str) -> None:
    """Put the finder first; `folder` is where the `pip` front lies."""
    mends = dict(MENDS)
    if os.environ.get("MAQUETTE_TF_COMPAT") == "1":
        from maquette_sdk.job.startup.tensorflow_compat import OldNames

        sys.meta_path.insert(0, OldNames())
        mends["tensorflow"] = "tensorflow_compat:become_version_1"
    sys.meta_path.insert(0, Finder(folder, mends))
    sys.excepthook = explain


class Finder:
    """Finds the `pip` front, and has the modules mended that need it."""

    def __init__(self, folder: str, mends: "dict[str, str]") -> None:
        self.folder = folder
        self.mends = mends

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if name in self.mends:
            from maquette_sdk.job.startup import mending

            return mending.find_and_mend(self, name, path, target, self.mends[name])
        if name == "pip" and os.environ.get("MAQUETTE_PIP") != "real":
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, [self.folder])
        return None


def explain(kind: "type[BaseException]", value: BaseException, trace: "TracebackType | None") -> None:
    """After the traceback of a missing module that no engine here can offer, say why."""
    sys.__excepthook__(kind, value, trace)
    if isinstance(value, ModuleNotFoundError):
        from maquette_sdk.job.startup import absent

        absent.explain(value.name)
