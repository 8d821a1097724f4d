"""A project with code and data in a bucket, and its owner as a client of the first generation's calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from maquette import worker
from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.identity import Identity
from maquette.server import make_app
from maquette.workspaces import actions, sessions
from maquette.workspaces.sessions import Caller, open_session


@dataclass
class Project:
    """`call` answers status and body; `put` puts objects into buckets, which are made as they are named."""

    ctx: Any
    who: Identity
    client: TestClient

    def call(self, method, path, body=None, **query):
        answer = self.client.request(method, f"/v1/{self.who.workspace_id}/{path}", json=body, params=query)
        return answer.status_code, answer.json()

    def done(self, method, path, body=None, **query):
        status, answer = self.call(method, path, body, **query)
        assert (status, answer["is_success"]) == (200, True), answer
        return answer

    def put(self, bucket, **objects):
        store = GrantedStore(self.ctx, Rights(self.ctx), self.who)
        if bucket not in store.buckets():
            store.make_bucket(bucket)
        for key, text in objects.items():
            store.put(bucket, key, [text.encode()])


@pytest.fixture
def engines_at_hand(tmp_path, test_home):
    """The engines that tests share, in the platform's home, which is made after this."""
    (test_home / "engines").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")


@pytest.fixture
def database_url(tmp_path, engines_at_hand):
    """The calls' shapes are the same on every database; what is kept is tested on all of them elsewhere."""
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def project(platform):
    with platform.database.write() as rows:
        token = open_session(platform, rows, *actions.owner_of_all(platform), "token", Caller()).ticket
    app = make_app(platform)
    with TestClient(app, "http://127.0.0.1", headers={"x-auth-token": token}, raise_server_exceptions=False) as client:
        yield Project(platform, sessions.who_has(platform, token, "token"), client)


@pytest.fixture
def usr(project):
    """The bucket `usr` of the reference's examples, with code and data in it."""
    project.put("usr", **{"app/boot.py": "print('hello')\n", "app/other.py": "", "data/x.txt": "1"})
    return project


@pytest.fixture
def working(platform):
    """A worker beside the server."""
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


def config(**changes):
    """As the reference prints it, with a folder for its data set."""
    return {
        "worker_server_num": 1,
        "app_url": "/usr/app/",
        "boot_file_url": "/usr/app/boot.py",
        "parameter": [{"label": "learning_rate", "value": "0.01"}, {"label": "batch_size", "value": "32"}],
        "data_url": "/usr/data/",
        "spec_id": 1,
        "engine_id": None,  # the code's imports decide
        "train_url": "/usr/train/",
        "log_url": "/usr/log/",
        **changes,
    }


def job(name="TestModelArtsJob", **changes):
    return {
        "job_name": name, "job_desc": "This is a ModelArts job", "workspace_id": "0", "config": config(**changes),
    }  # fmt: skip


@pytest.fixture
def job_body():
    """`job_body(name, **changes of its config)` is the body of a call that makes a job."""
    return job


@pytest.fixture
def config_body():
    return config
