"""Trains: from a code folder and its data to a process that an executor starts, and what it left behind."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maquette.kernel.context import Context
from maquette.kernel.errors import BadInput, Refused
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Environment, IsStopped, Limits, Match, Process, Tell, never
from maquette.runs.copying import Progress, copy_folder
from maquette.runs.folder import JOB_FOLDER, SDK, RunFolder
from maquette.runs.sentences import say as about
from maquette.runs.surroundings import BucketAlias, Buckets, surroundings
from maquette.training.channels import ONES_OWN, Channeling, Channels, Manner
from maquette.training.code import (
    LEFT_OUT,
    Code,
    mentions_moxing,
    python_2_line,
    remarks,
    suggest_engine,
    uses_mindspore_cluster,
)
from maquette.training.domain import Dialect, Job, Urls, command_line, job_environment, read_metrics
from maquette.training.nodes import ONE_NODE, RANK_TABLE, Nodes, beside, rank_table
from maquette.training.sentences import say

NO_FRAMEWORK = "sklearn"


@dataclass(frozen=True)
class Submission:
    """A training script with what it is to run on, as a user says it. Inputs and outputs: name → location."""

    code: Code
    dialect: Dialect = Dialect.V2
    urls: Urls = Urls.AUTO
    engine: str | None = None
    python: Path | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    buckets: Mapping[str, Path] = field(default_factory=dict)
    limits: Limits = Limits()
    gpus: int = 0
    arguments_of_2022: bool = False
    without: frozenset[str] = frozenset()
    read_only_data: bool = False
    only_buckets: Sequence[str] | None = None
    version: int | None = None
    nodes: Nodes = ONE_NODE
    manner: Manner = ONES_OWN
    command: str = ""
    working_dir: str = ""


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to start, the job it stands for, the folders that its outputs end in, and its engine."""

    process: Process
    job: Job
    run: RunFolder
    results: Mapping[str, Path]
    environment: Environment


@dataclass(frozen=True)
class Making:
    """How to make a run: where, whom to tell how far it is, whether it is still wanted, and what to call when a part
    of the way is done."""

    run: RunFolder
    tell: Tell
    stopped: IsStopped = never
    reach: Callable[[str], None] = lambda moment: None


def prepare(ctx: Context, submission: Submission, tell: Tell) -> Prepared:
    """A run in a new folder of the home."""
    run_id = new_id()
    return make(ctx, submission, Making(RunFolder(run_id, ctx.settings.home.runs / run_id), tell))


def make(ctx: Context, submission: Submission, making: Making) -> Prepared:
    """Makes the run's folder with code and data in it, and the process for it. A failure leaves nothing."""
    refuse_python_2(submission.code)
    said: list[str] = []

    def tell_and_keep(line: str) -> None:
        said.append(line)
        making.tell(line)

    environment = choose_environment(ctx, submission, tell_and_keep, making.stopped)
    making.reach("environment")
    run = making.run
    try:
        run.make()
        run.staging.mkdir(parents=True)
        code = submission.code
        progress = Progress(about("code"), making.tell, making.stopped)
        copy_folder(code.folder, run.inside(f"{JOB_FOLDER}/{code.name}"), progress, LEFT_OUT)
        channels = make_channels(ctx, submission, making)
        return put_together(ctx, submission, environment, channels, run, said)
    except BaseException:
        discard(run)
        raise


def discard(run: RunFolder, keep_log: bool = False) -> None:
    """Removes what a run needed while it lived; `keep_log` leaves its log, usage and end."""
    for folder in (run.staging, *((run.view, run.path / "data") if keep_log else (run.path,))):
        shutil.rmtree(folder, ignore_errors=True)


def found_metrics(prepared: Prepared) -> dict[str, float] | str | None:
    """The figures of the `metric.json` that the script left in an output, or what is wrong with it, or None."""
    for folder in prepared.results.values():
        path = folder / "metric.json"
        if path.is_file():
            try:
                return read_metrics(path.read_text(encoding="utf-8"))
            except (BadInput, UnicodeDecodeError) as error:
                return str(error)
    return None


def refuse_python_2(code: Code) -> None:
    if line := python_2_line(code):
        raise Refused(say("python2", file=code.boot_file, line=line), field="boot")


