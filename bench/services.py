"""Claim: a service is deployed and gives its first answer within 3 s; who may call is asked, and calls are counted, at
0.9 or more of the rate of `maquette serve`, which does neither; a change to another version under load fails no call
of 5 000 or more; an instance that is killed under load costs the calls it was at, and is back within 2 s and the time
its package takes to load.

One machine, one client, the package of `serve_throughput.py` (a JPEG of 40 kB in a form, decoded, its mean as JSON),
one instance. The rounds of the two gateways take turns, so that what the machine does meanwhile touches both; a ratio
is one round's.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import uv
from results import keep
from serve_throughput import BOUNDARY, HERE, MALLOC, Load, Server, free_port, make_load, read_answer, saturate, started

from maquette import wiring
from maquette.buckets.actions import GrantedStore, Rights
from maquette.kernel.context import Platform
from maquette.kernel.identity import Identity, Proof, Role
from maquette.kernel.settings import read_settings
from maquette.models import registry as models
from maquette.models.importing import Import
from maquette.services import registry
from maquette.services.deployment import Service, Status, Target
from maquette.workspaces import actions as workspaces
from maquette.workspaces import keys

ROUNDS = int(os.environ.get("ROUNDS", "5"))
CLIENTS = 8
CALLS = int(os.environ.get("CALLS", "5000"))
KILLS = 5
WAIT_SECONDS = 60.0
LEAST_RATIO = 0.9
MOST_SECONDS = 3.0
MOST_BACK_SECONDS = 2.0
LOADS = "import time; begun = time.perf_counter(); import numpy; import PIL.Image; print(time.perf_counter() - begun)"


@dataclass
class Floor:
    """A running Maquette, and who works on it."""

    ctx: Platform
    who: Identity
    port: int
    code: str
    versions: list[str] = field(default_factory=list)

    def service(self, id: str) -> Service:
        return registry.find(self.ctx, self.who.workspace_id, id)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="services") as folder, ExitStack() as running:
        work = Path(folder)
        environment = {**os.environ, **MALLOC, "MAQUETTE_HOME": str(work / "home")}
        python = make_python(work)
        load = make_load(work)
        floor = running.enter_context(up(work, environment))
        floor.versions = [import_model(floor, python, number) for number in range(2)]
        first_answers = [first_answer(floor, load, number) for number in range(5)]
        service = deploy(floor, Target(floor.versions[0]))
        plain = running.enter_context(started(serve_command(python, work), environment, load))
        rates = compare(floor, plain, service, load)
        change = asyncio.run(change_under_load(floor, service, load))
        kills = [asyncio.run(kill_under_load(floor, service, load)) for _ in range(KILLS)]
        loading = statistics.median(float(said(python, LOADS)) for _ in range(3))
    return tell(first_answers, rates, change, kills, loading)


# ── what is needed ───────────────────────────────────────────────────────────────────────────────


def make_python(work: Path) -> Path:
    """An environment of its own with what the package needs, for both gateways."""
    folder, tool = work / "python", uv.find_uv_bin()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([tool, "venv", "--quiet", "--python", version, str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [tool, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "numpy", "pillow"]
    subprocess.run(install, check=True)
    return python


def said(python: Path, code: str) -> str:
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout


def serve_command(python: Path, work: Path) -> Server:
    port = free_port()
    command = [maquette(), "serve", str(HERE / "package"), "--python", str(python), "--port", str(port)]
    return Server("maquette serve", command, port, work)


def maquette() -> str:
    return str(Path(sys.executable).with_name("maquette"))


@contextmanager
def up(work: Path, environment: dict[str, str]) -> Iterator[Floor]:
    """`maquette up` as a child, with a bucket and an app code."""
    port, store = free_port(), free_port()
    command = [maquette(), "up", "--no-browser", "--port", str(port), "--obs-port", str(store)]
    with (work / "up.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    ctx = None
    try:
        until(lambda: b"ready after" in (work / "up.log").read_bytes())
        ctx = wiring.platform(read_settings(environment))
        user_id, workspace_id = workspaces.owner_of_all(ctx)
        who = Identity(user_id, "admin", workspace_id, Role.OWNER, Proof.SESSION)
        yield Floor(ctx, who, port, keys.make_app_code(ctx, workspace_id, "bench")[1])
        for service in registry.list_all(ctx, workspace_id, registry.Query())[0]:
            registry.stop(ctx, service)
            until(lambda service=service: not registry.instances(ctx, service))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        if ctx is not None:
            ctx.database.close()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("It did not come to that in time.")
        time.sleep(0.005)


def import_model(floor: Floor, python: Path, number: int) -> str:
    """A version of the package, on an engine that is the environment made here."""
    ctx, workspace_id = floor.ctx, floor.who.workspace_id
    home = ("--home", str(ctx.settings.home.path))
    if not number:
        subprocess.run([maquette(), "engines", "add", "bench", "--python", str(python), *home], check=True)
    store = GrantedStore(ctx, Rights(ctx), floor.who)
    if "bench" not in store.buckets():
        store.make_bucket("bench")
    for file in (HERE / "package").iterdir():
        if file.is_file():
            store.put("bench", f"{number}/{file.name}", [file.read_bytes()])
    given = Import(address=f"obs://bench/{number}/", engine="bench")
    made = models.import_model(ctx, floor.who, "mean", "", given)
    until(lambda: models.find_model(ctx, workspace_id, made.id).status is not models.Status.PUBLISHING)
    model = models.find_model(ctx, workspace_id, made.id)
    if model.status is not models.Status.PUBLISHED:
        raise SystemExit(f"The model was not imported: {model.error}")
    return model.id


# ── deployed ─────────────────────────────────────────────────────────────────────────────────────


def deploy(floor: Floor, target: Target, name: str = "mean") -> Service:
    service = registry.deploy(floor.ctx, floor.who, name, [target])
    until(lambda: floor.service(service.id).status is Status.RUNNING)
    return service


def first_answer(floor: Floor, load: Load, number: int) -> float:
    """Seconds from the order to deploy until a picture is answered."""
    begun = time.perf_counter()
    service = registry.deploy(floor.ctx, floor.who, f"first-{number}", [Target(floor.versions[0])])
    content = request(floor, service, load)
    until(lambda: asyncio.run(answer(floor.port, content)) == 200)
    seconds = time.perf_counter() - begun
    registry.remove(floor.ctx, service)
    return seconds


def request(floor: Floor, service: Service, load: Load) -> bytes:
    """The whole HTTP request with the picture, to the service."""
    _, _, body = load.request.partition(b"\r\n\r\n")
    lines = (
        f"POST /v1/infers/{service.id} HTTP/1.1", "Host: 127.0.0.1", f"X-Apig-AppCode: {floor.code}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}", f"Content-Length: {len(body)}", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode() + body


async def answer(port: int, content: bytes) -> int:
    """The status of one call on a connection of its own; 0 where there was no answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(content)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return int(head.split(b" ")[1])
    except (OSError, asyncio.IncompleteReadError):
        return 0


