"""Models through `maquette_sdk.Client`, with a worker that imports them."""

import threading

import pytest

from maquette import worker
from maquette_sdk.client import MaquetteError

SERVICE = """from model_service.pytorch_model_service import PTServingBaseService

class Flowers(PTServingBaseService):
    pass
"""
CONFIG = '{"model_type": "PyTorch", "runtime": "python3.6", "model_algorithm": "image_classification"}'


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "flowers" / "model"
    folder.mkdir(parents=True)
    for name, text in (("config.json", CONFIG), ("customize_service.py", SERVICE), ("flowers.pth", "weights")):
        (folder / name).write_text(text)
    return folder


@pytest.fixture(autouse=True)
def working(platform):
    stopped = threading.Event()
    thread = threading.Thread(target=worker.work, args=(platform, stopped))
    thread.start()
    yield
    stopped.set()
    thread.join()


def test_a_local_package_is_uploaded_imported_and_found_by_its_name(client, package):
    first = client.models.import_model(str(package)).wait(30)
    second = client.models.import_model(str(package.parent), name="flowers").wait(30)
    assert (first.name, first.version, second.version) == ("flowers", "0.0.1", "0.0.2")
    assert client.models.get("flowers").id == second.id
    assert client.models.get("flowers:0.0.1").id == first.id
    assert [one["model_version"] for one in client.models.list("flow")] == ["0.0.2", "0.0.1"]
    first.delete(all_versions=True)
    assert client.models.list() == []


def test_a_package_that_is_not_sound_is_told_with_what_was_found(client, package):
    (package / "customize_service.py").write_text("class Flowers(:\n")
    with pytest.raises(MaquetteError, match=r"customize_service\.py") as caught:
        client.models.import_model(str(package)).wait(30)
    assert caught.value.details["check"]["counts"]["error"] >= 1


def test_what_is_not_there_is_told_at_once(client):
    with pytest.raises(MaquetteError, match="no package"):
        client.models.import_model("/no/such/folder")
    with pytest.raises(MaquetteError, match="no job 'nobody'"):
        client.models.import_model(job="nobody")
    with pytest.raises(MaquetteError, match="no model 'nobody'"):
        client.models.get("nobody")
