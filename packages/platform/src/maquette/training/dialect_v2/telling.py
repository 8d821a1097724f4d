"""A job as the second generation shows it. Times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from maquette.kernel.context import Platform
from maquette.kernel.errors import NotFound
from maquette.runs import actions as runs
from maquette.runs.domain import Event, Run, State
from maquette.training.dialect_v2.engines import Machine, engine_body, flavour_body
from maquette.training.dialect_v2.phases import phases
from maquette.training.domain import Dialect, input_folder, output_folder
from maquette.training.experiments import Member, members
from maquette.training.flavours import GB, read_flavour
from maquette.training.jobs import Job, JobVersion
from maquette.training.parameters import Declared
from maquette.training.specification import Parameter, Place, Specification
from maquette.workspaces.actions import find_user

WORKSPACE = "0"
ACCESS = {True: "env", False: "parameter"}
ENDS = ("succeeded", "failed", "stopped", "lost", "restarted", "failed_to_start", "exit", "signal", "memory", "time")


def millis(seconds: float) -> int:
    return int(seconds * 1000)


class Telling:
    """What many answers need, asked for once: users' names, the jobs' experiments, the machine and the time."""

    def __init__(self, ctx: Platform, job_ids: Sequence[str] = ()) -> None:
        self.ctx = ctx
        self.members = members(ctx, job_ids) if job_ids else {}
        self.machine = Machine(ctx)
        self.now = ctx.clock()
        self.known: dict[str, str] = {"": ""}

    def name_of(self, user_id: str) -> str:
        if user_id not in self.known:
            try:
                self.known[user_id] = find_user(self.ctx, user_id).name
            except NotFound:
                self.known[user_id] = ""  # gone meanwhile
        return self.known[user_id]


def job_body(telling: Telling, job: Job, version: JobVersion | None) -> dict[str, Any]:
    """What a list tells of a job, and what is answered when it has been made."""
    spec = version.specification if version else None
    return {
        "kind": (spec.original.get("kind") if spec else None) or ("autosearch_job" if spec and spec.search else "job"),
        "metadata": metadata_body(telling, job, spec),
        "status": status_body(telling, version),
        "algorithm": algorithm_body(version) if version else {},
        "spec": spec_body(telling.machine, spec) if spec else {},
        "endpoints": {},
        "tags": list(job.tags),
    }


def detail_body(telling: Telling, job: Job, version: JobVersion | None) -> dict[str, Any]:
    """The same with what only one job is asked about: each attempt of its run."""
    body = job_body(telling, job, version)
    if version and version.run:
        told = runs.events(telling.ctx, [version.run.id])
        body["status"]["running_records"] = running_records(version.run, told)
    return body


def metadata_body(telling: Telling, job: Job, spec: Specification | None) -> dict[str, Any]:
    member = telling.members.get(job.id)
    return {
        "id": job.id,
        "name": job.name,
        "description": job.description,
        "create_time": millis(job.created_at),
        "workspace_id": WORKSPACE,
        "user_name": telling.name_of(job.created_by),
        "annotations": spec.original.get("annotations", {}) if spec else {},
        "training_experiment_reference": reference_body(member) if member else None,
    }


def reference_body(member: Member) -> dict[str, str]:
    return {"id": member.experiment.id, "name": member.experiment.name, "serial_number": str(member.serial)}


# ── status ───────────────────────────────────────────────────────────────────────────────────────


def status_body(telling: Telling, version: JobVersion | None) -> dict[str, Any]:
    phase, secondary = phases(version)
    run = version.run if version else None
    started = run.moments.get("started", 0.0) if run else 0.0
    return {
        "phase": phase,
        "secondary_phase": secondary,
        "duration": millis(version.seconds(telling.now)) if version else 0,
        "start_time": millis(started),
        "node_count_metrics": node_counts(version) if version else [],
        "tasks": tasks_of(version) if version else [],
        "task_statuses": task_statuses(version) if version else [],
        "running_records": [],
    }


def task_name(run: Run) -> str:
    """A job's nodes are numbered; the tasks of a search are its trials."""
    trial = run.order.details.get("trial")
    return f"trial-{trial}" if trial else f"worker-{run.order.node}"


def tasks_of(version: JobVersion) -> list[str]:
    return [task_name(run) for run in version.runs]


def node_counts(version: JobVersion) -> list[list[int]]:
    """(moment, nodes that run) at every change."""
    changes = [(run.moments["started"], 1) for run in version.runs if "started" in run.moments]
    changes += [(run.moments["process_ended"], -1) for run in version.runs if "process_ended" in run.moments]
    counts, count = [], 0
    for moment, change in sorted(changes):
        count += change
        counts.append([millis(moment), count])
    return counts


def task_statuses(version: JobVersion) -> list[dict[str, Any]]:
    """The first that failed explains the others."""
    ended = [run for run in version.runs if run.has_ended and run.code is not None]
    ended.sort(key=lambda run: (run.state is State.SUCCEEDED, run.moments.get("process_ended", 0.0)))
    return [
        {"task": task_name(run), "exit_code": run.code, "message": "" if run.code == 0 else run.message}
        for run in ended
    ]


