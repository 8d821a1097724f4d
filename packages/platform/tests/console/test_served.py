"""How the console's files are handed out, whatever is in them."""

import re

import pytest
from starlette.testclient import TestClient

from maquette.server import make_app
from maquette.web import console
from maquette.workspaces import actions, sessions

PAGE = '<meta property="csp-nonce" nonce="NONCE"><script src="/console/assets/a-1.js" nonce="NONCE"></script>'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the console is looked for; nothing is in it."""
    monkeypatch.setattr(console, "FOLDER", tmp_path / "console")
    return tmp_path / "console"


@pytest.fixture
def files(folder):
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "sources").write_text("what it was built from")
    (folder / "assets" / "a-1.js").write_text("plain")
    (folder / "assets" / "a-1.js.gz").write_bytes(b"gzip")
    (folder / "assets" / "a-1.js.br").write_bytes(b"br")
    return folder


@pytest.fixture
def client(platform):
    with TestClient(make_app(platform), "http://127.0.0.1", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/console/", "/console/buckets/pets?folder=a/", "/console/settings/keys"])
def test_every_address_inside_is_the_page(client, files, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"


def test_each_page_has_a_word_of_its_own_for_styles_and_lets_no_script_stand_in_it(client, files):
    found = set()
    for _ in range(3):
        answer = client.get("/console/")
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
        assert answer.text.count(f'nonce="{nonce}"') == 2
        assert "unsafe" not in policy and "script-src 'self';" in policy and "default-src 'none'" in policy
        found.add(nonce)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"br"),
        ("gzip;q=0.5", "gzip", b"gzip"),
        ("identity", None, b"plain"),
    ],
)
def test_a_file_is_kept_for_ever_and_comes_as_small_as_the_browser_takes_it(client, files, accepted, encoding, body):
    with client.stream("GET", "/console/assets/a-1.js", headers={"accept-encoding": accepted}) as answer:
        assert b"".join(answer.iter_raw()) == body
    assert answer.headers.get("content-encoding") == encoding
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "name", ["none.js", "..%2Findex.html", "..%2F..%2Fweb%2Fconsole.py", "%2Fetc%2Fpasswd", "a-1.js.br"]
)
def test_no_other_file_is_handed_out(client, files, name):
    answer = client.get(f"/console/assets/{name}")
    assert answer.status_code == 404
    assert answer.json()["code"] in ("not_found", "no_such_call")


def test_a_maquette_without_a_console_says_how_to_get_one(client, folder):
    answer = client.get("/console/buckets")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "make setup" in answer.json()["error_msg"]


def test_the_first_page_is_the_console_for_whoever_is_signed_in_and_else_the_way_in(platform, client, files):
    assert client.get("/").headers["location"] == "/sign-in"
    sessions.sign_in_by_link(platform, actions.owner_link(platform), "correct horse")
    client.post("/maquette/session", json={"name": "admin", "password": "correct horse"})
    assert client.get("/").headers["location"] == "/console/"
    assert client.get("/console").headers["location"] == "/console/"
    (files / "index.html").unlink()
    assert client.get("/").headers["location"] == "/sign-in"
