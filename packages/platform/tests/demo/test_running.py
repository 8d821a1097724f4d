"""The Maquette of a home: what is said of one that cannot be used, and of another demo."""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from maquette.demo import running
from maquette.demo.leavings import alone
from maquette.kernel import home as homes
from maquette.kernel.errors import Conflict, Unavailable
from maquette.kernel.settings import Home


@pytest.fixture
def made(tmp_path):
    made = Home(tmp_path / "home")
    homes.make(made)
    return made


@pytest.fixture
def dead():
    """An address at which nothing answers, though something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("scheme", "told"), [("http", "does not answer. Stop it first"), ("https", "with TLS, which the demo")]
)
def test_a_home_that_is_held_by_one_that_cannot_be_asked_is_not_touched(made, dead, scheme, told, monkeypatch):
    monkeypatch.setattr(running, "FOUND_SECONDS", 0.1)
    monkeypatch.setattr(running, "ANSWER_SECONDS", 0.1)
    with homes.held(made):
        homes.tell_where(made, f"{scheme}://{dead}")
        with pytest.raises(Unavailable, match=told), running.maquette_on(made):
            pass
        assert homes.address(made) == f"{scheme}://{dead}"


def test_one_that_holds_the_home_and_has_not_told_where_it_is_is_named_too(made, monkeypatch):
    monkeypatch.setattr(running, "FOUND_SECONDS", 0.1)
    with homes.held(made), pytest.raises(Unavailable, match="does not answer"), running.maquette_on(made):
        pass


def test_it_ends_with_a_demo_that_is_killed(made):
    code = f"""
import time
from pathlib import Path
from maquette.demo.running import maquette_on
from maquette.kernel.settings import Home
with maquette_on(Home(Path({str(made.path)!r}))) as running:
    print(running.url, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as demo:
        url = demo.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/health", timeout=120) as answer:
            assert answer.status == 200
        demo.kill()
    deadline = time.monotonic() + 120
    while running.is_held(made):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_demo_in_a_home_waits_for_the_first_to_be_over(made):
    with alone(made) as note:
        note.write("demo-1")
        with pytest.raises(Conflict, match="Another `maquette demo`"), alone(made):
            pass
    with alone(made) as note:
        assert note.name == "demo-1", "what a demo could not remove is told to the next"
        note.release()
        with alone(made) as other:
            assert other.name == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "a.example"}, "a.example,127.0.0.1,localhost"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_a_proxy_is_not_asked_for_this_machine(given, told, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, given.get(name, ""))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    running.leave_proxies_out()
    assert os.environ["no_proxy"] == told
    assert urllib.request.proxy_bypass("127.0.0.1")
