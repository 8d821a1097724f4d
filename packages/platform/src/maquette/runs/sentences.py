"""What is told of runs, and how a sentence is kept with what it is made of."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from maquette_sdk.sentences import Sentences, read, told

say = Sentences(
    "runs",
    {
        "queued": "The run waits for its turn.",
        "preparing": "Its environment and its data are being prepared.",
        "started": "The run has started.",
        "ready": "It answers.",
        "stopping": "The run is asked to stop.",
        "stopped_waiting": "The run was stopped while it waited.",
        "stopped_before": "It was stopped before it began.",
        "stopped_preparing": "The run was stopped while it was prepared.",
        "succeeded": "The run has succeeded.",
        "ended": "The run has ended with code {exit_code}.",
        "restarted": "Attempt {attempt} has ended: {reason} The run is started again.",
        "hangs": "Nothing was written and nothing computed for {duration}.",
        "hang_stops": "The run is stopped, as it was asked for.",
        "minutes": "{count} minutes",
        "seconds": "{count} seconds",
        "node_ended": "Node {node} has ended early, so this node is stopped.",
        "node_restarts": "Another node has ended early; all nodes are started again.",
        "worker_gone": "What prepared the run has gone; it is prepared again.",
        "worker_stopped": "The worker was stopped; the run waits for the next one.",
        "worker_died": "What prepares it has died {times} times over it. The worker's log says more.",
        "itself": "Maquette itself failed ({error}). Its own log says more.",
        "folder_gone": "The folder of the run has gone, and with it what was known of its end.",
        "told_from_outside": "The run was told to stop from outside Maquette, as when a machine goes down.",
        "checkpoint": "Its newest checkpoint is {place}.",
        "not_kept": "What the run left could not be kept: {error}",
        "pruned": "Its log and what else it had left on the disk were removed to free room.",
        # what would never fit
        "too_large": "{what} {wanted} {kind}, and this machine has {there}: it could never start. Choose a smaller"
        " flavour.",
        "this_needs": "This needs",
        "nodes_need": "{count} nodes together need",
        "flavour_needs": "The flavour '{name}' needs",
        "gpus": "GPUs",
        "cores": "cores",
        "memory": "GB of memory",
        # copying
        "copying": "copying {what}: {amount} so far",
        "one_file": "1 file, {size}",
        "files": "{count} files, {size}",
        "code": "the code",
        "package": "the package",
        "inference_code": "the inference code",
        "left_out": "left out {key}: no file can have this name",
        "no_room": "Copying {what} needs {size} and would leave less than {least} of the {free} free at {folder}."
        " Free some space or choose another MAQUETTE_HOME.",
        # what is refused
        "no_run": "There is no run '{id}' in this workspace.",
        "goes_on": "The run '{name}' goes on. Stop it first.",
        "lines": "'lines' is {count}. Ask for 0 to {most} lines.",
        "look_for": "Say what to look for, in one line.",
        "nothing_served": "Nothing is served at this address. Open it anew from Maquette.",
        "for_its_maker": "'{name}' is for who made it. Make one of your own.",
        "needs_role": "This needs the role {needed}; yours is {yours}.",
        "not_there": "'{name}' {standing}. Open it anew once it is started again.",
        "not_yet": "'{name}' {standing}. Try again in a moment.",
        "waits": "waits for its turn",
        "is_prepared": "is being prepared",
        "is_starting": "is starting",
        "has_failed": "has failed",
        "has_ended": "has ended",
    },
)


class SentenceText(TypeDecorator[str]):
    """A text column: a sentence that knows what it is made of stands there as JSON, any other text as it is."""

    impl = Text
    cache_ok = True
    MARK = '{"code": '

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        kept = told(value) if value is not None else None
        if kept is None and value is not None and value.startswith(self.MARK):
            kept = {"code": "", "message": value, "parameters": {}}
        return value if kept is None else json.dumps(kept, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(self.MARK):
            return None if value is None else str(value)
        kept = json.loads(value)
        return read(kept) if kept["code"] else str(kept["message"])
