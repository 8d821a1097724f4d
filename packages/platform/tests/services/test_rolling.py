"""What is to be done for a service, decided from its rows alone: started, replaced, let go, and how it fares."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette.runs.domain import Order, Run, State, Wish
from maquette.services.deployment import Instance, Service, Status, Target, Trouble, Wanted
from maquette.services.rolling import (
    LEAVE_SECONDS,
    LONGEST_LEAVE,
    STEADY_SECONDS,
    TRIES,
    Bounds,
    is_complete,
    judge,
    make_plan,
)

NOW = 1_000_000.0
BOUNDS = Bounds(start_seconds=600, sleep_seconds=0)
OLD, NEW = (
    Target("old", model_name="cats", model_version="1.0.0"),
    Target("new", model_name="cats", model_version="1.0.1"),
)


def service(*targets, **given):
    told = {
        "id": "s", "workspace_id": "w", "name": "cats", "description": "", "status": Status.DEPLOYING,
        "wanted": Wanted.RUNNING, "error": "", "targets": targets or (NEW,), "revision": 1, "settled": 0,
        "stop_hours": 0.0, "due_at": None, "asleep": False, "called_at": 0.0, "trouble": {}, "created_by": "",
        "created_at": NOW, "published_at": NOW, "transition_at": NOW,
    }  # fmt: skip
    return Service(**{**told, **given})


def instance(id, target=NEW, ready=True, ended=False, leaving_at=None, wish=Wish.NOTHING, since=0.0):
    """One that began, and was ready, `since` seconds ago."""
    state = State.FAILED if ended else State.RUNNING
    run = Run(
        id=id, order=Order("w", "service", "s", "cats"), state=state, attempt=1, tries=1, created_at=NOW - since,
        moments={"started": NOW - since}, wish=wish, code=None, cause=None, message="", peak_memory_bytes=0, gpu_ids=(),
        address="", ready=ready and not ended, place="", settled=False,
    )  # fmt: skip
    return Instance(run, "s", target.key, target.model_id, 1, NOW - since, leaving_at, NOW - since if ready else None)


def ids(some):
    return [one.run.id for one in some]


def plan_for(service, instances=(), idle=(), now=NOW, bounds=BOUNDS):
    return make_plan(service, list(instances), idle, now, bounds)


# ── the first start ──────────────────────────────────────────────────────────────────────────────


def test_all_that_lack_are_started_at_once_where_nobody_answers_yet():
    many = replace(NEW, instances=3)
    assert plan_for(service(many)).start == [many] * 3
    assert plan_for(service(many), [instance("a", many, ready=False)]).start == [many] * 2


def test_nothing_is_done_for_a_service_that_is_as_it_should_be():
    assert not plan_for(service(), [instance("a")])
    assert not plan_for(service(wanted=Wanted.STOPPED))


def test_an_instance_that_has_died_is_replaced_and_its_row_goes():
    plan = plan_for(service(), [instance("a", ended=True)])
    assert (ids(plan.died), ids(plan.gone), plan.start) == (["a"], ["a"], [NEW])


def test_one_that_was_asked_to_end_counts_as_no_failure():
    for gone in (instance("a", ended=True, wish=Wish.STOP), instance("a", ended=True, leaving_at=NOW)):
        plan = plan_for(service(), [gone])
        assert (plan.died, ids(plan.gone), plan.start) == ([], ["a"], [NEW])


def test_after_a_failure_the_next_start_waits_its_pause():
    failed = service(trouble={NEW.key: Trouble(2, "no", NOW + 1)})
    assert plan_for(failed).start == []
    assert plan_for(failed, now=NOW + 1).start == [NEW]


def test_one_that_does_not_get_ready_in_time_is_ended():
    plan = plan_for(service(), [instance("a", ready=False, since=600)])
    assert ids(plan.late) == ["a"]
    assert plan_for(service(), [instance("a", ready=False, since=599)]).late == []


def test_trouble_is_over_once_an_instance_has_been_ready_for_long():
    troubled = service(trouble={NEW.key: Trouble(2, "no", NOW)})
    assert plan_for(troubled, [instance("a", since=STEADY_SECONDS)]).recovered == [NEW.key]
    assert plan_for(troubled, [instance("a", since=STEADY_SECONDS - 1)]).recovered == []


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def test_former_instances_stay_until_new_ones_are_ready():
    assert ids(plan_for(service(), [instance("a", OLD)]).leave) == []
    assert ids(plan_for(service(), [instance("a", OLD), instance("b", ready=False)]).leave) == []
    assert ids(plan_for(service(), [instance("a", OLD), instance("b")]).leave) == ["a"]


def test_new_instances_come_one_after_another_while_former_ones_answer():
    two = replace(NEW, instances=2)
    olds = [instance("a", OLD), instance("b", OLD)]
    assert plan_for(service(two), olds).start == [two]
    assert plan_for(service(two), [*olds, instance("c", two, ready=False)]).start == []
    plan = plan_for(service(two), [*olds, instance("c", two)])
    assert (len(plan.leave), plan.start) == (1, [two])


def test_weights_alone_start_nothing_anew():
    before, after = replace(NEW, weight=70), replace(NEW, weight=30)
    other = replace(OLD, weight=70)
    plan = plan_for(service(after, other), [instance("a", before), instance("b", OLD)])
    assert not plan


def test_fewer_instances_let_one_go_that_is_not_ready_first():
    plan = plan_for(service(), [instance("a"), instance("b", ready=False)])
    assert (ids(plan.stop), ids(plan.leave)) == (["b"], [])
    assert len(plan_for(service(), [instance("a"), instance("b")]).leave) == 1


def test_former_ones_that_only_start_are_stopped_at_once():
    assert ids(plan_for(service(), [instance("a", OLD, ready=False)]).stop) == ["a"]


@pytest.mark.parametrize(
    ("since", "idle", "stopped"),
    [
        (LEAVE_SECONDS, {"a"}, True),
        (LEAVE_SECONDS / 2, {"a"}, False),
        (LEAVE_SECONDS * 5, set(), False),
        (LONGEST_LEAVE, set(), True),
    ],
)
def test_one_that_leaves_ends_when_it_has_no_call_and_no_server_may_send_one(since, idle, stopped):
    leaving = instance("a", OLD, leaving_at=NOW - since)
    assert (ids(plan_for(service(), [leaving, instance("b")], idle).stop) == ["a"]) is stopped


def test_a_service_that_is_stopped_lets_all_go():
    plan = plan_for(service(wanted=Wanted.STOPPED), [instance("a"), instance("b", ready=False)])
    assert (ids(plan.leave), ids(plan.stop), plan.start) == (["a"], ["b"], [])


def test_one_whose_time_is_up_is_stopped():
    assert plan_for(service(due_at=NOW), [instance("a")]).stop_all
    assert not plan_for(service(due_at=NOW + 1), [instance("a")])


def test_one_that_nobody_calls_is_put_to_sleep_and_starts_nothing():
    bounds = Bounds(600, 60)
    rested = service(status=Status.RUNNING, transition_at=NOW - 100)
    assert plan_for(rested, [instance("a", since=90)], bounds=bounds).sleep
    assert not plan_for(replace(rested, called_at=NOW - 30), [instance("a", since=90)], bounds=bounds)
    assert not plan_for(rested, [instance("a", since=30)], bounds=bounds)
    asleep = plan_for(replace(rested, asleep=True), [instance("a", since=90)], bounds=bounds)
    assert (ids(asleep.leave), asleep.start) == (["a"], [])


# ── how it fares ─────────────────────────────────────────────────────────────────────────────────

FAILING = {NEW.key: Trouble(TRIES, "No module named torch", NOW)}


@pytest.mark.parametrize(
    ("given", "instances", "status"),
    [
        ({}, [], Status.DEPLOYING),
        ({}, [instance("a", ready=False)], Status.DEPLOYING),
        ({}, [instance("a")], Status.RUNNING),
        ({"status": Status.RUNNING}, [], Status.RUNNING),  # it is being replaced
        ({"trouble": FAILING}, [], Status.FAILED),
        ({"trouble": FAILING, "status": Status.RUNNING}, [], Status.CONCERNING),
        ({"trouble": FAILING}, [instance("a", OLD)], Status.CONCERNING),  # the former version goes on
        ({"trouble": FAILING, "status": Status.CONCERNING}, [instance("a")], Status.RUNNING),
        ({"status": Status.RUNNING, "asleep": True}, [], Status.RUNNING),
    ],
)
def test_a_service_is_in_the_status_that_its_instances_tell(given, instances, status):
    found, error = judge(service(**given), instances)
    assert found is status
    assert ("No module named torch" in error) is (status in (Status.FAILED, Status.CONCERNING))


# ── whatever happens ─────────────────────────────────────────────────────────────────────────────


class World:
    """A service and its instances while time passes, and what a plan does to them."""

    def __init__(self):
        self.now, self.number = NOW, 0
        self.service = service(replace(OLD, instances=2), status=Status.RUNNING)
        self.instances = []

    def step(self):
        plan = make_plan(self.service, self.instances, {one.run.id for one in self.instances}, self.now, BOUNDS)
        for target in plan.start:
            self.number += 1
            fresh = instance(str(self.number), target, ready=False)
            self.instances.append(replace(fresh, created_at=self.now))
        gone, leave = ids([*plan.gone, *plan.stop, *plan.late]), ids(plan.leave)
        self.instances = [
            replace(one, leaving_at=self.now) if one.run.id in leave else one
            for one in self.instances
            if one.run.id not in gone
        ]
        return plan

    def get_ready(self):
        for place, one in enumerate(self.instances):
            if not one.ready and not one.run.has_ended:
                run = replace(one.run, ready=True)
                self.instances[place] = replace(one, run=run, ready_at=self.now)
                return

    def answering(self):
        return [one for one in self.instances if one.takes_calls]


TARGETS = st.lists(
    st.tuples(st.sampled_from(["old", "new", "newer"]), st.integers(1, 3)),
    min_size=1,
    max_size=2,
    unique_by=lambda t: t[0],
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.just("ready"), st.just("step"), TARGETS), max_size=40))
def test_a_change_leaves_no_moment_without_an_instance_that_answers_and_comes_to_its_end(happenings):
    world = World()
    for _ in range(4):
        world.step()
        world.get_ready()
    assert len(world.answering()) == 2
    for happening in happenings:
        world.now += 0.2
        if happening == "ready":
            world.get_ready()
        elif happening == "step":
            world.step()
        else:
            world.service = replace(world.service, targets=[Target(id, instances=count) for id, count in happening])
        assert world.answering(), "nobody answers"
    for _ in range(60):
        world.now += LEAVE_SECONDS
        world.step()
        world.get_ready()
    assert is_complete(world.service, world.instances)
    assert len(world.instances) == sum(target.instances for target in world.service.targets)
