"""The life of runs on this machine: limits, ends, leftovers, lost supervisors, outputs, companions, samples."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel.errors import BadInput, NotFound, Refused
from maquette.kernel.ports import Cause, Companion, Limits, Place, Process, Sync
from maquette_sdk.sentences import told

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open('beat', 'w').write(str(time.time()))
            time.sleep(0.02)
    os._exit(0)
os.wait()
while not os.path.exists('beat'):
    time.sleep(0.01)
print('beating', flush=True)
"""

SERVER = """
import os, signal, socket, sys
server = socket.socket(fileno=int(sys.argv[1]))
def end(number, frame):
    open(os.environ['STATE'] + '/ended', 'w').write('gracefully')
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
while True:
    connection, _ = server.accept()
    word = connection.recv(100)
    print('asked', word, flush=True)
    connection.sendall(b'%d:' % os.getpid() + word)
    connection.close()
    if word == b'die':
        os._exit(9)
"""

ASK = """
import os, socket
def ask(word):
    host, port = os.environ['STORE'].split(':')
    with socket.create_connection((host, int(port)), 120) as connection:
        connection.sendall(word)
        return connection.recv(100).decode()
"""


def still_beats(folder: Path) -> bool:
    """Is the daemon of a run alive? Its file would change meanwhile."""
    beat = folder.parent / "cache" / "beat"
    before = beat.read_text()
    time.sleep(0.2)
    return beat.read_text() != before


# ── leftovers ────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_a_run_is_left_after_its_end(ground: Any) -> None:
    outcome = ground.run(DAEMON)
    assert outcome.exit.code == 0
    assert not still_beats(outcome.folder)


def test_a_grandchild_that_keeps_the_output_open_does_not_hold_up_the_end(ground: Any) -> None:
    outcome = ground.run(
        "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True); print('done', flush=True)"
    )
    assert outcome.log.endswith("done\n")
    assert outcome.exit.ended_at - outcome.exit.started_at < 120


def test_a_run_whose_supervisor_is_killed_is_lost_and_leaves_nothing(ground: Any) -> None:
    folder = ground.start(ground.process(DAEMON + "time.sleep(600)"))
    ground.wait_for_line(folder, "beating")
    os.kill(json.loads((folder / "supervisor.json").read_text())["pid"], signal.SIGKILL)
    ended = None
    while ended is None:
        ended = ground.call("exit", folder)
    assert (ended.code, ended.cause) == (137, Cause.LOST)
    assert "supervisor" in ended.message
    assert not still_beats(folder)
    assert ground.call("exit", folder) == ended


def test_a_run_that_nobody_watches_and_that_has_no_end_is_lost(ground: Any) -> None:
    process = ground.process("pass")
    folder = ground.start(process)
    ground.end(folder)
    (folder / "exit.json").unlink()
    ground.wait(lambda: ground.call("exit", folder))  # its supervisor may still be leaving
    assert ground.call("exit", folder).cause is Cause.LOST


def test_a_run_goes_on_when_the_process_that_started_it_is_killed(ground: Any, tmp_path: Path) -> None:
    process = ground.process("import time; time.sleep(0.5); print('still here')")
    starter = (
        "import os, pickle, sys; from maquette.drivers.executors.local import LocalExecutor;"
        " options, process = pickle.load(sys.stdin.buffer);"
        " LocalExecutor(**options).start(process); os.kill(os.getpid(), 9)"
    )
    done = (
        subprocess.run(
            [sys.executable, "-c", starter], input=pickle.dumps((ground.options, process)), check=False, user=None
        )
        if ground.user is None
        else subprocess.run(
            [
                "setpriv",
                f"--reuid={ground.user}",
                f"--regid={ground.user}",
                "--clear-groups",
                "/usr/bin/python3",
                "-c",
                starter,
            ],
            input=pickle.dumps((ground.options, process)),
            env=ground.environment(),
            check=False,
        )
    )
    assert done.returncode in (-9, 137)
    outcome = ground.end(process.folder)
    assert outcome.log.endswith("still here\n")
    assert outcome.exit.code == 0


# ── how runs end ─────────────────────────────────────────────────────────────────────────────────


def test_a_crash_is_named(ground: Any) -> None:
    outcome = ground.run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (outcome.exit.code, outcome.exit.cause) == (139, Cause.SIGNAL)
    assert outcome.exit.message == "The run was killed by SIGSEGV (segmentation fault)."


def test_a_run_that_cleans_up_when_stopped_keeps_its_own_code(ground: Any) -> None:
    code = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', '''
import signal, sys, time
def end(number, frame):
    time.sleep(0.2)
    open("child", "w").write("clean")
    sys.exit(5)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
