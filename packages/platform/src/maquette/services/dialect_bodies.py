"""The shapes of ModelArts' calls about services: what is sent, taken leniently, and what is told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from maquette.kernel.errors import BadInput, Refused
from maquette.services.batches import Batch, Progress, batch_of
from maquette.services.deployment import (
    WHOLE,
    Happened,
    InferType,
    Instance,
    Service,
    Status,
    Target,
    Trouble,
    Update,
    Wanted,
)
from maquette.services.rolling import TRIES
from maquette.services.sentences import say
from maquette.services.statistics import Version, whole
from maquette.training.flavours import CORES, MEMORY, custom_name, gpus_in
from maquette.web.door import Body
from maquette_sdk.sentences import told

CUSTOM = "custom"
HOURS = {"DAYS": 24.0, "HOURS": 1.0, "MINUTES": 1 / 60}
MB_PER_GB = 1024
LARGE = 1_000_000_000


def as_list(value: Any) -> Any:
    """Some clients send the one that they have without brackets."""
    return [value] if isinstance(value, Mapping) else value


def or_none(value: Any) -> Any:
    """What is told of a version without one may be sent back as it is."""
    return None if value == {} else value


def as_text(value: Any) -> Any:
    """Variables are texts; examples send numbers and truth values too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Number = Annotated[int, Field(ge=-LARGE, le=LARGE)]
Text = Annotated[str, BeforeValidator(as_text)]


class Sent(Body):
    """Fields that only tune ModelArts' own machines, pools and networks change nothing."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class SentSpec(Sent):
    """Memory in MB."""

    cpu: float = Field(gt=0, le=10_000, allow_inf_nan=False)
    memory: float = Field(gt=0, le=10_000_000, allow_inf_nan=False)
    gpu_p4: float | None = Field(None, ge=0, le=1000, allow_inf_nan=False)
    ascend_a310: float | None = Field(None, ge=0, le=1000, allow_inf_nan=False)


class SentConfig(Sent):
    """One version of a model. The fields from `src_type` on are of a batch."""

    model_id: str
    weight: Number | None = None
    specification: str = ""
    custom_spec: Annotated[SentSpec | None, BeforeValidator(or_none)] = None
    instance_count: Number = 1
    envs: dict[str, Text] | None = None
    src_type: str | None = None
    src_path: str = ""
    dest_path: str = ""
    req_uri: str | None = None
    mapping_type: str | None = None
    mapping_rule: dict[str, Any] | None = None


class SentSchedule(Sent):
    type: Literal["stop"] = "stop"
    time_unit: Literal["DAYS", "HOURS", "MINUTES"] = "HOURS"
    duration: int = Field(ge=0, le=LARGE)


Schedules = Annotated[list[SentSchedule], BeforeValidator(as_list), Field(max_length=1)]
Configs = Annotated[list[SentConfig], BeforeValidator(as_list), Field(max_length=100)]


class SentService(Sent):
    service_name: str
    infer_type: str = InferType.REAL_TIME
    description: str | None = None
    config: Configs
    schedule: Schedules | None = None
    workspace_id: str | int | None = None
    additional_properties: dict[str, Any] | None = None


class SentChange(Sent):
    description: str | None = None
    status: Literal["running", "stopped"] | None = None
    config: Configs | None = None
    schedule: Schedules | None = None
    additional_properties: dict[str, Any] | None = None


# ── read ─────────────────────────────────────────────────────────────────────────────────────────


def targets_of(config: Sequence[SentConfig]) -> list[Target]:
    """A version that stands alone needs no weight."""
    alone = WHOLE if len(config) == 1 else 0
    return [
        Target(
            model_id=one.model_id, weight=alone if one.weight is None else one.weight, instances=one.instance_count,
            specification=specification_of(one), variables=one.envs or {},
        )
        for one in config
    ]  # fmt: skip


def batch_asked(config: Sequence[SentConfig]) -> Batch:
    if len(config) != 1:
        raise BadInput(say("one_version", count=len(config)), field="config")
    one = config[0]
    return Batch(
        model_id=one.model_id, src_path=one.src_path, dest_path=one.dest_path, src_type=one.src_type or "",
        req_uri=one.req_uri or "/", mapping_type=one.mapping_type or "", mapping_rule=one.mapping_rule or {},
        specification=specification_of(one), instances=one.instance_count, variables=one.envs or {},
    )  # fmt: skip


def specification_of(one: SentConfig) -> str:
    """A flavour's name, also where it is told by its figures; cores are whole ones here."""
    if one.specification != CUSTOM:
        return one.specification
    spec = one.custom_spec
    if spec is None:
        raise BadInput(say("custom_spec"), field="config.custom_spec")
    if spec.ascend_a310:
        raise Refused(say("no_ascend"), field="config.custom_spec")
    return custom_name(math.ceil(spec.cpu), spec.memory / MB_PER_GB, math.ceil(spec.gpu_p4 or 0))


def stop_hours_of(schedule: Sequence[SentSchedule] | None) -> float | None:
    """None where nothing is said of it, 0 where it is to run on."""
    if schedule is None:
        return None
    return sum(one.duration * HOURS[one.time_unit] for one in schedule)


# ── told ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standing:
    """A service with how it is called, or how far it is."""

    service: Service
    versions: Sequence[Version]
    progress: Progress | None = None

    @property
    def calls(self) -> tuple[int, int]:
        """All, and failed ones."""
        if self.progress:
            return self.progress.requests, self.progress.failed_requests
        count = whole(self.versions).count
        return count.calls, count.failures

    @property
    def percent(self) -> int:
        """Of a batch's inputs, else of the instances that are ready."""
        if self.progress:
            return self.progress.percent
        if self.service.status is Status.RUNNING:
            return 100
        wanted = sum(one.wanted for one in self.versions)
        return 100 * sum(min(one.ready, one.wanted) for one in self.versions) // wanted if wanted else 0


