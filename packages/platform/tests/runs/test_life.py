"""Whatever happens to a run, and wherever its worker dies, it goes through its states as they are told and ends."""

from __future__ import annotations

import contextlib
import itertools
import queue as queues
import time
from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.errors import BadInput, Conflict
from maquette.kernel.ports import Capacity
from maquette.runs import actions
from maquette.runs.domain import ACTIVE, ENDED, NEXT, State
from maquette.runs.kinds import Kind
from maquette.runs.table import runs

GB = 1 << 30
MACHINE = Capacity(4, 16 * GB, 2)
STATE_OF_EVENT = {
    "queued": State.QUEUED, "worker_gone": State.QUEUED, "worker_stopped": State.QUEUED, "restarted": State.QUEUED,
    "preparing": State.PREPARING, "started": State.RUNNING, "succeeded": State.SUCCEEDED, "stopped": State.STOPPED,
    "exit": State.FAILED, "failed_to_start": State.FAILED, "lost": State.LOST,
}  # fmt: skip
BESIDES = {"stopping", "node_ended"}


class Died(BaseException):
    """The worker is killed here."""


class DyingRows:
    """The rows as a worker sees them that dies at one of its changes, just before it is kept or just after."""

    def __init__(self, database):
        self.database = database
        self.left = None
        self.kept = False

    def __getattr__(self, name):
        return getattr(self.database, name)

    @contextlib.contextmanager
    def write(self):
        with self.database.write() as rows:
            yield rows
            if self.left is not None:
                self.left -= 1
                if self.left == 0 and not self.kept:
                    raise Died
        if self.left == 0:
            raise Died


