"""PyTorch scripts written for other machines: checkpoints at `s3://` addresses, and NCCL where there is no GPU."""

from __future__ import annotations

import functools
import sys
from types import ModuleType
from typing import Any

ADDRESSES = ("s3://", "obs://")


def save_to_addresses(serialization: ModuleType) -> None:
    """After `torch.serialization`: `save(x, "s3://…")` goes through moxing once the script has shifted `open`.

    Its own writer is C++ since PyTorch 1.6 and never calls `open`; on ModelArts this worked with the older one.
    """
    original = serialization.save

    @functools.wraps(original)
    def save(obj: Any, f: Any, *args: Any, **options: Any) -> Any:
        if not (isinstance(f, str) and f.startswith(ADDRESSES) and "moxing" in sys.modules):
            return original(obj, f, *args, **options)
        with sys.modules["moxing"].file.File(f, "wb") as file:
            return original(obj, file, *args, **options)

    serialization.save = save  # type: ignore[attr-defined]


def forgive_nccl(c10d: ModuleType) -> None:
    """After `torch.distributed.distributed_c10d`: without a GPU the backend nccl is gloo, and it is said."""
    original = c10d.init_process_group

    @functools.wraps(original)
    def init_process_group(backend: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(backend, str) and backend.lower() == "nccl" and not gpu_here():
            sys.stderr.write("[Maquette] There is no GPU in this run: torch.distributed takes gloo instead of nccl.\n")
            backend = "gloo"
        return original(backend, *args, **options)

    c10d.init_process_group = init_process_group  # type: ignore[attr-defined]


def gpu_here() -> bool:
    import torch

    return bool(torch.cuda.is_available())
