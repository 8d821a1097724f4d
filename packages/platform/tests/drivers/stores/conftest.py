"""Every store, so that one suite holds for all of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from maquette.drivers.stores.local import LocalStore
from maquette.drivers.stores.memory import MemoryStore
from maquette.drivers.stores.s3 import S3Store
from maquette.workspaces import actions, keys


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LocalStore | MemoryStore:
    made = LocalStore(tmp_path / "buckets") if request.param == "local" else MemoryStore()
    made.make_bucket("pets")
    return made


@pytest.fixture
def remote(platform, clock, live) -> S3Store:
    """The platform's own endpoint, as a store somewhere else."""
    clock.now = time.time()  # clients sign with the time that it is
    key, secret = keys.make_key(platform, *actions.owner_of_all(platform))
    made = S3Store(live.store_url, key.access, secret)
    made.make_bucket("pets")
    return made
