"""A batch goes on whenever its worker is killed: nothing is lost, nothing half written, nothing asked without need."""

import json
import random
import subprocess
import sys
import time

import pytest

from maquette.services import batches
from maquette.services.batch_results import folder_of
from maquette.services.deployment import Status

WORKER = """
import os, signal, sys, time
from importlib import import_module
from pathlib import Path
from maquette import wiring
from maquette.kernel.settings import Home, Settings
from maquette.runs.queue import this_worker
from maquette.services import batch_book, batch_work

home, database, place, moment, turn = sys.argv[1:]
if place:
    module, owner, name = place.split(".")
    holder = getattr(import_module(f"maquette.services.{module}"), owner)
    real, turns = getattr(holder, name), []

    def deadly(*arguments, **named):
        turns.append(0)
        due = len(turns) == int(turn)
        if due and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*arguments, **named)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(holder, name, deadly)
batch_book.LISTED_AT_ONCE = 7
ctx = wiring.platform(Settings(Home(Path(home)), database=database))
batches = batch_work.Batches(ctx, this_worker(ctx))
while True:
    batches.step()
    time.sleep(0.01)
"""
NUMBERS = {"type": "object", "properties": {"n": {"type": "number"}}}
FILE = {"Content-type": "multipart/form-data", "data": {"type": "object", "properties": {"image": {"type": "file"}}}}
ROWS = {"Content-type": "application/json", "data": NUMBERS}
NOTE = "open(os.environ['NOTES'], 'a').write(text + '\\n'); time.sleep(0.01); return {'text': text, 'pad': 'x' * 5000}"
OF_FILE = "text = next(iter(data['image'].values())).read().decode(); " + NOTE
OF_ROW = "text = str(data['n']); " + NOTE
FILES = 60
HELD = 12
"""Calls that two instances may hold, or whose results are on their way, when a worker dies."""


@pytest.fixture
def clock():
    """Workers renew their leases by the real time."""
    return time.time


class Mortal:
    """A batch on a floor, fed by workers of their own processes that do not live long."""

    def __init__(self, floor, notes):
        self.floor = floor
        self.notes = notes
        self.workers = []

    def deploy(self, body, request, instances=2):
        model = self.floor.model(body, apis=[{"url": "/", "method": "post", "request": request}])
        batch = batches.Batch(
            model, "obs://pets/in/", "obs://pets/out/", instances=instances, variables={"NOTES": str(self.notes)}
        )
        self.service = batches.deploy(self.floor.ctx, self.floor.who, "night", batch)

    def worker(self, place="", moment="", turn=0):
        settings = self.floor.ctx.settings
        told = [str(settings.home.path), settings.database, place, moment, str(turn)]
        self.workers.append(subprocess.Popen([sys.executable, "-c", WORKER, *told]))
        return self.workers[-1]

    def finish(self):
        self.worker()
        self.floor.until_status(self.service, Status.FINISHED, 300)

    def close(self):
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def is_finished(self):
        return self.floor.again(self.service).status is Status.FINISHED

    def asked(self):
        return sorted(map(int, self.notes.read_text().split())) if self.notes.exists() else []

    def results(self):
        """All results that are there, each of which is whole."""
        found = {}
        for info in self.floor.store.list("pets", "out/infer-result/").objects:
            _, stream = self.floor.store.open("pets", info.key)
            with stream:
                lines = [json.loads(line) for line in stream.read().splitlines()]
            assert all(len(line["pad"]) == 5000 for line in lines)
            found[info.key.rpartition("/")[2].removesuffix("_result.txt")] = [line["text"] for line in lines]
        return found

    def manifests(self):
        lines = []
        for number in range(2):
            _, stream = self.floor.store.open("pets", f"out/infer-result-{number}.manifest")
            with stream:
                lines += [json.loads(line) for line in stream.read().splitlines()]
        return lines

    def check_files(self, kills):
        assert self.results() == {f"{number:02}.txt": [str(number)] for number in range(FILES)}
        told = sorted(line["source"] for line in self.manifests())
        assert told == [f"obs://pets/in/{number:02}.txt" for number in range(FILES)]
        progress = batches.progress(self.floor.ctx, self.service)
        assert (progress.total, progress.done, progress.failed, progress.requests) == (FILES, FILES, 0, FILES)
        asked = self.asked()
        assert set(asked) == set(range(FILES)) and len(asked) <= FILES + kills * HELD


@pytest.fixture
def mortal(floor, tmp_path):
    mortal = Mortal(floor, tmp_path / "notes")
    yield mortal
    mortal.close()


@pytest.fixture
def files(mortal):
    """With some files, each of which holds its number."""
    for number in range(FILES):
        mortal.floor.store.put("pets", f"in/{number:02}.txt", [str(number).encode()])
    return mortal


@pytest.mark.parametrize(
    ("place", "moment", "turn", "asked_again"),
    [
        ("batch_book.Book.change", "after", 3, 0),  # in the middle of the list
        ("batch_book.Book.save", "before", 1, HELD),
        ("batch_book.Book.save", "after", 1, HELD),
        ("batch_results.Results.put", "before", 20, HELD),
        ("batch_results.Results.put", "after", 20, HELD),
        ("batch_results.Results.write_manifests", "before", 1, 0),
        ("batch_results.Results.write_manifests", "after", 1, 0),
        ("batch_book.Book.finish", "after", 1, 0),
        ("batch_book.Book.release", "before", 1, 0),
    ],
)
def test_a_worker_may_die_at_any_step(files, place, moment, turn, asked_again):
    files.deploy(OF_FILE, FILE)
    assert files.worker(place, moment, turn).wait(300) == -9
    files.results()
    if not files.is_finished():
        files.finish()
    files.check_files(1)
    assert len(files.asked()) <= FILES + asked_again


def test_workers_may_die_again_and_again(files):
    gate = files.notes.with_name("gate")  # so that no worker is through with all before it is killed
    files.deploy(
        OF_FILE.replace(NOTE, f"\nwhile text == '30' and not os.path.exists({str(gate)!r}): time.sleep(0.01)\n{NOTE}"),
        FILE,
    )
    moments, kills = random.Random(7), 0
    while not files.is_finished():
        worker = files.worker()
        seen = len(files.asked())
        files.floor.until(lambda seen=seen: len(files.asked()) > seen or files.is_finished())
        time.sleep(moments.uniform(0.05, 0.4))
        worker.kill()
        worker.wait()
        kills += 1
        gate.touch()
        files.results()
    files.check_files(kills)
    assert kills >= 2


def test_rows_that_were_answered_are_not_asked_again(mortal):
    rows = 200
    mortal.floor.store.put("pets", "in/a.csv", ["".join(f"{number}\n" for number in range(rows)).encode()])
    mortal.deploy(OF_ROW, ROWS, instances=1)  # of two, one might answer any number of rows while the other is at one
    kept = folder_of(mortal.floor.ctx, mortal.service.id) / "0"
    for place, moment, turn in (
        ("batch_results.Answers.add", "after", 40),
        ("batch_results.Answers.add", "before", 60),
        ("batch_results.Results.put", "before", 1),
        ("batch_results.Results.put", "after", 1),
    ):
        assert mortal.worker(place, moment, turn).wait(300) == -9
        with kept.open("ab") as file:
            file.write(b'[200, "half')  # a line that a dying worker has not brought to its end
    mortal.finish()
    assert mortal.results() == {"a.csv": [str(number) for number in range(rows)]}
    asked = mortal.asked()
    assert set(asked) == set(range(rows)) and len(asked) <= rows + 2 * HELD
    assert batches.progress(mortal.floor.ctx, mortal.service).requests == rows