'''])
signal.signal(signal.SIGTERM, lambda number, frame: None)
sys.exit(child.wait() + 2)
"""
    folder = ground.start(ground.process(code))
    ground.wait_for_line(folder, "ready")
    ground.call("stop", folder)
    outcome = ground.end(folder)
    assert (outcome.exit.code, outcome.exit.cause) == (7, Cause.STOPPED)
    assert (folder.parent / "cache/child").read_text() == "clean"


def test_while_a_run_is_stopped_its_other_processes_may_clean_up_longer_than_the_first(ground: Any) -> None:
    code = """
import os, signal, sys, time
if os.fork() == 0:
    def end(number, frame):
        time.sleep(0.5)
        open("child", "w").write("clean")
        os._exit(0)
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    time.sleep(600)
time.sleep(600)
"""
    folder = ground.start(ground.process(code))
    ground.wait_for_line(folder, "ready")
    ground.call("stop", folder)
    assert ground.end(folder).exit.code == 143
    assert (folder.parent / "cache/child").read_text() == "clean"


def test_another_user_cannot_stop_a_run(root_sandboxed: Any, user_sandboxed: Any) -> None:
    if user_sandboxed.user is None:
        pytest.skip("needs root and another user")
    opened = replace_base(root_sandboxed, user_sandboxed.base.parent)
    folder = opened.start(opened.process("import time; time.sleep(600)"))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with pytest.raises(Refused, match="belongs to another user"):
        user_sandboxed.call("stop", folder)
    opened.call("stop", folder, True)
    opened.end(folder)


def replace_base(ground: Any, base: Path) -> Any:
    path = base / "root"
    path.mkdir()
    return replace(ground, base=path)


def test_a_refused_start_is_no_run(ground: Any) -> None:
    process = ground.process("pass", places=(Place(ground.base / "gone", "/data"),))
    with pytest.raises(BadInput):
        ground.start(process)
    with pytest.raises(NotFound):
        ground.call("exit", process.folder)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def test_a_run_that_wants_too_much_memory_is_ended_with_that_cause(ground: Any) -> None:
    code = """
import time
kept = []
for step in range(60):
    kept.append(bytearray(b'x' * (10 << 20)))
    time.sleep(0.02)
time.sleep(10)
"""
    outcome = ground.run(code, limits=Limits(memory_bytes=200_000_000))
    assert outcome.exit.cause is Cause.MEMORY
    assert "of the 200 MB of memory allowed" in outcome.exit.message
    assert outcome.exit.code == 137
    assert outcome.exit.peak_memory_bytes > 100_000_000
    assert "[Maquette] The run used" in outcome.log


def test_a_run_within_its_limits_ends_as_it_likes(ground: Any) -> None:
    outcome = ground.run(
        "import subprocess; kept = bytearray(50 << 20); subprocess.run(['true']); print('fine')",
        limits=Limits(memory_bytes=400 << 20, processes=20, seconds=30),
    )
    assert (outcome.exit.cause, outcome.exit.code) == (Cause.EXIT, 0)
    assert outcome.exit.peak_memory_bytes > 50 << 20


def test_a_fork_bomb_ends_by_itself_and_leaves_nothing(ground: Any) -> None:
    marker = f"bomb of {ground.base}"
    code = f"""
import os  # {marker}
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
    outcome = ground.run(code, limits=Limits(processes=40, memory_bytes=2 << 30))
    assert outcome.exit.cause is Cause.PROCESSES
    assert outcome.exit.message == "The run wanted more than the 40 processes and threads allowed."
    assert told(outcome.exit.message)["parameters"] == {"allowed": 40}
    assert not [line for line in command_lines() if marker.encode() in line]


def command_lines() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


def test_a_run_that_takes_too_long_may_clean_up(ground: Any) -> None:
    listens_at_once = ("/bin/sh", "-c", "trap 'exit 4' TERM; while :; do sleep 0.05; done")
    outcome = ground.run("", command=listens_at_once, limits=Limits(seconds=2))
    assert (outcome.exit.code, outcome.exit.cause) == (4, Cause.TIME)
    assert outcome.exit.message == "The run took longer than the 2 s allowed."


def test_control_groups_are_gone_after_the_end(root_sandboxed: Any) -> None:
    folder = root_sandboxed.start(root_sandboxed.process("pass", limits=Limits(memory_bytes=1 << 30, processes=100)))
    root_sandboxed.end(folder)
    groups = json.loads((folder / "supervisor.json").read_text())["groups"]
    assert not any(os.path.exists(path) for path in groups)


# ── the log ──────────────────────────────────────────────────────────────────────────────────────


def test_the_log_is_byte_exact_and_in_order(ground: Any) -> None:
    code = """
import os
os.write(1, b'one\\r')
os.write(2, b'\\xff\\x00two')
os.write(1, b'\\nthree')
"""
    outcome_folder = ground.start(ground.process(code))
    ground.wait(lambda: LocalExecutor(**ground.options).exit(outcome_folder))
    assert (outcome_folder / "log.txt").read_bytes().endswith(b"one\r\xff\x00two\nthree")


def test_what_a_run_says_is_in_the_log_at_once(ground: Any) -> None:
    folder = ground.start(ground.process("import time; print('first', flush=True); time.sleep(600)"))
    ground.wait_for_line(folder, "first")
    ground.call("stop", folder, True)
    ground.end(folder)


def test_a_log_that_grows_too_long_is_cut_with_a_word(ground: Any) -> None:
    outcome = ground.run("print('x' * 300_000)", limits=Limits(log_bytes=1000))
    lines = outcome.log.splitlines()
    assert lines[-1] == "[Maquette] The log has reached 1 kB; the rest of the output is dropped."
    assert len(outcome.log) < 1500
    assert outcome.exit.code == 0


# ── outputs ──────────────────────────────────────────────────────────────────────────────────────


def test_outputs_are_copied_while_the_run_goes_on(ground: Any) -> None:
    process, _ = with_server(
        ground,
        """
import time
open('model', 'w').write('half')
while not os.path.exists('go'):
    time.sleep(0.01)
print(ask(b'later').split(':')[1], flush=True)
time.sleep(600)
""",
    )
    target = ground.base / "kept"
    process = replace(process, syncs=(Sync(process.places[0].source, target),))
    folder = ground.start(process, sync_seconds=0.2)
    ground.wait(lambda: (target / "model").exists())
    assert (target / "model").read_text() == "half"
    (process.places[0].source / "go").touch()
    ground.wait_for_line(folder, "later")  # log and companions are not disturbed
    ground.call("stop", folder, True)
    ground.end(folder)


def test_a_planted_link_to_a_secret_is_not_copied_out(ground: Any) -> None:
    """The supervisor may read what the run may not: it must not read it for the run."""
    secret = ground.base / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    process = ground.process(
        f"""
import os
os.makedirs('real/deep')
open('real/deep/model', 'w').write('weights')
os.symlink('real/deep/model', 'inside')
os.symlink('/cache/real', 'absolute')
os.symlink({str(secret)!r}, 'stolen')
os.symlink('../../../../../../../../../../etc/shadow', 'climbing')
os.symlink({str(secret.parent)!r}, 'folder')
os.symlink('.', 'loop')
os.mkfifo('pipe')
"""
    )
    target = ground.base / "kept"
    process = replace(process, syncs=(Sync(process.places[0].source, target),))
    outcome = ground.end(ground.start(process))
    assert outcome.exit.code == 0
    found = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert found == {"inside", "real/deep/model", "absolute/deep/model"}
    assert not any(path.is_symlink() for path in target.rglob("*"))
    for name in ("stolen", "climbing", "folder"):
        assert f"the link '{name}' is left out: it points outside the output." in outcome.log
    assert "the link 'loop' is left out: it leads into itself." in outcome.log
    assert "'pipe' is left out: it is no file, folder or link." in outcome.log


def test_copied_outputs_belong_to_whoever_owns_the_target(root_sandboxed: Any, ordinary_user: str | None) -> None:
    assert ordinary_user is not None
    target = root_sandboxed.folder("kept")
    shutil.chown(target, ordinary_user)
    process = root_sandboxed.process(
        "import os; os.makedirs('a/b'); open('a/b/model', 'w').write('weights')\n"
        "open('a/run', 'w'); os.chmod('a/run', 0o755)"
    )
    process = replace(process, syncs=(Sync(process.places[0].source, target),))
    root_sandboxed.end(root_sandboxed.start(process))
    owner = target.stat().st_uid
    assert owner != 0
    assert {path.stat().st_uid for path in target.rglob("*")} == {owner}
    assert (target / "a/run").stat().st_mode & 0o777 == 0o755


def test_a_target_that_cannot_be_written_is_told(ground: Any) -> None:
    blocked = ground.base / "blocked"
    blocked.write_text("a file stands where the folder should be")
    process = ground.process("open('model', 'w').write('weights')")
    process = replace(process, syncs=(Sync(process.places[0].source, blocked / "kept"),))
    outcome = ground.end(ground.start(process))
    assert outcome.exit.code == 0
    assert "could not be copied to" in outcome.exit.message
    assert "could not be copied to" in outcome.log


# ── companions ───────────────────────────────────────────────────────────────────────────────────


def with_server(ground: Any, code: str) -> tuple[Process, Path]:
    state = ground.folder("state")
    process = ground.process(ASK + code, environment={"STORE": "{address}", "PORT": "{port}"})
    companion = Companion("store", ("/usr/bin/python3", "-c", SERVER, "{fd}"), {"STATE": str(state)})
    return replace(process, companions=(companion,)), state


def test_a_companion_serves_from_the_first_connection_on_and_ends_with_the_run(ground: Any) -> None:
    process, state = with_server(
        ground, "print(ask(b'one'), ask(b'two'), os.environ['STORE'] == '127.0.0.1:' + os.environ['PORT'])"
    )
    outcome = ground.end(ground.start(process))
    first, second, same = outcome.log.splitlines()[-1].split()
    assert (first.split(":")[1], second.split(":")[1], same) == ("one", "two", "True")
    assert first.split(":")[0] == second.split(":")[0]
    assert (state / "ended").read_text() == "gracefully"
    assert (process.folder / "store.log").read_text() == "asked b'one'\nasked b'two'\n"
    assert not os.path.exists(f"/proc/{first.split(':')[0]}")


def test_a_companion_that_nobody_asks_is_not_started(ground: Any) -> None:
    process, _ = with_server(ground, "print('alone')")
    ground.end(ground.start(process))
    assert not (process.folder / "store.log").exists()


def test_a_companion_that_dies_is_started_again(ground: Any) -> None:
    process, _ = with_server(
        ground,
        "import time; a = ask(b'die'); time.sleep(0.2); b = ask(b'again')\n"
        "print(a.split(':')[0] != b.split(':')[0], b)",
    )
    outcome = ground.end(ground.start(process))
    assert outcome.log.splitlines()[-1].startswith("True ")
    assert (
        "The companion 'store' has ended with code 9; the next connection starts it again. See store.log."
        in outcome.log
    )


def test_a_companion_that_cannot_be_started_is_told(ground: Any) -> None:
    process = ground.process(
        ASK + "import time\ntry:\n    ask(b'x')\nexcept OSError:\n    pass", environment={"STORE": "{address}"}
    )
    process = replace(process, companions=(Companion("store", ("/opt/no/server",)),))
    folder = ground.start(process)
    ground.wait_for_line(
        folder,
        "The companion 'store' could not be started: /opt/no/server cannot be started: No such file or directory.",
    )
    ground.call("stop", folder, True)
    ground.end(folder)


def test_companions_of_a_lost_run_are_ended(ground: Any) -> None:
    process, _ = with_server(ground, "print(ask(b'one').split(':')[0], flush=True); import time; time.sleep(600)")
    folder = ground.start(process)
    ground.wait(lambda: (folder / "log.txt").read_text().strip().split("\n")[-1].isdigit())
    companion = int((folder / "log.txt").read_text().split()[-1])
    os.kill(json.loads((folder / "supervisor.json").read_text())["pid"], signal.SIGKILL)
    ground.wait(lambda: ground.call("exit", folder))
    ground.wait(lambda: not os.path.exists(f"/proc/{companion}") or "Z" in Path(f"/proc/{companion}/stat").read_text())


# ── samples ──────────────────────────────────────────────────────────────────────────────────────


def test_samples_tell_what_a_run_uses(ground: Any) -> None:
    code = """
import os, time
kept = bytearray(60 << 20)
if os.fork() == 0:
    time.sleep(600)
open('file', 'wb').write(b'x' * (5 << 20)); os.sync()
end = time.process_time() + 1.0
while time.process_time() < end:
    pass
"""
    folder = ground.start(ground.process(code), sample_seconds=0.1)
    outcome = ground.end(folder)
    lines = [json.loads(line) for line in (folder / "usage.jsonl").read_text().splitlines()]
    assert len(lines) >= 5
    both = [line for line in lines if line["processes"] == 2]  # the very last may be taken when one has left
    last = both[-1]
    assert 0.3 < last["cpu_seconds"] < 2
    assert 60 << 20 < last["memory_bytes"] < 150 << 20
    assert max(line["write_bytes"] for line in both) >= 5 << 20
    on_average = 100 * (last["cpu_seconds"] - lines[0]["cpu_seconds"]) / (last["time"] - lines[0]["time"])
    assert max(line["cpu_percent"] for line in lines) > 0.9 * on_average > 0
    assert outcome.exit.peak_memory_bytes >= last["memory_bytes"]
