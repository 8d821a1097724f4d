"""What a version's run used, minute by minute, as lists of numbers in texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from maquette.runs.domain import Needs
from maquette.runs.usage import samples as samples_in

NAMES = (
    "cpuUsage", "memUsage", "gpuUtil", "gpuMemUsage", "diskReadRate", "diskWriteRate", "recvBytesRate", "sendBytesRate",
)  # fmt: skip
MOST_MINUTES = 7 * 24 * 60
Sample = Mapping[str, Any]


def usage_by_minute(files: Iterable[Path], needs: Needs) -> dict[str, Any]:
    """Percentages of what the flavour allows, and bytes a second. The network is not measured, so it has no numbers."""
    samples = [sample for file in files for sample in samples_in(file)]
    found: dict[str, Any] = {name: [] for name in NAMES}
    for minute in minutes_of(samples):
        for name, value in figures(minute, needs).items():
            found[name].append(f"{value:.2f}")
    return {**found, "interval": 1}


def minutes_of(samples: Sequence[Sample]) -> list[list[Sample]]:
    """The samples of each minute since the first, none left out where the samples lie further apart."""
    if not samples:
        return []
    first = samples[0]["time"]
    count = min(int((samples[-1]["time"] - first) // 60) + 1, MOST_MINUTES)
    minutes: list[list[Sample]] = [[] for _ in range(max(count, 1))]
    for sample in samples:
        index = int((sample["time"] - first) // 60)
        if 0 <= index < len(minutes):
            minutes[index].append(sample)
    return minutes


def figures(minute: Sequence[Sample], needs: Needs) -> dict[str, float]:
    if not minute:
        return dict.fromkeys(NAMES[:6], 0.0)
    seconds = max(minute[-1]["time"] - minute[0]["time"], 1.0)
    gpus = [gpu for sample in minute for gpu in sample.get("gpus", ())]
    return {
        "cpuUsage": mean(sample["cpu_percent"] for sample in minute) / needs.cores,
        "memUsage": 100 * mean(sample["memory_bytes"] for sample in minute) / needs.memory_bytes,
        "gpuUtil": mean(gpu.get("percent", 0) for gpu in gpus),
        "gpuMemUsage": mean(100 * gpu["memory_bytes"] / gpu["memory_total_bytes"] for gpu in gpus if memory_known(gpu)),
        "diskReadRate": grown(minute, "read_bytes") / seconds,
        "diskWriteRate": grown(minute, "write_bytes") / seconds,
    }


def memory_known(gpu: Mapping[str, Any]) -> bool:
    return bool(gpu.get("memory_total_bytes"))


def grown(minute: Sequence[Sample], name: str) -> float:
    """How much a counter grew; it falls when a process ends and takes its part along."""
    values = [sample.get(name, 0) for sample in minute]
    return float(sum(max(0, after - before) for before, after in pairwise(values)))


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
