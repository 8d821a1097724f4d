"""`maquette serve`: a model package online in seconds, with no server."""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from pathlib import Path

import click

from maquette import wiring
from maquette.cli.check import grouped, told
from maquette.cli.quantities import without_gpus
from maquette.kernel.errors import BadInput, Refused
from maquette.kernel.settings import read_settings
from maquette.models.catalogue import Level
from maquette.models.check import Report
from maquette.models.check import check as check_package
from maquette.models.domain import Mode
from maquette.services.actions import Recipe, make_recipe
from maquette.services.domain import LOOPBACK, CallLimits
from maquette.services.examples import curl, usual_api
from maquette.services.instances import Show
from maquette.services.serving import Service
from maquette.services.serving import serve as serve_here
from maquette.training.domain import read_variable
from maquette.web.listening import listen

DEFAULT_PORT = 8080
HERE = LOOPBACK[0]
MODES = [mode.value for mode in Mode]
POSITIVE = click.FloatRange(min=0, min_open=True)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


@click.command()
@click.argument("package_dir", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option("--host", default=HERE, show_default=True, help="Where to listen; 0.0.0.0 is the whole network.")
@click.option("--engine", metavar="NAME", help="An engine, instead of the one the package's runtime names.")
@click.option("--python", type=click.Path(path_type=Path), help="Your own interpreter, used as it is.")
@click.option("--env", multiple=True, metavar="K=V", help="A variable for the package's code.")
@click.option("--instances", type=click.IntRange(1, 64), default=1, show_default=True, help="One call at a time each.")
@click.option("--gpus", type=click.IntRange(0), default=0, help="GPUs each instance may use.")
@click.option("--mode", type=click.Choice(MODES), help="How a package without config.json takes requests.")
@click.option("--reload", is_flag=True, help="Start anew when the package changes; for people who write one.")
@click.option("--limit-mb", type=POSITIVE, default=12.0, show_default=True, help="The largest request.")
@click.option("--timeout", type=POSITIVE, default=40.0, show_default=True, help="Seconds that a call may take.")
@click.option("--no-check", is_flag=True, help="Serve although the check finds errors.")
@click.option("--home", type=click.Path(path_type=Path), help="Maquette's folder; else MAQUETTE_HOME or ~/.maquette.")
def serve(
    package_dir: Path,
    port: int,
    host: str,
    engine: str | None,
    python: Path | None,
    env: tuple[str, ...],
    instances: int,
    gpus: int,
    mode: str | None,
    reload: bool,
    limit_mb: float,
    timeout: float,
    no_check: bool,
    home: Path | None,
) -> None:
    """Puts a model package online.

    PACKAGE_DIR is the `model/` folder or its parent.

    POST / predicts, GET /health tells whether it is ready, and a browser gets a page to try it. Ctrl-C ends it.
    """
    if engine and python:
        raise BadInput("--engine and --python exclude each other: give one of them.", field="engine")
    started = time.monotonic()
    ctx = wiring.context(read_settings(home=home))
    variables = {**fair_threads(instances), **dict(map(read_variable, env))}
    limits = CallLimits(body_bytes=int(limit_mb * (1 << 20)), seconds=timeout)

    def make() -> Recipe:
        report = check_package(ctx, package_dir, engine, python, Mode(mode) if mode else None)
        tell_findings(report, no_check)
        return make_recipe(ctx, report, tell, variables, gpus, limits)

    with listen(host, port) as listening:
        recipe = make()
        for sentence in (*ctx.executor.isolation(), *without_gpus(ctx, gpus)):
            tell(sentence)
        address = address_of(host, listening.getsockname()[1])
        when_ready = functools.partial(tell_ready, recipe, address, instances, started)
        show = Screen(numbered=instances > 1).show
        serve_here(ctx, Service(recipe, instances, listening, tell, show, when_ready, make if reload else None))
    tell("stopped")


def tell(line: str, stands_out: bool = False) -> None:
    said = f"maquette: {line}"
    click.echo(click.style(said, fg="green", bold=True) if stands_out else said, err=True)


def fair_threads(instances: int) -> dict[str, str]:
    """Several instances share the processors; each alone would take all of them and all would be slower."""
    if instances == 1:
        return {}
    each = max(1, len(os.sched_getaffinity(0)) // instances)
    return dict.fromkeys(THREADS, str(each))


def tell_findings(report: Report, no_check: bool) -> None:
    """What the check found, hints left out. Raises Refused for a package that is not sound."""
    for group in grouped(report.findings):
        if group[0].level is not Level.HINT:
            for line in told(group):
                click.echo(line, err=True)
    count = len(report.errors)
    if count and not no_check:
        raise Refused(
            f"The package in {report.folder} has {count} error{'s' if count > 1 else ''}."
            " Mend what is said above, or serve it all the same with --no-check.",
            package=str(report.folder),
        )


def address_of(host: str, port: int) -> str:
    if host not in LOOPBACK:
        tell(f"everybody who can reach this machine can use this service: it listens on {host} and asks for no key")
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 – read, not listened on
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def tell_ready(recipe: Recipe, address: str, instances: int, started: float, ready: int) -> None:
    """Says where the service is: when the first instance is ready, and in one line more when all are."""
    api, seconds = usual_api(recipe.package), time.monotonic() - started
    place = f"after {seconds:.1f} s at {address}{api.url}"
    if ready > 1:
        tell(f"all {ready} instances are ready {place}", stands_out=True)
        return
    several = f", the first of {instances} instances" if instances > 1 else ""
    tell(f"ready {place}{several}; browsers get a form", stands_out=True)
    tell(f"try it: {curl(address + api.url, api)}")
    tell("Ctrl-C ends it")


class Screen:
    """Where the instances' lines go, each with its instance's number where there are several."""

    def __init__(self, numbered: bool) -> None:
        self.numbered = numbered
        self.lock = threading.Lock()
        self.closed = False

    def show(self, number: int) -> Show:
        return functools.partial(self.write_numbered, f"[{number}] ".encode()) if self.numbered else self.write

    def write_numbered(self, prefix: bytes, chunk: bytes) -> None:
        lines = chunk.rstrip(b"\n").replace(b"\n", b"\n" + prefix)
        self.write(prefix + lines + b"\n")

    def write(self, chunk: bytes) -> None:
        """A terminal that is gone must not end the service."""
        with self.lock:
            if self.closed:
                return
            try:
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
            except OSError:
                self.closed = True
