"""What the worker does for training: makes the process of a version's run, and keeps what the run leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound
from maquette.kernel.ports import Environment, Limits, ObjectStore, Process
from maquette.runs import actions as runs
from maquette.runs.copying import Progress, copy_objects
from maquette.runs.domain import Run
from maquette.runs.folder import SITE
from maquette.runs.kinds import Kind, Preparing
from maquette.runs.passes import way_to_server
from maquette.runs.sentences import say as about
from maquette.training import jobs, results
from maquette.training.actions import Making, Submission, make
from maquette.training.channels import Manner
from maquette.training.checkpoints import newest_checkpoint
from maquette.training.code import Code, find_code
from maquette.training.flavours import GB, offered
from maquette.training.hints import keep_advice
from maquette.training.jobs import JobVersion
from maquette.training.listing import KIND
from maquette.training.logs import keep_log
from maquette.training.nodes import Nodes
from maquette.training.packages import in_folder, listed, of_engine
from maquette.training.sentences import say
from maquette.training.snapshots import is_snapshot, keep_snapshot, unpack_snapshot
from maquette.training.specification import Specification
from maquette_sdk.sentences import told

MOST_PROCESSES = 16_384


def prepare(ctx: Platform, run: Run, preparing: Preparing) -> Process:
    """Code, data and engine of a version brought together; what was found out on the way is kept with the version."""
    _, version = jobs.version_of_run(ctx, run)
    return make_process(ctx, run, version, preparing)


def make_process(ctx: Platform, run: Run, version: JobVersion, preparing: Preparing) -> Process:
    spec = version.specification
    store = store_of_workspace(ctx, run.workspace_id)
    granted = replace(ctx, store=store)
    tell_flavour(ctx, run, spec, preparing)
    code = bring_code(ctx, store, spec, preparing)
    code_hash = keep_snapshot(ctx, code)
    making = Making(preparing.folder, preparing.tell, preparing.stopped, preparing.reach)
    prepared = make(granted, submission_of(ctx, store, run, version, code), making)
    packages = listed(of_engine(prepared.environment))
    jobs.keep(ctx, version, code_hash=code_hash, engine=engine_body(prepared.environment), packages=packages)
    return prepared.process


def tell_flavour(ctx: Platform, run: Run, spec: Specification, preparing: Preparing) -> None:
    """What a name of ModelArts' has come to mean, where it is none of those that this machine offers."""
    if not spec.flavour or spec.flavour in {flavour.id for flavour in offered(ctx.executor.capacity())}:
        return
    needs = run.order.needs
    gigabytes = round(needs.memory_bytes / GB, 1)
    preparing.tell(
        say("flavour_read", name=spec.flavour, cores=needs.cores, gigabytes=f"{gigabytes:g}", gpus=needs.gpus)
    )


def engine_body(environment: Environment) -> dict[str, Any]:
    """What the engine's name has come to mean here."""
    resolution = environment.resolution
    return {
        "name": resolution.name, "engine": resolution.engine, "match": str(resolution.match),
        "reason": resolution.reason, "told": told(resolution.reason),
        "python_version": resolution.python_version, "notes": list(environment.notes),
    }  # fmt: skip


def bring_code(ctx: Platform, store: ObjectStore, spec: Specification, preparing: Preparing) -> Code:
    """The code's folder on this machine: that of its bucket or, for a version made from another, what that ran on."""
    target = preparing.folder.path / "code" / spec.folder_name
    if is_snapshot(spec.code):
        unpack_snapshot(ctx, spec.code, target)
    else:
        address = read_address(spec.code)
        prefix = address.key.rstrip("/") + "/" if address.key.strip("/") else ""
        left_out = copy_objects(store, address.bucket, prefix, target, Progress(about("code"), preparing.tell))
        for key in left_out:
            preparing.tell(about("left_out", key=repr(key)))
        if not any(target.iterdir()):
            raise NotFound(say("no_code", place=spec.code), field="code_dir")
    return find_code(target, spec.boot_file) if spec.boot_file else Code(target.resolve(), PurePosixPath())


def submission_of(ctx: Platform, store: ObjectStore, run: Run, version: JobVersion, code: Code) -> Submission:
    spec = version.specification
    missing = [place.name for place in spec.outputs if not place.address]
    if missing:
        raise BadInput(say("no_place", name=missing[0]), field=missing[0])
    return Submission(
        code=code,
        dialect=spec.dialect,
        urls=spec.urls,
        engine=spec.engine or None,
        manner=manner_of(spec),
        command=spec.command,
        working_dir=spec.working_dir,
        inputs={place.name: place.address for place in spec.inputs if place.address},
        outputs={place.name: place.address for place in spec.outputs},
        parameters=tuple(parameter.token for parameter in spec.parameters),
        environment={**way_to_server(ctx, run), **spec.environment, **gpu_variables(run)},
        limits=Limits(
            memory_bytes=run.order.needs.memory_bytes or None, processes=MOST_PROCESSES, seconds=spec.seconds
        ),
        gpus=run.order.needs.gpus,
        arguments_of_2022=spec.arguments_of_2022,
        without=frozenset(spec.without),
        only_buckets=list(store.buckets()),
        version=version.version,
        nodes=Nodes(spec.nodes, run.order.node, version.id),
    )


def manner_of(spec: Specification) -> Manner:
    places = (*spec.inputs, *spec.outputs)
    return Manner(
        folders={place.name: place.local_dir for place in places if place.local_dir},
        as_variables=frozenset(place.name for place in places if place.as_variable),
        predownload=frozenset(place.name for place in spec.outputs if place.predownload),
    )


def gpu_variables(run: Run) -> dict[str, str]:
    """Which of the machine's GPUs are this run's."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, run.gpu_ids))} if run.gpu_ids else {}


def watch(ctx: Platform, run: Run) -> None:
    """While it runs: its log so far goes where the job wants it."""
    _, version = jobs.version_of_run(ctx, run)
    keep_log(ctx, run, version)


def ended(ctx: Platform, run: Run) -> None:
    """Its figures and its log are kept; the folders it lived in go."""
    try:
        job, version = jobs.version_of_run(ctx, run)
    except NotFound:
        return  # removed meanwhile, and there is nobody to keep anything for
    keep_log(ctx, run, version)
    keep_advice(ctx, run, version)
    if run.order.node == 0:
        results.keep_results(ctx, job, version, run, installed_by(ctx, run))
    for folder in runs.folders(ctx, run):
        discard_view(folder.path)


def installed_by(ctx: Platform, run: Run) -> dict[str, str]:
    """The packages that the script has installed into the run's own folder, in any of its tries."""
    found: dict[str, str] = {}
    for folder in runs.folders(ctx, run):
        found |= in_folder(folder.inside(SITE))
    return found


def discard_view(path: Path) -> None:
    """The run's log, usage and end stay; its code, its data and its scratch space go."""
    for name in ("view", "data", "code"):
        runs.remove_folder(path / name)


training = Kind(KIND, prepare, ended, watch, checkpoint=newest_checkpoint)
