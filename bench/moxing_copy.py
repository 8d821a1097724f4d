"""Claim: `mox.file.copy_parallel` takes at most 1.5 times as long as `cp -r`, up into a bucket and down from it.

10 000 files of 20 kB and one file of 1 GB, between a local folder and a bucket of a run with its store at its side.
Both ways of copying take turns, each round begins with the other one, and the median of the rounds is told.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from results import keep

from maquette_sdk import objects

ROUNDS = 5
MOST_TIMES = 1.5
NAMES = Path(objects.__file__).parent / "names"
TOKEN = uuid.uuid4().hex


def main() -> int:
    with tempfile.TemporaryDirectory(dir=os.environ.get("MAQUETTE_BENCH_FOLDER")) as folder:
        top = Path(folder)
        store, mox = open_run(top)
        try:
            sizes = {"10 000 x 20 kB": many_files, "1 x 1 GB": one_file}
            rows = [row for name, make in sizes.items() for row in measure(name, make, top, mox)]
        finally:
            store.terminate()
            store.wait()
    worst = max(row["ratio"] for row in rows)
    for row in rows:
        print(
            f"{row['name']:<24} cp -r {row['cp']:.2f} s [{min(row['cp_times']):.2f} .. {max(row['cp_times']):.2f}]   "
            f"copy_parallel {row['mox']:.2f} s [{min(row['mox_times']):.2f} .. {max(row['mox_times']):.2f}]   "
            f"ratio {row['ratio']:.2f}"
        )
    print(f"worst ratio {worst:.2f} (at most {MOST_TIMES})")
    keep("moxing_copy", {"rows": rows, "worst": worst, "most_times": MOST_TIMES})
    return 0 if worst <= MOST_TIMES else 1


def open_run(top: Path) -> tuple[subprocess.Popen[str], Any]:
    """The store's companion over one bucket, and moxing as a run of it imports it."""
    buckets, staging = top / "home" / "buckets", top / "home" / "staging"
    (buckets / "pets").mkdir(parents=True)
    staging.mkdir()
    keys = {"MAQUETTE_STORE_ACCESS_KEY": "AK", "MAQUETTE_STORE_SECRET_KEY": "SK", "MAQUETTE_STORE_TOKEN": TOKEN}
    command = [sys.executable, "-m", "maquette.cli.store_companion", "--port", "0"]
    command += ["--root", str(buckets), "--staging", str(staging)]
    store = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **keys})
    assert store.stdout is not None
    os.environ.update(
        MAQUETTE_BUCKETS=json.dumps({"pets": {"path": str(buckets / "pets"), "writable": True}}),
        MAQUETTE_STAGING=str(staging),
        MAQUETTE_STORE_URL=store.stdout.readline().strip(),
        MAQUETTE_STORE_TOKEN=TOKEN,
    )
    sys.path.append(str(NAMES))
    import moxing  # on the path only now, as in a run

    moxing.file.write("obs://pets/warm", "up")
    return store, moxing


def many_files(folder: Path) -> None:
    data = os.urandom(20_000)
    for number in range(10_000):
        (folder / f"class{number % 100}").mkdir(parents=True, exist_ok=True)
        (folder / f"class{number % 100}" / f"{number}.jpg").write_bytes(data)


def one_file(folder: Path) -> None:
    folder.mkdir()
    with (folder / "weights.pth").open("wb") as file:
        for _ in range(1024):
            file.write(os.urandom(1 << 20))


def measure(name: str, make: Callable[[Path], None], top: Path, mox: Any) -> list[dict[str, Any]]:
    local, bucket = top / "local", top / "home" / "buckets" / "pets"
    make(local)
    shutil.copytree(local, bucket / "data")
    data, up, down = bucket / "data", bucket / "up", top / "down"
    ways = {
        "up": (["cp", "-r", local, up], lambda: mox.file.copy_parallel(str(local), "obs://pets/up"), up),
        "down": (["cp", "-r", data, down], lambda: mox.file.copy_parallel("s3://pets/data/", str(down)), down),
    }
    rows = []
    for direction, (command, copy, target) in ways.items():
        times: dict[str, list[float]] = {"cp": [], "mox": []}
        calls: dict[str, Callable[[], Any]] = {"cp": partial(subprocess.run, command, check=True), "mox": copy}
        for turn in range(ROUNDS):
            for way in sorted(calls, reverse=bool(turn % 2)):
                times[way].append(timed(calls[way]))
                check(local, target)
                shutil.rmtree(target)
        row: dict[str, Any] = {"name": f"{name} {direction}"}
        for way, values in times.items():
            row[way], row[f"{way}_times"] = statistics.median(values), values
        rows.append({**row, "ratio": row["mox"] / row["cp"]})
    shutil.rmtree(local)
    shutil.rmtree(bucket / "data")
    return rows


def timed(call: Callable[[], Any]) -> float:
    os.sync()  # what was written before is not written back meanwhile
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def check(source: Path, target: Path) -> None:
    wanted = sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
    found = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    assert wanted == found, f"{found} bytes arrived of {wanted}"


if __name__ == "__main__":
    sys.exit(main())