# ── compared ─────────────────────────────────────────────────────────────────────────────────────


def compare(floor: Floor, plain: Server, service: Service, load: Load) -> list[tuple[float, float]]:
    """Requests per second of both gateways, round by round."""
    script = load.script.with_name("service.lua")
    shutil.copy(load.script, script)
    with script.open("a") as more:
        more.write(f'wrk.headers["X-Apig-AppCode"] = "{floor.code}"\nwrk.path = "/v1/infers/{service.id}"\n')
    ours = Load(load.picture, request(floor, service, load), script)
    rates = []
    for number in range(ROUNDS):
        order = [(floor.port, ours), (plain.port, load)]
        measured = [saturate(port, one, CLIENTS)[0] for port, one in (order if number % 2 else order[::-1])]
        rates.append(tuple(measured if number % 2 else measured[::-1]))
    return rates  # type: ignore[return-value]


async def change_under_load(floor: Floor, service: Service, load: Load) -> dict[str, Any]:
    """Statuses of the calls while the service changes to another version and back, again and again."""
    statuses: Counter[int] = Counter()
    over = asyncio.Event()
    callers = [asyncio.create_task(call(floor, service, load, statuses, over)) for _ in range(CLIENTS)]
    changes = 0
    while sum(statuses.values()) < CALLS:
        target = Target(floor.versions[(changes + 1) % 2])
        await asyncio.to_thread(registry.change, floor.ctx, floor.who, service, [target])
        while (now := await asyncio.to_thread(floor.service, service.id)).settled != now.revision:
            await asyncio.sleep(0.05)
        changes += 1
    over.set()
    await asyncio.gather(*callers)
    return {"calls": sum(statuses.values()), "failed": failed(statuses), "changes": changes}


