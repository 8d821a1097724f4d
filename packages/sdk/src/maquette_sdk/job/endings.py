"""Names the cause of a run's end and says it in a sentence."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

from maquette_sdk.job import groups
from maquette_sdk.job.limits import Limits
from maquette_sdk.job.sentences import say

FIRST_REAL_TIME_SIGNAL = 32
KILLED_CODE = 128 + signal.SIGKILL
WORTH_A_LINE = ("memory", "processes", "failed_to_start")  # causes that the run's own output does not show
CANNOT_START = (126, 127)  # what setpriv and env answer when there is no such program


class End(NamedTuple):
    """A cause as exit.json names it, and one sentence; empty when there is nothing to add to the code."""

    cause: str
    message: str


def shell_code(status: int) -> int:
    """The code that a shell would show for a wait status: 128 + n for signal n."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def natural_end(status: int, limits: Limits, last_line: str, memory_kills: int) -> End:
    """The end of a run that nobody ended. `memory_kills` is the machine's count from before its start."""
    code = shell_code(status)
    if code == 0:
        return End("exit", "")
    crossed = limits.told_by_kernel()
    if crossed is not None:
        return End(crossed.cause, crossed.message)
    if code in CANNOT_START and last_line.startswith(("setpriv: ", "/usr/bin/env: ")):
        return End("failed_to_start", say("cannot_start", reason=last_line))
    number = code - 128
    if number == signal.SIGKILL and memory_kills_of_machine() > memory_kills:
        return End("memory", say("machine_memory"))
    if 0 < number < FIRST_REAL_TIME_SIGNAL:
        return End("signal", say("signal", signal=signal_name(number)))
    return End("exit", say("code", exit_code=code))


def signal_name(number: int) -> str:
    name = signal.Signals(number).name
    meaning = signal.strsignal(number) or ""
    return name if number == signal.SIGKILL else "{} ({})".format(name, meaning[0].lower() + meaning[1:])


def memory_kills_of_machine() -> int:
    """How many processes the kernel has killed since boot because memory had run out."""
    return groups.count(groups.read("/proc", "vmstat"), "oom_kill")
