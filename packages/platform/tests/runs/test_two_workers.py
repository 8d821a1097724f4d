"""Two workers on one queue, as threads and as processes: every run is run once, and all of them are."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.ports import Capacity
from maquette.runs.domain import State

GB = 1 << 30
RUNS = 200
PATIENCE_SECONDS = 300

WORKER = """
import os, sys, time
from dataclasses import replace
from pathlib import Path
from maquette import wiring
from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.ports import Capacity, Process
from maquette.kernel.settings import read_settings
from maquette.runs.queue import mine, this_worker
from maquette.runs.kinds import Kind
from maquette.runs.work import Work

database, home, marks = sys.argv[1:]
def program(running):
    with open(marks, "a") as file:
        file.write(running.process.id + chr(10))
    return 0
def prepare(ctx, run, preparing):
    return Process(run.id, preparing.folder.path, ("true",), "/", {}, ())
ctx = wiring.platform(read_settings({"MAQUETTE_DATABASE": database}, Path(home)))
ctx = replace(ctx, executor=MemoryExecutor(program, Capacity(4, 16 << 30, 0)))
work = Work(ctx, {"plain": Kind("plain", prepare)}, this_worker(ctx))
print("ready", flush=True)
sys.stdin.readline()
while not os.path.exists(marks + ".done"):
    work.step()
    time.sleep(0.005)
work.close()
"""


def submit_all(floor):
    needs = [{"cores": 1 + n % 4, "memory": GB * (1 + n % 5)} for n in range(RUNS)]
    return [floor.submit(name=f"r{n}", priority=1 + n % 3, **needs[n])[0] for n in range(RUNS)]


def wait_for_all(floor, meanwhile=lambda: None):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(run.settled for run in floor.all()):
        assert time.monotonic() < deadline, Counter(run.state for run in floor.all())
        meanwhile()
        time.sleep(0.05)


def test_two_threads_run_every_run_once_and_never_more_than_there_is_room_for(memory_floor):
    counted, held, most, changing = Counter(), 0, [0], threading.Lock()
    cores = {}

    def program(running):
        nonlocal held
        with changing:
            counted[running.process.id] += 1
            held += cores[running.process.id]
            most[0] = max(most[0], held)
        time.sleep(0.002)
        with changing:
            held -= cores[running.process.id]
        return 0

    executor = MemoryExecutor(program, Capacity(4, 16 * GB, 0))
    memory_floor.ctx = replace(memory_floor.ctx, executor=executor)
    ids = submit_all(memory_floor)
    cores.update((run.id, run.order.needs.cores) for run in memory_floor.all())
    done = threading.Event()

    def move_on(work):
        while not done.is_set():
            work.step()
            time.sleep(0.002)
        work.close()

    works = [memory_floor.work(pool=ThreadPoolExecutor(4)) for _ in range(2)]
    threads = [threading.Thread(target=move_on, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        wait_for_all(memory_floor)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert counted == Counter(ids)
    assert 2 <= most[0] <= 4
    assert sorted(memory_floor.ended) == sorted(ids)
    assert {run.state for run in memory_floor.all()} == {State.SUCCEEDED}


def test_two_processes_run_every_run_once(memory_floor, tmp_path):
    ids = submit_all(memory_floor)
    marks = tmp_path / "marks"
    ctx = memory_floor.ctx
    url = ctx.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WORKER, url, str(ctx.settings.home.path), str(marks)]
    with (tmp_path / "log").open("w") as log:
        workers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) for _ in range(2)
        ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == b"ready\n", (tmp_path / "log").read_text()
        for worker in workers:
            worker.stdin.write(b"go\n")
            worker.stdin.flush()
        wait_for_all(memory_floor)
    finally:
        marks.with_name("marks.done").touch()
        for worker in workers:
            worker.communicate(timeout=PATIENCE_SECONDS)
    assert Counter(marks.read_text().split()) == Counter(ids)
    assert {run.state for run in memory_floor.all()} == {State.SUCCEEDED}
    assert len(owners_of(memory_floor)) == 2
    assert (tmp_path / "log").read_text() == ""


def owners_of(floor):
    with floor.ctx.database.read() as rows:
        return rows.exec_driver_sql("SELECT DISTINCT owner FROM runs").scalars().all()
