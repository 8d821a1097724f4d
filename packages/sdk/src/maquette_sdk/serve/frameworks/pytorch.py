"""Running PyTorch networks in a service."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any


def load_whole_networks() -> None:
    """Lets `torch.load(path)` read what it read before PyTorch 2.6: checkpoints that hold more than weights. The
    package's code may run anything anyway; a `weights_only` that it says itself stays as said."""
    os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")


def without_gradients() -> Any:
    """A context in which PyTorch keeps nothing for training, where it is loaded at all."""
    torch = sys.modules.get("torch")
    return torch.no_grad() if torch is not None else contextlib.nullcontext()


def why_alone(network: Any) -> str:
    """What keeps requests from going through this network together, in words; empty where nothing does."""
    modules = getattr(network, "modules", None)
    if not callable(modules):
        return ""
    names = {type(one).__name__ for one in modules() if getattr(one, "training", False)}
    told = sorted(name for name in names if any(part in name for part in IN_TRAINING))
    if not told:
        return ""
    return "its {} is in training mode; call self.model.eval() when it is built".format(told[0])


IN_TRAINING = ("BatchNorm", "InstanceNorm", "Dropout", "RReLU")
"""Layers that do something else in training mode, with the whole batch or by chance."""
