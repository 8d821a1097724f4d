"""What is told of services and batches."""

from __future__ import annotations

from maquette_sdk.sentences import Sentences

say = Sentences(
    "services",
    {
        "deploying": "The service '{name}' is being deployed.",
        "changing": "The service changes to {targets}.",
        "starting": "The service '{name}' is started.",
        "stopped": "The service '{name}' is stopped.",
        "auto_stopped": "Its time is up; it is stopped.",
        "asleep": "Nobody called for a while; its instances rest until somebody does.",
        "awake": "Somebody calls; its instances are started again.",
        "instance_ready": "An instance of {version} is ready.",
        "instance_ended": "An instance of {version} has ended: {reason}",
        "instance_failed": "An instance of {version} did not get ready: {reason}",
        "too_late": "it is not ready after so long",
        "last_lines": "{reason} Its last lines: {lines}",
        "not_ready": "{version} does not get ready: {reason}",
        "stuck": "An instance has been at one call for far too long; it is replaced.",
        "silent": "An instance does not answer any more; it is replaced.",
        "given_up": "Another change came before it was done.",
        "status": "The service is {status}. {reason}",
        "status_good": "The service is {status}.",
        "one_instance": "{version} ({weight} %, 1 instance)",
        "instances": "{version} ({weight} %, {count} instances)",
        "both": "{first} and {rest}",
        "running": "running",
        "concerning": "concerning",
        "failed": "failed",
        "finished": "finished",
        "not_served": "The package in {folder} cannot be served. {reason}",
        # batches
        "batch": "The batch is {status}. {reason}",
        "results": "{done} of {total} inputs have results.",
        "inputs_failed": "{count} failed.",
        "first_failed": "{count} failed; the first is {source}: {reason}",
        "first_row_failed": "{count} failed; the first is {source}, row {row}: {reason}",
        "not_written": "Results cannot be written to {place}: {reason}",
        "ends_each_time": "The instance ended in each of {count} inputs, one after another.",
        "no_instance": "Its instances do not stay alive: {reason}",
    },
)
