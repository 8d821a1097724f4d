"""The manifests of data sets: one sample per line, in JSON."""

from __future__ import annotations

import json
import logging
import os
from typing import Any, Dict, Iterator, List

from .copying import copy
from .paths import is_remote, join_inside
from .stream import File


def read_manifest(url: Any) -> Iterator[Dict[str, Any]]:
    """The samples of a manifest, as they stand in it; ValueError names a line that is not JSON."""
    with File(url, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise ValueError("Line {} of {} is not JSON: {}.".format(number, url, error)) from error


def files_of(sample: Dict[str, Any]) -> List[str]:
    """The files of a sample: what it shows, and where its annotations lie."""
    files = [sample.get("source", "")]
    files += [one.get("annotation-loc", "") for one in sample.get("annotation") or []]
    return [file for file in files if file and not file.startswith("content://")]


def copy_manifest(manifest_url: Any, dst_dir: Any, client_id: Any = None, **options: Any) -> None:
    """Copies the samples and annotation files of a manifest, and the manifest itself, into a directory.

    Each file keeps its path below the one directory that holds them all. Texts (`content://…`) lie in the manifest
    already; files on the web are left out with a warning.
    """
    wanted: Dict[str, str] = {}
    for sample in read_manifest(manifest_url):
        for file in files_of(sample):
            if file.startswith(("http://", "https://")):
                logging.warning("Not copied: %s lies on the web. Put it into a bucket.", file)
                continue
            wanted[_absolute(file, manifest_url)] = ""
    top = _common_folder(list(wanted))
    for file in wanted:
        copy(file, join_inside(dst_dir, file[len(top) :]))
    copy(manifest_url, join_inside(dst_dir, os.path.basename(os.fspath(manifest_url))))


def _absolute(file: str, manifest_url: Any) -> str:
    if is_remote(file):
        return "obs" + file[file.index(":") :]
    return os.path.join(os.path.dirname(os.fspath(manifest_url)), file)


def _common_folder(files: List[str]) -> str:
    first, last = min(files, default=""), max(files, default="")
    same = 0
    while first[same : same + 1] and first[same] == last[same : same + 1]:
        same += 1
    return first[: first.rfind("/", 0, same) + 1]