def failed(statuses: Counter[int]) -> int:
    return sum(count for status, count in statuses.items() if status != 200)


async def call(floor: Floor, service: Service, load: Load, statuses: Counter[int], over: asyncio.Event) -> None:
    """One caller: one call after another on one connection, as long as that holds, until told to stop."""
    content = request(floor, service, load)
    while not over.is_set():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", floor.port)
            good = True
            while good and not over.is_set():
                writer.write(content)
                good = await read_answer(reader)
                statuses[200 if good else 500] += 1
            writer.close()
        except OSError:
            statuses[0] += 1


async def kill_under_load(floor: Floor, service: Service, load: Load) -> dict[str, float]:
    """An instance is killed with SIGKILL while callers call: how many calls fail, and how long nobody is answered."""
    statuses: Counter[int] = Counter()
    over, arrivals = asyncio.Event(), []

    async def note() -> None:
        before = 0
        while not over.is_set():
            if statuses[200] > before:
                before = statuses[200]
                arrivals.append(time.perf_counter())
            await asyncio.sleep(0.005)

    callers = [asyncio.create_task(call(floor, service, load, statuses, over)) for _ in range(CLIENTS)]
    noting = asyncio.create_task(note())
    await asyncio.sleep(1)
    run_id = (await asyncio.to_thread(registry.instances, floor.ctx, service))[0].run.id
    os.kill(instance_process(run_id), signal.SIGKILL)
    await asyncio.sleep(10)
    over.set()
    await asyncio.gather(*callers, noting)
    pause = max(later - earlier for earlier, later in pairwise(arrivals))
    return {"calls": sum(statuses.values()), "failed": failed(statuses), "pause_seconds": pause}


def instance_process(run_id: str) -> int:
    """The process with the package's code, below the supervisor of this run."""
    tree, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines[int(folder.name)] = (folder / "cmdline").read_bytes()
            tree[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    below = {number for number, line in lines.items() if run_id.encode() in line}
    for _ in range(6):
        below |= {number for number, parent in tree.items() if parent in below}
    return max(number for number in below if b"serve/main.py" in lines[number] and b"bwrap" not in lines[number])


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────


def tell(
    first: list[float], rates: list[tuple[float, float]], change: dict[str, Any], kills: list[dict[str, float]],
    loading: float,
) -> int:  # fmt: skip
    ratio = statistics.median(ours / plain for ours, plain in rates)
    ours, plain = (statistics.median(column) for column in zip(*rates, strict=True))
    pause = statistics.median(kill["pause_seconds"] for kill in kills)
    lost = max(kill["failed"] for kill in kills)
    start = statistics.median(first)
    claims = {
        "s from deploy to the first answer": (start, start <= MOST_SECONDS),
        f"times the rate of `maquette serve` ({ours:.0f} to {plain:.0f} req/s)": (ratio, ratio >= LEAST_RATIO),
        f"calls failed of {change['calls']} while {change['changes']} changes were made": (
            change["failed"], change["failed"] == 0 and change["calls"] >= CALLS,
        ),
        f"calls at most lost by a kill, of {CLIENTS} under way": (lost, lost <= 1),
        f"s until answers go on after a kill (loading: {loading:.2f} s)": (pause, pause <= MOST_BACK_SECONDS + loading),
    }  # fmt: skip
    for claim, (value, good) in claims.items():
        print(f"{'holds ' if good else 'FAILS '} {value:7.2f} {claim}")
    keep(
        "services",
        {
            "first_answer_seconds": first, "rates": rates, "change": change, "kills": kills, "loading_seconds": loading,
            "claims": {claim: {"value": value, "holds": good} for claim, (value, good) in claims.items()},
        },
    )  # fmt: skip
    return 0 if all(good for _, good in claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
