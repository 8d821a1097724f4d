"""The calls by which a run writes to buckets."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from maquette.buckets.companion import Companion
from maquette.drivers.stores.local import Alias, LocalStore

TOKEN = "fake-token"


@dataclass
class Answer:
    status: int
    body: Any


Call = Callable[..., Answer]


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    (tmp_path / "staging").mkdir()
    return tmp_path / "staging"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    (tmp_path / "course").mkdir()
    made = LocalStore(tmp_path / "buckets", {"share-course": Alias(tmp_path / "course")})
    made.make_bucket("pets")
    return made


@pytest.fixture
def call(store: LocalStore, staging: Path) -> Call:
    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"null"})

    companion = Companion(store, staging, TOKEN, endpoint)

    def ask(path: str, body: Any, token: str = f"Bearer {TOKEN}", method: str = "POST") -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": data, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"authorization", token.encode())],
        }
        asyncio.run(companion(scope, receive, send))
        return Answer(sent[0]["status"], json.loads(sent[1]["body"]))

    return ask


def keys(store: LocalStore, bucket: str = "pets") -> list[str]:
    return [info.key for info in store.list(bucket).objects]


def test_staged_files_become_objects(call: Call, store: LocalStore, staging: Path) -> None:
    (staging / "sub").mkdir()
    (staging / "1").write_text("one")
    (staging / "sub" / "2").write_text("two")
    wanted = {"bucket": "pets", "files": [["1", "out/a"], ["sub/2", "out/a/b"]]}
    assert call("/_maquette/commit", wanted) == Answer(200, {})
    assert keys(store) == ["out/a", "out/a/b"]
    assert os.listdir(staging) == ["sub"]


def test_objects_are_copied_and_deleted(call: Call, store: LocalStore) -> None:
    store.put("pets", "a", [b"x"])
    pairs = [[["pets", "a"], ["pets", "b/c"]], [["pets", "b/c"], ["pets", "d"]]]
    assert call("/_maquette/copy", {"pairs": pairs}).status == 200
    assert call("/_maquette/delete", {"bucket": "pets", "keys": ["a", "missing", "b/c"]}).status == 200
    assert keys(store) == ["d"]


NAMES = ["../secret", "/etc/passwd", "sub/../../secret", "", ".", "..", "link", "linked/secret", "missing", "x\0y"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_the_staging_folder_is_taken(
    call: Call, store: LocalStore, staging: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text("secret")
    (staging / "link").symlink_to(tmp_path / "secret")
    (staging / "linked").symlink_to(tmp_path)
    answer = call("/_maquette/commit", {"bucket": "pets", "files": [[name, "stolen"]]})
    assert answer.status in (400, 404) and answer.body["code"] in ("bad_input", "not_found")
    assert answer.body["message"].endswith(".")
    assert keys(store) == [] and (tmp_path / "secret").exists()


@pytest.mark.parametrize("token", ["", "Bearer wrong", TOKEN, "Bearer ", "Bearer ü"])
def test_a_call_without_the_token_is_refused(call: Call, store: LocalStore, token: str) -> None:
    store.put("pets", "a", [b"x"])
    answer = call("/_maquette/delete", {"bucket": "pets", "keys": ["a"]}, token=token)
    assert (answer.status, answer.body["code"]) == (401, "refused") and keys(store) == ["a"]


REFUSED = [
    ("commit", {"bucket": "nope-1", "files": []}, 404, "not_found"),
    ("commit", {"bucket": "share-course", "files": []}, 403, "refused"),
    ("commit", {"bucket": "Pets", "files": []}, 400, "bad_input"),
    ("delete", {"bucket": "pets", "keys": ["x" * 1025]}, 400, "bad_input"),
    ("copy", {"pairs": [[["pets", "nope"], ["pets", "x"]]]}, 404, "not_found"),
    ("copy", {"pairs": [["pets", "x"]]}, 400, "bad_input"),
    ("copy", {"pairs": [[["pets", "x"], ["y"]]]}, 400, "bad_input"),
    ("commit", {"files": []}, 400, "bad_input"),
    ("commit", {"bucket": "pets", "files": [["only-a-name"]]}, 400, "bad_input"),
    ("commit", {"bucket": "pets", "files": [[1, 2]]}, 400, "bad_input"),
    ("delete", {"bucket": "pets", "keys": [None]}, 400, "bad_input"),
    ("delete", [], 400, "bad_input"),
    ("delete", b"{", 400, "bad_input"),
    ("delete", b"\xff", 400, "bad_input"),
    ("rename", {}, 404, "not_found"),
]


@pytest.mark.parametrize(("name", "body", "status", "code"), REFUSED)
def test_a_call_that_cannot_be_is_told_why(call: Call, name: str, body: Any, status: int, code: str) -> None:
    answer = call(f"/_maquette/{name}", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert set(answer.body) == {"code", "message"}


def test_a_missing_bucket_names_the_command_that_makes_it(call: Call) -> None:
    answer = call("/_maquette/commit", {"bucket": "share-data", "files": []})
    assert "`maquette mb obs://share-data`" in answer.body["message"]


def test_other_paths_are_the_endpoints(call: Call) -> None:
    assert call("/pets/x", {}).status == 299
    assert call("/_maquette/delete", {}, method="GET").status == 404
