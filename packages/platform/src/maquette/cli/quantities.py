"""Sizes and times as people write them."""

from __future__ import annotations

import re

from maquette.kernel.context import Context
from maquette.kernel.errors import BadInput

SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def read_size(text: str | None, field: str) -> int | None:
    """Bytes of `4GB`, `512MiB`, `2g`; None for None."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?", text.strip().lower())
    if not found or float(found.group(1)) == 0:
        raise BadInput(f"--{field} {text!r} is not a size. Write it like 4GB or 512MiB.", field=field)
    return int(float(found.group(1)) * SIZES[found.group(2) or ""])


def read_seconds(text: str | None, field: str) -> float | None:
    """Seconds of `90s`, `30m`, `2h`; None for None."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip().lower())
    if not found or float(found.group(1)) == 0:
        raise BadInput(f"--{field} {text!r} is not a time. Write it like 90s, 30m or 2h.", field=field)
    return float(found.group(1)) * SECONDS[found.group(2)]


def without_gpus(ctx: Context, wanted: int) -> list[str]:
    """What to tell when more GPUs are asked for than there are."""
    there = ctx.executor.capacity().gpus
    if wanted <= there:
        return []
    return [f"--gpus {wanted}: this machine has {there or 'no'} NVIDIA GPU{'s' if there > 1 else ''} that runs can use"]


def size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