class Life(RuleBasedStateMachine):
    """Users, workers and processes act in any order."""

    def __init__(self, new_floor, platform, clock):
        super().__init__()
        self.endings = {}
        self.started = Counter()
        executor = MemoryExecutor(self.program, MACHINE)
        self.dying = DyingRows(platform.database)
        self.floor = new_floor(replace(platform, executor=executor), clock)
        self.executor, self.clock, self.users = executor, clock, self.floor.ctx
        self.kind = Kind("plain", self.prepare, self.see_end)
        self.seen = set()
        self.ids = []
        self.forgotten = set()
        self.hire()

    def hire(self):
        """A worker that is seen to be dead when its lease has run out."""
        self.dying.left = None
        self.work = self.floor.work(replace(self.users, database=self.dying), self.kind, alive=False)

    # what the worker calls

    def program(self, running):
        self.started[running.process.folder.name] += 1
        self.endings[running.process.folder] = mine = queues.Queue()
        return mine.get()

    def prepare(self, ctx, run, preparing):
        way = run.order.details["way"]
        if way == "bad":
            raise BadInput("There is no such script.")
        if way == "broken":
            raise ZeroDivisionError
        if way == "stopped":
            actions.stop(self.users, run.workspace_id, run.id)
        if way == "worker_stopped" and run.tries == 1:
            self.work.closing.set()
        return self.floor.process(run, preparing)

    def see_end(self, ctx, run):
        assert run.state in ENDED
        assert not run.settled
        self.seen.add(run.id)

    # what may happen

    @rule(
        cores=st.integers(1, 4), memory=st.integers(1, 16), gpus=st.integers(0, 2), served=st.booleans(),
        restarts=st.integers(0, 2), priority=st.integers(1, 3),
        way=st.sampled_from(["well", "well", "well", "bad", "broken", "stopped", "worker_stopped"]),
    )  # fmt: skip
    def submit(self, memory, served, way, **values):
        self.ids += self.floor.submit(memory=memory * GB, served=served, details={"way": way}, **values)

    @rule(nodes=st.integers(2, 3), way=st.sampled_from(["well", "well", "bad", "stopped", "worker_stopped"]))
    def submit_nodes(self, nodes, way):
        group = f"group-{len(self.ids)}"
        ways = [way if node == nodes - 1 else "well" for node in range(nodes)]
        orders = [self.floor.order(group=group, node=n, details={"way": ways[n]}) for n in range(nodes)]
        self.ids += self.floor.submit(*orders)

    @rule()
    def step(self):
        self.work.step()
        self.wait_for_starts()
        if self.work.closing.is_set():
            self.work.close()
            self.hire()

    @rule(change=st.integers(1, 9), kept=st.booleans(), lease_over=st.booleans())
    def die(self, change, kept, lease_over):
        self.dying.left, self.dying.kept = change, kept
        with contextlib.suppress(Died):
            self.work.step()
        self.wait_for_starts()
        self.hire()
        self.clock.pass_seconds(31 if lease_over else 1)

    @rule(which=st.integers(0, 9), code=st.sampled_from([0, 0, 1, 3]))
    def process_ends(self, which, code):
        living = [folder for folder, running in self.executor.runs.items() if running.ended is None]
        if living:
            self.end_process(living[which % len(living)], code)

    @rule(which=st.integers(0, 9), now=st.booleans())
    def stop(self, which, now):
        if run := self.one_of(which):
            actions.stop(self.users, run.workspace_id, run.id, now)

    @rule(which=st.integers(0, 9))
    def forget(self, which):
        run = self.one_of(which)
        if run is None:
            return
        over = run.has_ended and (run.settled or run.tries == 0)
        try:
            actions.forget(self.users, run.workspace_id, [run.id])
        except Conflict:
            assert not over
        else:
            assert over
            assert not self.folders_of(run)
            self.forgotten.add(run.id)

    @rule()
    def power_cut(self):
        for folder in list(self.executor.runs):
            self.endings[folder].put(0)
        self.executor.runs.clear()
        self.hire()
        self.clock.pass_seconds(60)

    @rule(seconds=st.sampled_from([1, 5, 31, 700]))
    def pass_time(self, seconds):
        self.clock.pass_seconds(seconds)

    # what always holds

    @invariant()
    def states_follow_each_other(self):
        for run in self.floor.all():
            codes = [code for code in self.floor.codes(run.id) if code not in BESIDES]
            told = [STATE_OF_EVENT[code] for code in codes]
            assert told[0] is State.QUEUED
            for before, after in itertools.pairwise(told):
                assert after in NEXT[before], (run.id, codes)
            assert told[-1] is run.state, (run.id, codes)

    @invariant()
    def nothing_is_started_twice(self):
        assert set(self.started.values()) <= {1}
        for run in self.floor.all():
            begun = sum(self.started[name] for name in names_of(run))
            assert begun <= run.attempt, (run.id, begun, run.attempt)

    @invariant()
    def a_run_is_settled_when_its_kind_has_seen_its_end(self):
        for run in self.floor.all():
            assert not run.settled or (run.has_ended and run.id in self.seen)

    @invariant()
    def the_machine_is_never_overbooked(self):
        active = [run for run in self.floor.all() if run.state in ACTIVE and not run.order.served]
        assert sum(run.order.needs.cores for run in active) <= MACHINE.cores
        assert sum(run.order.needs.memory_bytes for run in active) <= MACHINE.memory_bytes
        assert max(Counter(number for run in active for number in run.gpu_ids).values(), default=0) <= 1
        assert all(len(run.gpu_ids) == run.order.needs.gpus for run in active)

    def teardown(self):
        """Left alone, everything comes to its end."""
        for _ in range(200):
            for folder, running in list(self.executor.runs.items()):
                if running.ended is None:
                    self.end_process(folder, 0)
            self.work.step()
            self.wait_for_starts()
            if self.work.closing.is_set():
                self.hire()
            self.clock.pass_seconds(10)
            if all(run.settled for run in self.floor.all()):
                break
        left = [(run.state, run.settled, self.floor.codes(run.id)) for run in self.floor.all() if not run.settled]
        assert left == []
        assert {run.id for run in self.floor.all()} <= self.seen
        with self.users.database.write() as rows:
            rows.execute(delete(runs))

    # parts

    def one_of(self, which):
        there = [id for id in self.ids if id not in self.forgotten]
        return self.floor.run(there[which % len(there)]) if there else None

    def folders_of(self, run):
        return [name for name in names_of(run) if (self.users.settings.home.runs / name).exists()]

    def end_process(self, folder, code):
        self.endings[folder].put(code)
        while self.executor.exit(folder) is None:
            time.sleep(0.0005)

    def wait_for_starts(self):
        """The executor begins programs in threads."""
        while any(folder not in self.endings for folder in self.executor.runs):
            time.sleep(0.0005)


def names_of(run):
    return [run.id if tries == 1 else f"{run.id}.{tries}" for tries in range(1, run.tries + 1)]


def test_whatever_happens_every_run_ends_and_none_is_started_twice(new_floor, platform, clock):
    few = settings(
        max_examples=25, stateful_step_count=30, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(lambda: Life(new_floor, platform, clock), settings=few)
