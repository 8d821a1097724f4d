"""The processes of a run as /proc tells them: who they are, what they use, and how to end them all."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from typing import Callable, Collection, Dict, List, NamedTuple, Optional, Set

COOKIE = "MAQUETTE_RUN"
"""An environment variable with a value of its own in every run; it marks what a dead supervisor left behind."""

STOP = signal.SIGTERM  # asks a supervisor to stop its run; once more kills it
KILL_NOW = signal.SIGUSR1  # makes it kill the run

PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ENDED_STATES = ("Z", "X")


class Entry(NamedTuple):
    """One process. `cpu_ticks` includes the children it has waited for; `started` is in ticks since boot."""

    pid: int
    name: str
    state: str
    parent: int
    session: int
    cpu_ticks: int
    threads: int
    started: int
    resident_bytes: int


def become_subreaper() -> None:
    """From now on orphans among our descendants become our children, so that none gets away."""
    prctl(PR_SET_CHILD_SUBREAPER)


def forbid_new_privileges() -> None:
    """From now on no setuid program gives this process or its children more rights."""
    prctl(PR_SET_NO_NEW_PRIVS)


def prctl(option: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, 1, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "prctl {}: {}".format(option, os.strerror(number)))


def entry(pid: int) -> Optional[Entry]:
    """The process, or None when there is none (any more), or none that we may know of."""
    try:
        with open("/proc/{}/stat".format(pid), "rb") as file:
            return parse(pid, file.read())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def parse(pid: int, line: bytes) -> Entry:
    """Reads a line of /proc/PID/stat; the name stands in brackets and may itself hold brackets and blanks."""
    head, _, rest = line.rpartition(b") ")
    words = rest.split()
    return Entry(
        pid=pid,
        name=head.partition(b"(")[2].decode("utf-8", "replace"),
        state=words[0].decode("ascii"),
        parent=int(words[1]),
        session=int(words[3]),
        cpu_ticks=sum(map(int, words[11:15])),
        threads=int(words[17]),
        started=int(words[19]),
        resident_bytes=int(words[21]) * PAGE_BYTES,
    )


def numbers() -> List[int]:
    """The numbers of all processes of the machine."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def table(strangers: Collection[int] = ()) -> Dict[int, Entry]:
    """Every process of the machine, but for `strangers`, that is not merely waiting to be reaped."""
    found = {}
    for pid in numbers():
        if pid not in strangers:
            process = entry(pid)
            if process is not None and process.state not in ENDED_STATES:
                found[pid] = process
    return found


def descendants(known: Dict[int, Entry], root: int, without: Collection[int] = ()) -> List[Entry]:
    """The processes below `root`, leaving out the branches of `without`; parents come first."""
    children: Dict[int, List[Entry]] = {}
    for process in known.values():
        children.setdefault(process.parent, []).append(process)
    found: List[Entry] = []
    queue = [root]
    while queue:
        for child in children.get(queue.pop(), ()):
            if child.pid not in without:
                found.append(child)
                queue.append(child.pid)
    return found


class Family:
    """The processes below `root`, looked up often and cheaply.

    Orphans are handed to an ancestor, so a process that once was not below `root` never will be: it is a stranger,
    and not looked at again for as long as its number is in use.
    """

    def __init__(self, root: int) -> None:
        self.root = root
        self.strangers: Set[int] = set()

    def members(self, without: Collection[int] = ()) -> List[Entry]:
        """All of the family but the branches of `without`; parents come first."""
        self.strangers.intersection_update(numbers())
        known = table(self.strangers)
        family = {member.pid for member in descendants(known, self.root)} | {self.root}
        for pid in sorted(known.keys() - family):
            # A parent may have ended while we looked: only who has a stranger as parent is one for certain.
            if known[pid].parent in self.strangers or known[pid].parent <= 1:
                self.strangers.add(pid)
        return descendants(known, self.root, without)


def tell(pid: int, number: int) -> None:
    """Sends a signal; a process that has ended meanwhile is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_all(find: Callable[[], List[int]], reap: Callable[[], object], seconds: float = 10.0) -> bool:
    """Kills what `find` finds until it finds nothing more; False when something outlives `seconds`.

    Everything is stopped before it is killed: stopped processes do not fork, so a fork bomb cannot outrun this.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        stopped: Set[int] = set()
        while True:
            fresh = [pid for pid in find() if pid not in stopped]
            if not fresh:
                break
            for pid in fresh:
                tell(pid, signal.SIGSTOP)
            stopped.update(fresh)
        for pid in stopped:
            tell(pid, signal.SIGKILL)
        reap()
        if not stopped:
            return True
        time.sleep(0.002)
    return False


def cookie(pid: int) -> Optional[str]:
    """The cookie in the environment a process was started with; None without one, or where we may not look."""
    try:
        with open("/proc/{}/environ".format(pid), "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return None
    mark = COOKIE.encode("ascii") + b"="
    found = [variable[len(mark) :] for variable in variables if variable.startswith(mark)]
    return found[0].decode("ascii", "replace") if found else None


def owner(pid: int) -> Optional[int]:
    """The user id of a process, or None when it has ended."""
    try:
        return os.stat("/proc/{}".format(pid)).st_uid
    except (FileNotFoundError, ProcessLookupError):
        return None


def alive(pid: int, started: int) -> bool:
    """Does the process live that had this number at that time? Numbers are used again."""
    process = entry(pid)
    return process is not None and process.started == started and process.state not in ENDED_STATES


def boot() -> str:
    """Tells one boot of the machine from the next; process numbers and start times mean nothing beyond it."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()