def running_records(run: Run, told: Sequence[Event]) -> list[dict[str, Any]]:
    """One entry for each attempt, in seconds as ModelArts gives them here."""
    records: list[dict[str, Any]] = []
    for event in told:
        if event.code == "started":
            start_type = "init_or_rescheduled" if not records else "restarted"
            records.append({"start_at": int(event.at), "end_at": 0, "start_type": start_type})
        elif event.code in ENDS and records and not records[-1]["end_at"]:
            again = event.code == "restarted"
            records[-1] |= {
                "end_at": int(event.at),
                "end_reason": event.message,
                "end_related_task": task_name(run),
                "end_recover": "job_reschedule" if again else "",
                "end_recover_before_downgrade": "job_reschedule" if again else "",
            }
    return records


# ── what it runs ─────────────────────────────────────────────────────────────────────────────────


def algorithm_body(version: JobVersion) -> dict[str, Any]:
    spec = version.specification
    shown: Mapping[str, Any] = spec.original if spec.dialect is Dialect.V2 else {}
    code = shown.get("code_dir") or plain(spec.code)
    constraints = {one["name"]: Declared.model_validate(one) for one in shown.get("constraints", [])}
    return {
        "id": spec.algorithm,
        "name": shown.get("algorithm_name", ""),
        "code_dir": code,
        "boot_file": shown.get("boot_file") or (f"{code.rstrip('/')}/{spec.boot_file}" if spec.boot_file else ""),
        "command": spec.command,
        "working_dir": spec.working_dir,
        "local_code_dir": f"/home/ma-user/modelarts/user-job-dir/{spec.folder_name}",
        "parameters": [parameter_body(one, constraints.get(one.name)) for one in spec.parameters],
        "inputs": [place_body(one, input_folder(one.name, index)) for index, one in enumerate(spec.inputs)],
        "outputs": [place_body(one, output_folder(one.name, index)) for index, one in enumerate(spec.outputs)],
        "engine": engine_body(spec.engine, shown.get("engine")),
        "environments": spec.environment,
        "policies": {"auto_search": search_body(spec.search)} if spec.search else {},
        "summary": shown.get("summary", {}),
    }


def plain(address: str) -> str:
    """`/bucket/folder/`, as the second generation writes addresses."""
    return "/" + address.split("://", 1)[1] if "://" in address else address


def parameter_body(parameter: Parameter, declared: Declared | None, language: str = "en-us") -> dict[str, Any]:
    """A parameter of a job, with what its algorithm says of it."""
    return declared_body(declared or Declared(name=parameter.name), language) | {"value": parameter.value}


def declared_body(declared: Declared, language: str = "en-us") -> dict[str, Any]:
    return {
        "name": declared.name,
        "value": declared.value,
        "description": declared.description,
        "i18n_description": translated(declared.descriptions, language),
        "constraint": declared.constraint.model_dump(mode="json"),
    }


def translated(descriptions: Mapping[str, str], language: str) -> dict[str, str] | None:
    """The description in the language that is asked for, and beside it in all there are."""
    if not descriptions:
        return None
    shown = language if language in descriptions else next(iter(descriptions))
    return {"language": shown, "description": descriptions[shown], **descriptions}


def place_body(place: Place, usual: str) -> dict[str, Any]:
    remote: dict[str, Any] = {"obs": {"obs_url": plain(place.address)}}
    if place.dataset:
        remote = {
            "dataset": {
                "id": place.dataset,
                "version_id": place.dataset_version,
                "obs_url": plain(place.address),
            }
        }
    return {
        "name": place.name,
        "description": place.description,
        "local_dir": place.local_dir or usual.rstrip("/"),
        "access_method": ACCESS[place.as_variable],
        "remote": remote,
    }


def search_body(search: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in search.items() if name != "whole_params"}


def spec_body(machine: Machine, spec: Specification) -> dict[str, Any]:
    flavour = read_flavour(spec.flavour, machine.capacity)
    detail = flavour_body(flavour, machine)
    body: dict[str, Any] = {
        "resource": {
            "policy": "regular",
            "flavor_id": flavour.id,
            "flavor_name": detail["flavor_name"],
            "node_count": spec.nodes,
            "pool_id": spec.original.get("pool_id", ""),
            "flavor_detail": {name: detail[name] for name in ("flavor_type", "billing", "flavor_info")},
            "main_container_allocated_resources": {
                "cpu_arch": detail["flavor_info"]["cpu"]["arch"],
                "cpu_core_num": flavour.cores,
                "mem_size": round(flavour.memory_bytes / GB, 1),
                "accelerator_num": flavour.gpus,
                "accelerator_type": "",
            },
        },
        "volumes": [],
        "log_export_path": {"obs_url": plain(spec.log)} if spec.log else {},
        "schedule_policy": {"priority": spec.priority, "preemptible": False},
    }
    if spec.seconds:
        body["auto_stop"] = auto_stop_body(spec.seconds)
    return body


def auto_stop_body(seconds: float) -> dict[str, Any]:
    hours = seconds / 3600
    if hours == int(hours):
        return {"time_unit": "HOURS", "duration": int(hours)}
    return {"time_unit": "MINUTES", "duration": round(seconds / 60, 2)}
