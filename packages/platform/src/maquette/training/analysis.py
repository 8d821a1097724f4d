"""Reads ModelArts' analysis files that an evaluation has left in an output, part by part and page by page."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from maquette.buckets.actions import store_of_workspace
from maquette.buckets.domain import read_address
from maquette.kernel.context import Platform
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.training.jobs import JobVersion
from maquette.training.results import ANALYSIS, EVALUATIONS
from maquette.training.sentences import say

LARGEST_BYTES = 64 << 20
REPORT, SAMPLES, ARRAYS = ANALYSIS
ALL_SAMPLES, PREDICTIONS = "all_samples", "predictions"
SECTIONS = (
    "common", "precision_performance", "feature_sensitivity", "computational_performance", "abstract_feature",
    "adversary",
)  # fmt: skip
"""Of the report, in its own order; it may hold others."""
PER_SAMPLE = {"np_pred_list": "predicted", "np_label_list": "label", "np_name_list": "name"}


@dataclass(frozen=True)
class Page:
    offset: int
    limit: int


@dataclass(frozen=True)
class Evaluation:
    """The analysis files of one evaluation of a version, by their names."""

    workspace_id: str
    version: str
    files: Mapping[str, str]


def evaluations(version: JobVersion) -> dict[str, dict[str, str]]:
    """By name, where a script has left several, say of `train` and of `val`."""
    return dict(version.results.get(EVALUATIONS, {}))


def evaluation(workspace_id: str, version: JobVersion, name: str = "") -> Evaluation:
    """The one of this name; without a name the one that lies highest."""
    several = evaluations(version)
    if name and name not in several:
        told = say("no_named_evaluation", version=version.name, name=name)
        if several:
            told = say("no_evaluation", version=version.name, name=name, known=", ".join(several))
        raise NotFound(told, field="evaluation")
    usual = {file: str(version.results[file]) for file in ANALYSIS if file in version.results}
    return Evaluation(workspace_id, version.name, several.get(name, usual))


def sections(ctx: Platform, found: Evaluation) -> list[str]:
    """What there is to read of it."""
    names = list(report(ctx, found, "en-us")) if REPORT in found.files else []
    return names + [name for file, name in ((SAMPLES, ALL_SAMPLES), (ARRAYS, PREDICTIONS)) if file in found.files]


def section(ctx: Platform, found: Evaluation, name: str, language: str, page: Page) -> dict[str, Any]:
    """One part of the report in one of its languages, or a page of the samples."""
    if name == ALL_SAMPLES:
        samples = read_json(ctx, found, SAMPLES)
        if not isinstance(samples, list):
            raise BadInput(say("no_samples", file=SAMPLES), field=SAMPLES)
        return paged(samples, page)
    if name == PREDICTIONS:
        return predictions(read_bytes(ctx, found, ARRAYS), page)
    whole = report(ctx, found, language)
    if name not in whole:
        raise NotFound(say("no_section", name=name, known=", ".join(whole)), field="section")
    return {"section": name, "content": whole[name]}


def paged(items: list[Any], page: Page) -> dict[str, Any]:
    return {
        "total": len(items),
        "offset": page.offset,
        "limit": page.limit,
        "items": items[page.offset : page.offset + page.limit],
    }


def report(ctx: Platform, evaluation: Evaluation, language: str) -> Mapping[str, Any]:
    """The report in this language, or in the one it has."""
    document = read_json(ctx, evaluation, REPORT)
    if not isinstance(document, dict):
        raise BadInput(say("no_report", file=REPORT), field=REPORT)
    found = document.get(language) or next((one for key, one in document.items() if "-" in key), document)
    if not isinstance(found, dict):
        raise BadInput(say("no_report", file=REPORT), field=REPORT)
    return found


def predictions(data: bytes, page: Page) -> dict[str, Any]:
    """The arrays of `tmp_model_analysis.npz`, sample by sample, and the texts beside them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_BYTES:
                raise Refused(say("unpacks_large", file=ARRAYS, most=LARGEST_BYTES >> 20), field=ARRAYS)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise BadInput(say("unreadable", file=ARRAYS, error=error), field=ARRAYS) from None
    columns = {shown: found[name] for name, shown in PER_SAMPLE.items() if name in found and found[name].ndim}
    count = min((len(column) for column in columns.values()), default=0)
    rows = [
        {shown: plain(column[index]) for shown, column in columns.items()}
        for index in range(page.offset, min(page.offset + page.limit, count))
    ]
    texts = {name: plain(value.ravel()[0]) for name, value in found.items() if name not in PER_SAMPLE and value.size}
    return {"total": count, "offset": page.offset, "limit": page.limit, "items": rows, "texts": texts}


def plain(value: Any) -> Any:
    """A number or a text as JSON has it, which knows no NaN; arrays of scores stay lists."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def no_number(name: str) -> None:
    """NaN and Infinity, which Python writes and JSON has not, are nothing."""


def read_json(ctx: Platform, evaluation: Evaluation, name: str) -> Any:
    try:
        return json.loads(read_bytes(ctx, evaluation, name), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(say("damaged", name=name, error=error), field=name) from None


def read_bytes(ctx: Platform, evaluation: Evaluation, name: str) -> bytes:
    """The file that was found in an output of the version; NotFound where there was none, or it has gone."""
    if name not in evaluation.files:
        raise NotFound(say("nothing_left", version=evaluation.version, name=name), field=name)
    address = read_address(evaluation.files[name])
    info, file = store_of_workspace(ctx, evaluation.workspace_id).open(address.bucket, address.key)
    with file:
        if info.size > LARGEST_BYTES:
            raise Refused(say("too_large_to_show", name=name, size=info.size, address=address), field=name)
        return file.read()
