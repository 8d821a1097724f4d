from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

CASES = [
    ("obs://pets/a/b.txt", ("pets", "a/b.txt", False)),
    ("s3://pets/a/b.txt", ("pets", "a/b.txt", False)),
    ("s3://pets/a/", ("pets", "a", True)),
    ("s3://pets/a//", ("pets", "a", True)),
    ("obs://pets", ("pets", "", True)),
    ("obs://pets/", ("pets", "", True)),
    ("s3://pets/out//model/./x.pth", ("pets", "out/model/x.pth", False)),
    ("s3:/pets/x", ("pets", "x", False)),
    (Path("obs://pets/x"), ("pets", "x", False)),
    ("obs://pets/../x", ("pets", "../x", False)),
    ("obs://pets/猫.txt", ("pets", "猫.txt", False)),
]
LOCAL = ["/cache/obs://x", "obs", "obs:x", "s3", "", "./s3", b"obs://pets/x", 3, None, "OBS://pets/x", "https://x/y"]


@pytest.fixture
def paths(mox: Any) -> Any:
    return importlib.import_module("moxing.framework.file.paths")


@pytest.mark.parametrize("path, place", CASES)
def test_a_url_names_a_place_in_a_bucket(paths: Any, path: Any, place: Any) -> None:
    found = paths.remote(path)
    assert (found.bucket, found.key, found.slash) == place


@pytest.mark.parametrize("path", LOCAL)
def test_whatever_else_is_local(paths: Any, path: Any) -> None:
    assert paths.remote(path) is None
