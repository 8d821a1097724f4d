"""Who goes next: never more than the machine has, nobody for ever last, nodes together, GPUs alone."""

from __future__ import annotations

import queue as queues
from dataclasses import replace

import pytest

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.errors import Refused
from maquette.kernel.ports import Capacity
from maquette.runs import actions, admission
from maquette.runs.domain import Needs, Order, State
from maquette.runs.queue import Worker

GB = 1 << 30


class Machine(MemoryExecutor):
    """Has so much memory free as it is told."""

    free = 16 * GB

    def free_memory(self):
        return self.free


class Desk:
    """A worker that admits runs, whose programs end when they are told to."""

    def __init__(self, floor):
        self.executor = Machine(self.program, Capacity(4, 16 * GB, 2))
        self.floor = floor
        floor.ctx = replace(floor.ctx, executor=self.executor)
        self.work = floor.work()
        self.ends = {}

    def program(self, running):
        return self.ends.setdefault(running.process.id, queues.Queue()).get()

    def end(self, id, code=0):
        self.ends.setdefault(id, queues.Queue()).put(code)
        folder = actions.folder_of(self.floor.ctx, id, self.floor.run(id).tries).path
        while self.executor.exit(folder) is None:
            continue
        self.work.step()

    def states(self, ids):
        return [str(self.floor.run(id).state) for id in ids]

    def running(self, ids):
        return [self.floor.run(id).order.name for id in ids if self.floor.run(id).state is State.RUNNING]


@pytest.fixture
def desk(memory_floor):
    desk = Desk(memory_floor)
    yield desk
    for ends in desk.ends.values():
        ends.put(0)


@pytest.mark.parametrize(
    ("needs", "fit"),
    [
        ({"cores": 1}, 4), ({"cores": 2}, 2), ({"cores": 3}, 1), ({"cores": 1, "memory": 6 * GB}, 2),
        ({"cores": 1, "gpus": 1}, 2), ({"cores": 1, "gpus": 2}, 1), ({"cores": 0, "memory": 0}, 6),
    ],
)  # fmt: skip
def test_only_so_many_run_at_once_as_the_machine_has_room_for(desk, needs, fit):
    ids = [desk.floor.submit(name=f"r{n}", **needs)[0] for n in range(6)]
    desk.work.step()
    assert desk.running(ids) == [f"r{n}" for n in range(fit)]
    if fit < 6:
        desk.end(ids[0])
        assert desk.running(ids) == [f"r{n}" for n in range(1, fit + 1)]


def test_the_more_urgent_goes_first_and_of_equals_the_older(desk, clock):
    first = desk.floor.submit(name="holds", cores=4)
    desk.work.step()
    waiting = []
    for name, priority in (("plain", 1), ("urgent", 3), ("plain 2", 1), ("urgent 2", 3)):
        waiting += desk.floor.submit(name=name, priority=priority, cores=4)
        clock.pass_seconds(1)
    order = []
    for id in [first[0], waiting[1], waiting[3], waiting[0], waiting[2]]:
        order += desk.running([*first, *waiting])
        desk.end(id)
    assert order == ["holds", "urgent", "urgent 2", "plain", "plain 2"]


def test_a_small_run_goes_before_a_large_one_that_has_no_room_yet(desk):
    ids = desk.floor.submit(name="long", cores=2) + desk.floor.submit(name="large", cores=4)
    ids += desk.floor.submit(name="small", cores=1)
    desk.work.step()
    assert desk.running(ids) == ["long", "small"]


