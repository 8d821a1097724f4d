"""Claim: with a network as large as a ResNet18 `maquette serve` answers at least as many requests per second as
LitServe when neither batches, at least as many as LitServe's and BentoML's batching when all do, and with batching at
least 1.5 times as many as without. A client that is alone waits no longer for it.

The package knows nothing of batches. All run the same functions on the same two threads: a JPEG of 40 kB, 480 pixels
wide, in a form, is decoded, made 224 wide, and classified in 32-bit numbers. Eight clients ask, each again as soon as
it is answered. The rounds take turns, so that what the machine does meanwhile touches all; a ratio is one round's.

The limit: of a call alone a fifth is decoding, which nobody does for several pictures at a time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import serve_throughput as serving
import uv
from results import keep
from serve_throughput import Load, Server

HERE = serving.HERE
PEERS = ("fastapi", "uvicorn[standard]", "python-multipart", "litserve", "bentoml", "pillow", "numpy")
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
ROUNDS = int(os.environ.get("ROUNDS", "5"))
ROUND_SECONDS = 6.0
LEARN_SECONDS = 12.0
CLIENTS = 8
MOST_TOGETHER = "8"
OURS, OURS_ALONE = "maquette batched", "maquette"
LEAST_GAIN = 1.5
MOST_SLOWER_ALONE = 1.05


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="batching") as folder, ExitStack() as running:
        work = Path(folder)
        environment = {**serving.make_environment(work), **THREADS}
        python = make_peers(work, environment)
        load = serving.make_load(work)
        servers = [
            running.enter_context(serving.started(server, environment, load)) for server in competitors(python, work)
        ]
        for server in servers:
            asyncio.run(saturate(server.port, load.request, CLIENTS, LEARN_SECONDS))
        for turn in range(ROUNDS):
            for server in servers[turn % len(servers) :] + servers[: turn % len(servers)]:
                measure(server, load)
    return tell({server.name: server for server in servers})


def competitors(python: Path, work: Path) -> list[Server]:
    """Each without its batching and with it, at the sizes of the others."""
    package = work / "package" / "model"
    shutil.copytree(HERE / "resnet_package", package)
    shutil.copy(HERE / "resnet18.py", package)
    ports = [serving.free_port() for _ in range(6)]
    maquette = [str(Path(sys.executable).with_name("maquette")), "serve", str(package), "--python", str(python)]
    bentoml = [str(python.parent / "bentoml"), "serve"]
    litserve = [str(python), "resnet_litserve.py"]
    one, most = (f"MAQUETTE_BATCH_SIZE={number}" for number in ("1", MOST_TOGETHER))
    commands = {
        OURS_ALONE: [*maquette, "--port", str(ports[0]), "--env", one],
        OURS: [*maquette, "--port", str(ports[1]), "--env", most],
        "litserve": [*litserve, str(ports[2]), "1"],
        "litserve batched": [*litserve, str(ports[3]), MOST_TOGETHER],
        "bentoml": [*bentoml, "resnet_bentoml:Single", "--port", str(ports[4])],
        "bentoml batched": [*bentoml, "resnet_bentoml:Batched", "--port", str(ports[5])],
    }
    return [Server(name, command, port) for (name, command), port in zip(commands.items(), ports, strict=True)]


def make_peers(work: Path, environment: dict[str, str]) -> Path:
    """An environment with all peers, for them and for our package alike; PyTorch from PIP_FIND_LINKS if it is there."""
    folder, tool = work / "peers", uv.find_uv_bin()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([tool, "venv", "--quiet", "--python", version, str(folder)], env=environment, check=True)
    python = folder / "bin" / "python"
    install = [tool, "pip", "install", "--quiet", "--python", str(python)]
    if links := environment.get("PIP_FIND_LINKS"):
        local = [*install, "--no-deps", "--no-index", "--find-links", links, "torch"]
        subprocess.run(local, env=environment, check=False, capture_output=True)
    subprocess.run([*install, "--compile-bytecode", "torch", *PEERS], env=environment, check=True)
    return python


# ── clients ────────────────────────────────────────────────────────────────────────────────────


def measure(server: Server, load: Load) -> None:
    """One round: all clients at once, then one alone."""
    times = asyncio.run(saturate(server.port, load.request, CLIENTS, ROUND_SECONDS))
    p50, p99 = serving.percentiles(times)
    server.rates.append(len(times) / ROUND_SECONDS)
    server.p50.append(p50)
    server.p99.append(p99)
    alone = asyncio.run(saturate(server.port, load.request, 1, ROUND_SECONDS / 3))
    server.alone.append(serving.percentiles(alone)[0])


async def saturate(port: int, request: bytes, clients: int, seconds: float) -> list[float]:
    """The milliseconds of every request that these clients got answered in this time."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < until:
            writer.write(request)
            if not await serving.read_answer(reader):
                raise SystemExit("Not every answer was good.")
            times.append((time.perf_counter() - begun) * 1000)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return times


# ── the verdict ────────────────────────────────────────────────────────────────────────────────


def tell(servers: dict[str, Server]) -> int:
    for server in servers.values():
        print(
            f"{server.name:<17} {statistics.median(server.rates):5.1f} req/s"
            f" [{min(server.rates):.0f} .. {max(server.rates):.0f}]"
            f"  p50 {statistics.median(server.p50):.0f} ms  p99 {statistics.median(server.p99):.0f} ms"
            f"  alone {statistics.median(server.alone):.1f} ms"
        )
    rates = {name: server.rates for name, server in servers.items()}
    rivals = [max(pair) for pair in zip(rates["litserve batched"], rates["bentoml batched"], strict=True)]
    slower = ratio(servers[OURS].alone, servers[OURS_ALONE].alone)
    claims = {
        "times LitServe, neither batching": least(ratio(rates[OURS_ALONE], rates["litserve"]), 1),
        "times the better of LitServe and BentoML, all batching": least(ratio(rates[OURS], rivals), 1),
        "times our own without batching": least(ratio(rates[OURS], rates[OURS_ALONE]), LEAST_GAIN),
        "times as long for a client alone": (slower, slower <= MOST_SLOWER_ALONE),
    }
    for claim, (value, good) in claims.items():
        print(f"{'holds ' if good else 'FAILS '} {value:6.2f} {claim}")
    keep(
        "batching",
        {
            "servers": {
                server.name: {
                    "requests_per_second": server.rates, "p50_ms": server.p50, "p99_ms": server.p99,
                    "alone_p50_ms": server.alone,
                }
                for server in servers.values()
            },
            "claims": {claim: {"value": value, "holds": good} for claim, (value, good) in claims.items()},
        },
    )  # fmt: skip
    return 0 if all(good for _, good in claims.values()) else 1


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def least(value: float, wanted: float) -> tuple[float, bool]:
    return value, value >= wanted


if __name__ == "__main__":
    sys.exit(main())
