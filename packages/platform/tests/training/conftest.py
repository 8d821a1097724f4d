"""A project with code and data in a bucket, its owner as a client of the second generation's calls, and as the
published client."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from maquette import worker
from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.identity import Identity
from maquette.server import make_app
from maquette.workspaces import actions, keys, sessions
from maquette.workspaces.sessions import Caller, open_session


@dataclass
class Project:
    """`call` answers status and body; `put` puts objects into buckets, which are made as they are named."""

    ctx: Any
    who: Identity
    client: TestClient

    def call(self, method, path, body=None, version="v2", **query):
        address = f"/{version}/{self.who.workspace_id}/{path}"
        answer = self.client.request(method, address, json=body, params=query)
        return answer.status_code, answer.json() if answer.content else None

    def good(self, method, path, body=None, version="v2", **query):
        status, answer = self.call(method, path, body, version, **query)
        assert status < 300, answer
        return answer

    def refused(self, method, path, body=None, version="v2", **query):
        """(status, the field, what is said)."""
        status, answer = self.call(method, path, body, version, **query)
        assert status >= 400, answer
        return status, answer["parameters"].get("field"), answer["error_msg"]

    def put(self, bucket, **objects):
        store = GrantedStore(self.ctx, Rights(self.ctx), self.who)
        if bucket not in store.buckets():
            store.make_bucket(bucket)
        for key, content in objects.items():
            store.put(bucket, key, [content if isinstance(content, bytes) else content.encode()])

    def read(self, bucket, key):
        _, file = GrantedStore(self.ctx, Rights(self.ctx), self.who).open(bucket, key)
        with file:
            return file.read().decode()


@pytest.fixture
def engines_at_hand(tmp_path, test_home):
    """The engines that tests share, in the platform's home, which is made after this."""
    (test_home / "engines").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "engines").symlink_to(test_home / "engines")


@pytest.fixture
def project(platform):
    with platform.database.write() as rows:
        token = open_session(platform, rows, *actions.owner_of_all(platform), "token", Caller()).ticket
    app = make_app(platform)
    with TestClient(app, "http://127.0.0.1", headers={"x-auth-token": token}, raise_server_exceptions=False) as client:
        one = Project(platform, sessions.who_has(platform, token, "token"), client)
        one.put("bkt", **{"code/train.py": "print('hello')\n", "code/other.py": "", "data/x.txt": "1"})
        yield one


@pytest.fixture
def sdk(live, project):
    """The published client of ModelArts with the owner's key; its models are `sdk.model`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from huaweicloudsdkcore.auth.credentials import BasicCredentials
        from huaweicloudsdkcore.http.http_config import HttpConfig
        from huaweicloudsdkmodelarts.v1 import ModelArtsClient, model
    key, secret = keys.make_key(project.ctx, project.who.user_id, project.who.workspace_id)
    credentials = BasicCredentials(key.access, secret, project.who.workspace_id)
    builder = ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(live.url)
    client = builder.with_http_config(HttpConfig(timeout=(60, 120))).build()
    client.model = model
    return client


@pytest.fixture
def working(platform):
    """A worker beside the server."""
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


def algorithm(name="iris", **config):
    return {
        "metadata": {"name": name, "description": "This is a ModelArts algorithm"},
        "job_config": {
            "code_dir": "/bkt/code/",
            "boot_file": "/bkt/code/train.py",
            "engine": {"engine_name": "Scikit_Learn", "engine_version": "sklearn-1.9.1"},
            **config,
        },
    }


def job(name="TestModelArtsJob", **changes):
    """A job's body; changes are of `algorithm`, `spec` and `metadata`, or anything beside them."""
    inputs = [{"name": "data_url", "remote": {"obs": {"obs_url": "/bkt/data/"}}}]
    outputs = [{"name": "train_url", "remote": {"obs": {"obs_url": "/bkt/out/"}}}]
    whole = {
        "kind": "job",
        "metadata": {"name": name, "description": "This is a ModelArts job"},
        "algorithm": {
            "code_dir": "/bkt/code/",
            "boot_file": "/bkt/code/train.py",
            "engine": {"engine_name": "Scikit_Learn", "engine_version": "sklearn-1.9.1"},
            "inputs": inputs,
            "outputs": outputs,
        },
        "spec": {"resource": {"flavor_id": "modelarts.vm.cpu.1u", "node_count": 1}},
    }
    for part, change in changes.items():
        whole[part] = {**whole[part], **change} if isinstance(whole.get(part), dict) else change
    return whole


@pytest.fixture
def algorithm_body():
    return algorithm


@pytest.fixture
def job_body():
    return job
