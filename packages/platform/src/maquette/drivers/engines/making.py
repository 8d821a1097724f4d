"""Makes one environment in its folder: uv's venv, the packages, a record of it. Whole, or gone again."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import maquette_sdk
from maquette.drivers.engines import folders
from maquette.drivers.engines.catalogue import HERE, Release
from maquette.drivers.engines.installing import has_gpu, make_uv, sentence
from maquette.drivers.engines.interpreters import ask
from maquette.drivers.engines.prefixes import prefixes_of
from maquette.drivers.engines.sentences import say
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import IsStopped, Resolution, Stopped, Tell, never
from maquette_sdk.job.startup.packages import Era, Failure, Plan, Uv, install_or_relax, solve
from maquette_sdk.sentences import several, told

CUDA_PACKAGES = ("nvidia-", "cuda-toolkit", "cuda-bindings")
# In the background, at low priority, in case the machine is needed for something better.
COMPILE = "import compileall, os, sys; os.nice(19); [compileall.compile_dir(one, quiet=2) for one in sys.argv[1:]]"
SDK = Path(maquette_sdk.__file__).parent


@dataclass(frozen=True)
class Order:
    """An environment to make: for which engine (its line of the catalogue, if it has one) and with what beside it."""

    path: Path
    resolution: Resolution
    release: Release | None
    requirements: Sequence[str]
    variables: Mapping[str, str]
    tell: Tell
    stopped: IsStopped = never

    @property
    def what(self) -> str:
        return f"{self.resolution.framework} {self.resolution.engine.partition('-')[2]}"

    @property
    def era(self) -> Era | None:
        if self.resolution.era is None:
            return None
        constraints = constraints_of(self.resolution.era)
        return Era(self.resolution.era, str(constraints) if constraints else None)


def make(order: Order, lock: int, reserve_bytes: int) -> dict[str, Any]:
    """Make it, and mark it ready last; gives its record. Whatever stops it, the folder is gone again."""
    if order.path.exists():
        folders.remove(order.path)
    check_disk(order, reserve_bytes)
    started = time.monotonic()
    try:
        plan = fill(order, lock)
        record = finish(order, plan, started)
    except BaseException as error:
        folders.remove(order.path)
        if isinstance(error, Failure) and order.stopped():
            raise Stopped from None
        if isinstance(error, Failure):
            raise sentence(error, order.what, order.path.parent) from None
        if isinstance(error, OSError):
            place = order.path.parent
            raise Unavailable(f"{order.what} was not made: {place} cannot be written ({error.strerror}).") from None
        raise
    order.tell(say("made", name=order.what, seconds=record["seconds"]))
    compile_in_background(order.path, lock)
    return record


def check_disk(order: Order, reserve_bytes: int) -> None:
    """Refuse what would leave too little, before anything is fetched."""
    needed = (order.release.disk_mb if order.release else 0) << 20
    free = folders.free_bytes(order.path)
    if free - needed < reserve_bytes:
        raise Unavailable(
            f"{order.what} needs about {needed >> 20} MB and {reserve_bytes >> 20} MB must stay free, but the disk of"
            f" {order.path.parent} has {free >> 20} MB left. Free some space (`maquette engines prune --dry-run` shows"
            " what can go).",
            free=free,
            needed=needed,
        )


def fill(order: Order, lock: int) -> Plan:
    uv = make_uv(str(order.path / "bin" / "python"), order.variables, lock, order.tell, order.stopped)
    uv.run([
        uv.binary, "venv", "--quiet", "--color", "never", "--python", str(order.resolution.python), str(order.path)
    ])  # fmt: skip
    tell = Once(order.tell)
    plan = solve(uv, order.requirements, order.era, tell=tell, fixed=order.resolution.packages)
    plan = lightest(uv, order, plan)
    if has_gpu() and any("+cpu" in line for line in plan.lines):
        plan.notes.append(say("torch_cpu"))
    for note in plan.notes:
        tell(note)

    def again(options: list[str]) -> Plan:
        return solve(uv, order.requirements, order.era, options, tell, order.resolution.packages)

    plan = install_or_relax(uv, plan, again, tell)
    for note in plan.notes:
        tell(note)
    return plan


class Once:
    """Tells each line once."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.told: set[str] = set()

    def __call__(self, line: str) -> None:
        if line not in self.told:
            self.told.add(line)
            self.tell(line)


