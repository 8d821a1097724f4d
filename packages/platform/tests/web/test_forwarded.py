"""What a proxy says of a request, taken from the last word of each header."""

from __future__ import annotations

from typing import Any

import pytest

from maquette.web.forwarded import as_forwarded


def scope(kind: str = "http", **headers: str) -> dict[str, Any]:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scheme = "ws" if kind == "websocket" else "http"
    return {"type": kind, "scheme": scheme, "client": ("10.0.0.1", 4711), "headers": [(b"host", b"inner:7788"), *told]}


CASES = [
    ({}, ("http", "10.0.0.1", b"inner:7788")),
    ({"x_forwarded_proto": "https"}, ("https", "10.0.0.1", b"inner:7788")),
    ({"x_forwarded_proto": "http, HTTPS"}, ("https", "10.0.0.1", b"inner:7788")),
    ({"x_forwarded_proto": "gopher"}, ("http", "10.0.0.1", b"inner:7788")),
    ({"x_forwarded_for": "192.0.2.1"}, ("http", "192.0.2.1", b"inner:7788")),
    ({"x_forwarded_for": "198.51.100.9, 192.0.2.1:99"}, ("http", "192.0.2.1", b"inner:7788")),
    ({"x_forwarded_for": "[2001:db8::1]:99"}, ("http", "2001:db8::1", b"inner:7788")),
    ({"x_forwarded_for": "2001:db8::1"}, ("http", "2001:db8::1", b"inner:7788")),
    ({"x_forwarded_for": " , "}, ("http", "10.0.0.1", b"inner:7788")),
    ({"x_forwarded_host": "maquette.example:8443"}, ("http", "10.0.0.1", b"maquette.example:8443")),
    ({"x_forwarded_host": "evil.example, maquette.example"}, ("http", "10.0.0.1", b"maquette.example")),
    ({"x_forwarded_host": ""}, ("http", "10.0.0.1", b"inner:7788")),
]


@pytest.mark.parametrize(("headers", "expected"), CASES)
def test_the_last_word_of_each_header_counts(headers: dict[str, str], expected: tuple[str, str, bytes]) -> None:
    given = scope(**headers)
    found = as_forwarded(given)
    hosts = [value for name, value in found["headers"] if name == b"host"]
    assert (found["scheme"], found["client"][0], *hosts) == expected
    assert given == scope(**headers)  # what others hold is not changed


def test_headers_that_come_twice_are_one_list() -> None:
    given = scope(x_forwarded_for="198.51.100.9")
    given["headers"].append((b"x-forwarded-for", b"192.0.2.1"))
    assert as_forwarded(given)["client"][0] == "192.0.2.1"


def test_a_socket_of_a_page_that_came_by_tls_is_one_too() -> None:
    assert as_forwarded(scope("websocket", x_forwarded_proto="https"))["scheme"] == "wss"
