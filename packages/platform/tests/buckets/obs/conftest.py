"""A real endpoint on loopback over a store in a temporary folder, boto3 as its client, and requests signed by hand."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import boto3  # type: ignore[import-untyped]
import pytest
import uvicorn
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth  # type: ignore[import-untyped]
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.credentials import Credentials  # type: ignore[import-untyped]

from maquette.buckets.obs import Bearer, Endpoint, Parts
from maquette.drivers.stores.local import LocalStore

ACCESS, SECRET = "FAKEACCESSKEY0000000", "fake-secret-fake-secret"
REGION = "cn-north-4"


@dataclass
class Answer:
    """What came back, and its error code where it is an error document."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        return ElementTree.fromstring(self.body).findtext("Code")


@dataclass
class Served:
    """Where an endpoint listens, and what lies behind it."""

    url: str
    port: int
    root: Path
    store: LocalStore

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """A request as it stands, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()

    def signed(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """A request signed in its header; the body's hash unless `headers` say another."""
        return self.send(method, path, self.signature(method, path, headers, body), body)

    def signature(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> dict[str, Any]:
        """The headers of a request, signature and all."""
        given = {"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest(), **(headers or {})}
        request = AWSRequest(method, self.url + path, headers=given)
        # The signer asks the request's context for a payload that is not to be hashed.
        signer = S3SigV4Auth(Credentials(ACCESS, SECRET), "s3", REGION)
        signer.payload = lambda _: given["X-Amz-Content-SHA256"]
        signer.add_auth(request)
        return dict(request.headers.items())

    def link(self, method: str, path: str, seconds: int = 600) -> str:
        """Path and query of a presigned request."""
        request = AWSRequest(method, self.url + path)
        S3SigV4QueryAuth(Credentials(ACCESS, SECRET), "s3", REGION, expires=seconds).add_auth(request)
        parts = urlsplit(request.url)
        return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("buckets")
    store = LocalStore(root)
    endpoint = Endpoint({ACCESS: Bearer(store, SECRET)}.get, Parts(root / ".maquette" / "uploads"))
    listening = socket.socket(fileno=socket.create_server(("127.0.0.1", 0)).detach())
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(endpoint, lifespan="off", log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(f"http://127.0.0.1:{port}", port, root, store)
    server.should_exit = True
    thread.join()
    listening.close()


Clients = Callable[..., Any]


@pytest.fixture(scope="session")
def clients(served: Served) -> Clients:
    """Makes boto3 clients; arguments change its configuration."""

    def make(access: str = ACCESS, secret: str = SECRET, **config: Any) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=served.url,
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            region_name=REGION,
            config=Config(retries={"max_attempts": 0}, **config),
        )

    return make


@pytest.fixture(scope="session")
def s3(clients: Clients) -> Iterator[Any]:
    client = clients(s3={"addressing_style": "path"}, max_pool_connections=40)
    yield client
    client.close()


@pytest.fixture
def bucket(served: Served, s3: Any, request: pytest.FixtureRequest) -> str:
    """A bucket of the test's own."""
    name = f"test-{abs(hash(request.node.nodeid)) % 10**12}"
    s3.create_bucket(Bucket=name)
    return name
