"""What the first generation calls `config`: read from a request, and made into what a version runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from maquette.buckets.domain import is_address, read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, Conflict, Refused
from maquette.training.dialect_v1.engines import engine_named
from maquette.training.dialect_v1.specs import flavour_named
from maquette.training.domain import Dialect
from maquette.training.presence import check_presence
from maquette.training.specification import Parameter, Place, Specification
from maquette.web.door import Body

Id = int | str
SHOWN = (
    "app_url", "boot_file_url", "parameter", "data_url", "data_source", "train_url", "log_url", "spec_id", "spec_code",
    "engine_id", "engine_name", "engine_version", "user_command", "pool_id",
)  # fmt: skip

FIELDS = {
    # in the second generation's words, and the first's
    "code_dir": "app_url",
    "boot_file": "boot_file_url",
    "log_export_path": "log_url",
    "engine": "engine_id",
    "flavor_id": "spec_id",
    "name": "job_name",
    "description": "job_desc",
}


class Nulls(Body):
    """Clients send null for what is not given."""

    @model_validator(mode="before")
    @classmethod
    def leave_out_nulls(cls, value: Any) -> Any:
        return {name: one for name, one in value.items() if one is not None} if isinstance(value, dict) else value


class Labelled(Nulls):
    """One argument of the script. A value may come as a number."""

    label: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")
    value: str | int | float | bool = ""


class DataSource(Nulls):
    type: str = "obs"
    data_url: str = ""
    dataset_id: str = ""
    dataset_version: str = ""


class Config(Nulls):
    """Places are written `/bucket/folder/`, or with `obs://` or `s3://`; ids as numbers or texts."""

    model_config = ConfigDict(protected_namespaces=())

    worker_server_num: int = Field(1, ge=1, le=16)
    app_url: str = ""
    boot_file_url: str = ""
    parameter: list[Labelled] = Field(default_factory=list)
    data_url: str = ""
    dataset_id: str = ""
    dataset_version_id: str = ""
    data_source: list[DataSource] = Field(default_factory=list)
    spec_id: Id = ""
    spec_code: str = ""
    engine_id: Id = ""
    engine_name: str = ""
    engine_version: str = ""
    model_id: Id = ""
    train_url: str = ""
    log_url: str = ""
    user_image_url: str = ""
    user_command: str = ""
    create_version: bool = True
    volumes: list[dict[str, Any]] = Field(default_factory=list)
    pool_id: str = ""
    pool_name: str = ""
    nas_type: str = ""
    nas_share_addr: str = ""
    nas_mount_path: str = ""
    pre_version_id: Id = ""


def shown_of(config: Config) -> dict[str, Any]:
    """What is shown again, spelled as it came."""
    return {name: value for name, value in config.model_dump(mode="json", include=set(SHOWN)).items() if value}


@contextmanager
def first_generations_words() -> Iterator[None]:
    """Errors name fields as the first generation calls them."""
    try:
        yield
    except (BadInput, Conflict) as error:
        field = str(error.parameters.get("field", ""))
        ours = FIELDS.get(field, field)
        message = re.sub(rf"\b{field}\b(?!')", ours, error.message) if field.count("_") else error.message
        raise type(error)(message, **{**error.parameters, "field": ours}) from None


def runnable(ctx: Platform, workspace_id: str, config: Config) -> Specification:
    """What a version of this config runs, once all of it has been found to be there."""
    with first_generations_words():
        specification = specification_of(ctx, config)
        check_presence(ctx, workspace_id, specification)
    return specification


def specification_of(ctx: Platform, config: Config) -> Specification:
    """Refuses what there is none of here, each with a sentence."""
    refuse_what_is_not_here(config)
    code = folder_at(config.app_url, "app_url")
    return Specification(
        dialect=Dialect.V1,
        code=code,
        boot_file=boot_file_of(code, config.boot_file_url),
        engine=engine_named(ctx, config.engine_id, config.engine_name, config.engine_version),
        inputs=inputs_of(config),
        outputs=(Place(name="train_url", address=folder_at(config.train_url, "train_url")),)
        if config.train_url
        else (),
        parameters=tuple(Parameter(name=one.label, value=str(one.value)) for one in config.parameter),
        flavour=flavour_named(ctx.executor.capacity(), config.spec_id, config.spec_code),
        nodes=config.worker_server_num,
        log=folder_at(config.log_url, "log_url") if config.log_url else "",
        original=shown_of(config),
    )


def refuse_what_is_not_here(config: Config) -> None:
    if config.user_image_url:
        told = (
            "Images are not run here. Choose an engine instead (engine_id), and name packages in pip-requirements.txt."
        )
        raise Refused(told, field="user_image_url")
    if config.model_id:
        told = "There are no built-in algorithms yet. Give a code folder (app_url) and its boot file (boot_file_url)."
        raise Refused(told, field="model_id")
    if config.dataset_id or config.dataset_version_id or any(one.type == "dataset" for one in config.data_source):
        told = "There are no data sets here yet. Give the folder that holds the data (data_url)."
        raise Refused(told, field="dataset_id")
    if config.volumes or config.nas_share_addr:
        told = "No volumes are mounted here. Put the data into a bucket, and give its folder (data_url)."
        raise Refused(told, field="volumes" if config.volumes else "nas_share_addr")


def inputs_of(config: Config) -> tuple[Place, ...]:
    sources = [one.data_url for one in config.data_source if one.data_url]
    if config.data_url and sources:
        raise BadInput("data_url and data_source name the data twice. Leave one of them out.", field="data_source")
    if len(sources) > 1:
        told = f"A job takes one source of data, not {len(sources)}. Put it below one folder, and give that."
        raise BadInput(told, field="data_source")
    found = [config.data_url] if config.data_url else sources
    return tuple(Place(name="data_url", address=place_at(one, "data_url")) for one in found)


def boot_file_of(code: str, text: str) -> str:
    """The boot file as its code folder calls it: given whole, or from the folder."""
    if not text:
        raise BadInput("boot_file_url: name the script to start, such as /bucket/code/train.py.", field="boot_file_url")
    if not is_address(text) and not text.startswith("/"):
        return text
    address = place_at(text, "boot_file_url")
    if not address.startswith(code):
        told = f"The boot file '{text}' must lie inside the code folder. Give a file below {code}."
        raise BadInput(told, field="boot_file_url")
    return address.removeprefix(code)


def folder_at(text: str, field: str) -> str:
    if not text:
        raise BadInput(f"{field}: name a folder in a bucket, such as /bucket/folder/.", field=field)
    return place_at(text, field).rstrip("/") + "/"


def place_at(text: str, field: str) -> str:
    """`/bucket/key` is the first generation's short form of `obs://bucket/key`."""
    try:
        return str(read_address(text if is_address(text) else "obs://" + text.lstrip("/")))
    except BadInput as error:
        raise BadInput(f"{field}: {error.message}", field=field) from None
