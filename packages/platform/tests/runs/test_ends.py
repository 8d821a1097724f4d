"""However a script behaves, its run ends, with the right state, cause and sentence; on real processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace

import pytest

from maquette import migrations, wiring, worker
from maquette.drivers.executors.local import LocalExecutor
from maquette.kernel import home as homes
from maquette.kernel.ports import Limits, Place, Process
from maquette.kernel.settings import read_settings
from maquette.runs import actions
from maquette.runs.domain import State
from maquette.runs.kinds import Kind
from maquette.runs.logs import open_log
from maquette.workspaces import actions as workspaces
from maquette_sdk.job import folder as files

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # processes are the same on both
PATIENCE_SECONDS = 120


class Hall:
    """A worker that starts shell scripts in earnest."""

    def __init__(self, floor):
        self.floor = floor
        self.checkpoint = None
        kind = Kind("plain", self.prepare, floor.note_end, checkpoint=lambda ctx, run: self.checkpoint)
        self.work = floor.work(kind=kind)

    def prepare(self, ctx, run, preparing):
        details, scratch = run.order.details, preparing.folder.view / "scratch"
        scratch.mkdir(parents=True)
        return Process(
            id=run.id, folder=preparing.folder.path, command=tuple(details["command"]), directory="/scratch",
            environment={"PATH": "/usr/bin:/bin", "ATTEMPT": str(run.attempt)},
            places=(Place(scratch, "/scratch", writable=True),), limits=Limits(**details["limits"]),
        )  # fmt: skip

    def begin(self, script, command=None, limits=None, **values):
        details = {"command": command or ["/bin/sh", "-c", script], "limits": {"grace_seconds": 1.0, **(limits or {})}}
        (id,) = self.floor.submit(details=details, **values)
        return id

    def until(self, done):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, [(run, self.floor.codes(run.id)) for run in self.floor.all()]
            self.work.step()
            time.sleep(0.01)

    def finish(self, id):
        self.until(lambda: self.floor.run(id).settled)
        return self.floor.run(id)

    def until_it_says(self, id, text):
        self.until(lambda: text in self.log(id))

    def log(self, id):
        return open_log(self.floor.ctx, self.floor.run(id)).read(0, 1 << 24)

    def stop(self, id, now=False):
        actions.stop(self.floor.ctx, self.floor.workspace_id, id, now)

    def supervisor(self, id):
        run = self.floor.run(id)
        return files.read_json(str(actions.folder_of(self.floor.ctx, id, run.tries).path), files.SUPERVISOR)["pid"]


@pytest.fixture
def hall(new_floor, platform, clock):
    hall = Hall(new_floor(platform, clock))
    yield hall
    for run in hall.floor.all():
        if run.state is State.RUNNING:
            hall.stop(run.id, now=True)
            hall.finish(run.id)


PYTHON = f"exec {sys.executable} -c "


@pytest.mark.parametrize(
    ("script", "limits", "state", "cause", "told"),
    [
        ("echo done", {}, "succeeded", "exit", "The run has succeeded."),
        ("exit 3", {}, "failed", "exit", "The run ended with code 3."),
        ("kill -SEGV $$", {}, "failed", "signal", "The run was killed by SIGSEGV (segmentation fault)."),
        ("sleep 600", {"seconds": 0.5}, "failed", "time", "The run took longer than the 0.5 s allowed."),
        ("trap '' TERM; while :; do sleep 1; done", {"seconds": 0.5, "grace_seconds": 0.3}, "failed", "time",
         "The run took longer than the 0.5 s allowed."),
        ("f() { f & f; }; f", {"processes": 40}, "failed", "processes",
         "The run wanted more than the 40 processes and threads allowed."),
        ("a=0123456789abcdef; while :; do a=$a$a; done", {"memory_bytes": 64 << 20}, "failed", "memory",
         "The run used "),
    ],
    ids=["well", "fails", "signal", "time", "deaf to the end of its time", "forks", "memory"],
)  # fmt: skip
def test_a_script_ends_with_the_right_state_cause_and_sentence(hall, script, limits, state, cause, told):
    id = hall.begin(script, limits=limits)
    run = hall.finish(id)
    last = hall.floor.events(id)[-1]
    assert (run.state, run.cause) == (state, cause)
    assert last.message.startswith(told)
    assert run.message == ("" if state == "succeeded" else last.message)
    assert set(run.moments) >= {"queued", "preparing", "started", "process_ended", "ended", "settled"}


def test_a_program_that_is_not_there_is_said_to_be_missing(hall):
    id = hall.begin("", command=["/no/such/program"])
    run = hall.finish(id)
    assert (run.state, run.cause) == ("failed", "failed_to_start")
    assert "could not be started" in run.message
    assert b"could not be started" in hall.log(id)


def test_binary_output_is_kept_byte_for_byte(hall):
    every = bytes(range(256)) * 1000
    id = hall.begin("i=0; while [ $i -lt 1000 ]; do printf '%b' \"$ALL\"; i=$((i+1)); done".replace(
        '"$ALL"', "'" + "".join(f"\\0{byte:o}" for byte in range(256)) + "'"))  # fmt: skip
    assert hall.finish(id).state is State.SUCCEEDED
    assert hall.log(id).endswith(every)


@pytest.mark.parametrize(
    ("script", "now", "said"),
    [
        ("trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.05; done", False, b"cleaned"),
        ("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", False, b"ready"),
        ("trap '' TERM; echo ready; while :; do sleep 0.05; done", False, b"ready"),
        ("trap 'echo cleaned' TERM; echo ready; while :; do sleep 0.05; done", True, b"ready"),
    ],
    ids=["cleans up", "own code", "deaf", "at once"],
)
def test_a_stopped_run_has_time_to_clean_up_and_then_none(hall, script, now, said):
    id = hall.begin(script)
    hall.until_it_says(id, b"ready")
    hall.stop(id, now)
    run = hall.finish(id)
    assert (run.state, run.cause, run.message) == ("stopped", "stopped", "The run was stopped.")
    assert said in hall.log(id)
    assert not (now and b"cleaned" in hall.log(id))
    assert hall.floor.codes(id)[-2:] == ["stopping", "stopped"]


def test_a_stop_that_is_not_heeded_can_be_made_a_kill(hall):
    id = hall.begin("trap '' TERM; echo ready; while :; do sleep 0.05; done", limits={"grace_seconds": 1000.0})
    hall.until_it_says(id, b"ready")
    hall.stop(id)
    hall.until(lambda: hall.floor.run(id).wish_told)
    hall.stop(id, now=True)
    assert hall.finish(id).state is State.STOPPED


def test_a_run_whose_supervisor_is_killed_is_lost_and_its_newest_checkpoint_named(hall):
    hall.checkpoint = "obs://bkt/out/model-7.ckpt"
    id = hall.begin("echo ready; exec sleep 600")
    hall.until_it_says(id, b"ready")
    os.kill(hall.supervisor(id), signal.SIGKILL)
    run = hall.finish(id)
    assert (run.state, run.cause) == ("lost", "lost")
    assert run.message.endswith("Its newest checkpoint is obs://bkt/out/model-7.ckpt.")
    assert hall.floor.codes(id)[-1] == "lost"
    assert hall.floor.ended == [id]


def test_a_machine_that_goes_down_asks_supervisors_to_stop_and_their_runs_are_lost_not_stopped(hall):
    id = hall.begin("echo ready; exec sleep 600", restarts=1)
    hall.until_it_says(id, b"ready")
    os.kill(hall.supervisor(id), signal.SIGTERM)
    hall.until(lambda: hall.floor.run(id).tries == 2)
    hall.until_it_says(id, b"ready\nready")
    assert "from outside Maquette" in next(e for e in hall.floor.events(id) if e.code == "restarted").message
    hall.stop(id, now=True)
    assert hall.finish(id).state is State.STOPPED


def test_a_run_that_is_to_be_restarted_is_and_not_more_often(hall):
    id = hall.begin("echo attempt $ATTEMPT; [ $ATTEMPT -ge 3 ]", restarts=2)
    run = hall.finish(id)
    assert (run.state, run.attempt, run.tries) == ("succeeded", 3, 3)
    assert hall.log(id).endswith(b"attempt 1\nattempt 2\nattempt 3\n") or hall.log(id).count(b"attempt") == 3
    again = hall.finish(hall.begin("exit 1", restarts=1))
    assert (again.state, again.attempt) == ("failed", 2)
    late = hall.finish(hall.begin("sleep 600", limits={"seconds": 0.2}, restarts=5))
    assert (late.state, late.attempt) == ("failed", 1)  # it would run out of time again


def test_a_run_that_hangs_is_started_again_as_often_as_asked(hall, clock):
    quiet = hall.begin("echo ready; exec sleep 600", hang_seconds=300, stop_hanging=True, restarts=1, cores=0)
    hall.until_it_says(quiet, b"ready")
    hall.until(lambda: (clock.pass_seconds(31), hall.floor.run(quiet).settled)[1])
    run = hall.floor.run(quiet)
    assert (run.state, run.attempt) == (State.STOPPED, 2)
    assert hall.floor.codes(quiet).count("restarted") == 1


def test_a_run_that_does_nothing_is_told_to_hang_and_stopped_when_asked(hall, clock):
    quiet = hall.begin("echo ready; exec sleep 600", hang_seconds=300, stop_hanging=True, cores=0)
    busy = hall.begin("echo ready; while :; do echo more; sleep 0.01; done", hang_seconds=300, cores=0)
    hall.until_it_says(quiet, b"ready")
    hall.until_it_says(busy, b"ready")
    while not hall.floor.run(quiet).settled:
        clock.pass_seconds(31)
        said = len(hall.log(busy))
        hall.until(lambda said=said: len(hall.log(busy)) > said)
    run = hall.floor.run(quiet)
    assert run.state is State.STOPPED
    told = next(event for event in hall.floor.events(quiet) if event.code == "hangs")
    assert told.message.startswith("Nothing was written and nothing computed for 5 minutes. The run is stopped")
    assert hall.floor.codes(quiet).count("hangs") == 1
    assert "hangs" not in hall.floor.codes(busy)


def test_a_run_whose_folder_was_removed_is_lost(hall):
    id = hall.begin("echo ready; exec sleep 600")
    hall.until_it_says(id, b"ready")
    pid, path = hall.supervisor(id), actions.folder_of(hall.floor.ctx, id, 1).path
    path.rename(path.with_name("elsewhere"))
    try:
        run = hall.finish(id)
    finally:
        path.with_name("elsewhere").rename(path)
        os.kill(pid, signal.SIGUSR1)
    assert (run.state, run.cause) == ("lost", "lost")
    assert run.message.startswith("The folder of the run has gone")
    while hall.work.ctx.executor.exit(path) is None:
        time.sleep(0.01)


def test_a_supervisor_that_does_not_start_is_the_runs_end(hall, tmp_path):
    broken = replace(hall.floor.ctx, executor=LocalExecutor(sandbox="off", python="/bin/false"))
    hall.work.ctx = broken
    run = hall.finish(hall.begin("true"))
    assert (run.state, run.cause) == ("failed", "failed_to_start")
    assert "did not start" in run.message


def test_a_script_that_fills_the_disk_ends_and_room_is_made(small_disk, new_floor, clock, database_url):
    """Rows, logs and the run's own files all lie on the disk that it fills."""
    disk = small_disk("40m")
    settings = read_settings({"MAQUETTE_SANDBOX": "off"}, disk)
    homes.make(settings.home)
    ctx = wiring.platform(settings, clock)
    migrations.upgrade(ctx.database)
    workspaces.first_start(ctx)
    hall = Hall(new_floor(ctx, clock))
    id = hall.begin("echo begun; cat /dev/zero > big; code=$?; echo no more; exit $code")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not hall.floor.run(id).settled:
        assert time.monotonic() < deadline, hall.floor.codes(id)
        worker.tried(hall.work.step, "a step")  # rows cannot be written for a while
        clock.pass_seconds(1)
        time.sleep(0.02)
    run = hall.floor.run(id)
    assert (run.state, run.cause, run.code) == ("failed", "exit", 1)
    assert run.message.startswith("The run ended with code 1.")
    assert b"begun" in hall.log(id)
    assert shutil.disk_usage(disk).free > 20 << 20
    end = json.loads((actions.folder_of(ctx, id, 1).path / files.EXIT).read_text())
    assert end["cause"] == "exit"
    ctx.database.close()
