"""Models through `maquette_sdk.Client`, with a worker that imports them."""

import http.client
import threading
import zipfile

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
    first = client.models.import_model(str(package)).wait(300)
    second = client.models.import_model(str(package.parent), name="flowers").wait(300)
    assert (first.name, first.version, second.version) == ("flowers", "0.0.1", "0.0.2")
    assert client.models.get("flowers").id == second.id
    assert client.models.get("flowers:0.0.1").id == first.id
    assert [one["model_version"] for one in client.models.list("flow")] == ["0.0.2", "0.0.1"]
    first.delete(all_versions=True)
    assert client.models.list() == []


def test_a_package_that_is_not_sound_is_told_with_what_was_found(client, package):
    (package / "customize_service.py").write_text("class Flowers(:\n")
    with pytest.raises(MaquetteError, match=r"customize_service\.py") as caught:
        client.models.import_model(str(package)).wait(300)
    assert caught.value.details["check"]["counts"]["error"] >= 1


def test_what_is_not_there_is_told_at_once(client):
    with pytest.raises(MaquetteError, match="no package"):
        client.models.import_model("/no/such/folder")
    with pytest.raises(MaquetteError, match="no job 'nobody'"):
        client.models.import_model(job="nobody")
    with pytest.raises(MaquetteError, match="no model 'nobody'"):
        client.models.get("nobody")


def test_a_package_is_downloaded_whole_or_not_at_all(client, package, tmp_path, monkeypatch):
    model = client.models.import_model(str(package)).wait(300)
    monkeypatch.chdir(tmp_path)
    assert model.download() == "flowers-0.0.1.zip"
    (tmp_path / "kept").mkdir()
    there = model.download(str(tmp_path / "kept"))
    assert there == str(tmp_path / "kept" / "flowers-0.0.1.zip")
    with zipfile.ZipFile(there) as archive:
        assert sorted(archive.namelist()) == [
            "model/config.json", "model/customize_service.py", "model/flowers.pth",
        ]  # fmt: skip
    with pytest.raises(MaquetteError, match="already"):
        model.download()
    folder = client_folder(tmp_path)
    model.id = "gone"
    with pytest.raises(MaquetteError, match="no model 'gone'"):
        model.download(str(tmp_path / "other.zip"))
    assert client_folder(tmp_path) == folder


def client_folder(path):
    return sorted(one.name for one in path.rglob("*.zip*"))


def test_a_download_that_is_cut_off_leaves_no_file(client, platform, package, tmp_path, monkeypatch):
    model = client.models.import_model(str(package)).wait(300)
    monkeypatch.setattr("maquette.models.routes.zip_size", lambda files: 1_000_000)
    with pytest.raises((MaquetteError, OSError, http.client.HTTPException)):
        model.download(str(tmp_path / "flowers.zip"))
    assert client_folder(tmp_path) == []


def test_the_command_brings_a_version_here(command, client, package, tmp_path):
    for _ in range(2):
        client.models.import_model(str(package)).wait(300)
    assert command("models", "download", "flowers").stdout == "flowers-0.0.2.zip\n"
    assert command("models", "download", "flowers", "0.0.1", "-o", "first.zip").stdout == "first.zip\n"
    assert zipfile.is_zipfile(tmp_path / "first.zip")
    assert "already" in command("models", "download", "flowers:0.0.1", "-o", "first.zip", code=1).stderr
    assert "no model 'flowers:9.9.9'" in command("models", "download", "flowers", "9.9.9", code=1).stderr
    assert client_folder(tmp_path) == ["first.zip", "flowers-0.0.2.zip"]
