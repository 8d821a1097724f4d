"""A package that a test writes down, and `maquette serve` with it, on the interpreter of these tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from maquette_sdk.serve import protocol

CONFIG = {
    "model_type": "MindSpore",
    "model_algorithm": "image_classification",
    "runtime": "python3.7",
    "apis": [
        {
            "url": "/",
            "method": "post",
            "request": {
                "Content-type": "application/json",
                "data": {"type": "object", "properties": {"text": {"type": "string", "default": "hello"}}},
            },
        }
    ],
}
CODE = """
import os, sys, time
from model_service.model_service import SingleNodeService

print("loading", flush=True)
{head}

class Service(SingleNodeService):
    def __init__(self, model_name, model_path):
        self.model_path = model_path
{init}

    def _preprocess(self, data):
        return data

    def _inference(self, data):
{body}

    def _postprocess(self, data):
        return data
"""
COMMAND = (str(Path(sys.executable).parent / "maquette"),)
SHOUT = 'return {"upper": data["text"].upper()}'


def indented(text):
    return "\n".join("        " + line for line in text.strip().splitlines())


@pytest.fixture
def package(tmp_path):
    """`package(body=…)` writes a package whose `_inference(self, data)` is this body, and gives its folder.

    `init` goes into the constructor, `head` above the class; `code` is a whole file instead, `config` a dict or a text.
    """

    def write(body=SHOUT, init="pass", head="", code=None, config=CONFIG, name="shouter", **files):
        folder = tmp_path / name / "model"
        folder.mkdir(parents=True, exist_ok=True)
        whole = CODE.format(head=head, init=indented(init), body=indented(body)) if code is None else code
        texts = {"customize_service.py": whole, **files}
        if config is not None:
            texts["config.json"] = config if isinstance(config, str) else json.dumps(config)
        for file, text in texts.items():
            (folder / file).write_text(text)
        return folder.parent

    return write


class Served:
    """A running `maquette serve`: what it says, and its address. `sockets` is where its instances have theirs."""

    def __init__(self, process, sockets):
        self.process = process
        self.sockets = sockets
        self.told = ""
        self.shown = ""
        self.readers = [
            threading.Thread(target=self.read, args=(process.stderr, "told")),
            threading.Thread(target=self.read, args=(process.stdout, "shown")),
        ]
        for reader in self.readers:
            reader.start()

    def read(self, stream, name):
        for line in stream:
            setattr(self, name, getattr(self, name) + line)

    def until(self, true, seconds=120):
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline and self.process.poll() is None, self.told + self.shown
            time.sleep(0.02)

    def until_ready(self):
        self.until(lambda: "Ctrl-C ends it" in self.told)
        return self

    def until_told(self, text):
        self.until(lambda: text in self.told)

    @property
    def port(self):
        return int(re.search(r"ready after .* at http://[^/]*:(\d+)/", self.told).group(1))

    def post(self, value, path="/"):
        """(status, answer) of a call with JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(value).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers or {})
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.headers, response.read().decode()

    def socket(self):
        """The socket of its one instance."""
        (found,) = Path(self.sockets).glob("maquette-*/i.sock")
        return found

    def sockets_of_instances(self):
        return list(Path(self.sockets).glob("maquette-*/i.sock"))

    def ping(self, path=None):
        """What an instance says of itself, its one instance unless the socket of one is given."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path or self.socket()))
            protocol.send(connection, [protocol.PING])
            return next(protocol.frames(connection)).header

    def until_busy(self, instances):
        """Until so many instances are at a call."""
        self.until(lambda: sum(self.ping(path)["busy"] for path in self.sockets_of_instances()) == instances)

    def finish(self, number=signal.SIGINT):
        """Asks it to stop; seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(120)
        self.join()
        return time.monotonic() - began

    def join(self):
        for reader in self.readers:
            reader.join()


@pytest.fixture
def serve(home):
    """`serve(package, *options)` starts the command with the interpreter of these tests and a free port."""
    started = []

    def start(package, *options, env=None, command=COMMAND):
        sockets = tempfile.mkdtemp(prefix="mqt-", dir="/tmp")  # short, for it holds sockets
        process = subprocess.Popen(
            [*command, "serve", package, "--python", sys.executable, "--port", "0", *options],
            env={**os.environ, "MAQUETTE_HOME": str(home), "TMPDIR": sockets, **(env or {})},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(Served(process, sockets))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.finish()
        one.join()
        one.process.stdout.close()
        one.process.stderr.close()
        shutil.rmtree(one.sockets)


@pytest.fixture
def running(home):
    """`running()` is the processes that belong to this home's runs."""

    def look():
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(home).encode() in entry.read_bytes():
                    found.append(entry.parent.name)
            except OSError:
                continue
        return found

    return look
