"""Claim: `maquette serve` answers at least as many requests per second as the better of LitServe and BentoML, and as
plain FastAPI on uvicorn; at half of saturation it adds at most 1.5 ms to the call itself; the first answer comes at
most 1 s after what the package's own imports take; the gateway holds at most 120 MB.

One client, one handler (a JPEG of 40 kB in a form, decoded, its mean as JSON), one worker each, as their users would
set them up at their best, with the same malloc variables. The rounds take turns, so that what the machine does
meanwhile touches all; a ratio is one round's. The peers' environment is made here by uv and goes with the benchmark.

The limit: an instance cannot be faster than the handler, which is one Python thread. What is added is the time in which
that thread does something else, so parsing and HTTP are another process's.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uv
from PIL import Image
from results import keep

HERE = Path(__file__).parent / "serving"
PEERS = ("fastapi", "uvicorn[standard]", "python-multipart", "litserve", "bentoml", "pillow", "numpy")
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "134217728"}
ROUNDS = int(os.environ.get("ROUNDS", "7"))
ROUND_SECONDS = 2
CLIENTS = 8
PACED_SECONDS = 3
PACED_ROUNDS = 5
MOST_WAITING = 32
MOST_ADDED_MS = 1.5
MOST_START_SECONDS = 1.0
MOST_MEGABYTES = 120
QUIET = ("--log-level", "warning", "--no-access-log")
BOUNDARY = "lineoftheform"

IN_PROCESS = """
import io, statistics, sys, time
import numpy as np
from PIL import Image
content, pause, times = open(sys.argv[1], "rb").read(), 1 / float(sys.argv[2]), []
for _ in range(500):
    due = time.perf_counter() + pause
    float(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).mean())
    times.append(time.perf_counter() - due + pause)
    time.sleep(max(0, due - time.perf_counter()))
print(statistics.median(times[100:]) * 1000)
"""
"""The call alone, in a process of its own, at a given rate."""


@dataclass
class Server:
    """One competitor: how it is started, and what was measured of it."""

    name: str
    command: list[str]
    port: int
    directory: Path = HERE
    start_seconds: float = 0.0
    megabytes: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="serving") as folder, ExitStack() as running:
        work = Path(folder)
        environment = make_environment(work)
        python = make_peers(work, environment)
        load = make_load(work)
        servers = [running.enter_context(started(server, environment, load)) for server in competitors(python, work)]
        by_name = {server.name: server for server in servers}
        for turn in range(ROUNDS):
            for server in servers[turn % len(servers) :] + servers[: turn % len(servers)]:
                measure(server, load)
        ours = by_name["maquette"]
        half = statistics.median(ours.rates) / 2
        added = [add(by_name, python, load, environment, half) for _ in range(PACED_ROUNDS)]
        imports = statistics.median(timed_import(python, environment) for _ in range(3))
    return tell(by_name, added, half, imports)


def competitors(python: Path, work: Path) -> list[Server]:
    tools = python.parent
    ports = [free_port() for _ in range(4)]
    maquette = [str(Path(sys.executable).with_name("maquette")), "serve", str(HERE / "package")]
    return [
        Server("maquette", [*maquette, "--python", str(python), "--port", str(ports[0])], ports[0], work),
        Server("fastapi", [str(tools / "uvicorn"), "fastapi_app:app", "--port", str(ports[1]), *QUIET], ports[1]),
        Server("litserve", [str(python), "litserve_app.py", str(ports[2])], ports[2]),
        Server("bentoml", [str(tools / "bentoml"), "serve", "bentoml_app:Mean", "--port", str(ports[3])], ports[3]),
    ]


# ── what is needed ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Load:
    """The picture, the whole HTTP request with it, and the script by which wrk sends it."""

    picture: Path
    request: bytes
    script: Path


def make_environment(work: Path) -> dict[str, str]:
    """The same for all: malloc as it should be, compiled bytecode allowed, and nothing of the caller's Python."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    own = {"MAQUETTE_HOME": str(work / "home"), "BENTOML_HOME": str(work / "bentoml"), "BENTOML_DO_NOT_TRACK": "1"}
    return {**kept, **MALLOC, **own}


def make_peers(work: Path, environment: dict[str, str]) -> Path:
    """An environment with all peers, for them and for our package alike; returns its Python."""
    folder, tool = work / "peers", uv.find_uv_bin()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([tool, "venv", "--quiet", "--python", version, str(folder)], env=environment, check=True)
    python = folder / "bin" / "python"
    command = [tool, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *PEERS]
    subprocess.run(command, env=environment, check=True)
    return python


