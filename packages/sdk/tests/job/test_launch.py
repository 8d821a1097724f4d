import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import maquette_sdk

LAUNCH = Path(maquette_sdk.__file__).parent / "job" / "launch.py"


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A job folder with a code folder `Proj`; writes the plan and gives the command that launches it."""

    def make(text, **files):
        code = tmp_path / "job" / "Proj"
        code.mkdir(parents=True, exist_ok=True)
        for name, content in {"train.py": text, **files}.items():
            (code / name).write_text(textwrap.dedent(content))
        plan = {
            "directory": str(tmp_path / "job"),
            "code": str(code),
            "command": ["Proj/train.py", "--data_url="],
            "say": ["engine said so"],
        }
        monkeypatch.setenv("MAQUETTE_PLAN", json.dumps(plan))
        return [sys.executable, "-I", str(LAUNCH)]

    return make


def launch(command):
    return subprocess.run(command, capture_output=True, text=True)


def test_the_log_begins_and_ends_as_modelarts_logs_do(plan):
    done = launch(plan("print('hello')"))
    lines = done.stdout.splitlines()
    assert lines[0].startswith("[ModelArts Service Log]user: uid=")
    assert "[ModelArts Service Log]engine said so" in lines
    assert "[ModelArts Service Log]command: Proj/train.py --data_url=" in lines
    assert lines[-3:] == [
        "hello",
        "[ModelArts Service Log]Training end with return code: 0",
        "[ModelArts Service Log]Training completed.",
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("raise SystemExit(5)", 5), ("1/0", 1), ("import os; os.kill(os.getpid(), 11)", 139)]
)
def test_the_exit_code_is_the_scripts(plan, text, code):
    done = launch(plan(text))
    assert done.returncode == code
    assert f"return code: {code}" in done.stdout
    assert "Training completed" not in done.stdout


def test_the_plan_is_not_in_the_environment_of_the_script_nor_of_what_it_starts(plan):
    text = "import os, subprocess; print('MAQUETTE_PLAN' in os.environ, b'PLAN' in subprocess.check_output(['env']))"
    assert "\nFalse False\n" in launch(plan(text)).stdout


def test_a_failing_pre_start_script_keeps_the_boot_file_from_starting(plan):
    done = launch(plan("print('started')", **{"ma-pre-start.py": "raise SystemExit(4)"}))
    assert (done.returncode, "started\n" in done.stdout) == (4, False)


def test_a_script_may_end_in_its_own_way_when_asked_to_stop(plan):
    command = plan("""
        import signal, sys, time
        def leave(number, frame):
            print("saving", flush=True)
            sys.exit(3)
        signal.signal(signal.SIGTERM, leave)
        print("ready", flush=True)
        time.sleep(60)
    """)
    seen = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        for line in process.stdout:
            seen.append(line)
            if line == "ready\n":
                os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode == 3
    assert "saving\n" in seen
