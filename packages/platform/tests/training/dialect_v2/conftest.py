"""Calls of the second generation are tested on one kind of rows, and by the real time."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def database_url(tmp_path, engines_at_hand):
    """The calls' shapes are the same on every database; what is kept is tested on all of them elsewhere."""
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def clock():
    """Signatures and workers go by the real time."""
    return time.time
