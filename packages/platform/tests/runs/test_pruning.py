"""Old runs leave the disk when they are told to; their rows, and whatever lives or is young, stay."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import update

from maquette.drivers.executors.local import LocalExecutor
from maquette.runs import actions, pruning
from maquette.runs.table import runs

DAY = 86400.0


@pytest.fixture
def floor(memory_floor):
    memory_floor.ctx = replace(memory_floor.ctx, executor=LocalExecutor(sandbox="off"))
    return memory_floor


def settle(floor, run, at, settled=True):
    with floor.ctx.database.write() as rows:
        moments = {"queued": at, "ended": at, "settled": at}
        rows.execute(update(runs).where(runs.c.id == run.id).values(settled=settled, moments=moments))


def test_what_ended_long_ago_goes_and_its_row_stays(written, floor):
    now = floor.clock()
    old, young, living = written(b"a", b"b", state="failed"), written(b"c", state="failed"), written(b"d")
    settle(floor, old, now - 40 * DAY)
    settle(floor, young, now - 20 * DAY)
    settle(floor, living, now - 40 * DAY, settled=False)
    known = pruning.known_folders(floor.ctx)
    found = list(pruning.old_folders(floor.ctx, known, now - 30 * DAY))
    assert [folder.id for folder in found] == [old.id, f"{old.id}.2"]
    pruning.prune(floor.ctx, known, found)
    there = {path.name for path in floor.ctx.settings.home.runs.iterdir()}
    assert there == {young.id, living.id}
    assert floor.codes(old.id)[-1] == "pruned"
    assert actions.folders(floor.ctx, floor.run(old.id)) == []
    assert list(pruning.old_folders(floor.ctx, pruning.known_folders(floor.ctx), now - 30 * DAY)) == []


def test_folders_without_a_row_go_by_their_end_and_never_while_they_live(floor):
    home = floor.ctx.settings.home.runs
    now = time.time()
    for name, ended in (("old", now - 40 * DAY), ("young", now)):
        home.joinpath(name).mkdir(parents=True)
        end = {"code": 0, "cause": "exit", "message": "", "started_at": ended, "ended_at": ended,
               "peak_memory_bytes": 0}  # fmt: skip
        home.joinpath(name, "exit.json").write_text(json.dumps(end))
    home.joinpath("never-started").mkdir()
    os.utime(home / "never-started", (now - 40 * DAY,) * 2)
    found = [folder.id for folder in pruning.old_folders(floor.ctx, {}, now - 30 * DAY)]
    assert found == ["never-started", "old"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_tells_first_and_removes_then(home, maquette, database_url):
    code = home.parent / "code"
    code.mkdir()
    code.joinpath("train.py").write_text("print('hello')\n")
    maquette("run", code, "--boot", "train.py", "--python", sys.executable, "--output", home.parent / "out", check=0)
    (run,) = (home / "runs").iterdir()
    assert "0 runs" in maquette("storage", "prune-runs", check=0).stdout
    told = maquette("storage", "prune-runs", "--days", "0", "--dry-run", check=0).stdout
    assert run.name in told
    assert "would free: 1 run" in told
    assert run.is_dir()
    assert "maquette storage prune-runs" in maquette("storage", check=0).stdout
    answer = json.loads(maquette("storage", "prune-runs", "--days", "0", "--json", check=0).stdout)
    assert (answer["removed"], [one["run"] for one in answer["runs"]]) == (True, [run.name])
    assert not run.exists()
    assert not (home / "maquette.db").exists()
    assert maquette("storage", "prune-runs", "--days", "-1").returncode == 2
