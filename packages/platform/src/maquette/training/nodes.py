"""Jobs of several nodes: the addresses, variables and arguments by which the copies of a script find each other.

All nodes are runs of this machine, each at a loopback address of its own, so that two jobs, or two nodes, may use the
same port. Facts without a source here are ModelArts' user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

PORT = 6666
SCHEDULER_PORT = 8118
LOWEST_PORT, PORTS_OF_A_JOB, JOBS = 20_000, 64, 190
"""TensorFlow's servers listen at all addresses of the machine, so no two may use one port."""
MOST = 16
NODE_ARGUMENTS = ("rank", "world_size", "job_name", "task_index", "ps_hosts", "worker_hosts")
MINDSPORE = ("MindSpore", "own")  # what a user's own interpreter holds is not known
RANK_TABLE = "/home/ma-user/rank_table.json"


@dataclass(frozen=True)
class Nodes:
    """How many nodes a job has, and which of them this one is. `network` is the same for all of them and no others."""

    count: int = 1
    index: int = 0
    network: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        if self.count == 1:
            return ("127.0.0.1",)
        first, second = sha256(self.network.encode()).digest()[:2]
        return tuple(f"127.{64 + first % 190}.{second}.{index + 1}" for index in range(self.count))

    @property
    def address(self) -> str:
        return self.addresses[self.index]

    def servers(self, role: int) -> list[str]:
        """TensorFlow's servers on all nodes: 0 the workers, 1 the parameter servers."""
        lowest = LOWEST_PORT + PORTS_OF_A_JOB * (int.from_bytes(sha256(self.network.encode()).digest()[:4]) % JOBS)
        return [f"{address}:{lowest + 2 * index + role}" for index, address in enumerate(self.addresses)]


ONE_NODE = Nodes()


def node_arguments(nodes: Nodes, framework: str, first_generation: bool) -> list[tuple[str, str]]:
    """What is added to the command line where there are several nodes."""
    if nodes.count == 1:
        return []
    if framework == "PyTorch":
        master = f"tcp://{nodes.addresses[0]}:{PORT}"
        return [("init_method", master), ("rank", str(nodes.index)), ("world_size", str(nodes.count))]
    if framework == "TensorFlow" and first_generation:
        return parameter_server_arguments(nodes, "worker")
    return []


def parameter_server_arguments(nodes: Nodes, role: str) -> list[tuple[str, str]]:
    """TensorFlow's first generation has a parameter server and a worker on every node."""
    return [
        ("job_name", role),
        ("task_index", str(nodes.index)),
        ("ps_hosts", ",".join(nodes.servers(1))),
        ("worker_hosts", ",".join(nodes.servers(0))),
    ]


def node_variables(nodes: Nodes, id: str, name: str, framework: str) -> dict[str, str]:
    """The variables of both generations about nodes, for one node as for several."""
    variables = {
        "DLS_TASK_INDEX": str(nodes.index),
        "DLS_TASK_NUMBER": str(nodes.count),
        "BATCH_TASK_CURRENT_HOST_IP": nodes.address,
        "BATCH_TASK_CURRENT_INSTANCE": f"{name}-{nodes.index}",
        f"BATCH_{re.sub(r'[^A-Za-z0-9_]', '_', name)}.0_HOSTS": f"{nodes.addresses[0]}:{PORT}",
        **{f"BATCH_CUSTOM{index}_HOSTS": f"{address}:{PORT}" for index, address in enumerate(nodes.addresses)},
        "MA_NUM_HOSTS": str(nodes.count),
        "MA_TASK_NAME": "worker",
        "MA_CURRENT_IP": nodes.address,
        "MA_CURRENT_INSTANCE_NAME": f"modelarts-job-{id}-worker-{nodes.index}",
        "MA_VJ_NAME": f"ma-job-{id}",
        "VC_TASK_INDEX": str(nodes.index),
        "VC_WORKER_NUM": str(nodes.count),
        "VC_WORKER_HOSTS": ",".join(nodes.addresses),
    }
    if nodes.count > 1 and framework == "TensorFlow":
        variables["TF_CONFIG"] = json.dumps(tensorflow_cluster(nodes))
    if nodes.count > 1 and framework in MINDSPORE:
        variables |= mindspore_cluster(nodes)
    return variables


def tensorflow_cluster(nodes: Nodes) -> dict[str, Any]:
    """What TensorFlow's own strategies of several workers read."""
    return {"cluster": {"worker": nodes.servers(0)}, "task": {"type": "worker", "index": nodes.index}}


def mindspore_cluster(nodes: Nodes) -> dict[str, str]:
    """What MindSpore's cluster of processes on CPUs and GPUs reads; node 0 has its scheduler beside it."""
    return {
        "MS_ROLE": "MS_WORKER",
        "MS_WORKER_NUM": str(nodes.count),
        "MS_NODE_ID": str(nodes.index),
        "MS_SCHED_HOST": nodes.addresses[0],
        "MS_SCHED_PORT": str(SCHEDULER_PORT),
        "RANK_ID": str(nodes.index),
        "RANK_SIZE": str(nodes.count),
        "DEVICE_ID": "0",
        "ASCEND_DEVICE_ID": "0",
        "RANK_TABLE_FILE": RANK_TABLE,
    }


def rank_table(nodes: Nodes) -> dict[str, Any]:
    """The file that scripts for Ascend read their ranks from (version 1.0 of its form)."""
    servers = [
        {"server_id": address, "device": [{"device_id": "0", "device_ip": address, "rank_id": str(index)}]}
        for index, address in enumerate(nodes.addresses)
    ]
    return {"status": "completed", "version": "1.0", "server_count": str(nodes.count), "server_list": servers}


def beside(
    nodes: Nodes, framework: str, first_generation: bool, command: Sequence[str], calls_init: bool
) -> list[Mapping[str, Any]]:
    """Processes that go on beside the script for as long as it does: command, and variables of their own."""
    if nodes.count == 1:
        return []
    if framework == "TensorFlow" and first_generation:
        server = [token for token in command if not token.startswith("--job_name=")]
        return [{"command": [*server, "--job_name=ps"], "environment": {}}]
    if framework in MINDSPORE and nodes.index == 0 and calls_init:
        return [{"command": list(command), "environment": {"MS_ROLE": "MS_SCHED"}}]
    return []
