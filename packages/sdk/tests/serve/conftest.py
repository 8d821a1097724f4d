"""Starts real serving instances on packages that a test writes down."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from maquette_sdk.serve import protocol

SDK = Path(protocol.__file__).resolve().parents[2]
MAIN = SDK / "maquette_sdk" / "serve" / "main.py"
NAMES = SDK / "maquette_sdk" / "names"
PATIENCE = 120
"""Seconds: of a machine that has much else to do."""


class Instance:
    """One instance, and the gateway's side of it."""

    def __init__(self, process: subprocess.Popen[bytes], socket_path: str, log: Path) -> None:
        self.process = process
        self.log_path = log
        self._socket_path = socket_path
        self._connections: list[socket.socket] = []

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    @property
    def noted(self) -> str:
        """The call that the code is at, as the file beside the socket tells."""
        return Path(self._socket_path + protocol.NOTE).read_bytes().rstrip(b"\0").decode()

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        self._connections.append(connection)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connection.connect(self._socket_path)
                return connection
            except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                assert self.process.poll() is None and time.monotonic() < deadline, self.log
                time.sleep(0.005)

    def ping(self) -> dict[str, Any]:
        with self.connect() as connection:
            protocol.send(connection, [protocol.PING])
            return next(protocol.frames(connection)).header

    def wait_until(self, told: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            pong = self.ping()
            if told(pong):
                return pong
            assert time.monotonic() < deadline, f"{pong}\n{self.log}"
            time.sleep(0.005)

    def wait(self) -> Instance:
        pong = self.wait_until(lambda pong: pong["ready"] or pong["error"] is not None)
        assert pong["error"] is None, pong["error"]
        return self

    def failure(self) -> str:
        """Why the start failed."""
        return self.wait_until(lambda pong: pong["error"] is not None)["error"]

    def frame(self, *arguments: Any, **named: Any) -> protocol.Frame:
        """One call on a connection of its own; see `ask` for the arguments."""
        with self.connect() as connection:
            self.ask(connection, *arguments, **named)
            return self.hear(connection)

    @staticmethod
    def ask(
        connection: socket.socket,
        body: str = "json",
        parts: Any = (),
        query: dict[str, str] | None = None,
        content_type: str = "application/json",
        deadline: float = PATIENCE,
        id: str = "1",
    ) -> None:
        buffers, descriptors = protocol.call_frame(id, deadline, query or {}, content_type, body, parts)
        protocol.send(connection, buffers, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    @staticmethod
    def hear(connection: socket.socket) -> protocol.Frame:
        return next(protocol.frames(connection))

    def json(self, value: Any, **named: Any) -> tuple[int, Any]:
        """Status and decoded body of the answer to a JSON body; bytes are sent as they are."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        return decoded(self.frame("json", [protocol.part("", content)], **named))

    def together(self, values: Any) -> list[protocol.Frame]:
        """The answers to JSON bodies that are all sent before the first answer is read."""
        connections = [self.connect() for _ in values]
        for place, (connection, value) in enumerate(zip(connections, values, strict=True)):
            self.ask(connection, "json", [protocol.part("", json.dumps(value).encode())], id=str(place))
        answers = [self.hear(connection) for connection in connections]
        for connection in connections:
            connection.close()
        return answers

    def until_together(self, value: Any, count: int = 8) -> None:
        """Sends the same again and again, until so many share the model."""
        deadline = time.monotonic() + PATIENCE
        while max(frame.header["together"] for frame in self.together([value] * 2 * count)) < count:
            assert time.monotonic() < deadline, self.log

    def form(self, texts: Any = (), files: Any = (), **named: Any) -> tuple[int, Any]:
        """Status and decoded body of the answer to a form of (name, text) and (name, file name, content)."""
        parts = [protocol.part(name, value.encode()) for name, value in texts]
        parts += [protocol.part(name, content, filename) for name, filename, content in files]
        return decoded(self.frame("form", parts, content_type="multipart/form-data", **named))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for connection in self._connections:
            connection.close()


def decoded(frame: protocol.Frame) -> tuple[int, Any]:
    return frame.header["status"], json.loads(frame.body)


@pytest.fixture
def mind(tmp_path: Path) -> Path:
    """What `/home/mind` is in a run: the folder above `model`, with `model/1` beside its files."""
    package = tmp_path / "mind" / "model"
    package.mkdir(parents=True)
    (package / "1").symlink_to(".")
    return package.parent


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(textwrap.dedent(content), encoding="utf-8")


Serve = Callable[..., Instance]


@contextmanager
def interruptible() -> Iterator[None]:
    """What is started meanwhile hears Ctrl-C, as under its supervisor. A shell that runs the tests in its background
    has told them to pass over it, and a child inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(mind: Path, tmp_path: Path) -> Iterator[Serve]:
    """Starts an instance of these files and gives it at once; see `serve` for the arguments."""
    sockets = tempfile.mkdtemp(prefix="maquette-")
    started: list[Instance] = []

    def start_one(
        files: dict[str, str | bytes] | str,
        model_type: str = "PyTorch",
        python: str | Path = sys.executable,
        env: dict[str, str] | None = None,
        **plan: Any,
    ) -> Instance:
        write(mind / "model", {"customize_service.py": files} if isinstance(files, str) else files)
        has_code = (mind / "model" / "customize_service.py").exists()
        fields = {
            "package": str(mind / "model"),
            "model_type": model_type,
            "model_name": "serve",
            "model_path": str(mind / "model" / "1"),
            "service_file": "customize_service.py" if has_code else None,
            "socket": str(Path(sockets) / f"{len(started)}.sock"),
            "queue": 64,
            "mode": None,
        }
        fields.update(plan)
        log = tmp_path / f"log{len(started) or ''}"
        environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(tmp_path), "MAQUETTE_PLAN": json.dumps(fields),
            **(env or {}),
        }  # fmt: skip
        with log.open("wb") as output, interruptible():
            process = subprocess.Popen(
                [str(python), str(MAIN)],
                cwd=mind,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=environment,
            )
        started.append(Instance(process, fields["socket"], log))
        return started[-1]

    yield start_one
    for instance in started:
        instance.stop()
    shutil.rmtree(sockets)


@pytest.fixture
def serve(start: Serve) -> Serve:
    """Starts an instance of these files (a text is `customize_service.py`) and waits until it is ready."""
    return lambda *arguments, **named: start(*arguments, **named).wait()
