"""Engines made ahead of need: a run that makes an engine's environment and tells what has come to be in it."""

from __future__ import annotations

from dataclasses import dataclass

from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, NotFound
from maquette.kernel.identity import Identity
from maquette.kernel.ports import Limits, Match, Process
from maquette.runs import actions as runs
from maquette.runs import logs
from maquette.runs.domain import NO_NEEDS, Order, Run
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.surroundings import engine_environment, engine_places
from maquette.training.engines import check_engine
from maquette.training.packages import listed, of_engine
from maquette.training.sentences import say

KIND = "engine"
LONGEST_NAME = 48
LOG_BYTES = 256 << 10
LIMITS = Limits(memory_bytes=1 << 30, processes=16, seconds=120, grace_seconds=1.0, log_bytes=LOG_BYTES)
PROGRAM = "import os, sys; print('Python', sys.version.split()[0]); print(os.environ['MAQUETTE_PACKAGES'])"


@dataclass(frozen=True)
class Preparation:
    """How the newest attempt to make an engine stands, and all that was told of it."""

    run: Run
    lines: tuple[str, ...]


def start(ctx: Platform, who: Identity, name: str) -> Preparation:
    """Has it made now. Conflict while it is being made, BadInput for what cannot be made here."""
    check_makeable(ctx, name)
    if not all(map(is_over, earlier(ctx, name))):
        raise Conflict(say("being_made", name=name), engine=name)
    for run in earlier(ctx, name):
        runs.forget(ctx, run.workspace_id, [run.id])
    with ctx.database.write() as rows:
        order = Order(who.workspace_id, KIND, subject_of(name), name, NO_NEEDS, created_by=who.user_id)
        runs.submit(ctx, rows, order)
    return find(ctx, name)


def check_makeable(ctx: Platform, name: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(say("engine_name", most=LONGEST_NAME), field="engine")
    check_engine(ctx, name)
    if ctx.engines.resolve(name).match is Match.OWN:
        raise BadInput(say("own_engine", name=name), field="engine")


def stop(ctx: Platform, name: str) -> None:
    """What is half made goes."""
    for run in earlier(ctx, name):
        runs.stop(ctx, run.workspace_id, run.id)


def find(ctx: Platform, name: str) -> Preparation:
    """Raises NotFound where nobody has asked for it."""
    found = earlier(ctx, name)
    if not found:
        raise NotFound(say("never_made", name=name), engine=name)
    run = found[-1]
    told = [event.message for event in runs.events(ctx, [run.id], code="told")]
    log = logs.open_log(ctx, run)
    written = b"".join(log.pieces(0, log.size)).decode("utf-8", "replace").splitlines()
    return Preparation(run, (*told, *written))


def newest(ctx: Platform, names: list[str]) -> dict[str, Run]:
    """By engine, for those that somebody has asked for."""
    found = runs.of_subjects(ctx, [subject_of(name) for name in names])
    return {name: found[subject_of(name)][-1] for name in names if found.get(subject_of(name))}


def earlier(ctx: Platform, name: str) -> list[Run]:
    return [run for run in runs.of_subject(ctx, subject_of(name)) if run.kind == KIND]


def is_over(run: Run) -> bool:
    """One that was stopped while it waited has nothing to be settled."""
    return run.has_ended and (run.settled or run.tries == 0)


def subject_of(name: str) -> str:
    return f"engine:{name}"


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """The process has little to do: that its Python starts shows that the environment is good."""
    environment = ctx.engines.prepare(ctx.engines.resolve(run.order.name), (), preparing.tell, preparing.stopped)
    preparing.reach("environment")
    preparing.folder.make()
    packages = "\n".join(listed(of_engine(environment)))
    return Process(
        id=run.id,
        folder=preparing.folder.path,
        command=(str(environment.python), "-c", PROGRAM),
        directory="/tmp",  # noqa: S108 - the run's own
        environment={**engine_environment(environment), "MAQUETTE_PACKAGES": packages},
        places=(*preparing.folder.places(), *engine_places(environment)),
        limits=LIMITS,
    )


def ended(ctx: Platform, run: Run) -> None:
    """Its log is all that is of use."""
    for folder in runs.folders(ctx, run):
        runs.remove_folder(folder.view)


engine = Kind(KIND, prepare, ended)
