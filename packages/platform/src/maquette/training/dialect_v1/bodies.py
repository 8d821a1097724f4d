"""Jobs and versions in the shapes that the first generation's API reference prints."""

from __future__ import annotations

import json
from typing import Any

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.runs import actions as runs
from maquette.runs.domain import Needs
from maquette.training.dialect_v1.engines import engine_body
from maquette.training.dialect_v1.specs import spec_body
from maquette.training.dialect_v1.states import status_of
from maquette.training.domain import read_metrics
from maquette.training.jobs import Job, JobVersion
from maquette.training.minutes import usage_by_minute
from maquette.training.results import LARGEST_METRICS, METRICS
from maquette.training.specification import Specification
from maquette_sdk.job.folder import USAGE


def millis(seconds: float) -> int:
    return int(seconds * 1000)


def made_body(job: Job, version: JobVersion | None) -> dict[str, Any]:
    """What a call that makes a job or a version answers."""
    body: dict[str, Any] = {
        "is_success": True, "job_id": job.number, "job_name": job.name, "status": status_of(version),
        "create_time": millis(version.created_at if version else job.created_at),
    }  # fmt: skip
    if version is not None:
        body |= {"version_id": version.number, "version_name": version.name, "resource_id": resource_id(version)}
    return body


def resource_id(version: JobVersion) -> str:
    return "job" + version.id.replace("-", "")[:8]


def listed_body(ctx: Platform, job: Job, version: JobVersion | None, count: int) -> dict[str, Any]:
    """A job in a list; what is told of versions is the newest one's."""
    return {
        "job_id": job.number,
        "job_name": job.name,
        "job_desc": job.description,
        "version_id": version.number if version else 0,
        "status": status_of(version),
        "create_time": millis(job.created_at),
        "duration": duration(ctx, version) if version else 0,
        "version_count": count,
    }


def duration(ctx: Platform, version: JobVersion) -> int:
    """How long its script has been running, in thousandths of a second."""
    return millis(version.seconds(ctx.clock()))


def version_body(ctx: Platform, version: JobVersion, numbers: dict[int, int]) -> dict[str, Any]:
    """All of a version but its use of the machine; `numbers` are the ids of the job's versions by their number."""
    spec = version.specification
    started = version.run.moments.get("started") if version.run else None
    return {
        "version_id": version.number,
        "version_name": version.name,
        "pre_version_id": numbers.get(version.previous or 0, 0),
        "status": status_of(version),
        "create_time": millis(version.created_at),
        "start_time": millis(started) if started else 0,
        "duration": duration(ctx, version),
        "resource_id": resource_id(version),
        **engine_body(ctx, spec.engine or str(version.engine.get("name", ""))),
        **spec_body(ctx.executor.capacity(), spec.flavour),
        **places_body(spec),
        "parameter": parameters_body(spec),
        "worker_server_num": spec.nodes,
        "model_metric_list": metrics_text(ctx, version),
        "pool_id": spec.original.get("pool_id", ""),
        "pool_name": "",
    }


def places_body(spec: Specification) -> dict[str, Any]:
    """Where code, data and results lie, spelled as they came; jobs of other calls in the short form."""
    data = next((place.address for place in spec.inputs if place.name == "data_url"), "")
    train = next((place.address for place in spec.outputs if place.name == "train_url"), "")
    body: dict[str, Any] = {
        "app_url": short(spec.code), "boot_file_url": short(spec.code) + spec.boot_file, "data_url": short(data),
        "train_url": short(train), "log_url": short(spec.log), "data_source": [],
    }  # fmt: skip
    body |= {name: value for name, value in spec.original.items() if name in body}
    if body["data_url"] and not body["data_source"]:
        body["data_source"] = [{"type": "obs", "data_url": body["data_url"]}]
    return body


def short(address: str) -> str:
    """`/bucket/key`, the first generation's way to write `obs://bucket/key`."""
    return "/" + address.split("://", 1)[1] if "://" in address else address


def parameters_body(spec: Specification) -> list[dict[str, Any]]:
    given = spec.original.get("parameter")
    return given if given is not None else [{"label": one.name, "value": one.value} for one in spec.parameters]


def metrics_text(ctx: Platform, version: JobVersion) -> str:
    """The figures as a JSON text: the script's own `metric.json` while it is what was found, else the total."""
    if version.metrics is None:
        return "{}"
    found = str(version.results.get(METRICS, ""))
    text = read_text(ctx, version, found) if found else ""
    if text and is_still(text, version):
        return text
    total = {"total_metric_meta": {}, "total_reserved_data": {}, "total_metric_values": dict(version.metrics)}
    return json.dumps({"metric": [], "total_metric": total})


def read_text(ctx: Platform, version: JobVersion, where: str) -> str:
    if version.run is None:
        return ""
    address = read_address(where)
    try:
        info, file = store_of_workspace(ctx, version.run.workspace_id).open(address.bucket, address.key)
    except (NotFound, Refused):
        return ""  # the total is kept with the version
    with file:
        return file.read().decode("utf-8", "replace") if info.size <= LARGEST_METRICS else ""


def is_still(text: str, version: JobVersion) -> bool:
    try:
        return read_metrics(text) == dict(version.metrics or {})
    except BadInput:
        return False


def usage_body(ctx: Platform, version: JobVersion) -> dict[str, Any]:
    """The first node's use of what its flavour allows."""
    run = version.run
    files = [folder.path / USAGE for folder in runs.folders(ctx, run)] if run else []
    return usage_by_minute(files, run.order.needs if run else Needs())


def as_text(body: dict[str, Any]) -> str:
    """In lists the use of the machine is a text of JSON."""
    return json.dumps(body)
