"""Starts a program as a child in a session of its own; says why when it could not be started."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
from typing import Callable, Dict, List, NamedTuple, NoReturn, Optional

NOTHING = -1
OOM_SCORE = 300  # when the machine runs out of memory, a run goes before the people's own programs
FRESH_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGXFSZ)


class Child(NamedTuple):
    pid: int
    problem: Optional[str]
    """Why the program could not be started; None when it runs."""


def start(
    command: List[str],
    environment: Dict[str, str],
    directory: str,
    streams: Dict[int, int],
    prepare: Optional[Callable[[], None]] = None,
) -> Child:
    """Starts a program with exactly these streams (number in the child → descriptor here, or NOTHING).

    `prepare` is called in the child just before, with the rights of the parent.
    """
    report, reporting = os.pipe()
    pid = os.fork()
    if pid == 0:
        become(command, environment, directory, streams, prepare, reporting)
    os.close(reporting)
    try:
        with open(report, encoding="utf-8", errors="replace") as file:
            problem = file.read()  # empty when the program runs: its start closes the pipe
    except OSError as error:
        problem = str(error)
    return Child(pid, problem or None)


def become(
    command: List[str],
    environment: Dict[str, str],
    directory: str,
    streams: Dict[int, int],
    prepare: Optional[Callable[[], None]],
    reporting: int,
) -> NoReturn:
    what = "a child process could not be prepared"
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in FRESH_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        os.umask(0o022)
        reporting = arrange(streams, reporting)
        prefer_to_be_killed()
        limit_core_dumps()
        if prepare is not None:
            prepare()
        what = "the directory {} cannot be entered".format(directory)
        os.chdir(directory)
        what = "{} cannot be started".format(command[0])
        os.execvpe(command[0], command, environment)
    except OSError as error:
        reason = error.strerror or str(error)
    except Exception as error:  # noqa: BLE001 – a child must never return into the supervisor's code
        reason = repr(error)
    os.write(reporting, "{}: {}".format(what, reason).encode("utf-8", "replace"))
    os._exit(127)


def arrange(streams: Dict[int, int], reporting: int) -> int:
    """Puts the streams in place without overwriting one that is still needed; returns the report pipe's new number."""
    first_free = max(streams) + 1
    moved = {}
    for number, here in streams.items():
        source = os.open(os.devnull, os.O_RDWR) if here == NOTHING else here
        moved[number] = fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, first_free)
    reporting = fcntl.fcntl(reporting, fcntl.F_DUPFD_CLOEXEC, first_free)
    for number, here in moved.items():
        os.dup2(here, number, inheritable=True)
    return reporting


def prefer_to_be_killed() -> None:
    """Only a preference: where /proc may not be written, things stay as they are."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(OOM_SCORE))


def limit_core_dumps() -> None:
    """A crash of a big process would otherwise fill the disk; the run may raise this again."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
