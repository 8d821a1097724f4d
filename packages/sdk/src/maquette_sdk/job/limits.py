"""Holds a run to its memory, processes and time: by control groups where we may make them, else by watching."""

from __future__ import annotations

import os
import resource
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from maquette_sdk.job import groups, processes
from maquette_sdk.job.sentences import say

WATCH_SECONDS = 0.2
SPARE_PROCESSES = 64  # the hard bound lies a little above the limit, so that the watch sees who crosses it


class Crossed(NamedTuple):
    """A limit that was crossed: the cause's name in exit.json, and a sentence."""

    cause: str
    message: str


class Limits:
    """The limits of one run. `overhead` is the number of processes that the sandbox itself needs."""

    def __init__(self, values: Dict[str, Any], name: str, overhead: int = 0) -> None:
        self.memory: Optional[int] = values.get("memory_bytes")
        self.processes: Optional[int] = values.get("processes")
        self.seconds: Optional[float] = values.get("seconds")
        self.grace_seconds = float(values.get("grace_seconds", 10.0))
        self.overhead = overhead
        self.groups = self.make_groups(name)
        self.deadline: Optional[float] = None
        self.peak_memory_bytes = 0

    def make_groups(self, name: str) -> Dict[str, groups.Group]:
        wanted = [groups.MEMORY] * (self.memory is not None) + [groups.PIDS] * (self.processes is not None)
        if not wanted:
            return {}
        made = groups.make(name, wanted, groups.machine())
        for controller, group in list(made.items()):
            try:
                if controller == groups.MEMORY and self.memory is not None:
                    group.limit_memory(self.memory)
                if controller == groups.PIDS and self.processes is not None:
                    group.limit_processes(self.processes + self.overhead)
            except OSError:
                # The tree is there but may not be used: this limit is watched instead.
                del made[controller]
                if group not in made.values():
                    groups.remove(group.path)
        return made

    def paths(self) -> List[str]:
        return sorted({group.path for group in self.groups.values()})

    def enter(self) -> None:
        """Called in the child before it becomes the run."""
        for path in self.paths():
            groups.join(path)
        if self.processes is not None and groups.PIDS not in self.groups:
            bound = self.processes + self.overhead + SPARE_PROCESSES + tasks_of(os.getuid())
            hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
            soft = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
            resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))

    def started(self) -> None:
        if self.seconds is not None:
            self.deadline = time.monotonic() + self.seconds

    def needs_watching(self) -> bool:
        return self.memory is not None or self.processes is not None

    def crossed(self, find: Callable[[], List[processes.Entry]]) -> Optional[Crossed]:
        """The limit that the run has crossed, if any; `find` lists its processes."""
        crossed = self.told_by_kernel()
        if crossed is not None:
            return crossed
        if self.memory is not None and groups.MEMORY not in self.groups:
            used = memory_used(find(), self.memory)
            self.peak_memory_bytes = max(self.peak_memory_bytes, used)
            if used > self.memory:
                return too_much_memory(used, self.memory)
        if self.processes is not None and groups.PIDS not in self.groups:
            count = sum(entry.threads for entry in find()) - self.overhead
            if count > self.processes:
                return too_many_processes(self.processes)
        return self.out_of_time()

    def told_by_kernel(self) -> Optional[Crossed]:
        memory = self.groups.get(groups.MEMORY)
        if memory is not None and self.memory is not None and memory.memory_kills():
            self.peak_memory_bytes = self.memory
            return too_much_memory(self.memory, self.memory)
        pids = self.groups.get(groups.PIDS)
        if pids is not None and self.processes is not None and pids.refused_forks():
            return too_many_processes(self.processes)
        return None

    def out_of_time(self) -> Optional[Crossed]:
        if self.deadline is None or self.seconds is None or time.monotonic() < self.deadline:
            return None
        return Crossed("time", say("time", allowed=duration(self.seconds)))

    def forbid_forks(self) -> None:
        """Before the end: nothing in the group can start anything any more."""
        pids = self.groups.get(groups.PIDS)
        if pids is not None:
            pids.limit_processes(0)

    def remove(self) -> List[str]:
        """Removes the groups; returns what could not be removed."""
        return [problem for problem in map(groups.remove, self.paths()) if problem is not None]


def tasks_of(user: int) -> int:
    """How many processes and threads the user has already; the kernel's bound counts them all."""
    if user == 0:
        return 0
    return sum(entry.threads for entry in processes.table().values() if processes.owner(entry.pid) == user)


def memory_used(entries: List[processes.Entry], enough: int) -> int:
    """Bytes of memory; pages that processes share are counted once, which is looked at only above `enough`."""
    resident = sum(entry.resident_bytes for entry in entries)
    if resident <= enough:
        return resident
    return sum(proportional_bytes(entry) for entry in entries)


def proportional_bytes(entry: processes.Entry) -> int:
    """A process's share of the pages it uses; all of them where the kernel does not let us look."""
    try:
        with open("/proc/{}/smaps_rollup".format(entry.pid), "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return entry.resident_bytes
    return entry.resident_bytes


def too_much_memory(used: int, allowed: int) -> Crossed:
    if used <= allowed:
        return Crossed("memory", say("all_memory", allowed=size(allowed)))
    return Crossed("memory", say("memory", used=size(used), allowed=size(allowed)))


def too_many_processes(allowed: int) -> Crossed:
    return Crossed("processes", say("processes", allowed=allowed))


def size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return "{:.0f} {}".format(count, unit)
        count /= 1000
    return "{:.1f} GB".format(count)


def duration(seconds: float) -> str:
    if seconds < 120:
        return "{:g} s".format(seconds)
    if seconds < 7200:
        return "{:g} min".format(round(seconds / 60, 1))
    return "{:g} h".format(round(seconds / 3600, 1))
