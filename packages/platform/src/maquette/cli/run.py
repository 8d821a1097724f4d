"""`maquette run`: a training script as a job would run it, with no server."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from maquette import wiring
from maquette.cli.quantities import read_seconds, read_size, without_gpus
from maquette.kernel.context import Context
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Cause, Exit, Limits
from maquette.kernel.settings import read_settings
from maquette.runs.follow import follow, tail
from maquette.training.actions import Prepared, Submission, discard, found_metrics, prepare
from maquette.training.advice import advise
from maquette.training.code import find_code
from maquette.training.domain import CHANNEL_NAME, Dialect, Urls, read_variable
from maquette.training.nodes import MOST, Nodes

STOPPED_BY_USER = 130


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("code_dir", type=click.Path(path_type=Path))
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--boot", required=True, metavar="FILE", help="The script to start, inside CODE_DIR.")
@click.option("--engine", metavar="NAME", help="An engine as ModelArts or `maquette engines list` names it.")
@click.option("--python", type=click.Path(path_type=Path), help="Your own interpreter, used as it is.")
@click.option("--data", multiple=True, metavar="[NAME=]PATH|obs://…", help="Input; passed as --data_url or --NAME.")
@click.option("--output", multiple=True, metavar="[NAME=]DIR|obs://…", help="Output; passed as --train_url or --NAME.")
@click.option("--dialect", type=click.Choice([kind.value for kind in Dialect]), default="v2", show_default=True)
@click.option(
    "--urls",
    type=click.Choice([kind.value for kind in Urls]),
    default="auto",
    show_default=True,
    help="What V1 scripts are given.",
)
@click.option("--env", multiple=True, metavar="K=V", help="A variable for the script.")
@click.option("--bucket", multiple=True, metavar="NAME=DIR", help="A folder that stands for a bucket in this run.")
@click.option("--nodes", type=click.IntRange(1, MOST), default=1, help="Copies of the script that work together.")
@click.option("--gpus", type=click.IntRange(0), default=0, help="GPUs the script may use; adds --num_gpus.")
@click.option("--memory", metavar="SIZE", help="Memory limit, say 4GB.")
@click.option("--processes", type=click.IntRange(1), help="Limit on processes and threads.")
@click.option("--time", "time_limit", metavar="TIME", help="Time limit, say 90s, 30m or 2h.")
@click.option("--without", multiple=True, metavar="NAME", help="An argument that is not to be added.")
@click.option("--arguments-2022", is_flag=True, help="Add --init_method and --num_gpus as jobs of 2022 did.")
@click.option("--read-only-data", is_flag=True, help="Let V2 scripts read the data where it lies, without a copy.")
@click.option("--keep", is_flag=True, help="Keep the run's folder (code, cache, packages) for a look.")
@click.option(
    "--home", type=click.Path(path_type=Path), help="Maquette's folder; default MAQUETTE_HOME or ~/.maquette."
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON on stdout.")
@click.pass_context
def run(
    context: click.Context,
    code_dir: Path,
    parameters: tuple[str, ...],
    boot: str,
    engine: str | None,
    python: Path | None,
    data: tuple[str, ...],
    output: tuple[str, ...],
    dialect: str,
    urls: str,
    env: tuple[str, ...],
    bucket: tuple[str, ...],
    nodes: int,
    gpus: int,
    memory: str | None,
    processes: int | None,
    time_limit: str | None,
    without: tuple[str, ...],
    arguments_2022: bool,
    read_only_data: bool,
    keep: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Runs a training script as a job would.

    maquette run CODE_DIR --boot FILE [OPTIONS] -- --name=value …

    The exit code is the script's. The output is in DIR (V1: in DIR/V0001, V0002 …).
    """
    if engine and python:
        raise BadInput("--engine and --python exclude each other: give one of them.", field="engine")
    buckets = read_buckets(bucket)
    ctx = wiring.context(read_settings(home=home), {name: (path, True) for name, path in buckets.items()})
    submission = Submission(
        code=find_code(code_dir, boot),
        dialect=Dialect(dialect),
        urls=Urls(urls),
        engine=engine,
        python=python,
        inputs=read_channels(data, "data_url"),
        outputs=read_channels(output or ("output",), "train_url"),
        parameters=parameters,
        environment=dict(map(read_variable, env)),
        buckets=buckets,
        limits=Limits(
            memory_bytes=read_size(memory, "memory"), processes=processes, seconds=read_seconds(time_limit, "time")
        ),
        gpus=gpus,
        arguments_of_2022=arguments_2022,
        without=frozenset(name.lstrip("-") for name in without),
        read_only_data=read_only_data,
    )
    prepared: list[Prepared] = []
    try:
        for submitted in one_for_each_node(submission, nodes):
            prepared.append(prepare(ctx, submitted, tell))
        ends = start_and_follow(ctx, prepared)
        worst = worst_of(ends)
        report(ctx, prepared[worst], ends[worst], as_json)
    finally:
        if not keep:
            for one in prepared:
                discard(one.run, keep_log=True)
    context.exit(exit_code(ends[worst]))


