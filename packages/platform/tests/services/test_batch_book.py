"""Whose a batch is, and what is written down about it, with rows alone."""

import os
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from maquette.runs.queue import LEASE_SECONDS, Worker, this_worker
from maquette.services import batch_book, batches, registry
from maquette.services.batch_book import Lost, Outcome
from maquette.services.batches import Batch, InputState, Phase
from maquette.services.deployment import InferType, Status, Wanted
from maquette.services.table import service_inputs, services
from maquette.workspaces import actions as workspaces

FAR = Worker("far", f"another-boot/{os.getpid()}/1/far")
DONE, FAILED = InputState.DONE, InputState.FAILED


@pytest.fixture
def near(platform):
    return this_worker(platform)


@pytest.fixture
def service(platform, clock):
    """A batch that is wanted to run."""
    batch = Batch("m", "obs://pets/in/", "obs://pets/out/")
    with platform.database.write() as rows:
        rows.execute(
            insert(services).values(
                id="s", workspace_id=workspaces.owner_of_all(platform)[1], name="night", infer_type=InferType.BATCH,
                details=batch.as_details(), targets=[batch.target.as_row()], wanted=Wanted.RUNNING,
                status=Status.RUNNING, created_at=clock(), published_at=clock(), transition_at=clock(), trouble={},
            )
        )  # fmt: skip
    return registry.find(platform, workspaces.owner_of_all(platform)[1], "s")


@pytest.fixture
def book(platform, service, near):
    """Of a batch with four inputs, all of which wait."""
    book = batch_book.claim(platform, near, service.id)
    book.put_down(iter([(f"obs://pets/in/{name}", name) for name in "abcd"]), lambda: False)
    return book


def again(ctx, service):
    return registry.find(ctx, service.workspace_id, service.id)


def failure(reason="answer 500: no", row=None):
    return {"row": row, "status": 500, "reason": reason}


def test_a_batch_is_one_workers_until_its_lease_has_run_out(platform, service, clock, near):
    far = batch_book.claim(platform, FAR, service.id)
    assert far.phase is Phase.LISTING
    assert batch_book.waiting(platform, near, []) == [] and batch_book.claim(platform, near, service.id) is None
    clock.pass_seconds(LEASE_SECONDS - 1)
    batch_book.renew(platform, FAR)
    clock.pass_seconds(LEASE_SECONDS - 1)
    assert batch_book.waiting(platform, near, []) == []
    clock.pass_seconds(2)
    assert batch_book.waiting(platform, near, []) == [service.id]
    assert batch_book.claim(platform, near, service.id).phase is Phase.LISTING
    for late in (lambda: far.save([], 0.0), far.look, lambda: far.put_down(iter([]), lambda: False), far.finish):
        with pytest.raises(Lost):
            late()


def test_a_batch_that_is_let_go_may_be_taken_at_once(platform, service, near):
    batch_book.claim(platform, near, service.id).release()
    assert batch_book.waiting(platform, FAR, []) == [service.id]
    assert batch_book.waiting(platform, FAR, [service.id]) == []


def test_a_batch_that_is_not_wanted_is_nobodys(platform, service, near):
    registry.stop(platform, service)
    assert batch_book.waiting(platform, near, []) == []
    assert batch_book.claim(platform, near, service.id) is None


def test_what_becomes_of_inputs_is_counted_and_told(platform, service, book):
    book.tally.add(True)
    book.tally.add(False)
    book.save([Outcome(1, DONE, 1), Outcome(2, FAILED, 0, 1, 1, (failure(),))], 2.5)
    assert [one.number for one in book.unsettled(-1)] == [0, 3]
    told = batches.progress(platform, service)
    assert (told.phase, told.total, told.done, told.failed) == (Phase.FEEDING, 4, 1, 1)
    assert (told.requests, told.failed_requests, told.rate) == (2, 1, 2.5)
    assert [row.name for row in book.settled_of(1)] == ["b"]
    found, total = batches.failures(platform, service)
    assert ([(one.source, one.reason) for one in found], total) == ([("obs://pets/in/c", "answer 500: no")], 1)
    fresh = replace(book, tally=batch_book.Tally())
    fresh.open()
    assert fresh.tally == book.tally


