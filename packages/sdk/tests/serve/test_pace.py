"""How many calls are done together, and for how long one waits: decided by what things took."""

from __future__ import annotations

import random

import pytest

from maquette_sdk.serve.pace import MOST_SECONDS, MOST_WAIT, Gaps, Pace, step_of


def run(pace: Pace, seconds, waiting: int, batches: int = 60) -> None:
    """So many batches of an instance at which so many calls always wait; `seconds(calls, way)` is what one takes."""
    for _ in range(batches):
        calls = min(waiting, pace.limit)
        way = pace.way(calls) if calls > 1 else "straight"
        pace.ran(calls, way, seconds(calls, way))


def straight(most: int = 32) -> Pace:
    return Pace(("straight",), most)


def half_fixed(calls: int, way: str) -> float:
    return 0.02 + 0.005 * calls


def test_the_steps_are_the_powers_of_two():
    assert [step_of(calls) for calls in (1, 2, 3, 4, 5, 8, 9, 16, 32)] == [0, 1, 2, 2, 3, 3, 4, 4, 5]


@pytest.mark.parametrize(("waiting", "limit"), [(1, 2), (2, 4), (3, 8), (8, 16), (16, 32), (40, 32)])
def test_batches_grow_while_they_save_and_as_far_as_calls_wait(waiting, limit):
    pace = straight()
    run(pace, half_fixed, waiting)
    assert pace.limit == limit
    assert pace.room == 2 * limit


@pytest.mark.parametrize("most", [1, 2, 3, 8, 20])
def test_no_batch_is_larger_than_allowed(most):
    pace = straight(most)
    run(pace, half_fixed, waiting=64)
    assert pace.limit == most


def test_a_model_that_gains_nothing_is_given_one_at_a_time_and_asked_again_ever_more_rarely():
    pace, sizes = straight(), []

    def seconds(calls, way):
        sizes.append(calls)
        return 0.01 * calls

    run(pace, seconds, waiting=8, batches=1000)
    assert sizes.count(2) < 60
    assert max(sizes) == 2
    assert sizes[-200:].count(2) < 16
    assert pace.saved == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_machine_that_slows_down_is_not_taken_for_batches_that_do_not_pay(seed):
    pace, sizes, noise = straight(8), [], random.Random(seed)
    for slower in (1, 2) * 6:

        def seconds(calls, way, slower=slower):
            sizes.append(calls)
            return slower * (0.004 + 0.006 * calls) * (1 + noise.random() / 5)

        run(pace, seconds, waiting=8, batches=150)
    assert sizes[-600:].count(8) > 500


def test_where_larger_batches_are_slower_again_the_best_size_is_kept():
    pace, sizes = straight(), []

    def seconds(calls, way):
        sizes.append(calls)
        return half_fixed(calls, way) if calls <= 4 else 0.03 * calls

    run(pace, seconds, waiting=64, batches=1000)
    assert sizes[100:].count(4) > 800
    assert max(sizes) == 8


def test_a_model_that_becomes_slower_together_is_noticed():
    pace = straight()
    run(pace, half_fixed, waiting=8)
    assert pace.limit == 16
    run(pace, lambda calls, way: 0.1 * calls, waiting=8, batches=20)
    assert pace.limit < 8


def test_a_small_batch_that_has_become_no_better_than_one_call_does_not_end_the_large_ones():
    pace = straight()
    run(pace, half_fixed, waiting=8)
    run(pace, lambda calls, way: 0.025 * calls, waiting=2, batches=50)
    assert pace.limit == 16
    run(pace, half_fixed, waiting=8, batches=1)
    assert pace.limit == 16


def test_a_batch_that_would_take_too_long_is_not_tried():
    pace = straight()
    run(pace, lambda calls, way: MOST_SECONDS / 8 * calls**0.9, waiting=32)
    assert pace.limit == 8


def test_the_quicker_way_to_stack_is_found_for_each_size():
    pace, ways = Pace(("straight", "turned"), 8), []

    def seconds(calls, way):
        ways.append((calls, way))
        quick = way == "turned" if calls > 2 else way == "straight"
        return half_fixed(calls, way) * (0.7 if quick else 0.9)

    run(pace, seconds, waiting=8, batches=200)
    assert pace.limit == 8
    assert ways[-100:] == [(8, "turned")] * 100
    assert {(2, "straight"), (2, "turned")} < set(ways)
    pace.give_up("turned")
    assert pace.way(8) == "straight"


def test_the_first_batch_of_a_kind_is_not_measured():
    pace = straight()
    first: set = set()

    def seconds(calls, way):
        new = calls not in first
        first.add(calls)
        return 10.0 if new else half_fixed(calls, way)

    run(pace, seconds, waiting=8)
    assert pace.limit == 16


# ── how long one waits ───────────────────────────────────────────────────────────────────────────


def lives(gaps: Gaps, held: int, gap: float, times: int, saved: float = 0.01) -> float:
    """The next call comes so long after somebody holds so many, again and again; the last wait."""
    now = 0.0
    for _ in range(times):
        now += 1
        gaps.wait(held, saved, now)
        gaps.came(now + gap)
    return gaps.wait(held, saved, now + 1)


def test_nobody_waits_before_it_is_known_to_pay():
    assert Gaps().wait(1, 0.01, 0.0) == 0


@pytest.mark.parametrize(
    ("held", "gap", "wait"),
    [(1, 0.001, 0.01), (4, 0.001, 0.0025), (1, 0.009, 0.01), (1, 0.011, 0), (4, 0.003, 0), (1, 60, 0)],
)
def test_one_waits_where_the_next_call_comes_before_waiting_costs_more_than_it_saves(held, gap, wait):
    assert lives(Gaps(), held, gap, times=100) == wait


def test_a_wait_that_is_disappointed_is_not_repeated_for_long():
    gaps = Gaps()
    assert lives(gaps, 1, 0.001, times=20) > 0
    assert lives(gaps, 1, 5.0, times=6) == 0


def test_a_client_that_is_alone_never_waits():
    """Its next call comes after its answer, which takes longer than what a batch could save."""
    assert lives(Gaps(), 1, 0.02, times=50) == 0


def test_nobody_waits_for_what_is_hardly_worth_it_nor_for_ever():
    assert lives(Gaps(), 1, 0.0, times=50, saved=0.0001) == 0
    assert lives(Gaps(), 1, 0.001, times=50, saved=10.0) == MOST_WAIT
