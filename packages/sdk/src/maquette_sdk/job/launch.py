"""Starts a training script inside its run as ModelArts does: packages, the pre-start script, then the boot file.

Run by path (`python -I launch.py`), so it imports nothing of ours. The plan comes as JSON in `MAQUETTE_PLAN`, where
an executor without a sandbox rewrites paths as in every variable. It holds `directory`, the working directory;
`code`, the code folder; `command`, the boot file relative to `directory` with its arguments; `shell`, a line for a
shell that is run instead; `beside`, what else is to go on as long as it does; `say`, lines for the log's head.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import Any

REQUIREMENTS = "pip-requirements.txt"
PRE_START = (("ma-pre-start.sh", ["/bin/sh"]), ("ma-pre-start.py", [sys.executable]))


def main() -> int:
    """Runs the plan; returns the exit code that the run ends with."""
    plan = json.loads(os.environ.pop("MAQUETTE_PLAN"))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave_to_the_script)
    os.chdir(plan["directory"])
    say_header(plan)
    for step in (install_requirements, run_pre_start):
        code = step(plan)
        if code:
            return code
    code = run_script(plan)
    say("Training end with return code: {}".format(code))
    if code == 0:
        say("Training completed.")
    return code


def leave_to_the_script(number: int, frame: object) -> None:
    """The supervisor signals every process of the run; the script decides what to do about it."""


def say(text: str) -> None:
    print("[ModelArts Service Log]" + text, flush=True)


def say_header(plan: dict[str, Any]) -> None:
    say("user: uid={} gid={}".format(os.getuid(), os.getgid()))
    say("pwd: " + os.getcwd())
    for line in plan["say"]:
        say(line)
    say("command: " + (plan.get("shell") or " ".join(plan["command"])))


def install_requirements(plan: dict[str, Any]) -> int:
    """Installs the code folder's `pip-requirements.txt`; wheels in it are named relative to that folder."""
    if not os.path.isfile(os.path.join(plan["code"], REQUIREMENTS)):
        return 0
    say("installing " + REQUIREMENTS)
    code = run([sys.executable, "-m", "pip", "install", "-r", REQUIREMENTS], directory=plan["code"])
    if code:
        say("{} could not be installed (exit code {}). The script was not started.".format(REQUIREMENTS, code))
    return code


def run_pre_start(plan: dict[str, Any]) -> int:
    """Runs `ma-pre-start.sh` or `.py` next to the boot file, from the job folder."""
    folder = os.path.dirname(plan["command"][0])
    for name, interpreter in PRE_START:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        say("running " + name)
        code = run(interpreter + [path])
        if code:
            say("{} ended with exit code {}. The script was not started.".format(name, code))
            return code
    return 0


def run_script(plan: dict[str, Any]) -> int:
    """Runs the boot file; what goes beside it, say a parameter server, lives as long as it does."""
    servers = []
    for one in plan.get("beside", []):
        say("beside it: " + " ".join(one["command"]))
        servers.append(subprocess.Popen([sys.executable] + one["command"], env=dict(os.environ, **one["environment"])))
    try:
        return run(shell_command(plan["shell"]) if plan.get("shell") else [sys.executable] + plan["command"])
    finally:
        for server in servers:
            server.kill()
            server.wait()


def shell_command(line: str) -> list[str]:
    return [shutil.which("bash") or "/bin/sh", "-c", line]


def run(command: list[str], directory: str | None = None) -> int:
    """Exit code as a shell tells it: 128 + n for a process that died of signal n."""
    process = subprocess.Popen(command, cwd=directory)
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            continue
    if code < 0:
        say("killed by {}".format(signal.Signals(-code).name))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
