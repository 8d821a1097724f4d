"""Control groups (cgroups, v1 and v2): the kernel's own way to hold a run's memory and processes to a limit."""

from __future__ import annotations

import os
import re
import time
from typing import Dict, Iterator, List, NamedTuple, Optional

MEMORY = "memory"
PIDS = "pids"


class Hierarchy(NamedTuple):
    """A mounted tree of groups: which controllers it has, where it is mounted, and our own group in it."""

    version: int
    controllers: List[str]
    mount: str
    own: str


class Group(NamedTuple):
    """A group of one run."""

    version: int
    path: str

    def limit_memory(self, size: int) -> None:
        if self.version == 2:
            write(self.path, "memory.max", str(size))
            write_if_there(self.path, "memory.swap.max", "0")
            write_if_there(self.path, "memory.oom.group", "1")
            return
        write(self.path, "memory.limit_in_bytes", str(size))
        write_if_there(self.path, "memory.memsw.limit_in_bytes", str(size))

    def limit_processes(self, count: int) -> None:
        write(self.path, "pids.max", str(count))

    def memory_kills(self) -> int:
        """How many processes the kernel has killed here for want of memory."""
        return count(read(self.path, "memory.events" if self.version == 2 else "memory.oom_control"), "oom_kill")

    def refused_forks(self) -> int:
        """How often a new process or thread was refused here."""
        return count(read(self.path, "pids.events"), "max")


def hierarchies(mounts: str, own: str) -> List[Hierarchy]:
    """The trees that /proc/self/mountinfo (`mounts`) and /proc/self/cgroup (`own`) tell of."""
    groups = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    found = []
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        root, mount = (unescape(word) for word in before.split()[3:5])
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2" and "" in groups:
            place = below(mount, root, groups[""])
            found.append(Hierarchy(2, read(place, "cgroup.controllers").split(), mount, place))
        if kind == "cgroup":
            controllers_here = [name for name in options.split(",") if name in groups]
            if controllers_here:
                found.append(Hierarchy(1, controllers_here, mount, below(mount, root, groups[controllers_here[0]])))
    return found


def unescape(word: str) -> str:
    """Mount tables write a blank as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), word)


def below(mount: str, root: str, path: str) -> str:
    """Where the group `path` is when the mount shows the tree from `root` on, as it does in containers."""
    inner = path[len(root) :] if path == root or path.startswith(root.rstrip("/") + "/") else ""
    return os.path.join(mount, (inner if root != "/" else path).lstrip("/")).rstrip("/")


def machine() -> List[Hierarchy]:
    """The trees of this machine as this process sees them."""
    return hierarchies(read("/proc/self", "mountinfo"), read("/proc/self", "cgroup"))


def make(name: str, controllers: List[str], trees: List[Hierarchy]) -> Dict[str, Group]:
    """Makes groups for a run, as near to our own as possible: controller → group, for those that can be had."""
    made: Dict[str, Group] = {}
    for tree in trees:
        wanted = [one for one in controllers if one in tree.controllers and one not in made]
        if not wanted:
            continue
        for parent in parents(tree, wanted):
            path = os.path.join(parent, name)
            try:
                os.mkdir(path, 0o755)
            except OSError:
                continue  # not ours to write: the next one up may be
            made.update((one, Group(tree.version, path)) for one in wanted)
            break
    return made


def parents(tree: Hierarchy, wanted: List[str]) -> Iterator[str]:
    """Groups that could hold a new one, nearest first.

    In v1 that is our own. In v2 a group that holds processes cannot pass controllers on, so it is usually a
    group above ours that does, such as the slice of a systemd user.
    """
    if tree.version == 1:
        yield tree.own
        return
    place = tree.own
    while place.startswith(tree.mount):
        if set(wanted) <= set(read(place, "cgroup.subtree_control").split()):
            yield place
        place = os.path.dirname(place)


def join(path: str) -> None:
    """Moves the calling process into a group; all it starts later are born there."""
    write(path, "cgroup.procs", "0")


def members(path: str) -> List[int]:
    """The processes in a group."""
    return [int(line) for line in read(path, "cgroup.procs").split()]


def remove(path: str, seconds: float = 2.0) -> Optional[str]:
    """Removes a group once its last process has gone; returns what went wrong."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            os.rmdir(path)
            return None
        except FileNotFoundError:
            return None
        except OSError as error:
            if time.monotonic() > deadline:
                return "The control group {} could not be removed: {}.".format(path, error.strerror)
            time.sleep(0.01)


def count(text: str, name: str) -> int:
    """The number beside a name in the kernel's flat tables; 0 when the kernel does not tell."""
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def read(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(text)


def write_if_there(folder: str, name: str, text: str) -> None:
    """For settings that a kernel may lack, such as swap accounting."""
    if os.path.exists(os.path.join(folder, name)):
        write(folder, name, text)
