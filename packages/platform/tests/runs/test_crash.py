"""The worker is killed at every step of a run's life; afterwards the run ends as it should, and nothing ran twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from maquette.runs import actions
from maquette.runs.domain import Needs, Order, State
from maquette.runs.logs import open_log
from maquette_sdk.job import processes

# For each line on its input, `kind step home`: a worker in a process of its own for the runs of this kind, which kills
# itself at the step of that number that it comes to. Steps are: before and after each change of the rows is kept,
# around each start and stop of a process, around what looks at the end, and in the midst of a copy.
LAUNCHER = """
import contextlib, os, signal, sys, time
from pathlib import Path
from maquette import wiring
from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel.database import Database
from maquette.kernel.ports import Place, Process
from maquette.kernel.settings import read_settings
from maquette.runs import actions, copying
from maquette.runs.queue import this_worker
from maquette.runs.kinds import Kind
from maquette.runs.work import Work

database, left = sys.argv[1], 0

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def around(owner, name):
    original = getattr(owner, name)
    def watched(*arguments, **named):
        step()
        result = original(*arguments, **named)
        step()
        return result
    setattr(owner, name, watched)

write = Database.write
@contextlib.contextmanager
def watched_write(self):
    with write(self) as rows:
        yield rows
        step()
    step()
Database.write = watched_write

grow = copying.Progress.grow
def watched_grow(self, size):
    grow(self, size)
    step()
copying.Progress.grow = watched_grow

for owner, name in (
    (LocalExecutor, "start"), (LocalExecutor, "stop"), (LocalExecutor, "_supervise"), (actions, "remove_folder")):
    around(owner, name)

def prepare(ctx, run, preparing):
    step()
    details = run.order.details
    copying.copy_folder(Path(details["code"]), preparing.folder.path / "code", copying.Progress("code", print))
    preparing.reach("environment")
    return Process(run.id, preparing.folder.path, ("/bin/sh", "/code/run.sh"), "/",
        {"RUN": run.id, "ATTEMPT": str(run.attempt), "STARTS": details["starts"]},
        (Place(preparing.folder.path / "code", "/code"),))

def ended(ctx, run):
    step()
    with open(run.order.details["ends"], "a") as file:
        file.write(run.id + chr(10))
    step()

def serve(kind, home):
    ctx = wiring.platform(read_settings({"MAQUETTE_DATABASE": database, "MAQUETTE_SANDBOX": "off"}, Path(home)))
    work = Work(ctx, {kind: Kind(kind, prepare, ended)}, this_worker(ctx))
    while os.getppid() == parent:
        work.step()
        time.sleep(0.02)

parent = os.getpid()
for line in sys.stdin:
    kind, number, home = line.split()
    child = os.fork()
    if not child:
        left = int(number)
        serve(kind, home)
        os._exit(0)
    print(child, flush=True)