def worst_of(ends: Sequence[Exit]) -> int:
    """The node that ended badly by itself, rather than one that was stopped for it; else the first."""
    bad = [index for index, ended in enumerate(ends) if exit_code(ended)]
    return next((index for index in bad if ends[index].cause is not Cause.STOPPED), next(iter(bad), 0))


def one_for_each_node(submission: Submission, count: int) -> list[Submission]:
    """The same for all nodes but its place among them; the first generation's version folder is one for all."""
    network = new_id()
    return [replace(submission, nodes=Nodes(count, index, network)) for index in range(count)]


def tell(line: str) -> None:
    click.echo(f"maquette: {line}", err=True)


def start_and_follow(ctx: Context, prepared: Sequence[Prepared]) -> list[Exit]:
    """Starts a run for each node and shows their logs; Ctrl-C asks them to stop, a second one kills them. When one
    ends badly the others are stopped."""
    for sentence in (*ctx.executor.isolation(), *without_gpus(ctx, prepared[0].process.gpus)):
        tell(sentence)
    folders = [one.process.folder for one in prepared]
    asked = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        tell("stopping; press Ctrl-C again to kill it" if asked == 1 else "killing it")
        for folder in folders:
            ctx.executor.stop(folder, now=asked > 1)

    def watch(index: int) -> Exit:
        ctx.executor.start(prepared[index].process)
        write = show if len(prepared) == 1 else Prefixed(f"[worker-{index}] ")
        ended = follow(ctx.executor, folders[index], prepared[index].run.log, write)
        if exit_code(ended) and not asked:
            end_others(ctx, [folder for folder in folders if folder != folders[index]])
        return ended

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        if len(prepared) == 1:
            return [watch(0)]
        with ThreadPoolExecutor(len(prepared)) as pool:
            return list(pool.map(watch, range(len(prepared))))
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def end_others(ctx: Context, folders: Sequence[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(NotFound, Conflict):  # not begun yet: it finds nobody to work with, and ends itself
            ctx.executor.stop(folder)


class Prefixed:
    """Shows whole lines of one node, each with its name in front."""

    def __init__(self, name: str) -> None:
        self.name = name.encode()
        self.rest = b""

    def __call__(self, chunk: bytes) -> None:
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        show(b"".join(self.name + line + b"\n" for line in lines))


def show(chunk: bytes) -> None:
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def report(ctx: Context, prepared: Prepared, ended: Exit, as_json: bool) -> None:
    """How it ended, what the script measured, where everything lies, and what may help."""
    seconds = max(0.0, ended.ended_at - ended.started_at)
    metrics = found_metrics(prepared)
    tell(f"{ended_sentence(ended)} after {seconds:.1f} s")
    if isinstance(metrics, str):
        tell(metrics)
    elif metrics:
        tell("metric.json: " + ", ".join(f"{name} {value:.4f}" for name, value in metrics.items()))
    for name, folder in prepared.results.items():
        tell(f"{name}: {folder}" if has_content(folder) else f"{name}: {folder} (the script wrote nothing there)")
    tell(f"log: {prepared.run.log}")
    for sentence in advise(prepared.job, ended, tail(prepared.run.log), not ctx.executor.isolation()):
        tell(sentence)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "id": prepared.run.id,
                    "code": ended.code,
                    "cause": str(ended.cause),
                    "message": ended.message,
                    "seconds": round(seconds, 3),
                    "peak_memory_bytes": ended.peak_memory_bytes,
                    "metrics": metrics if isinstance(metrics, dict) else None,
                    "outputs": {name: str(folder) for name, folder in prepared.results.items()},
                    "log": str(prepared.run.log),
                },
                ensure_ascii=False,
            )
        )


def ended_sentence(ended: Exit) -> str:
    if ended.cause is Cause.EXIT:
        return "finished" if ended.code == 0 else f"failed with exit code {ended.code}"
    return f"ended ({ended.cause}): {ended.message}"


def exit_code(ended: Exit) -> int:
    if ended.cause is Cause.STOPPED:
        return STOPPED_BY_USER
    return ended.code or (0 if ended.cause is Cause.EXIT else 1)


def has_content(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def read_channels(texts: Iterable[str], default: str) -> dict[str, str]:
    """`PATH` is the default channel, `NAME=PATH` the channel NAME (a folder really called `a=b` stays a path)."""
    channels: dict[str, str] = {}
    for text in texts:
        name, separator, location = text.partition("=")
        if not separator or not CHANNEL_NAME.fullmatch(name) or Path(text).exists():
            name, location = default, text
        if name in channels:
            raise BadInput(f"--{name} is given twice: '{channels[name]}' and '{location}'.", field=name)
        if not location:
            raise BadInput(
                f"The channel {name} has no location. Write {name}=PATH or {name}=obs://bucket/path/.", field=name
            )
        channels[name] = location
    return channels


def read_buckets(texts: Iterable[str]) -> dict[str, Path]:
    buckets = {}
    for text in texts:
        name, separator, folder = text.partition("=")
        path = Path(folder).expanduser()
        if not separator or not path.is_dir():
            raise BadInput(f"--bucket {text!r} is not NAME=DIR with a folder that exists.", field="bucket")
        buckets[name.removeprefix("obs://").removeprefix("s3://").strip("/")] = path.resolve()
    return buckets
