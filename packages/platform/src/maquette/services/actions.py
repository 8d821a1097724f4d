"""Serves: from a model package to the process of an instance that an executor starts."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from maquette.kernel.context import Context
from maquette.kernel.errors import Refused
from maquette.kernel.ids import new_id
from maquette.kernel.ports import Environment, IsStopped, Limits, Match, Place, Process, Tell, never
from maquette.models.check import Report
from maquette.models.domain import FOLDER, HOME, Package
from maquette.runs.copying import Progress, copy_folder, walk_files
from maquette.runs.folder import SDK, RunFolder
from maquette.runs.sentences import say as about
from maquette.runs.surroundings import Buckets, surroundings
from maquette.services.domain import MALLOC, SOCKET, SOCKET_FOLDER, CallLimits
from maquette.services.sentences import say
from maquette.training.sentences import say as engine
from maquette_sdk.sentences import several

GRACE_SECONDS = 1.0
LARGE_BYTES = 16 << 20
ONE_AT_A_TIME = threading.Lock()
"""Preparing asks `sysconfig` for things, which gives wrong answers to two threads that ask first."""
ALL_BUCKETS = Buckets()
LEFT_OUT = frozenset({".git", "__pycache__", ".ipynb_checkpoints"})


@dataclass(frozen=True, eq=False)
class Recipe:
    """What every instance of a service is made from. Two are never equal: the same package may have other contents."""

    package: Package
    environment: Environment
    variables: Mapping[str, str] = field(default_factory=dict)
    gpus: int = 0
    limits: CallLimits = field(default_factory=CallLimits)


@dataclass(frozen=True)
class Prepared:
    """An instance that is ready to start, and the folders that are its alone. `socket` is its address."""

    process: Process
    run: RunFolder
    socket_folder: Path

    @property
    def socket(self) -> Path:
        return self.socket_folder / Path(SOCKET).name


def make_recipe(
    ctx: Context,
    report: Report,
    tell: Tell,
    variables: Mapping[str, str],
    gpus: int,
    limits: CallLimits,
    stopped: IsStopped = never,
) -> Recipe:
    """What instances of a checked package are made from: installs what its engine lacks, and tells every choice."""
    if report.package is None or report.engine is None or report.engine.match is Match.REFUSED:
        said = several(*(finding.message for finding in report.errors))
        raise Refused(say("not_served", folder=report.folder, reason=said), package=str(report.folder))
    environment = ctx.engines.prepare(report.engine, report.requirements, tell, stopped)
    found = environment.resolution
    if found.match is Match.OWN:
        tell(engine("engine_own", reason=found.reason))
    else:
        tell(engine("engine_found", name=report.asked, match=engine(found.match), reason=found.reason))
    for note in environment.notes:
        own = found.match is Match.OWN
        tell(engine("engine_own", reason=note) if own else engine("engine_note", name=report.asked, note=note))
    return Recipe(report.package, environment, variables, gpus, limits)


def prepare(ctx: Context, recipe: Recipe, tell: Tell, stopped: IsStopped) -> Prepared:
    """Makes the folder of one instance, with its own copy of the package, and its process.

    A failure leaves nothing; it fails in the middle of a copy once it is `stopped`.
    """
    run_id = new_id()
    run = RunFolder(run_id, ctx.settings.home.runs / run_id)
    # Not below the home: the path of a socket has at most 107 bytes.
    socket_folder = Path(tempfile.mkdtemp(prefix="maquette-"))
    try:
        return Prepared(fill(ctx, recipe, run, socket_folder, tell, stopped), run, socket_folder)
    except BaseException:
        remove(run.path, run.staging, socket_folder)
        raise


def fill(
    ctx: Context, recipe: Recipe, run: RunFolder, socket_folder: Path, tell: Tell, stopped: IsStopped,
    buckets: Buckets = ALL_BUCKETS, frozen: bool = False,
) -> Process:  # fmt: skip
    """Makes what lies in the folder of one instance, and its process. Of a package that is `frozen` large files are
    shown, read-only, and not copied."""
    run.make()
    run.staging.mkdir(parents=True, exist_ok=True)
    package = recipe.package
    large = large_files(package.folder) if frozen else {}
    copy_package(package, run, Progress(about("package"), tell, stopped), large)
    with ONE_AT_A_TIME:
        process = make_process(ctx, recipe, run, socket_folder, buckets)
    shown = (Place(package.folder / relative, f"{FOLDER}/{relative}") for relative in large)
    return replace(process, places=(*process.places, *shown))


def large_files(folder: Path) -> dict[Path, int]:
    """Weights, mostly: their places in the package, and their sizes."""
    sizes = {relative: path.stat().st_size for path, relative in walk_files(folder, LEFT_OUT)}
    return {relative: size for relative, size in sizes.items() if size >= LARGE_BYTES}


def discard(prepared: Prepared) -> None:
    """Removes all folders of an instance that has ended."""
    remove(prepared.run.path, prepared.run.staging, prepared.socket_folder)


def remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def copy_package(package: Package, run: RunFolder, progress: Progress, but: Mapping[Path, int]) -> None:
    """The copy that the instance's code may write into, seen at /home/mind/model and at /home/mind/model/1."""
    folder = run.inside(FOLDER)
    copy_folder(package.folder, folder, progress, LEFT_OUT, but)
    versioned = folder / "1"
    if not os.path.lexists(versioned):
        versioned.symlink_to(".")


def make_process(ctx: Context, recipe: Recipe, run: RunFolder, socket_folder: Path, buckets: Buckets) -> Process:
    around = surroundings(ctx, recipe.environment, run.staging, buckets)
    plan = recipe.package.plan(SOCKET, recipe.limits.queue)
    return Process(
        id=run.id,
        folder=run.path,
        command=(str(recipe.environment.python), f"{SDK}/maquette_sdk/serve/main.py"),
        directory=HOME,
        environment={
            **MALLOC,
            **around.environment,
            **recipe.variables,
            "MAQUETTE_PLAN": json.dumps(plan, ensure_ascii=False),
        },
        places=(*run.places(), *around.places, Place(socket_folder, SOCKET_FOLDER, writable=True)),
        limits=Limits(grace_seconds=GRACE_SECONDS),
        gpus=recipe.gpus,
        companions=around.companions,
    )
