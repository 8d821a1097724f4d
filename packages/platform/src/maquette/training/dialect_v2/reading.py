"""What a job or an algorithm of the second generation means here: its body becomes what a version runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from maquette.buckets.domain import is_address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Refused
from maquette.training import algorithms
from maquette.training.algorithms import Algorithm, Channel, Content, Requirement
from maquette.training.dialect_v2.bodies import (
    JobAlgorithm,
    JobSpec,
    Scalar,
    SentAlgorithm,
    SentChannel,
    SentConstraint,
    SentEngine,
    SentJob,
    SentParameter,
    SentPlace,
    SentResource,
)
from maquette.training.domain import Dialect
from maquette.training.engines import check_engine, engine_called
from maquette.training.flavours import check_flavour, custom_name, read_flavour
from maquette.training.parameters import Constraint, Declared, Kind, Valid
from maquette.training.search.reading import check_search
from maquette.training.sentences import say
from maquette.training.specification import Parameter, Place, Specification

KINDS = ("job", "autosearch_job")
JOB_FOLDER = "/home/ma-user/modelarts/user-job-dir"
RETRIES = "fault-tolerance/job-retry-num"
RETRY_HANGING = "fault-tolerance/hang-retry"
HANG_SECONDS = 30 * 60.0
MOST_RETRIES = 128
LANGUAGES = {"zh": "zh-cn", "zh-cn": "zh-cn", "zh_cn": "zh-cn", "en": "en-us", "en-us": "en-us", "en_us": "en-us"}
SECONDS = {"HOURS": 3600.0, "": 3600.0, "MINUTES": 60.0}


# ── places and codes ─────────────────────────────────────────────────────────────────────────────


def address(text: str, field: str) -> str:
    """`/bucket/folder/`, `obs://…` or `s3://…` as `obs://bucket/folder/`; empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    try:
        return str(read_address(text if is_address(text) else f"obs://{text.lstrip('/')}"))
    except BadInput as error:
        raise BadInput(say("at_field", field=field, reason=error.message), field=field) from None


def folder(text: str, field: str) -> str:
    found = address(text, field)
    return found and found.rstrip("/") + "/"


def boot_file(text: str, code: str) -> str:
    """Relative to the code's folder; clients spell the whole address. What lies elsewhere is refused."""
    text = text.strip()
    if not text or not (text.startswith("/") or is_address(text)):
        return text.removeprefix("./")
    found = address(text, "boot_file")
    if not found.startswith(code):
        raise BadInput(say("boot_outside", file=found, folder=code), field="boot_file")
    return found[len(code) :]


def engine_of(ctx: Platform, engine: SentEngine) -> str:
    if engine.image_url:
        raise Refused(say("no_images"), field="engine.image_url")
    name = engine_called(ctx, engine.engine_id, engine.engine_name, engine.engine_version)
    check_engine(ctx, name)
    return name


def text_of(value: Scalar) -> str:
    """Numbers and truth values as scripts are given them."""
    return str(value)


# ── algorithms ───────────────────────────────────────────────────────────────────────────────────


def content_of(ctx: Platform, body: SentAlgorithm) -> Content:
    config = body.job_config
    code = folder(config.code_dir, "code_dir")
    if not code:
        raise BadInput(say("no_code_dir"), field="code_dir")
    return Content(
        code=code,
        boot_file=boot_file(config.boot_file, code),
        command=config.command,
        engine=engine_of(ctx, config.engine),
        parameters=tuple(map(declared, config.parameters)),
        customization=config.parameters_customization,
        inputs=tuple(map(channel, config.inputs)),
        outputs=tuple(map(channel, config.outputs)),
        requirements=tuple(Requirement(key=one.key, values=tuple(one.values)) for one in body.resource_requirements),
        search=body.advanced_config.auto_search or None,
        original={
            "code_dir": config.code_dir,
            "boot_file": config.boot_file,
            "engine": config.engine.model_dump(exclude_defaults=True),
        },
    )


def declared(sent: SentParameter) -> Declared:
    return Declared(
        name=sent.name,
        value=text_of(sent.value),
        description=sent.description,
        descriptions=descriptions(sent.i18n_description),
        constraint=constraint(sent.name, sent.constraint or SentConstraint()),
    )


