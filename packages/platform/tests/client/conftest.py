"""A client of a live server, with a key of its owner."""

import time

import pytest

from maquette.workspaces import actions, keys
from maquette_sdk.client import Client


@pytest.fixture
def clock():
    """Tokens run out by the real clock here."""
    return time.time


@pytest.fixture
def credentials(platform):
    """(access, secret) of the owner."""
    made, secret = keys.make_key(platform, *actions.owner_of_all(platform))
    return made.access, secret


@pytest.fixture
def client(live, credentials):
    with Client(live.url, *credentials) as client:
        yield client


@pytest.fixture
def database_url(tmp_path):
    """What a client sees does not depend on where rows are."""
    return f"sqlite:///{tmp_path}/rows.db"
