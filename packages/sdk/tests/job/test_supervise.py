"""The supervisor as a program: started by its path, without anything of the platform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import maquette_sdk

SUPERVISE = Path(maquette_sdk.__file__).parent / "job" / "supervise.py"
PYTHON = sys.executable
PATIENCE = 120
"""Seconds: of a machine that has much else to do."""
UNTIL_OPEN = "until [ -e open ]; do sleep 0.01; done"
"""A run that goes on until the test lets it end."""


def spec(folder: Path, *command: str, **changes: Any) -> Path:
    content: dict[str, Any] = {
        "id": "run",
        "folder": str(folder),
        "command": list(command),
        "directory": str(folder),
        "environment": {"PATH": "/usr/bin:/bin"},
        "sandbox": None,
        "user": None,
        "owned": [],
        "read": [],
        "enter": [],
        "gpus": 0,
        "syncs": [],
        "sync_seconds": 30,
        "sample_seconds": 1,
        "limits": {"memory_bytes": None, "processes": None, "seconds": None, "grace_seconds": 1, "log_bytes": 1 << 30},
        "companions": [],
        "descriptors": [],
    }
    path = folder / "spec.json"
    path.write_text(json.dumps({**content, **changes}))
    return path


def supervise(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-I", "-S", str(SUPERVISE), str(path)],
        capture_output=True,
        text=True,
        env={},
        timeout=PATIENCE,
    )


def end(folder: Path) -> dict[str, Any]:
    wait_for_the_end(folder)
    assert (folder / "supervisor.log").read_text() == ""
    told: dict[str, Any] = json.loads((folder / "exit.json").read_text())
    return told


def wait_for_the_end(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (folder / "exit.json").exists():
        assert time.monotonic() < deadline, (folder / "supervisor.log").read_text()
        time.sleep(0.01)


def supervisor(folder: Path) -> int:
    return int(json.loads((folder / "supervisor.json").read_text())["pid"])


def test_it_returns_at_once_and_writes_the_end_later(tmp_path: Path) -> None:
    done = supervise(spec(tmp_path, "/bin/sh", "-c", f"{UNTIL_OPEN}; echo hello; exit 3"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "exit.json").exists()
    (tmp_path / "open").touch()
    told = end(tmp_path)
    assert (told["code"], told["cause"], told["message"]) == (3, "exit", "The run ended with code 3.")
    assert told["told"] == {"code": "ends.code", "message": told["message"], "parameters": {"exit_code": 3}}
    assert (tmp_path / "log.txt").read_text() == "hello\n"


def test_it_is_a_session_of_its_own_below_nobody(tmp_path: Path) -> None:
    supervise(spec(tmp_path, "/bin/sleep", "60"))
    pid = supervisor(tmp_path)
    assert os.getsid(pid) == pid
    assert os.getsid(pid) != os.getsid(0)
    os.kill(pid, signal.SIGUSR1)
    assert end(tmp_path)["cause"] == "stopped"


def test_a_spec_that_cannot_be_read_is_answered_to_whoever_asked(tmp_path: Path) -> None:
    path = spec(tmp_path, "/bin/true")
    path.write_text("{}")
    done = supervise(path)
    assert done.returncode == 1
    assert "KeyError: 'folder'" in done.stderr
    assert supervise(tmp_path / "missing.json").returncode == 1


def test_a_program_that_cannot_be_started_is_the_end(tmp_path: Path) -> None:
    supervise(spec(tmp_path, "/bin/no-such-program"))
    told = end(tmp_path)
    assert (told["code"], told["cause"]) == (127, "failed_to_start")
    assert (
        told["message"]
        == "The run could not be started: /bin/no-such-program cannot be started: No such file or directory."
    )


def test_programs_are_looked_for_on_the_runs_own_path(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "greet").write_text("#!/bin/sh\necho greetings\n")
    (tmp_path / "bin" / "greet").chmod(0o755)
    supervise(spec(tmp_path, "greet", environment={"PATH": f"{tmp_path}/bin:/bin"}))
    end(tmp_path)
    assert (tmp_path / "log.txt").read_text() == "greetings\n"


def test_a_run_starts_without_our_files_signals_and_habits(tmp_path: Path) -> None:
    code = (
        "import os, signal;"
        " print(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL, sorted(os.listdir('/proc/self/fd'))[:-1],"
        " os.getsid(0) == os.getpid(), oct(os.umask(0)), sorted(os.environ))"
    )
    supervise(spec(tmp_path, "/usr/bin/python3", "-I", "-c", code, environment={"A": "1", "LC_ALL": "C.UTF-8"}))
    end(tmp_path)
    assert (tmp_path / "log.txt").read_text() == "True ['0', '1', '2'] True 0o22 ['A', 'LC_ALL', 'MAQUETTE_RUN']\n"


def test_signals_that_the_supervisor_ignores_reach_the_run(tmp_path: Path) -> None:
    supervise(spec(tmp_path, "/bin/sh", "-c", "kill -HUP $$; sleep 5"))
    told = end(tmp_path)
    assert (told["code"], told["cause"], told["message"]) == (129, "signal", "The run was killed by SIGHUP (hangup).")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_signals_of_a_terminal_do_not_end_it(tmp_path: Path, number: int) -> None:
    supervise(spec(tmp_path, "/bin/sh", "-c", f"{UNTIL_OPEN}; echo survived"))
    os.kill(supervisor(tmp_path), number)
    (tmp_path / "open").touch()
    assert end(tmp_path)["code"] == 0


def test_samples_that_cannot_be_written_are_told_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "usage.jsonl").mkdir()
    until_told = "until grep -qs recorded log.txt; do sleep 0.01; done"
    supervise(spec(tmp_path, "/bin/sh", "-c", f"echo begun; {until_told}", sample_seconds=0.05))
    assert end(tmp_path)["code"] == 0
    assert "[Maquette] Usage is no longer recorded: Is a directory.\n" in (tmp_path / "log.txt").read_text()


def test_a_supervisor_that_fails_ends_the_run_and_tells(tmp_path: Path) -> None:
    broken = {"memory_bytes": None, "processes": None, "seconds": None, "grace_seconds": 1, "log_bytes": "many"}
    supervise(spec(tmp_path, "/bin/sh", "-c", "echo $$ > pid; echo something; sleep 60", limits=broken))
    wait_for_the_end(tmp_path)
    told = json.loads((tmp_path / "exit.json").read_text())
    assert (told["cause"], told["code"]) == ("lost", 137)
    assert "supervisor.log says why" in told["message"]
    assert "TypeError" in (tmp_path / "supervisor.log").read_text()
    assert not os.path.exists(f"/proc/{(tmp_path / 'pid').read_text().strip()}")


def test_the_supervisor_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1]); import maquette_sdk.job.supervision;"
        " print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-c", code, str(SUPERVISE.parents[2])], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['__main__', 'maquette_sdk']\n"
