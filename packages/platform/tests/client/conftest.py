"""A client of a live server, with a key of its owner; the command beside it, and models to put online."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from maquette import worker
from maquette.kernel.ports import Match, Resolution
from maquette.workspaces import actions, keys
from maquette_sdk.client import Client

SERVICE = """
from model_service.model_service import SingleNodeService

print("loading {version}", flush=True)

class Service(SingleNodeService):
    def __init__(self, model_name, model_path):
        {init}

    def _preprocess(self, data):
        return data

    def _inference(self, data):
        if data.get("show_mask") == "boom":
            raise KeyError("mask")
        told = {{name: one if not hasattr(one, "items") or name == "data"
                else {{file: content.read().decode() for file, content in one.items()}} for name, one in data.items()}}
        return dict(told, version="{version}")

    def _postprocess(self, data):
        return data
"""
FORM = {"image": {"type": "file"}, "show_mask": {"type": "integer", "default": 1}}
SETTLE_SECONDS = 120


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


@pytest.fixture
def command(live, credentials, tmp_path):
    """Runs `maquette` where somebody has signed in: `command("services", "list")` is the finished process."""
    place = tmp_path / "signed-in" / "maquette"
    place.mkdir(parents=True)
    profile = {"url": live.url, "store": "", "project_id": "", "access": credentials[0], "secret": credentials[1]}
    (place / "profiles.json").write_text(json.dumps({"default": profile}))

    def call(*arguments, code=0, stdin=""):
        done = subprocess.run(
            [str(Path(sys.executable).parent / "maquette"), *map(str, arguments)],
            env={**os.environ, "XDG_CONFIG_HOME": str(place.parent)}, cwd=tmp_path, input=stdin, capture_output=True,
            text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


class OwnPython:
    """Engines that are all this Python."""

    def __init__(self, engines):
        self.own = engines.own(Path(sys.executable))

    def resolve(self, name):
        return Resolution(name, Match.EXACT, f"{name} is here.", engine=name, python_version="3.11")

    def prepare(self, resolution, requirements=(), tell=lambda line: None, stopped=lambda: False):
        return replace(self.own, resolution=resolution)


@pytest.fixture
def serving(platform, client):
    """A worker that runs services on this Python; what it runs is gone afterwards."""
    stopped = threading.Event()
    ctx = replace(platform, engines=OwnPython(platform.engines))
    thread = threading.Thread(target=worker.work, args=(ctx, stopped))
    thread.start()
    yield
    for one in client.services.list(infer_type=""):
        client.services.get(one["service_id"]).remove()
    deadline = time.monotonic() + SETTLE_SECONDS
    while unsettled(platform):
        assert time.monotonic() < deadline, "a run goes on"
        time.sleep(0.02)
    stopped.set()
    thread.join()


def unsettled(platform):
    with platform.database.read() as rows:
        return rows.exec_driver_sql("SELECT id FROM runs WHERE settled = false").all()


@pytest.fixture
def package(tmp_path):
    """`package("pets")` writes a package that answers what it is sent, with its version, and gives its folder."""

    def write(name="pets", version="first", init="pass", fields=FORM, kind="multipart/form-data", url="/"):
        folder = tmp_path / "packages" / f"{name}-{version}" / "model"
        folder.mkdir(parents=True)
        (folder / "customize_service.py").write_text(SERVICE.format(version=version, init=init))
        schema = {"type": "object", "properties": fields}
        api = {"url": url, "method": "post", "request": {"Content-type": kind, "data": schema}}
        config = {"model_type": "MindSpore", "model_algorithm": "x", "runtime": "python3.7", "apis": [api]}
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    return write


@pytest.fixture
def model(client, serving, package):
    """`model()` imports the next version of a model, `pets` unless it is called otherwise."""

    def make(name="pets", version="first", **options):
        return client.models.import_model(str(package(name, version, **options)), name=name).wait(300)

    return make