def short_body(standing: Standing) -> dict[str, Any]:
    """`asleep`, `tags`, `error_told`, `config`, `created_at`, and of a batch `inputs`, are Maquette's own."""
    service, (calls, failed) = standing.service, standing.calls
    return {
        "service_id": service.id,
        "service_name": service.name,
        "description": service.description,
        "tenant": "maquette",
        "project": service.workspace_id,
        "owner": service.created_by,
        "workspace_id": "0",
        "infer_type": str(service.infer_type),
        "status": str(service.status),
        "publish_at": milliseconds(service.published_at),
        "transition_at": milliseconds(service.transition_at),
        "invocation_times": calls,
        "failed_times": failed,
        "is_shared": False,
        "shared_count": 0,
        "is_free": True,
        "is_opened_sample_collection": "false",
        "additional_properties": {},
        "schedule": schedule_body(service.stop_hours),
        "error_msg": service.error,
        "error_told": told(service.error),
        "asleep": service.asleep,
        "tags": list(service.tags),
        "created_at": milliseconds(service.created_at),
        "config": [{**config_body(target), **batch_body(standing)} for target in service.targets],
        **inputs_body(standing.progress),
    }


def inputs_body(progress: Progress | None) -> dict[str, Any]:
    """How far a batch is, in files; nothing of other services."""
    if progress is None:
        return {}
    told = {"phase": str(progress.phase), "total": progress.total, "done": progress.done, "failed": progress.failed}
    return {"inputs": {**told, "percent": progress.percent, "seconds_left": progress.seconds_left}}


def detail_body(standing: Standing, instances: Sequence[Instance], address: str) -> dict[str, Any]:
    """`revision` is Maquette's own."""
    service = standing.service
    due = service.due_at if service.wanted is Wanted.RUNNING else None
    return {
        **short_body(standing),
        "access_address": address if service.infer_type is InferType.REAL_TIME else "",
        "progress": standing.percent,
        "update_time": milliseconds(service.published_at),
        "operation_time": milliseconds(max(service.published_at, service.transition_at)),
        **({"due_time": milliseconds(due)} if due is not None else {}),
        "config": [
            {**config_body(target), **batch_body(standing), "status": target_status(service, target, instances)}
            for target in service.targets
        ],
        "revision": service.revision,
    }


def config_body(target: Target) -> dict[str, Any]:
    """A target as its service and its history tell it. What was told by figures is told so again."""
    custom = custom_spec_body(target.specification)
    return {
        "model_id": target.model_id,
        "model_name": target.model_name,
        "model_version": target.model_version,
        "source_type": "",
        "weight": target.weight,
        "specification": CUSTOM if custom else target.specification,
        "custom_spec": custom,
        "instance_count": target.instances,
        "envs": dict(target.variables),
        "scaling": False,
        "support_debug": False,
        "additional_properties": {},
    }


def batch_body(standing: Standing) -> dict[str, Any]:
    """What a batch works through, and when; nothing of other services."""
    if standing.progress is None:
        return {}
    batch, progress = batch_of(standing.service), standing.progress
    moments = {"start_time": progress.began_at, "finished_time": progress.ended_at}
    return {
        "src_type": batch.src_type,
        "src_path": batch.src_path,
        "dest_path": batch.dest_path,
        "req_uri": batch.req_uri,
        "mapping_type": batch.mapping_type,
        "mapping_rule": dict(batch.mapping_rule),
        **{name: milliseconds(at) for name, at in moments.items() if at is not None},
    }


def custom_spec_body(specification: str) -> dict[str, float]:
    cores, memory = CORES.search(specification), MEMORY.search(specification)
    if not specification.startswith(f"{CUSTOM}.") or not cores or not memory:
        return {}
    figures = {"cpu": float(cores["cores"]), "memory": round(float(memory["gb"]) * MB_PER_GB)}
    gpus = gpus_in(specification)
    return {**figures, "gpu_p4": float(gpus)} if gpus else figures


def target_status(service: Service, target: Target, instances: Iterable[Instance]) -> str:
    """ready, concerning or notReady; while a service sleeps, its versions are not ready either."""
    ready = sum(one.takes_calls for one in instances if one.key == target.key)
    if ready >= target.instances:
        return "ready"
    failing = service.trouble.get(target.key, Trouble()).failures >= TRIES
    return "concerning" if failing else "notReady"


def schedule_body(hours: float) -> list[dict[str, Any]]:
    if not hours:
        return []
    whole_hours = hours == int(hours)
    unit, duration = ("HOURS", int(hours)) if whole_hours else ("MINUTES", round(hours * 60))
    return [{"type": "stop", "time_unit": unit, "duration": duration}]


def event_body(one: Happened) -> dict[str, Any]:
    """`code`, `parameters` and `told` are Maquette's own."""
    return {
        "event_type": "abnormal" if one.abnormal else "normal",
        "event_info": one.message,
        "occur_time": milliseconds(one.at),
        "code": one.code,
        "parameters": dict(one.parameters),
        "told": told(one.message),
    }


def update_body(one: Update) -> dict[str, Any]:
    """`revision`, `message` and `told` are Maquette's own."""
    return {
        "update_time": milliseconds(one.at),
        "result": str(one.result),
        "config": [config_body(target) for target in one.targets],
        "revision": one.revision,
        "message": one.message,
        "told": told(one.message),
    }


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