def lightest(uv: Uv, order: Order, plan: Plan) -> Plan:
    """Without a GPU take torch's CPU build where its index can be reached; then tell how much will be fetched."""
    if plan.downloads and needs_cuda(plan) and order.release and order.release.download_cpu_mb and not has_gpu():
        quick = make_uv(
            uv.python, {**uv.environment, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "15"}, stopped=order.stopped
        )
        with contextlib.suppress(Failure):  # no way to the CPU builds: the usual ones will do
            cpu = ["--torch-backend", "cpu"]
            light = solve(quick, order.requirements, order.era, cpu, fixed=order.resolution.packages, relax=False)
            plan = plan if needs_cuda(light) else light
    order.tell(download_sentence(order, plan))
    return plan


def needs_cuda(plan: Plan) -> bool:
    return any(line.startswith(CUDA_PACKAGES) for line in plan.lines)


def download_sentence(order: Order, plan: Plan) -> str:
    start = {"name": order.what, "python": order.resolution.python_version}
    if order.release is None:
        return say("making", **start)
    heavy = needs_cuda(plan)
    light = order.release.download_cpu_mb is not None and not heavy
    fetched = order.release.download_cpu_mb if light else order.release.download_mb
    disk = order.release.disk_cpu_mb if light else order.release.disk_mb
    more = say("no_cpu_build") if heavy and order.release.download_cpu_mb and not has_gpu() else ""
    return several(say("making_release", **start, fetch=fetch_words(plan, fetched or 0), disk=disk), more)


def fetch_words(plan: Plan, megabytes: int) -> str:
    """uv tells how many packages it lacks, not how large those are."""
    if not plan.downloads:
        return say("nothing_to_fetch")
    if plan.downloads >= len(plan.lines):
        return say("to_fetch", megabytes=megabytes)
    return say("part_to_fetch", megabytes=megabytes, lacking=plan.downloads, count=len(plan.lines))


def finish(order: Order, plan: Plan, started: float) -> dict[str, Any]:
    interpreter = ask(str(order.path / "bin" / "python"))
    private = order.path / folders.PRIVATE
    private.mkdir(exist_ok=True)
    (private / "requirements.txt").write_text("".join(line + "\n" for line in plan.lines), encoding="utf-8")
    constraints = constraints_of(order.resolution.era)
    if constraints:
        shutil.copyfile(constraints, private / folders.CONSTRAINTS)
    size, _ = folders.disk_use(order.path)
    record = {
        "engine": order.resolution.engine,
        "python": interpreter.version,
        "notes": plan.notes,
        "told": [told(note) for note in plan.notes],
        "prefixes": [str(prefix) for prefix in prefixes_of(interpreter)],
        "size": size,
        "seconds": round(time.monotonic() - started, 1),
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    folders.write_record(order.path, record)
    return record


def constraints_of(era: str | None) -> Path | None:
    """The shipped list of newest versions for an era: the latest list that is not newer."""
    if era is None:
        return None
    lists = sorted(path for path in (HERE / "constraints").glob("*.txt") if path.stem <= era)
    return lists[-1] if lists else None


def compile_in_background(path: Path, lock: int) -> None:
    """Runs would compile at each start: they can write neither here nor into the SDK. The lock is held meanwhile."""
    command = shlex.join([str(path / "bin" / "python"), "-I", "-c", COMPILE, str(SDK), str(path / "lib")])
    subprocess.run(
        ["/bin/sh", "-c", f"{command} </dev/null >/dev/null 2>&1 &"],
        start_new_session=True,
        pass_fds=(lock,),
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        umask=0o022,
        check=False,
    )
