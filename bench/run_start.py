"""Claim: an empty script through `maquette run` takes at most 0.5 s more than by `python script.py`, same Python.

Both are run in turn, so that what the machine does meanwhile touches both; the median of the rounds is told.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import keep

ROUNDS = 9
MOST_SECONDS = 0.5


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder, "empty")
        code.mkdir()
        (code / "train.py").write_text("")
        environment = {**os.environ, "MAQUETTE_HOME": str(Path(folder, "home"))}
        maquette = str(Path(sys.executable).with_name("maquette"))
        ways = {
            "python script.py": [sys.executable, str(code / "train.py")],
            "maquette run": [maquette, "run", str(code), "--boot", "train.py", "--python", sys.executable,
                             "--output", str(Path(folder, "out"))],
        }  # fmt: skip
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, command in ways.items():
                times[name].append(timed(command, environment))
    medians = {name: statistics.median(values) for name, values in times.items()}
    more = medians["maquette run"] - medians["python script.py"]
    for name, values in times.items():
        print(f"{name:<18} median {medians[name]:.3f} s  [{min(values):.3f} .. {max(values):.3f}]")
    print(f"{'more':<18} {more:.3f} s (at most {MOST_SECONDS})")
    keep("run_start", {"times": times, "more_seconds": more, "most_seconds": MOST_SECONDS})
    return 0 if more <= MOST_SECONDS else 1


def timed(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