def make_load(work: Path) -> Load:
    """A picture of about 40 kB that takes as long to decode as a photograph of its size."""
    noise = Image.effect_noise((60, 60), 90).resize((480, 480), Image.Resampling.BICUBIC)
    image = Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)])
    for quality in range(95, 20, -1):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() <= 41_000:
            break
    picture, body, script = work / "picture.jpg", work / "body", work / "post.lua"
    picture.write_bytes(file.getvalue())
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'
    content = head.encode() + file.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()
    body.write_bytes(content)
    script.write_text(
        f'wrk.method = "POST"\nlocal file = io.open("{body}", "rb")\nwrk.body = file:read("*a")\nfile:close()\n'
        f'wrk.headers["Content-Type"] = "multipart/form-data; boundary={BOUNDARY}"\n'
    )
    lines = ("POST / HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
    request = "\r\n".join((*lines, f"Content-Length: {len(content)}", "", "")).encode() + content
    return Load(picture, request, script)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def started(server: Server, environment: dict[str, str], load: Load) -> Iterator[Server]:
    """Starts it, notes when its first answer comes and how much memory it then holds, and ends it."""
    begun = time.perf_counter()
    with (server.directory / f"{server.name}.log" if server.directory != HERE else Path(os.devnull)).open("wb") as log:
        server.process = subprocess.Popen(
            server.command, cwd=server.directory, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not asyncio.run(answers(server.port, load.request)):
            if server.process.poll() is not None or time.perf_counter() - begun > 120:
                raise SystemExit(f"{server.name} does not answer: {' '.join(server.command)}")
            time.sleep(0.01)
        server.start_seconds = time.perf_counter() - begun
        time.sleep(1)
        server.megabytes = resident(server.process.pid)
        yield server
    finally:
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.process.pid, signal.SIGKILL)


def resident(process: int) -> float:
    """Megabytes that the process itself holds; for ours that is the gateway."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1000  # type: ignore[union-attr]


# ── clients ────────────────────────────────────────────────────────────────────────────────────


async def answers(port: int, request: bytes) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        good = await read_answer(reader)
        writer.close()
        return good
    except OSError:
        return False


async def read_answer(reader: asyncio.StreamReader) -> bool:
    """Reads one answer; was it a 200?"""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return False
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    await reader.readexactly(int(found.group(1)) if found else 0)
    return head.startswith(b"HTTP/1.1 200")


def measure(server: Server, load: Load) -> None:
    """One round: as many requests as it answers to all clients at once, then to one alone."""
    rate, p50, p99 = saturate(server.port, load, CLIENTS)
    server.rates.append(rate)
    server.p50.append(p50)
    server.p99.append(p99)
    server.alone.append(saturate(server.port, load, 1)[1])


def saturate(port: int, load: Load, clients: int) -> tuple[float, float, float]:
    """Requests per second, and the median and 99th percentile of their milliseconds."""
    if not shutil.which("wrk"):
        return asyncio.run(saturate_by_python(port, load.request, clients))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{ROUND_SECONDS}s", "--latency", "-s", str(load.script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"Not every answer was good.\n{said}")
    rate = float(re.search(r"Requests/sec: +([\d.]+)", said).group(1))  # type: ignore[union-attr]
    return rate, milliseconds(said, "50%"), milliseconds(said, "99%")


def milliseconds(said: str, part: str) -> float:
    found = re.search(rf"{part} +([\d.]+)(us|ms|s)", said)
    assert found is not None
    return float(found.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[found.group(2)]


async def saturate_by_python(port: int, request: bytes, clients: int) -> tuple[float, float, float]:
    times: list[float] = []
    until = time.perf_counter() + ROUND_SECONDS

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < until:
            writer.write(request)
            if not await read_answer(reader):
                raise SystemExit("Not every answer was good.")
            times.append((time.perf_counter() - begun) * 1000)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return len(times) / ROUND_SECONDS, *percentiles(times)


def percentiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


def pace(port: int, request: bytes, rate: float) -> float:
    """The median milliseconds of requests that come at this rate, whether or not the last ones are answered."""
    times: list[float] = []
    free: list[socket.socket] = []
    asked: dict[socket.socket, tuple[float, bytes]] = {}
    due = start = time.perf_counter()
    while due < start + PACED_SECONDS or asked:
        now = time.perf_counter()
        if len(asked) > MOST_WAITING:
            due = max(due, now + 1 / rate)  # the machine has become slower; a queue is not what is measured
        elif due <= now and due < start + PACED_SECONDS:
            connection = free.pop() if free else socket.create_connection(("127.0.0.1", port))
            connection.sendall(request)
            asked[connection], due = (now, b""), due + 1 / rate
        for connection in select.select(list(asked), [], [], max(0.0, due - time.perf_counter()))[0]:
            begun, data = asked[connection][0], asked[connection][1] + connection.recv(1 << 16)
            asked[connection] = (begun, data)
            if is_whole(data):
                times.append((time.perf_counter() - begun) * 1000)
                free.append(connection)
                del asked[connection]
    for connection in free:
        connection.close()
    return statistics.median(times)


def is_whole(data: bytes) -> bool:
    """Has all of an answer arrived? It has to be a good one."""
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    if found is None or len(body) < int(found.group(1)):
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"Not every answer was good: {head.decode()}")
    return True


# ── what is compared with ──────────────────────────────────────────────────────────────────────


def add(
    servers: dict[str, Server], python: Path, load: Load, environment: dict[str, str], rate: float
) -> dict[str, float]:
    """One round at this rate: the median milliseconds of the call alone, and of requests to us and to FastAPI."""
    command = [str(python), "-c", IN_PROCESS, str(load.picture), str(rate)]
    alone = float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    return {"alone": alone, **{name: pace(servers[name].port, load.request, rate) for name in ("maquette", "fastapi")}}


def timed_import(python: Path, environment: dict[str, str]) -> float:
    """Seconds in which Python starts and imports what the package needs."""
    begun = time.perf_counter()
    subprocess.run([str(python), "-c", "import numpy; import PIL.Image"], env=environment, check=True)
    return time.perf_counter() - begun


# ── the verdict ────────────────────────────────────────────────────────────────────────────────


def tell(servers: dict[str, Server], paced: list[dict[str, float]], half: float, imports: float) -> int:
    ours, plain = servers["maquette"], servers["fastapi"]
    for server in servers.values():
        ratios = [mine / theirs for mine, theirs in zip(server.rates, plain.rates, strict=True)]
        print(
            f"{server.name:<9} {statistics.median(server.rates):6.1f} req/s"
            f" [{min(server.rates):.0f} .. {max(server.rates):.0f}]"
            f"  {statistics.median(ratios):.2f} x FastAPI [{min(ratios):.2f} .. {max(ratios):.2f}]"
            f"  p50 {statistics.median(server.p50):.1f} ms  p99 {statistics.median(server.p99):.1f} ms"
            f"  alone {statistics.median(server.alone):.2f} ms  first answer {server.start_seconds:.2f} s"
            f"  {server.megabytes:.0f} MB"
        )
    rivals = [max(pair) for pair in zip(servers["litserve"].rates, servers["bentoml"].rates, strict=True)]
    floor = statistics.median(mine / best for mine, best in zip(ours.rates, rivals, strict=True))
    aim = statistics.median(mine / theirs for mine, theirs in zip(ours.rates, plain.rates, strict=True))
    alone = statistics.median(one["alone"] for one in paced)
    more = statistics.median(one["maquette"] - one["alone"] for one in paced)
    plain_more = statistics.median(one["fastapi"] - one["alone"] for one in paced)
    start = ours.start_seconds - imports
    claims = {
        "times the better of LitServe and BentoML": (floor, floor >= 1),
        "times plain FastAPI": (aim, aim >= 1),
        f"ms added to the call ({alone:.2f} ms) at {half:.0f} req/s": (more, more <= MOST_ADDED_MS),
        f"s to the first answer beyond its imports ({imports:.2f} s)": (start, start <= MOST_START_SECONDS),
        "MB in the gateway": (ours.megabytes, ours.megabytes <= MOST_MEGABYTES),
    }
    for claim, (value, good) in claims.items():
        print(f"{'holds ' if good else 'FAILS '} {value:6.2f} {claim}")
    print(f"       {plain_more:6.2f} ms added by plain FastAPI at the same rate")
    figures: dict[str, Any] = {
        server.name: {
            "requests_per_second": server.rates, "p50_ms": server.p50, "p99_ms": server.p99,
            "alone_p50_ms": server.alone, "first_answer_seconds": server.start_seconds, "megabytes": server.megabytes,
        }
        for server in servers.values()
    }  # fmt: skip
    keep(
        "serve_throughput",
        {
            "servers": figures, "half_rate": half, "paced_p50_ms": paced, "import_seconds": imports,
            "claims": {claim: {"value": value, "holds": good} for claim, (value, good) in claims.items()},
        },
    )  # fmt: skip
    return 0 if all(good for _, good in claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