def test_a_large_run_is_not_starved_by_small_ones(desk, clock):
    """Small ones come all the time; after some patience the machine is kept free."""
    ids = desk.floor.submit(name="long", cores=3)
    desk.work.step()
    large = desk.floor.submit(name="large", cores=4)
    small = []
    for n in range(12):
        small += desk.floor.submit(name=f"small {n}", cores=1)
        clock.pass_seconds(60)
        desk.work.step()
        for id in small:
            if desk.floor.run(id).state is State.RUNNING:
                desk.end(id)
    begun = sum(desk.floor.run(id).tries for id in small)
    assert begun == 9  # those of the first ten minutes
    desk.end(ids[0])
    assert desk.running(large) == ["large"]
    desk.end(large[0])
    assert desk.running(small) == ["small 9", "small 10", "small 11"]


def test_a_served_run_does_not_wait_behind_a_large_one(desk, clock):
    desk.floor.submit(name="long", cores=3)
    desk.work.step()
    desk.floor.submit(name="large", cores=4)
    clock.pass_seconds(admission.PATIENCE_SECONDS + 1)
    served = desk.floor.submit(name="board", served=True)
    desk.work.step()
    assert desk.running(served) == ["board"]


def test_served_runs_take_no_cores_and_go_by_the_memory_that_is_free(desk):
    ids = desk.floor.submit(name="trains", cores=4)
    desk.executor.free = 5 * GB
    boards = [desk.floor.submit(name=f"board {n}", served=True, memory=2 * GB)[0] for n in range(4)]
    desk.work.step()
    assert desk.running(ids + boards) == ["trains", "board 0", "board 1"]  # each will still take what it may
    desk.executor.free = 8 * GB
    desk.work.step()
    assert desk.running(boards) == ["board 0", "board 1", "board 2", "board 3"]


def test_a_gpu_belongs_to_one_run_that_trains(desk):
    served = desk.floor.submit(name="service", served=True, gpus=1)
    desk.work.step()
    assert desk.floor.run(served[0]).gpu_ids == (0,)
    trains = [desk.floor.submit(name=f"trains {n}", gpus=1)[0] for n in range(3)]
    desk.work.step()
    assert [desk.floor.run(id).gpu_ids for id in trains] == [(1,), (0,), ()]  # beside a service only when it must
    desk.end(trains[0])
    assert desk.floor.run(trains[2]).gpu_ids == (1,)


def test_nodes_start_together_or_not_at_all(desk):
    long = desk.floor.submit(name="long", cores=1)
    desk.work.step()
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", cores=2, group="g", node=n) for n in range(2)))
    desk.work.step()
    assert desk.states(nodes) == ["queued", "queued"]
    desk.end(long[0])
    assert desk.states(nodes) == ["running", "running"]


def test_nodes_whose_rows_lie_apart_in_the_queue_start_together(desk, clock):
    """With two servers another run may be queued between them."""
    with desk.floor.ctx.database.write() as rows:
        first = actions.submit(desk.floor.ctx, rows, desk.floor.order("node 0", cores=2, group="g", node=0))
        clock.pass_seconds(1)
        between = actions.submit(desk.floor.ctx, rows, desk.floor.order("between", cores=1))
        clock.pass_seconds(1)
        second = actions.submit(desk.floor.ctx, rows, desk.floor.order("node 1", cores=2, group="g", node=1))
    desk.work.step()
    assert desk.states([first, second, between]) == ["running", "running", "queued"]


def test_a_node_that_is_stopped_while_it_waits_takes_the_others_with_it(desk):
    desk.floor.submit(name="long", cores=4)
    desk.work.step()
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", group="g", node=n) for n in range(3)))
    actions.stop(desk.floor.ctx, desk.floor.workspace_id, nodes[1])
    assert desk.states(nodes) == ["stopped"] * 3
    assert "node_ended" in desk.floor.codes(nodes[0])


def test_when_one_node_fails_the_others_are_asked_to_stop(desk):
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", group="g", node=n) for n in range(2)))
    desk.work.step()
    desk.end(nodes[0], 1)
    desk.work.step()
    assert "stopping" in desk.floor.codes(nodes[1])
    desk.end(nodes[1], 143)
    assert desk.states(nodes) == ["failed", "stopped"]


