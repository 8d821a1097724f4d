"""What a version's run has left in its outputs: the figures of `metric.json` and ModelArts' analysis files."""

from __future__ import annotations

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import Address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.kernel.ports import ObjectStore
from maquette.runs.domain import Run
from maquette.training import jobs
from maquette.training.domain import Dialect, read_metrics
from maquette.training.jobs import Job, JobVersion, version_name

METRICS = "metric.json"
ANALYSIS = ("model_analysis_results.json", "all_samples.json", "tmp_model_analysis.npz")
LARGEST_METRICS = 16 << 20
MOST_LOOKED_AT = 20_000


def output_addresses(version: JobVersion) -> dict[str, Address]:
    """Where each output of a version ends: the first generation puts every version in a folder of its own."""
    found = {}
    for place in version.specification.outputs:
        address = place.address.rstrip("/") + "/"
        if version.specification.dialect is Dialect.V1:
            address += f"{version_name(version.version)}/"
        found[place.name] = read_address(address)
    return found


def keep_results(ctx: Platform, job: Job, version: JobVersion, run: Run) -> None:
    """Looks through the outputs and keeps what was found with the version; a damaged file is told, not an error."""
    store = store_of_workspace(ctx, job.workspace_id)
    found: dict[str, object] = {}
    metrics = None
    for address in output_addresses(version).values():
        try:
            metrics, more = metrics or read_figures(store, address), find_files(store, address)
        except (NotFound, Refused):
            continue  # the bucket has gone, or is somebody else's now
        except BadInput as error:
            found["metric_problem"] = error.message
            more = find_files(store, address)
        for name, where in more.items():
            found.setdefault(name, where)
    jobs.keep(ctx, version, metrics=metrics, results=found)


def read_figures(store: ObjectStore, folder: Address) -> dict[str, float] | None:
    try:
        info, file = store.open(folder.bucket, folder.below(METRICS).key)
    except NotFound:
        return None
    with file:
        if info.size > LARGEST_METRICS:
            raise BadInput(f"{METRICS} has {info.size} bytes, which is more than figures take.", field=METRICS)
        try:
            return read_metrics(file.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise BadInput(f"{METRICS} is no UTF-8 text ({error.reason}).", field=METRICS) from None


def find_files(store: ObjectStore, folder: Address) -> dict[str, str]:
    """The addresses of `metric.json` and the analysis files, wherever below the output they lie; the first of each."""
    found: dict[str, str] = {}
    after: str | None = ""
    looked_at = 0
    while after is not None and looked_at < MOST_LOOKED_AT:
        page = store.list(folder.bucket, folder.key, after=after)
        looked_at += len(page.objects)
        for info in page.objects:
            name = info.key.rsplit("/", 1)[-1]
            if name in (METRICS, *ANALYSIS):
                found.setdefault(name, str(Address(folder.bucket, info.key)))
        after = page.next
    return found
