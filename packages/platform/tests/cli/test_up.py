"""`maquette up` as a process: ready, alone on its home, and gone when told."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from maquette.cli.up import tell_stopped
from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.ports import Process
from maquette.runs import actions as runs
from maquette.runs.domain import Order
from maquette.runs.kinds import Kind
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.workspaces import actions as workspaces

COMMAND = str(Path(sys.executable).with_name("maquette"))


class Up:
    def __init__(self, home, *options, environment=None):
        self.told = ""
        self.process = subprocess.Popen(
            [COMMAND, "up", "--home", str(home), "--port", "0", "--obs-port", "0", "--no-browser", *options],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})},
        )  # fmt: skip
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.told += line

    def until(self, pattern, seconds=120):
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.told)):
            assert self.process.poll() is None and time.monotonic() < deadline, self.told
            time.sleep(0.02)
        return found.group(1)

    @property
    def address(self):
        return self.until(r"ready after .* at (http\S+)")

    def worker(self):
        children = until(lambda: psutil.Process(self.process.pid).children())
        return children[0]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(120)
        self.reader.join()
        self.process.stderr.close()
        return code


def until(ready, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.fixture
def up(home):
    running = []

    def start(*options, home=home, **more):
        running.append(Up(home, *options, **more))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


def get(address):
    with urllib.request.urlopen(address, timeout=120) as response:
        return json.load(response)


def test_it_answers_and_ends_with_its_worker(up):
    one = up()
    assert get(f"{one.address}/health") == {"status": "ok"}
    worker = one.worker()
    assert one.end(signal.SIGINT) == 0
    assert "stopped" in one.told
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_second_one_on_the_same_home_is_told_who_has_it(up, home, maquette):
    one = up()
    address = one.address
    done = maquette("up", "--home", home, "--port", "0", "--obs-port", "0", check=1)
    assert f"process {one.process.pid}, {address}" in done.stderr
    assert get(f"{address}/health") == {"status": "ok"}


def test_the_worker_ends_when_the_server_is_killed(up):
    one = up()
    assert one.address
    worker = one.worker()
    one.end(signal.SIGKILL)
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_a_worker_that_is_killed_is_replaced(up):
    one = up()
    assert one.address
    first = one.worker()
    first.kill()
    until(lambda: [child for child in psutil.Process(one.process.pid).children() if child.pid != first.pid])


def test_the_first_start_prints_a_link_and_each_start_a_new_one_until_it_was_used(up):
    first = up()
    link = first.until(r"(http\S+/sign-in#\S+)")
    first.end()
    second = up()
    assert second.until(r"(http\S+/sign-in#\S+)").rpartition("#")[2] != link.rpartition("#")[2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "Give --tls-cert, or --behind-proxy"),
        (["--tls-key", "key.pem"], "--tls-key is of no use without --tls-cert"),
        (["--tls-cert", "nothing.pem"], "'nothing.pem' cannot be used for TLS"),
    ],
)
def test_what_would_not_be_safe_or_cannot_be_is_refused_before_anything_is_made(maquette, home, options, told):
    done = maquette("up", "--home", home, *options, check=2)
    assert told in done.stderr
    assert not home.exists()


def test_a_port_that_is_taken_is_one_sentence(maquette, home):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = maquette("up", "--home", home, "--port", "0", "--obs-port", taken.getsockname()[1], check=1)
    assert done.stderr.count("\n") == 1
    assert "--obs-port" in done.stderr


def fill(place):
    with suppress(OSError), (place / "filling").open("wb", buffering=0) as file:
        while file.write(bytes(512)):
            pass


def test_a_home_on_a_full_disk_is_refused_in_a_sentence_and_no_half_key_stays(maquette, small_disk):
    small = small_disk("4m")
    fill(small)
    done = maquette("up", "--home", small / "home", "--port", "0", "--obs-port", "0", check=1)
    assert "No room left on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((small / "home").glob("secret*"))


def test_rows_on_a_disk_that_has_become_full_are_told_in_a_sentence(maquette, up, small_disk):
    """SQLite needs some room beside the rows to open them at all."""
    small = small_disk("4m")
    first = up(home=small / "home")
    assert first.until(r"(sign-in#\S+)")
    first.end()
    fill(small)
    done = maquette("up", "--home", small / "home", "--port", "0", "--obs-port", "0", check=1)
    assert "No room left on the disk of Maquette's home" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_printed_onto_a_full_disk_is_told_in_a_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run([COMMAND, "engines", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "maquette: No room left on the disk. Free some space.\n")


def test_a_program_reads_its_log_line_by_line(up):
    one = up()
    assert one.address
    one.worker().kill()
    line = one.until(r'(\{.*"logger": "maquette.up".*\})')
    assert json.loads(line)["level"] == "error"


def test_the_end_names_what_goes_on(platform, capsys):
    tell_stopped(platform)
    assert capsys.readouterr().err == "maquette: stopped\n"
    ctx = replace(platform, executor=MemoryExecutor(lambda running: running.stop.wait() and 0))
    user_id, workspace_id = workspaces.owner_of_all(ctx)
    with ctx.database.write() as rows:
        runs.submit(ctx, rows, Order(workspace_id, "endless", "subject", "flowers", created_by=user_id))
    process = Process("r", ctx.settings.home.runs / "r", ("sleep",), "/", {}, ())
    work = Work(ctx, {"endless": Kind("endless", lambda ctx, run, preparing: process)}, this_worker(ctx))
    while not runs.going_on(ctx):
        work.step()
        time.sleep(0.01)
    tell_stopped(ctx)
    told = "maquette: stopped; what runs goes on, and the next start finds it again: endless 'flowers'\n"
    assert capsys.readouterr().err == told
    ctx.executor.stop(process.folder)
    work.close()