def test_when_one_node_fails_all_are_started_again_where_that_is_asked_for(desk):
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", group="g", node=n, restarts=1) for n in range(2)))
    desk.work.step()
    desk.end(nodes[0], 1)
    desk.work.step()
    assert desk.states(nodes) == ["queued", "running"]  # the old one would disturb the new one
    assert "node_restarts" in desk.floor.codes(nodes[1])
    desk.end(nodes[1], 143)
    desk.work.step()
    assert desk.states(nodes) == ["running", "running"]
    assert [desk.floor.run(node).attempt for node in nodes] == [2, 2]
    desk.end(nodes[1], 1)
    desk.work.step()
    desk.end(nodes[0], 143)
    assert desk.states(nodes) == ["stopped", "failed"]


def test_a_node_is_not_started_again_for_others_that_have_ended_well(desk):
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", group="g", node=n, restarts=1) for n in range(2)))
    desk.work.step()
    desk.end(nodes[0], 0)
    desk.end(nodes[1], 1)
    assert desk.states(nodes) == ["succeeded", "failed"]


def test_nodes_that_are_stopped_stay_stopped(desk):
    nodes = desk.floor.submit(*(desk.floor.order(f"node {n}", group="g", node=n, restarts=1) for n in range(2)))
    desk.work.step()
    for node in nodes:
        actions.stop(desk.floor.ctx, desk.floor.workspace_id, node)
    desk.work.step()
    for node in nodes:
        desk.end(node, 143)
    assert desk.states(nodes) == ["stopped", "stopped"]


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        (Needs(5), "This needs 5 cores, and this machine has 4: it could never start. Choose a smaller flavour."),
        (Needs(1, 20 * GB), "This needs 21.4748 GB of memory, and this machine has 17.2"),
        (Needs(1, GB, 3), "This needs 3 GPUs, and this machine has 2"),
    ],
)
def test_a_run_that_could_never_start_is_refused_with_the_number(desk, needs, told):
    order = Order(desk.floor.workspace_id, "plain", "s", "n", needs)
    with pytest.raises(Refused, match=told.replace("(", r"\(")):
        desk.floor.submit(order)
    assert desk.floor.all() == []


def test_nodes_that_could_never_start_together_are_refused_with_the_number(desk):
    with pytest.raises(Refused, match="3 nodes together need 3 GPUs, and this machine has 2"):
        desk.floor.submit(*(desk.floor.order(f"node {n}", gpus=1, group="g", node=n) for n in range(3)))
    assert desk.floor.all() == []


def test_on_a_machine_that_has_become_smaller_a_run_waits_and_holds_up_nobody(desk, clock):
    ids = desk.floor.submit(name="large", cores=4)
    desk.executor.machine = Capacity(2, 16 * GB, 0)
    clock.pass_seconds(admission.PATIENCE_SECONDS + 1)
    ids += desk.floor.submit(name="small", cores=1)
    desk.work.step()
    desk.work.step()
    assert desk.running(ids) == ["small"]
    assert desk.floor.codes(ids[0]) == ["queued", "too_large"]


def test_a_worker_leaves_runs_of_kinds_that_it_does_not_know(desk):
    id = desk.floor.submit(replace(desk.floor.order("other"), kind="unknown"))[0]
    desk.work.step()
    assert desk.floor.run(id).state is State.QUEUED


def test_one_that_is_stopped_in_the_very_moment_of_its_admission_stays_stopped(desk):
    """Between what was read of the queue and what is written somebody may stop the run."""
    id = desk.floor.submit()[0]
    with desk.floor.ctx.database.read() as rows:
        seen = next(admission.in_turn(rows, Worker("here", "me"), ["plain"]))
    actions.stop(desk.floor.ctx, desk.floor.workspace_id, id)
    with desk.floor.ctx.database.write() as rows:
        assert not admission.still_waits(rows, seen)
