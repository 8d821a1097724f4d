"""A training job in ModelArts' two dialects: the command line, the paths and the variables a script is given.

V1 hands over `s3://` addresses and expects the script to copy with moxing; V2 hands over local folders that
are complete before the start and copied away while it runs. Facts without a source here are ModelArts' user guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from maquette.kernel.errors import BadInput
from maquette.runs.folder import JOB_FOLDER, MODELARTS


class Dialect(StrEnum):
    V1 = "v1"
    V2 = "v2"


class Urls(StrEnum):
    """What V1 scripts receive: `s3://` addresses, local folders, or what their code seems to expect."""

    AUTO = "auto"
    LOCAL = "local"
    S3 = "s3"


@dataclass(frozen=True)
class Channel:
    """An input or output of a job: `value` is what the script receives, `address` where the data really lies."""

    name: str
    value: str
    address: str = ""


@dataclass(frozen=True)
class Job:
    """Everything that decides what a training script is told."""

    id: str
    name: str
    code: str
    boot_file: PurePosixPath
    dialect: Dialect
    inputs: tuple[Channel, ...] = ()
    outputs: tuple[Channel, ...] = ()
    parameters: tuple[str, ...] = ()
    gpus: int = 0
    arguments_of_2022: bool = False
    without: frozenset[str] = field(default_factory=frozenset)
    framework: str = ""


CHANNEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def input_folder(name: str, index: int) -> str:
    return f"{MODELARTS}/inputs/{name}_{index}/"


def output_folder(name: str, index: int) -> str:
    return f"{MODELARTS}/outputs/{name}_{index}/"


def command_line(job: Job) -> tuple[str, ...]:
    """The boot file, relative to the job folder, and its arguments, each one token `--name=value`.

    V1 always passes `--data_url`, even empty; `--num_gpus` comes only with GPUs. Names that the user gives as
    parameters, or takes away with `without`, are not added.
    """
    given = {name for name in map(argument_name, job.parameters) if name}
    added = [(name, value) for name, value in added_arguments(job) if name not in given and name not in job.without]
    before = [f"--{name}={value}" for name, value in added if name not in TRAILING]
    after = [f"--{name}={value}" for name, value in added if name in TRAILING]
    return (str(PurePosixPath(job.code) / job.boot_file), *before, *job.parameters, *after)


TRAILING = frozenset({"num_gpus"})


def added_arguments(job: Job) -> list[tuple[str, str]]:
    """Name and value of each argument that the platform adds, in ModelArts' order."""
    added: list[tuple[str, str]] = []
    if job.arguments_of_2022:
        added.append(("init_method", "tcp://127.0.0.1:6666"))
    if job.dialect is Dialect.V1 and not any(channel.name == "data_url" for channel in job.inputs):
        added.append(("data_url", ""))
    added += [(channel.name, channel.value) for channel in (*job.inputs, *job.outputs)]
    if job.gpus or job.arguments_of_2022:
        added.append(("num_gpus", str(max(job.gpus, 1))))
    return added


def argument_name(token: str) -> str | None:
    """`lr` of `--lr=0.1` or `--lr`; None for anything that is not an option."""
    found = re.match(r"--?([A-Za-z_][\w.-]*)(=|$)", token)
    return found.group(1) if found else None


