"""What the second generation's clients send, field by field. What a field means for a run is told in reading.py."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from maquette.web.door import Body

MOST = 1000
Scalar = str | int | float | bool


class Sent(Body):
    """Clients send null for what is not given, and fields of newer versions, which change nothing."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def leave_out_nulls(cls, value: Any) -> Any:
        return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else value


# ── parameters, engines, search ──────────────────────────────────────────────────────────────────


class SentConstraint(Sent):
    type: str = "String"
    editable: bool = True
    required: bool = False
    sensitive: bool = False
    valid_type: str = "None"
    valid_range: list[Scalar] = Field(default_factory=list, max_length=MOST)


class SentParameter(Sent):
    """`i18n_description` is `{"language", "description"}`, a list of such, or one description for each language."""

    name: str
    value: Scalar = ""
    description: str = ""
    constraint: SentConstraint | None = None
    i18n_description: dict[str, str] | list[dict[str, str]] | None = None


class SentEngine(Sent):
    engine_id: str = ""
    engine_name: str = ""
    engine_version: str = ""
    image_url: str = ""


class SentPolicies(Sent):
    auto_search: dict[str, Any] | None = None


# ── algorithms ───────────────────────────────────────────────────────────────────────────────────


class SentConstraintOfPlace(Sent):
    data_type: str
    attributes: list[dict[str, str]] = Field(default_factory=list, max_length=MOST)


class SentChannel(Sent):
    name: str
    description: str = ""
    remote_constraints: list[SentConstraintOfPlace] = Field(default_factory=list, max_length=MOST)


class SentRequirement(Sent):
    key: str
    values: list[str] = Field(default_factory=list)
    operator: Literal["in"] = "in"


class AlgorithmMetadata(Sent):
    name: str
    description: str = ""
    workspace_id: str = "0"


class JobConfig(Sent):
    code_dir: str = ""
    boot_file: str = ""
    command: str = ""
    parameters: list[SentParameter] = Field(default_factory=list, max_length=MOST)
    inputs: list[SentChannel] = Field(default_factory=list, max_length=MOST)
    outputs: list[SentChannel] = Field(default_factory=list, max_length=MOST)
    engine: SentEngine = Field(default_factory=SentEngine)
    parameters_customization: bool = True


class Advanced(Sent):
    auto_search: dict[str, Any] | None = None


class SentAlgorithm(Sent):
    metadata: AlgorithmMetadata
    job_config: JobConfig
    resource_requirements: list[SentRequirement] = Field(default_factory=list, max_length=MOST)
    advanced_config: Advanced = Field(default_factory=Advanced)


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────────


class SentTag(Sent):
    key: str = Field(min_length=1, max_length=128)
    value: str = Field(default="", max_length=255)


class Experiment(Sent):
    id: str = ""
    name: str = ""
    description: str = ""


class JobMetadata(Sent):
    name: str
    description: str = ""
    workspace_id: str = "0"
    annotations: dict[str, str] = Field(default_factory=dict)
    training_experiment_reference: Experiment | None = None


class SentObs(Sent):
    obs_url: str = ""


class SentDataset(Sent):
    id: str = ""
    version_id: str = ""
    obs_url: str = ""


class SentRemote(Sent):
    obs: SentObs | None = None
    dataset: SentDataset | None = None


class SentPlace(Sent):
    """An input or an output. `prefetch_to_local` brings what an output holds already before the start."""

    name: str
    description: str = ""
    local_dir: str = ""
    access_method: Literal["parameter", "env", ""] = ""
    remote: SentRemote = Field(default_factory=SentRemote)
    prefetch_to_local: bool = False


class JobAlgorithm(Sent):
    id: str = ""
    subscription_id: str = ""
    item_version_id: str = ""
    code_dir: str = ""
    boot_file: str = ""
    command: str = ""
    parameters: list[SentParameter] | None = Field(default=None, max_length=MOST)
    inputs: list[SentPlace] = Field(default_factory=list, max_length=MOST)
    outputs: list[SentPlace] = Field(default_factory=list, max_length=MOST)
    engine: SentEngine = Field(default_factory=SentEngine)
    policies: SentPolicies = Field(default_factory=SentPolicies)
    environments: dict[str, Scalar] = Field(default_factory=dict)
    local_code_dir: str = ""
    working_dir: str = ""
    autosearch_config_path: str = ""
    summary: dict[str, Any] = Field(default_factory=dict)