def constraint(name: str, sent: SentConstraint) -> Constraint:
    for field, value, words in (("type", sent.type, Kind), ("valid_type", sent.valid_type or "None", Valid)):
        if value not in list(words):
            raise BadInput(say("one_of", field=field, name=name, known=", ".join(words), value=value), field=name)
    return Constraint(
        type=Kind(sent.type),
        editable=sent.editable,
        required=sent.required,
        sensitive=sent.sensitive,
        valid_type=Valid(sent.valid_type or "None"),
        valid_range=tuple(map(text_of, sent.valid_range)),
    )


def descriptions(sent: dict[str, str] | list[dict[str, str]] | None) -> dict[str, str]:
    """By language, whichever of the three spellings it came in."""
    found: dict[str, str] = {}
    for one in sent if isinstance(sent, list) else [sent or {}]:
        if "language" in one:
            found[LANGUAGES.get(one["language"].lower(), one["language"])] = one.get("description", "")
        found |= {LANGUAGES[key.lower()]: text for key, text in one.items() if key.lower() in LANGUAGES}
    return found


def channel(sent: SentChannel) -> Channel:
    kinds = tuple(dict.fromkeys(one.data_type for one in sent.remote_constraints))
    attributes = tuple(attribute for one in sent.remote_constraints for attribute in one.attributes)
    return Channel(name=sent.name, description=sent.description, kinds=kinds, attributes=attributes)


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────────


def specification_of(ctx: Platform, workspace_id: str, body: SentJob) -> Specification:
    """What the job's first version runs. BadInput and Refused name the field and the fix."""
    refuse_what_is_not_here(body)
    found = found_algorithm(ctx, workspace_id, body.algorithm)
    code = "" if found else folder(body.algorithm.code_dir, "code_dir")
    asked = Specification(
        dialect=Dialect.V2,
        code=code,
        boot_file="" if found else boot_file(body.algorithm.boot_file, code),
        command="" if found else body.algorithm.command,
        working_dir=body.algorithm.working_dir,
        engine="" if found else engine_of(ctx, body.algorithm.engine),
        parameters=tuple(map(parameter, body.algorithm.parameters or ())),
        inputs=tuple(place(one) for one in body.algorithm.inputs),
        outputs=tuple(place(one) for one in body.algorithm.outputs),
        environment={name: text_of(value) for name, value in body.algorithm.environments.items()},
        **around(ctx, body),
    )
    if found:
        asked = algorithms.specified(found, asked, body.algorithm.parameters is not None)
        algorithms.check_flavour(found, read_flavour(asked.flavour, ctx.executor.capacity()), asked.nodes)
    check_outputs(asked.outputs)
    return asked.model_copy(update={"search": search_of(body, found), "original": original_of(body, found)})


def refuse_what_is_not_here(body: SentJob) -> None:
    """What would make another job of it is refused; what only tunes ModelArts' own machines changes nothing."""
    algorithm, spec = body.algorithm, body.spec
    for wrong, field, told in (
        (body.kind not in KINDS, "kind", say("job_kind", kind=body.kind)),
        (body.tasks, "tasks", say("several_tasks")),
        (
            algorithm.subscription_id or algorithm.item_version_id,
            "subscription_id",
            say("no_gallery"),
        ),
        (spec.volumes, "volumes", say("no_volumes")),
        (
            spec.log_export_path.host_path,
            "host_path",
            say("no_host_path"),
        ),
        (
            algorithm.autosearch_config_path,
            "autosearch_config_path",
            say("no_search_yaml"),
        ),
        (
            body.endpoints.ssh.key_pair_names,
            "endpoints.ssh",
            say("no_job_ssh"),
        ),
        (
            algorithm.local_code_dir.rstrip("/") not in ("", own_code_folder(algorithm)),
            "local_code_dir",
            say("code_place", folder=own_code_folder(algorithm)),
        ),
    ):
        if wrong:
            raise Refused(told, field=field)


def own_code_folder(algorithm: JobAlgorithm) -> str:
    return f"{JOB_FOLDER}/{algorithm.code_dir.rstrip('/').rsplit('/', 1)[-1]}"