def test_a_list_that_is_broken_off_is_made_anew(platform, service, book, monkeypatch):
    monkeypatch.setattr(batch_book, "LISTED_AT_ONCE", 2)
    looks = iter([False, True, True])
    book.put_down(iter([(f"obs://pets/in/{name}", name) for name in "efghi"]), lambda: next(looks))
    assert [one.name for one in book.unsettled(-1)] == ["e", "f"]
    book.put_down(iter([("obs://pets/in/x", "x")]), lambda: False)
    assert [one.name for one in book.unsettled(-1)] == ["x"]
    assert batches.progress(platform, service).total == 1


@pytest.mark.parametrize(
    ("done", "status", "told"),
    [
        (4, Status.FINISHED, "4 of 4 inputs have results."),
        (1, Status.FINISHED, "1 of 4 inputs have results. 3 failed; the first is obs://pets/in/b, row 7: no"),
        (0, Status.FAILED, "0 of 4 inputs have results. 4 failed; the first is obs://pets/in/a, row 7: no"),
    ],
)
def test_a_batch_is_finished_unless_nothing_came_out(platform, service, book, near, done, status, told):
    outcomes = [Outcome(number, DONE, 0) for number in range(done)]
    outcomes += [Outcome(number, FAILED, 0, 1, 1, (failure("no", 7),)) for number in range(done, 4)]
    book.save(outcomes, 1.0)
    book.finish()
    found = again(platform, service)
    assert (found.status, found.wanted) == (status, Wanted.STOPPED)
    assert found.error == (told if status is Status.FAILED else "")
    assert registry.events(platform, service)[0].message == f"The batch is {status}. {told}"
    assert batches.progress(platform, service).phase is Phase.ENDED
    book.release()
    registry.start(platform, service)
    assert batch_book.claim(platform, near, service.id).round == 2
    assert batches.progress(platform, service).total == 0


def test_a_batch_with_inputs_that_wait_is_never_finished(platform, service, book):
    book.save([Outcome(0, DONE, 0)], 1.0)
    with pytest.raises(RuntimeError, match="of 4"):
        book.finish()
    assert again(platform, service).status is Status.RUNNING


def test_a_batch_that_is_stopped_at_the_last_moment_stays_stopped(platform, service, book):
    book.save([Outcome(number, DONE, 0) for number in range(4)], 1.0)
    registry.stop(platform, service)
    book.finish()
    book.fail("too late")
    assert again(platform, service).status is Status.STOPPED


def test_a_batch_that_cannot_go_on_says_why_and_keeps_what_it_has(platform, service, book, near):
    book.save([Outcome(0, DONE, 0)], 1.0)
    book.fail("The disk is full.")
    found = again(platform, service)
    assert (found.status, found.error) == (Status.FAILED, "The disk is full.")
    book.release()
    registry.start(platform, service)
    taken = batch_book.claim(platform, near, service.id)
    assert (taken.phase, taken.round) == (Phase.FEEDING, 1)
    assert [one.number for one in taken.unsettled(-1)] == [1, 2, 3]


def test_a_batch_that_was_removed_is_lost_with_its_inputs(platform, service, book):
    registry.remove(platform, service)
    with pytest.raises(Lost):
        book.look()
    with platform.database.read() as rows:
        assert rows.execute(select(service_inputs)).all() == []


def test_online_services_are_no_batches(platform, service, near):
    with platform.database.write() as rows:
        rows.execute(update(services).values(infer_type=InferType.REAL_TIME))
    assert batch_book.waiting(platform, near, []) == []
    assert batches.progresses(platform, [again(platform, service)]) == {}
