"""Samples what a run uses, one JSON line each: CPU, memory, processes, disk, GPU."""

from __future__ import annotations

import ctypes
import json
import os
import time
from typing import Any, Dict, List, Optional

from maquette_sdk.job import processes
from maquette_sdk.job.limits import proportional_bytes

FIRST_SECONDS = 0.5
SHARE_OF_LIFE = 300  # a run of five minutes is sampled each second, one of an hour every 12 s
LONGEST_SECONDS = 30.0
SHARE_OF_TIME = 50  # counting shared pages may take a fiftieth of our time: big processes are slow to count


class Usage:
    """Writes samples to `path`, `interval` seconds apart at first and further apart in long runs."""

    def __init__(self, path: str, interval: float, gpus: Optional[Gpus] = None) -> None:
        self.path = path
        self.interval = interval
        self.gpus = gpus
        self.began = time.monotonic()
        self.next = self.began + min(FIRST_SECONDS, interval)
        self.peak_memory_bytes = 0
        self.reaped_seconds = 0.0
        self.last_cpu = (self.began, 0.0)
        self.count_pages_after = 0.0

    def sample(self, entries: List[processes.Entry]) -> None:
        """Measures the processes of the run and appends a line. Raises OSError when the disk is full."""
        now = time.monotonic()
        life = now - self.began
        self.next = now + min(LONGEST_SECONDS, max(self.interval, life / SHARE_OF_LIFE))
        line = self.measure(entries, now)
        self.seen(line["memory_bytes"])
        with open(self.path, "a", encoding="ascii") as file:
            file.write(json.dumps(line) + "\n")

    def measure(self, entries: List[processes.Entry], now: float) -> Dict[str, Any]:
        cpu = self.reaped_seconds + sum(entry.cpu_ticks for entry in entries) / processes.TICKS_PER_SECOND
        elapsed = max(now - self.last_cpu[0], 1e-3)
        percent = 100 * max(0.0, cpu - self.last_cpu[1]) / elapsed
        self.last_cpu = (now, cpu)
        resident = sum(entry.resident_bytes for entry in entries)
        line: Dict[str, Any] = {
            "time": round(time.time(), 3),
            "cpu_seconds": round(cpu, 2),
            "cpu_percent": round(percent, 1),
            "memory_bytes": resident,
            "processes": len(entries),
            "threads": sum(entry.threads for entry in entries),
        }
        if len(entries) > 1 and now > self.count_pages_after:
            line["memory_bytes"] = sum(proportional_bytes(entry) for entry in entries)
            self.count_pages_after = now + SHARE_OF_TIME * (time.monotonic() - now)
        line.update(disk_bytes(entries))
        if self.gpus is not None:
            line["gpus"] = self.gpus.sample()
        return line

    def reaped(self, seconds: float, largest_bytes: int) -> None:
        """Counts in a process of the run that has ended and is no longer in the process table."""
        self.reaped_seconds += seconds
        self.seen(largest_bytes)

    def seen(self, memory_bytes: int) -> None:
        self.peak_memory_bytes = max(self.peak_memory_bytes, memory_bytes)


def disk_bytes(entries: List[processes.Entry]) -> Dict[str, int]:
    """What the processes have read from and written to disks; those we may not look into are left out."""
    total = {"read_bytes": 0, "write_bytes": 0}
    for entry in entries:
        try:
            with open("/proc/{}/io".format(entry.pid), encoding="ascii") as file:
                for line in file:
                    name, _, value = line.partition(": ")
                    if name in total:
                        total[name] += int(value)
        except OSError:
            continue
    return total


class Gpus:
    """NVIDIA's own counters (NVML), called directly: starting `nvidia-smi` for each sample costs too much."""

    class Utilisation(ctypes.Structure):
        _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]

    class Memory(ctypes.Structure):
        _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]

    def __init__(self, library: str = "libnvidia-ml.so.1") -> None:
        """Raises OSError where there is no such driver."""
        self.nvml = ctypes.CDLL(library)
        self.check(self.nvml.nvmlInit_v2())
        count = ctypes.c_uint()
        self.check(self.nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)))
        self.devices = [self.device(index) for index in range(count.value)]

    def device(self, index: int) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        self.check(self.nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)))
        return handle

    def sample(self) -> List[Dict[str, int]]:
        """One entry per GPU of the machine; a figure that a device does not tell is left out."""
        found = []
        for index, handle in enumerate(self.devices):
            utilisation, memory = self.Utilisation(), self.Memory()
            told: Dict[str, int] = {"index": index}
            if self.nvml.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(utilisation)) == 0:
                told["percent"] = utilisation.gpu
            if self.nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0:
                told.update(memory_bytes=memory.used, memory_total_bytes=memory.total)
            found.append(told)
        return found

    def check(self, code: int) -> None:
        if code != 0:
            raise OSError("NVML answers with error {}.".format(code))


def gpus_of_this_machine(wanted: int) -> Optional[Gpus]:
    """The counters when the run has GPUs and the driver is there."""
    if wanted < 1 or not os.path.exists("/dev/nvidiactl"):
        return None
    try:
        return Gpus()
    except OSError:
        return None
