"""Every store, so that one suite holds for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette.drivers.stores.local import LocalStore
from maquette.drivers.stores.memory import MemoryStore


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LocalStore | MemoryStore:
    made = LocalStore(tmp_path / "buckets") if request.param == "local" else MemoryStore()
    made.make_bucket("pets")
    return made