def job_environment(job: Job, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of both generations; the user's own win."""
    home = "/home/work" if job.dialect is Dialect.V1 else "/home/ma-user"
    host = "127.0.0.1"
    data = next((channel.value for channel in job.inputs if channel.name == "data_url"), "")
    train = next((channel.value for channel in job.outputs if channel.name == "train_url"), "")
    variables = {
        "HOME": home,
        "PYTHONUNBUFFERED": "1",
        "LOG_LEVEL": "INFO",
        "LOG_DIR": f"{MODELARTS}/log",
        "CACHE_HOME": "/cache",
        # first generation
        "DLS_TASK_INDEX": "0",
        "DLS_TASK_NUMBER": "1",
        "DLS_APP_URL": f"{JOB_FOLDER}/{job.code}/",
        "DLS_DATA_URL": data,
        "DLS_TRAIN_URL": train,
        "BATCH_JOB_ID": job.id,
        "BATCH_TASK_CURRENT_HOST_IP": host,
        "BATCH_TASK_CURRENT_INSTANCE": f"{job.name}-0",
        f"BATCH_{variable_part(job.name)}.0_HOSTS": f"{host}:6666",
        "BATCH_CUSTOM0_HOSTS": f"{host}:6666",
        "APP_URL": f"{JOB_FOLDER}/{job.code}/",
        "DATA_URL": without_scheme(data).rstrip("/"),
        "TRAIN_URL": without_scheme(train).rstrip("/"),
        "USER_DEFINED_INPUT_PATH": f"{MODELARTS}/inputs",
        "USER_DEFINED_OUTPUT_PATH": f"{MODELARTS}/outputs",
        # second generation
        "MA_HOME": "/home/ma-user",
        "MA_JOB_DIR": f"{MODELARTS}/user-job-dir",
        "MA_MOUNT_PATH": MODELARTS,
        "MA_LOG_DIR": f"{MODELARTS}/log",
        "MA_SCRIPT_INTERPRETER": "python",
        "WORKSPACE": f"{MODELARTS}/user-job-dir/{job.code}",
        "MA_NUM_HOSTS": "1",
        "MA_NUM_GPUS": str(job.gpus),
        "MA_TASK_NAME": "worker",
        "MA_CURRENT_IP": host,
        "MA_CURRENT_INSTANCE_NAME": f"modelarts-job-{job.id}-worker-0",
        "MA_VJ_NAME": f"ma-job-{job.id}",
        "VC_TASK_INDEX": "0",
        "VC_WORKER_NUM": "1",
        "VC_WORKER_HOSTS": host,
        "MA_INPUTS": json.dumps({"inputs": [channel_json(channel) for channel in job.inputs]}),
        "MA_OUTPUTS": json.dumps({"outputs": [channel_json(channel) for channel in job.outputs]}),
    }
    if job.framework in ASCEND_FRAMEWORKS:
        variables |= ASCEND_DEVICE
    return {**variables, **environment}


ASCEND_FRAMEWORKS = ("MindSpore", "own")  # what a user's own interpreter holds is not known
ASCEND_DEVICE = {"ASCEND_DEVICE_ID": "0", "DEVICE_ID": "0", "RANK_ID": "0", "RANK_SIZE": "1"}


def channel_json(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "description": "",
        "parameter": {"label": channel.name, "value": channel.value},
        "data_source": {"obs": {"obs_url": channel.address}},
    }


def without_scheme(url: str) -> str:
    return url.split("://", 1)[-1]


def variable_part(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def next_version(existing: Sequence[str]) -> str:
    """`V0001` in an empty output folder, else one more than the highest version there."""
    numbers = [int(found.group(1)) for found in (re.fullmatch(r"V(\d{4,})/?", name) for name in existing) if found]
    return f"V{max(numbers, default=0) + 1:04d}"


def read_variable(text: str) -> tuple[str, str]:
    """`NAME=value` of `--env`; a lone `NAME` is refused with the form."""
    name, separator, value = text.partition("=")
    if not separator or not VARIABLE_NAME.fullmatch(name):
        raise BadInput(f"--env {text!r} is not NAME=value with a name of letters, digits and underscores.", field="env")
    return name, value


ACCURACIES = ("accuracy", "f1_score", "precision", "recall")


def read_metrics(text: str) -> dict[str, float]:
    """The figures of a `metric.json`, total first, as ModelArts shows them under *evaluation result*.

    Raises BadInput when the text is not the documented form.
    """
    try:
        document = json.loads(text)
        values = document["total_metric"]["total_metric_values"]
        return {str(name): float(value) for name, value in values.items() if value is not None}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            'metric.json is not {"total_metric": {"total_metric_values": {"accuracy": 0.9}}}'
            f" ({type(error).__name__}: {error}).",
            field="metric.json",
        ) from error
