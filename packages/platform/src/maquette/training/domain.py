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
from maquette.training.nodes import MINDSPORE, NODE_ARGUMENTS, ONE_NODE, PORT, Nodes, node_arguments, node_variables
from maquette.training.sentences import say


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
    """An input or output of a job: `value` is what the script receives, as an argument or `as_variable` of its name,
    and `address` where the data really lies."""

    name: str
    value: str
    address: str = ""
    as_variable: bool = False


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
    nodes: Nodes = ONE_NODE


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


TRAILING = frozenset({"num_gpus", *NODE_ARGUMENTS})


def added_arguments(job: Job) -> list[tuple[str, str]]:
    """Name and value of each argument that the platform adds, in ModelArts' order."""
    added: list[tuple[str, str]] = []
    if job.arguments_of_2022 and job.nodes.count == 1:
        added.append(("init_method", f"tcp://{job.nodes.address}:{PORT}"))
    if job.dialect is Dialect.V1 and not any(channel.name == "data_url" for channel in job.inputs):
        added.append(("data_url", ""))
    added += [(one.name, one.value) for one in (*job.inputs, *job.outputs) if not one.as_variable]
    if job.gpus or job.arguments_of_2022:
        added.append(("num_gpus", str(max(job.gpus, 1))))
    return added + node_arguments(job.nodes, job.framework, job.dialect is Dialect.V1)


def argument_name(token: str) -> str | None:
    """`lr` of `--lr=0.1` or `--lr`; None for anything that is not an option."""
    found = re.match(r"--?([A-Za-z_][\w.-]*)(=|$)", token)
    return found.group(1) if found else None


def job_environment(job: Job, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of both generations; the user's own win."""
    home = "/home/work" if job.dialect is Dialect.V1 else "/home/ma-user"
    data = next((channel.value for channel in job.inputs if channel.name == "data_url"), "")
    train = next((channel.value for channel in job.outputs if channel.name == "train_url"), "")
    variables = {
        "HOME": home,
        "PYTHONUNBUFFERED": "1",
        "LOG_LEVEL": "INFO",
        "LOG_DIR": f"{MODELARTS}/log",
        "CACHE_HOME": "/cache",
        # first generation
        "DLS_LOCAL_CACHE_PATH": "/cache",  # MoXing's manual; scripts take it for the sign that they run on the platform
        "DLS_APP_URL": f"{JOB_FOLDER}/{job.code}/",
        "DLS_DATA_URL": data,
        "DLS_TRAIN_URL": train,
        "BATCH_JOB_ID": job.id,
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
        "MA_NUM_GPUS": str(job.gpus),
        "MA_INPUTS": json.dumps({"inputs": [channel_json(channel) for channel in job.inputs]}),
        "MA_OUTPUTS": json.dumps({"outputs": [channel_json(channel) for channel in job.outputs]}),
    }
    if job.framework in MINDSPORE:
        variables |= ASCEND_DEVICE
    variables |= node_variables(job.nodes, job.id, job.name, job.framework)
    variables |= {one.name: one.value for one in (*job.inputs, *job.outputs) if one.as_variable}
    return {**variables, **environment}


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


def next_version(existing: Sequence[str]) -> str:
    """`V0001` in an empty output folder, else one more than the highest version there."""
    return f"V{newest_number(existing) + 1:04d}"


def newest_version(existing: Sequence[str]) -> str:
    return f"V{newest_number(existing):04d}"


def newest_number(existing: Sequence[str]) -> int:
    found = (re.fullmatch(r"V(\d{4,})/?", name) for name in existing)
    return max((int(one.group(1)) for one in found if one), default=0)


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
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(
            say("no_figures", file="metric.json", error=f"{type(error).__name__}: {error}"),
            field="metric.json",
        ) from error
