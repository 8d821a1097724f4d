"""The three files of an analysis, each written whole: under another name first, then put in its place."""

from __future__ import annotations

import io
import json
import logging
import os
import zipfile
from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator

import numpy as np

logger = logging.getLogger("deep_moxing")

RESULTS = "model_analysis_results.json"
SAMPLES = "all_samples.json"
TEMPORARY = "tmp_model_analysis.npz"


def default_folder() -> str:
    """Where files go without a save_path: the job's output `eval_url`, its `train_url`, or the working folder."""
    outputs = {one.get("name"): one.get("parameter", {}).get("value") for one in _channels("MA_OUTPUTS", "outputs")}
    folder = outputs.get("eval_url") or outputs.get("train_url") or next(iter(outputs.values()), None)
    return str(folder or os.environ.get("DLS_TRAIN_URL") or os.getcwd())


def addresses() -> Dict[str, str]:
    """Folders of the job's inputs, and the addresses in buckets that they were copied from."""
    found = {}
    for one in _channels("MA_INPUTS", "inputs"):
        folder = one.get("parameter", {}).get("value") or ""
        url = one.get("data_source", {}).get("obs", {}).get("obs_url") or ""
        if os.path.isabs(folder) and url.startswith(("obs://", "s3://")):
            found[folder.rstrip("/") + "/"] = "s3" + url[url.index(":") :].rstrip("/") + "/"
    return found


def as_json(value: Any) -> bytes:
    """In UTF-8, letters as they are; a file name that is no text has its odd bytes escaped."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


def write_results(folder: str, text: bytes) -> None:
    with _whole(os.path.join(folder, RESULTS)) as file:
        file.write(text)


def write_samples(folder: str, records: Iterable[Dict[str, Any]]) -> None:
    """One record per line, in a JSON list; they are made while it is written."""
    with _whole(os.path.join(folder, SAMPLES)) as file:
        separator = b"[\n"
        for record in records:
            file.write(separator + as_json(record))
            separator = b",\n"
        file.write(b"\n]\n")


def write_arrays(folder: str, arrays: Dict[str, Any]) -> str:
    """An `.npz` file; an array may also be an iterable of its rows, with `dtype` and `shape`."""
    path = os.path.join(folder, TEMPORARY)
    with _whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(name + ".npy", "w", force_zip64=True) as member:
                _write_array(member, array)
    return path


class Rows:
    """A flat array that is written part by part, without ever being held as a whole."""

    def __init__(self, parts: Any, dtype: Any, length: int) -> None:
        self.parts = parts
        self.dtype = np.dtype(dtype)
        self.length = length


def _write_array(member: Any, array: Any) -> None:
    if not isinstance(array, Rows):
        np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
        return
    header = io.BytesIO()
    described = {"descr": array.dtype.str, "fortran_order": False, "shape": (array.length,)}
    np.lib.format.write_array_header_1_0(header, described)
    member.write(header.getvalue())
    for part in array.parts:
        member.write(np.ascontiguousarray(part, array.dtype).tobytes())


@contextmanager
def _whole(path: str) -> Iterator[Any]:
    """A file that appears at `path` when all is written, and never in part."""
    partial = "{}.{}.partial".format(path, os.getpid())
    try:
        with open(partial, "wb") as file:
            yield file
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def _channels(variable: str, kind: str) -> Any:
    try:
        return json.loads(os.environ.get(variable) or "{}").get(kind) or []
    except (ValueError, AttributeError):
        logger.warning("%s is not the JSON that a job has; it is left aside.", variable)
        return []
