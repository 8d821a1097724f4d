"""Tells what a data path is, as evaluation scripts for ModelArts ask."""

from __future__ import annotations

import os
from typing import Any, Optional

MANIFEST_DATA_TYPE = "manifest"
RAW_DATA_TYPE = "raw"


def get_data_type(data_url: Any, data_type: Optional[str] = None) -> str:
    """`data_type` where it is given, else 'manifest' for a manifest file and 'raw' for a directory."""
    if data_type:
        return data_type
    return MANIFEST_DATA_TYPE if os.fspath(data_url).rstrip("/").endswith(".manifest") else RAW_DATA_TYPE
