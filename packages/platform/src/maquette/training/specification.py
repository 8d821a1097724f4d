"""What a job's version is to run, frozen when it is made: code, engine, data, parameters and what it may use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from maquette.buckets.domain import read_address
from maquette.kernel.errors import BadInput
from maquette.runs.folder import SITE, WRITABLE
from maquette.training.domain import CHANNEL_NAME, VARIABLE_NAME, Dialect, Urls
from maquette.training.search.reading import check_search
from maquette.training.sentences import say

JOB_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_DESCRIPTION = 256
MOST_VARIABLES = 100
SNAPSHOT = "snapshot:"
"""Before the hash of code that an earlier version ran on."""
SEEDS = ("seed", "random_seed", "manual_seed", "random_state")
LONGEST_COMMAND = 10_000
OFFERED = tuple(root for root in WRITABLE if root != SITE)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Frozen):
    """An input or an output: its argument's name, and where it lies (`obs://bucket/path/`). `dataset` and
    `dataset_version` name the data-set version that an input was chosen by. `predownload` brings what an output
    already holds before the start. `as_variable` hands its path over as an environment variable. `local_dir` is where
    the script finds it, unless at ModelArts' usual place."""

    name: str
    address: str = ""
    description: str = ""
    dataset: str = ""
    dataset_version: str = ""
    predownload: bool = False
    as_variable: bool = False
    local_dir: str = ""


class Parameter(Frozen):
    """`--name=value`."""

    name: str
    value: str = ""

    @property
    def token(self) -> str:
        return f"--{self.name}={self.value}"


class Specification(Frozen):
    """`code` is a folder in a bucket or `snapshot:HASH`; `boot_file` is relative to it. A `command` is run by a shell
    instead, with the arguments behind it, in `working_dir` or else where a script is. `flavour` caps what each of the
    `nodes` may use. `log` is where the log is kept besides; `original` what a dialect shows again as it came."""

    dialect: Dialect = Dialect.V2
    urls: Urls = Urls.AUTO
    code: str
    code_name: str = ""
    boot_file: str = ""
    command: str = ""
    working_dir: str = ""
    engine: str = ""
    algorithm: str = ""
    inputs: tuple[Place, ...] = ()
    outputs: tuple[Place, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)
    flavour: str = ""
    nodes: int = Field(default=1, ge=1, le=16)
    log: str = ""
    seconds: float | None = Field(default=None, gt=0)
    priority: int = Field(default=1, ge=1, le=3)
    restarts: int = Field(default=0, ge=0, le=128)
    hang_seconds: float | None = None
    stop_hanging: bool = False
    arguments_of_2022: bool = False
    without: tuple[str, ...] = ()
    search: dict[str, Any] | None = None
    original: dict[str, Any] = Field(default_factory=dict)

    @property
    def folder_name(self) -> str:
        """What the code's folder is called inside the run: the last part of its address."""
        return self.code_name or self.code.rstrip("/").rsplit("/", 1)[-1]

    @property
    def seed(self) -> str | None:
        """What the script's random numbers begin with, where a parameter says so."""
        given = {parameter.name.lower(): parameter.value for parameter in self.parameters}
        return next((given[name] for name in SEEDS if name in given), None)


def check_name(name: str, field: str) -> None:
    if not JOB_NAME.fullmatch(name):
        raise BadInput(say("name", name=name), field=field)


def check_description(text: str, field: str) -> None:
    if len(text) > LONGEST_DESCRIPTION:
        raise BadInput(say("description", most=LONGEST_DESCRIPTION, count=len(text)), field=field)


def check_specification(spec: Specification) -> None:
    """What can be told without looking at buckets or the machine. BadInput names the field and the fix."""
    if not spec.code.startswith(SNAPSHOT):
        check_address(spec.code, "code_dir")
    check_start(spec)
    names = [place.name for place in (*spec.inputs, *spec.outputs)]
    for name in names:
        if not CHANNEL_NAME.fullmatch(name):
            raise BadInput(say("channel_name", name=name), field="name")
        if names.count(name) > 1:
            raise BadInput(say("two_channels", name=name), field=name)
    for place in (*spec.inputs, *spec.outputs):
        check_place(place)
    for output in spec.outputs:
        check_outside(output, spec.inputs)
    if len(spec.environment) > MOST_VARIABLES:
        raise BadInput(say("variables", most=MOST_VARIABLES), field="environments")
    for name in spec.environment:
        if not VARIABLE_NAME.fullmatch(name):
            raise BadInput(say("variable_name", name=name), field="environments")
    if spec.log:
        check_address(spec.log, "log_export_path")
    if spec.search is not None:
        check_auto_search(spec, names)


def check_start(spec: Specification) -> None:
    """A boot file or a command, and a folder to start it in."""
    if not spec.command or spec.boot_file:
        check_boot_file(spec.boot_file)
    if len(spec.command) > LONGEST_COMMAND:
        raise BadInput(say("command", most=LONGEST_COMMAND), field="command")
    if spec.working_dir:
        check_inside(spec.working_dir, "working_dir")


def check_place(place: Place) -> None:
    if place.address:
        check_address(place.address, place.name)
    if place.as_variable and not VARIABLE_NAME.fullmatch(place.name):
        raise BadInput(say("no_variable", name=place.name), field=place.name)
    if place.local_dir:
        check_inside(place.local_dir, place.name)


def check_inside(folder: str, field: str) -> None:
    """A folder that a run may have: below one of those that are its own."""
    path = PurePosixPath(folder)
    own = [root for root in OFFERED if path != PurePosixPath(root) and path.is_relative_to(root)]
    if not own or ".." in path.parts:
        raise BadInput(say("job_folder", field=field, folder=folder, known=", ".join(OFFERED)), field=field)


def check_auto_search(spec: Specification, channels: Sequence[str]) -> None:
    search = check_search(spec.search)
    if spec.nodes > 1:
        raise BadInput(say("search_on_one_node"), field="node_count")
    for index, parameter in enumerate(search.parameters):
        if parameter.name in channels:
            raise BadInput(
                say("parameter_is_channel", index=index, name=parameter.name),
                field=f"auto_search.search_params[{index}].name",
            )


def check_address(text: str, field: str) -> None:
    try:
        read_address(text)
    except BadInput as error:
        raise BadInput(say("at_field", field=field, reason=error.message), field=field) from None


def check_boot_file(boot_file: str) -> None:
    path = PurePosixPath(boot_file)
    if not boot_file or path.is_absolute() or ".." in path.parts:
        raise BadInput(
            say("boot_inside", file=boot_file),
            field="boot_file",
        )
    if path.suffix not in (".py", ".pyc"):
        raise BadInput(say("boot_no_python", file=boot_file), field="boot_file")


def check_outside(output: Place, inputs: tuple[Place, ...]) -> None:
    """Results inside the data would be data of the next run."""
    if not output.address:
        return
    where = output.address.split("://", 1)[1].rstrip("/") + "/"
    for place in inputs:
        if place.address and where.startswith(place.address.split("://", 1)[1].rstrip("/") + "/"):
            raise BadInput(
                say("output_in_input", name=output.name, place=output.address, input=place.name, data=place.address),
                field=output.name,
            )
