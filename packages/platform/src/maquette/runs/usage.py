"""What a run has used over its life: the samples of all its tries, thinned to what a chart shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from maquette.kernel.context import Platform
from maquette.runs.actions import folders
from maquette.runs.domain import Run
from maquette_sdk.job import folder as files

MOST_POINTS = 500
Sample = dict[str, Any]


@dataclass(frozen=True)
class GpuPoint:
    index: int
    percent: float
    memory_bytes: int
    memory_total_bytes: int


@dataclass(frozen=True)
class Point:
    """Use around one moment: of CPU, disks and GPUs the mean, of memory, processes and threads the most."""

    at: float
    cpu_percent: float
    memory_bytes: int
    processes: int
    threads: int
    read_bytes_per_second: float
    write_bytes_per_second: float
    gpus: Sequence[GpuPoint] = ()


@dataclass(frozen=True)
class Usage:
    """`cpu_seconds` and `peak_memory_bytes` are over all tries."""

    points: Sequence[Point]
    cpu_seconds: float
    peak_memory_bytes: int


def usage(ctx: Platform, run: Run, most: int = MOST_POINTS) -> Usage:
    """Also while it runs. Samples lie closer together at the beginning of a run than in its later life."""
    tries = [list(samples(folder.path / files.USAGE)) for folder in folders(ctx, run)]
    tries = [one for one in tries if one]
    for one in tries:
        add_rates(one)
    together = [sample for one in tries for sample in one]
    size = -(-len(together) // most) or 1
    return Usage(
        points=[point_of(together[start : start + size], run) for start in range(0, len(together), size)],
        cpu_seconds=sum(one[-1]["cpu_seconds"] for one in tries),
        peak_memory_bytes=max([run.peak_memory_bytes, *(sample["memory_bytes"] for sample in together)]),
    )


def samples(path: Any) -> Iterator[Sample]:
    if not path.exists():
        return
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return  # the last line, which is being written


def add_rates(tried: list[Sample]) -> None:
    """Counters tell of living processes only, so they fall when one ends; then nothing is known of the rate."""
    before = None
    for sample in tried:
        for name in ("read_bytes", "write_bytes"):
            seconds = sample["time"] - before["time"] if before else 0.0
            grown = sample[name] - before[name] if before else 0
            sample[f"{name}_per_second"] = max(0, grown) / seconds if seconds > 0 else 0.0
        before = sample


def point_of(some: Sequence[Sample], run: Run) -> Point:
    return Point(
        at=some[-1]["time"],
        cpu_percent=mean(some, "cpu_percent"),
        memory_bytes=max(sample["memory_bytes"] for sample in some),
        processes=max(sample["processes"] for sample in some),
        threads=max(sample["threads"] for sample in some),
        read_bytes_per_second=mean(some, "read_bytes_per_second"),
        write_bytes_per_second=mean(some, "write_bytes_per_second"),
        gpus=[gpu_point(some, index) for index in run.gpu_ids],
    )


def gpu_point(some: Sequence[Sample], index: int) -> GpuPoint:
    told = [gpu for sample in some for gpu in sample.get("gpus", ()) if gpu["index"] == index]
    return GpuPoint(
        index=index,
        percent=mean(told, "percent"),
        memory_bytes=max((gpu.get("memory_bytes", 0) for gpu in told), default=0),
        memory_total_bytes=max((gpu.get("memory_total_bytes", 0) for gpu in told), default=0),
    )


def mean(some: Sequence[Sample], name: str) -> float:
    values = [sample[name] for sample in some if name in sample]
    return round(sum(values) / len(values), 2) if values else 0.0
