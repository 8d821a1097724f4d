"""Addresses of companions in a run's variables, and how often one is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from maquette_sdk.job import companions
from maquette_sdk.job.companions import Server, fill_in


def server(folder: Path, name: str) -> Server:
    return Server(
        {"name": name, "command": ["serve", "--fd={fd}"], "environment": {"A": "b"}}, str(folder), {"COOKIE": "c"}
    )


def test_ports_and_addresses_are_filled_in(tmp_path: Path) -> None:
    store, other = server(tmp_path, "store"), server(tmp_path, "other")
    values = {
        "URL": "http://{address}/",
        "PORT": "{port}",
        "OTHER": "{other.address} {other.port}",
        "JSON": '{"a": {}}',
    }
    filled = fill_in(values, [store, other])
    assert filled == {
        "URL": f"http://127.0.0.1:{store.port}/",
        "PORT": str(store.port),
        "OTHER": f"127.0.0.1:{other.port} {other.port}",
        "JSON": '{"a": {}}',
    }
    assert fill_in(values, []) == values
    for one in (store, other):
        one.listener.close()


def test_the_socket_and_the_cookie_are_handed_over(tmp_path: Path) -> None:
    one = server(tmp_path, "store")
    assert one.command == ["serve", "--fd=3"]
    assert one.environment == {"A": "b", "COOKIE": "c"}
    one.listener.close()


def test_one_that_fails_at_once_is_tried_less_and_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, now = server(tmp_path, "store"), 1000.0
    monkeypatch.setattr(companions.time, "monotonic", lambda: now)
    waits = []
    for _ in range(9):
        one.began = now
        one.ended()
        waits.append(round(one.wait_until - now, 1))
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 10.0]
    one.began = now - 60
    one.ended()
    assert one.wants_to_start()
    one.listener.close()