class Customized(Sent):
    cpu_core_num: float = Field(default=1, gt=0, le=4096)
    mem_size: float = Field(default=0, ge=0, le=1 << 20)
    accelerator_num: float = Field(default=0, ge=0, le=1024)


class SentResource(Sent):
    flavor_id: str = ""
    node_count: int = Field(default=1, ge=1, le=16)
    pool_id: str = ""
    main_container_customized_flavor: Customized | None = None


class LogPath(Sent):
    obs_url: str = ""
    host_path: str = ""


class AutoStop(Sent):
    time_unit: Literal["HOURS", "MINUTES", ""] = "HOURS"
    duration: float = Field(default=0, ge=0, le=10_000)


class SchedulePolicy(Sent):
    priority: int = Field(default=1, ge=0, le=3)
    preemptible: bool = False


class JobSpec(Sent):
    resource: SentResource = Field(default_factory=SentResource)
    volumes: list[dict[str, Any]] = Field(default_factory=list)
    log_export_path: LogPath = Field(default_factory=LogPath)
    auto_stop: AutoStop = Field(default_factory=AutoStop)
    schedule_policy: SchedulePolicy = Field(default_factory=SchedulePolicy)


class Ssh(Sent):
    key_pair_names: list[str] = Field(default_factory=list)


class Endpoints(Sent):
    ssh: Ssh = Field(default_factory=Ssh)


class SentJob(Sent):
    kind: str = "job"
    metadata: JobMetadata
    algorithm: JobAlgorithm = Field(default_factory=JobAlgorithm)
    tasks: list[dict[str, Any]] = Field(default_factory=list)
    spec: JobSpec = Field(default_factory=JobSpec)
    endpoints: Endpoints = Field(default_factory=Endpoints)
    tags: list[SentTag] = Field(default_factory=list, max_length=20)


# ── lists and changes ────────────────────────────────────────────────────────────────────────────


class Filter(Sent):
    key: str
    operator: Literal["between", "like", "in", "not"] = "in"
    value: list[Scalar] = Field(default_factory=list, max_length=100)


class TagFilter(Sent):
    key: str
    values: list[str] = Field(default_factory=list, max_length=10)


class Searched(Sent):
    """`offset` counts pages, not jobs."""

    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=50, ge=1, le=50)
    sort_by: str = "create_time"
    order: Literal["asc", "desc", ""] = "desc"
    group_by: str = ""
    workspace_id: str = "0"
    train_type: str = ""
    tags: list[TagFilter] = Field(default_factory=list, max_length=10)
    filters: list[Filter] = Field(default_factory=list, max_length=20)


class ChangeOfMetadata(Sent):
    annotation: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class ChangeOfSpec(Sent):
    schedule_policy: SchedulePolicy | None = None


class JobChange(Sent):
    description: str | None = None
    metadata: ChangeOfMetadata = Field(default_factory=ChangeOfMetadata)
    spec: ChangeOfSpec = Field(default_factory=ChangeOfSpec)


class Action(Sent):
    action_type: str


class Tags(Sent):
    tags: list[SentTag] = Field(min_length=1, max_length=20)


class KeyFilter(Sent):
    key: str
    values: list[str] = Field(default_factory=list, max_length=100)


class Match(Sent):
    key: str
    value: str = ""


class ByTags(Sent):
    workspace_id: str = "0"
    tags: list[KeyFilter] = Field(default_factory=list, max_length=20)
    without_any_tag: bool = False
    matches: list[Match] = Field(default_factory=list, max_length=5)


class NamedJob(Sent):
    id: str


class JobToRemove(Sent):
    kind: str = "job"
    metadata: NamedJob


class JobsToRemove(Sent):
    jobs: list[JobToRemove] = Field(min_length=1, max_length=100)
