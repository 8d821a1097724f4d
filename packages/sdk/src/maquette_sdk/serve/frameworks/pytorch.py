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
