"""Where servers listen."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time

import pytest
import uvloop

from maquette.kernel.errors import MaquetteError
from maquette.web import listening
from maquette.web.listening import listen

TROUBLES = [
    (PermissionError(errno.EACCES, "Permission denied"), "Port 80 is for root alone.", 2),
    (OSError(errno.EADDRINUSE, "Address already in use"), "Port 80 is taken by another program.", 1),
    (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "'127.0.0.1' is no address of this machine.", 2),
]


@pytest.mark.parametrize(("trouble", "told", "code"), TROUBLES)
def test_a_port_that_cannot_be_had_is_one_sentence_with_the_fix(monkeypatch, trouble, told, code):
    def refuse(self, address):
        raise trouble

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(MaquetteError) as raised:
        listen("127.0.0.1", 80)
    assert raised.value.message.startswith(told)
    assert raised.value.message.count(". ") == 1
    assert raised.value.exit_code == code


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_a_host_that_is_not_here_is_told(host):
    with pytest.raises(MaquetteError, match="is no address of this machine"):
        listen(host, 0)


# ── heads that do not come ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def port(monkeypatch):
    """A server that waits two seconds for the head of a request."""
    monkeypatch.setattr(listening, "HEAD_SECONDS", 2.0)

    async def app(scope, receive, send):
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    server, opened = listening.HttpServer(app), listen("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve([opened])))
    thread.start()
    yield opened.getsockname()[1]
    server.should_exit = True
    thread.join()


HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"


@pytest.mark.parametrize("before", [b"", HEAD + b"\r\nhi"], ids=["the first request", "the second"])
def test_a_head_that_does_not_come_in_time_closes_the_connection(port, before):
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        if before:
            line.sendall(before)
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
        with contextlib.suppress(ConnectionError):  # what is sent to a closed connection comes back as an error
            line.sendall(HEAD)
            for _ in range(3):
                time.sleep(0.1)
                line.sendall(b"X: y\r\n")
            assert line.recv(1000) == b""


def test_a_body_may_take_longer_than_a_head(port):
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        line.sendall(HEAD + b"\r\nh")
        time.sleep(2.5)
        line.sendall(b"i")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
