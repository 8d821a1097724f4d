"""What a worker does when something goes wrong with one run, and what it keeps from the others."""

from __future__ import annotations

import itertools
import os
import queue as queues
import threading
import time
from dataclasses import replace

import pytest

from maquette.drivers.executors.memory import MemoryExecutor
from maquette.kernel.errors import Conflict, NotFound, Unavailable
from maquette.kernel.ports import Capacity, Cause, Exit, Stopped
from maquette.runs import actions, queue
from maquette.runs.asking import THREADS, Asking
from maquette.runs.domain import State, Wish
from maquette.runs.kinds import Kind
from maquette.runs.work import TRIES_TO_PREPARE, TRIES_TO_SETTLE, sentence

GB = 1 << 30
PATIENCE_SECONDS = 120


class Died(BaseException):
    """The worker is killed here."""


def kind_of(floor, prepare=None, **values):
    own = prepare or (lambda ctx, run, preparing: floor.process(run, preparing))
    return Kind("plain", own, values.pop("ended", floor.note_end), **values)


def go_on(floor, work, id, seconds=1):
    """Steps until the run is settled."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        work.step()
        if floor.run(id).settled:
            return floor.run(id)
        floor.clock.pass_seconds(seconds)
        time.sleep(0.002)
    raise AssertionError((floor.run(id), floor.codes(id)))


def test_the_way_of_a_run_is_told_in_words_and_moments(memory_floor):
    def prepare(ctx, run, preparing):
        memory_floor.clock.pass_seconds(3)
        preparing.reach("environment")
        preparing.tell("copying data: 3 files")
        memory_floor.clock.pass_seconds(4)
        return memory_floor.process(run, preparing)

    id = memory_floor.submit()[0]
    memory_floor.clock.pass_seconds(2)
    run = go_on(memory_floor, memory_floor.work(kind=kind_of(memory_floor, prepare)), id)
    assert memory_floor.codes(id) == ["queued", "preparing", "told", "started", "succeeded"]
    moments = run.moments
    assert (moments["preparing"] - moments["queued"], moments["environment"] - moments["preparing"]) == (2, 3)
    assert memory_floor.ended == [id]
    assert {"started", "process_ended", "ended", "settled"} <= set(moments)


def test_a_stop_is_heard_while_it_is_prepared_though_the_clock_was_set_back(memory_floor):
    heard = []

    def prepare(ctx, run, preparing):
        assert not preparing.stopped()
        actions.stop(ctx, run.workspace_id, run.id)
        memory_floor.clock.pass_seconds(-3600)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not preparing.stopped() and time.monotonic() < deadline:
            time.sleep(0.05)
        heard.append(preparing.stopped())
        raise Stopped

    id = memory_floor.submit()[0]
    run = go_on(memory_floor, memory_floor.work(kind=kind_of(memory_floor, prepare)), id)
    assert (heard, run.state, run.cause) == ([True], "stopped", "stopped")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unavailable("There is no room for the data."), "There is no room for the data."),
        (ZeroDivisionError("by zero"), "Maquette itself failed (ZeroDivisionError: by zero). Its own log says more."),
    ],
)
def test_what_cannot_be_prepared_fails_and_its_log_says_why(memory_floor, error, told):
    def prepare(ctx, run, preparing):
        raise error

    id = memory_floor.submit(restarts=3)[0]
    run = go_on(memory_floor, memory_floor.work(kind=kind_of(memory_floor, prepare)), id)
    assert (run.state, run.cause, run.message, run.attempt) == ("failed", "failed_to_start", told, 1)
    log = actions.folder_of(memory_floor.ctx, id, 1).log.read_text()
    assert log == f"[Maquette] The run could not be started: {told}\n"


def test_a_run_ends_also_when_its_log_cannot_be_written(memory_floor):
    memory_floor.ctx.settings.home.runs.write_text("a file stands where the folder should be")
    id = memory_floor.submit()[0]
    run = go_on(memory_floor, memory_floor.work(), id)
    assert (run.state, run.cause) == ("failed", "failed_to_start")
    memory_floor.ctx.settings.home.runs.unlink()


def test_a_run_over_which_workers_die_again_and_again_is_given_up(memory_floor):
    def prepare(ctx, run, preparing):
        raise Died

    id = memory_floor.submit()[0]
    deaths = 0
    for _ in range(40):
        work = memory_floor.work(kind=kind_of(memory_floor, prepare), alive=False)
        try:
            work.step()
        except Died:
            deaths += 1
        memory_floor.clock.pass_seconds(60)
        if memory_floor.run(id).settled:
            break
    run = memory_floor.run(id)
    assert (run.state, deaths) == ("failed", TRIES_TO_PREPARE)
    assert "has died 5 times over it" in run.message


def test_what_a_run_left_is_looked_at_again_until_that_works(memory_floor):
    seen = []

    def ended(ctx, run):
        seen.append(ctx.clock())
        if len(seen) < TRIES_TO_SETTLE:
            raise Unavailable("The bucket does not answer.")

    id = memory_floor.submit()[0]
    go_on(memory_floor, memory_floor.work(kind=kind_of(memory_floor, ended=ended)), id)
    assert len(seen) == TRIES_TO_SETTLE
    pauses = [later - earlier for earlier, later in itertools.pairwise(seen)]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8
    assert "not_settled" not in memory_floor.codes(id)


def test_what_cannot_be_looked_at_is_told_and_left(memory_floor):
    def ended(ctx, run):
        raise Unavailable("The bucket is gone.")

    id = memory_floor.submit()[0]
    run = go_on(memory_floor, memory_floor.work(kind=kind_of(memory_floor, ended=ended)), id)
    assert run.state is State.SUCCEEDED
    assert memory_floor.events(id)[-1].message == "What the run left could not be kept: The bucket is gone."


def test_one_run_that_cannot_be_looked_at_holds_up_no_other(memory_floor, caplog):
    class Stubborn(MemoryExecutor):
        looks = 0

        def exit(self, folder):
            if folder.name == bad:
                self.looks += 1
                raise Unavailable("Some processes cannot be ended.")
            return super().exit(folder)

    bad = ""
    executor = Stubborn(machine=Capacity(4, 16 * GB, 0))
    memory_floor.ctx = replace(memory_floor.ctx, executor=executor)
    work = memory_floor.work()
    bad = memory_floor.submit(name="bad")[0]
    good = memory_floor.submit(name="good")[0]
    assert go_on(memory_floor, work, good, seconds=0.2).state is State.SUCCEEDED
    for _ in range(100):
        work.step()
        memory_floor.clock.pass_seconds(0.2)
    assert executor.looks < 10  # it is looked at less and less often
    assert memory_floor.run(bad).state is State.RUNNING
    bad = ""
    assert go_on(memory_floor, work, memory_floor.all()[0].id, seconds=20).state is State.SUCCEEDED


def test_a_worker_that_lost_its_run_ends_what_it_had_started(memory_floor):
    """Its machine slept, and another took the run over."""
    ends = queues.Queue()
    executor = MemoryExecutor(
        lambda running: 143 if running.stop.wait(PATIENCE_SECONDS) else ends.get(), Capacity(4, 16 * GB, 0)
    )
    memory_floor.ctx = replace(memory_floor.ctx, executor=executor)

    taken = []

    def prepare(ctx, run, preparing):
        memory_floor.clock.pass_seconds(31)
        taken.extend(queue.take_over(ctx, memory_floor.work().worker, ["plain"]))
        return memory_floor.process(run, preparing)

    id = memory_floor.submit()[0]
    work = memory_floor.work(kind=kind_of(memory_floor, prepare), alive=False)
    work.is_left = lambda run: False  # it has looked just before
    work.step()
    assert [run.id for run in taken] == [id]
    folder = actions.folder_of(memory_floor.ctx, id, 1).path
    deadline = time.monotonic() + PATIENCE_SECONDS
    while executor.exit(folder) is None:
        assert time.monotonic() < deadline
    assert executor.runs[folder].stop.is_set()


def test_of_two_that_wish_the_stronger_counts_and_the_ended_stay_as_they_are(memory_floor):
    id = memory_floor.submit()[0]
    ctx, workspace = memory_floor.ctx, memory_floor.workspace_id
    run = go_on(memory_floor, memory_floor.work(), id)
    assert actions.stop(ctx, workspace, id, now=True) == run
    waiting = memory_floor.submit()[0]
    assert actions.stop(ctx, workspace, waiting, now=True).wish is Wish.KILL
    assert actions.stop(ctx, workspace, waiting).wish is Wish.KILL
    assert memory_floor.run(waiting).message == "It was stopped before it began."


def test_runs_of_another_workspace_are_not_there(memory_floor):
    id = memory_floor.submit()[0]
    for call in (actions.find, actions.stop):
        with pytest.raises(NotFound, match=f"There is no run '{id}' in this workspace"):
            call(memory_floor.ctx, "elsewhere", id)
    actions.forget(memory_floor.ctx, "elsewhere", [id])
    assert memory_floor.run(id).state is State.QUEUED


def test_either_all_are_forgotten_or_none(memory_floor):
    done = memory_floor.submit()[0]
    go_on(memory_floor, memory_floor.work(), done)
    waits = memory_floor.submit()[0]
    with pytest.raises(Conflict, match=r"goes on\. Stop it first"):
        actions.forget(memory_floor.ctx, memory_floor.workspace_id, [done, waits])
    assert memory_floor.run(done).settled
    actions.stop(memory_floor.ctx, memory_floor.workspace_id, waits)
    actions.forget(memory_floor.ctx, memory_floor.workspace_id, [done, waits])
    assert memory_floor.all() == []
    assert list(memory_floor.ctx.settings.home.runs.iterdir()) == []


def test_what_was_stopped_while_it_waited_is_settled_too(memory_floor):
    id = memory_floor.submit()[0]
    actions.stop(memory_floor.ctx, memory_floor.workspace_id, id)
    go_on(memory_floor, memory_floor.work(), id)
    assert memory_floor.ended == [id]


def test_a_living_worker_keeps_its_runs_and_a_dead_one_does_not(memory_floor):
    ends = queues.Queue()
    memory_floor.ctx = replace(memory_floor.ctx, executor=MemoryExecutor(lambda running: ends.get()))
    id = memory_floor.submit()[0]
    first, second = memory_floor.work(), memory_floor.work()
    first.step()
    memory_floor.clock.pass_seconds(3600)  # it has not renewed anything, but its process is there
    second.step()
    assert queue.mine(memory_floor.ctx, second.worker) == []
    gone = queue.Worker("here", first.worker.owner.replace(f"/{os.getpid()}/", "/1/"))
    with memory_floor.ctx.database.write() as rows:
        rows.exec_driver_sql(f"UPDATE runs SET owner = '{gone.owner}'")
    memory_floor.clock.pass_seconds(6)
    second.step()
    assert [run.id for run in queue.mine(memory_floor.ctx, second.worker)] == [id]
    ends.put(0)


def test_a_dead_worker_and_a_failure_are_looked_after_though_the_clock_was_set_back(memory_floor):
    looks = []

    def ended(ctx, run):
        looks.append(run.id)
        if len(looks) == 1:
            raise OSError("not now")

    work = memory_floor.work(kind=kind_of(memory_floor, ended=ended))
    work.step()
    id = memory_floor.submit()[0]
    until(work, lambda: looks == [id])
    assert not memory_floor.run(id).settled
    gone = queue.Worker("here", work.worker.owner.replace(f"/{os.getpid()}/", "/1/"))
    with memory_floor.ctx.database.write() as rows:
        rows.exec_driver_sql(f"UPDATE runs SET owner = '{gone.owner}'")
    memory_floor.clock.pass_seconds(-3600)
    work.step()
    assert memory_floor.run(id).settled
    assert looks == [id, id]


def test_a_worker_of_another_machine_keeps_what_runs_there_and_loses_what_it_only_prepared(memory_floor):
    executor = MemoryExecutor(lambda running: 143 if running.stop.wait(PATIENCE_SECONDS) else 0)
    memory_floor.ctx = replace(memory_floor.ctx, executor=executor)
    ids = memory_floor.submit(name="a") + memory_floor.submit(name="b")
    there, here = memory_floor.work(), memory_floor.work(alive=False)
    there.worker = queue.Worker("there", "other-boot/1/1/there")
    there.step()
    with memory_floor.ctx.database.write() as rows:
        rows.exec_driver_sql(f"UPDATE runs SET state = 'preparing' WHERE id = '{ids[1]}'")
    assert queue.take_over(memory_floor.ctx, here.worker, ["plain"]) == []
    memory_floor.clock.pass_seconds(31)
    taken = queue.take_over(memory_floor.ctx, here.worker, ["plain"])
    assert [(run.id, run.place) for run in taken] == [(ids[1], "here")]
    for running in executor.runs.values():
        running.stop.set()


def test_a_served_run_is_ready_once_it_answers(memory_floor):
    ends, answers = queues.Queue(), [None, None, "/run/socket"]
    memory_floor.ctx = replace(memory_floor.ctx, executor=MemoryExecutor(lambda running: ends.get()))
    kind = kind_of(memory_floor, address=lambda ctx, run: answers.pop(0))
    id = memory_floor.submit(served=True)[0]
    work = memory_floor.work(kind=kind)
    for _ in range(5):
        work.step()
    run = memory_floor.run(id)
    assert (run.ready, run.address, answers) == (True, "/run/socket", [])
    ends.put(0)
    run = go_on(memory_floor, work, id)
    assert (run.ready, run.state) == (False, State.SUCCEEDED)


def test_served_runs_that_do_not_answer_hold_up_no_other(memory_floor):
    """More of them than are asked at one time."""
    let_go, ends, hanging = threading.Event(), queues.Queue(), []
    memory_floor.ctx = replace(memory_floor.ctx, executor=MemoryExecutor(lambda running: ends.get()))

    def hang(ctx, run):
        hanging.append(run.id)
        let_go.wait()
        hanging.remove(run.id)

    work = memory_floor.work(kind=kind_of(memory_floor, address=hang))
    work.asking = Asking()
    ids = [id for _ in range(THREADS + 8) for id in memory_floor.submit(served=True, memory=1 << 20)]
    until(work, lambda: all(memory_floor.run(id).state is State.RUNNING for id in ids) and len(hanging) == THREADS)
    for _ in ids:
        ends.put(0)
    until(work, lambda: all(memory_floor.run(id).has_ended for id in ids))
    assert (len(hanging), let_go.is_set()) == (THREADS, False)
    let_go.set()
    work.close()


def until(work, true):
    """Steps until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        work.step()
        time.sleep(0.002)


def test_what_is_answered_too_late_changes_no_run_that_has_ended(memory_floor):
    id = memory_floor.submit(served=True)[0]
    kind = kind_of(memory_floor, address=lambda ctx, run: "/run/socket")
    work = memory_floor.work(kind=kind)
    run = go_on(memory_floor, work, id)
    assert run.has_ended
    work.ask_ready(replace(run, state=State.RUNNING))
    assert (memory_floor.run(id).ready, "ready" in memory_floor.codes(id)) == (False, False)


def test_a_question_that_fails_is_asked_again(caplog):
    asking, asked = Asking(), []

    def fail():
        asked.append(1)
        raise OSError("It is not there.")

    for _ in range(2):
        asking.begin("one", fail)
        while asking.going:
            time.sleep(0.001)
    asking.close()
    assert (len(asked), caplog.text.count("one could not be asked")) == (2, 2)


def test_the_outputs_that_could_not_be_copied_are_told_with_a_success(memory_floor):
    told = "Output /home/x could not be copied to /b: No space left on device."
    assert sentence(Exit(0, Cause.EXIT, told)) == f"The run has succeeded. {told}"