def found_algorithm(ctx: Platform, workspace_id: str, sent: JobAlgorithm) -> Algorithm | None:
    if not sent.id:
        if not sent.code_dir:
            raise BadInput(say("nothing_to_run"), field="algorithm")
        return None
    if sent.code_dir or sent.boot_file or sent.command:
        raise BadInput(say("run_twice"), field="algorithm.id")
    return algorithms.find(ctx, workspace_id, sent.id)


def around(ctx: Platform, body: SentJob) -> dict[str, Any]:
    """What is said of the run rather than of the script."""
    spec: JobSpec = body.spec
    restarts = retries(body.metadata.annotations)
    hanging = body.metadata.annotations.get(RETRY_HANGING, "").lower() == "true"
    flavour = flavour_of(spec.resource)
    check_flavour(flavour, ctx.executor.capacity())
    return {
        "flavour": flavour,
        "nodes": spec.resource.node_count,
        "log": folder(spec.log_export_path.obs_url, "log_export_path"),
        "seconds": spec.auto_stop.duration * SECONDS[spec.auto_stop.time_unit] or None,
        "priority": max(1, spec.schedule_policy.priority),
        "restarts": restarts,
        "hang_seconds": HANG_SECONDS if hanging else None,
        "stop_hanging": hanging,
    }


def flavour_of(resource: SentResource) -> str:
    custom = resource.main_container_customized_flavor
    if custom is None or resource.flavor_id:
        return resource.flavor_id
    return custom_name(math.ceil(custom.cpu_core_num), custom.mem_size, math.ceil(custom.accelerator_num))


def retries(annotations: dict[str, str]) -> int:
    text = annotations.get(RETRIES, "0").strip()
    if not text.isdecimal() or int(text) > MOST_RETRIES:
        raise BadInput(say("retries", annotation=RETRIES, most=MOST_RETRIES, text=text), field="annotations")
    return int(text)


def parameter(sent: SentParameter) -> Parameter:
    return Parameter(name=sent.name, value=text_of(sent.value))


def place(sent: SentPlace) -> Place:
    """A data set's own address is taken where it is told; its versions are not known here yet."""
    dataset = sent.remote.dataset
    where = sent.remote.obs.obs_url if sent.remote.obs else ""
    if dataset is not None and (dataset.id or dataset.obs_url) and not (where or dataset.obs_url):
        raise Refused(say("unknown_dataset", name=sent.name), field=sent.name)
    return Place(
        name=sent.name,
        address=address(where or (dataset.obs_url if dataset else ""), sent.name),
        description=sent.description,
        dataset=dataset.id if dataset else "",
        dataset_version=dataset.version_id if dataset else "",
        predownload=sent.prefetch_to_local,
        as_variable=sent.access_method == "env",
        local_dir=sent.local_dir,
    )


def check_outputs(outputs: Sequence[Place]) -> None:
    for output in outputs:
        if not output.address:
            raise BadInput(say("no_place", name=output.name), field=output.name)


def search_of(body: SentJob, algorithm: Algorithm | None) -> dict[str, Any] | None:
    """The search with what the algorithm knows of its parameters: whole numbers stay whole."""
    sent = body.algorithm.policies.auto_search
    if not sent:
        return None
    whole = (
        [one.name for one in algorithm.content.parameters if one.constraint.type is Kind.INTEGER] if algorithm else []
    )
    asked = sent.get("search_params")
    searched = [one.get("name") for one in asked if isinstance(one, dict)] if isinstance(asked, list) else []
    whole = [name for name in whole if name in searched]
    document = {**sent, "whole_params": whole} if whole else sent
    check_search(document, "policies.auto_search")
    return document


def original_of(body: SentJob, algorithm: Algorithm | None) -> dict[str, Any]:
    """What is shown again as it came."""
    shown = algorithm.content.original if algorithm else {}
    sent = body.algorithm
    return {
        "kind": body.kind,
        "annotations": body.metadata.annotations,
        "algorithm_name": algorithm.name if algorithm else "",
        "code_dir": shown.get("code_dir") or sent.code_dir,
        "boot_file": shown.get("boot_file") or sent.boot_file,
        "engine": shown.get("engine") or sent.engine.model_dump(exclude_defaults=True),
        "constraints": [one.model_dump(mode="json") for one in algorithm.content.parameters] if algorithm else [],
        "summary": sent.summary,
        "pool_id": body.spec.resource.pool_id,
    }
