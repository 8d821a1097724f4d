"""The module in which MoXing keeps `mox.file`; scripts import it to set how many processes copy.

The settings are taken and say nothing here: files are copied by the kernel.
"""

from __future__ import annotations

import os
from typing import Any

from .copying import background_sync_copy, copy, copy_parallel
from .errors import (
    MoxFileNameDuplicateException,
    MoxFileNotExistsException,
    MoxFileReadException,
    MoxFileRespException,
    _MoxFileBaseRespException,
)
from .manifests import copy_manifest
from .reading import exists, get_size, glob, is_directory, isdir, list_directory, read, scan_dir, stat, walk
from .shifting import shift
from .stream import File
from .writing import append, append_remote, make_dirs, mk_dir, remove, rename, write

NUMBER_OF_PROCESSES = _NUMBER_OF_PROCESSES = 1
_LARGE_FILE_METHOD = 1
_LARGE_FILE_TASK_NUM = 1
_LARGE_FILE_PART_SIZE = 10 << 20
_PARTIAL_MAXIMUM_SIZE = 5 << 30


def set_auth(*args: Any, **options: Any) -> None:
    """Takes keys, servers and whatever else scripts give, and forgets them: buckets are those of this place."""


__all__ = [
    "File",
    "MoxFileNameDuplicateException",
    "MoxFileNotExistsException",
    "MoxFileReadException",
    "MoxFileRespException",
    "_MoxFileBaseRespException",
    "append",
    "append_remote",
    "background_sync_copy",
    "copy",
    "copy_manifest",
    "copy_parallel",
    "exists",
    "get_size",
    "glob",
    "is_directory",
    "isdir",
    "list_directory",
    "make_dirs",
    "mk_dir",
    "os",
    "read",
    "remove",
    "rename",
    "scan_dir",
    "set_auth",
    "shift",
    "stat",
    "walk",
    "write",
]
