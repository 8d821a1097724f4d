"""Claim: a second environment of an engine that was made before is ready within 2 s.

Each round makes a PyTorch environment with one more small package, in a home of its own, from uv's warm cache.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from results import keep

from maquette import wiring
from maquette.kernel.ports import Engines, Resolution
from maquette.kernel.settings import Home, Settings

ROUNDS = 5
MOST_SECONDS = 2.0
PACKAGES = ("tomli==2.0.1", "zipp==3.19.2", "toolz==0.12.1", "tabulate==0.9.0", "attrs==23.2.0", "idna==3.7")


def main() -> int:
    root = Path(__file__).resolve().parent / "results"
    root.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as folder:
        engines = wiring.engines(Settings(Home(Path(folder))))
        resolution = engines.resolve("pytorch")
        first, *others = [seconds_to_make(engines, resolution, package, folder) for package in PACKAGES[: ROUNDS + 1]]
        bytes_before = used(folder)
    median = statistics.median(others)
    print(f"first environment   {first:.2f} s (with what is not in uv's cache yet)")
    print(
        f"a second one        median {median:.2f} s  [{min(others):.2f} .. {max(others):.2f}] (at most {MOST_SECONDS})"
    )
    print(f"{len(PACKAGES)} environments    {bytes_before / 1e6:.0f} MB that only they hold")
    keep("second_environment", {"first": first, "others": others, "median": median, "most_seconds": MOST_SECONDS})
    return 0 if median <= MOST_SECONDS else 1


def seconds_to_make(engines: Engines, resolution: Resolution, package: str, folder: str) -> float:
    """Waits first until the bytecode of the one before is compiled, which happens in the background."""
    while any(folder in " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])):
        time.sleep(0.2)
    start = time.perf_counter()
    engines.prepare(resolution, (package,), lambda line: None)
    return time.perf_counter() - start


def used(folder: str) -> int:
    """Bytes of files that are no links into uv's cache."""
    files = (path.lstat() for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
    return sum(status.st_size for status in files if status.st_nlink == 1)


if __name__ == "__main__":
    sys.exit(main())
