"""What a version's run has left in its outputs: the figures of `metric.json` and ModelArts' analysis files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.kernel.ports import ObjectStore
from maquette.runs.domain import Run
from maquette.training import jobs
from maquette.training.domain import Dialect, read_metrics
from maquette.training.jobs import Job, JobVersion, version_name
from maquette.training.packages import listed, read_listed
from maquette.training.sentences import say
from maquette_sdk.sentences import as_json

METRICS = "metric.json"
INSTALLED = "installed"
EVALUATIONS = "evaluations"
ANALYSIS = ("model_analysis_results.json", "all_samples.json", "tmp_model_analysis.npz")
LARGEST_METRICS = 16 << 20
MOST_LOOKED_AT = 20_000
MOST_EVALUATIONS = 50


def output_addresses(version: JobVersion) -> dict[str, Address]:
    """Where each output of a version ends: the first generation puts every version in a folder of its own."""
    found = {}
    for place in version.specification.outputs:
        address = place.address.rstrip("/") + "/"
        if version.specification.dialect is Dialect.V1:
            address += f"{version_name(version.version)}/"
        found[place.name] = read_address(address)
    return found


def keep_results(
    ctx: Platform, job: Job, version: JobVersion, run: Run, installed: Mapping[str, str] | None = None
) -> None:
    """Looks through the outputs and keeps what was found with the version; a damaged file is told, not an error.
    `installed` are packages that the script brought itself."""
    store = store_of_workspace(ctx, job.workspace_id)
    found: dict[str, object] = {INSTALLED: listed(installed)} if installed else {}
    packages = listed({**read_listed(version.packages), **(installed or {})})
    metrics: dict[str, float] | None = None
    evaluations: dict[str, dict[str, str]] = {}
    for output, address in output_addresses(version).items():
        try:
            keys = find_keys(store, address)
            files = highest(address, keys)
            metrics = metrics or (read_figures(store, read_address(files[METRICS])) if METRICS in files else None)
        except (NotFound, Refused):
            continue  # the bucket has gone, or is somebody else's now
        except BadInput as error:
            found["metric_problem"] = as_json(error.message)
        for name, where in files.items():
            found.setdefault(name, where)
        for name, analysed in by_folder(address, keys).items():
            evaluations.setdefault(name or output, analysed)
    if len(evaluations) > 1:
        found[EVALUATIONS] = dict(list(evaluations.items())[:MOST_EVALUATIONS])
    jobs.keep(ctx, version, metrics=metrics, results=found, packages=packages)


def read_figures(store: ObjectStore, file: Address) -> dict[str, float]:
    """The figures of a `metric.json`; those that are no numbers, such as NaN, are left out."""
    info, stream = store.open(file.bucket, file.key)
    with stream:
        if info.size > LARGEST_METRICS:
            raise BadInput(say("figures_large", file=METRICS, size=info.size), field=METRICS)
        try:
            figures = read_metrics(stream.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise BadInput(say("no_utf8", file=METRICS, reason=error.reason), field=METRICS) from None
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def find_keys(store: ObjectStore, folder: Address) -> list[str]:
    """Where `metric.json` and the analysis files lie, however deep below the output."""
    found: list[str] = []
    after: str | None = ""
    looked_at = 0
    while after is not None and looked_at < MOST_LOOKED_AT:
        page = store.list(folder.bucket, folder.key, after=after)
        looked_at += len(page.objects)
        found += [info.key for info in page.objects if name_of(info.key) in (METRICS, *ANALYSIS)]
        after = page.next
    return found


def highest(folder: Address, keys: Sequence[str]) -> dict[str, str]:
    """The address of each file: of several the highest, and of those the first."""
    found: dict[str, str] = {}
    for key in sorted(keys, key=depth):
        found.setdefault(name_of(key), str(Address(folder.bucket, key)))
    return found


def by_folder(folder: Address, keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """The analysis files of each evaluation, by its folder below the output: of `train` and `val`, say."""
    found: dict[str, dict[str, str]] = {}
    for key in keys:
        inner = key.removeprefix(folder.key).rpartition("/")[0]
        if name_of(key) in ANALYSIS:
            found.setdefault(inner, {})[name_of(key)] = str(Address(folder.bucket, key))
    return found


def name_of(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def depth(key: str) -> int:
    return key.count("/")