def choose_environment(ctx: Context, submission: Submission, tell: Tell, stopped: IsStopped) -> Environment:
    if submission.python is not None:
        environment = ctx.engines.own(submission.python)
        tell(say("engine_own", reason=environment.resolution.reason))
        return environment
    name, why = submission.engine, ""
    if name is None:
        name, why = suggest_engine(submission.code) or (
            NO_FRAMEWORK,
            say("no_framework"),
        )
        tell(say("engine_suggested", name=name, why=why))
    resolution = ctx.engines.resolve(name)
    if resolution.match is Match.REFUSED:
        raise Refused(say("engine_refused", name=name, reason=resolution.reason), field="engine")
    environment = ctx.engines.prepare(resolution, (), tell, stopped)
    tell(say("engine_found", name=name, match=say(resolution.match), reason=resolution.reason))
    for note in environment.notes:
        tell(say("engine_note", name=name, note=note))
    return environment


def make_channels(ctx: Context, submission: Submission, making: Making) -> Channels:
    remote = submission.dialect is Dialect.V1 and (
        submission.urls is Urls.S3 or (submission.urls is Urls.AUTO and mentions_moxing(submission.code))
    )
    channeling = Channeling(
        ctx.store, making.run, submission.dialect, remote, making.tell, submission.read_only_data, making.stopped,
        submission.version, submission.nodes.index > 0, submission.manner,
    )  # fmt: skip
    channels = Channels()
    for name, location in submission.inputs.items():
        channeling.add_input(channels, name, location)
    for name, location in submission.outputs.items():
        channeling.add_output(channels, name, location)
    return channels


def put_together(
    ctx: Context,
    submission: Submission,
    environment: Environment,
    channels: Channels,
    run: RunFolder,
    said: Sequence[str],
) -> Prepared:
    """The process for a run whose folder is filled; `said` is what its log begins with."""
    job = make_job(submission, channels, run, environment.resolution.framework)
    if job.nodes.count > 1:
        run.inside(RANK_TABLE).write_text(json.dumps(rank_table(job.nodes)))
    if submission.working_dir:
        run.inside(submission.working_dir).mkdir(parents=True, exist_ok=True)
    plan = plan_of(submission, job, said)
    aliases = [BucketAlias(name, path, str(path), True) for name, path in submission.buckets.items()]
    buckets = Buckets([*aliases, *channels.aliases.values()], submission.only_buckets)
    around = surroundings(ctx, environment, run.staging, buckets)
    user = "work" if job.dialect is Dialect.V1 else "ma-user"
    process = Process(
        id=run.id,
        folder=run.path,
        command=(str(environment.python), "-I", f"{SDK}/maquette_sdk/job/launch.py"),
        directory=JOB_FOLDER,
        environment={
            **around.environment,
            **job_environment(job, submission.environment),
            "MAQUETTE_PLAN": json.dumps(plan, ensure_ascii=False),
        },
        places=(*run.places(), *around.places, *channels.places),
        limits=submission.limits,
        gpus=submission.gpus,
        syncs=tuple(channels.syncs),
        companions=around.companions,
        user_name=user,
        home=f"/home/{user}",
    )
    return Prepared(process, job, run, channels.results, environment)


def plan_of(submission: Submission, job: Job, said: Sequence[str]) -> dict[str, Any]:
    """What `maquette_sdk/job/launch.py` does inside the run."""
    code, command = submission.code, command_line(job)
    if submission.working_dir:
        command = (f"{JOB_FOLDER}/{command[0]}", *command[1:])
    return {
        "directory": submission.working_dir or JOB_FOLDER,
        "code": f"{JOB_FOLDER}/{code.name}",
        "command": command,
        "shell": f"{submission.command} {shlex.join(command[1:])}" if submission.command else "",
        "beside": beside(job.nodes, job.framework, job.dialect is Dialect.V1, command, uses_mindspore_cluster(code)),
        "say": [*said, *remarks(code)],
    }


def make_job(submission: Submission, channels: Channels, run: RunFolder, framework: str) -> Job:
    return Job(
        id=run.id,
        name=submission.code.name,
        code=submission.code.name,
        boot_file=submission.code.boot_file,
        dialect=submission.dialect,
        inputs=tuple(channels.inputs),
        outputs=tuple(channels.outputs),
        parameters=tuple(submission.parameters),
        gpus=submission.gpus,
        arguments_of_2022=submission.arguments_of_2022,
        without=submission.without,
        framework=framework,
        nodes=submission.nodes,
    )
