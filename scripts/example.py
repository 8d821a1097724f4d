"""Runs the commands of an example's README: `make example NAME=flowers_resnet`. Standard library only."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
BLOCK = re.compile(r"^## Try it\n.*?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def main(name: str) -> int:
    page = EXAMPLES / name / "README.md"
    if not name or not page.is_file():
        names = ", ".join(sorted(page.parent.name for page in EXAMPLES.glob("*/README.md")))
        sys.exit(f"example: there is no example '{name}'. Say NAME= with one of: {names}")
    return run(commands(page), page.parent)


def commands(page: Path) -> str:
    """The first block of shell commands below `## Try it`."""
    found = BLOCK.search(page.read_text(encoding="utf-8"))
    if found is None:
        sys.exit(f"example: {page} has no block of commands below '## Try it'.")
    return found.group(1)


def run(script: str, folder: Path) -> int:
    """Runs it with `maquette` on the path; whatever it has started ends with it."""
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", os.defpath)])
    process = subprocess.Popen(
        ["bash", "-exo", "pipefail", "-c", script],
        cwd=folder, env={**os.environ, "PATH": path}, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 130
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Services clean up behind themselves when they are interrupted."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # nothing is left
    process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
