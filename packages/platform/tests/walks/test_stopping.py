"""How a run ends when it is not its script that ends it."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

SLEEPER = """
    import os, signal, subprocess, sys, time
    child = [sys.executable, "-c", "import time; time.sleep(600)  # leftover-MARK"]
    children = [subprocess.Popen(child) for _ in range(2)]
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    def leave(number, frame):
        print("saving", flush=True)
        sys.exit(3)
    signal.signal(signal.SIGTERM, leave)
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def code(tmp_path):
    def write(text):
        folder = tmp_path / "job"
        folder.mkdir()
        (folder / "boot.py").write_text(textwrap.dedent(text))
        return folder

    return write


@pytest.fixture
def running(code, home, tmp_path):
    """Starts a script and waits until it says that it is ready."""
    started = []

    def start(text, *options):
        command = [
            str(Path(sys.executable).parent / "maquette"), "run", str(code(text)), "--boot", "boot.py",
            "--python", sys.executable, "--output", str(tmp_path / "out"), *options,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, env={**os.environ, "MAQUETTE_HOME": str(home)}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        for line in process.stdout:
            if line == "ready\n":
                return process
        raise AssertionError(process.stderr.read())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def leftovers(mark):
    return [process for process in psutil.process_iter(["cmdline"]) if mark in " ".join(process.info["cmdline"] or [])]


def test_ctrl_c_lets_the_script_save_and_ends_the_whole_group(running):
    mark = f"{os.getpid()}-ctrl-c"
    process = running(SLEEPER.replace("MARK", mark))
    assert leftovers(mark)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "saving" in output
    assert "stopping" in errors
    assert leftovers(mark) == []


def test_a_second_ctrl_c_kills_a_script_that_does_not_listen(running):
    process = running("""
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(600)
    """)
    process.send_signal(signal.SIGINT)
    for line in process.stderr:  # two signals of which none was heard yet are one
        if "stopping" in line:
            break
    process.send_signal(signal.SIGINT)
    assert "killing" in process.stderr.read()
    assert process.wait(120) == 130


def test_a_run_outlives_its_command_and_keeps_its_output(running, home, tmp_path):
    process = running("""
        import sys, time
        print("ready", flush=True)
        time.sleep(1.5)
        url = [a for a in sys.argv if a.startswith("--train_url=")][0].split("=", 1)[1]
        open(url + "late.txt", "w").write("late")
    """)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 120
    while not list(home.glob("runs/*/exit.json")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (tmp_path / "out" / "late.txt").read_text() == "late"


@pytest.mark.parametrize(
    ("text", "option", "cause", "words"),
    [
        ("held = [bytearray(50_000_000) for _ in range(20)]", "--memory=200MB", "memory", "allowed"),
        ("import time; time.sleep(600)", "--time=1s", "time", "1"),
        (
            "import subprocess, sys\n"
            "held = [subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9)']) for _ in range(60)]\n"
            "import time; time.sleep(9)",
            "--processes=20", "processes", "20",
        ),
        ("import os; os.kill(os.getpid(), 11)", "--time=60s", "signal", "SIGSEGV"),
    ],
)  # fmt: skip
def test_a_limit_ends_the_run_and_is_named(code, maquette, tmp_path, text, option, cause, words):
    done = maquette(
        "run",
        code(text),
        "--boot",
        "boot.py",
        "--python",
        sys.executable,
        "--output",
        tmp_path / "out",
        option,
        "--json",
    )
    assert done.returncode != 0
    end = json.loads(done.stdout.splitlines()[-1])
    assert (end["cause"], words in end["message"]) == (cause, True), end