"""

SCRIPTS = {
    "well": 'echo $RUN $ATTEMPT >> "$STARTS"\nfor i in 1 2 3 4 5 6; do echo line $i; sleep 0.02; done\n',
    "stopped": 'echo $RUN $ATTEMPT >> "$STARTS"\necho line 1\nexec sleep 600\n',
    "again": 'echo $RUN $ATTEMPT >> "$STARTS"\necho line $ATTEMPT\nexit 3\n',
    "nodes": 'echo $RUN $ATTEMPT >> "$STARTS"\nfor i in 1 2 3; do echo line $i; sleep 0.02; done\n',
}
TOGETHER = 8
STRIDE = {"sqlite": 1, "postgresql": 4}
"""On PostgreSQL every fourth step is tried; all of them take minutes there."""
PATIENCE_SECONDS = 120


@dataclass
class Trial:
    """A run whose worker dies at a step, and the process of that worker."""

    kind: str
    ids: list[str]
    worker: int
    died: bool = False
    stop_asked: bool = False


class Sweep:
    """One way of a run's life, with a worker's death at each of its steps."""

    def __init__(self, platform, folder, way):
        self.ctx, self.way = platform, way
        self.starts, self.ends = folder / f"{way}.starts", folder / f"{way}.ends"
        self.code = folder / f"{way}.code"
        self.code.mkdir()
        (self.code / "run.sh").write_text(SCRIPTS[way])
        (self.code / "model.bin").write_bytes(bytes(3_000_000))
        url = platform.database.url.render_as_string(hide_password=False)
        with (folder / f"{way}.log").open("w") as log:
            self.zygote = subprocess.Popen(
                [sys.executable, "-c", LAUNCHER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True,
            )  # fmt: skip
        with platform.database.read() as rows:
            self.workspace_id = rows.exec_driver_sql("SELECT id FROM workspaces").scalar_one()

    def hire(self, kind, step):
        self.zygote.stdin.write(f"{kind} {step} {self.ctx.settings.home.path}\n")
        self.zygote.stdin.flush()
        return int(self.zygote.stdout.readline())

    def begin(self, step):
        kind = f"{self.way}-{step}"
        details = {"code": str(self.code), "starts": str(self.starts), "ends": str(self.ends)}
        nodes = 2 if self.way == "nodes" else 1
        orders = [
            Order(
                self.workspace_id, kind, kind, kind, Needs(0, 0, 0), details=details, node=node,
                group=kind if nodes > 1 else "", restarts=1 if self.way == "again" else 0,
            )
            for node in range(nodes)
        ]  # fmt: skip
        with self.ctx.database.write() as rows:
            ids = [actions.submit(self.ctx, rows, order) for order in orders]
        return Trial(kind, ids, self.hire(kind, step))

    def finish(self, trial):
        """Looks on until the runs are over, with another worker when the first has died."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(self.run(id).settled for id in trial.ids):
            assert time.monotonic() < deadline, [(self.run(id), actions.events(self.ctx, [id])) for id in trial.ids]
            self.look_after(trial)
            time.sleep(0.02)
        trial.died = trial.died or not is_living(trial.worker)
        if is_living(trial.worker):
            os.kill(trial.worker, signal.SIGKILL)

    def look_after(self, trial):
        if not trial.died and not is_living(trial.worker):
            trial.died, trial.worker = True, self.hire(trial.kind, 0)
        run = self.run(trial.ids[0])
        if self.way == "stopped" and not trial.stop_asked and b"line 1" in open_log(self.ctx, run).read(0, 1000):
            trial.stop_asked = True
            actions.stop(self.ctx, run.workspace_id, run.id)

    def run(self, id):
        return actions.find(self.ctx, self.workspace_id, id)

    def check(self, trial, step):
        """How it should have ended, whatever happened on the way."""
        starts, ends = lines_of(self.starts), Counter(lines_of(self.ends))
        for id in trial.ids:
            run, told = self.run(id), [event.code for event in actions.events(self.ctx, [id])]
            context = (self.way, step, told, run)
            attempts = 2 if self.way == "again" else 1
            assert run.state is STATES[self.way], context
            assert [line for line in starts if line.startswith(id)] == [f"{id} {n + 1}" for n in range(attempts)], (
                context
            )
            assert self.log(run) == LOGS[self.way], context
            assert ends[id] >= 1, context
            assert ends[id] == 1 or trial.died, context
            if told.count("worker_gone") == 0:
                assert run.tries == attempts, context
            left = [path.name for path in self.ctx.settings.home.runs.glob(f"{id}*")]
            assert len(left) == attempts, (left, context)

    def log(self, run):
        text = open_log(self.ctx, run).read(0, 1 << 20).decode()
        return [line for line in text.splitlines() if not line.startswith("[Maquette]")]

    def close(self):
        self.zygote.stdin.close()
        self.zygote.wait()
        self.zygote.stdout.close()


STATES = {
    "well": State.SUCCEEDED, "stopped": State.STOPPED, "again": State.FAILED, "nodes": State.SUCCEEDED,
}  # fmt: skip
LOGS = {
    "well": [f"line {n}" for n in range(1, 7)],
    "stopped": ["line 1"],
    "again": ["line 1", "line 2"],
    "nodes": ["line 1", "line 2", "line 3"],
}


def is_living(pid):
    found = processes.entry(pid)
    return found is not None and found.state not in processes.ENDED_STATES


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize(("way", "least"), [("well", 20), ("stopped", 25), ("again", 35), ("nodes", 35)])
def test_killed_at_any_step_the_run_ends_as_it_should_and_nothing_ran_twice(platform, tmp_path, way, least):
    sweep = Sweep(platform, tmp_path, way)
    stride = STRIDE["sqlite" if platform.database.is_sqlite else "postgresql"]
    died, step, going_on = 0, 1, True
    try:
        while going_on:
            trials = [(number, sweep.begin(number)) for number in range(step, step + TOGETHER * stride, stride)]
            for number, trial in trials:
                sweep.finish(trial)
                sweep.check(trial, number)
                died += trial.died
                going_on = going_on and trial.died
            step += TOGETHER * stride
    finally:
        sweep.close()
    assert died >= least // stride
