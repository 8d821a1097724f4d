"""Buckets for the modules that scripts import: those of a run, with a store beside it, and those of a home."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

from maquette_sdk import objects

NAMES = Path(objects.__file__).parent / "names"
TOKEN = "a-token-for-tests"


@pytest.fixture(scope="session")
def names() -> Iterator[None]:
    """The folder of names stands last on the path, as in a run."""
    sys.path.append(str(NAMES))
    level = logging.getLogger().level
    os.environ["MOX_SILENT_MODE"] = "1"
    yield
    del os.environ["MOX_SILENT_MODE"]
    logging.getLogger().setLevel(level)
    sys.path.remove(str(NAMES))


@pytest.fixture
def mox(names: None) -> Any:
    return importlib.import_module("moxing")


class Buckets:
    """Two buckets, `pets` and `frozen` (read-only), and what a script outside would do with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: List[Tuple[str, Dict[str, Any]]] = []
        for name in ("pets", "frozen"):
            (root / name).mkdir(parents=True)

    def put(self, key: str, data: str = "", bucket: str = "pets") -> str:
        source = self.root / "being-put"
        source.write_bytes(data.encode("utf-8"))
        objects.install(str(self.root / bucket), str(source), key)
        return "obs://{}/{}".format(bucket, key)

    def get(self, key: str, bucket: str = "pets") -> Optional[str]:
        path = objects.find(str(self.root / bucket), key)
        return Path(path).read_bytes().decode("utf-8") if path else None

    def keys(self, bucket: str = "pets") -> List[str]:
        return [entry.key for entry in objects.scan(str(self.root / bucket))]

    def below(self, prefix: str) -> List[str]:
        return [entry.key for entry in objects.scan(str(self.root / "pets"), prefix)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    """Buckets as a run has them: folders to read, and a store that writes."""
    buckets = Buckets(tmp_path / "buckets")
    staging = tmp_path / "staging"
    staging.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    server.daemon_threads = True
    server.store = (buckets, staging)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    places = {name: {"path": str(buckets.root / name), "writable": name == "pets"} for name in ("pets", "frozen")}
    monkeypatch.setenv("MAQUETTE_BUCKETS", json.dumps(places))
    monkeypatch.setenv("MAQUETTE_STAGING", str(staging))
    monkeypatch.setenv("MAQUETTE_STORE_URL", "http://127.0.0.1:{}".format(server.server_address[1]))
    monkeypatch.setenv("MAQUETTE_STORE_TOKEN", TOKEN)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    yield buckets
    server.shutdown()
    thread.join()
    server.server_close()
    assert os.listdir(str(staging)) == [], "staged files were left behind"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """Buckets of a home, without a run."""
    monkeypatch.delenv("MAQUETTE_BUCKETS", raising=False)
    monkeypatch.setenv("MAQUETTE_HOME", str(tmp_path / "home"))
    return Buckets(tmp_path / "home" / "buckets")


@pytest.fixture(params=["run", "home"])
def buckets(request: pytest.FixtureRequest) -> Buckets:
    """Everything that holds in a run holds in a home."""
    found: Buckets = request.getfixturevalue(request.param)
    return found


class Store(BaseHTTPRequestHandler):
    """The three calls of a run's store, over folders."""

    def do_POST(self) -> None:
        buckets, staging = self.server.store  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = self.path.rpartition("/")[2]
        buckets.calls.append((call, body))
        if self.headers["Authorization"] != "Bearer " + TOKEN:
            return self.answer(401, {"code": "refused", "message": "The token is wrong."})
        try:
            getattr(self, call)(buckets, staging, body)
        except ValueError as error:
            return self.answer(400, {"code": "bad_input", "message": str(error)})
        return self.answer(200, {})

    def commit(self, buckets: Buckets, staging: Path, body: Dict[str, Any]) -> None:
        for name, key in body["files"]:
            if not (staging / name).is_file() or (staging / name).stat().st_nlink != 1:
                raise ValueError("{} is not a staged file.".format(name))
            objects.install(str(buckets.root / body["bucket"]), str(staging / name), key)

    def delete(self, buckets: Buckets, staging: Path, body: Dict[str, Any]) -> None:
        for key in body["keys"]:
            objects.remove(str(buckets.root / body["bucket"]), key)

    def copy(self, buckets: Buckets, staging: Path, body: Dict[str, Any]) -> None:
        for (bucket, key), (to_bucket, to_key) in body["pairs"]:
            buckets.put(to_key, buckets.get(key, bucket) or "", to_bucket)

    def answer(self, status: int, body: Dict[str, Any]) -> None:
        data = json.dumps(body).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *told: Any) -> None:
        """A test's output is its own."""
