"""Starts uv for the environments: its cache, its variables, and its failures as sentences for people."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uv

from maquette.drivers.engines.catalogue import Python, read_python
from maquette.drivers.engines.sentences import say
from maquette.kernel.errors import MaquetteError, Unavailable
from maquette.kernel.ports import IsStopped, Stopped, Tell, never
from maquette_sdk.job.startup.packages import Failure, Uv, cause

# What would lead uv away from the environment that is being made.
UNSET = (
    "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_PYTHON", "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "UV_EXCLUDE_NEWER", "UV_NO_CACHE", "UV_PRERELEASE",
    "UV_RESOLUTION", "UV_COMPILE_BYTECODE", "UV_LINK_MODE", "UV_BREAK_SYSTEM_PACKAGES", "UV_TARGET",
)  # fmt: skip
DOWNLOAD = re.compile(r"cpython-(\d+\.\d+)\.\d+-")
MAY_FETCH = ("automatic", "true", "1", "")
LISTING_SECONDS = 60
ASK_SECONDS = 0.3


def uv_binary() -> str:
    try:
        return uv.find_uv_bin()
    except FileNotFoundError:
        raise Unavailable("The program uv is missing. Install it with `pip install uv`.") from None


def make_uv(
    python: str,
    environment: Mapping[str, str],
    lock: int | None = None,
    progress: Tell | None = None,
    stopped: IsStopped = never,
) -> Uv:
    """uv for one interpreter. `lock` is inherited: while a uv lives, what it writes to stays locked. Raises Stopped
    instead of starting what nobody wants any more."""

    def start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        if stopped():
            raise Stopped
        passed = () if lock is None else (lock,)
        process = subprocess.Popen(command, pass_fds=passed, umask=0o022, cwd="/", **options)
        if stopped is not never:
            threading.Thread(target=end_unwanted, args=(process, stopped), name="uv", daemon=True).start()
        return process

    return Uv(uv_binary(), python, dict(environment), start, progress)


def end_unwanted(process: subprocess.Popen[bytes], stopped: IsStopped) -> None:
    """Ends it when nobody wants it any more; what it has fetched stays in its cache."""
    while process.poll() is None:
        if stopped():
            process.kill()
            return
        time.sleep(ASK_SECONDS)


def uv_environment(
    environment: Mapping[str, str], indexes: Mapping[str, str], home: Path, cache: Path
) -> dict[str, str]:
    """The caller's variables without what would mislead uv, the indexes', and a cache that can be linked from."""
    kept = {name: value for name, value in environment.items() if name not in UNSET and not name.startswith("PIP_")}
    return {**kept, **indexes, "UV_CACHE_DIR": str(choose_cache(kept, home, cache)), "UV_PYTHON_DOWNLOADS": "manual"}


def choose_cache(environment: Mapping[str, str], home: Path, cache: Path) -> Path:
    """uv's usual cache if environments can be linked from it, else one on the home's file system."""
    usual = Path(environment.get("UV_CACHE_DIR") or usual_cache(environment))
    return usual if device(usual) == device(home) else cache / "uv"


def usual_cache(environment: Mapping[str, str]) -> Path:
    root = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".cache"
    return Path(root) / "uv"


def device(path: Path) -> int:
    """Of the path, or of the first folder above it that exists."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


def fetchable_pythons(environment: Mapping[str, str]) -> tuple[Python, ...]:
    """The versions that this uv can fetch, if it may. Raises Unavailable where the machine is too busy to say."""
    if environment.get("UV_PYTHON_DOWNLOADS", "").lower() not in MAY_FETCH:
        return ()
    command = [uv_binary(), "python", "list", "--only-downloads", "--color", "never", "--offline", "--no-config"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=dict(environment), timeout=LISTING_SECONDS)
    except subprocess.TimeoutExpired:
        busy = (
            f"uv did not tell in {LISTING_SECONDS} s which Pythons it can fetch: this machine is very busy. Try again."
        )
        raise Unavailable(busy) from None
    return tuple(sorted({read_python(version) for version in DOWNLOAD.findall(done.stdout)}))


def fetch_python(version: str, uv_: Uv, tell: Tell) -> None:
    """Raises Unavailable when the network does not offer it."""
    tell(say("fetching_python", version=version))
    try:
        uv_.run([uv_.binary, "python", "install", "--color", "never", "--no-bin", version])
    except Failure as failure:
        raise Unavailable(f"Python {version} could not be fetched: {cause(failure.text)}.") from None


def sentence(failure: Failure, what: str, folder: Path) -> MaquetteError:
    """What went wrong, to which thing, and the fix."""
    why = cause(failure.text).rstrip(".")
    package = failure.package or "a package"
    code = failure.kind if failure.kind in ("disk", "network", "build", "broken", "unsolvable") else "other"
    told = say(f"no_{code}", what=what, folder=folder, package=package, why=why)
    return Unavailable(told, kind=failure.kind, package=package)


def has_gpu() -> bool:
    return Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") is not None
