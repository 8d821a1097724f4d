"""What a job's failed run can be told to do about it: found at its end, kept among its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from maquette.kernel.context import Platform
from maquette.kernel.ports import Exit
from maquette.runs import actions as runs
from maquette.runs.domain import Level, Run, State
from maquette.runs.follow import tail
from maquette.training.advice import OF_JOB, advise
from maquette.training.domain import Channel, Job
from maquette.training.jobs import JobVersion
from maquette.training.nodes import Nodes
from maquette.training.specification import Place

ADVICE = "advice"
"""Code of the event."""


def keep_advice(ctx: Platform, run: Run, version: JobVersion) -> None:
    """Once for an attempt, however often its end is looked at."""
    folders = runs.folders(ctx, run)
    if run.state is not State.FAILED or run.cause is None or run.code is None or not folders:
        return
    if any(event.code == ADVICE and event.attempt == run.attempt for event in runs.events(ctx, [run.id])):
        return
    isolated = not ctx.executor.isolation()
    said = advise(job_of(run, version), Exit(run.code, run.cause), tail(folders[-1].log), isolated, OF_JOB)
    with ctx.database.write() as rows:
        for sentence in said:
            runs.note(ctx, rows, run.id, run.attempt, Level.WARNING, ADVICE, sentence)


def advice_of(ctx: Platform, versions: Iterable[JobVersion]) -> Mapping[str, list[str]]:
    """The sentences for the last attempt of each version's runs, by the version's id; each told once."""
    attempts = {run.id: (version.id, run.attempt) for version in versions for run in version.runs}
    found: dict[str, list[str]] = {}
    for event in runs.events(ctx, list(attempts), code=ADVICE):
        version_id, attempt = attempts[event.run_id]
        if event.attempt == attempt and event.message not in found.setdefault(version_id, []):
            found[version_id].append(event.message)
    return found


def job_of(run: Run, version: JobVersion) -> Job:
    """What the script was told, as far as it matters here: by which names."""
    spec = version.specification
    return Job(
        run.id, run.order.name, spec.folder_name, PurePosixPath(spec.boot_file), spec.dialect,
        inputs=tuple(map(channel_of, spec.inputs)), outputs=tuple(map(channel_of, spec.outputs)),
        parameters=tuple(parameter.token for parameter in spec.parameters), gpus=run.order.needs.gpus,
        arguments_of_2022=spec.arguments_of_2022, without=frozenset(spec.without),
        nodes=Nodes(spec.nodes, run.order.node, version.id),
    )  # fmt: skip


def channel_of(place: Place) -> Channel:
    return Channel(place.name, place.address, place.address, place.as_variable)
