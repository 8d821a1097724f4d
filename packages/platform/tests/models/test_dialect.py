"""ModelArts' calls about models, over HTTP."""

import json
import threading
import time

import pytest

from maquette import worker
from maquette.workspaces import actions, keys
from maquette_sdk.client import Client, MaquetteError

PATH = "/v1/{project_id}/models"
SERVICE = """from model_service.pytorch_model_service import PTServingBaseService

class Flowers(PTServingBaseService):
    pass
"""
INPUT = {"url": "/", "param_name": "images", "param_type": "file", "method": "post", "protocol": "https"}
SCORE = {"url": "/", "param_name": "score", "param_type": "number", "min": 0, "max": 1, "param_desc": "how sure"}


@pytest.fixture
def clock():
    return time.time


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path}/rows.db"


@pytest.fixture
def client(platform, live):
    made, secret = keys.make_key(platform, *actions.owner_of_all(platform))
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    with Client(live.url, made.access, secret) as client:
        client.buckets.make("pets")
        client.objects.write("obs://pets/out/model/flowers.pth", b"weights")
        client.objects.write("obs://pets/out/model/customize_service.py", SERVICE.encode())
        yield client
    stopped.set()
    thread.join()


def published(client, id):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = client.calls.json("GET", f"{PATH}/{id}")
        if found["model_status"] != "publishing":
            return found
        time.sleep(0.05)
    raise TimeoutError(id)


def test_a_model_lives_from_import_to_removal(client):
    body = {
        "model_name": "flowers", "model_version": "0.0.1", "model_type": "PyTorch", "runtime": "python3.6",
        "source_location": "https://pets.obs.cn-north-4.example/out/", "source_type": None, "source_job_id": None,
        "model_algorithm": "image_classification", "input_params": [INPUT], "output_params": [SCORE],
        "model_metrics": json.dumps({"f1": 0.9}), "description": "flowers", "workspace_id": "0",
        "install_type": ["real-time"], "model_docs": [{"doc_name": "about", "doc_url": "https://flowers.example"}],
        "dependencies": [{"installer": "pip", "packages": [{"package_name": "pillow", "package_version": ""}]}],
    }  # fmt: skip
    made = client.calls.json("POST", PATH, body)
    model = published(client, made["model_id"])
    assert (model["model_status"], model["error"]) == ("published", "")
    assert (model["model_size"] > 0, model["install_type"], model["source_location"]) == (
        True, ["real-time"], body["source_location"],
    )  # fmt: skip
    assert json.loads(model["model_metrics"]) == {"f1": 0.9}
    [api] = json.loads(model["apis"])
    assert api["request"]["Content-type"] == "multipart/form-data"
    assert [one["param_name"] for one in model["input_params"]] == ["images"]
    assert (model["output_params"][0]["min"], model["output_params"][0]["param_desc"]) == (0, "how sure")
    assert model["check"]["sound"]
    listed = client.calls.json("GET", PATH, query={"model_name": "low", "model_status": "published", "limit": 10})
    assert (listed["total_count"], listed["models"][0]["model_id"]) == (1, made["model_id"])
    client.calls.json("PUT", f"{PATH}/{made['model_id']}", {"description": "roses"})
    assert client.calls.json("GET", f"{PATH}/{made['model_id']}")["description"] == "roses"
    gone = client.calls.json("DELETE", f"{PATH}/{made['model_id']}", query={"cascade": "true"})
    assert gone == {"delete_success_list": [made["model_id"]], "delete_failed_list": []}
    with pytest.raises(MaquetteError, match="no model"):
        client.calls.json("GET", f"{PATH}/{made['model_id']}")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model_version": "01.0.0"}, "model_version"),
        ({"model_name": "a b"}, "model_name"),
        ({"source_location": "/pets/nothing/"}, "source_location"),
        ({"model_type": "Image"}, "model_type"),
        ({"model_metrics": "{"}, "model_metrics"),
        ({"apis": "{}"}, "apis"),
        ({"description": "a & b"}, "description"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(change, field, client):
    body = {"model_name": "flowers", "model_type": "PyTorch", "source_location": "/pets/out/"}
    with pytest.raises(MaquetteError) as caught:
        client.calls.json("POST", PATH, {**body, **change})
    assert caught.value.details["field"] == field
    assert client.calls.json("GET", PATH)["total_count"] == 0


def test_the_runtimes_of_every_engine_are_listed(client):
    told = client.calls.json("GET", f"{PATH}/ai-engine-runtimes")["engine_runtimes"]
    found = {one["ai_engine"]: one["runtimes"] for one in told}
    assert "tf1.13-python3.6-cpu" in found["TensorFlow"]
    assert "pytorch1.4-python3.7" in found["PyTorch"]
