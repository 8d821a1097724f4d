"""Programs that use a Maquette through `maquette_sdk.client`."""

import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from maquette_sdk.client import Client, MaquetteError

KEYS = ["a", "a/b", "猫/图.jpg", "with space.txt", "plus+and%25.txt", "q?x=1&y.txt", "..", "a//b", "dir/"]


@pytest.fixture
def pets(client):
    client.buckets.make("pets")
    return "obs://pets/"


def test_buckets_are_made_listed_and_removed(client):
    client.buckets.make("pets")
    client.buckets.make("cars")
    assert [bucket.name for bucket in client.buckets.list()] == ["cars", "pets"]
    client.buckets.remove("cars")
    assert [bucket.name for bucket in client.buckets.list()] == ["pets"]


@pytest.mark.parametrize("key", KEYS)
def test_whatever_an_object_is_called_it_comes_back(key, client, pets):
    client.objects.write(pets + key, b"content")
    assert client.objects.read(pets + key) == b"content"
    assert [one.address for one in client.objects.list(pets)] == [pets + key]
    client.objects.copy(pets + key, pets + "copy of it")
    assert client.objects.read(pets + "copy of it") == b"content"
    client.objects.delete(pets + key)
    assert not client.objects.exists(pets + key)


@pytest.fixture
def cutting():
    """A client of a server that breaks off in the midst of every object."""

    class Cutting(BaseHTTPRequestHandler):
        def do_POST(self):
            self.answer(b'{"token": {"project": {"id": "p"}}}', 0)

        def do_GET(self):
            self.answer(b"half of it", 10)

        def answer(self, body, missing):
            self.rfile.read(int(self.headers["content-length"] or 0))
            self.send_response(200)
            self.send_header("content-length", str(len(body) + missing))
            self.send_header("x-subject-token", "t")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_):
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Cutting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with Client(f"http://127.0.0.1:{server.server_port}", "FAKEACCESS", "fake-secret") as client:
            yield client
        server.shutdown()
        thread.join()


def test_an_object_that_comes_by_half_is_told_and_leaves_no_file(cutting, tmp_path):
    (tmp_path / "model").write_text("old")
    with pytest.raises(MaquetteError, match=r"ended before all of obs://pets/a had come\. Try again"):
        cutting.objects.download("obs://pets/a", str(tmp_path / "model"))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("model", "old")]


def test_a_folder_goes_up_and_comes_back_whole(client, pets, tmp_path):
    for number in range(40):
        file = tmp_path / "up" / str(number % 4) / f"{number}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(number * 1000))
    assert client.objects.upload(str(tmp_path / "up"), pets + "data") == 40
    assert client.objects.download(pets + "data/", str(tmp_path / "down")) == 40
    before, after = ({path.relative_to(top): path.read_bytes() for path in top.rglob("*.bin")} for top in
                     (tmp_path / "up", tmp_path / "down"))  # fmt: skip
    assert before == after


def test_linked_folders_go_up_too_and_one_that_leads_back_ends(client, pets, tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "net.py").touch()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "core").symlink_to("../core")
    (tmp_path / "code" / "itself").symlink_to(".")
    assert client.objects.upload(str(tmp_path / "code"), pets + "code") == 1
    assert client.objects.exists(pets + "code/core/net.py")


def test_a_listing_goes_on_over_pages(client, pets, platform):
    for number in range(1100):
        platform.store.put("pets", f"{number:05d}", [b""])
    assert [one.address for one in client.objects.list(pets)] == [f"{pets}{number:05d}" for number in range(1100)]


def test_one_file_keeps_its_name_in_a_folder(client, pets, tmp_path):
    (tmp_path / "cat.jpg").write_bytes(b"x")
    client.objects.upload(str(tmp_path / "cat.jpg"), pets + "train/")
    client.objects.download(pets + "train/cat.jpg", str(tmp_path / "again.jpg"))
    assert (tmp_path / "again.jpg").read_bytes() == b"x"


def test_a_key_that_climbs_out_of_the_folder_is_not_written(client, pets, tmp_path):
    client.objects.write(pets + "data/../../evil", b"x")
    with pytest.raises(MaquetteError, match="outside"):
        client.objects.download(pets + "data/", str(tmp_path / "here" / "down"))
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("call", "status", "told"),
    [
        (lambda client: client.objects.read("obs://pets/none"), 404, "none"),
        (lambda client: client.objects.read("obs://nobodys/none"), 404, "nobodys"),
        (lambda client: client.objects.read("/pets/none"), 0, "Write obs://BUCKET/KEY"),
        (lambda client: client.objects.read("obs://pets"), 0, "names a bucket and no object"),
        (lambda client: client.objects.upload("/no/such/file", "obs://pets/"), 0, "no file or folder"),
        (lambda client: client.objects.download("obs://pets/none/", "/nowhere"), 404, "nothing at"),
        (lambda client: client.buckets.make("Not A Name"), 400, ""),
        (lambda client: client.buckets.make("pets"), 409, "pets"),
    ],
)
def test_what_cannot_be_is_told_with_its_status(call, status, told, client, pets):
    with pytest.raises(MaquetteError) as caught:
        call(client)
    assert caught.value.status == status
    assert told in caught.value.message


def test_a_wrong_key_is_told_at_the_first_call(live, credentials):
    with pytest.raises(MaquetteError) as caught, Client(live.url, credentials[0], "wrong") as client:
        client.buckets.list()
    assert caught.value.status == 401


def test_a_token_that_has_run_out_is_renewed(client, pets):
    client.calls.token = "not a token any more"
    client.objects.write(pets + "a", b"x")
    assert client.objects.read(pets + "a") == b"x"


def test_a_connection_that_the_server_has_closed_is_made_anew(client, pets):
    client.objects.write(pets + "a", b"x")
    client.calls.idle[-1].sock.shutdown(socket.SHUT_RDWR)
    assert client.objects.read(pets + "a") == b"x"


def test_nothing_at_the_address_is_told_with_the_command_that_helps():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MaquetteError, match="maquette up"):
        Client(f"http://127.0.0.1:{port}", "a", "b").buckets.list()


def test_without_an_address_it_is_where_one_has_signed_in(live, credentials, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("MAQUETTE_URL", "MAQUETTE_ACCESS_KEY", "MAQUETTE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MaquetteError, match="maquette login"):
        Client()
    (tmp_path / "maquette").mkdir()
    profile = {"url": live.url, "store": "", "project_id": "", "access": credentials[0], "secret": credentials[1]}
    (tmp_path / "maquette" / "profiles.json").write_text(json.dumps({"default": profile}))
    with Client() as client:
        assert client.buckets.list() == []


def test_inside_a_run_it_says_what_to_use(monkeypatch):
    monkeypatch.setenv("MAQUETTE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("MAQUETTE_TOKEN", "run.x.y.z")
    with pytest.raises(MaquetteError, match=r"modelarts\.session"):
        Client()


def test_the_environment_names_all_or_nothing(live, credentials, monkeypatch):
    monkeypatch.setenv("MAQUETTE_URL", live.url)
    monkeypatch.setenv("MAQUETTE_ACCESS_KEY", credentials[0])
    with pytest.raises(MaquetteError, match="MAQUETTE_SECRET_KEY is not set"):
        Client()
    monkeypatch.setenv("MAQUETTE_SECRET_KEY", credentials[1])
    with Client() as client:
        assert client.project_id
