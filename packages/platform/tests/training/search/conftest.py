"""A platform whose runs are functions of the test, with a bucket and a script, so that searches go from end to end."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from maquette.buckets.actions import store_of_workspace
from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.identity import Identity, Proof, Role
from maquette.kernel.ports import Capacity
from maquette.runs.queue import this_worker
from maquette.runs.work import Work
from maquette.training import jobs
from maquette.training.search import trials
from maquette.training.specification import Parameter, Place, Specification
from maquette.worker import KINDS
from maquette.workspaces import actions as workspaces

BUCKET = "lab"
PATIENCE_SECONDS = 180
DOCUMENT = {
    "skip_search_params": "",
    "reward_attrs": [
        {"name": "acc", "mode": "max", "regex": r"acc: ([-0-9.a-z]+)"},
        {"name": "loss", "mode": "min", "regex": r"loss: ([0-9.]+)"},
    ],
    "search_params": [
        {"name": "lr", "param_type": "continuous", "lower_bound": "0.001", "upper_bound": "0.1"},
        {"name": "batch_size", "param_type": "discrete", "discrete_values": ["16", "32", "64"]},
    ],
    "algo_configs": [
        {"name": "tpe_search", "params": [{"key": "num_samples", "value": "8", "type": "Integer"}]},
    ],
}


def command(running):
    """The command line that the run's launcher is told."""
    return json.loads(running.process.environment["MAQUETTE_PLAN"])["command"]


def argument(running, name):
    """What the command line says of `--name=…`."""
    return next(each.partition("=")[2] for each in command(running) if each.startswith(f"--{name}="))


def learn(running):
    """A script that trains for three epochs; a learning rate of 0.05 is best."""
    lr, batch = float(argument(running, "lr")), int(argument(running, "batch_size"))
    for epoch in range(1, 4):
        running.say(f"epoch {epoch} loss: {1 / epoch:.3f}, acc: {epoch / 3 - abs(lr - 0.05) - batch / 1000:.6f}\n")
    return 0


def with_settings(**settings):
    """The search with settings of its algorithm."""
    config = DOCUMENT["algo_configs"][0]
    params = [{"key": key, "value": str(value), "type": "Integer"} for key, value in settings.items()]
    known = [each for each in config["params"] if each["key"] not in settings]
    return {**DOCUMENT, "algo_configs": [{**config, "params": [*known, *params]}]}


class Bench:
    """Submits searches and moves them on as a worker does."""

    def __init__(self, ctx, program=learn, cores=4):
        self.ctx = replace(ctx, executor=MemoryExecutor(program, Capacity(cores, 16 << 30, 0)))
        user_id, workspace_id = workspaces.owner_of_all(self.ctx)
        self.who = Identity(user_id, "admin", workspace_id, Role.OWNER, Proof.TOKEN)
        self.store = store_of_workspace(self.ctx, workspace_id)
        if BUCKET not in self.store.buckets():
            self.store.make_bucket(BUCKET)
            self.store.put(BUCKET, "code/train.py", [b"print('the executor plays this')\n"])
            self.ctx.engines.add("mine", Path(sys.executable))
        self.work = self.new_worker("first")

    def new_worker(self, name):
        """A worker whose process seems to have gone as soon as another one looks."""
        worker = this_worker(self.ctx)
        boot, pid, _, _ = worker.owner.split("/")
        return Work(self.ctx, KINDS, replace(worker, owner=f"{boot}/{pid}/1/{name}"))

    def submit(self, search=None, name="search", **given):
        given = {
            "code": f"obs://{BUCKET}/code/",
            "boot_file": "train.py",
            "engine": "mine",
            "search": DOCUMENT if search is None else search,
            "parameters": (Parameter(name="epochs", value="3"), Parameter(name="lr", value="0.01")),
            "outputs": (Place(name="train_url", address=f"obs://{BUCKET}/out/"),),
            "log": f"obs://{BUCKET}/log/",
            **given,
        }
        self.job = jobs.create_job(self.ctx, self.who, name, specification=Specification(**given))
        return self.job

    @property
    def version(self):
        return jobs.latest_version(self.ctx, self.job)

    @property
    def trials(self):
        return trials.of_version(self.ctx, self.version.id)

    def until(self, what):
        """Moves runs on until it is so."""
        self.wait(what, lambda: self.work.step())  # another worker may come meanwhile

    def wait(self, what, meanwhile=lambda: None):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < deadline, [(trial.state, trial.run.message) for trial in self.trials]
            meanwhile()
            time.sleep(0.01)

    def until_ended(self):
        self.until(lambda: self.version.state != "running")
        return self.version.search

    def another_worker(self):
        """The one before has died; this one finds what it left."""
        self.work.close()
        self.work = self.new_worker(f"after {self.work.worker.owner.rsplit('/', 1)[1]}"[-40:])


@pytest.fixture
def script():
    """What tests play with: `learn` a script, `argument` and `command` what a run is told, `document` a search,
    `settings` the same with other settings."""
    return SimpleNamespace(learn=learn, argument=argument, command=command, document=DOCUMENT, settings=with_settings)


@pytest.fixture
def bench(platform):
    """`bench(program, cores)` has programs of this test run."""
    made = []

    def make(program=learn, cores=4):
        made.append(Bench(platform, program, cores))
        return made[-1]

    yield make
    for one in made:
        one.work.close()
