"""Which parts an object came in: kept with it, so that each can be asked for by its number later on.

parts:         8388608x119,1048576     their sizes, those of one size together
sum:of-parts   ZnJlZQ==,Zm91cg==       their checksums, where the upload had any
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from maquette.buckets.obs.parts import Part
from maquette.kernel.ports import ObjectInfo

SIZES, SUMS = "parts:", "sum:of-parts"
_RUN = re.compile(r"(\d{1,15})(?:x(\d{1,5}))?\Z", re.ASCII)


@dataclass(frozen=True)
class Piece:
    """Its number counts from 1, whatever numbers the parts were sent under."""

    number: int
    start: int
    size: int
    sum: str = ""


def kept(parts: Sequence[Part]) -> dict[str, str]:
    runs = [(size, sum(1 for _ in same)) for size, same in groupby(part.size for part in parts)]
    sizes = ",".join(f"{size}x{count}" if count > 1 else str(size) for size, count in runs)
    if not all(part.sum for part in parts):
        return {SIZES: sizes}
    return {SIZES: sizes, SUMS: ",".join(part.sum for part in parts)}


def of(info: ObjectInfo) -> list[Piece]:
    """Empty for an object that came whole, or of which nobody knows."""
    sizes: list[int] = []
    for run in info.metadata.get(SIZES, "").split(","):
        match = _RUN.match(run)
        if not match:
            return []
        sizes += [int(match[1])] * int(match[2] or 1)
    if sum(sizes) != info.size:
        return []
    sums = info.metadata.get(SUMS, "").split(",")
    if len(sums) != len(sizes):
        sums = [""] * len(sizes)
    pieces, start = [], 0
    for number, (size, value) in enumerate(zip(sizes, sums, strict=True), 1):
        pieces.append(Piece(number, start, size, value))
        start += size
    return pieces
