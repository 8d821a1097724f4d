"""Phases by what a version's runs do."""

from dataclasses import replace

import pytest

from maquette.kernel.errors import BadInput
from maquette.kernel.ports import Cause
from maquette.runs.domain import Event, Level, Needs, Order, Run, State, Wish
from maquette.training.dialect_v2.phases import phases, states_in
from maquette.training.dialect_v2.telling import node_counts, running_records, task_name, task_statuses
from maquette.training.jobs import JobVersion


def run(state, node=0, wish=Wish.NOTHING, cause=None, code=None, moments=None, message=""):
    order = Order("w", "training", "version", "name", Needs(), node=node)
    return Run(
        f"r{node}", order, state, 1, 1, 0.0, moments or {}, wish, code, cause, message, 0, (), "", False, "", False
    )


def version(*runs):
    return JobVersion("v", 1, "j", 1, None, {"code": "obs://bkt/x/"}, "", 0.0, {}, "", (), None, {}, runs)


@pytest.mark.parametrize(
    ("one", "phase", "secondary"),
    [
        (None, "Creating", "Creating"),
        (version(run(State.QUEUED)), "Pending", "Queuing"),
        (version(run(State.PREPARING)), "Pending", "Creating"),
        (version(run(State.RUNNING)), "Running", "Running"),
        (version(run(State.RUNNING, wish=Wish.STOP)), "Terminating", "Terminating"),
        (version(run(State.PREPARING, wish=Wish.KILL)), "Terminating", "Terminating"),
        (version(run(State.SUCCEEDED)), "Completed", "Completed"),
        (version(run(State.FAILED)), "Failed", "Failed"),
        (version(run(State.FAILED, cause=Cause.FAILED_TO_START)), "Failed", "CreateFailed"),
        (version(run(State.STOPPED, wish=Wish.STOP)), "Terminated", "Terminated"),
        (version(run(State.LOST)), "Abnormal", "Lost"),
        (version(run(State.SUCCEEDED), run(State.RUNNING, 1)), "Running", "Running"),
        (version(run(State.STOPPED, wish=Wish.STOP), run(State.FAILED, 1)), "Failed", "Failed"),
    ],
)
def test_a_state_has_its_two_phases(one, phase, secondary):
    assert phases(one) == (phase, secondary)


@pytest.mark.parametrize(
    ("words", "states"),
    [
        (["Pending"], [State.QUEUED, State.PREPARING]),
        (["Running", "Completed", "Running"], [State.RUNNING, State.SUCCEEDED]),
        (["Creating"], []),
        (["Abnormal", "Terminated"], [State.LOST, State.STOPPED]),
    ],
)
def test_phases_stand_for_states(words, states):
    assert states_in(words) == states


def test_a_word_that_is_no_phase():
    with pytest.raises(BadInput, match="'running' is no phase"):
        states_in(["running"])


def test_a_jobs_nodes_are_its_tasks_and_a_searchs_trials():
    one = run(State.RUNNING, 3)
    trial = replace(one, order=replace(one.order, node=0, details={"trial": "ab12"}))
    assert [task_name(one), task_name(trial)] == ["worker-3", "trial-ab12"]


def test_nodes_are_counted_when_they_come_and_go():
    one = run(State.SUCCEEDED, moments={"started": 1.0, "process_ended": 5.0})
    other = run(State.RUNNING, 1, moments={"started": 2.0})
    assert node_counts(version(one, other)) == [[1000, 1], [2000, 2], [5000, 1]]


def test_the_node_that_failed_first_explains_the_others():
    ended = [
        run(State.STOPPED, 0, code=143, moments={"process_ended": 6.0}, message="stopped"),
        run(State.FAILED, 1, code=1, moments={"process_ended": 5.0}, message="The run has ended with code 1."),
        run(State.SUCCEEDED, 2, code=0, moments={"process_ended": 4.0}),
        run(State.RUNNING, 3),
    ]
    assert [(one["task"], one["exit_code"]) for one in task_statuses(version(*ended))] == [
        ("worker-1", 1), ("worker-0", 143), ("worker-2", 0),
    ]  # fmt: skip


def test_every_attempt_has_its_record():
    def event(at, code):
        return Event(at, Level.NORMAL, code, code, {}, 1)

    told = [event(at, code) for at, code in enumerate(("queued", "started", "restarted", "started", "succeeded"))]
    found = running_records(run(State.SUCCEEDED), told)
    assert [(one["start_at"], one["end_at"], one["start_type"], one["end_recover"]) for one in found] == [
        (1, 2, "init_or_rescheduled", "job_reschedule"), (3, 4, "restarted", ""),
    ]  # fmt: skip
