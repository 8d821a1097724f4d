"""The Maquette of a home: the one that runs there, or one that is started for as long as the demo takes."""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from maquette.kernel import home as homes
from maquette.kernel.errors import Conflict, Unavailable
from maquette.kernel.settings import Home

START_SECONDS = 60.0
"""Where rows are of an older version, the first start brings them to this one's."""
FOUND_SECONDS = 10.0
ANSWER_SECONDS = 2.0
POLL_SECONDS = 0.05
END_SECONDS = 20.0
TOLD_LINES = 5
PR_SET_PDEATHSIG = 1


def leave_proxies_out() -> None:
    """A proxy would look for this machine's own addresses on its machine. Clients of all kinds heed these variables."""
    others = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if others != "*":
        direct = ",".join(filter(None, [others, "127.0.0.1", "localhost"]))
        os.environ.update(no_proxy=direct, NO_PROXY=direct)


@dataclass(frozen=True)
class Running:
    """Where it answers; `process` is its own where it was started here."""

    url: str
    store_url: str
    process: subprocess.Popen[bytes] | None = None


@contextmanager
def maquette_on(home: Home) -> Iterator[Running]:
    """Raises Unavailable where one holds the home and does not answer, or does not start."""
    if is_held(home):
        yield find(home)
        return
    with started(home) as running:
        yield running


def is_held(home: Home) -> bool:
    try:
        with homes.held(home):
            return False
    except Conflict:
        return True


def find(home: Home) -> Running:
    if homes.address(home).startswith("https:"):
        told = f"Maquette is running on '{home.path}' with TLS, which the demo does not speak."
        raise Unavailable(f"{told} Choose another folder with --home.")
    deadline = time.monotonic() + FOUND_SECONDS  # it may just be starting
    while (running := look(home)) is None:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Maquette is running on '{home.path}'{homes.holder(home)}, but does not answer. "
                "Stop it first, or choose another folder with --home."
            )
        time.sleep(POLL_SECONDS)
    return running


@contextmanager
def started(home: Home) -> Iterator[Running]:
    """On free ports; it ends with the block. Ctrl-C is ours alone: what is being done there is tidied up first."""
    command = [sys.executable, "-m", "maquette.cli", "up", "--home", str(home.path), "--no-browser"]
    environment = {"MAQUETTE_LOG": "text", **os.environ}
    with log_of(home).open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", "0", "--obs-port", "0"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
            preexec_fn=end_with_parent,
        )  # fmt: skip
    try:
        yield until_ready(home, process)
    finally:
        end(process)


def end_with_parent() -> None:
    """A demo that is killed cannot end it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def log_of(home: Home) -> Path:
    return home.path / "demo.log"


def until_ready(home: Home, process: subprocess.Popen[bytes]) -> Running:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if running := look(home, process):
            return running
        time.sleep(POLL_SECONDS)
    said = log_of(home).read_text(errors="replace").strip().splitlines()[-TOLD_LINES:]
    raise Unavailable(f"Maquette did not start. The end of '{log_of(home)}':\n" + "\n".join(said))


def look(home: Home, process: subprocess.Popen[bytes] | None = None) -> Running | None:
    """Whether it answers where it says that it is."""
    url = homes.address(home)
    if not url:
        return None
    try:
        with urllib.request.urlopen(f"{url}/maquette/about", timeout=ANSWER_SECONDS) as answer:
            store_port = int(json.load(answer)["store_port"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    parts = urlsplit(url)
    return Running(url, f"{parts.scheme}://{parts.netloc.rpartition(':')[0]}:{store_port}", process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
