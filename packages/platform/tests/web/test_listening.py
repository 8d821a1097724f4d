"""Where servers listen."""

from __future__ import annotations

import errno
import socket

import pytest

from maquette.kernel.errors import MaquetteError
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
