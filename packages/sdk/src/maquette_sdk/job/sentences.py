"""What is told of how a run ended."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "ends",
    {
        "stopped": "The run was stopped.",
        "stopped_before": "The run was stopped before it began.",
        "code": "The run ended with code {exit_code}.",
        "signal": "The run was killed by {signal}.",
        "all_memory": "The run used all of the {allowed} of memory allowed.",
        "memory": "The run used {used} of the {allowed} of memory allowed.",
        "machine_memory": "The machine ran out of memory, and the run was killed for it.",
        "processes": "The run wanted more than the {allowed} processes and threads allowed.",
        "time": "The run took longer than the {allowed} allowed.",
        "cannot_start": "The run could not be started: {reason}.",
        "not_given": "The run's folders could not be given to it: {reason} ({path}).",
        "supervisor_failed": "The supervisor of the run failed; {log} says why.",
        "supervisor_gone": "The supervisor of the run was killed, or the machine went down; what was left of the run"
        " has been ended.",
        # worth knowing besides
        "unkillable": "Some processes of the run cannot be killed; they hang in the kernel.",
        "log_lost": "Part of the log could not be written: {reason}.",
        "output_not_copied": "Output {output} could not be copied to {target}: {reason}.",
        "output_not_read": "Output {output} could not be read: {reason}.",
    },
)
