"""The command line flags that `moxing.tensorflow` brings, so that `tf.flags` takes `--num_gpus=1`."""

from __future__ import annotations

import importlib
import importlib.util


def define_flags() -> None:
    """Defines them where absl is installed and the script has not; a later definition of the script's own wins."""
    if importlib.util.find_spec("absl") is None:
        return
    flags = importlib.import_module("absl.flags")
    known = flags.FLAGS
    if "num_gpus" not in known:
        flags.DEFINE_integer("num_gpus", 1, "Number of GPUs.", allow_override=True)
    if "task_index" not in known:
        flags.DEFINE_integer("task_index", 0, "Number of this process among those of its job.", allow_override=True)
    for name, meaning in (("job_name", "ps or worker."), ("ps_hosts", "Hosts."), ("worker_hosts", "Hosts.")):
        if name not in known:
            flags.DEFINE_string(name, "", meaning, allow_override=True)
